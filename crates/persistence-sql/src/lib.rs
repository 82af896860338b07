//! The store traits on SQL databases, through sqlx. No business rules: rows, fences and order.
//!
//! One module per dialect, each behind the feature of its name, since what makes each fast and safe differs.

#[cfg(feature = "sqlite")]
pub mod sqlite;

#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
