//! The namespaces, in memory: names and ids answer without the store, changes go through it first.
//!
//! Every host reads all of them at start, after its own changes, and when somebody asks for a name it does not know (at most
//! once a second, so that a wrong name cannot keep the store busy). Changes are compare-and-swap on the row's version.

mod entry;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use model::{Clock, NamespaceId};
use persistence::{Cluster, NamespaceRow, Namespaces};
use prost::Message;
use proto::aevum::persistence::v1 as stored;
use rpc::Error;

pub use entry::Namespace;

/// How often an unknown name makes the registry read the store again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How often a change is tried that others get ahead of.
const ATTEMPTS: usize = 10;
/// The newest format of a stored namespace that this binary reads and writes.
pub(crate) const FORMAT: u32 = 1;

/// The namespaces of the cluster. Cheap to clone.
#[derive(Clone)]
pub struct NamespaceRegistry {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Namespaces>,
    /// What raises the cluster's version, so that other hosts read again; none where there are none.
    others: Option<Arc<dyn Cluster>>,
    clock: Arc<dyn Clock>,
    cache: ArcSwap<Cache>,
    /// One refresh at a time, so that an older reading never replaces a newer one.
    reading: tokio::sync::Mutex<()>,
    looked: AtomicI64,
}

#[derive(Default)]
struct Cache {
    by_name: HashMap<Arc<str>, Arc<Namespace>>,
    by_id: HashMap<NamespaceId, Arc<Namespace>>,
    /// In the order of names.
    all: Vec<Arc<Namespace>>,
}

impl NamespaceRegistry {
    /// Reads the namespaces.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn open(store: Arc<dyn Namespaces>, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        Self::build(store, None, clock).await
    }

    /// The same in a cluster: a change raises the cluster's version, by which the other hosts know that they have to read again.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn open_shared(
        store: Arc<dyn Namespaces>,
        cluster: Arc<dyn Cluster>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        Self::build(store, Some(cluster), clock).await
    }

    async fn build(store: Arc<dyn Namespaces>, others: Option<Arc<dyn Cluster>>, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let inner = Inner {
            store,
            others,
            clock,
            cache: ArcSwap::default(),
            reading: tokio::sync::Mutex::new(()),
            looked: AtomicI64::new(i64::MIN),
        };
        let registry = Self { inner: Arc::new(inner) };
        registry.refresh().await?;
        Ok(registry)
    }

    /// Reads the namespaces again: when another host has changed one.
    ///
    /// # Errors
    /// Where the store cannot be read; what was known stays.
    pub async fn refresh(&self) -> Result<(), Error> {
        let _one = self.inner.reading.lock().await;
        let rows = self.inner.store.list().await.map_err(store_error)?;
        let mut cache = Cache::default();
        for row in rows {
            let entry = Arc::new(Namespace::from_row(&row)?);
            cache.by_name.insert(Arc::clone(&entry.reference.name), Arc::clone(&entry));
            cache.by_id.insert(row.id, Arc::clone(&entry));
            cache.all.push(entry);
        }
        self.inner.cache.store(Arc::new(cache));
        Ok(())
    }

    /// The namespace of this name, if it is known.
    pub fn by_name(&self, name: &str) -> Option<Arc<Namespace>> {
        self.inner.cache.load().by_name.get(name).cloned()
    }

    /// The namespace of this id, if it is known.
    pub fn by_id(&self, id: NamespaceId) -> Option<Arc<Namespace>> {
        self.inner.cache.load().by_id.get(&id).cloned()
    }

    /// All namespaces, by name.
    pub fn all(&self) -> Vec<Arc<Namespace>> {
        self.inner.cache.load().all.clone()
    }

    /// The namespace of this name; another host may have made it a moment ago.
    ///
    /// # Errors
    /// [`Error::NamespaceNotFound`].
    pub async fn find(&self, name: &str) -> Result<Arc<Namespace>, Error> {
        if let Some(found) = self.by_name(name) {
            return Ok(found);
        }
        self.look_again().await?;
        self.by_name(name).ok_or_else(|| Error::NamespaceNotFound(name.to_owned()))
    }

    /// The namespace of this id, likewise.
    ///
    /// # Errors
    /// [`Error::NamespaceNotFound`].
    pub async fn find_id(&self, id: NamespaceId) -> Result<Arc<Namespace>, Error> {
        if let Some(found) = self.by_id(id) {
            return Ok(found);
        }
        self.look_again().await?;
        self.by_id(id).ok_or_else(|| Error::NamespaceNotFound(id.to_string()))
    }

    /// Stores a new namespace.
    ///
    /// # Errors
    /// [`Error::NamespaceAlreadyExists`].
    pub(crate) async fn create(&self, id: NamespaceId, record: &stored::Namespace) -> Result<(), Error> {
        let name = record.info.as_ref().map(|info| info.name.clone()).unwrap_or_default();
        let row = NamespaceRow { id, name: name.clone(), version: 1, data: Bytes::from(record.encode_to_vec()) };
        let outcome = self.inner.store.create(&row).await;
        self.tell_others().await;
        self.refresh().await?;
        match outcome {
            Ok(()) => Ok(()),
            Err(persistence::Error::Conflict(_)) => {
                Err(Error::NamespaceAlreadyExists(format!("Namespace \"{name}\" already exists")))
            }
            Err(error) => Err(store_error(error)),
        }
    }

    /// Changes a namespace, again where somebody else gets ahead. The change sees what is stored now.
    ///
    /// # Errors
    /// Those of `change`, and [`Error::NamespaceNotFound`].
    pub(crate) async fn change(
        &self,
        id: NamespaceId,
        mut change: impl FnMut(&mut stored::Namespace) -> Result<(), Error> + Send,
    ) -> Result<Arc<Namespace>, Error> {
        for _ in 0..ATTEMPTS {
            let before = self.find_id(id).await?;
            let mut record = before.record.clone();
            change(&mut record)?;
            if record == before.record {
                return Ok(before);
            }
            record.config_version += 1;
            let name = record.info.as_ref().map(|info| info.name.clone()).unwrap_or_default();
            let row = NamespaceRow { id, name, version: before.version + 1, data: Bytes::from(record.encode_to_vec()) };
            let outcome = self.inner.store.update(&row).await;
            self.tell_others().await;
            self.refresh().await?;
            match outcome {
                Ok(()) => return self.find_id(id).await,
                Err(persistence::Error::Conflict(_)) => {}
                Err(error) => return Err(store_error(error)),
            }
        }
        Err(Error::Unavailable("others change this namespace at the same time; try again".to_owned()))
    }

    /// Has the other hosts read again. Where that fails they still do when they meet a name or id that they do not know.
    async fn tell_others(&self) {
        if let Some(cluster) = &self.inner.others
            && let Err(error) = cluster.touch().await
        {
            tracing::warn!(%error, "other hosts could not be told that a namespace changed");
        }
    }

    async fn look_again(&self) -> Result<(), Error> {
        let now = self.inner.clock.now().as_nanos();
        let before = self.inner.looked.load(Ordering::Relaxed);
        let due = before.saturating_add(i64::try_from(LOOK_AGAIN.as_nanos()).unwrap_or(i64::MAX)) <= now;
        if due && self.inner.looked.compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.refresh().await?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for NamespaceRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NamespaceRegistry").field("namespaces", &self.inner.cache.load().all.len()).finish_non_exhaustive()
    }
}

/// A store's error as callers of the API see it.
pub(crate) fn store_error(error: persistence::Error) -> Error {
    match error {
        persistence::Error::Corrupt(_) | persistence::Error::NewerFormat { .. } => Error::DataLoss(error.to_string()),
        _ => Error::Unavailable(error.to_string()),
    }
}
