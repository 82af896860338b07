//! The way through the gate: who may call, what travels with a call, what the cluster says of itself.

use std::time::Duration;

use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;
use tokio::time::Instant;
use tonic::metadata::MetadataValue;
use tonic::{Code, Request};

use super::world::world;
use crate::{Authenticator, Caller, Principal, SERVER_VERSION};

/// Lets everybody in but the caller whose `authorization` is `eve`.
pub(super) struct NobodyNamedEve;

impl Authenticator for NobodyNamedEve {
    fn authenticate(&self, caller: &Caller<'_>) -> Result<Principal, Error> {
        if caller.headers.get("authorization").is_some_and(|value| value == "eve") {
            return Err(Error::PermissionDenied("Request unauthorized.".to_owned()));
        }
        Ok(Principal::default())
    }
}

#[tokio::test]
async fn the_authenticator_is_asked_before_anything_else() {
    let world = world().await;
    let mut request = Request::new(wire::GetSystemInfoRequest {});
    request.metadata_mut().insert("authorization", MetadataValue::from_static("eve"));
    let status = world.client().get_system_info(request).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::PermissionDenied, "Request unauthorized."));
}

#[tokio::test]
async fn deadline_and_client_travel_with_the_call() {
    let world = world().await;
    let signal = wire::SignalWorkflowExecutionRequest {
        namespace: "shop".to_owned(),
        workflow_execution: Some(WorkflowExecution { workflow_id: "w".to_owned(), ..Default::default() }),
        signal_name: "s".to_owned(),
        ..Default::default()
    };
    let mut request = Request::new(signal);
    request.set_timeout(Duration::from_secs(30));
    request.metadata_mut().insert("client-name", MetadataValue::from_static("temporal-go"));
    request.metadata_mut().insert("client-version", MetadataValue::from_static("1.48.0"));
    world.client().signal_workflow_execution(request).await.unwrap();
    let context = world.seen.contexts.lock().pop().unwrap();
    assert_eq!(context.client_name.as_deref(), Some("temporal-go"));
    assert_eq!(context.client_version.as_deref(), Some("1.48.0"));
    let left = context.deadline.unwrap().saturating_duration_since(Instant::now());
    assert!(left > Duration::from_secs(20) && left <= Duration::from_secs(30), "{left:?}");
}

#[tokio::test]
async fn the_cluster_tells_its_version_and_only_what_is_built() {
    let world = world().await;
    let info = world.client().get_system_info(wire::GetSystemInfoRequest {}).await.unwrap().into_inner();
    assert_eq!(info.server_version, SERVER_VERSION);
    let capabilities = info.capabilities.unwrap();
    assert!(capabilities.internal_error_differentiation && capabilities.sdk_metadata && capabilities.upsert_memo);
    assert!(!capabilities.supports_schedules && !capabilities.nexus && !capabilities.build_id_based_versioning);
    let cluster = world.client().get_cluster_info(wire::GetClusterInfoRequest {}).await.unwrap().into_inner();
    assert_eq!((cluster.cluster_name.as_str(), cluster.history_shard_count), ("active", 256));
    assert_eq!(cluster.supported_clients["temporal-go"], "<2.0.0");
}

#[tokio::test]
async fn workers_may_report_and_say_goodbye() {
    let world = world().await;
    let beat = wire::RecordWorkerHeartbeatRequest { namespace: "shop".to_owned(), ..Default::default() };
    world.client().record_worker_heartbeat(beat).await.unwrap();
    let goodbye = |sticky: &str| wire::ShutdownWorkerRequest {
        namespace: "shop".to_owned(),
        sticky_task_queue: sticky.to_owned(),
        task_queue: "q".to_owned(),
        ..Default::default()
    };
    world.client().shutdown_worker(goodbye("")).await.unwrap();
    assert!(world.seen.calls.lock().is_empty());
    world.client().shutdown_worker(goodbye("sticky-1")).await.unwrap();
    assert_eq!(*world.seen.calls.lock(), ["shutdown_worker"]);
    let queue = Some(TaskQueue { name: "q".to_owned(), ..Default::default() });
    let partitions = wire::ListTaskQueuePartitionsRequest { namespace: "shop".to_owned(), task_queue: queue };
    let answer = world.client().list_task_queue_partitions(partitions).await.unwrap().into_inner();
    assert_eq!(answer.workflow_task_queue_partitions[0].owner_host_name, "here");
}
