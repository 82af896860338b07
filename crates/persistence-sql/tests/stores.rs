//! Everything that is tested about the SQL backends from outside.

mod stores {
    pub(crate) mod sqlite_file;
}
