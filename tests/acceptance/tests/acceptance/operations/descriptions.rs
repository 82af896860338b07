//! What people and tools read about executions and task queues, where the official tools depend on it.

use std::time::Duration;

use acceptance::client::{Client, normal_queue, within};
use acceptance::server::{Server, Start, Storage};
use proto::temporal::api::common::v1::{Payload, SearchAttributes, WorkflowExecution};
use proto::temporal::api::enums::v1::{DescribeTaskQueueMode, TaskQueueType};
use proto::temporal::api::workflowservice::v1::{DescribeTaskQueueRequest, DescribeWorkflowExecutionRequest};

const PATIENCE: Duration = Duration::from_secs(10);

/// SDKs with typed search attributes read the type, and command lines send none.
#[tokio::test]
async fn search_attributes_come_back_with_their_type() {
    let start = Start::on(Storage::Memory).with(&["--search-attribute", "CustomOrderID=keyword"]);
    let mut server = Server::start(&start).await.unwrap();
    let client = Client::new(&server.address).unwrap();
    let untyped =
        Payload { metadata: [("encoding".to_owned(), "json/plain".into())].into(), data: "\"o-1\"".into(), ..Payload::default() };
    let mut request = client.start_request("order-1", "Order", "orders", None);
    request.search_attributes =
        Some(SearchAttributes { indexed_fields: [("CustomOrderID".to_owned(), untyped)].into_iter().collect() });
    client.start(request).await.unwrap();
    let describe = DescribeWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        execution: Some(WorkflowExecution { workflow_id: "order-1".to_owned(), run_id: String::new() }),
    };
    let described = client.service().describe_workflow_execution(within(PATIENCE, describe)).await.unwrap().into_inner();
    let attributes = described.workflow_execution_info.unwrap().search_attributes.unwrap().indexed_fields;
    assert_eq!(attributes["CustomOrderID"].metadata["type"], "Keyword");
    assert!(server.stop().await.unwrap().success());
}

/// The official command line asks in this way alone.
#[tokio::test]
#[expect(deprecated, reason = "the official command line asks so")]
async fn a_task_queue_is_described_for_both_types_at_once() {
    let mut server = Server::start(&Start::on(Storage::Memory)).await.unwrap();
    let client = Client::new(&server.address).unwrap();
    client.start(client.start_request("order-1", "Order", "orders", None)).await.unwrap();
    let describe = DescribeTaskQueueRequest {
        namespace: "default".to_owned(),
        task_queue: Some(normal_queue("orders")),
        api_mode: DescribeTaskQueueMode::Enhanced as i32,
        task_queue_types: vec![TaskQueueType::Workflow as i32, TaskQueueType::Activity as i32],
        report_stats: true,
        report_pollers: true,
        ..Default::default()
    };
    let described = client.service().describe_task_queue(within(PATIENCE, describe)).await.unwrap().into_inner();
    let types = &described.versions_info[""].types_info;
    let backlog = |ty: TaskQueueType| types[&(ty as i32)].stats.as_ref().unwrap().approximate_backlog_count;
    assert_eq!((backlog(TaskQueueType::Workflow), backlog(TaskQueueType::Activity)), (1, 0));
    assert!(server.stop().await.unwrap().success());
}
