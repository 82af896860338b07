//! The wake index: which run has to be looked at when. One ordered map per block of 64 slots, merged when read, so that a
//! shard's scan does not walk over everybody else's runs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Bound;

use model::{RunKey, SLOT_COUNT, SlotId, SlotRange, Timestamp};

use crate::record::WakeRow;

const BLOCK: u16 = 64;

type Block = BTreeMap<(Timestamp, RunKey), (SlotId, i32)>;

#[derive(Debug)]
pub(super) struct WakeIndex {
    blocks: Vec<Block>,
}

impl Default for WakeIndex {
    fn default() -> Self {
        Self { blocks: (0..SLOT_COUNT / BLOCK).map(|_| Block::new()).collect() }
    }
}

impl WakeIndex {
    pub(super) fn insert(&mut self, slot: SlotId, wake_at: Timestamp, key: RunKey, status: i32) {
        if let Some(block) = self.blocks.get_mut(usize::from(slot.get() / BLOCK)) {
            block.insert((wake_at, key), (slot, status));
        }
    }

    pub(super) fn remove(&mut self, slot: SlotId, wake_at: Timestamp, key: &RunKey) {
        if let Some(block) = self.blocks.get_mut(usize::from(slot.get() / BLOCK)) {
            block.remove(&(wake_at, key.clone()));
        }
    }

    /// Rows due until `until` in these slots after `after`, by (wake_at, key).
    pub(super) fn scan(&self, slots: SlotRange, until: Timestamp, after: Option<&WakeRow>, limit: usize) -> Vec<WakeRow> {
        let lower = match after {
            Some(row) => Bound::Excluded((row.wake_at, row.key.clone())),
            None => Bound::Unbounded,
        };
        let last = slots.end.min(SLOT_COUNT).saturating_sub(1) / BLOCK;
        let touched = self.blocks.iter().take(usize::from(last) + 1).skip(usize::from(slots.start / BLOCK));
        let mut sources: Vec<_> = touched.map(|block| block.range((lower.clone(), Bound::Unbounded))).collect();
        let mut heads = BinaryHeap::with_capacity(sources.len());
        for (at, source) in sources.iter_mut().enumerate() {
            heads.extend(source.next().map(|(key, value)| Reverse((key, value, at))));
        }
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(Reverse(((wake_at, key), (slot, status), at))) = heads.pop() else { break };
            if *wake_at > until {
                break;
            }
            heads.extend(sources.get_mut(at).and_then(|source| source.next()).map(|(key, value)| Reverse((key, value, at))));
            if slots.contains(*slot) {
                found.push(WakeRow { key: key.clone(), wake_at: *wake_at, status: *status });
            }
        }
        found
    }
}
