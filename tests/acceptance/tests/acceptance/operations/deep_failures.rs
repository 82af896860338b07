//! Failures whose causes go nearly as deep as a message may: whatever is accepted can be read back, also by the next process.

use std::time::Duration;

use acceptance::client::{Client, normal_queue, within};
use acceptance::commands;
use acceptance::server::{Server, Start, Storage};
use proto::temporal::api::command::v1::command::Attributes;
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::EventType;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};
use proto::temporal::api::history::v1::history_event::Attributes as EventAttributes;
use proto::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, PollActivityTaskQueueRequest, PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
    RespondActivityTaskFailedRequest, RespondWorkflowTaskCompletedRequest,
};

const QUEUE: &str = "deep";
const DEADLINE: Duration = Duration::from_secs(20);
/// As deep as a request can carry them.
const CAUSES: usize = 95;
/// As many are kept, and one says that there were more.
const KEPT: usize = 65;

fn deep() -> Failure {
    let info = || Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo::default()));
    let innermost = Failure { message: "cause 0".to_owned(), failure_info: info(), ..Failure::default() };
    (1..=CAUSES).fold(innermost, |inner, number| Failure {
        message: format!("cause {number}"),
        failure_info: info(),
        cause: Some(Box::new(inner)),
        ..Failure::default()
    })
}

fn causes(failure: Option<&Failure>) -> usize {
    std::iter::successors(failure.and_then(|of| of.cause.as_deref()), |of| of.cause.as_deref()).count()
}

async fn workflow_task(client: &Client) -> PollWorkflowTaskQueueResponse {
    let request = PollWorkflowTaskQueueRequest {
        namespace: "default".to_owned(),
        task_queue: Some(normal_queue(QUEUE)),
        ..Default::default()
    };
    client.service().poll_workflow_task_queue(within(DEADLINE, request)).await.unwrap().into_inner()
}

async fn complete(client: &Client, task: PollWorkflowTaskQueueResponse, command: proto::temporal::api::command::v1::Command) {
    let request = RespondWorkflowTaskCompletedRequest {
        namespace: "default".to_owned(),
        task_token: task.task_token,
        commands: vec![command],
        ..Default::default()
    };
    client.service().respond_workflow_task_completed(within(DEADLINE, request)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_as_deep_as_a_request_can_be_is_readable_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let start = Start::on(Storage::Sqlite(folder.path().join("aevum.db")));
    let mut server = Server::start(&start).await.unwrap();
    let client = Client::new(&server.address).unwrap();
    let run = client.start(client.start_request("deep", "Deep", QUEUE, None)).await.unwrap().run_id;
    let task = workflow_task(&client).await;
    complete(&client, task, commands::activity("only", "Work", QUEUE, 100)).await;
    let poll = PollActivityTaskQueueRequest {
        namespace: "default".to_owned(),
        task_queue: Some(normal_queue(QUEUE)),
        ..Default::default()
    };
    let attempt = client.service().poll_activity_task_queue(within(DEADLINE, poll)).await.unwrap().into_inner();
    let failed = RespondActivityTaskFailedRequest {
        namespace: "default".to_owned(),
        task_token: attempt.task_token,
        failure: Some(deep()),
        ..Default::default()
    };
    client.service().respond_activity_task_failed(within(DEADLINE, failed)).await.unwrap();
    server.kill().unwrap();

    let mut server = Server::start(&start).await.unwrap();
    let client = Client::new(&server.address).unwrap();
    let execution = Some(WorkflowExecution { workflow_id: "deep".to_owned(), run_id: run.clone() });
    let describe = DescribeWorkflowExecutionRequest { namespace: "default".to_owned(), execution };
    let described = client.service().describe_workflow_execution(within(DEADLINE, describe)).await.unwrap().into_inner();
    assert_eq!(causes(described.pending_activities[0].last_failure.as_ref()), KEPT);

    client.signal(client.signal_request("deep", "go", None)).await.unwrap();
    let task = workflow_task(&client).await;
    let mut command = commands::fail("deep");
    if let Some(Attributes::FailWorkflowExecutionCommandAttributes(of)) = &mut command.attributes {
        of.failure = Some(deep());
    }
    complete(&client, task, command).await;
    let events = client.history("deep", &run).await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(last.event_type(), EventType::WorkflowExecutionFailed);
    let Some(EventAttributes::WorkflowExecutionFailedEventAttributes(of)) = &last.attributes else { panic!("{last:?}") };
    assert_eq!(causes(of.failure.as_ref()), KEPT);
    assert!(server.stop().await.unwrap().success(), "{}", server.log_text());
    assert_eq!(server.complaints(), Vec::<String>::new());
}
