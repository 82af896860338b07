//! A raw gRPC client: what the suites call, with the least words, and again when a server comes back.

use std::time::Duration;

use anyhow::{Context, ensure};
use proto::temporal::api::common::v1::{Payload, Payloads, WorkflowExecution, WorkflowType};
use proto::temporal::api::enums::v1::{TaskQueueKind, WorkflowExecutionStatus};
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use proto::temporal::api::workflowservice::v1::{
    CountWorkflowExecutionsRequest, DescribeWorkflowExecutionRequest, GetWorkflowExecutionHistoryRequest,
    SignalWorkflowExecutionRequest, StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
};
use tokio::time::Instant;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

/// The generated stub.
pub type Service = WorkflowServiceClient<Channel>;

const LARGEST_ANSWER: usize = 128 << 20;
/// Between two tries of a call that a dying server did not answer.
const PAUSE: Duration = Duration::from_millis(50);

/// A client of one namespace.
#[derive(Debug, Clone)]
pub struct Client {
    service: Service,
    /// The namespace of every call.
    pub namespace: String,
}

impl Client {
    /// Connects when first used, and again whenever the connection breaks.
    ///
    /// # Errors
    /// Where the address is none.
    pub fn new(address: &str) -> anyhow::Result<Self> {
        let channel = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true).connect_lazy();
        let service = WorkflowServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER);
        Ok(Self { service, namespace: "default".to_owned() })
    }

    /// The same, of another namespace.
    #[must_use]
    pub fn of(self, namespace: &str) -> Self {
        Self { namespace: namespace.to_owned(), ..self }
    }

    /// The stub, for everything else.
    pub fn service(&self) -> Service {
        self.service.clone()
    }

    /// A start request with its own request id; the same request may be sent again.
    pub fn start_request(&self, id: &str, kind: &str, queue: &str, input: Option<Payloads>) -> StartWorkflowExecutionRequest {
        StartWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_id: id.to_owned(),
            workflow_type: Some(WorkflowType { name: kind.to_owned() }),
            task_queue: Some(normal_queue(queue)),
            input,
            identity: IDENTITY.to_owned(),
            request_id: uuid::Uuid::new_v4().to_string(),
            ..Default::default()
        }
    }

    /// Starts, once.
    ///
    /// # Errors
    /// The server's.
    pub async fn start(&self, request: StartWorkflowExecutionRequest) -> Result<StartWorkflowExecutionResponse, Status> {
        Ok(self.service().start_workflow_execution(within(UNARY, request)).await?.into_inner())
    }

    /// Starts, and tries the same request again until a server answers it.
    ///
    /// # Errors
    /// What the server says for good.
    pub async fn start_until_acknowledged(
        &self,
        request: &StartWorkflowExecutionRequest,
    ) -> anyhow::Result<StartWorkflowExecutionResponse> {
        retry_until_answered(|| self.start(request.clone())).await.with_context(|| format!("start {}", request.workflow_id))
    }

    /// A signal request with its own request id; the same request may be sent again.
    pub fn signal_request(&self, id: &str, name: &str, input: Option<Payloads>) -> SignalWorkflowExecutionRequest {
        SignalWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_execution: Some(WorkflowExecution { workflow_id: id.to_owned(), run_id: String::new() }),
            signal_name: name.to_owned(),
            input,
            identity: IDENTITY.to_owned(),
            request_id: uuid::Uuid::new_v4().to_string(),
            ..Default::default()
        }
    }

    /// Signals, once.
    ///
    /// # Errors
    /// The server's.
    pub async fn signal(&self, request: SignalWorkflowExecutionRequest) -> Result<(), Status> {
        self.service().signal_workflow_execution(within(UNARY, request)).await?;
        Ok(())
    }

    /// Signals, and tries the same request again until a server answers it.
    ///
    /// # Errors
    /// What the server says for good.
    pub async fn signal_until_acknowledged(&self, request: &SignalWorkflowExecutionRequest) -> anyhow::Result<()> {
        retry_until_answered(|| self.signal(request.clone())).await.with_context(|| format!("signal {}", request.signal_name))
    }

    /// The status of the current run.
    ///
    /// # Errors
    /// What the server says for good.
    pub async fn status(&self, id: &str) -> anyhow::Result<WorkflowExecutionStatus> {
        let request = DescribeWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            execution: Some(WorkflowExecution { workflow_id: id.to_owned(), run_id: String::new() }),
        };
        let answer = retry_until_answered(|| async {
            Ok(self.service().describe_workflow_execution(within(UNARY, request.clone())).await?.into_inner())
        });
        let answer = answer.await.with_context(|| format!("describe {id}"))?;
        Ok(answer.workflow_execution_info.context("a description without info")?.status())
    }

    /// The whole history of a run, page by page.
    ///
    /// # Errors
    /// What the server says for good.
    pub async fn history(&self, id: &str, run: &str) -> anyhow::Result<Vec<HistoryEvent>> {
        let mut request = GetWorkflowExecutionHistoryRequest {
            namespace: self.namespace.clone(),
            execution: Some(WorkflowExecution { workflow_id: id.to_owned(), run_id: run.to_owned() }),
            ..Default::default()
        };
        let mut events = Vec::new();
        loop {
            let answer = retry_until_answered(|| async {
                Ok(self.service().get_workflow_execution_history(within(UNARY, request.clone())).await?.into_inner())
            });
            let page = answer.await.with_context(|| format!("history of {id} {run}"))?;
            events.extend(page.history.unwrap_or_default().events);
            if page.next_page_token.is_empty() {
                return Ok(events);
            }
            request.next_page_token = page.next_page_token;
        }
    }

    /// How many runs the filter finds.
    ///
    /// # Errors
    /// What the server says for good.
    pub async fn count(&self, query: &str) -> anyhow::Result<i64> {
        let request = CountWorkflowExecutionsRequest { namespace: self.namespace.clone(), query: query.to_owned() };
        let answer = self.service().count_workflow_executions(within(Duration::from_secs(30), request)).await?;
        Ok(answer.into_inner().count)
    }

    /// Waits until the current run is closed; returns how it ended.
    ///
    /// # Errors
    /// Where it is still open after `patience`.
    pub async fn wait_until_closed(&self, id: &str, patience: Duration) -> anyhow::Result<WorkflowExecutionStatus> {
        let deadline = Instant::now() + patience;
        loop {
            let status = self.status(id).await?;
            if status != WorkflowExecutionStatus::Running {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "{id} is still open after {patience:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// What every call says about who calls.
pub const IDENTITY: &str = "acceptance";
/// What a plain call may take.
pub const UNARY: Duration = Duration::from_secs(10);
/// How long a server may be away.
const AWAY: Duration = Duration::from_secs(60);

/// Calls again while the server is away or does not know what became of the call.
///
/// # Errors
/// What the server says for good, or the last failure after a minute.
pub async fn retry_until_answered<T, F, A>(mut call: F) -> Result<T, Status>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, Status>>,
{
    let deadline = Instant::now() + AWAY;
    loop {
        match call().await {
            Err(status) if is_passing(&status) && Instant::now() < deadline => tokio::time::sleep(PAUSE).await,
            answer => return answer,
        }
    }
}

/// Whether this is what a client sees of a server that dies or starts.
pub fn is_passing(status: &Status) -> bool {
    // What has a source was made by the client's own transport, of whatever code: the connection went away under the call.
    let lost = std::error::Error::source(status).is_some();
    lost || matches!(
        status.code(),
        Code::Unavailable | Code::Unknown | Code::DeadlineExceeded | Code::Cancelled | Code::Aborted | Code::ResourceExhausted
    )
}

/// A request with its deadline.
pub fn within<T>(deadline: Duration, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(deadline);
    request
}

/// A normal task queue of this name.
pub fn normal_queue(name: &str) -> TaskQueue {
    TaskQueue { name: name.to_owned(), kind: TaskQueueKind::Normal.into(), ..Default::default() }
}

/// One JSON value, encoded as the SDKs encode their arguments.
pub fn json(value: &serde_json::Value) -> Payloads {
    let metadata = [("encoding".to_owned(), bytes::Bytes::from_static(b"json/plain"))].into();
    Payloads { payloads: vec![Payload { metadata, data: value.to_string().into(), ..Default::default() }] }
}

/// A duration as the wire has it.
pub fn seconds(seconds: f64) -> prost_types::Duration {
    prost_types::Duration::try_from(Duration::from_secs_f64(seconds)).unwrap_or_default()
}
