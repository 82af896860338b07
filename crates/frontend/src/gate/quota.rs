//! How many calls: per host and per namespace by the second, and long calls of a namespace at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use model::{NamespaceId, Timestamp};
use parking_lot::RwLock;
use proto::temporal::api::enums::v1::{ResourceExhaustedCause as Cause, ResourceExhaustedScope as Scope};
use rpc::Error;
use rpc::services::NamespaceRef;

use crate::api::Api;

const SECOND: f64 = 1e9;

/// The calls that read searchable rows.
const LISTS: [&str; 6] = [
    "ListWorkflowExecutions",
    "ScanWorkflowExecutions",
    "CountWorkflowExecutions",
    "ListOpenWorkflowExecutions",
    "ListClosedWorkflowExecutions",
    "ListArchivedWorkflowExecutions",
];

/// A token bucket that holds one second's worth, without a lock: the moment at which it will be full again.
#[derive(Debug)]
pub(crate) struct Bucket {
    full_at: AtomicI64,
}

impl Bucket {
    pub(crate) const fn new() -> Self {
        Self { full_at: AtomicI64::new(0) }
    }

    /// Takes one token, if there is one.
    pub(crate) fn take(&self, now: Timestamp, per_second: f64) -> bool {
        if per_second <= 0.0 || per_second.is_nan() {
            return false;
        }
        let price = (SECOND / per_second) as i64;
        // Full means a second's worth, at least one token.
        let depth = (SECOND as i64).max(price);
        let now = now.as_nanos();
        let taken = self.full_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
            let next = full_at.max(now).saturating_add(price);
            (next.saturating_sub(now) <= depth).then_some(next)
        });
        taken.is_ok()
    }
}

/// What one namespace uses.
#[derive(Debug)]
struct Usage {
    calls: Bucket,
    lists: Bucket,
    long: AtomicUsize,
}

/// A long call's place among those of its namespace; free again when dropped.
pub(crate) struct Place(Arc<Usage>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.long.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The quotas of this host.
#[derive(Debug)]
pub(crate) struct Quotas {
    host: Bucket,
    namespaces: RwLock<HashMap<NamespaceId, Arc<Usage>>>,
}

impl Quotas {
    pub(crate) fn new() -> Self {
        Self { host: Bucket::new(), namespaces: RwLock::default() }
    }

    /// Counts a call against the host.
    pub(crate) fn admit_host(&self, api: &Api) -> Result<(), Error> {
        let rate = api.ports.settings.number("frontend.rps", None).unwrap_or(api.options.host_rps);
        if self.host.take(api.ports.clock.now(), rate) {
            return Ok(());
        }
        Err(exhausted(Cause::RpsLimit, Scope::System, "service rate limit exceeded"))
    }

    /// Counts a call against its namespace and the host; a long one also takes a place.
    pub(crate) fn admit(&self, api: &Api, namespace: &NamespaceRef, operation: &str, long: bool) -> Result<Option<Place>, Error> {
        let usage = self.usage(namespace.id);
        let setting = |key: &str| api.ports.settings.number(key, Some(&namespace.name));
        let rate = setting("frontend.namespaceRPS").unwrap_or(api.options.namespace_rps);
        if !usage.calls.take(api.ports.clock.now(), rate) {
            return Err(exhausted(Cause::RpsLimit, Scope::Namespace, "namespace rate limit exceeded"));
        }
        // Lists are for people and tools: where an operator gives them a rate, workers keep the rest.
        if LISTS.contains(&operation)
            && let Some(rate) = setting("frontend.namespaceRPS.visibility")
            && !usage.lists.take(api.ports.clock.now(), rate)
        {
            return Err(exhausted(Cause::RpsLimit, Scope::Namespace, "namespace rate limit of lists exceeded"));
        }
        self.admit_host(api)?;
        if !long {
            return Ok(None);
        }
        let most = setting("frontend.namespaceCount").map_or(api.options.namespace_long_calls, |most| most.max(0.0) as usize);
        let before = usage.long.fetch_add(1, Ordering::Relaxed);
        let place = Place(usage);
        if before >= most {
            return Err(exhausted(Cause::ConcurrentLimit, Scope::Namespace, "namespace concurrent poller limit exceeded"));
        }
        Ok(Some(place))
    }

    fn usage(&self, id: NamespaceId) -> Arc<Usage> {
        if let Some(usage) = self.namespaces.read().get(&id) {
            return Arc::clone(usage);
        }
        let mut namespaces = self.namespaces.write();
        let usage = namespaces
            .entry(id)
            .or_insert_with(|| Arc::new(Usage { calls: Bucket::new(), lists: Bucket::new(), long: AtomicUsize::new(0) }));
        Arc::clone(usage)
    }
}

fn exhausted(cause: Cause, scope: Scope, message: &str) -> Error {
    Error::ResourceExhausted { cause, scope, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_gives_a_seconds_worth_at_once_and_then_its_rate() {
        let bucket = Bucket::new();
        let now = Timestamp::from_millis(1_000_000);
        let taken = |now| (0..100).filter(|_| bucket.take(now, 10.0)).count();
        assert_eq!(taken(now), 10);
        assert_eq!(taken(now + Duration::from_millis(300)), 3);
        assert_eq!(taken(now + Duration::from_secs(60)), 10);
    }

    #[test]
    fn a_rate_below_one_a_second_still_lets_calls_through() {
        let bucket = Bucket::new();
        let now = Timestamp::from_millis(1_000_000);
        assert!(bucket.take(now, 0.5));
        assert!(!bucket.take(now + Duration::from_secs(1), 0.5));
        assert!(bucket.take(now + Duration::from_secs(2), 0.5));
        assert!(!bucket.take(now + Duration::from_secs(9), 0.0));
    }
}
