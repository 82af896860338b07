//! What can go wrong in a store, by what the caller can do about it.

/// A store error. Commits have [`crate::Outcome`] instead, since there the difference between *failed* and *unknown* decides.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached or is overloaded: try again later.
    #[error("the store is unavailable; try again")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was stored cannot be read: a human has to look.
    #[error("stored data is corrupt: {0}")]
    Corrupt(String),
    /// A row of a newer format: upgrade this binary.
    #[error("stored data has format {found}, this binary reads up to {known}; upgrade it")]
    NewerFormat {
        /// The row's format.
        found: u32,
        /// The newest one known here.
        known: u32,
    },
    /// The row to be created exists, or the version to be replaced is not the stored one.
    #[error("{0} changed meanwhile; read it again")]
    Conflict(&'static str),
    /// Somebody else owns what was to be written.
    #[error("{0} is owned by somebody else")]
    Fenced(&'static str),
    /// Another server uses this file.
    #[error("{0} is in use by another server; stop it or choose another file")]
    InUse(String),
}
