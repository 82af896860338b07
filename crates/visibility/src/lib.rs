//! What lists and counts see: the filter language, search attributes, the visibility store's trait, and its suite.
//!
//! Three parts that meet in [`Filter`]: [`query`] turns a user's text into one (or an error that points at the place),
//! [`SearchAttributes`] says which names exist and of what type, and a [`VisibilityStore`] answers with rows. No database
//! lives here; [`memory`] is the reference, and every other store passes the same suite (feature `conformance`).

pub mod attribute;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod evaluate;
pub mod filter;
pub mod memory;
pub mod payload;
pub mod query;
pub mod registry;
pub mod store;
pub mod write;

pub use filter::{Column, Comparison, Condition, Filter, Predicate, Test, Value};
pub use memory::MemoryVisibility;
pub use query::QueryError;
pub use registry::{RegistryError, SearchAttributes};
pub use store::{Count, Deletion, Error, Group, Page, PageKey, VisibilityStore};
pub use write::WriteError;
