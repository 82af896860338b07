//! SQLite keeps every law of the store traits. A crash is what a power cut leaves: the files as they are, with a torn frame
//! at the end of the WAL.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use model::{Clock, RunKey, Timestamp};
use persistence::conformance::{self, Fresh, Subject};
use persistence::{Error, Stores};
use persistence_sql::Sqlite;
use persistence_sql::sqlite::Options;
use tempfile::TempDir;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000)
    }
}

struct File {
    dir: TempDir,
    store: Sqlite,
    crashes: u8,
}

impl File {
    fn path(&self) -> PathBuf {
        self.dir.path().join(format!("{}.db", self.crashes))
    }

    async fn open(path: &Path) -> Result<Sqlite, Error> {
        Sqlite::open(Options::new(path, Arc::new(Fixed))).await
    }
}

/// Copies database and WAL as a power cut would leave them: a frame of a commit that was never acknowledged is half there.
fn torn_copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let beside = |path: &Path, end: &str| PathBuf::from(format!("{}{end}", path.display()));
    fs::copy(from, to)?;
    let mut wal = fs::read(beside(from, "-wal"))?;
    let header: Vec<u8> = wal.iter().skip(32).take(24).copied().collect();
    wal.extend(header);
    wal.extend([0xa5; 1_500]);
    fs::write(beside(to, "-wal"), wal)
}

#[async_trait]
impl Subject for File {
    fn stores(&self) -> Stores {
        self.store.stores()
    }

    async fn visible(&self) -> Result<Vec<(RunKey, i64)>, Error> {
        self.store.searchable_versions().await
    }

    async fn crash(&mut self) -> Result<(), Error> {
        let before = self.path();
        self.crashes += 1;
        let after = self.path();
        torn_copy(&before, &after).map_err(|error| Error::Unavailable(Box::new(error)))?;
        self.store = File::open(&after).await?;
        Ok(())
    }
}

struct FreshFile;

#[async_trait]
impl Fresh for FreshFile {
    async fn fresh(&self) -> Box<dyn Subject> {
        let dir = tempfile::tempdir().expect("a folder");
        let store = File::open(&dir.path().join("0.db")).await.expect("a new file");
        Box::new(File { dir, store, crashes: 0 })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_every_law() {
    assert_eq!(conformance::check(&FreshFile).await, Ok(()));
}

#[derive(Default)]
struct FreshLists {
    dirs: Mutex<Vec<TempDir>>,
}

#[async_trait]
impl visibility::conformance::Fresh for FreshLists {
    async fn fresh(&self) -> Arc<dyn visibility::VisibilityStore> {
        let dir = tempfile::tempdir().expect("a folder");
        let store = File::open(&dir.path().join("lists.db")).await.expect("a new file");
        self.dirs.lock().expect("nobody panics with it").push(dir);
        Arc::new(store)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_every_law_of_lists() {
    assert_eq!(visibility::conformance::check(&FreshLists::default()).await, Ok(()));
}
