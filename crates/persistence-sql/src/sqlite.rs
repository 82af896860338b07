//! SQLite: one file, one server, one write connection.
//!
//! WAL mode with an fsync per commit, so whatever was answered survives a power cut. Everything that writes shares one
//! connection; a few others read. A lock file keeps a second server out. An I/O error at COMMIT leaves nobody knowing what
//! the disk holds: the store answers nothing after it, and [`Sqlite::broken`] tells the process to end.

mod backlog;
mod batch;
mod checkpoint;
mod cluster;
mod connect;
mod decode;
mod dialect;
mod error;
mod history;
mod lanes;
mod lists;
mod load;
mod lock;
mod migrate;
mod multi_row;
mod namespaces;
mod options;
mod searchable;
mod writer;

use std::sync::Arc;

use model::Clock;
use parking_lot::Mutex;
use persistence::{Error, Stores};
use sqlx::SqlitePool;
use tokio::task::JoinSet;

pub use options::{Options, Synchronous};

use checkpoint::Checkpointer;
use writer::Writer;

/// An open database file. Clones share its connections.
#[derive(Clone)]
pub struct Sqlite {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Arc<Writer>,
    readers: SqlitePool,
    list_readers: SqlitePool,
    checkpointer: Arc<Checkpointer>,
    clock: Arc<dyn Clock>,
    tasks: Mutex<JoinSet<()>>,
    _lock: lock::FileLock,
}

impl Sqlite {
    /// Opens or creates the file, brings its tables up to date and locks it for this process.
    ///
    /// # Errors
    /// [`Error::InUse`] where another server has it, [`Error::NewerFormat`] where a newer binary wrote its tables,
    /// [`Error::Corrupt`] where it is no database, [`Error::Unavailable`] for everything else.
    pub async fn open(options: Options) -> Result<Self, Error> {
        let lock = lock::FileLock::acquire(&options.path)?;
        let mut connection = connect::writer(&options).await?;
        migrate::run(&mut connection).await?;
        let writer = Arc::new(Writer::new(connection));
        let checkpointer = Arc::new(Checkpointer::new(&options));
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&checkpointer).run(connect::checkpointer(&options), Arc::clone(&writer)));
        let readers = connect::readers(&options, options.readers);
        let list_readers = connect::readers(&options, options.list_readers);
        let clock = Arc::clone(&options.clock);
        let inner = Inner { writer, readers, list_readers, checkpointer, clock, tasks: Mutex::new(tasks), _lock: lock };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The stores, as services take them.
    pub fn stores(&self) -> Stores {
        Stores::of(Arc::new(self.clone()))
    }

    /// Ends when the outcome of a commit is unknown because of an I/O error: the process should end, too, and open the file
    /// anew. Returns the reason.
    pub async fn broken(&self) -> String {
        self.inner.writer.broken().await
    }

    /// Writes the WAL back into the file and closes all connections.
    pub async fn close(&self) {
        let mut tasks = std::mem::take(&mut *self.inner.tasks.lock());
        tasks.shutdown().await;
        self.inner.readers.close().await;
        self.inner.list_readers.close().await;
        self.inner.writer.close().await;
    }
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sqlite")
    }
}
