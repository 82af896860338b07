//! What users do to a workflow beside starting it, and what a test wants to know of its events.

use history_engine::{Answer, Input, Rejection, RequestCancel, Start, StartAnswer, Terminate, WorkflowTaskHandout};
use model::RunId;
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause;
use proto::temporal::api::history::v1::{WorkflowExecutionStartedEventAttributes, history_event::Attributes};
use proto::temporal::api::workflowservice::v1 as api;

use super::{Script, completion, reference};

impl Script {
    /// Starts a workflow by this request, if it may.
    pub fn try_start(&mut self, request: api::StartWorkflowExecutionRequest) -> Result<StartAnswer, Rejection> {
        self.started_by(Input::Start(Box::new(Start { request, parent: None })))
    }

    /// A plain request to signal the workflow and to start it where there is none.
    pub fn signal_with_start_request(&self, request_id: &str) -> api::SignalWithStartWorkflowExecutionRequest {
        let start = self.start_request(request_id);
        api::SignalWithStartWorkflowExecutionRequest {
            namespace: start.namespace,
            workflow_id: start.workflow_id,
            workflow_type: start.workflow_type,
            task_queue: start.task_queue,
            request_id: start.request_id,
            identity: start.identity,
            signal_name: "go".to_owned(),
            ..api::SignalWithStartWorkflowExecutionRequest::default()
        }
    }

    /// Signals the workflow, or starts it with a signal.
    pub fn signal_with_start(&mut self, request: api::SignalWithStartWorkflowExecutionRequest) -> Result<StartAnswer, Rejection> {
        self.started_by(Input::SignalWithStart(Box::new(request)))
    }

    fn started_by(&mut self, input: Input) -> Result<StartAnswer, Rejection> {
        match self.give(input)? {
            Answer::Started(answer) => Ok(*answer),
            other => panic!("a start is not answered with {other:?}"),
        }
    }

    /// Somebody asks the current run to cancel.
    pub fn request_cancel(&mut self) -> &mut Self {
        let request = api::RequestCancelWorkflowExecutionRequest {
            workflow_execution: Some(self.target()),
            ..api::RequestCancelWorkflowExecutionRequest::default()
        };
        self.must(Input::RequestCancel(Box::new(RequestCancel { request, from: None, child_workflow_only: false })));
        self
    }

    /// Somebody terminates by this request.
    pub fn try_terminate(&mut self, request: api::TerminateWorkflowExecutionRequest) -> Result<(), Rejection> {
        self.give(Input::Terminate(Box::new(Terminate { request, from_parent: None }))).map(|_| ())
    }

    /// A worker takes the workflow task that is owed and completes it.
    pub fn work(&mut self, commands: Vec<Command>) -> WorkflowTaskHandout {
        let task = self.poll();
        self.complete(&task, commands);
        task
    }

    /// The same, if it is accepted.
    pub fn try_work(&mut self, commands: Vec<Command>) -> Result<(), Rejection> {
        let task = self.poll();
        self.try_complete(&task, api::RespondWorkflowTaskCompletedRequest { commands, ..completion() }).map(|_| ())
    }

    /// A worker fails a workflow task by this request.
    pub fn try_fail(
        &mut self,
        task: &WorkflowTaskHandout,
        cause: WorkflowTaskFailedCause,
        request: api::RespondWorkflowTaskFailedRequest,
    ) -> Result<(), Rejection> {
        let request = api::RespondWorkflowTaskFailedRequest { cause: cause as i32, ..request };
        let input = history_engine::FailWorkflowTask { task: reference(task), request };
        self.give(Input::FailWorkflowTask(Box::new(input))).map(|_| ())
    }

    /// The attributes of an event of the current run.
    pub fn event(&self, id: i64) -> Attributes {
        self.event_of(self.run(), id)
    }

    /// The attributes of an event of a run.
    pub fn event_of(&self, run: RunId, id: i64) -> Attributes {
        let event = self.history(run).into_iter().find(|event| event.event_id == id);
        event.and_then(|event| event.attributes).unwrap_or_else(|| panic!("no event {id}\n{}", self.transcript()))
    }

    /// What the current run was started with.
    pub fn began(&self) -> WorkflowExecutionStartedEventAttributes {
        match self.event(1) {
            Attributes::WorkflowExecutionStartedEventAttributes(of) => *of,
            other => panic!("a run does not begin with {other:?}"),
        }
    }

    /// The durable history of a run in shorthand.
    pub fn short_of(&self, run: RunId) -> String {
        crate::transcript::shorthand(&self.history(run))
    }
}
