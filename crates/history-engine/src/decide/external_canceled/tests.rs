//! Cancel requests to other workflows.

use proto::temporal::api::enums::v1::CancelExternalWorkflowExecutionFailedCause as Cause;
use proto::temporal::api::history::v1::history_event::Attributes as A;

use crate::decision::Answer;
use crate::input::{ExternalCanceled, Input, ToInitiator};
use crate::rejection::Rejection;
use crate::task::Task;
use crate::testing::commands::{cancel_external, cancel_external_with, child, complete_workflow};
use crate::testing::{World, start_request};

fn told(world: &mut World, outcome: Result<(), Cause>) -> Result<Answer, Rejection> {
    let to = ToInitiator { run: world.run, initiated_event_id: 5 };
    world.decide(Input::ExternalCanceled(Box::new(ExternalCanceled { to, outcome })))
}

#[test]
fn a_request_is_owed_until_its_outcome_is_told() {
    let mut world = World::with(vec![cancel_external_with("other", |of| of.reason = "no stock".to_owned())]);
    assert!(world.owes(|task| matches!(task, Task::CancelExternal { initiated_event_id: 5, .. })));
    let A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(of) = world.attributes(5) else { panic!("initiated") };
    assert_eq!(of.reason, "no stock");
    for _ in 0..2 {
        assert_eq!(told(&mut world, Ok(())), Ok(Answer::Done), "the second time nothing changes");
        assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 CancelExternalInitiated5 ExternalCancelRequested6 Ws7");
    }
    assert!(!world.owes(|task| matches!(task, Task::CancelExternal { .. })));
}

#[test]
fn a_request_that_does_not_arrive_says_why() {
    for cause in [Cause::ExternalWorkflowExecutionNotFound, Cause::NamespaceNotFound] {
        let mut world = World::with(vec![cancel_external("other")]);
        told(&mut world, Err(cause)).expect("told");
        assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 CancelExternalInitiated5 CancelExternalFailed6 Ws7");
        let A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(failed) = world.attributes(6) else {
            panic!("failed")
        };
        assert_eq!((failed.cause(), failed.initiated_event_id), (cause, 5));
    }
}

#[test]
fn a_closed_workflow_asks_nobody() {
    let mut world = World::with(vec![cancel_external("other"), complete_workflow()]);
    assert_eq!(world.chain.tasks(), []);
    assert_eq!(told(&mut world, Ok(())), Err(Rejection::closed()));
}

#[test]
#[expect(deprecated, reason = "old workers still send a namespace")]
fn bad_requests_fail_the_workflow_task() {
    let bad = "BadRequestCancelExternalWorkflowExecutionAttributes: ";
    let command = "RequestCancelExternalWorkflowExecutionCommand";
    let table = [
        (
            vec![cancel_external_with("o", |of| of.namespace = "elsewhere".to_owned())],
            "cross namespace commands are not allowed".to_owned(),
        ),
        (vec![cancel_external("")], format!("WorkflowId is not set on {command}. Namespace= RunId=")),
        (
            vec![cancel_external_with("o", |of| of.run_id = "x".to_owned())],
            format!("Invalid RunId set on {command}. WorkflowId=o RunId=x Namespace="),
        ),
        (
            vec![child("c"), cancel_external("c")],
            "Start and RequestCancel for child workflow is not allowed in same workflow task. WorkflowId=c RunId= Namespace="
                .to_owned(),
        ),
        (
            vec![cancel_external("a\0b")],
            format!("WorkflowId on {command} contains a NUL byte, which cannot be stored; leave it out."),
        ),
    ];
    for (commands, why) in table {
        let mut world = World::start(start_request());
        world.takes_task();
        assert_eq!(world.completes(commands), Err(Rejection::InvalidArgument(format!("{bad}{why}"))));
    }
}

#[test]
fn a_child_of_an_earlier_task_may_be_cancelled() {
    let mut world = World::with(vec![child("c")]);
    world.decide(Input::Signal(Box::new(crate::testing::signal("s")))).expect("signalled");
    world.works(vec![cancel_external("c")]).expect("asked");
    assert!(world.story().ends_with("Wc9 CancelExternalInitiated10"), "{}", world.story());
}

#[test]
fn too_many_requests_fail_the_workflow_task() {
    let mut world = World::start(start_request());
    world.env.limits.pending_cancels = 1;
    world.takes_task();
    let text = "PendingRequestCancelLimitExceeded: the number of pending requests to cancel external workflows, 1, \
                has reached the per-workflow limit of 1";
    let two = vec![cancel_external("a"), cancel_external("b")];
    assert_eq!(world.completes(two), Err(Rejection::InvalidArgument(text.to_owned())));
}
