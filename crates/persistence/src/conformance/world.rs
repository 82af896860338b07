//! What laws are written with: one lane, keys by small numbers, and commits that must land.

use std::collections::BTreeMap;

use bytes::Bytes;
use model::visibility::{ExecutionStatus, VisibilityRow};
use model::{BranchId, ChainKey, LaneId, MemberId, NamespaceId, RunId, RunKey, SlotRange, Timestamp, WorkflowId};
use uuid::Uuid;

use super::{Subject, Violation};
use crate::record::{
    Batch, HistoryRange, LaneState, LoadedChain, LoadedRun, NewRun, Outcome, RunChange, SnapshotChange, TurnRow, WakeRow,
};
use crate::{Error, Stores};

/// A backend with one lane acquired.
pub(super) struct World {
    pub(super) stores: Stores,
    pub(super) at: LaneState,
}

impl World {
    pub(super) async fn open(subject: &dyn Subject) -> Result<Self, Violation> {
        let stores = subject.stores();
        let at = stores.lanes.acquire(lane(1), None, member(1)).await?;
        Ok(Self { stores, at })
    }

    /// Commits a batch that must land; returns the starts that lost.
    pub(super) async fn land(&mut self, batch: &Batch) -> Result<Vec<RunKey>, Violation> {
        match self.stores.lanes.commit(&self.at, batch).await {
            Outcome::Landed { lost_starts } => {
                self.at.seq += 1;
                Ok(lost_starts)
            }
            other => Err(Violation(format!("a batch should land: {other:?}"))),
        }
    }

    /// Commits a batch that must be refused for sure.
    pub(super) async fn refuse(&mut self, batch: &Batch, what: &str) -> Result<Error, Violation> {
        match self.stores.lanes.commit(&self.at, batch).await {
            Outcome::Failed(error) => Ok(error),
            other => Err(Violation(format!("{what} should be refused: {other:?}"))),
        }
    }

    pub(super) async fn current(&self, chain: &ChainKey) -> Result<LoadedChain, Violation> {
        Ok(self.stores.lanes.load(chain, None).await?)
    }

    /// The run of this key; `None` where it does not exist.
    pub(super) async fn run(&self, key: &RunKey) -> Result<Option<LoadedRun>, Violation> {
        Ok(self.stores.lanes.load(&key.chain, Some(key.run)).await?.runs.into_iter().next())
    }

    /// The run of this key, which must exist.
    pub(super) async fn existing(&self, key: &RunKey) -> Result<LoadedRun, Violation> {
        self.run(key).await?.ok_or_else(|| Violation(format!("{key} should exist")))
    }

    pub(super) async fn due(&self, until: Timestamp) -> Result<Vec<WakeRow>, Violation> {
        Ok(self.stores.lanes.scan_wake(SlotRange::ALL, until, None, 10_000).await?)
    }

    pub(super) async fn history(&self, range: &HistoryRange) -> Result<Vec<TurnRow>, Violation> {
        Ok(self.stores.history.read(range).await?)
    }
}

pub(super) fn member(number: u128) -> MemberId {
    MemberId::new(Uuid::from_u128(number))
}

pub(super) fn lane(number: u128) -> LaneId {
    LaneId { member: member(number), index: 0 }
}

pub(super) fn namespace(number: u128) -> NamespaceId {
    NamespaceId::new(Uuid::from_u128(0x1000 + number))
}

pub(super) fn run_id(number: u128) -> RunId {
    RunId::new(Uuid::from_u128(0x2000 + number))
}

pub(super) fn branch(number: u128) -> BranchId {
    BranchId::new(Uuid::from_u128(0x3000 + number))
}

pub(super) fn chain(id: &str) -> ChainKey {
    ChainKey::workflow(namespace(1), WorkflowId::parse(id).expect("laws use valid ids"))
}

pub(super) fn key(id: &str, run: u128) -> RunKey {
    RunKey { chain: chain(id), run: run_id(run) }
}

pub(super) fn new_run(key: &RunKey) -> NewRun {
    NewRun { key: key.clone(), status: 1, wake_at: Timestamp::EPOCH }
}

pub(super) fn start(key: &RunKey) -> Batch {
    Batch { starts: vec![new_run(key)], ..Batch::default() }
}

/// A current, running run that keeps its snapshot and owes something.
pub(super) fn change(key: &RunKey) -> RunChange {
    RunChange { key: key.clone(), current: true, status: 1, wake_at: Timestamp::EPOCH, snapshot: SnapshotChange::Keep }
}

pub(super) fn changes(changes: Vec<RunChange>) -> Batch {
    Batch { changes, ..Batch::default() }
}

/// A turn with these events on branch 1; 0 and 0 for marks alone.
pub(super) fn turn(key: &RunKey, turn: u64, first: i64, last: i64) -> TurnRow {
    let data = Bytes::from(format!("turn {turn} of {}", key.run));
    TurnRow { key: key.clone(), branch: branch(1), turn, first_event_id: first, last_event_id: last, data }
}

pub(super) fn turns(turns: Vec<TurnRow>) -> Batch {
    Batch { turns, ..Batch::default() }
}

/// Branch 1 from an event to another, which is excluded.
pub(super) fn range(key: &RunKey, from_event: i64, to_event: i64) -> HistoryRange {
    let limit = 1 << 20;
    let key = key.clone();
    HistoryRange { key, branch: branch(1), from_event, to_event, reverse: false, max_rows: limit, max_bytes: limit }
}

pub(super) fn numbers(rows: &[TurnRow]) -> Vec<u64> {
    rows.iter().map(|row| row.turn).collect()
}

pub(super) fn searchable(key: &RunKey, version: i64) -> VisibilityRow {
    VisibilityRow {
        namespace: key.chain.namespace,
        kind: key.chain.kind,
        workflow_id: key.chain.id.clone(),
        run_id: key.run,
        version,
        workflow_type: "Order".into(),
        task_queue: "orders".into(),
        status: ExecutionStatus::Running,
        start_time: Timestamp::from_millis(1),
        execution_time: Timestamp::from_millis(1),
        close_time: None,
        history_length: None,
        history_size_bytes: None,
        state_transition_count: None,
        parent: None,
        root: (key.chain.id.clone(), key.run),
        memo: Vec::new(),
        search_attributes: BTreeMap::new(),
    }
}
