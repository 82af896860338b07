//! Chains whose memory was dropped before all of it was written, and when: signs of life of activities went with it.

use std::collections::{HashMap, VecDeque};

use model::{ChainKey, Timestamp};
use parking_lot::Mutex;

/// Chains that are remembered. One that is forgotten may have a heartbeat's deadline counted from before its loss.
const KEPT: usize = 100_000;

/// The newest losses of this process.
#[derive(Default)]
pub(crate) struct Losses(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    at: HashMap<ChainKey, Timestamp>,
    order: VecDeque<ChainKey>,
}

impl Losses {
    /// The memory of a chain is dropped now.
    pub(crate) fn note(&self, chain: &ChainKey, now: Timestamp) {
        let mut kept = self.0.lock();
        if kept.at.insert(chain.clone(), now).is_none() {
            kept.order.push_back(chain.clone());
        }
        if kept.order.len() > KEPT
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.at.remove(&oldest);
        }
    }

    /// When the chain's memory was lost last.
    pub(crate) fn last(&self, chain: &ChainKey) -> Option<Timestamp> {
        self.0.lock().at.get(chain).copied()
    }
}

#[cfg(test)]
mod tests {
    use model::{NamespaceId, WorkflowId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_newest_losses_are_remembered() {
        let losses = Losses::default();
        let namespace = NamespaceId::new(Uuid::from_u128(1));
        let chain = |number: usize| ChainKey::workflow(namespace, WorkflowId::parse(&format!("order-{number}")).unwrap());
        for number in 0..=KEPT {
            losses.note(&chain(number), Timestamp::from_millis(number as i64));
        }
        losses.note(&chain(1), Timestamp::from_millis(7));
        assert_eq!((losses.last(&chain(0)), losses.last(&chain(1))), (None, Some(Timestamp::from_millis(7))));
        assert_eq!(losses.0.lock().at.len(), KEPT);
    }
}
