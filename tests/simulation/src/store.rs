//! The way from a process to the store: slow, unreliable, and cut when the process dies.
//!
//! [`Wire`] (one per process) delays everything; a process that dies while a commit is in flight leaves a torn write, which
//! lands a little later or never. Below it are the seeded [`faults`], and below those [`Observed`], which shows the
//! [`crate::log::Log`] what really landed in memory.

pub(crate) mod faults;
mod observed;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::{ChainKey, Epoch, LaneId, MemberId, RunId, SlotRange, Timestamp};
use parking_lot::Mutex;
use persistence::decorate::fault::FaultyLanes;
use persistence::{
    Backlog, BacklogKey, Batch, Error, History, HistoryRange, LaneState, LaneStore, Levels, LoadedChain, Memory, Outcome,
    SpilledTask, Stores, TurnRow, WakeRow,
};
use tokio_util::sync::CancellationToken;

use crate::clock::WallClock;
use crate::log::Log;
use crate::rng::Rng;
use faults::Chaos;
pub(crate) use observed::{Lists, Observed};

/// Everything that outlives a process.
pub(crate) struct Disk {
    pub(crate) memory: Memory,
    pub(crate) lists: Arc<Lists>,
    pub(crate) log: Arc<Mutex<Log>>,
    pub(crate) chaos: Arc<Chaos>,
    observed: Arc<Observed>,
    rng: Rng,
}

impl Disk {
    pub(crate) fn new(rng: &Rng, wall: Arc<WallClock>) -> Self {
        let lists = Arc::new(Lists::default());
        let memory = Memory::new(lists.clone());
        let log = Arc::new(Mutex::new(Log::default()));
        let observed = Arc::new(Observed { inner: memory.stores().lanes, log: log.clone(), wall });
        Self { memory, lists, log, chaos: Arc::new(Chaos::new(rng.fork("chaos"))), observed, rng: rng.fork("wire") }
    }

    /// The stores as process `number` reaches them, until `dead`.
    pub(crate) fn stores(&self, number: u64, dead: &CancellationToken) -> Stores {
        let faulty: Arc<dyn LaneStore> = Arc::new(FaultyLanes::new(self.observed.clone(), self.chaos.clone()));
        let stores = self.memory.stores();
        let wire = Arc::new(Wire {
            lanes: faulty,
            below: self.observed.clone(),
            history: stores.history,
            backlog: stores.backlog,
            chaos: self.chaos.clone(),
            dead: dead.clone(),
            rng: Mutex::new(self.rng.fork(&number.to_string())),
        });
        Stores {
            lanes: wire.clone(),
            history: wire.clone(),
            backlog: wire,
            namespaces: stores.namespaces,
            cluster: stores.cluster,
        }
    }
}

/// One process's way to the store.
struct Wire {
    lanes: Arc<dyn LaneStore>,
    below: Arc<Observed>,
    history: Arc<dyn History>,
    backlog: Arc<dyn Backlog>,
    chaos: Arc<Chaos>,
    dead: CancellationToken,
    rng: Mutex<Rng>,
}

impl Wire {
    /// Takes its time; for ever where the process is dead.
    async fn travel(&self, longest: i64) {
        let time = self.rng.lock().millis(0, longest);
        if !time.is_zero() {
            crate::clock::wait(time).await;
        }
        if self.dead.is_cancelled() {
            std::future::pending::<()>().await;
        }
    }

    async fn read(&self) -> Result<(), Error> {
        self.travel(2).await;
        if self.chaos.read_fails() { Err(Error::Unavailable("the store does not answer".into())) } else { Ok(()) }
    }
}

/// What a commit writes, in a line.
fn summary(at: &LaneState, batch: &Batch) -> String {
    let mut text = format!("commit epoch {} seq {}:", at.epoch.get(), at.seq);
    let short = |key: &model::RunKey| format!("{}@{}", key.chain.id, &key.run.to_string()[..8]);
    for run in batch.starts.iter().chain(&batch.new_runs) {
        text.push_str(&format!(" new {}", short(&run.key)));
    }
    for row in &batch.turns {
        text.push_str(&format!(" {}#{}", short(&row.key), row.turn));
    }
    for change in &batch.changes {
        text.push_str(&format!(" {} wakes {}", short(&change.key), change.wake_at.as_millis()));
    }
    for key in &batch.deletes {
        text.push_str(&format!(" delete {}", short(key)));
    }
    text
}

/// A commit on its way: dropped before it arrived, it lands later all the same, or is lost.
struct InFlight<'a> {
    wire: &'a Wire,
    at: &'a LaneState,
    batch: &'a Batch,
    arrived: bool,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if self.arrived {
            return;
        }
        self.wire.chaos.count_torn();
        let (lands, late) = {
            let mut rng = self.wire.rng.lock();
            (rng.chance(2, 3), rng.millis(0, 400))
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if lands {
            let (below, at, batch) = (self.wire.below.clone(), *self.at, self.batch.clone());
            let chaos = self.wire.chaos.clone();
            runtime.spawn(async move {
                crate::clock::wait(late).await;
                // Nobody is left to hear how it ended.
                let outcome = below.commit(&at, &batch).await;
                chaos.say(|| format!("late: {} -> {outcome:?}", summary(&at, &batch)));
            });
        }
    }
}

#[async_trait]
impl LaneStore for Wire {
    async fn acquire(&self, lane: LaneId, from: Option<Epoch>, me: MemberId) -> Result<LaneState, Error> {
        self.travel(4).await;
        let result = self.lanes.acquire(lane, from, me).await;
        self.travel(4).await;
        result
    }

    async fn lane(&self, lane: LaneId) -> Result<Option<LaneState>, Error> {
        self.travel(2).await;
        self.lanes.lane(lane).await
    }

    async fn commit(&self, at: &LaneState, batch: &Batch) -> Outcome {
        let mut flight = InFlight { wire: self, at, batch, arrived: false };
        self.travel(12).await;
        flight.arrived = true;
        let outcome = self.lanes.commit(at, batch).await;
        self.chaos.say(|| format!("{} -> {outcome:?}", summary(at, batch)));
        self.travel(8).await;
        if matches!(outcome, Outcome::Unknown(_)) {
            // A time-out takes longer than an answer.
            crate::clock::wait(Duration::from_millis(200)).await;
        }
        outcome
    }

    async fn load(&self, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, Error> {
        self.travel(3).await;
        self.lanes.load(chain, run).await
    }

    async fn scan_wake(
        &self,
        slots: SlotRange,
        until: Timestamp,
        after: Option<&WakeRow>,
        limit: usize,
    ) -> Result<Vec<WakeRow>, Error> {
        self.travel(3).await;
        self.lanes.scan_wake(slots, until, after, limit).await
    }
}

#[async_trait]
impl History for Wire {
    async fn read(&self, range: &HistoryRange) -> Result<Vec<TurnRow>, Error> {
        Wire::read(self).await?;
        self.history.read(range).await
    }
}

#[async_trait]
impl Backlog for Wire {
    async fn acquire(&self, queue: &BacklogKey, me: MemberId) -> Result<Epoch, Error> {
        Wire::read(self).await?;
        self.backlog.acquire(queue, me).await
    }

    async fn spill(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error> {
        Wire::read(self).await?;
        self.backlog.spill(queue, epoch, tasks).await
    }

    async fn read(&self, queue: &BacklogKey, after: Option<&SpilledTask>, limit: usize) -> Result<Vec<SpilledTask>, Error> {
        Wire::read(self).await?;
        self.backlog.read(queue, after, limit).await
    }

    async fn remove(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error> {
        Wire::read(self).await?;
        self.backlog.remove(queue, epoch, tasks).await
    }

    async fn count(&self, queue: &BacklogKey) -> Result<Levels, Error> {
        self.travel(2).await;
        self.backlog.count(queue).await
    }

    async fn queues(&self) -> Result<Vec<BacklogKey>, Error> {
        self.travel(2).await;
        self.backlog.queues().await
    }
}
