//! The end of a child, seen from its parent.

use model::RunId;
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::RetryState;
use proto::temporal::api::history::v1::{
    HistoryEvent, WorkflowExecutionCanceledEventAttributes, WorkflowExecutionCompletedEventAttributes,
    WorkflowExecutionFailedEventAttributes, WorkflowExecutionTerminatedEventAttributes, WorkflowExecutionTimedOutEventAttributes,
    history_event::Attributes as A,
};

use crate::decision::Answer;
use crate::input::{ChildClosed, ChildStarted, Input, ToInitiator};
use crate::rejection::Rejection;
use crate::testing::commands::{child, complete_workflow, marker};
use crate::testing::{World, failure, payloads, signal};

fn first_run() -> RunId {
    RunId::new(uuid::Uuid::from_u128(77))
}

fn closed(world: &World, closing: A) -> ChildClosed {
    ChildClosed {
        to: ToInitiator { run: world.run, initiated_event_id: 5 },
        child: WorkflowExecution { workflow_id: "c".to_owned(), run_id: "last-run".to_owned() },
        first_run_id: first_run().to_string(),
        workflow_type: "Child".to_owned(),
        close_event: HistoryEvent { attributes: Some(closing), ..HistoryEvent::default() },
    }
}

fn closes(world: &mut World, closing: A) -> Result<Answer, Rejection> {
    let input = closed(world, closing);
    world.decide(Input::ChildClosed(Box::new(input)))
}

fn completed() -> A {
    A::WorkflowExecutionCompletedEventAttributes(WorkflowExecutionCompletedEventAttributes {
        result: payloads("done"),
        ..WorkflowExecutionCompletedEventAttributes::default()
    })
}

fn with_started_child() -> World {
    let mut world = World::with(vec![child("c")]);
    let to = ToInitiator { run: world.run, initiated_event_id: 5 };
    world.decide(Input::ChildStarted(Box::new(ChildStarted { to, outcome: Ok(first_run()) }))).expect("told");
    world.works(vec![]).expect("completed");
    world
}

#[test]
fn the_parent_hears_how_the_last_run_of_a_chain_ended() {
    let mut world = with_started_child();
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 ChildInitiated5 ChildStarted6 Ws7 Wt8 Wc9");
    closes(&mut world, completed()).expect("told");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 ChildInitiated5 ChildStarted6 Ws7 Wt8 Wc9 ChildCompleted10 Ws11");
    let A::ChildWorkflowExecutionCompletedEventAttributes(event) = world.attributes(10) else { panic!("completed") };
    assert_eq!((event.initiated_event_id, event.started_event_id, event.result.clone()), (5, 6, payloads("done")));
    assert_eq!(event.workflow_execution.as_ref().map(|execution| execution.run_id.as_str()), Some("last-run"));
    assert_eq!(event.workflow_type.as_ref().map(|kind| kind.name.as_str()), Some("Child"));
    assert!(world.run().children().is_empty());
}

#[test]
fn each_end_has_its_event() {
    let failed = WorkflowExecutionFailedEventAttributes {
        failure: Some(failure("Broken")),
        retry_state: RetryState::MaximumAttemptsReached as i32,
        ..WorkflowExecutionFailedEventAttributes::default()
    };
    let table = [
        (A::WorkflowExecutionFailedEventAttributes(failed), "ChildFailed10"),
        (A::WorkflowExecutionCanceledEventAttributes(WorkflowExecutionCanceledEventAttributes::default()), "ChildCanceled10"),
        (A::WorkflowExecutionTimedOutEventAttributes(WorkflowExecutionTimedOutEventAttributes::default()), "ChildTimedOut10"),
        (
            A::WorkflowExecutionTerminatedEventAttributes(WorkflowExecutionTerminatedEventAttributes::default()),
            "ChildTerminated10",
        ),
    ];
    for (closing, name) in table {
        let mut world = with_started_child();
        closes(&mut world, closing).expect("told");
        assert!(world.story().ends_with(&format!("Wc9 {name} Ws11")), "{}", world.story());
        if let A::ChildWorkflowExecutionFailedEventAttributes(event) = world.attributes(10) {
            assert_eq!(event.failure, Some(failure("Broken")));
            assert_eq!(event.retry_state(), RetryState::MaximumAttemptsReached);
        }
    }
}

#[test]
fn an_end_before_the_start_is_known_writes_the_start_first() {
    let mut world = World::with(vec![child("c")]);
    closes(&mut world, completed()).expect("told");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 ChildInitiated5 ChildStarted6 ChildCompleted7 Ws8");
    let A::ChildWorkflowExecutionStartedEventAttributes(started) = world.attributes(6) else { panic!("started") };
    let run = started.workflow_execution.as_ref().map(|execution| execution.run_id.clone());
    assert_eq!(run, Some(first_run().to_string()), "its first run");
    let A::ChildWorkflowExecutionCompletedEventAttributes(event) = world.attributes(7) else { panic!("completed") };
    assert_eq!(event.started_event_id, 6);
}

#[test]
fn start_and_end_that_wait_together_fit_together() {
    let mut world = World::with(vec![child("c")]);
    world.decide(Input::Signal(Box::new(signal("s")))).expect("signalled");
    world.takes_task();
    closes(&mut world, completed()).expect("told");
    world.completes(vec![marker()]).expect("completed");
    assert!(world.story().ends_with("Wc9 Marker10 ChildStarted11 ChildCompleted12 Ws13"), "{}", world.story());
    let A::ChildWorkflowExecutionCompletedEventAttributes(event) = world.attributes(12) else { panic!("completed") };
    assert_eq!(event.started_event_id, 11);
}

#[test]
fn a_report_that_fits_no_pending_child_is_not_found() {
    let not_found = Err(Rejection::NotFound("Pending child execution not found.".to_owned()));
    let mut world = with_started_child();
    let mut other = closed(&world, completed());
    other.child.workflow_id = "another".to_owned();
    assert_eq!(world.decide(Input::ChildClosed(Box::new(other))), not_found);
    let mut stranger = closed(&world, completed());
    stranger.first_run_id = uuid::Uuid::from_u128(78).to_string();
    assert_eq!(world.decide(Input::ChildClosed(Box::new(stranger))), not_found);
    closes(&mut world, completed()).expect("told");
    assert_eq!(closes(&mut world, completed()), not_found, "a second time");
}

#[test]
fn a_closed_parent_drops_the_report() {
    let mut world = World::with(vec![child("c"), complete_workflow()]);
    assert_eq!(closes(&mut world, completed()), Err(Rejection::closed()));
}
