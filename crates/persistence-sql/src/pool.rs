//! Connections that are kept: a bounded number, opened when first needed and then used again and again.
//!
//! A connection is lent to one caller and comes back only where the caller says that it is in order; any other end of the loan,
//! a cancelled call included, closes it. So nothing has to be asked of a connection before or after its use: no ping, no reset.
//! Where one was found broken the others of its age are given up as well, since a database that restarts ends them all.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use persistence::Error;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Opens connections.
#[async_trait]
pub(crate) trait Open: Send + Sync + 'static {
    /// What is opened.
    type Connection: Send + 'static;

    /// Opens one.
    async fn open(&self) -> Result<Self::Connection, Error>;
}

/// How many connections there are at most, and how long to wait for one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) connections: u32,
    pub(crate) wait: Duration,
}

/// The connections to one database.
pub(crate) struct Pool<O: Open> {
    open: O,
    bounds: Bounds,
    places: Semaphore,
    idle: Mutex<Vec<(u64, O::Connection)>>,
    /// Connections of an earlier one are not used again.
    generation: AtomicU64,
    opened: AtomicU64,
}

/// A connection on loan; dropped, it is closed.
pub(crate) struct Lease<'p, O: Open> {
    pool: &'p Pool<O>,
    pub(crate) connection: O::Connection,
    generation: u64,
    _place: SemaphorePermit<'p>,
}

impl<O: Open> Pool<O> {
    pub(crate) fn new(open: O, bounds: Bounds) -> Self {
        Self {
            open,
            bounds,
            places: Semaphore::new(usize::try_from(bounds.connections.max(1)).unwrap_or(1)),
            idle: Mutex::default(),
            generation: AtomicU64::new(0),
            opened: AtomicU64::new(0),
        }
    }

    /// Lends a connection, an open one where there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where all are in use for too long, or none can be opened in time.
    pub(crate) async fn lease(&self) -> Result<Lease<'_, O>, Error> {
        let late = |_| Error::Unavailable(format!("no connection to the database within {:?}", self.bounds.wait).into());
        tokio::time::timeout(self.bounds.wait, self.take()).await.map_err(late)?
    }

    async fn take(&self) -> Result<Lease<'_, O>, Error> {
        let place = self.places.acquire().await.map_err(|closed| Error::Unavailable(closed.into()))?;
        let generation = self.generation.load(Ordering::Acquire);
        let idle = self.idle.lock().pop();
        let (generation, connection) = match idle {
            Some(idle) => idle,
            None => {
                let opened = self.open.open().await?;
                self.opened.fetch_add(1, Ordering::Relaxed);
                (generation, opened)
            }
        };
        Ok(Lease { pool: self, connection, generation, _place: place })
    }

    /// How many connections were ever opened.
    pub(crate) fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// Takes all idle connections, and lends none any more.
    pub(crate) fn close(&self) -> Vec<O::Connection> {
        self.places.close();
        self.give_up().into_iter().map(|(_, connection)| connection).collect()
    }

    fn give_up(&self) -> Vec<(u64, O::Connection)> {
        self.generation.fetch_add(1, Ordering::AcqRel);
        std::mem::take(&mut *self.idle.lock())
    }
}

impl<O: Open> Lease<'_, O> {
    /// Gives it back in order.
    pub(crate) fn keep(self) {
        let mut idle = self.pool.idle.lock();
        if self.generation == self.pool.generation.load(Ordering::Acquire) {
            idle.push((self.generation, self.connection));
        }
    }

    /// It is broken: it is closed, and so are the idle ones.
    pub(crate) fn broken(self) {
        drop(self.pool.give_up());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Connections are numbers.
    #[derive(Default)]
    struct Numbers(AtomicU64);

    #[async_trait]
    impl Open for Numbers {
        type Connection = u64;

        async fn open(&self) -> Result<u64, Error> {
            Ok(self.0.fetch_add(1, Ordering::Relaxed))
        }
    }

    fn pool(connections: u32) -> Pool<Numbers> {
        Pool::new(Numbers::default(), Bounds { connections, wait: Duration::from_secs(1) })
    }

    #[tokio::test(start_paused = true)]
    async fn steady_use_opens_no_further_connection() {
        let pool = pool(3);
        for _ in 0..100 {
            let lease = pool.lease().await.unwrap();
            assert_eq!(lease.connection, 0);
            lease.keep();
        }
        assert_eq!(pool.opened(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn cancelled_use_closes_its_connection() {
        let pool = pool(1);
        drop(pool.lease().await.unwrap());
        assert_eq!(pool.lease().await.unwrap().connection, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn broken_connection_takes_those_of_its_age_with_it() {
        let pool = pool(3);
        let (one, two, three) = (pool.lease().await.unwrap(), pool.lease().await.unwrap(), pool.lease().await.unwrap());
        one.keep();
        two.broken();
        three.keep();
        assert_eq!(pool.lease().await.unwrap().connection, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn caller_waits_for_a_connection_and_then_gives_up() {
        let pool = Arc::new(pool(1));
        let held = pool.lease().await.unwrap();
        assert!(matches!(pool.lease().await, Err(Error::Unavailable(_))));
        let waiting = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.lease().await.map(|lease| lease.connection) }
        });
        tokio::task::yield_now().await;
        held.keep();
        assert_eq!(waiting.await.unwrap().unwrap(), 0);
    }
}
