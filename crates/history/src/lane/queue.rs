//! Turns that wait for the next commit.

use std::collections::VecDeque;
use std::sync::Arc;

use history_engine::{Effect, Task};
use model::visibility::VisibilityRow;
use model::{RunId, RunKey};
use parking_lot::Mutex;
use persistence::{NewRun, RunChange, ShardRow, TurnRow};
use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::chain::{Cell, Reply};
use crate::options::Options;

use super::pace::{LULL, Pace};

/// One turn on its way to the store.
pub(crate) struct LaneTurn {
    /// Its place in the lane, from 1; set by [`Lane::push`].
    pub(crate) position: u64,
    /// Whose turn.
    pub(crate) cell: Arc<Cell>,
    /// The life of the chain's memory that it belongs to: another one means that the memory it built on is gone.
    pub(crate) generation: u64,
    /// What it writes.
    pub(crate) rows: Rows,
    /// Bytes of `rows`, about.
    pub(crate) bytes: usize,
    /// What leaves afterwards.
    pub(crate) then: Then,
}

/// The rows of one turn.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    /// A start of a chain that is not resident.
    pub(crate) start: Option<NewRun>,
    pub(crate) new_runs: Vec<NewRun>,
    pub(crate) changes: Vec<RunChange>,
    pub(crate) turns: Vec<TurnRow>,
    pub(crate) visibility: Vec<VisibilityRow>,
    pub(crate) visibility_deletes: Vec<(RunKey, i64)>,
    pub(crate) prunes: Vec<(RunKey, u64)>,
    pub(crate) deletes: Vec<RunKey>,
    /// Shards that go to other lanes.
    pub(crate) shards: Vec<ShardRow>,
}

impl Rows {
    /// Takes a run away, from lists too. A run id is never used again, so its tombstone is newer than anything.
    pub(crate) fn delete(&mut self, key: RunKey) {
        self.visibility_deletes.push((key.clone(), i64::MAX));
        self.deletes.push(key);
    }

    /// About how many bytes go over the wire.
    pub(crate) fn bytes(&self) -> usize {
        const ROW: usize = 96;
        let snapshots = self.changes.iter().map(|change| match &change.snapshot {
            persistence::SnapshotChange::Replace { state, .. } => ROW + state.len(),
            persistence::SnapshotChange::Keep => ROW,
        });
        ROW * (1 + self.new_runs.len() + self.deletes.len())
            + self.turns.iter().map(|row| ROW + row.data.len()).sum::<usize>()
            + snapshots.sum::<usize>()
            + self.visibility.iter().map(|row| 4 * ROW + row.memo.len()).sum::<usize>()
    }
}

/// What leaves once the turn is durable.
#[derive(Default)]
pub(crate) struct Then {
    /// Who waits, and for which answer.
    pub(crate) reply: Option<Reply>,
    /// What became owed.
    pub(crate) tasks: Vec<Task>,
    /// What may be lost.
    pub(crate) effects: Vec<Effect>,
    /// The next event id of every run that the turn wrote to, and whether the run is closed.
    pub(crate) runs: Vec<(RunId, i64)>,
    /// The chain was not resident: nothing else is decided on it before this has landed.
    pub(crate) provisional: bool,
    /// Nobody waits for it: an idle chain leaves memory, or a searchable row is written.
    pub(crate) housekeeping: bool,
    /// A run of a chain that is not in memory is removed; the chain stays busy until then.
    pub(crate) removal: bool,
    /// Shards were handed over: whether that is stored.
    pub(crate) handed: Option<oneshot::Sender<bool>>,
    /// A place among the deletions that may be on their way, given back with the outcome.
    pub(crate) place: Option<OwnedSemaphorePermit>,
}

/// How full the lane is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pressure {
    /// Everything is accepted.
    Low,
    /// New work is refused.
    High,
    /// Completions are refused as well.
    Full,
}

/// The queue before one lane's writer.
pub(crate) struct Lane {
    queue: Mutex<Queue>,
    /// The first turn has come, or enough of them.
    filled: Notify,
    /// With so many turns a commit is not held back; `None` where none ever is.
    enough: Option<usize>,
}

#[derive(Default)]
struct Queue {
    next: u64,
    turns: VecDeque<LaneTurn>,
    bytes: usize,
    /// Of these, housekeeping's.
    own_turns: usize,
    own_bytes: usize,
    closed: bool,
    /// When the first of the turns that wait was pushed.
    since: Option<Instant>,
    pace: Pace,
}

impl Queue {
    fn pressure(&self, options: &Options) -> Pressure {
        let load = |times: usize| {
            self.turns.len() >= options.queue_turns.saturating_mul(times)
                || self.bytes >= options.queue_bytes.saturating_mul(times)
        };
        if load(2) {
            Pressure::Full
        } else if load(1) {
            Pressure::High
        } else {
            Pressure::Low
        }
    }

    /// Takes the first turns out.
    fn take(&mut self, count: usize) -> Vec<LaneTurn> {
        let turns: Vec<LaneTurn> = self.turns.drain(..count).collect();
        for turn in &turns {
            self.bytes = self.bytes.saturating_sub(turn.bytes);
            if turn.then.housekeeping {
                self.own_turns -= 1;
                self.own_bytes -= turn.bytes;
            }
        }
        turns
    }
}

impl Lane {
    pub(crate) fn new(options: &Options) -> Self {
        Self { queue: Mutex::default(), filled: Notify::new(), enough: (!options.hold.is_zero()).then_some(options.hold_turns) }
    }

    /// Adds a turn; the caller holds its chain's lock, so that the order is that of the decisions. Gives its position, or the
    /// turn back where the lane is closed.
    pub(crate) fn push(&self, mut turn: LaneTurn) -> Result<u64, Box<LaneTurn>> {
        let mut queue = self.queue.lock();
        if queue.closed {
            return Err(Box::new(turn));
        }
        queue.next += 1;
        let position = queue.next;
        turn.position = position;
        queue.bytes += turn.bytes;
        if turn.then.housekeeping {
            queue.own_turns += 1;
            queue.own_bytes += turn.bytes;
        }
        let waiting = queue.turns.len() + 1;
        if self.enough.is_some() {
            let now = Instant::now();
            queue.pace.note(&turn.cell, now);
            if waiting == 1 {
                queue.since = Some(now);
            }
        }
        queue.turns.push_back(turn);
        drop(queue);
        if waiting == 1 || Some(waiting) == self.enough {
            self.filled.notify_one();
        }
        Ok(position)
    }

    /// How full it is.
    pub(crate) fn pressure(&self, options: &Options) -> Pressure {
        self.queue.lock().pressure(options)
    }

    /// Whether housekeeping may add a turn. Its own share alone counts, so that it goes on however many calls come.
    pub(crate) fn has_room_for_housekeeping(&self, options: &Options) -> bool {
        let queue = self.queue.lock();
        let share = options.housekeeping_share.max(1);
        queue.pressure(options) == Pressure::Low
            && queue.own_turns < options.queue_turns / share
            && queue.own_bytes < options.queue_bytes / share
    }

    /// No more turns: the process was fenced, or has drained.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
        self.filled.notify_one();
    }

    /// Everything that still waits (after [`Lane::close`]).
    pub(crate) fn drain(&self) -> Vec<LaneTurn> {
        let mut queue = self.queue.lock();
        let all = queue.turns.len();
        queue.take(all)
    }

    /// The next batch: a prefix of the queue that fits one commit. As soon as there is a turn; in a crowd, a little later (see
    /// [`super::pace`]). `None` once closed and empty.
    pub(crate) async fn next(&self, options: &Options) -> Option<Vec<LaneTurn>> {
        loop {
            if let Some(until) = self.hold(options) {
                self.gather(until).await;
            }
            {
                let mut queue = self.queue.lock();
                if !queue.turns.is_empty() {
                    let taken = super::batch::prefix(&queue.turns, options);
                    let turns = queue.take(taken);
                    if queue.turns.is_empty() {
                        queue.since = None;
                    }
                    return Some(turns);
                }
                if queue.closed {
                    return None;
                }
            }
            self.filled.notified().await;
        }
    }

    /// Until when the turns that wait are held for others; `None` where they leave at once.
    fn hold(&self, options: &Options) -> Option<Instant> {
        let queue = self.queue.lock();
        let now = Instant::now();
        let until = queue.since? + options.hold;
        let held = until > now && self.may_grow(&queue) && queue.pace.is_crowded(now, options.hold);
        held.then_some(until)
    }

    /// Waits until enough turns have come, nobody comes any more, or `until`.
    async fn gather(&self, until: Instant) {
        let mut seen = 0;
        let mut look = Instant::now();
        loop {
            {
                let queue = self.queue.lock();
                let now = Instant::now();
                if !self.may_grow(&queue) || now >= until {
                    return;
                }
                if now >= look {
                    if queue.turns.len() == seen {
                        return;
                    }
                    (seen, look) = (queue.turns.len(), now + LULL);
                }
            }
            // Woken for nothing by the first turn of all: the queue is looked at again.
            let _ = timeout_at(look.min(until), self.filled.notified()).await;
        }
    }

    fn may_grow(&self, queue: &Queue) -> bool {
        !queue.closed && self.enough.is_some_and(|enough| (1..enough).contains(&queue.turns.len()))
    }
}
