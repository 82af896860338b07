//! Quotas over a connection: code, text, cause and scope.

use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use proto::google::rpc::Status as RichStatus;
use proto::temporal::api::enums::v1::{ResourceExhaustedCause as Cause, ResourceExhaustedScope as Scope};
use proto::temporal::api::errordetails::v1::ResourceExhaustedFailure;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1 as wire;
use tokio::sync::Notify;
use tonic::{Code, Status};

use super::world::{World, poll, world};

fn exhausted(status: &Status) -> (Code, String, Cause, Scope) {
    let rich = RichStatus::decode(status.details()).unwrap();
    let detail = ResourceExhaustedFailure::decode(rich.details[0].value.as_slice()).unwrap();
    (status.code(), status.message().to_owned(), detail.cause(), detail.scope())
}

async fn describe(world: &World) -> Result<(), Status> {
    let request = wire::DescribeNamespaceRequest { namespace: "shop".to_owned(), ..Default::default() };
    world.client().describe_namespace(request).await.map(|_| ())
}

#[tokio::test]
async fn a_namespace_has_its_calls_per_second() {
    let world = world().await;
    world.settings.0.lock().insert("frontend.namespaceRPS", 3.0);
    for _ in 0..3 {
        describe(&world).await.unwrap();
    }
    let expected = (Code::ResourceExhausted, "namespace rate limit exceeded".to_owned(), Cause::RpsLimit, Scope::Namespace);
    assert_eq!(exhausted(&describe(&world).await.unwrap_err()), expected);
    world.clock.advance(Duration::from_secs(1));
    describe(&world).await.unwrap();
}

#[tokio::test]
async fn lists_may_have_a_rate_of_their_own() {
    let world = world().await;
    world.settings.0.lock().insert("frontend.namespaceRPS.visibility", 1.0);
    let count = || wire::CountWorkflowExecutionsRequest { namespace: "shop".to_owned(), ..Default::default() };
    world.client().count_workflow_executions(count()).await.unwrap();
    let status = world.client().count_workflow_executions(count()).await.unwrap_err();
    let text = "namespace rate limit of lists exceeded".to_owned();
    assert_eq!(exhausted(&status), (Code::ResourceExhausted, text, Cause::RpsLimit, Scope::Namespace));
    describe(&world).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    world.client().count_workflow_executions(count()).await.unwrap();
}

#[tokio::test]
async fn the_host_has_its_calls_per_second() {
    let world = world().await;
    world.settings.0.lock().insert("frontend.rps", 2.0);
    for _ in 0..2 {
        world.client().get_system_info(wire::GetSystemInfoRequest {}).await.unwrap();
    }
    let status = world.client().get_system_info(wire::GetSystemInfoRequest {}).await.unwrap_err();
    let expected = (Code::ResourceExhausted, "service rate limit exceeded".to_owned(), Cause::RpsLimit, Scope::System);
    assert_eq!(exhausted(&status), expected);
}

#[tokio::test]
async fn a_namespace_has_its_places_for_polls_and_they_become_free() {
    let world = world().await;
    world.settings.0.lock().insert("frontend.namespaceCount", 1.0);
    let hold = Arc::new(Notify::new());
    *world.seen.hold_polls.lock() = Some(Arc::clone(&hold));
    let request = || {
        poll(wire::PollActivityTaskQueueRequest {
            namespace: "shop".to_owned(),
            task_queue: Some(TaskQueue { name: "q".to_owned(), ..Default::default() }),
            ..Default::default()
        })
    };
    let mut client = world.client();
    let first = tokio::spawn(async move { client.poll_activity_task_queue(request()).await });
    while world.seen.calls.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    let status = world.client().poll_activity_task_queue(request()).await.unwrap_err();
    let text = "namespace concurrent poller limit exceeded".to_owned();
    assert_eq!(exhausted(&status), (Code::ResourceExhausted, text, Cause::ConcurrentLimit, Scope::Namespace));
    hold.notify_one();
    first.await.unwrap().unwrap();
    *world.seen.hold_polls.lock() = None;
    world.client().poll_activity_task_queue(request()).await.unwrap();
}
