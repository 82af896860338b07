//! One server per file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use persistence::Error;

/// Holds the lock until dropped. The lock lives in a file of its own: SQLite's locks on the database are per process, and
/// closing any other handle on that file would release them.
pub(super) struct FileLock {
    _file: File,
}

impl FileLock {
    pub(super) fn acquire(database: &Path) -> Result<Self, Error> {
        let mut name = database.as_os_str().to_owned();
        name.push("-lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&name)
            .map_err(|error| Error::Unavailable(format!("cannot open {}: {error}", name.display()).into()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse(database.display().to_string())),
            Err(TryLockError::Error(error)) => Err(Error::Unavailable(Box::new(error))),
        }
    }
}
