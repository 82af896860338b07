//! Namespaces: few rows, read into memory by everybody, changed by compare-and-swap.

use async_trait::async_trait;

use crate::Error;
use crate::record::NamespaceRow;

/// The namespaces of the cluster.
#[async_trait]
pub trait Namespaces: Send + Sync {
    /// Creates one.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the id or the name is taken.
    async fn create(&self, row: &NamespaceRow) -> Result<(), Error>;

    /// Replaces the row whose version is `row.version - 1`. The name may change.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the stored version is another one or the new name is taken.
    async fn update(&self, row: &NamespaceRow) -> Result<(), Error>;

    /// All of them, by name.
    async fn list(&self) -> Result<Vec<NamespaceRow>, Error>;

    /// Removes one for good.
    async fn delete(&self, id: model::NamespaceId) -> Result<(), Error>;
}
