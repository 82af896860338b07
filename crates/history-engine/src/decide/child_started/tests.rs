//! The beginning of a child, seen from its parent.

use model::RunId;
use proto::temporal::api::common::v1::WorkflowType;
use proto::temporal::api::enums::v1::{
    ParentClosePolicy, StartChildWorkflowExecutionFailedCause as Cause, WorkflowIdReusePolicy,
};
use proto::temporal::api::history::v1::history_event::Attributes as A;
use proto::temporal::api::taskqueue::v1::TaskQueue;

use crate::decision::Answer;
use crate::input::{ChildStarted, Input, ToInitiator};
use crate::rejection::Rejection;
use crate::task::Task;
use crate::testing::commands::{child, child_with, complete_workflow, marker};
use crate::testing::{World, seconds, signal};

fn child_run() -> RunId {
    RunId::new(uuid::Uuid::from_u128(77))
}

fn to(world: &World, initiated_event_id: i64) -> ToInitiator {
    ToInitiator { run: world.run, initiated_event_id }
}

fn starts(world: &mut World, outcome: Result<RunId, Cause>) -> Result<Answer, Rejection> {
    let to = to(world, 5);
    world.decide(Input::ChildStarted(Box::new(ChildStarted { to, outcome })))
}

#[test]
fn a_child_is_owed_its_start_and_then_its_first_workflow_task() {
    let mut world = World::with(vec![child("c")]);
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 ChildInitiated5");
    assert!(matches!(world.chain.tasks().as_slice(), [Task::StartChild { initiated_event_id: 5, .. }]));
    let request = world.run().child(5).expect("pending").request_id.clone();
    assert_eq!(request, format!("{}:5:0", world.run));
    starts(&mut world, Ok(child_run())).expect("told");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 ChildInitiated5 ChildStarted6 Ws7");
    assert!(world.owes(|task| matches!(task, Task::ScheduleChildFirstTask { initiated_event_id: 5, .. })));
    assert!(!world.owes(|task| matches!(task, Task::StartChild { .. })));
    let A::ChildWorkflowExecutionStartedEventAttributes(started) = world.attributes(6) else { panic!("ChildStarted6") };
    let execution = started.workflow_execution.clone().expect("set");
    assert_eq!((execution.workflow_id, execution.run_id), ("c".to_owned(), child_run().to_string()));
    let to = to(&world, 5);
    for _ in 0..2 {
        assert_eq!(world.decide(Input::ChildFirstTaskScheduled(to)), Ok(Answer::Done));
        assert!(!world.owes(|task| matches!(task, Task::ScheduleChildFirstTask { .. })));
    }
}

#[test]
fn being_told_twice_changes_nothing() {
    let mut world = World::with(vec![child("c")]);
    starts(&mut world, Ok(child_run())).expect("told");
    let story = world.story();
    assert_eq!(starts(&mut world, Ok(child_run())), Ok(Answer::Done));
    assert_eq!(world.story(), story);
}

#[test]
fn a_child_that_cannot_start_fails_with_its_cause() {
    for cause in [Cause::WorkflowAlreadyExists, Cause::NamespaceNotFound] {
        let mut world = World::with(vec![child("c")]);
        starts(&mut world, Err(cause)).expect("told");
        assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 ChildInitiated5 ChildStartFailed6 Ws7");
        let A::StartChildWorkflowExecutionFailedEventAttributes(failed) = world.attributes(6) else { panic!("failed") };
        assert_eq!((failed.cause(), failed.initiated_event_id, failed.workflow_task_completed_event_id), (cause, 5, 4));
        assert!(world.run().children().is_empty());
    }
}

#[test]
fn a_start_that_is_told_while_the_worker_is_busy_waits_but_the_first_task_does_not() {
    let mut world = World::with(vec![child("c")]);
    world.decide(Input::Signal(Box::new(signal("s")))).expect("signalled");
    world.takes_task();
    starts(&mut world, Ok(child_run())).expect("told");
    assert!(world.owes(|task| matches!(task, Task::ScheduleChildFirstTask { .. })));
    let to = to(&world, 5);
    world.decide(Input::ChildFirstTaskScheduled(to)).expect("noted");
    world.completes(vec![marker()]).expect("completed");
    assert!(world.story().ends_with("Wc9 Marker10 ChildStarted11 Ws12"), "{}", world.story());
    assert_eq!(world.run().child(5).map(|child| (child.started_event_id, child.first_task_owed)), Some((11, false)));
}

#[test]
fn an_unknown_child_is_not_found_and_a_closed_parent_is_closed() {
    let mut world = World::with(vec![child("c")]);
    let told = Input::ChildStarted(Box::new(ChildStarted { to: to(&world, 99), outcome: Ok(child_run()) }));
    assert_eq!(world.decide(told), Err(Rejection::NotFound("Pending child execution not found.".to_owned())));
    let mut closed = World::with(vec![child("c"), complete_workflow()]);
    assert_eq!(starts(&mut closed, Ok(child_run())), Err(Rejection::closed()));
}

#[test]
fn a_closing_parent_closes_its_children_as_each_ones_policy_says() {
    let policy = |id: &str, policy: ParentClosePolicy| child_with(id, |of| of.parent_close_policy = policy as i32);
    let mut world = World::with(vec![
        policy("default", ParentClosePolicy::Unspecified),
        policy("cancel", ParentClosePolicy::RequestCancel),
        policy("abandon", ParentClosePolicy::Abandon),
        complete_workflow(),
    ]);
    let owed = world.chain.tasks();
    assert!(
        matches!(
            owed.as_slice(),
            [Task::CloseChild { initiated_event_id: 5, .. }, Task::CloseChild { initiated_event_id: 6, .. }]
        ),
        "{owed:?}"
    );
    let A::StartChildWorkflowExecutionInitiatedEventAttributes(initiated) = world.attributes(5) else { panic!("initiated") };
    assert_eq!(initiated.parent_close_policy(), ParentClosePolicy::Terminate, "unless it says otherwise");
    for id in [5, 6, 6] {
        let to = to(&world, id);
        assert_eq!(world.decide(Input::ChildClosePolicyApplied(to)), Ok(Answer::Done));
    }
    assert_eq!(world.chain.tasks(), []);
}

#[test]
fn an_abandoned_child_still_gets_its_first_workflow_task() {
    let abandoned = child_with("c", |of| of.parent_close_policy = ParentClosePolicy::Abandon as i32);
    let mut world = World::with(vec![abandoned]);
    starts(&mut world, Ok(child_run())).expect("told");
    world.works(vec![complete_workflow()]).expect("closed");
    assert!(matches!(world.chain.tasks().as_slice(), [Task::ScheduleChildFirstTask { initiated_event_id: 5, .. }]));
    world.decide(Input::Delete(None)).expect("asked for");
    assert!(!world.owes(|task| matches!(task, Task::DeleteRun { .. })), "the child needs its parent's word");
    let to = to(&world, 5);
    world.decide(Input::ChildFirstTaskScheduled(to)).expect("noted");
    assert!(matches!(world.chain.tasks().as_slice(), [Task::DeleteRun { .. }]));
}

#[test]
fn an_abandoned_child_whose_start_may_be_on_its_way_is_seen_through() {
    let abandoned = || child_with("c", |of| of.parent_close_policy = ParentClosePolicy::Abandon as i32);
    let mut world = World::with(vec![abandoned()]);
    world.decide(Input::Signal(Box::new(signal("s")))).expect("signalled");
    world.works(vec![abandoned(), complete_workflow()]).expect("closed");
    assert!(
        matches!(world.chain.tasks().as_slice(), [Task::StartChild { initiated_event_id: 5, .. }]),
        "not the last task's own"
    );
    world.crash();
    assert_eq!(starts(&mut world, Ok(child_run())), Err(Rejection::closed()));
    world.decide(Input::Delete(None)).expect("asked for");
    assert!(!world.owes(|task| matches!(task, Task::DeleteRun { .. })), "not before the child has got going");
    let to = to(&world, 5);
    world.decide(Input::ChildFirstTaskScheduled(to)).expect("noted");
    assert!(matches!(world.chain.tasks().as_slice(), [Task::DeleteRun { .. }]));
}

#[test]
fn what_a_child_does_not_say_is_filled_in() {
    let mut request = crate::testing::start_request();
    request.workflow_task_timeout = seconds(7);
    let mut world = World::start(request);
    world.takes_task();
    let full = child_with("d", |of| {
        of.workflow_execution_timeout = seconds(100);
        of.workflow_run_timeout = seconds(1000);
        of.workflow_task_timeout = seconds(500);
        of.retry_policy = Some(Default::default());
    });
    let slow = child_with("e", |of| of.workflow_task_timeout = seconds(500));
    world.completes(vec![child("c"), full, slow]).expect("initiated");
    let A::StartChildWorkflowExecutionInitiatedEventAttributes(bare) = world.attributes(5) else { panic!("initiated") };
    assert_eq!(bare.task_queue.as_ref().map(|queue| queue.name.as_str()), Some("orders"));
    assert_eq!((bare.workflow_run_timeout, bare.workflow_task_timeout), (seconds(0), seconds(10)));
    assert_eq!(bare.workflow_id_reuse_policy(), WorkflowIdReusePolicy::AllowDuplicate);
    assert_eq!(bare.retry_policy, None, "a child is not tried again unless it says so");
    assert_eq!((bare.namespace.as_str(), bare.namespace_id.is_empty()), ("default", false));
    let A::StartChildWorkflowExecutionInitiatedEventAttributes(full) = world.attributes(6) else { panic!("initiated") };
    assert_eq!((full.workflow_run_timeout, full.workflow_task_timeout), (seconds(100), seconds(100)));
    let A::StartChildWorkflowExecutionInitiatedEventAttributes(slow) = world.attributes(7) else { panic!("initiated") };
    assert_eq!(slow.workflow_task_timeout, seconds(120), "no longer than any");
    let A::StartChildWorkflowExecutionInitiatedEventAttributes(full) = world.attributes(6) else { panic!("initiated") };
    assert_eq!(full.retry_policy.as_ref().map(|policy| policy.backoff_coefficient), Some(2.0));
}

#[test]
#[expect(deprecated, reason = "old workers still send a namespace")]
fn bad_children_fail_the_workflow_task() {
    let about = "WorkflowId=c WorkflowType=Child Namespace=";
    let table = [
        (child_with("c", |of| of.namespace = "other".to_owned()), "cross namespace commands are not allowed".to_owned()),
        (
            child(""),
            "Required field WorkflowId is not set on StartChildWorkflowExecutionCommand. WorkflowType=Child Namespace="
                .to_owned(),
        ),
        (
            child_with("c", |of| of.workflow_type = None),
            "Required field WorkflowType is not set on StartChildWorkflowExecutionCommand. WorkflowId=c Namespace=".to_owned(),
        ),
        (
            child_with("c", |of| of.workflow_run_timeout = seconds(-1)),
            format!("Invalid WorkflowRunTimeout on StartChildWorkflowExecutionCommand: negative duration. {about}"),
        ),
        (
            child_with("c", |of| {
                of.retry_policy =
                    Some(proto::temporal::api::common::v1::RetryPolicy { backoff_coefficient: 0.1, ..Default::default() });
            }),
            format!(
                "invalid WorkflowRetryPolicy on StartChildWorkflowExecutionCommand: \
                 BackoffCoefficient cannot be less than 1 on retry policy.. {about}"
            ),
        ),
        (
            child_with("c", |of| of.cron_schedule = "nonsense".to_owned()),
            format!("invalid CronSchedule on StartChildWorkflowExecutionCommand: invalid CronSchedule.. {about}"),
        ),
        (
            child_with("c", |of| of.task_queue = Some(TaskQueue { name: "/_sys/q".to_owned(), ..TaskQueue::default() })),
            format!(
                "invalid TaskQueue on StartChildWorkflowExecutionCommand: task queue name cannot start with reserved prefix \
                 /_sys/. {about} TaskQueue=/_sys/q"
            ),
        ),
        (
            child("a\0b"),
            "WorkflowId on StartChildWorkflowExecutionCommand contains a NUL byte, which cannot be stored; leave it out."
                .to_owned(),
        ),
        (
            child_with("c", |of| of.workflow_type = Some(WorkflowType { name: "a\0b".to_owned() })),
            "WorkflowType on StartChildWorkflowExecutionCommand contains a NUL byte, which cannot be stored; leave it out."
                .to_owned(),
        ),
    ];
    for (command, why) in table {
        let mut world = World::start(crate::testing::start_request());
        world.takes_task();
        let text = format!("BadStartChildExecutionAttributes: {why}");
        assert_eq!(world.completes(vec![command]), Err(Rejection::InvalidArgument(text)));
    }
}

#[test]
fn a_childs_oversized_input_ends_the_workflow() {
    let mut world = World::start(crate::testing::start_request());
    world.env.limits.blob_error_bytes = 3;
    world.takes_task();
    let text = "BadStartChildExecutionAttributes: StartChildWorkflowExecutionCommandAttributes. Input exceeds size limit.";
    let large = child_with("c", |of| of.input = crate::testing::payloads("large"));
    assert_eq!(world.completes(vec![large]), Err(Rejection::InvalidArgument(text.to_owned())));
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wf4 T5");
}

#[test]
fn too_many_children_fail_the_workflow_task() {
    let mut world = World::start(crate::testing::start_request());
    world.env.limits.pending_children = 1;
    world.takes_task();
    let text = "PendingChildWorkflowsLimitExceeded: the number of pending child workflow executions, 1, \
                has reached the per-workflow limit of 1";
    assert_eq!(world.completes(vec![child("a"), child("b")]), Err(Rejection::InvalidArgument(text.to_owned())));
}
