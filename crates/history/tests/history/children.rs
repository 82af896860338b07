//! A parent that closes while the start of its child is on its way.

use std::time::Duration;

use history::Options;
use proto::temporal::api::command::v1::{Command, command::Attributes};
use proto::temporal::api::enums::v1::{EventType as T, ParentClosePolicy, WorkflowExecutionStatus as Status};
use proto::temporal::api::workflowservice::v1::{DeleteWorkflowExecutionRequest, TerminateWorkflowExecutionRequest};
use rpc::services::History;

use crate::world::{World, execution, namespace, types};

/// Longer than any pause between tries.
const A_WHILE: Duration = Duration::from_secs(11);

/// A command that starts `child`.
fn start_child(policy: ParentClosePolicy) -> Command {
    let mut command = testkit::commands::start_child("child");
    if let Some(Attributes::StartChildWorkflowExecutionCommandAttributes(of)) = &mut command.attributes {
        of.parent_close_policy = policy as i32;
    }
    command
}

/// A world whose parent is terminated while the start of its child is on its way.
async fn parent_closes_first(policy: ParentClosePolicy) -> World {
    let world = World::new().await;
    world.slow.hold();
    world.start("parent").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![start_child(policy)]).await.unwrap();
    world.slow.holds_one().await;
    let request = TerminateWorkflowExecutionRequest { workflow_execution: Some(execution("parent")), ..Default::default() };
    world.service.terminate_workflow(&rpc::Context::default(), &namespace(), request, None).await.unwrap();
    world
}

#[tokio::test(start_paused = true)]
async fn child_that_starts_after_its_parent_closed_is_terminated() {
    let world = parent_closes_first(ParentClosePolicy::Terminate).await;
    tokio::time::sleep(A_WHILE).await;
    assert!(world.describe("child").await.is_err(), "the start has not arrived");
    world.slow.let_go();
    tokio::time::sleep(A_WHILE).await;
    let child = world.describe("child").await.unwrap().workflow_execution_info.unwrap();
    assert_eq!(child.status(), Status::Terminated);
    let events = world.history("child").await.unwrap();
    assert_eq!(types(&events), [T::WorkflowExecutionStarted, T::WorkflowExecutionTerminated]);
}

#[tokio::test(start_paused = true)]
async fn child_that_starts_after_its_parent_closed_is_asked_to_cancel() {
    let world = parent_closes_first(ParentClosePolicy::RequestCancel).await;
    tokio::time::sleep(A_WHILE).await;
    assert!(world.describe("child").await.is_err(), "the start has not arrived");
    world.slow.let_go();
    tokio::time::sleep(A_WHILE).await;
    let events = world.history("child").await.unwrap();
    assert_eq!(types(&events), [T::WorkflowExecutionStarted, T::WorkflowExecutionCancelRequested, T::WorkflowTaskScheduled]);
}

#[tokio::test(start_paused = true)]
async fn abandoned_child_that_starts_after_its_parent_closed_gets_going() {
    let world = parent_closes_first(ParentClosePolicy::Abandon).await;
    tokio::time::sleep(A_WHILE).await;
    assert!(world.describe("child").await.is_err(), "the start has not arrived");
    world.slow.let_go();
    tokio::time::sleep(A_WHILE).await;
    let events = world.history("child").await.unwrap();
    assert_eq!(types(&events), [T::WorkflowExecutionStarted, T::WorkflowTaskScheduled]);
    let (_, drained) = world.drain().await;
    assert!(drained.is_ok(), "the parent owes nothing any more");
}

#[tokio::test(start_paused = true)]
async fn abandoned_child_whose_start_a_crash_made_unknown_gets_going() {
    let disk = parent_closes_first(ParentClosePolicy::Abandon).await.crash().await;
    let world = World::boot(disk, Options::DEFAULT).await;
    tokio::time::sleep(A_WHILE).await;
    let events = world.history("child").await.unwrap();
    assert_eq!(types(&events), [T::WorkflowExecutionStarted, T::WorkflowTaskScheduled]);
}

#[tokio::test(start_paused = true)]
async fn parent_that_closed_is_not_held_by_an_abandoned_child_that_cannot_start() {
    let world = parent_closes_first(ParentClosePolicy::Abandon).await;
    world.start("child").await.unwrap();
    world.slow.let_go();
    tokio::time::sleep(A_WHILE).await;
    let request = DeleteWorkflowExecutionRequest { workflow_execution: Some(execution("parent")), ..Default::default() };
    world.service.delete_workflow(&rpc::Context::default(), &namespace(), request).await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    assert!(world.describe("parent").await.is_err(), "it is deleted once nobody needs it");
}
