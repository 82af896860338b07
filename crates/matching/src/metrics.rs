//! What matching counts.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use model::NamespaceId;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use crate::service::Inner;

/// Registers the gauges that read the live queues; they end with the service.
pub(crate) fn observe(meter: &Meter, service: &Arc<Inner>) {
    let service: Weak<Inner> = Arc::downgrade(service);
    meter
        .u64_observable_gauge("temporal_task_scheduler_pending_tasks")
        .with_description("Tasks that wait for a worker, per namespace")
        .with_callback(move |observer| {
            let Some(service) = service.upgrade() else { return };
            let mut pending: BTreeMap<NamespaceId, u64> = BTreeMap::new();
            for queue in service.all_queues() {
                let state = queue.state.lock();
                *pending.entry(queue.key.namespace).or_default() += state.queue.len() as u64 + state.unread.total();
            }
            for (namespace, tasks) in pending {
                let name = (service.ports.namespaces)(namespace).map_or_else(|| namespace.to_string(), |name| name.to_string());
                observer.observe(tasks, &[KeyValue::new("namespace", name)]);
            }
        })
        .build();
}
