//! The run that follows another one: a retry, the next time of a cron schedule, continue-as-new.

use std::time::Duration;

use history_engine::{Input, Parent, Start, Task};
use model::RunId;
use proto::temporal::api::command::v1::{Command, ContinueAsNewWorkflowExecutionCommandAttributes, command::Attributes as C};
use proto::temporal::api::common::v1::{
    Callback, Header, Link, Memo, Priority, RetryPolicy, SearchAttributes, WorkerVersionStamp, WorkflowExecution, WorkflowType,
};
use proto::temporal::api::enums::v1::{
    CommandType, ContinueAsNewInitiator as Initiator, RetryState, WorkflowExecutionStatus as Status,
};
use proto::temporal::api::failure::v1::{Failure, failure::FailureInfo};
use proto::temporal::api::history::v1::{
    WorkflowExecutionContinuedAsNewEventAttributes, WorkflowExecutionFailedEventAttributes, history_event::Attributes as A,
};
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1::{RespondWorkflowTaskCompletedRequest, StartWorkflowExecutionRequest};
use testkit::Script;
use testkit::commands::{application_failure, cancel, command, complete, continue_as_new, fail, payload, payloads, seconds_of};
use testkit::script::completion;

use crate::{SECOND, moment};

fn started_with(change: impl FnOnce(&mut StartWorkflowExecutionRequest)) -> Script {
    let mut script = Script::new();
    let mut request = script.start_request("start-1");
    change(&mut request);
    script.start_with(request);
    script
}

fn policy(maximum_attempts: i32) -> Option<RetryPolicy> {
    Some(RetryPolicy { initial_interval: Some(seconds_of(10)), maximum_attempts, ..RetryPolicy::default() })
}

/// A request that says everything a following run can have.
fn full(request: &mut StartWorkflowExecutionRequest) {
    request.input = Some(payloads("in"));
    request.header = Some(Header { fields: [("trace".to_owned(), payload("t"))].into_iter().collect() });
    request.memo = Some(Memo { fields: [("note".to_owned(), payload("n"))].into_iter().collect() });
    let indexed_fields = [("Customer".to_owned(), payload("c"))].into_iter().collect();
    request.search_attributes = Some(SearchAttributes { indexed_fields });
    request.completion_callbacks = vec![Callback::default()];
    request.links = vec![Link::default()];
    request.priority = Some(Priority { priority_key: 2, ..Priority::default() });
    request.workflow_execution_timeout = Some(seconds_of(3_600));
    request.workflow_run_timeout = Some(seconds_of(600));
    request.workflow_task_timeout = Some(seconds_of(7));
    request.last_completion_result = Some(payloads("last"));
    request.retry_policy = policy(0);
}

fn failed(script: &Script, run: RunId, event: i64) -> WorkflowExecutionFailedEventAttributes {
    match script.event_of(run, event) {
        A::WorkflowExecutionFailedEventAttributes(of) => of,
        other => panic!("not a failure: {other:?}"),
    }
}

fn continued(script: &Script, run: RunId, event: i64) -> WorkflowExecutionContinuedAsNewEventAttributes {
    match script.event_of(run, event) {
        A::WorkflowExecutionContinuedAsNewEventAttributes(of) => *of,
        other => panic!("not continued as new: {other:?}"),
    }
}

fn backoff(script: &Script) -> i64 {
    script.began().first_workflow_task_backoff.map_or(-1, |of| of.seconds)
}

#[test]
fn a_retry_is_the_same_run_again_a_little_later() {
    let mut script = started_with(full);
    let (first, before) = (script.run(), script.began());
    script.pass(SECOND);
    script.work(vec![fail("no")]);
    let closing = failed(&script, first, 5);
    assert_eq!((closing.retry_state(), closing.new_execution_run_id), (RetryState::InProgress, script.run().to_string()));
    assert_eq!(script.chain.run(first).map(history_engine::Run::status), Some(Status::Failed));
    assert_eq!((script.short().as_str(), backoff(&script)), ("S1", 10));
    let after = script.began();
    assert_eq!((after.attempt, after.initiator()), (2, Initiator::Retry));
    assert_eq!(after.continued_failure, Some(application_failure("no", false)));
    assert_eq!(after.continued_execution_run_id, first.to_string());
    assert_eq!(after.first_execution_run_id, first.to_string());
    assert_eq!(after.original_execution_run_id, script.run().to_string());
    assert_eq!((&after.input, &after.header, &after.memo), (&before.input, &before.header, &before.memo));
    assert_eq!((&after.search_attributes, &after.priority), (&before.search_attributes, &before.priority));
    assert_eq!((&after.workflow_type, &after.task_queue), (&before.workflow_type, &before.task_queue));
    assert_eq!((&after.retry_policy, &after.completion_callbacks), (&before.retry_policy, &before.completion_callbacks));
    assert_eq!(after.last_completion_result, before.last_completion_result);
    assert_eq!(after.workflow_execution_expiration_time, before.workflow_execution_expiration_time);
    assert_eq!(
        (after.workflow_run_timeout, after.workflow_task_timeout),
        (before.workflow_run_timeout, before.workflow_task_timeout)
    );
    let run_expiration = script.chain.current().and_then(|run| run.state().run_expiration).expect("it ends");
    assert_eq!(moment(&run_expiration), script.now + Duration::from_secs(610), "its own time, after the backoff");
    script.wake_after(10 * SECOND);
    assert_eq!(script.short(), "S1 Ws2");
    script.work(vec![fail("no")]);
    assert_eq!((script.began().attempt, backoff(&script)), (3, 20));
}

#[test]
fn a_failure_says_why_it_is_not_tried_again() {
    let typed = RetryPolicy { non_retryable_error_types: vec!["Oops".to_owned()], ..policy(0).unwrap_or_default() };
    let table = [
        (None, 0, false, RetryState::RetryPolicyNotSet),
        (policy(1), 0, false, RetryState::MaximumAttemptsReached),
        (policy(0), 0, true, RetryState::NonRetryableFailure),
        (Some(typed), 0, false, RetryState::NonRetryableFailure),
        (policy(0), 5, false, RetryState::Timeout),
    ];
    for (policy, execution, non_retryable, expected) in table {
        let mut script = started_with(|request| {
            request.retry_policy = policy;
            request.workflow_execution_timeout = Some(seconds_of(execution));
        });
        let run = script.run();
        script.work(vec![failing(application_failure("no", non_retryable))]);
        assert_eq!(script.run(), run, "nothing follows");
        let closing = failed(&script, run, 5);
        assert_eq!((closing.retry_state(), closing.new_execution_run_id.as_str()), (expected, ""));
        assert_eq!(closing.failure, Some(application_failure("no", non_retryable)));
        assert_eq!(closing.workflow_task_completed_event_id, 4);
    }
}

fn failing(failure: Failure) -> Command {
    let of = proto::temporal::api::command::v1::FailWorkflowExecutionCommandAttributes { failure: Some(failure) };
    command(CommandType::FailWorkflowExecution, C::FailWorkflowExecutionCommandAttributes(of))
}

#[test]
fn a_workflow_may_ask_for_its_delay_up_to_the_longest() {
    for (asked, given) in [(3, 3), (60, 60), (7_200, 1_000)] {
        let mut script = started_with(|request| request.retry_policy = policy(0));
        let mut failure = application_failure("no", false);
        if let Some(FailureInfo::ApplicationFailureInfo(info)) = &mut failure.failure_info {
            info.next_retry_delay = Some(seconds_of(asked));
        }
        script.work(vec![failing(failure)]);
        assert_eq!(backoff(&script), given, "the longest is a hundred times the first");
    }
}

#[test]
fn a_cron_run_that_completes_hands_its_result_on() {
    let mut script = started_with(|request| {
        full(request);
        request.cron_schedule = "@every 60s".to_owned();
        request.retry_policy = policy(2);
    });
    let first = script.run();
    assert_eq!((script.began().initiator(), backoff(&script)), (Initiator::CronSchedule, 60));
    script.wake_next().pass(5 * SECOND);
    script.work(vec![complete("done")]);
    let A::WorkflowExecutionCompletedEventAttributes(of) = script.event_of(first, 5) else { panic!("event 5 completes") };
    assert_eq!((of.new_execution_run_id, of.result), (script.run().to_string(), Some(payloads("done"))));
    assert_eq!(script.chain.run(first).map(history_engine::Run::status), Some(Status::Completed));
    let of = script.began();
    assert_eq!((of.attempt, of.initiator(), backoff(&script)), (1, Initiator::CronSchedule, 55));
    assert_eq!((of.last_completion_result, of.continued_failure), (Some(payloads("done")), None));
    assert_eq!((of.completion_callbacks.len(), of.cron_schedule.as_str()), (0, "@every 60s"));
    assert_eq!((of.continued_execution_run_id, of.first_execution_run_id), (first.to_string(), first.to_string()));
    assert_eq!(of.input, Some(payloads("in")));
}

#[test]
fn a_cron_run_that_fails_is_tried_again_before_its_next_time() {
    let mut script = started_with(|request| {
        full(request);
        request.cron_schedule = "@every 60s".to_owned();
        request.retry_policy = policy(2);
    });
    script.wake_next();
    script.work(vec![fail("once")]);
    assert_eq!((script.began().attempt, script.began().initiator(), backoff(&script)), (2, Initiator::Retry, 10));
    script.wake_next().pass(5 * SECOND);
    let retried = script.run();
    script.work(vec![fail("twice")]);
    let closing = failed(&script, retried, 5);
    assert_eq!(
        (closing.retry_state(), closing.new_execution_run_id),
        (RetryState::MaximumAttemptsReached, script.run().to_string())
    );
    let of = script.began();
    assert_eq!((of.attempt, of.initiator(), backoff(&script)), (1, Initiator::CronSchedule, 55));
    assert_eq!(of.continued_failure, Some(application_failure("twice", false)));
    assert_eq!(of.last_completion_result, Some(payloads("last")), "what the last success brought is carried over");
}

#[test]
fn a_cancelled_cron_workflow_does_not_come_back() {
    let mut script = started_with(|request| request.cron_schedule = "@every 60s".to_owned());
    let run = script.wake_next().run();
    script.work(vec![cancel()]);
    assert_eq!((script.run(), script.short().as_str()), (run, "S1 Ws2 Wt3 Wc4 Canceled5"));
    assert_eq!(script.chain.next_wake(), None);
}

#[test]
fn a_cron_time_that_a_run_missed_is_skipped() {
    let mut script = started_with(|request| request.cron_schedule = "@every 60s".to_owned());
    script.wake_next().pass(130 * SECOND);
    script.work(vec![complete("late")]);
    assert_eq!(backoff(&script), 50, "the next of the times that count from its start");
}

/// A continue-as-new command that says everything.
fn told() -> ContinueAsNewWorkflowExecutionCommandAttributes {
    ContinueAsNewWorkflowExecutionCommandAttributes {
        workflow_type: Some(WorkflowType { name: "Other".to_owned() }),
        task_queue: Some(TaskQueue { name: "others".to_owned(), ..TaskQueue::default() }),
        input: Some(payloads("next")),
        workflow_run_timeout: Some(seconds_of(300)),
        workflow_task_timeout: Some(seconds_of(5)),
        backoff_start_interval: Some(seconds_of(20)),
        retry_policy: policy(5),
        failure: Some(application_failure("before", false)),
        last_completion_result: Some(payloads("so far")),
        cron_schedule: "@every 60s".to_owned(),
        header: Some(Header { fields: [("span".to_owned(), payload("s"))].into_iter().collect() }),
        memo: Some(Memo { fields: [("mark".to_owned(), payload("m"))].into_iter().collect() }),
        search_attributes: Some(SearchAttributes { indexed_fields: [("Vendor".to_owned(), payload("v"))].into_iter().collect() }),
        ..ContinueAsNewWorkflowExecutionCommandAttributes::default()
    }
}

fn telling(of: ContinueAsNewWorkflowExecutionCommandAttributes) -> Command {
    command(CommandType::ContinueAsNewWorkflowExecution, C::ContinueAsNewWorkflowExecutionCommandAttributes(of))
}

#[test]
fn a_continued_run_has_what_the_command_says() {
    let mut script = started_with(full);
    let first = script.run();
    script.work(vec![telling(told())]);
    let of = script.began();
    assert_eq!((of.attempt, of.initiator(), backoff(&script)), (1, Initiator::Workflow, 20));
    let told = told();
    assert_eq!((of.workflow_type, of.input, of.header), (told.workflow_type, told.input, told.header));
    assert_eq!(of.task_queue.map(|queue| queue.name), Some("others".to_owned()));
    assert_eq!((of.workflow_run_timeout, of.workflow_task_timeout), (told.workflow_run_timeout, told.workflow_task_timeout));
    assert_eq!((of.memo, of.search_attributes), (told.memo, told.search_attributes));
    let policy = of.retry_policy.expect("a policy");
    assert_eq!((policy.maximum_attempts, policy.backoff_coefficient), (5, 2.0), "with its defaults");
    assert_eq!((of.cron_schedule, of.last_completion_result), (told.cron_schedule, told.last_completion_result));
    let failure = told.failure;
    assert_eq!(of.continued_failure, failure);

    let closing = continued(&script, first, 5);
    assert_eq!(closing.new_execution_run_id, script.run().to_string());
    assert_eq!(closing.workflow_type.map(|kind| kind.name), Some("Other".to_owned()));
    assert_eq!(closing.task_queue.map(|queue| queue.name), Some("others".to_owned()));
    assert_eq!((closing.input, closing.workflow_task_completed_event_id), (Some(payloads("next")), 4));
    assert_eq!((closing.workflow_run_timeout, closing.workflow_task_timeout), (Some(seconds_of(300)), Some(seconds_of(5))));
    assert_eq!(closing.backoff_start_interval, Some(seconds_of(20)));
    assert_eq!(closing.last_completion_result, Some(payloads("so far")));
    assert!(closing.header.is_some() && closing.memo.is_some() && closing.search_attributes.is_some());
    #[expect(deprecated, reason = "workers read it")]
    let said = closing.failure;
    assert_eq!(said, failure);
}

#[test]
fn a_continued_run_keeps_what_the_command_cannot_say_and_drops_what_it_does_not() {
    let mut script = started_with(full);
    let (first, before) = (script.run(), script.began());
    script.pass(2 * SECOND);
    script.work(vec![telling(ContinueAsNewWorkflowExecutionCommandAttributes::default())]);
    assert_eq!(script.chain.run(first).map(history_engine::Run::status), Some(Status::ContinuedAsNew));
    assert_eq!(script.short(), "S1 Ws2", "it begins at once");
    let of = script.began();
    assert_eq!((of.workflow_type, of.task_queue), (before.workflow_type, before.task_queue));
    assert_eq!((of.workflow_run_timeout, of.workflow_task_timeout), (before.workflow_run_timeout, before.workflow_task_timeout));
    assert_eq!(of.workflow_execution_timeout, before.workflow_execution_timeout);
    assert_eq!(of.workflow_execution_expiration_time, before.workflow_execution_expiration_time);
    assert_eq!((of.priority, of.completion_callbacks), (before.priority, before.completion_callbacks));
    assert_eq!(script.history(script.run())[0].links, script.history(first)[0].links);
    assert_eq!((of.first_execution_run_id, of.continued_execution_run_id), (first.to_string(), first.to_string()));
    assert_eq!(of.root_workflow_execution, before.root_workflow_execution);
    assert_eq!((of.memo, of.search_attributes, of.retry_policy), (None, None, None));
    assert_eq!((of.header, of.input, of.cron_schedule.as_str()), (None, None, ""));
    assert_eq!((of.last_completion_result, of.continued_failure), (None, None));
}

#[test]
fn a_worker_that_retries_by_itself_counts_attempts() {
    let mut script = started_with(|_| ());
    for attempt in 2..=3 {
        script.pass(2 * SECOND);
        script.work(vec![telling(ContinueAsNewWorkflowExecutionCommandAttributes {
            initiator: Initiator::Retry as i32,
            ..ContinueAsNewWorkflowExecutionCommandAttributes::default()
        })]);
        assert_eq!((script.began().attempt, script.began().initiator()), (attempt, Initiator::Retry));
    }
    script.pass(2 * SECOND);
    script.work(vec![continue_as_new("next")]);
    assert_eq!((script.began().attempt, script.began().initiator()), (1, Initiator::Workflow));
}

#[test]
fn runs_of_a_chain_start_at_least_a_second_apart() {
    // How long a run lives, the backoff that is asked for, and what it becomes, in milliseconds.
    for (lives, asked, becomes) in [(0, 0, 1_000), (300, 0, 700), (300, 500, 700), (300, 900, 900), (1_000, 0, 0)] {
        let mut script = started_with(|_| ());
        script.pass(Duration::from_millis(lives));
        let backoff_start_interval = Some(prost_types::Duration { seconds: 0, nanos: asked * 1_000_000 });
        script.work(vec![telling(ContinueAsNewWorkflowExecutionCommandAttributes {
            backoff_start_interval,
            ..ContinueAsNewWorkflowExecutionCommandAttributes::default()
        })]);
        let of = script.began().first_workflow_task_backoff.unwrap_or_default();
        assert_eq!(of.seconds * 1_000 + i64::from(of.nanos / 1_000_000), becomes, "{lives} {asked}");
    }
}

#[test]
fn only_the_last_run_of_a_chain_reports_to_the_parent() {
    let mut script = Script::new();
    let execution =
        WorkflowExecution { workflow_id: "parent".to_owned(), run_id: RunId::new(uuid::Uuid::from_u128(9)).to_string() };
    let parent = Parent {
        namespace_id: "ns-id".to_owned(),
        namespace: "default".to_owned(),
        execution: execution.clone(),
        initiated_event_id: 5,
        initiated_event_version: 3,
        root: execution.clone(),
    };
    let mut request = script.start_request("start-1");
    request.retry_policy = policy(2);
    script.must(Input::Start(Box::new(Start { request, parent: Some(parent) })));
    let run = script.run();
    script.must(Input::ScheduleFirstWorkflowTask(run));
    let reports = |script: &Script| script.chain.tasks().iter().any(|task| matches!(task, Task::ReportToParent { .. }));
    script.work(vec![continue_as_new("next")]);
    assert!(!reports(&script));
    script.wake_next();
    assert_eq!(script.began().parent_workflow_execution, Some(execution.clone()), "the next run has the same parent");
    assert_eq!(script.began().parent_initiated_event_id, 5);
    script.work(vec![telling(ContinueAsNewWorkflowExecutionCommandAttributes {
        retry_policy: policy(2),
        ..ContinueAsNewWorkflowExecutionCommandAttributes::default()
    })]);
    script.wake_next();
    script.work(vec![fail("no")]);
    assert!(!reports(&script), "it is tried again");
    script.wake_next();
    script.work(vec![fail("no")]);
    assert!(reports(&script));
    script.must(Input::Delete(None));
    let run = script.run();
    assert_eq!(script.chain.tasks(), [Task::ReportToParent { run }], "the parent comes before the deletion");
    script.must(Input::ParentReported(run));
    script.must(Input::ParentReported(run));
    assert_eq!(script.chain.tasks(), [Task::DeleteRun { run }]);
}

#[test]
fn request_ids_of_signals_go_with_the_chain_for_a_day() {
    let mut script = started_with(|_| ());
    script.signal("s-1").pass(20 * 3_600 * SECOND);
    script.signal("s-2").pass(5 * 3_600 * SECOND);
    script.work(vec![continue_as_new("next")]);
    script.signal("s-2");
    assert_eq!(script.short(), "S1 Ws2", "it was heard by the run before");
    script.signal("s-1");
    assert_eq!(script.short(), "S1 Ws2 Sig3", "that was too long ago");
}

#[test]
fn the_first_completion_by_each_build_is_a_point_to_reset_to() {
    let points = |script: &Script| {
        let points = script.chain.current().map(|run| run.state().reset_points.clone()).unwrap_or_default();
        let named = points.into_iter().map(|point| (point.build_id, point.first_workflow_task_completed_id, point.run_id));
        named.collect::<Vec<_>>()
    };
    let complete_by = |script: &mut Script, build: &str| {
        let task = script.poll();
        #[expect(deprecated, reason = "unversioned workers name their build here")]
        let request = RespondWorkflowTaskCompletedRequest {
            worker_version_stamp: Some(WorkerVersionStamp { build_id: build.to_owned(), use_versioning: false }),
            force_create_new_workflow_task: true,
            ..completion()
        };
        script.try_complete(&task, request).expect("accepted");
    };
    let mut script = started_with(|_| ());
    let run = script.run().to_string();
    for build in ["v1", "v1", "v2", "v1"] {
        complete_by(&mut script, build);
    }
    let both = vec![("v1".to_owned(), 4, run.clone()), ("v2".to_owned(), 10, run)];
    assert_eq!(points(&script), both);
    script.pass(2 * SECOND).work(vec![continue_as_new("next")]);
    assert_eq!(points(&script), both, "they go with the chain");
    assert_eq!(script.began().prev_auto_reset_points.map_or(0, |points| points.points.len()), 2);
    for build in 3..=21 {
        complete_by(&mut script, &format!("v{build}"));
    }
    let kept = points(&script);
    assert_eq!((kept.len(), kept[0].0.as_str(), kept[19].0.as_str()), (20, "v2", "v21"), "the newest twenty");
}
