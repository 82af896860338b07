//! One seed: the stage, its misfortunes, and the end at which everything must have come to an end.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use model::{ChainKey, RunId, WorkflowId};
use parking_lot::Mutex;
use proto::temporal::api::history::v1::HistoryEvent;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::WallClock;
use crate::coverage::Coverage;
use crate::invariants::{Violation, at_end, of_answers};
use crate::log::RunLog;
use crate::process::{Process, namespace};
use crate::rng::{self, Rng};
use crate::store::Disk;
use crate::{client, coverage, process, worker};
use of_answers::Fact;

/// Bounds of the services in this world.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) history: history::Options,
    pub(crate) matching: matching::Options,
}

/// Everything on the stage.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) rng: Rng,
    pub(crate) wall: Arc<WallClock>,
    pub(crate) disk: Disk,
    pub(crate) settings: Settings,
    now: Mutex<Option<Arc<Process>>>,
    arrived: Notify,
    /// Fate is at work on the process: nobody else replaces it.
    fated: AtomicBool,
    /// The seed is over: somebody found a fault, or all is done.
    pub(crate) over: CancellationToken,
    pub(crate) facts: Mutex<Vec<Fact>>,
    pub(crate) handed_out: Mutex<BTreeSet<(RunId, i64, i32)>>,
    pub(crate) violation: Mutex<Option<Violation>>,
    pub(crate) counts: Counts,
    /// Whether programs hurry to their end.
    pub(crate) finale: CancellationToken,
    told: AtomicU64,
    processes: AtomicU64,
    verbose: bool,
}

/// How often the world did something.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) crashes: AtomicU64,
    pub(crate) drains: AtomicU64,
    pub(crate) takeovers: AtomicU64,
    pub(crate) jumps: AtomicU64,
    pub(crate) calls: AtomicU64,
}

/// What became of a seed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Report {
    pub(crate) violation: Option<Violation>,
    pub(crate) hash: u64,
    pub(crate) turns: u64,
    pub(crate) executions: u64,
    pub(crate) crashes: u64,
    pub(crate) takeovers: u64,
    pub(crate) drains: u64,
    pub(crate) unknown: u64,
    pub(crate) torn: u64,
    pub(crate) failed: u64,
    pub(crate) jumps: u64,
    pub(crate) calls: u64,
    pub(crate) facts: u64,
    pub(crate) coverage: Coverage,
    pub(crate) virtual_seconds: u64,
}

impl World {
    pub(crate) fn new(seed: u64, settings: Option<Settings>, verbose: bool) -> Arc<Self> {
        let rng = Rng::new(seed);
        let wall = Arc::new(WallClock::new());
        let settings = settings.unwrap_or_else(|| process::settings(&mut rng.fork("settings")));
        Arc::new(Self {
            seed,
            wall: wall.clone(),
            disk: Disk::new(&rng.fork("disk"), wall),
            rng,
            settings,
            now: Mutex::new(None),
            arrived: Notify::new(),
            fated: AtomicBool::new(false),
            over: CancellationToken::new(),
            facts: Mutex::default(),
            handed_out: Mutex::default(),
            violation: Mutex::default(),
            counts: Counts::default(),
            finale: CancellationToken::new(),
            told: AtomicU64::new(0),
            processes: AtomicU64::new(0),
            verbose,
        })
    }

    /// Prints a line of the trace, where somebody wants one; it always counts for the hash.
    pub(crate) fn say(&self, line: impl FnOnce() -> String) {
        let line = line();
        let told = rng::hash(self.told.load(Ordering::Relaxed), line.as_bytes());
        self.told.store(told, Ordering::Relaxed);
        if self.verbose {
            eprintln!("{:>10.3} {line}", self.wall.elapsed().as_secs_f64());
        }
    }

    /// The first fault ends the seed.
    pub(crate) fn fault(&self, violation: Violation) {
        self.say(|| format!("FAULT {violation:?}"));
        self.violation.lock().get_or_insert(violation);
        self.over.cancel();
    }

    /// Whether anything is wrong in what has landed so far.
    pub(crate) fn check(&self) {
        let first = self.disk.log.lock().violations.first().cloned();
        if let Some(violation) = first {
            self.fault(violation);
        }
    }

    /// Somebody outside was told this.
    pub(crate) fn told(&self, fact: Fact) {
        self.say(|| format!("told {fact:?}"));
        let lost = of_answers::acknowledged_replies_are_durable(&self.disk.log.lock(), &fact);
        if let Some(detail) = lost {
            self.fault(Violation { invariant: of_answers::NAMES[0], detail });
        }
        if let Fact::AttemptHandedOut { run, scheduled_event_id, attempt, .. } = &fact
            && !self.handed_out.lock().insert((*run, *scheduled_event_id, *attempt))
        {
            self.fault(Violation { invariant: of_answers::NAMES[2], detail: format!("{fact:?}") });
        }
        self.facts.lock().push(fact);
        self.check();
    }

    /// Somebody outside was shown these events.
    pub(crate) fn shown(&self, chain: &ChainKey, run: RunId, events: &[HistoryEvent]) {
        let wrong = of_answers::answers_follow_commits(&self.disk.log.lock(), chain, run, events);
        if let Some(detail) = wrong {
            self.fault(Violation { invariant: of_answers::NAMES[1], detail });
        }
    }

    /// The process that answers now; waits while there is none.
    pub(crate) async fn process(&self) -> Arc<Process> {
        loop {
            let arrived = self.arrived.notified();
            if let Some(process) = self.alive() {
                return process;
            }
            let _changed = tokio::time::timeout(Duration::from_millis(50), arrived).await;
        }
    }

    /// The process that answers now, if there is one.
    pub(crate) fn alive(&self) -> Option<Arc<Process>> {
        self.now.lock().as_ref().filter(|process| !process.dead.is_cancelled()).cloned()
    }

    /// Starts a process, as often as it takes.
    pub(crate) async fn boot(self: &Arc<Self>) {
        loop {
            let number = self.processes.fetch_add(1, Ordering::Relaxed) + 1;
            self.say(|| format!("process {number} starts"));
            if let Some(process) = Process::boot(self, number).await {
                self.say(|| format!("process {number} is ready"));
                *self.now.lock() = Some(process);
                self.arrived.notify_waiters();
                return;
            }
        }
    }

    /// Replaces a process that died by itself, for ever.
    pub(crate) async fn supervise(self: &Arc<Self>) {
        loop {
            crate::clock::wait(Duration::from_millis(400)).await;
            if self.alive().is_none() && !self.fated.load(Ordering::Relaxed) {
                self.boot().await;
            }
        }
    }

    /// Kills the process, waits, and starts another one.
    pub(crate) async fn crash(self: &Arc<Self>, down: Duration) {
        self.fated.store(true, Ordering::Relaxed);
        self.counts.crashes.fetch_add(1, Ordering::Relaxed);
        self.say(|| "crash".to_owned());
        let process = self.now.lock().take();
        if let Some(process) = process {
            process.kill();
        }
        crate::clock::wait(down).await;
        self.boot().await;
        self.fated.store(false, Ordering::Relaxed);
    }

    /// Ends the process in order, and starts another one.
    pub(crate) async fn restart(self: &Arc<Self>) {
        self.fated.store(true, Ordering::Relaxed);
        self.counts.drains.fetch_add(1, Ordering::Relaxed);
        self.say(|| "drain".to_owned());
        let process = self.now.lock().clone();
        if let Some(process) = process {
            process.drain().await;
        }
        self.boot().await;
        self.fated.store(false, Ordering::Relaxed);
    }

    /// Another process takes over while this one still believes that it is the owner.
    pub(crate) async fn take_over(self: &Arc<Self>) {
        self.counts.takeovers.fetch_add(1, Ordering::Relaxed);
        self.say(|| "take-over".to_owned());
        self.boot().await;
    }

    pub(crate) fn chain(id: &str) -> Option<ChainKey> {
        Some(ChainKey::workflow(namespace().id, WorkflowId::parse(id).ok()?))
    }

    /// Lets everybody finish: nothing fails any more, and time passes until nothing is open (or no time is left).
    pub(crate) async fn finish(self: &Arc<Self>) {
        self.disk.chaos.set_active(false);
        self.finale.cancel();
        self.say(|| "finale".to_owned());
        if self.alive().is_none() {
            self.boot().await;
        }
        let mut caretaker = client::Client::new(self, "caretaker");
        for round in 0..200u64 {
            crate::clock::wait(Duration::from_secs(3)).await;
            self.check();
            // What would go on for ever is told to stop.
            let endless: Vec<ChainKey> = {
                let log = self.disk.log.lock();
                let cron = |run: &&RunLog| run.started().is_some_and(|of| !of.cron_schedule.is_empty());
                log.open().into_iter().filter(cron).map(|run| run.key.chain.clone()).collect()
            };
            for chain in endless {
                caretaker.terminate(chain.id.as_str()).await;
            }
            let owed = {
                let log = self.disk.log.lock();
                log.runs.values().any(|run| run.is_open() || (!run.deleted && !run.owed.is_empty()))
            };
            if self.over.is_cancelled() || !owed {
                break;
            }
            if self.alive().is_none() {
                self.boot().await;
            }
            if round % 40 == 39 {
                // What waits for hours need not be waited for.
                self.wall.jump(6 * 3600);
            }
        }
        crate::clock::wait(Duration::from_secs(3)).await;
        self.check();
        if !self.over.is_cancelled() {
            let facts = self.facts.lock().clone();
            let found = at_end::of_the_end(&self.disk, &facts).await;
            if let Some(violation) = found.into_iter().next() {
                self.fault(violation);
            }
        }
        if !self.over.is_cancelled() {
            self.outlive().await;
        }
        self.over.cancel();
    }

    /// Lets the retention of all runs pass.
    async fn outlive(&self) {
        self.wall.jump(i64::try_from(process::RETENTION.as_secs()).unwrap_or(0) + 2 * 3600);
        let mut kept = None;
        for _ in 0..60 {
            crate::clock::wait(Duration::from_secs(5)).await;
            self.check();
            kept = at_end::nothing_outlives_its_retention(&self.disk);
            if kept.is_none() {
                return;
            }
        }
        kept.into_iter().for_each(|violation| self.fault(violation));
    }

    pub(crate) fn report(&self) -> Report {
        let log = self.disk.log.lock();
        let chaos = &self.disk.chaos;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut coverage = log.coverage.clone();
        coverage.add(&coverage::take_inputs());
        Report {
            violation: self.violation.lock().clone(),
            hash: log.hash ^ read(&self.told),
            turns: log.turns,
            executions: log.runs.len() as u64,
            crashes: read(&self.counts.crashes),
            takeovers: read(&self.counts.takeovers),
            drains: read(&self.counts.drains),
            unknown: read(&chaos.unknown),
            torn: read(&chaos.torn),
            failed: read(&chaos.failed),
            jumps: read(&self.counts.jumps),
            calls: read(&self.counts.calls),
            facts: self.facts.lock().len() as u64,
            coverage,
            virtual_seconds: self.wall.elapsed().as_secs(),
        }
    }
}

/// Plays a seed on a runtime of its own.
pub(crate) fn play(seed: u64, verbose: bool) -> Report {
    on_stage(|| async move {
        let world = World::new(seed, None, verbose);
        world.boot().await;
        world.disk.chaos.set_active(true);
        world.disk.chaos.set_verbose(verbose);
        worker::hire(&world);
        tokio::select! {
            biased;
            () = world.over.cancelled() => {}
            () = client::play(&world) => {}
        }
        if !world.over.is_cancelled() {
            tokio::select! {
                biased;
                () = world.over.cancelled() => {}
                () = world.finish() => {}
            }
        }
        world.report()
    })
}

/// Runs a play in paused time on this thread; a panic anywhere in it is a fault.
pub(crate) fn on_stage<F: Future<Output = Report>>(play: impl FnOnce() -> F) -> Report {
    let _old = coverage::take_inputs();
    let _earlier = coverage::take_panic();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let Ok(runtime) = runtime else { return Report::default() };
    let mut report = tokio::task::LocalSet::new().block_on(&runtime, async { play().await });
    drop(runtime);
    if let Some(detail) = coverage::take_panic() {
        report.violation = Some(Violation { invariant: "nothing_panics", detail });
    }
    report
}
