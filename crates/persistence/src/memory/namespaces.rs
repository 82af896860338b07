//! Namespaces in memory.

use async_trait::async_trait;
use model::NamespaceId;

use super::Memory;
use crate::Error;
use crate::record::NamespaceRow;
use crate::stores::Namespaces;

#[async_trait]
impl Namespaces for Memory {
    async fn create(&self, row: &NamespaceRow) -> Result<(), Error> {
        let mut state = self.state.lock();
        if state.namespaces.contains_key(&row.id) || state.namespace_names.contains_key(&row.name) {
            return Err(Error::Conflict("the namespace"));
        }
        state.namespace_names.insert(row.name.clone(), row.id);
        state.namespaces.insert(row.id, row.clone());
        Ok(())
    }

    async fn update(&self, row: &NamespaceRow) -> Result<(), Error> {
        let mut state = self.state.lock();
        let stored = state.namespaces.get(&row.id).ok_or(Error::Conflict("the namespace"))?;
        let name_taken = state.namespace_names.get(&row.name).is_some_and(|id| *id != row.id);
        if stored.version.checked_add(1) != Some(row.version) || name_taken {
            return Err(Error::Conflict("the namespace"));
        }
        let old_name = stored.name.clone();
        state.namespace_names.remove(&old_name);
        state.namespace_names.insert(row.name.clone(), row.id);
        state.namespaces.insert(row.id, row.clone());
        Ok(())
    }

    async fn list(&self) -> Result<Vec<NamespaceRow>, Error> {
        let state = self.state.lock();
        Ok(state.namespace_names.values().filter_map(|id| state.namespaces.get(id)).cloned().collect())
    }

    async fn delete(&self, id: NamespaceId) -> Result<(), Error> {
        let mut state = self.state.lock();
        if let Some(row) = state.namespaces.remove(&id) {
            state.namespace_names.remove(&row.name);
        }
        Ok(())
    }
}
