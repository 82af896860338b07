//! Signals to other workflows.

use proto::temporal::api::enums::v1::SignalExternalWorkflowExecutionFailedCause as Cause;
use proto::temporal::api::history::v1::history_event::Attributes as A;

use crate::decision::Answer;
use crate::input::{ExternalSignaled, Input, ToInitiator};
use crate::rejection::Rejection;
use crate::task::Task;
use crate::testing::commands::{complete_workflow, marker, signal_external, signal_external_with};
use crate::testing::{World, payloads, signal, start_request};

fn told(world: &mut World, initiated_event_id: i64, outcome: Result<(), Cause>) -> Result<Answer, Rejection> {
    let to = ToInitiator { run: world.run, initiated_event_id };
    world.decide(Input::ExternalSignaled(Box::new(ExternalSignaled { to, outcome })))
}

#[test]
fn a_signal_is_owed_until_its_outcome_is_told() {
    let mut world = World::idle();
    world.decide(Input::Signal(Box::new(signal("go")))).expect("signalled");
    world.works(vec![signal_external("other")]).expect("initiated");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 Sig5 Ws6 Wt7 Wc8 SignalExternalInitiated9");
    assert!(world.owes(|task| matches!(task, Task::SignalExternal { initiated_event_id: 9, .. })));
    let pending = world.run().external_signals().get(&9).expect("pending");
    assert_eq!(pending.request_id, format!("{}:9:0", world.run));
    for _ in 0..2 {
        assert_eq!(told(&mut world, 9, Ok(())), Ok(Answer::Done), "the second time nothing changes");
        assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 Sig5 Ws6 Wt7 Wc8 SignalExternalInitiated9 ExternalSignaled10 Ws11");
    }
    assert!(!world.owes(|task| matches!(task, Task::SignalExternal { .. })));
}

#[test]
fn a_signal_that_does_not_arrive_says_why() {
    for cause in [Cause::ExternalWorkflowExecutionNotFound, Cause::NamespaceNotFound, Cause::SignalCountLimitExceeded] {
        let mut world = World::with(vec![signal_external("other")]);
        told(&mut world, 5, Err(cause)).expect("told");
        assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 SignalExternalInitiated5 SignalExternalFailed6 Ws7");
        let A::SignalExternalWorkflowExecutionFailedEventAttributes(failed) = world.attributes(6) else { panic!("failed") };
        assert_eq!((failed.cause(), failed.initiated_event_id, failed.workflow_task_completed_event_id), (cause, 5, 4));
    }
}

#[test]
fn an_outcome_that_is_told_while_the_worker_is_busy_waits() {
    let mut world = World::with(vec![signal_external("other")]);
    world.decide(Input::Signal(Box::new(signal("s")))).expect("signalled");
    world.takes_task();
    told(&mut world, 5, Ok(())).expect("told");
    world.completes(vec![marker()]).expect("completed");
    assert!(world.story().ends_with("Wc9 Marker10 ExternalSignaled11 Ws12"), "{}", world.story());
}

#[test]
fn a_closed_workflow_signals_nobody() {
    let mut world = World::with(vec![signal_external("other"), complete_workflow()]);
    assert_eq!(world.chain.tasks(), []);
    assert_eq!(told(&mut world, 5, Ok(())), Err(Rejection::closed()));
}

#[test]
#[expect(deprecated, reason = "old workers still send a namespace")]
fn bad_signals_fail_the_workflow_task() {
    let bad = "BadSignalWorkflowExecutionAttributes: ";
    let table = [
        (signal_external_with("o", |of| of.execution = None), "Execution is not set on SignalExternalWorkflowExecutionCommand."),
        (signal_external_with("o", |of| of.namespace = "elsewhere".to_owned()), "cross namespace commands are not allowed"),
        (
            signal_external(""),
            "WorkflowId is not set on SignalExternalWorkflowExecutionCommand. Namespace= RunId= SignalName=wake-up",
        ),
        (
            signal_external_with("o", |of| {
                of.execution.as_mut().expect("set").run_id = "x".to_owned();
            }),
            "Invalid RunId set on SignalExternalWorkflowExecutionCommand. WorkflowId=o Namespace= RunId=x SignalName=wake-up",
        ),
        (
            signal_external_with("o", |of| of.signal_name.clear()),
            "SignalName is not set on SignalExternalWorkflowExecutionCommand. WorkflowId=o Namespace= RunId=",
        ),
        (
            signal_external("a\0b"),
            "WorkflowId on SignalExternalWorkflowExecutionCommand contains a NUL byte, which cannot be stored; leave it out.",
        ),
    ];
    for (command, why) in table {
        let mut world = World::start(start_request());
        world.takes_task();
        assert_eq!(world.completes(vec![command]), Err(Rejection::InvalidArgument(format!("{bad}{why}"))));
    }
}

#[test]
fn too_many_signals_fail_the_workflow_task_and_large_ones_the_workflow() {
    let mut world = World::start(start_request());
    world.env.limits.pending_signals = 1;
    world.takes_task();
    let text = "PendingSignalsLimitExceeded: the number of pending signals to external workflows, 1, \
                has reached the per-workflow limit of 1";
    let two = vec![signal_external("a"), signal_external("b")];
    assert_eq!(world.completes(two), Err(Rejection::InvalidArgument(text.to_owned())));
    let mut world = World::start(start_request());
    world.env.limits.blob_error_bytes = 3;
    world.takes_task();
    let text = "BadSignalWorkflowExecutionAttributes: SignalExternalWorkflowExecutionCommandAttributes.Input exceeds size limit.";
    let large = signal_external_with("a", |of| of.input = payloads("large"));
    assert_eq!(world.completes(vec![large]), Err(Rejection::InvalidArgument(text.to_owned())));
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wf4 T5");
}
