//! The store traits on SQL databases, through sqlx. No business rules: rows, fences and order.
//!
//! One module per dialect, each behind the feature of its name, since what makes each fast and safe differs.

mod attributes;
mod decode;
mod lists;
mod lower;
#[cfg(feature = "postgres")]
mod pool;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

#[cfg(feature = "postgres")]
pub use postgres::Postgres;

#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
