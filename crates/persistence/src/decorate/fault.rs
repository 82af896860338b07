//! A lane store that fails on demand: for tests and the simulation, which must see every way a commit can end.
//!
//! The faults are honest: an unknown outcome either has landed or has not, a definite failure has written nothing, and a
//! fenced lane really belongs to somebody else afterwards.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use model::{ChainKey, Epoch, LaneId, MemberId, RunId, SlotRange, Timestamp};
use parking_lot::Mutex;

use crate::Error;
use crate::record::{Batch, LaneState, LoadedChain, Outcome, WakeRow};
use crate::stores::LaneStore;

/// How a commit goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The batch lands, the caller sees a time-out.
    UnknownLanded,
    /// The batch does not land, the caller sees a time-out.
    UnknownLost,
    /// The store says no; nothing was written.
    Failed,
    /// Somebody else acquires the lane just before.
    Fenced,
}

/// What the store is about to do.
#[derive(Debug)]
pub enum Operation<'a> {
    /// A lane is acquired. Any fault makes it unavailable; nothing is written then.
    Acquire(LaneId),
    /// A batch is committed.
    Commit(&'a LaneState, &'a Batch),
    /// Something is read. Any fault makes it unavailable.
    Read,
}

/// Decides what goes wrong, if anything.
pub trait Faults: Send + Sync {
    /// Asked before each operation.
    fn next(&self, operation: &Operation<'_>) -> Option<Fault>;
}

impl<F: Fn(&Operation<'_>) -> Option<Fault> + Send + Sync> Faults for F {
    fn next(&self, operation: &Operation<'_>) -> Option<Fault> {
        self(operation)
    }
}

/// Faults of coming commits, in order; acquiring and reading go well. Clones share the script.
#[derive(Debug, Clone, Default)]
pub struct Script {
    steps: Arc<Mutex<VecDeque<Option<Fault>>>>,
}

impl Script {
    /// Adds the fate of one more commit; `None` goes well. After the last one everything goes well.
    pub fn push(&self, step: Option<Fault>) {
        self.steps.lock().push_back(step);
    }

    /// How many commits of the script are still to come.
    pub fn remaining(&self) -> usize {
        self.steps.lock().len()
    }
}

impl Faults for Script {
    fn next(&self, operation: &Operation<'_>) -> Option<Fault> {
        match operation {
            Operation::Commit(..) => self.steps.lock().pop_front().flatten(),
            Operation::Acquire(_) | Operation::Read => None,
        }
    }
}

/// The wrapped store.
pub struct FaultyLanes {
    inner: Arc<dyn LaneStore>,
    faults: Arc<dyn Faults>,
}

impl FaultyLanes {
    /// Wraps a store.
    pub fn new(inner: Arc<dyn LaneStore>, faults: Arc<dyn Faults>) -> Self {
        Self { inner, faults }
    }

    fn check(&self, operation: &Operation<'_>) -> Result<(), Error> {
        match self.faults.next(operation) {
            None => Ok(()),
            Some(_) => Err(Error::Unavailable("injected fault".into())),
        }
    }
}

/// Who acquires a lane when a fault says so: not a member that anybody starts.
const INTRUDER: [u8; 16] = [0xff; 16];

#[async_trait]
impl LaneStore for FaultyLanes {
    async fn acquire(&self, lane: LaneId, from: Option<Epoch>, me: MemberId) -> Result<LaneState, Error> {
        self.check(&Operation::Acquire(lane))?;
        self.inner.acquire(lane, from, me).await
    }

    async fn lane(&self, lane: LaneId) -> Result<Option<LaneState>, Error> {
        self.check(&Operation::Read)?;
        self.inner.lane(lane).await
    }

    async fn commit(&self, at: &LaneState, batch: &Batch) -> Outcome {
        match self.faults.next(&Operation::Commit(at, batch)) {
            None => self.inner.commit(at, batch).await,
            Some(Fault::UnknownLost) => Outcome::Unknown(Error::Unavailable("injected time-out".into())),
            Some(Fault::Failed) => Outcome::Failed(Error::Unavailable("injected failure".into())),
            Some(Fault::UnknownLanded) => match self.inner.commit(at, batch).await {
                Outcome::Landed { .. } | Outcome::Unknown(_) => Outcome::Unknown(Error::Unavailable("injected time-out".into())),
                other => other,
            },
            Some(Fault::Fenced) => {
                if let Ok(intruder) = MemberId::from_bytes(&INTRUDER) {
                    // Where this fails, somebody else was faster: the commit is fenced all the same.
                    let _taken = self.inner.acquire(at.lane, Some(at.epoch), intruder).await;
                }
                self.inner.commit(at, batch).await
            }
        }
    }

    async fn load(&self, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, Error> {
        self.check(&Operation::Read)?;
        self.inner.load(chain, run).await
    }

    async fn scan_wake(
        &self,
        slots: SlotRange,
        until: Timestamp,
        after: Option<&WakeRow>,
        limit: usize,
    ) -> Result<Vec<WakeRow>, Error> {
        self.check(&Operation::Read)?;
        self.inner.scan_wake(slots, until, after, limit).await
    }
}

#[cfg(test)]
mod tests;
