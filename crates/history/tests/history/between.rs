//! What workflows do to each other through the service (`semantics.md` 5), and what a deletion leaves (6).

use std::time::Duration;

use proto::temporal::api::command::v1::{
    Command, RequestCancelExternalWorkflowExecutionCommandAttributes, command::Attributes as C,
};
use proto::temporal::api::enums::v1::{
    CancelExternalWorkflowExecutionFailedCause as CancelCause, CommandType, EventType as T, ParentClosePolicy,
    SignalExternalWorkflowExecutionFailedCause as SignalCause, StartChildWorkflowExecutionFailedCause as ChildCause,
    WorkflowExecutionStatus as Status,
};
use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes as A};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::History;
use rpc::{Context, Error};
use testkit::commands::{command, complete, continue_as_new, marker, signal_external, start_child};

use crate::world::{World, execution, key, namespace, types};

/// Longer than any pause between tries.
const A_WHILE: Duration = Duration::from_secs(11);

/// Paused time passes: everything that can happen happens.
async fn wait_a_while() {
    tokio::time::sleep(A_WHILE).await;
}

/// A workflow task of this workflow; those of others are left alone.
async fn task_of(world: &World, id: &str) -> api::PollWorkflowTaskQueueResponse {
    loop {
        let offer = world.offered(model::TaskQueueKind::Workflow).await;
        if offer.key.chain == key(id) {
            return world.begin(&offer).await.unwrap();
        }
    }
}

/// A closed workflow.
async fn closed(world: &World, id: &str) {
    world.start(id).await.unwrap();
    let task = task_of(world, id).await;
    world.complete(&task, vec![complete("done")]).await.unwrap();
}

/// What follows in the history of `sender` once it has given these commands.
async fn gives(world: &World, commands: Vec<Command>) -> Vec<HistoryEvent> {
    world.start("sender").await.unwrap();
    let task = task_of(world, "sender").await;
    let (begun, given) = (4, commands.len());
    world.complete(&task, commands).await.unwrap();
    wait_a_while().await;
    world.history("sender").await.unwrap().split_off(begun + given)
}

fn cancel_external(id: &str) -> Command {
    let of = RequestCancelExternalWorkflowExecutionCommandAttributes { workflow_id: id.to_owned(), ..Default::default() };
    command(CommandType::RequestCancelExternalWorkflowExecution, C::RequestCancelExternalWorkflowExecutionCommandAttributes(of))
}

fn only_if_child(mut command: Command) -> Command {
    match &mut command.attributes {
        Some(C::SignalExternalWorkflowExecutionCommandAttributes(of)) => of.child_workflow_only = true,
        Some(C::RequestCancelExternalWorkflowExecutionCommandAttributes(of)) => of.child_workflow_only = true,
        _ => panic!("it addresses nobody"),
    }
    command
}

#[tokio::test(start_paused = true)]
async fn signal_arrives_or_says_why_not() {
    let world = World::new().await;
    world.start("open").await.unwrap();
    closed(&world, "closed").await;
    let commands = vec![
        signal_external("open"),
        signal_external("closed"),
        signal_external("nobody"),
        signal_external("sender"),
        only_if_child(signal_external("open")),
    ];
    let outcomes = gives(&world, commands).await;
    let mut failed = Vec::new();
    for event in &outcomes {
        match &event.attributes {
            Some(A::ExternalWorkflowExecutionSignaledEventAttributes(of)) => assert_eq!(of.initiated_event_id, 5),
            Some(A::SignalExternalWorkflowExecutionFailedEventAttributes(of)) => {
                failed.push((of.initiated_event_id, of.cause()));
            }
            other => assert!(matches!(other, Some(A::WorkflowTaskScheduledEventAttributes(_))), "{other:?}"),
        }
    }
    failed.sort_unstable_by_key(|(id, _)| *id);
    let nobody = SignalCause::ExternalWorkflowExecutionNotFound;
    assert_eq!(failed, [(6, nobody), (7, nobody), (8, nobody), (9, nobody)]);
    let signals = world.history("open").await.unwrap();
    let Some(A::WorkflowExecutionSignaledEventAttributes(of)) = &signals[2].attributes else { panic!("one signal") };
    assert_eq!(of.external_workflow_execution.as_ref().unwrap().workflow_id, "sender");
    assert_eq!(signals.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn signal_to_who_has_had_enough_of_them_says_so() {
    let world = World::new().await;
    world.start("open").await.unwrap();
    for n in 0..10_000 {
        world.signal("open", &format!("s-{n}")).await.unwrap();
    }
    let outcomes = gives(&world, vec![signal_external("open")]).await;
    let Some(A::SignalExternalWorkflowExecutionFailedEventAttributes(of)) = &outcomes[0].attributes else { panic!("failed") };
    assert_eq!(of.cause(), SignalCause::SignalCountLimitExceeded);
}

#[tokio::test(start_paused = true)]
async fn cancel_request_arrives_also_at_the_closed_or_says_why_not() {
    let world = World::new().await;
    world.start("open").await.unwrap();
    closed(&world, "closed").await;
    let commands = vec![cancel_external("open"), cancel_external("closed"), cancel_external("nobody"), cancel_external("sender")];
    let outcomes = gives(&world, commands).await;
    let (mut arrived, mut failed) = (Vec::new(), Vec::new());
    for event in &outcomes {
        match &event.attributes {
            Some(A::ExternalWorkflowExecutionCancelRequestedEventAttributes(of)) => arrived.push(of.initiated_event_id),
            Some(A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(of)) => {
                failed.push((of.initiated_event_id, of.cause()));
            }
            other => assert!(matches!(other, Some(A::WorkflowTaskScheduledEventAttributes(_))), "{other:?}"),
        }
    }
    arrived.sort_unstable();
    failed.sort_unstable_by_key(|(id, _)| *id);
    let nobody = CancelCause::ExternalWorkflowExecutionNotFound;
    assert_eq!((arrived, failed), (vec![5, 6], vec![(7, nobody), (8, nobody)]));
    let Some(A::WorkflowExecutionCancelRequestedEventAttributes(of)) = &world.history("open").await.unwrap()[2].attributes else {
        panic!("it is asked")
    };
    assert_eq!(of.external_workflow_execution.as_ref().unwrap().workflow_id, "sender");
    assert_eq!(of.external_initiated_event_id, 5);
}

#[tokio::test(start_paused = true)]
async fn child_whose_id_is_taken_does_not_start() {
    let world = World::new().await;
    world.start("child").await.unwrap();
    let outcomes = gives(&world, vec![start_child("child")]).await;
    let Some(A::StartChildWorkflowExecutionFailedEventAttributes(of)) = &outcomes[0].attributes else { panic!("failed") };
    assert_eq!(of.cause(), ChildCause::WorkflowAlreadyExists);
    assert_eq!(outcomes[1].event_type(), T::WorkflowTaskScheduled);
}

#[tokio::test(start_paused = true)]
async fn parent_that_closes_ends_the_run_that_its_child_is_in_by_now() {
    for (policy, ended) in [(ParentClosePolicy::Terminate, Status::Terminated), (ParentClosePolicy::Abandon, Status::Running)] {
        let world = World::new().await;
        let mut child = start_child("child");
        if let Some(C::StartChildWorkflowExecutionCommandAttributes(of)) = &mut child.attributes {
            of.parent_close_policy = policy as i32;
        }
        gives(&world, vec![child, marker("m")]).await;
        let first = world.describe("child").await.unwrap().workflow_execution_info.unwrap();
        let mut tasks = [world.workflow_task().await, world.workflow_task().await];
        tasks.sort_by_key(|task| task.workflow_execution.clone().unwrap().workflow_id);
        world.complete(&tasks[0], vec![continue_as_new("more")]).await.unwrap();
        world.complete(&tasks[1], vec![complete("done")]).await.unwrap();
        tokio::time::sleep(A_WHILE).await;
        let second = world.describe("child").await.unwrap().workflow_execution_info.unwrap();
        assert_ne!(second.execution, first.execution);
        assert_eq!((second.status(), second.first_run_id), (ended, first.first_run_id));
        if policy == ParentClosePolicy::Terminate {
            let last = world.history("child").await.unwrap().pop().unwrap();
            let Some(A::WorkflowExecutionTerminatedEventAttributes(of)) = last.attributes else { panic!("terminated") };
            assert_eq!((of.reason.as_str(), of.identity.as_str()), ("by parent close policy", "history-service"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn deleted_workflow_is_gone_from_everywhere_and_its_id_is_free() {
    let world = World::new().await;
    let run = world.start("order-1").await.unwrap().run_id;
    let request = api::DeleteWorkflowExecutionRequest { workflow_execution: Some(execution("order-1")), ..Default::default() };
    world.service.delete_workflow(&Context::default(), &namespace(), request).await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    let gone = Error::NotFound("workflow not found for ID: order-1".to_owned());
    assert_eq!(world.describe("order-1").await.unwrap_err(), gone);
    assert_eq!(world.history("order-1").await.unwrap_err(), gone);
    assert!(world.disk.visible.deleted.lock().iter().any(|key| key.run.to_string() == run), "lists forget it");
    let world = World::boot(world.crash().await, history::Options::DEFAULT).await;
    assert_eq!(world.describe("order-1").await.unwrap_err(), gone);
    assert_ne!(world.start("order-1").await.unwrap().run_id, run, "also for the request that had started it");
    assert_eq!(types(&world.history("order-1").await.unwrap()), [T::WorkflowExecutionStarted, T::WorkflowTaskScheduled]);
}
