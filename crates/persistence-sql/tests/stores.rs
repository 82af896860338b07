//! Everything that is tested about the SQL backends from outside.

mod stores {
    mod sqlite_file;
    mod sqlite_suite;
}
