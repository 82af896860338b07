//! The services of the house, as traits. Requests that exist in the public API are carried as the wire has them.

pub mod history;
pub mod matching;

pub use history::History;
pub use matching::Matching;

use std::sync::Arc;

use model::NamespaceId;

/// A namespace that the frontend has resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceRef {
    /// For ever.
    pub id: NamespaceId,
    /// As the caller named it.
    pub name: Arc<str>,
}
