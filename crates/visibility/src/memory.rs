//! The visibility store in memory: the reference for every other one, and what the dev server uses without a file.
//!
//! Rows of a namespace are kept in the order of lists, so a page costs what it skips and returns, not a sort. Readers share
//! a lock that writers take for one batch.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use async_trait::async_trait;
use model::Timestamp;
use model::ids::{NamespaceId, RunId};
use model::visibility::{ExecutionStatus, SearchAttributeValue, VisibilityRow};
use parking_lot::RwLock;

use crate::evaluate::{Cell, cell, matches};
use crate::filter::{Filter, Value};
use crate::store::{Count, Deletion, Error, Filling, Group, Page, PageKey, TOMBSTONE_RETENTION, VisibilityStore};

/// The visibility store in memory. Clones share the rows.
#[derive(Debug, Clone, Default)]
pub struct MemoryVisibility {
    namespaces: Arc<RwLock<HashMap<NamespaceId, Rows>>>,
}

#[derive(Debug, Default)]
struct Rows {
    ordered: BTreeMap<PageKey, VisibilityRow>,
    keys: HashMap<RunId, PageKey>,
    tombstones: HashMap<RunId, Tombstone>,
}

#[derive(Debug, Clone, Copy)]
struct Tombstone {
    version: i64,
    at: Timestamp,
}

impl Rows {
    fn version_of(&self, run: RunId) -> Option<i64> {
        self.keys.get(&run).and_then(|key| self.ordered.get(key)).map(|row| row.version)
    }

    fn take(&mut self, run: RunId) {
        if let Some(key) = self.keys.remove(&run) {
            self.ordered.remove(&key);
        }
    }

    fn upsert(&mut self, row: VisibilityRow) {
        let run = row.run_id;
        let buried = self.tombstones.get(&run).is_some_and(|tombstone| tombstone.version >= row.version);
        let superseded = self.version_of(run).is_some_and(|version| version >= row.version);
        if buried || superseded {
            return;
        }
        self.take(run);
        self.tombstones.remove(&run);
        let key = PageKey::of(&row);
        self.keys.insert(run, key);
        self.ordered.insert(key, row);
    }

    fn delete(&mut self, deletion: &Deletion) {
        let run = deletion.run.run;
        if self.version_of(run).is_some_and(|version| version > deletion.version) {
            return;
        }
        self.take(run);
        let tombstone = self.tombstones.entry(run).or_insert(Tombstone { version: deletion.version, at: deletion.at });
        tombstone.version = tombstone.version.max(deletion.version);
        tombstone.at = tombstone.at.max(deletion.at);
    }
}

impl MemoryVisibility {
    /// Writes rows and deletions at once, without waiting: for a store whose commits carry them.
    pub fn apply(&self, rows: impl IntoIterator<Item = VisibilityRow>, deletions: &[Deletion]) {
        let mut namespaces = self.namespaces.write();
        for row in rows {
            namespaces.entry(row.namespace).or_default().upsert(row);
        }
        for deletion in deletions {
            namespaces.entry(deletion.run.chain.namespace).or_default().delete(deletion);
        }
    }
}

#[async_trait]
impl VisibilityStore for MemoryVisibility {
    async fn upsert(&self, rows: Vec<VisibilityRow>) -> Result<(), Error> {
        self.apply(rows, &[]);
        Ok(())
    }

    async fn delete(&self, deletions: Vec<Deletion>) -> Result<(), Error> {
        self.apply([], &deletions);
        Ok(())
    }

    async fn list(
        &self,
        namespace: NamespaceId,
        filter: &Filter,
        page_size: usize,
        after: Option<PageKey>,
    ) -> Result<Page, Error> {
        let namespaces = self.namespaces.read();
        let Some(rows) = namespaces.get(&namespace) else { return Ok(Page::default()) };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let found = rows
            .ordered
            .range((from, Bound::Unbounded))
            .map(|(_, row)| row)
            .filter(|row| row.kind == filter.kind && matches(&filter.condition, row));
        let mut page = Filling::new(page_size);
        for row in found {
            if !page.take(row.clone()) {
                break;
            }
        }
        Ok(page.finish())
    }

    async fn count(&self, namespace: NamespaceId, filter: &Filter) -> Result<Count, Error> {
        let namespaces = self.namespaces.read();
        let Some(rows) = namespaces.get(&namespace) else { return Ok(Count::default()) };
        let mut total = 0;
        let mut groups: BTreeMap<GroupKey, i64> = BTreeMap::new();
        for row in rows.ordered.values().filter(|row| row.kind == filter.kind && matches(&filter.condition, row)) {
            total += 1;
            if let Some(column) = &filter.group_by {
                *groups.entry(GroupKey::of(cell(column, row))?).or_default() += 1;
            }
        }
        let groups = groups.into_iter().map(|(key, count)| Group { value: key.value(), count }).collect();
        Ok(Count { total, groups })
    }

    async fn expire_tombstones(&self, now: Timestamp, limit: usize) -> Result<usize, Error> {
        let mut namespaces = self.namespaces.write();
        let mut expired = 0;
        for rows in namespaces.values_mut() {
            rows.tombstones.retain(|_, tombstone| {
                let keep = expired >= limit || now.since(tombstone.at) < TOMBSTONE_RETENTION;
                expired += usize::from(!keep);
                keep
            });
        }
        Ok(expired)
    }
}

/// A group's value, in the order in which groups are answered.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum GroupKey {
    Status(ExecutionStatus),
    Keyword(String),
    Absent,
}

impl GroupKey {
    fn of(cell: Option<Cell<'_>>) -> Result<Self, Error> {
        match cell {
            None => Ok(Self::Absent),
            Some(Cell::Keyword(text)) => Ok(Self::Keyword(text.into_owned())),
            Some(Cell::Plain(Value::Status(status))) => Ok(Self::Status(status)),
            Some(_) => Err(Error::Unsupported("only columns with few exact values can be grouped".to_owned())),
        }
    }

    fn value(self) -> Option<SearchAttributeValue> {
        match self {
            Self::Status(status) => Some(SearchAttributeValue::Keyword(status.name().to_owned())),
            Self::Keyword(text) => Some(SearchAttributeValue::Keyword(text)),
            Self::Absent => None,
        }
    }
}
