//! The shapes of rows, and what one commit writes.

use std::collections::BTreeMap;

use bytes::Bytes;
use model::visibility::VisibilityRow;
use model::{
    BranchId, ChainKey, Epoch, LaneId, MemberId, NamespaceId, RunId, RunKey, ShardId, SlotRange, TaskQueueKind, TaskQueueName,
    Timestamp,
};

/// Where a lane stands: its fencing token and the number of its next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneState {
    /// The lane.
    pub lane: LaneId,
    /// Who acquired it last.
    pub owner: MemberId,
    /// How often it was acquired.
    pub epoch: Epoch,
    /// How many batches landed.
    pub seq: u64,
}

/// Everything that one fenced commit writes: all of it or nothing, except that a lost start drops its own rows.
///
/// A row appears at most once, as its last image. Order of application: deletes, prunes, changes, starts, new runs, turns,
/// visibility, shards.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Runs of chains that were not resident: inserted as the current run if the chain has none, otherwise *lost* together
    /// with their turns and visibility row, and named in [`Outcome::Landed`].
    pub starts: Vec<NewRun>,
    /// Runs of resident chains (continue-as-new, retry, a policy's new run): inserted for sure.
    pub new_runs: Vec<NewRun>,
    /// Changes of run rows.
    pub changes: Vec<RunChange>,
    /// Rows of the log.
    pub turns: Vec<TurnRow>,
    /// Searchable rows; an older version never replaces a newer one.
    pub visibility: Vec<VisibilityRow>,
    /// Searchable rows to remove: a tombstone with this version is kept for 24 h.
    pub visibility_deletes: Vec<(RunKey, i64)>,
    /// Log rows that hold marks alone, up to and including this turn, which a snapshot covers.
    pub prunes: Vec<(RunKey, u64)>,
    /// Runs to remove with all their rows.
    pub deletes: Vec<RunKey>,
    /// Shard rows, each written only by the lane that it names so far.
    pub shards: Vec<ShardRow>,
}

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
            && self.new_runs.is_empty()
            && self.changes.is_empty()
            && self.turns.is_empty()
            && self.visibility.is_empty()
            && self.visibility_deletes.is_empty()
            && self.prunes.is_empty()
            && self.deletes.is_empty()
            && self.shards.is_empty()
    }
}

/// How a commit ended.
#[derive(Debug)]
pub enum Outcome {
    /// Durable. `lost_starts` names the [`Batch::starts`] whose chain had a run already: none of their rows were written.
    Landed {
        /// The starts that lost.
        lost_starts: Vec<RunKey>,
    },
    /// Nothing was written: the lane belongs to somebody else now, or its seq moved on.
    Fenced,
    /// Nothing was written, for sure; the same batch may be tried again.
    Failed(crate::Error),
    /// Nobody knows: acquire the lane anew, its seq says whether the batch landed.
    Unknown(crate::Error),
}

/// A run row as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    /// Which run.
    pub key: RunKey,
    /// Whether it is the chain's current run.
    pub current: bool,
    /// Temporal's `WorkflowExecutionStatus` number.
    pub status: i32,
    /// When somebody has to look at it: not later than now while it owes anything; [`Timestamp::MAX`] for never.
    pub wake_at: Timestamp,
    /// The encoded state after turn `snapshot_turn`.
    pub snapshot: Option<Bytes>,
    /// The last turn that the snapshot covers; 0 without one.
    pub snapshot_turn: u64,
}

/// A run to insert.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Which run; it becomes the chain's current one.
    pub key: RunKey,
    /// Its status number.
    pub status: i32,
    /// When to look at it.
    pub wake_at: Timestamp,
}

/// A change of a run row.
#[derive(Debug, Clone, PartialEq)]
pub struct RunChange {
    /// Which run.
    pub key: RunKey,
    /// Whether it is the chain's current run now.
    pub current: bool,
    /// Its status number now.
    pub status: i32,
    /// When to look at it.
    pub wake_at: Timestamp,
    /// Its snapshot.
    pub snapshot: SnapshotChange,
}

/// What happens to a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub enum SnapshotChange {
    /// It stays as it is.
    Keep,
    /// The state after this turn, encoded.
    Replace {
        /// The encoded state.
        state: Bytes,
        /// The last turn it covers.
        turn: u64,
    },
}

/// One turn of one run: a row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnRow {
    /// Whose.
    pub key: RunKey,
    /// The line of history.
    pub branch: BranchId,
    /// Its number within the run and branch, from 1 without gaps (but for pruned ones).
    pub turn: u64,
    /// The first event in it; 0 where it holds marks alone.
    pub first_event_id: i64,
    /// The last event in it; 0 where it holds marks alone.
    pub last_event_id: i64,
    /// The encoded turn.
    pub data: Bytes,
}

/// A chain as it is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LoadedChain {
    /// The current run, where the chain has one.
    pub current: Option<RunId>,
    /// The runs asked for.
    pub runs: Vec<LoadedRun>,
}

/// A run as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedRun {
    /// Its row.
    pub row: RunRow,
    /// The rows of its log after the snapshot, in order.
    pub turns: Vec<TurnRow>,
}

/// A run that somebody has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WakeRow {
    /// Which.
    pub key: RunKey,
    /// Since or from when.
    pub wake_at: Timestamp,
    /// Its status number.
    pub status: i32,
}

/// Which part of a history to read.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRange {
    /// Whose.
    pub key: RunKey,
    /// Which line.
    pub branch: BranchId,
    /// The first event wanted.
    pub from_event: i64,
    /// One past the last event wanted.
    pub to_event: i64,
    /// Newest first.
    pub reverse: bool,
    /// At most so many rows.
    pub max_rows: usize,
    /// Stop after the row with which this many bytes are reached.
    pub max_bytes: usize,
}

/// Which lane a range of slots belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardRow {
    /// The shard.
    pub shard: ShardId,
    /// Its slots.
    pub slots: SlotRange,
    /// The lane that may write to them.
    pub lane: LaneId,
    /// Rises by one with every change, or the batch is refused: who writes it has seen what it replaces.
    pub version: u64,
}

/// A namespace as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NamespaceRow {
    /// For ever.
    pub id: NamespaceId,
    /// Unique among namespaces that are not deleted.
    pub name: String,
    /// Rises with every change: a change names the version it replaces.
    pub version: u64,
    /// The encoded `aevum.persistence.v1.Namespace`.
    pub data: Bytes,
}

/// What the cluster as a whole has agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterRow {
    /// For ever.
    pub id: String,
    /// Its name, as other clusters will know it.
    pub name: String,
    /// The version that the first failover of a namespace of this cluster starts from.
    pub initial_failover_version: i64,
    /// The newest row format that writers may use.
    pub format: u32,
    /// Shards at creation, for those who ask (they may split and merge since).
    pub created_shards: u32,
    /// Rises when anything that members cache (namespaces, search attributes, configuration) changed.
    pub version: u64,
}

/// A process that takes part in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// This incarnation: a process that starts again is another member.
    pub member: MemberId,
    /// What it serves and where, as membership writes it.
    pub services: String,
    /// Rises with every sign of life.
    pub beat: u64,
    /// It is about to leave: it hands over what it owns and gets nothing new.
    pub draining: bool,
    /// The newest row format that it reads.
    pub format: u32,
}

/// Who takes part, in one reading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roll {
    /// The members, by id.
    pub members: Vec<MemberRow>,
    /// The version of the cluster's row; 0 where there is none yet.
    pub version: u64,
}

/// A task that matching keeps in its stored backlog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpilledTask {
    /// Whose.
    pub key: ChainKey,
    /// The run.
    pub run: RunId,
    /// Its scheduled event.
    pub scheduled_event_id: i64,
    /// Its attempt.
    pub attempt: i32,
    /// Changes when options of the attempt change.
    pub stamp: i32,
    /// Order within the queue: priority key first (1 is most urgent), then time.
    pub priority: i32,
    /// When it was added.
    pub added: Timestamp,
    /// When it is not wanted any more; [`Timestamp::MAX`] for never.
    pub expires: Timestamp,
}

/// Tasks per priority: how many, and when the oldest was added.
pub type Levels = BTreeMap<i32, (u64, Timestamp)>;

/// Names a stored backlog.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BacklogKey {
    /// Whose.
    pub namespace: NamespaceId,
    /// Workflow or activity tasks.
    pub kind: TaskQueueKind,
    /// Its name.
    pub queue: TaskQueueName,
}
