//! The turn: wait in line, load what is missing, decide, fold, push to the lane; then wait until it is durable.

use std::sync::Arc;

use history_engine::{Answer, Decision, Input, Rejection, decide};
use model::{ChainKey, RunId};
use tokio::sync::oneshot;

use super::rows::{Written, fold};
use super::{BusyGuard, Cell, CellState, Phase, Reply, Resident, Settled, speak};
use crate::error;
use crate::lane::{LaneTurn, Pressure, Then};
use crate::shell::{Shell, survive};

/// What to do next for a turn.
enum Step {
    /// Somebody else is loading the chain, or its start is on its way.
    Wait(oneshot::Receiver<()>),
    /// The cell is busy for us now: load the chain, or one more run of it, and free it.
    Load(Option<RunId>, u64),
    /// Decided and durable.
    Now(Result<Answer, rpc::Error>),
    /// Decided; the lane says when it is durable.
    Later(oneshot::Receiver<Settled>),
}

/// How welcome a turn is when there is too much to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Starts, signals, queries: refused first.
    New,
    /// What ends or continues work that was accepted: refused last.
    Ongoing,
    /// Our own: never refused.
    Own,
}

impl Shell {
    /// Takes one turn of a chain and gives its answer once it is durable.
    pub(crate) async fn turn(self: &Arc<Self>, key: &ChainKey, input: &Input, class: Class) -> Result<Answer, rpc::Error> {
        self.admit(key, class)?;
        let cell = self.cache.cell(key);
        self.turn_on(&cell, input).await
    }

    /// The same on a cell that the caller holds.
    pub(crate) async fn turn_on(self: &Arc<Self>, cell: &Arc<Cell>, input: &Input) -> Result<Answer, rpc::Error> {
        // A start on a chain that is not in memory is tried without a read, once.
        let mut blind = matches!(input, Input::Start(_) | Input::SignalWithStart(_));
        let mut missing = None;
        loop {
            match self.step(cell, input, blind, missing) {
                Step::Wait(turn) => {
                    let _ = turn.await;
                }
                Step::Load(run, generation) => {
                    blind = false;
                    let found = self.load(cell, run, BusyGuard { cell, generation }).await?;
                    missing = run.filter(|_| !found);
                }
                Step::Now(answer) => return answer,
                Step::Later(durable) => match durable.await {
                    Ok(Settled::Answer(answer)) => return answer.map_err(error::refusal),
                    Ok(Settled::Lost) => blind = false,
                    Ok(Settled::Failed(error)) => return Err(error),
                    Err(_) => return Err(error::not_stored()),
                },
            }
        }
    }

    fn step(self: &Arc<Self>, cell: &Arc<Cell>, input: &Input, blind: bool, missing: Option<RunId>) -> Step {
        let mut guard = cell.lock();
        let state = &mut *guard;
        // Under the cell's lock: a shard that leaves looks at every cell after it has said so.
        if let Err(elsewhere) = self.shards.admit(cell.key.slot(), matches!(input, Input::WriteVolatile(_))) {
            return Step::Now(Err(elsewhere));
        }
        match state.phase {
            Phase::Busy => return self.wait(state),
            Phase::Absent => {
                if blind && let Some(step) = self.provisional(cell, state, input) {
                    return step;
                }
                state.phase = Phase::Busy;
                return Step::Load(None, state.generation);
            }
            Phase::Resident => {}
        }
        let generation = state.generation;
        let Some(resident) = state.resident.as_mut() else {
            return Step::Now(Err(rpc::Error::Internal("a resident chain has no memory".to_owned())));
        };
        let env = match self.env(cell.key.namespace) {
            Ok(env) => env,
            Err(error) => return Step::Now(Err(error)),
        };
        resident.touched = env.now;
        tracing::trace!(target: "aevum::turn", input = input.kind());
        let decision = match survive("deciding a turn", || decide(&resident.chain, input, &env)) {
            None => return Step::Now(Err(error::bug())),
            Some(Err(Rejection::RunNotLoaded(run))) if missing == Some(run) => return Step::Now(Err(error::no_run())),
            Some(Err(gone @ Rejection::RunNotLoaded(run))) if resident.leaving.contains(&run) => {
                return answer(resident, Err(gone));
            }
            Some(Err(Rejection::RunNotLoaded(run))) => {
                state.phase = Phase::Busy;
                return Step::Load(Some(run), generation);
            }
            Some(Err(rejection)) => return answer(resident, Err(rejection)),
            Some(Ok(decision)) => decision,
        };
        let committed = survive("folding a turn", || self.commit(cell, generation, resident, decision));
        let failed = match committed {
            Some(Ok(step)) => return step,
            Some(Err(error)) => error,
            None => error::bug(),
        };
        // Memory may be ahead of what will ever be stored.
        drop(guard);
        speak::setback(self, cell, generation, &failed, []);
        Step::Now(Err(failed))
    }

    /// Decides a start on an empty chain without reading; `None` where it does not create a run.
    fn provisional(self: &Arc<Self>, cell: &Arc<Cell>, state: &mut CellState, input: &Input) -> Option<Step> {
        let env = match self.env(cell.key.namespace) {
            Ok(env) => env,
            Err(error) => return Some(Step::Now(Err(error))),
        };
        let empty = history_engine::Chain::empty(cell.key.clone());
        let mut resident = Box::new(Resident::new(empty, state.generation, env.now));
        tracing::trace!(target: "aevum::turn", input = input.kind());
        let decided = survive("deciding a start", || {
            let Decision { records, effects, answer } = decide(&resident.chain, input, &env).ok()?;
            Some((fold(self, &mut resident, records, true), effects, answer))
        });
        let Some(decided) = decided else { return Some(Step::Now(Err(error::bug()))) };
        let (written, effects, answer) = decided?;
        written.rows.start.as_ref()?;
        let (to, durable) = oneshot::channel();
        let then = Then { reply: Some(Reply { to, answer }), effects, provisional: true, ..Then::default() };
        let generation = state.generation;
        if let Err(error) = self.push(cell, generation, &mut resident, written, then) {
            return Some(Step::Now(Err(error)));
        }
        state.phase = Phase::Busy;
        state.resident = Some(resident);
        Some(Step::Later(durable))
    }

    /// Folds a decision; its answer waits for the newest logged record. After an error the memory of the chain is worth nothing.
    fn commit(
        self: &Arc<Self>,
        cell: &Arc<Cell>,
        generation: u64,
        resident: &mut Resident,
        decision: Decision,
    ) -> Result<Step, rpc::Error> {
        let Decision { records, effects, answer: said } = decision;
        if records.is_empty() && effects.is_empty() {
            return Ok(answer(resident, said));
        }
        let written = fold(self, resident, records, false);
        if !written.is_logged() && (resident.is_durable() || (written.tasks.is_empty() && effects.is_empty())) {
            crate::dispatch::begin(self, cell, resident, written.tasks);
            self.arm(cell, resident);
            speak::leave(self, cell, effects);
            return Ok(answer(resident, said));
        }
        #[cfg(feature = "planted-bugs")]
        if model::planted::Bug::ReplyBeforeCommit.is_planted() {
            self.push(cell, generation, resident, written, Then { effects, ..Then::default() })?;
            return Ok(Step::Now(said.map_err(error::refusal)));
        }
        // What was not logged, but hands something over, goes through the lane as well: it writes nothing, in its turn.
        let (to, durable) = oneshot::channel();
        let then = Then { reply: Some(Reply { to, answer: said }), effects, ..Then::default() };
        self.push(cell, generation, resident, written, then)?;
        Ok(Step::Later(durable))
    }

    /// Hands what was written to the lane; the cell is locked.
    pub(crate) fn push(
        self: &Arc<Self>,
        cell: &Arc<Cell>,
        generation: u64,
        resident: &mut Resident,
        written: Written,
        mut then: Then,
    ) -> Result<(), rpc::Error> {
        let Written { rows, tasks, runs, dirty } = written;
        then.tasks = tasks;
        then.runs = runs;
        for run in dirty {
            self.dirty.push(self.ports.clock.now() + self.options.visibility_delay, cell, run);
        }
        let bytes = rows.bytes();
        let turn = LaneTurn { position: 0, cell: cell.clone(), generation, rows, bytes, then };
        resident.last = self.lane.push(turn).map_err(|_| error::fenced())?;
        let estimate = resident.estimate();
        self.cache.account(resident.accounted, estimate);
        resident.accounted = estimate;
        Ok(())
    }

    fn wait(&self, state: &mut CellState) -> Step {
        state.waiting.retain(|waiter| !waiter.is_closed());
        if state.waiting.len() >= self.options.mailbox {
            return Step::Now(Err(error::busy()));
        }
        let (ready, wait) = oneshot::channel();
        state.waiting.push_back(ready);
        Step::Wait(wait)
    }

    /// Whether a call may come in now.
    pub(crate) fn admit(&self, key: &ChainKey, class: Class) -> Result<(), rpc::Error> {
        if class == Class::Own {
            return Ok(());
        }
        if !self.is_ready() {
            return Err(self.shards.unserved(error::starting()));
        }
        if self.is_stopping() {
            return Err(self.shards.unserved(error::stopping()));
        }
        self.shards.admit_call(key.slot())?;
        let pressure = self.lane.pressure(&self.options);
        if pressure == Pressure::Full || (class == Class::New && pressure == Pressure::High) {
            return Err(error::overloaded("too many changes wait for the database; try again later"));
        }
        if class == Class::New && self.cache.resident_bytes() > self.options.resident_bytes.saturating_mul(2) {
            return Err(error::overloaded("too many workflows are in memory; try again later"));
        }
        if class == Class::New && self.dirty.len() > self.options.visibility_backlog {
            return Err(error::overloaded("too many searchable rows wait for the database; try again later"));
        }
        Ok(())
    }

    /// Looks at a chain (and at `run` of it, where one is named) and gives what `look` saw once that is durable.
    ///
    /// `look` gets the run asked for: the current one where none is named; `None` where there is no such run.
    pub(crate) async fn read<T>(
        self: &Arc<Self>,
        cell: &Arc<Cell>,
        run: Option<RunId>,
        mut look: impl FnMut(&mut Resident, Option<RunId>) -> T,
    ) -> Result<T, rpc::Error> {
        let mut missing = None;
        loop {
            match self.see(cell, run, missing, &mut look) {
                Seen::Now(seen) => return Ok(seen),
                Seen::Later(seen, durable) => {
                    return match durable.await {
                        Ok(Settled::Answer(_)) => Ok(seen),
                        Ok(Settled::Failed(error)) => Err(error),
                        Ok(Settled::Lost) | Err(_) => Err(error::not_stored()),
                    };
                }
                Seen::Not(Step::Wait(turn)) => {
                    let _ = turn.await;
                }
                Seen::Not(Step::Load(run, generation)) => {
                    let found = self.load(cell, run, BusyGuard { cell, generation }).await?;
                    missing = run.filter(|_| !found);
                }
                Seen::Not(Step::Now(Err(error))) => return Err(error),
                Seen::Not(Step::Now(Ok(_)) | Step::Later(_)) => {}
            }
        }
    }

    fn see<T>(
        &self,
        cell: &Cell,
        run: Option<RunId>,
        missing: Option<RunId>,
        look: &mut impl FnMut(&mut Resident, Option<RunId>) -> T,
    ) -> Seen<T> {
        let mut guard = cell.lock();
        let state = &mut *guard;
        if let Err(elsewhere) = self.shards.admit(cell.key.slot(), false) {
            return Seen::Not(Step::Now(Err(elsewhere)));
        }
        if state.phase == Phase::Busy {
            return Seen::Not(self.wait(state));
        }
        let generation = state.generation;
        let Some(resident) = state.resident.as_mut() else {
            state.phase = Phase::Busy;
            return Seen::Not(Step::Load(None, generation));
        };
        resident.touched = self.ports.clock.now();
        let wanted = run.or(resident.chain.current_id());
        let absent = wanted.filter(|id| resident.chain.run(*id).is_none());
        if let Some(id) = absent
            && missing != Some(id)
            && !resident.leaving.contains(&id)
        {
            state.phase = Phase::Busy;
            return Seen::Not(Step::Load(Some(id), generation));
        }
        let seen = look(resident, wanted.filter(|_| absent.is_none()));
        if resident.is_durable() {
            return Seen::Now(seen);
        }
        let (to, durable) = oneshot::channel();
        resident.listeners.push((resident.last, Reply { to, answer: Ok(Answer::Done) }));
        Seen::Later(seen, durable)
    }
}

/// What a look at a chain brought.
enum Seen<T> {
    /// What was seen is durable.
    Now(T),
    /// What was seen will be.
    Later(T, oneshot::Receiver<Settled>),
    /// First something else has to be done.
    Not(Step),
}

/// Answers as soon as the newest logged record is durable.
fn answer(resident: &mut Resident, said: Result<Answer, Rejection>) -> Step {
    if resident.is_durable() {
        return Step::Now(said.map_err(error::refusal));
    }
    let (to, durable) = oneshot::channel();
    resident.listeners.push((resident.last, Reply { to, answer: said }));
    Step::Later(durable)
}
