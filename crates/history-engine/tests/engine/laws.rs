//! The laws of the engine, on random scripts. [`Script`] checks most of them at every step: the same decision twice, the fold of
//! the log equals the recovered state, owed tasks were announced, event ids have no gaps, one last event. Here also: what is
//! delivered twice changes nothing, and no stored bytes make it panic.

use std::collections::BTreeSet;
use std::time::Duration;

use history_engine::{Chain, Input, StoredRun};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use prost::Message;
use proto::aevum::persistence::v1 as stored;
use testkit::Script;
use testkit::commands as c;

use crate::random::{Random, pick, step, uuid};

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_script_keeps_the_laws(steps in prop::collection::vec(step(), 1..90)) {
        let mut random = Random::new();
        random.script.start();
        for step in &steps {
            random.run(step);
        }
    }

    #[test]
    fn a_snapshot_anywhere_changes_nothing(steps in prop::collection::vec(step(), 1..40), at in any::<u8>()) {
        let mut random = Random::new();
        random.script.start();
        for step in &steps {
            random.run(step);
        }
        let script = &random.script;
        let Some(current) = script.chain.current_id() else { return Ok(()) };
        let runs = script.log().iter().map(|(run, turns)| {
            let cut = usize::from(at) % (turns.len() + 1);
            let before = StoredRun { snapshot: None, turns: turns[..cut].to_vec() };
            // A snapshot is the live state at that moment; folding is how the test gets there.
            let folded = Chain::restore(script.chain.key().clone(), None, vec![(*run, before)]).ok();
            let snapshot = folded.and_then(|chain| chain.run(*run).map(history_engine::Run::snapshot));
            let snapshot = snapshot.map(|state| stored::RunState::decode(state.encode_to_vec().as_slice()).expect("decodes"));
            let rest = if snapshot.is_some() { turns[cut..].to_vec() } else { turns.clone() };
            (*run, StoredRun { snapshot, turns: rest })
        });
        let restored = Chain::restore(script.chain.key().clone(), Some(current), runs.collect()).expect("readable");
        prop_assert_eq!(restored.tasks(), script.restored().tasks());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), turns in prop::collection::vec(any::<u8>(), 0..8)) {
        let mut random = Random::new();
        random.script.start();
        let task = random.script.poll();
        random.script.complete(&task, vec![c::schedule_activity("a"), c::start_timer("t", 3), c::start_child("child")]);
        let run = random.script.run();
        let mut log = random.script.log()[&run].clone();
        // Random turns, and real ones in a random order.
        log.extend(stored::Turn::decode(bytes.as_slice()).ok());
        log.extend(stored::Entry::decode(bytes.as_slice()).ok().map(|entry| stored::Turn { format: 1, entries: vec![entry] }));
        log.extend(stored::Mark::decode(bytes.as_slice()).ok().map(|mark| {
            let entry = stored::Entry { kind: Some(stored::entry::Kind::Mark(mark)) };
            stored::Turn { format: 1, entries: vec![entry] }
        }));
        log.extend(stored::RunState::decode(bytes.as_slice()).ok().and(None::<stored::Turn>));
        let scrambled: Vec<_> = turns.iter().filter_map(|which| pick(&log, *which)).collect();
        let whole: Vec<_> = log.iter().cloned().chain(scrambled.iter().cloned()).collect();
        for turns in [scrambled, whole] {
            let stored = vec![(run, StoredRun { snapshot: None, turns })];
            if let Ok(chain) = Chain::restore(random.script.chain.key().clone(), Some(run), stored) {
                let _ = (chain.tasks(), chain.next_wake());
                let mut other = random.script.clone();
                other.chain = chain;
                prod(&mut other);
            }
        }
    }
}

/// Everything that could stumble over odd state.
fn prod(script: &mut Script) {
    let env = history_engine::Env {
        now: script.now + Duration::from_secs(100_000),
        limits: script.limits.clone(),
        namespace: history_engine::NamespaceFacts { name: "default".to_owned(), id: String::new(), version: 0 },
        seed: uuid(5),
    };
    let run = script.chain.current_id();
    let mut inputs = vec![Input::Wake, Input::Delete(None), script.signal_input("x")];
    inputs.extend(run.map(Input::FlushBuffer));
    inputs.extend(run.map(Input::WriteVolatile));
    for input in inputs {
        let _ = history_engine::decide(&script.chain, &input, &env);
    }
}

/// The scripts are no good if they never get anywhere.
#[test]
fn random_scripts_reach_every_kind_of_event_and_mark() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..500 {
        let steps = prop::collection::vec(step(), 80..81).new_tree(&mut runner).expect("it generates").current();
        let mut random = Random::new();
        random.script.start();
        steps.iter().for_each(|step| random.run(step));
        let lines = random.script.transcript().lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let kind = words.next()?;
            let name = if kind == "event" { words.nth(1)? } else { words.next()? };
            matches!(kind, "event" | "mark" | "memory" | "owes").then(|| format!("{kind} {name}"))
        });
        seen.extend(lines);
    }
    let missed: Vec<_> = REACHED.trim().lines().filter(|line| !seen.contains(*line)).collect();
    assert!(missed.is_empty(), "never reached: {missed:?}");
}

const REACHED: &str = "
event ActivityTaskCancelRequested
event ActivityTaskCanceled
event ActivityTaskCompleted
event ActivityTaskFailed
event ActivityTaskScheduled
event ActivityTaskStarted
event ActivityTaskTimedOut
event CancelRequested
event Canceled
event ChildWorkflowExecutionCompleted
event ChildWorkflowExecutionStarted
event Completed
event ContinuedAsNew
event ExternalWorkflowExecutionCancelRequested
event ExternalWorkflowExecutionSignaled
event Failed
event MarkerRecorded
event OptionsUpdated
event RequestCancelExternalWorkflowExecutionFailed
event RequestCancelExternalWorkflowExecutionInitiated
event SignalExternalWorkflowExecutionFailed
event SignalExternalWorkflowExecutionInitiated
event Signaled
event StartChildWorkflowExecutionFailed
event StartChildWorkflowExecutionInitiated
event Started
event Terminated
event TimedOut
event TimerFired
event TimerStarted
event UpsertWorkflowSearchAttributes
event WorkflowPropertiesModified
event WorkflowTaskCompleted
event WorkflowTaskFailed
event WorkflowTaskScheduled
event WorkflowTaskStarted
event WorkflowTaskTimedOut
mark ActivityHeartbeat
mark ActivityRetried
mark ActivitySpilled
mark ActivityStarted
mark BufferFlushed
mark ChildClosePolicyApplied
mark ChildFirstTaskScheduled
mark CloseAttempted
mark CurrentReplaced
mark DeletionRequested
mark EventBuffered
mark ParentReported
mark RunCreated
mark RunDeleted
mark StickyQueue
mark TurnCounted
mark WorkflowTaskAttemptFailed
mark WorkflowTaskDropped
mark WorkflowTaskScheduled
mark WorkflowTaskSpilled
mark WorkflowTaskStarted
memory ActivityAlive
memory ActivityDue
memory Recovered
memory WorkflowTaskOffered
memory WorkflowTaskStarted
owes ActivityTask
owes CancelExternal
owes CloseChild
owes DeleteRun
owes ReportToParent
owes ScheduleChildFirstTask
owes SignalExternal
owes StartChild
owes WorkflowTask
";
