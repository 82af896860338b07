//! One namespace, decoded once for everybody who asks.

use std::sync::Arc;
use std::time::Duration;

use model::visibility::SearchAttributeType;
use persistence::NamespaceRow;
use prost::Message;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::NamespaceState;
use rpc::Error;
use rpc::services::NamespaceRef;
use visibility::SearchAttributes;

use super::FORMAT;

/// A namespace as it was last read.
#[derive(Debug, Clone, PartialEq)]
pub struct Namespace {
    /// Its id and name, as services pass them on.
    pub reference: NamespaceRef,
    /// Registered, deprecated or deleted.
    pub state: NamespaceState,
    /// Its search attributes.
    pub search_attributes: SearchAttributes,
    /// What is stored.
    pub record: stored::Namespace,
    retention: Duration,
    /// Which version of the row this is.
    pub(crate) version: u64,
}

impl Namespace {
    pub(super) fn from_row(row: &NamespaceRow) -> Result<Self, Error> {
        let corrupt = |reason: &str| Error::DataLoss(format!("the stored namespace {} cannot be read: {reason}", row.name));
        let record = stored::Namespace::decode(row.data.clone()).map_err(|error| corrupt(&error.to_string()))?;
        if record.format > FORMAT {
            return Err(corrupt("it was written by a newer server; upgrade this one"));
        }
        let info = record.info.as_ref().ok_or_else(|| corrupt("it has no info"))?;
        let state = NamespaceState::try_from(info.state).map_err(|_| corrupt("its state is unknown"))?;
        let ttl = record.config.as_ref().and_then(|config| config.workflow_execution_retention_ttl);
        let retention = ttl.and_then(|ttl| Duration::try_from(ttl).ok()).ok_or_else(|| corrupt("it has no retention"))?;
        let custom = record.search_attributes.iter();
        let custom = custom.filter_map(|(name, ty)| SearchAttributeType::from_number(*ty).map(|ty| (name.clone(), ty)));
        Ok(Self {
            reference: NamespaceRef { id: row.id, name: Arc::from(row.name.as_str()) },
            state,
            retention,
            search_attributes: SearchAttributes::from_custom(custom),
            version: row.version,
            record,
        })
    }

    /// How long closed runs are kept.
    pub const fn retention(&self) -> Duration {
        self.retention
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.reference.name
    }
}
