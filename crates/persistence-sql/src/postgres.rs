//! PostgreSQL: many servers on one database, each write fenced in the statement that makes it.
//!
//! A batch is one call of a function in the database (`migrations/postgres`): fence, rows and commit are one round trip and one
//! transaction. Reads are single statements as well, so that none sees half of a batch. No statement waits for a client: a
//! client that is gone holds no lock.

mod backlog;
mod cluster;
mod columns;
mod commit;
mod connect;
mod decode;
mod dialect;
mod error;
mod history;
mod lanes;
mod lists;
mod load;
mod namespaces;
mod open;
mod options;
pub mod schema;
mod searchable;
mod statement;

use std::sync::Arc;

use model::Clock;
use persistence::Stores;
use sqlx::Connection;

pub use open::OpenError;
pub use options::{Options, Password};

use crate::pool::{Bounds, Pool};
use connect::{Connector, Use};

/// An open database. Clones share its connections.
#[derive(Clone)]
pub struct Postgres {
    inner: Arc<Inner>,
}

struct Inner {
    writers: Pool<Connector>,
    readers: Pool<Connector>,
    list_readers: Pool<Connector>,
    commit_timeout: std::time::Duration,
    clock: Arc<dyn Clock>,
}

impl Inner {
    const fn pools(&self) -> [&Pool<Connector>; 3] {
        [&self.writers, &self.readers, &self.list_readers]
    }
}

impl Postgres {
    /// Connects, and checks that the tables are as this binary needs them.
    ///
    /// # Errors
    /// [`OpenError`] says what is missing; some of it may come by itself ([`OpenError::may_pass`]).
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        open::check(options).await?;
        let pool = |purpose: Use, connections: u32| -> Result<Pool<Connector>, OpenError> {
            Ok(Pool::new(Connector::new(options, purpose)?, Bounds { connections, wait: options.connection_wait }))
        };
        let inner = Inner {
            writers: pool(Use::Writing, options.writers)?,
            readers: pool(Use::Reading, options.readers)?,
            list_readers: pool(Use::Reading, options.list_readers)?,
            commit_timeout: options.commit_timeout,
            clock: Arc::clone(&options.clock),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The stores, as services take them.
    pub fn stores(&self) -> Stores {
        Stores::of(Arc::new(self.clone()))
    }

    /// How many connections were opened so far: the number stands still while nothing breaks.
    pub fn connections_opened(&self) -> u64 {
        self.inner.pools().map(Pool::opened).iter().sum()
    }

    /// Closes all connections.
    pub async fn close(&self) {
        for connection in self.inner.pools().into_iter().flat_map(Pool::close) {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "closing a connection failed");
            }
        }
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Postgres")
    }
}
