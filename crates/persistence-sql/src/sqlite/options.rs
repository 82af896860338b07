//! What can be chosen about a database file.

use std::path::PathBuf;
use std::sync::Arc;

use model::Clock;

/// When SQLite waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// At every commit: nothing that was answered is lost, not even in a power cut.
    Full,
    /// At checkpoints only: a power cut loses the last commits, a crash of the process does not.
    Normal,
    /// Never: a power cut may corrupt the file.
    Off,
}

/// How to open a database file.
#[derive(Clone)]
pub struct Options {
    /// The file; its folder must exist. `-wal`, `-shm` and `-lock` files appear beside it.
    pub path: PathBuf,
    /// When to wait for the disk. Default: [`Synchronous::Full`].
    pub synchronous: Synchronous,
    /// Connections that read beside the one that writes, opened when needed. Default: 3.
    pub readers: u32,
    /// Connections for lists and counts alone, which may take long: nothing that a workflow waits for stands behind them.
    /// Default: 2.
    pub list_readers: u32,
    /// Page cache of the write connection in KiB; each reader has a quarter of it. Default: 16,384.
    pub cache_kib: u32,
    /// How much of the file is mapped into memory, in bytes; 0 for nothing. Default: 0, since an I/O error in a mapping kills
    /// the process with a signal.
    pub mmap_bytes: u64,
    /// A checkpoint begins in the background when about this much was written since the last one. Default: 16 MiB.
    pub checkpoint_bytes: u64,
    /// Dates tombstones.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// The defaults for this file.
    pub fn new(path: impl Into<PathBuf>, clock: Arc<dyn Clock>) -> Self {
        Self {
            path: path.into(),
            synchronous: Synchronous::Full,
            readers: 3,
            list_readers: 2,
            cache_kib: 16 * 1024,
            mmap_bytes: 0,
            checkpoint_bytes: 16 * 1024 * 1024,
            clock,
        }
    }
}
