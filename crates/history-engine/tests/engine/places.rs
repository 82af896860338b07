//! Where a pending workflow task is: owed to a queue, held by one, stored in a backlog, with a worker; and who remembers it.

use history_engine::{Input, Rejection, Task, WorkflowTaskAttempt};
use proto::temporal::api::command::v1::command::Attributes as C;
use proto::temporal::api::history::v1::history_event::Attributes as A;
use proto::temporal::api::workflowservice::v1::RespondWorkflowTaskCompletedRequest;
use testkit::Script;
use testkit::commands::{complete, schedule_activity, seconds_of};
use testkit::script::{completion, sticky};

use crate::SECOND;

fn started() -> Script {
    let mut script = Script::new();
    script.start();
    script
}

/// A workflow whose task waits in the worker's own queue: S Ws Wt Wc Sig Ws.
fn in_the_sticky_queue() -> Script {
    let mut script = started();
    let task = script.poll();
    let request = RespondWorkflowTaskCompletedRequest { sticky_attributes: sticky(), ..completion() };
    script.try_complete(&task, request).expect("accepted");
    script.signal("s-1");
    script
}

fn attempt(script: &Script, scheduled_event_id: i64) -> WorkflowTaskAttempt {
    WorkflowTaskAttempt { run: script.run(), scheduled_event_id, attempt: 1 }
}

fn owed(script: &Script) -> bool {
    script.chain.tasks().iter().any(|task| matches!(task, Task::WorkflowTask { .. }))
}

#[test]
fn what_a_queue_holds_in_memory_is_owed_again_after_a_crash() {
    let mut script = started();
    assert!(owed(&script));
    let of = attempt(&script, 2);
    script.must(Input::WorkflowTaskOffered(of));
    assert!(!owed(&script));
    script.crash();
    assert!(owed(&script));
}

#[test]
fn what_a_backlog_has_is_not_owed_again_and_its_start_is_written_at_once() {
    let mut script = started();
    let offered = script.offered();
    let of = attempt(&script, 2);
    script.must(Input::WorkflowTaskSpilled(of));
    assert!(!owed(&script));
    script.crash();
    assert!(!owed(&script));
    script.must(Input::StartWorkflowTask(Box::new(offered)));
    assert_eq!(script.short(), "S1 Ws2 Wt3", "the backlog gives it once");
    script.crash();
    assert!(script.chain.current().is_some_and(history_engine::Run::workflow_task_is_started));
}

#[test]
fn a_sticky_queue_has_no_backlog() {
    let mut script = in_the_sticky_queue();
    let of = attempt(&script, 6);
    script.must(Input::WorkflowTaskSpilled(of));
    assert!(owed(&script));
}

#[test]
fn leaving_the_sticky_queue_offers_the_task_on_the_normal_one() {
    let mut script = in_the_sticky_queue();
    let of = attempt(&script, 6);
    script.must(Input::WorkflowTaskOffered(of));
    script.must(Input::ResetStickyQueue(None));
    assert!(owed(&script));
    assert_eq!(script.offered().poll.task_queue.map(|queue| queue.name), Some("orders".to_owned()));
    assert_eq!(script.chain.next_wake(), None, "it does not time out there");
    script.must(Input::ResetStickyQueue(None));
    script.work(vec![complete("done")]);
    let closed = Rejection::NotFound("workflow execution already completed".to_owned());
    assert_eq!(script.give(Input::ResetStickyQueue(None)), Err(closed));
}

#[test]
fn a_hand_out_is_volatile_until_its_run_leaves_memory() {
    let mut script = started();
    let first = script.poll();
    script.crash();
    assert!(owed(&script), "nobody knows of the worker any more");
    let second = script.poll();
    assert_ne!(second.handout_id, first.handout_id);
    let run = script.run();
    script.must(Input::WriteVolatile(run));
    script.must(Input::WriteVolatile(run));
    assert_eq!(script.short(), "S1 Ws2 Wt3");
    script.crash();
    script.complete(&second, vec![complete("done")]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Completed5");
}

#[test]
fn a_run_that_leaves_memory_for_a_while_keeps_its_deadlines() {
    let mut script = started();
    let mut activity = schedule_activity("a");
    if let Some(C::ScheduleActivityTaskCommandAttributes(of)) = &mut activity.attributes {
        (of.start_to_close_timeout, of.heartbeat_timeout) = (Some(seconds_of(600)), Some(seconds_of(60)));
    }
    script.work(vec![activity]);
    let (since, run) = (script.now, script.run());
    script.must(crate::activity(&script, 5, 1));
    let beat = |script: &Script| {
        Input::Heartbeat(Box::new(history_engine::Heartbeat {
            activity: history_engine::ActivityRef::Token(crate::attempt_of(script, 5, 1)),
            details: None,
            identity: "worker".to_owned(),
        }))
    };
    for _ in 0..2 {
        script.pass(50 * SECOND);
        script.must(beat(&script));
        let due = script.now + 60 * SECOND;
        assert_eq!(script.chain.next_wake(), Some(due));
        assert!(script.chain.current().is_some_and(history_engine::Run::has_unwritten));
        script.must(Input::WriteVolatile(run));
        let log = script.log().clone();
        script.must(Input::WriteVolatile(run));
        assert_eq!(&log, script.log(), "there is nothing left to write");
        script.crash().chain.in_reach_since(since);
        assert_eq!(script.chain.next_wake(), Some(due), "neither later nor earlier");
    }
    script.wake_after(60 * SECOND);
    let attempt = script.chain.current().and_then(|run| run.activity(5).map(|activity| activity.attempt));
    assert_eq!(attempt, Some(2));
}

#[test]
fn a_start_that_was_written_late_counts_as_a_transition_of_its_own() {
    let count = |script: &Script| script.chain.current().map_or(0, |run| run.state().state_transition_count);
    let mut script = started();
    assert_eq!(count(&script), 1);
    let task = script.poll();
    assert_eq!(count(&script), 1, "a hand-out is no commit");
    script.complete(&task, vec![]);
    assert_eq!(count(&script), 3, "its start and its end");
    script.signal("s-1");
    assert_eq!(count(&script), 4);
    script.poll();
    let run = script.run();
    script.must(Input::WriteVolatile(run));
    assert_eq!(count(&script), 5);
}

#[test]
fn what_waited_before_a_crash_comes_before_what_comes_after_it() {
    let mut script = started();
    script.poll();
    script.signal("s-1").crash().signal("s-2");
    assert_eq!(script.short(), "S1 Ws2 Sig3 Sig4");
    let A::WorkflowExecutionSignaledEventAttributes(of) = script.event(3) else { panic!("event 3 is a signal") };
    assert_eq!(of.request_id, "s-1");
    assert_eq!(script.chain.tasks().len(), 1, "the workflow task; nothing is left to flush");
}

#[test]
fn a_worker_that_comes_after_a_crash_sees_what_waited_before_it() {
    let mut script = started();
    script.poll();
    script.signal("s-1").crash();
    assert!(script.chain.tasks().iter().any(|task| matches!(task, Task::FlushBuffer { .. })));
    let task = script.poll();
    assert_eq!((script.short().as_str(), task.started_event_id), ("S1 Ws2 Sig3", 4));
    script.complete(&task, vec![complete("done")]);
    assert_eq!(script.short(), "S1 Ws2 Sig3 Wt4 Wc5 Completed6");
}
