//! What comes late: retries of a request after other runs, and a process whose clock is behind that of the one before.

use std::time::Duration;

use history_engine::Input;
use proto::temporal::api::enums::v1::{WorkflowExecutionStatus as Status, WorkflowIdConflictPolicy as Conflict};
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::workflow::v1::OnConflictOptions;
use proto::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest;
use testkit::Script;
use testkit::commands::{complete, continue_as_new, schedule_activity};

use crate::{SECOND, activity, activity_completed, moment};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn started() -> Script {
    let mut script = Script::new();
    script.start();
    script
}

/// A start whose request is attached to the open run.
fn attaching(script: &Script, request_id: &str) -> StartWorkflowExecutionRequest {
    StartWorkflowExecutionRequest {
        workflow_id_conflict_policy: Conflict::UseExisting as i32,
        on_conflict_options: Some(OnConflictOptions { attach_request_id: true, ..OnConflictOptions::default() }),
        ..script.start_request(request_id)
    }
}

#[test]
fn a_late_retry_of_a_start_gets_the_run_that_it_started() {
    let mut script = started();
    let (late, first) = (script.start_request("start-1"), script.run());
    script.work(vec![complete("done")]);
    let second = script.start_with(script.start_request("start-2")).run_id;
    for again in 0..3 {
        let answer = script.start_with(late.clone());
        assert_eq!((answer.run_id, answer.started, answer.status), (first, true, Status::Completed), "{again}");
        assert_eq!(answer.first_execution_run_id, first.to_string());
        if again == 0 {
            script.work(vec![continue_as_new("next")]);
        } else {
            script.crash();
        }
    }
    let answer = script.start_with(script.start_request("start-2"));
    assert_eq!((answer.run_id, answer.started, answer.status), (second, true, Status::ContinuedAsNew));
    assert_ne!(script.run(), second, "the newest run has the id all the same");
}

#[test]
fn a_late_retry_finds_the_run_that_it_was_attached_to() {
    let mut script = started();
    let (late, first) = (attaching(&script, "start-2"), script.run());
    script.start_with(late.clone());
    script.work(vec![complete("done")]);
    script.start_with(script.start_request("start-3"));
    let answer = script.start_with(late);
    assert_eq!((answer.run_id, answer.started, answer.status), (first, false, Status::Completed));
}

#[test]
fn a_late_retry_of_signal_with_start_signals_nobody_again() {
    let mut script = Script::new();
    let late = script.signal_with_start_request("r-1");
    script.signal_with_start(late.clone()).expect("accepted");
    let first = script.run();
    script.work(vec![complete("done")]);
    script.start_with(script.start_request("start-2"));
    let answer = script.signal_with_start(late).expect("accepted");
    assert_eq!((answer.run_id, script.short().as_str()), (first, "S1 Ws2"));
}

#[test]
fn a_start_is_remembered_for_a_day() {
    for (time, known) in [(DAY, true), (DAY + SECOND, false)] {
        let mut script = started();
        let late = script.start_request("start-1");
        script.work(vec![complete("done")]);
        script.pass(time);
        script.start_with(script.start_request("start-2"));
        assert_eq!(script.try_start(late).is_ok(), known, "{time:?}");
    }
}

#[test]
fn time_never_goes_back_in_a_history_whatever_the_next_clock_says() {
    let mut script = started();
    let back = |script: &mut Script| script.now = model::Timestamp::from_nanos(script.now.as_nanos() - 60_000_000_000);
    back(&mut script);
    let task = script.poll();
    script.complete(&task, vec![schedule_activity("a")]);
    back(&mut script);
    script.must(activity(&script, 5, 1));
    script.must(activity_completed(&script, 5, 1));
    back(&mut script);
    let task = script.poll();
    script.complete(&task, vec![complete("done")]);
    let time = |event: &HistoryEvent| event.event_time.as_ref().map(moment);
    let history = script.history(script.run());
    assert!(history.is_sorted_by_key(time), "{:?}", history.iter().map(time).collect::<Vec<_>>());
    script.must(Input::Wake);
}
