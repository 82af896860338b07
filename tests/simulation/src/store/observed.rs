//! The store itself, and who watches it: what landed goes to the log, searchable rows to the lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use model::visibility::VisibilityRow;
use model::{ChainKey, Epoch, LaneId, MemberId, RunId, RunKey, SlotRange, Timestamp};
use parking_lot::Mutex;
use persistence::{Batch, Error, LaneState, LaneStore, LoadedChain, Outcome, VisibilitySink, WakeRow};

use crate::clock::WallClock;
use crate::log::Log;

/// What lists would show: the newest row of every run.
#[derive(Default)]
pub(crate) struct Lists {
    rows: Mutex<BTreeMap<RunKey, VisibilityRow>>,
}

impl Lists {
    pub(crate) fn row(&self, key: &RunKey) -> Option<VisibilityRow> {
        self.rows.lock().get(key).cloned()
    }
}

impl VisibilitySink for Lists {
    fn apply(&self, rows: &[VisibilityRow], deletes: &[(RunKey, i64)]) {
        let mut known = self.rows.lock();
        for row in rows {
            let newest = known.entry(row.key()).or_insert_with(|| row.clone());
            if newest.version <= row.version {
                *newest = row.clone();
            }
        }
        for (key, _) in deletes {
            known.remove(key);
        }
    }
}

/// The memory store under the log's eyes.
pub(crate) struct Observed {
    pub(crate) inner: Arc<dyn LaneStore>,
    pub(crate) log: Arc<Mutex<Log>>,
    pub(crate) wall: Arc<WallClock>,
}

#[async_trait]
impl LaneStore for Observed {
    async fn acquire(&self, lane: LaneId, from: Option<Epoch>, me: MemberId) -> Result<LaneState, Error> {
        self.inner.acquire(lane, from, me).await
    }

    async fn lane(&self, lane: LaneId) -> Result<Option<LaneState>, Error> {
        self.inner.lane(lane).await
    }

    async fn commit(&self, at: &LaneState, batch: &Batch) -> Outcome {
        let outcome = self.inner.commit(at, batch).await;
        match &outcome {
            Outcome::Landed { lost_starts } => self.log.lock().landed(self.wall.now(), at, batch, lost_starts),
            Outcome::Failed(error) => self.log.lock().refused(batch, error),
            Outcome::Fenced | Outcome::Unknown(_) => {}
        }
        outcome
    }

    async fn load(&self, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, Error> {
        self.inner.load(chain, run).await
    }

    async fn scan_wake(
        &self,
        slots: SlotRange,
        until: Timestamp,
        after: Option<&WakeRow>,
        limit: usize,
    ) -> Result<Vec<WakeRow>, Error> {
        self.inner.scan_wake(slots, until, after, limit).await
    }
}
