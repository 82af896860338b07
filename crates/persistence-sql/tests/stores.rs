//! Everything that is tested about the SQL backends from outside.

mod stores {
    #[cfg(feature = "postgres")]
    mod postgres_database;
    #[cfg(feature = "postgres")]
    mod postgres_schema;
    #[cfg(feature = "postgres")]
    mod postgres_suite;
    #[cfg(feature = "sqlite")]
    mod sqlite_file;
    #[cfg(feature = "sqlite")]
    mod sqlite_suite;
}
