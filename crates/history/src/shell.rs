//! What all parts of the service share: ports, options, the chains in memory, the lane, the wheel, and the tasks in progress.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use history_engine::{Env, Input, NamespaceFacts};
use model::{ChainKey, NamespaceId, RunId, SlotId, Timestamp};
use parking_lot::Mutex;
use rpc::services::NamespaceRef;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chain::park::Idle;
use crate::chain::{Cache, Cell, Losses, Resident, speak};
use crate::error;
use crate::lane::Lane;
use crate::metrics::Metrics;
use crate::options::Options;
use crate::ports::Ports;
use crate::shard::Shards;
use crate::timers::{Due, Entry, Expired, Wheel};
use crate::visibility::Batcher;

const STARTING: u8 = 0;
const READY: u8 = 1;
const STOPPING: u8 = 2;

/// The inside of the service.
pub(crate) struct Shell {
    pub(crate) options: Options,
    pub(crate) ports: Ports,
    pub(crate) metrics: Metrics,
    pub(crate) cache: Cache,
    pub(crate) losses: Losses,
    pub(crate) lane: Lane,
    pub(crate) shards: Shards,
    pub(crate) wheel: Wheel,
    pub(crate) idle: Idle,
    pub(crate) dirty: Batcher,
    /// Loads at once.
    pub(crate) loads: Semaphore,
    /// Tasks in progress at once.
    pub(crate) dispatches: Semaphore,
    /// Wake-ups of resident chains at once: they leave room in the lane for what workers and callers bring.
    pub(crate) wakes: Arc<Semaphore>,
    /// Every spawned future; joined before `run` returns.
    pub(crate) tracker: TaskTracker,
    /// Ends dispatching and long polls.
    pub(crate) stop: CancellationToken,
    /// Ends long polls alone.
    pub(crate) polls: CancellationToken,
    /// Parked runs whose time has come.
    pub(crate) ripe: Mutex<Vec<Entry>>,
    pub(crate) ripened: Notify,
    /// Closed runs whose retention is over.
    pub(crate) expired: Expired,
    life: AtomicU8,
    became_ready: Notify,
    ready_since: OnceLock<Timestamp>,
}

impl Shell {
    pub(crate) fn new(options: Options, ports: Ports) -> Self {
        let stop = CancellationToken::new();
        Self {
            metrics: Metrics::new(&ports.meter),
            cache: Cache::default(),
            losses: Losses::default(),
            lane: Lane::new(&options),
            shards: Shards::new(ports.ownership.shared()),
            wheel: Wheel::default(),
            idle: Idle::default(),
            dirty: Batcher::default(),
            loads: Semaphore::new(options.load_concurrency),
            dispatches: Semaphore::new(options.dispatch_concurrency),
            wakes: Arc::new(Semaphore::new((options.queue_turns / 2).max(1))),
            tracker: TaskTracker::new(),
            polls: stop.child_token(),
            stop,
            ripe: Mutex::default(),
            ripened: Notify::new(),
            expired: Expired::default(),
            life: AtomicU8::new(STARTING),
            became_ready: Notify::new(),
            ready_since: OnceLock::new(),
            options,
            ports,
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.life.load(Ordering::Acquire) != STARTING
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.life.load(Ordering::Acquire) == STOPPING
    }

    /// Since when workers can reach the owner of this slot.
    pub(crate) fn in_reach_since(&self, slot: SlotId) -> Option<Timestamp> {
        self.shards.served_since(slot).or_else(|| self.ready_since.get().copied())
    }

    pub(crate) fn set_ready(&self) {
        let _ = self.ready_since.set(self.ports.clock.now());
        self.life.store(READY, Ordering::Release);
        self.became_ready.notify_waiters();
    }

    pub(crate) fn set_stopping(&self) {
        self.life.store(STOPPING, Ordering::Release);
        self.stop.cancel();
        self.became_ready.notify_waiters();
    }

    /// Waits until calls are accepted.
    pub(crate) async fn ready(&self) {
        loop {
            let ready = self.became_ready.notified();
            tokio::pin!(ready);
            ready.as_mut().enable();
            if self.is_ready() {
                return;
            }
            ready.await;
        }
    }

    /// What the engine may know for a turn now.
    pub(crate) fn env(&self, id: NamespaceId) -> Result<Env, rpc::Error> {
        let info = self.ports.namespaces.namespace(id).ok_or_else(|| rpc::Error::NamespaceNotFound(id.to_string()))?;
        Ok(Env {
            now: self.ports.clock.now(),
            limits: self.ports.settings.limits(&info.name),
            namespace: NamespaceFacts { name: info.name.to_string(), id: id.to_string(), version: info.version },
            seed: (self.ports.ids)(),
        })
    }

    /// A namespace as calls name it.
    pub(crate) fn namespace(&self, id: NamespaceId) -> Option<NamespaceRef> {
        self.ports.namespaces.namespace(id).map(|info| NamespaceRef { id, name: info.name })
    }

    /// Sees to it that a resident chain is woken in time. Its cell is locked.
    pub(crate) fn arm(&self, cell: &Cell, resident: &mut Resident) {
        const PAUSE: Duration = Duration::from_secs(1);
        let Some(mut at) = resident.chain.next_wake() else { return };
        if resident.woken == Some(at) {
            // It was woken for this and nothing came of it: not again at once.
            at = self.ports.clock.now() + PAUSE;
        }
        if resident.armed.is_none_or(|armed| at < armed) {
            self.wheel.arm(&cell.key, resident.armed, at);
            resident.armed = Some(at);
        }
    }

    /// Something in the wheel fell due; a chain's wake-up gives its place back once it is durable.
    pub(crate) fn fell_due(self: &Arc<Self>, due: Due, place: Option<OwnedSemaphorePermit>) {
        match due {
            Due::Chain(key) => {
                if let Some(cell) = self.cache.find(&key) {
                    self.wake_resident(cell, place);
                }
            }
            Due::Run(entry) if !self.shards.serves(entry.key.chain.slot()) => {}
            Due::Run(entry) if entry.closed && entry.at > Timestamp::EPOCH => self.expired.push(entry),
            Due::Run(entry) => {
                self.ripe.lock().push(entry);
                self.ripened.notify_one();
            }
        }
    }

    fn wake_resident(self: &Arc<Self>, cell: Arc<Cell>, place: Option<OwnedSemaphorePermit>) {
        {
            let mut state = cell.lock();
            let Some(resident) = state.resident.as_mut() else { return };
            resident.armed = None;
            let now = self.ports.clock.now();
            match resident.chain.next_wake() {
                None => return,
                Some(at) if at > now => return self.arm(&cell, resident),
                Some(at) => resident.woken = Some(at),
            }
        }
        let shell = self.clone();
        self.tracker.spawn(async move {
            if let Err(error) = shell.turn_on(&cell, &Input::Wake).await {
                tracing::debug!(chain = %cell.key, %error, "a wake-up failed");
            }
            drop(place);
            let mut state = cell.lock();
            if let Some(resident) = state.resident.as_mut() {
                if resident.chain.next_wake() != resident.woken {
                    resident.woken = None;
                }
                shell.arm(&cell, resident);
            }
        });
    }

    /// Takes a turn of our own that nobody waits for.
    pub(crate) fn own_turn(self: &Arc<Self>, cell: Arc<Cell>, input: Input) {
        let shell = self.clone();
        self.tracker.spawn(async move {
            if let Err(error) = shell.turn_on(&cell, &input).await {
                tracing::debug!(chain = %cell.key, %error, "a turn of our own failed");
            }
        });
    }

    /// Has a chain and these runs of it in memory after a pause, so that it does what it owes. Tries until they are there.
    pub(crate) fn wake_chain(self: &Arc<Self>, key: ChainKey, runs: BTreeSet<RunId>, pause: Duration) {
        let shell = self.clone();
        self.tracker.spawn(async move {
            tokio::select! {
                biased;
                () = shell.stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            for run in std::iter::once(None).chain(runs.into_iter().map(Some)) {
                shell.bring_in(&key, run).await;
            }
        });
    }

    /// Has a chain (and one run of it) in memory. Tries until it is there.
    pub(crate) async fn bring_in(self: &Arc<Self>, key: &ChainKey, run: Option<RunId>) {
        let (mut wait, longest) = self.options.dispatch_backoff;
        loop {
            let cell = self.cache.cell(key);
            match self.read(&cell, run, |_, _| ()).await {
                Ok(()) => return,
                Err(rpc::Error::Moved(_)) => return,
                Err(error @ rpc::Error::DataLoss(_)) => {
                    tracing::error!(chain = %key, %error, "a chain cannot be read; nothing of it goes on");
                    return;
                }
                Err(error) => tracing::warn!(chain = %key, %error, "a chain cannot be loaded"),
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(longest),
            }
        }
    }

    /// Somebody else owns the lane: nothing in memory is worth anything.
    pub(crate) fn forget_everything(self: &Arc<Self>) {
        self.set_stopping();
        for cell in self.cache.all() {
            let generation = cell.lock().generation;
            speak::discard(self, &cell, generation, &error::fenced());
        }
    }

    /// Handles parked runs whose time has come, a bounded number at once.
    pub(crate) async fn wake_parked(self: Arc<Self>, stop: CancellationToken) {
        let permits = Arc::new(Semaphore::new(self.options.load_concurrency));
        loop {
            let ripe = std::mem::take(&mut *self.ripe.lock());
            if ripe.is_empty() {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    () = self.ripened.notified() => continue,
                }
            }
            for entry in ripe {
                let permit = tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    permit = permits.clone().acquire_owned() => permit,
                };
                let shell = self.clone();
                self.tracker.spawn(async move {
                    shell.bring_in(&entry.key.chain, Some(entry.key.run)).await;
                    drop(permit);
                });
            }
        }
    }
}

/// Does something that a bug of ours must not turn into more than its own failure; `None` where it panicked (and said so).
pub(crate) fn survive<T>(what: &str, work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| tracing::error!("{what} panicked; this is a bug")).ok()
}
