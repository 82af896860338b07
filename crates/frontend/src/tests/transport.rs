//! Compression, sizes of messages and headers, health, reflection.

use proto::temporal::api::common::v1::{Payload, Payloads, WorkflowExecution};
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;
use tonic::codec::CompressionEncoding;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::world::{with_options, world};
use crate::Options;
use crate::table::{OPERATOR_SERVICE, WORKFLOW_SERVICE};

fn execution(workflow_id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution { workflow_id: workflow_id.to_owned(), run_id: String::new() })
}

#[tokio::test]
async fn gzip_is_accepted_and_answered_where_it_pays() {
    let world = world().await;
    *world.seen.history_bytes.lock() = 100_000;
    let history = || wire::GetWorkflowExecutionHistoryRequest {
        namespace: "shop".to_owned(),
        execution: execution("w"),
        ..Default::default()
    };
    let packed = world.client().send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip);
    let answer = packed.clone().get_workflow_execution_history(history()).await.unwrap();
    assert_eq!(answer.metadata().get("grpc-encoding").unwrap(), "gzip");
    assert_eq!(answer.get_ref().raw_history[0].data.len(), 100_000);
    let plain = world.client().get_workflow_execution_history(history()).await.unwrap();
    assert!(plain.metadata().get("grpc-encoding").is_none());
    assert_eq!(plain.get_ref().raw_history[0].data.len(), 100_000);
    *world.seen.history_bytes.lock() = 10;
    let short = packed.clone().get_workflow_execution_history(history()).await.unwrap();
    assert_eq!(short.get_ref().raw_history[0].data.len(), 10);
}

#[tokio::test]
async fn a_message_above_the_limit_is_refused_in_grpcs_words() {
    let world = with_options(Options { request_bytes: 10_000, ..Options::STANDARD }).await;
    let signal = |bytes: usize| wire::SignalWorkflowExecutionRequest {
        namespace: "shop".to_owned(),
        workflow_execution: execution("w"),
        signal_name: "s".to_owned(),
        input: Some(Payloads { payloads: vec![Payload { data: vec![0; bytes].into(), ..Default::default() }] }),
        ..Default::default()
    };
    assert!(world.client().signal_workflow_execution(signal(9_000)).await.is_ok());
    let status = world.client().signal_workflow_execution(signal(11_000)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().starts_with("grpc: received message larger than max"), "{status:?}");
}

#[tokio::test]
async fn bytes_that_are_no_message_are_the_callers_mistake() {
    let world = world().await;
    let garbage = bytes::Bytes::from_static(b"\xff\xff\xff\xff\xff");
    let status = super::raw::call(&world.channel, WORKFLOW_SERVICE, "StartWorkflowExecution", garbage).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
}

#[tokio::test]
async fn errors_fit_into_the_headers_that_every_sdk_accepts() {
    let world = world().await;
    let failure = proto::temporal::api::failure::v1::Failure { message: "é".repeat(30_000), ..Default::default() };
    *world.seen.signal_error.lock() = Some(Error::QueryFailed { message: "ü".repeat(20_000), failure: Some(Box::new(failure)) });
    let request = wire::SignalWorkflowExecutionRequest {
        namespace: "shop".to_owned(),
        workflow_execution: execution("w"),
        signal_name: "s".to_owned(),
        ..Default::default()
    };
    let status = world.client().signal_workflow_execution(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().starts_with("üü"));
    // As bytes on the wire: the text percent-encoded, the details in base64.
    let text: usize = status.message().bytes().map(|byte| if byte.is_ascii_graphic() { 1 } else { 3 }).sum();
    assert!(text + status.details().len().div_ceil(3) * 4 < 15 * 1024, "{text} {}", status.details().len());
}

#[tokio::test]
async fn health_follows_the_service() {
    let world = world().await;
    let mut health = HealthClient::new(world.channel.clone());
    let ask = |service: &str| HealthCheckRequest { service: service.to_owned() };
    for service in ["", WORKFLOW_SERVICE, OPERATOR_SERVICE] {
        let answer = health.check(ask(service)).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    let unknown = health.check(ask("no.such.Service")).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    world.service.set_serving(false).await;
    let answer = health.check(ask(WORKFLOW_SERVICE)).await.unwrap().into_inner();
    assert_eq!(answer.status(), ServingStatus::NotServing);
}

#[tokio::test]
async fn reflection_lists_the_public_services() {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

    let world = world().await;
    let mut reflection = ServerReflectionClient::new(world.channel.clone());
    let ask = ServerReflectionRequest { host: String::new(), message_request: Some(MessageRequest::ListServices(String::new())) };
    let stream = tokio_stream::iter([ask]);
    let mut answers = reflection.server_reflection_info(Request::new(stream)).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else { panic!("{answer:?}") };
    let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    for service in [WORKFLOW_SERVICE, OPERATOR_SERVICE, "grpc.health.v1.Health"] {
        assert!(names.iter().any(|name| name == service), "{names:?}");
    }
}
