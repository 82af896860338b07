//! The wheel: what falls due next, in order. At most one entry per resident chain, and one per parked run that is near.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{ChainKey, RunKey, Timestamp};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::shell::{Shell, survive};

/// The longest sleep: the clock may be set forward, and sleeping is not billed by the hour.
pub(super) const LONGEST_SLEEP: std::time::Duration = std::time::Duration::from_secs(60);

/// A parked run whose wake-up is near.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) key: RunKey,
    pub(crate) closed: bool,
}

/// What fell due.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Something in a resident chain.
    Chain(ChainKey),
    /// A parked run.
    Run(Entry),
}

/// Everything that falls due soon.
#[derive(Default)]
pub(crate) struct Wheel {
    slots: Mutex<Slots>,
    earlier: Notify,
}

#[derive(Default)]
struct Slots {
    chains: BTreeMap<(Timestamp, ChainKey), ()>,
    parked: BTreeMap<(Timestamp, RunKey), bool>,
    parked_at: BTreeMap<RunKey, Timestamp>,
}

impl Slots {
    fn first(&self) -> Option<Timestamp> {
        let chain = self.chains.keys().next().map(|(at, _)| *at);
        let run = self.parked.keys().next().map(|(at, _)| *at);
        chain.into_iter().chain(run).min()
    }
}

impl Wheel {
    /// Wakes a resident chain at this time, instead of at `before`.
    pub(crate) fn arm(&self, key: &ChainKey, before: Option<Timestamp>, at: Timestamp) {
        let mut slots = self.slots.lock();
        let first = slots.first();
        if let Some(before) = before {
            slots.chains.remove(&(before, key.clone()));
        }
        slots.chains.insert((at, key.clone()), ());
        if first.is_none_or(|first| at < first) {
            self.earlier.notify_one();
        }
    }

    /// A chain leaves memory.
    pub(crate) fn disarm(&self, at: Timestamp, key: &ChainKey) {
        self.slots.lock().chains.remove(&(at, key.clone()));
    }

    /// Wakes a parked run. Of several times the earliest counts: what a look-ahead read may be older than what the run said when it
    /// left memory, and a run that is woken too early only reads.
    pub(crate) fn parked(&self, entry: Entry) {
        let mut slots = self.slots.lock();
        let first = slots.first();
        match slots.parked_at.get(&entry.key).copied() {
            Some(known) if known <= entry.at => return,
            Some(known) => {
                slots.parked.remove(&(known, entry.key.clone()));
            }
            None => {}
        }
        slots.parked_at.insert(entry.key.clone(), entry.at);
        slots.parked.insert((entry.at, entry.key), entry.closed);
        if first.is_none_or(|first| entry.at < first) {
            self.earlier.notify_one();
        }
    }

    /// A run is gone.
    pub(crate) fn forget(&self, key: &RunKey) {
        let mut slots = self.slots.lock();
        if let Some(at) = slots.parked_at.remove(key) {
            slots.parked.remove(&(at, key.clone()));
        }
    }

    /// Takes what is due now.
    fn take(&self, now: Timestamp) -> Vec<Due> {
        let mut slots = self.slots.lock();
        let mut due = Vec::new();
        while slots.chains.first_key_value().is_some_and(|((at, _), ())| *at <= now) {
            due.extend(slots.chains.pop_first().map(|((_, key), ())| Due::Chain(key)));
        }
        while slots.parked.first_key_value().is_some_and(|((at, _), _)| *at <= now) {
            if let Some(((at, key), closed)) = slots.parked.pop_first() {
                slots.parked_at.remove(&key);
                due.push(Due::Run(Entry { at, key, closed }));
            }
        }
        due
    }

    /// Turns until stopped.
    pub(crate) async fn turn(&self, shell: &Arc<Shell>, stop: &CancellationToken) {
        loop {
            let now = shell.ports.clock.now();
            for due in self.take(now) {
                let place = match due {
                    Due::Run(_) => None,
                    Due::Chain(_) => tokio::select! {
                        biased;
                        () = stop.cancelled() => return,
                        place = shell.wakes.clone().acquire_owned() => place.ok(),
                    },
                };
                survive("waking a chain", || shell.fell_due(due, place));
            }
            let sleep = self.slots.lock().first().map_or(LONGEST_SLEEP, |at| at.since(now).min(LONGEST_SLEEP));
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.earlier.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{NamespaceId, RunId, WorkflowId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn parked_run_wakes_once_at_the_earliest_of_its_times() {
        let chain = ChainKey::workflow(NamespaceId::new(Uuid::from_u128(1)), WorkflowId::parse("order-1").unwrap());
        let key = RunKey { chain, run: RunId::new(Uuid::from_u128(2)) };
        let at = Timestamp::from_millis;
        let wheel = Wheel::default();
        for millis in [30, 10, 20] {
            wheel.parked(Entry { at: at(millis), key: key.clone(), closed: false });
        }
        assert_eq!(wheel.take(at(9)), []);
        assert_eq!(wheel.take(at(10)), [Due::Run(Entry { at: at(10), key: key.clone(), closed: false })]);
        assert_eq!(wheel.take(at(60)), []);
        wheel.parked(Entry { at: at(70), key: key.clone(), closed: true });
        assert_eq!(wheel.take(at(70)), [Due::Run(Entry { at: at(70), key, closed: true })]);
    }
}
