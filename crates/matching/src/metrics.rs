//! What matching counts.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

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
            let mut pending: BTreeMap<Arc<str>, u64> = BTreeMap::new();
            for queue in service.all_queues() {
                let state = queue.state.lock();
                *pending.entry(Arc::clone(&queue.namespace)).or_default() += state.queue.len() as u64 + state.stored_unread;
            }
            for (namespace, tasks) in pending {
                observer.observe(tasks, &[KeyValue::new("namespace", namespace.to_string())]);
            }
        })
        .build();
}
