//! `workflow start` and `workflow execute`.

use std::time::Duration;

use anyhow::Context as _;
use proto::temporal::api::common::v1::{Header, Memo, Priority, SearchAttributes, WorkflowExecution, WorkflowType};
use proto::temporal::api::enums::v1::{TaskQueueKind, WorkflowIdConflictPolicy, WorkflowIdReusePolicy};
use proto::temporal::api::errordetails::v1::WorkflowExecutionAlreadyStartedFailure;
use proto::temporal::api::history::v1::{History, HistoryEvent};
use proto::temporal::api::sdk::v1::UserMetadata;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest;
use serde::Serialize;
use tonic::Code;

use super::inspect;
use crate::args::duration::to_proto;
use crate::args::payload::{json_fields, json_payload};
use crate::args::start::StartArgs;
use crate::args::workflow::ExecuteArgs;
use crate::failure::{Answer as _, detail};
use crate::history::{Pages, Reading, wait_for_close};
use crate::render::json::{self, Json, PayloadForm};
use crate::render::outcome::Outcome;
use crate::render::style::Style;
use crate::render::table::Card;
use crate::session::Session;

/// What was started, as both forms of output show it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Started {
    /// Its id, perhaps one that we made up.
    pub(crate) workflow_id: String,
    /// Its run.
    pub(crate) run_id: String,
    r#type: String,
    namespace: String,
    task_queue: String,
}

impl Started {
    fn text(&self, style: &Style) -> String {
        let card = Card::default()
            .with("WorkflowId", self.workflow_id.clone())
            .with("RunId", self.run_id.clone())
            .with("Type", self.r#type.clone())
            .with("Namespace", self.namespace.clone())
            .with("TaskQueue", self.task_queue.clone());
        style.heading("Running execution:") + &card.text(style)
    }
}

/// `workflow start`.
pub(crate) async fn start(session: &mut Session<'_>, args: StartArgs) -> anyhow::Result<()> {
    let started = begin(session, args).await?;
    let text = started.text(&session.screen.style);
    session.screen.text(&text)?;
    session.screen.value(&started)
}

/// The end of an executed workflow in JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Executed {
    #[serde(flatten)]
    started: Started,
    duration_millis: u64,
    #[serde(flatten)]
    ended: inspect::Ended,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Json>,
}

/// `workflow execute`: people see events as they come, programs get one value at the end.
pub(crate) async fn execute(session: &mut Session<'_>, args: ExecuteArgs) -> anyhow::Result<()> {
    let begun = tokio::time::Instant::now();
    let started = begin(session, args.start).await?;
    let execution = WorkflowExecution { workflow_id: started.workflow_id.clone(), run_id: started.run_id.clone() };
    let close = if session.screen.is_text() {
        let text = started.text(&session.screen.style) + "\n" + &session.screen.style.heading("Progress:");
        session.screen.text(&text)?;
        inspect::print_events(session, execution.clone(), Reading::Follow, args.detailed).await?
    } else {
        Some(wait_for_close(&session.connection, execution.clone()).await?.1)
    };
    let close = close.with_context(|| format!("the history of workflow {:?} ended before it closed", started.workflow_id))?;
    let took = begun.elapsed();
    if session.screen.is_text() {
        let took = Duration::from_millis(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        let text = Outcome::of(&close).map(|outcome| outcome.text(Some(took), &session.screen.style)).unwrap_or_default();
        session.screen.text(&format!("\n{text}"))?;
    } else {
        let history = if args.detailed { Some(whole_history(session, execution).await?) } else { None };
        let ended = inspect::Ended::of(&close, session.screen.payload_form())?;
        let duration_millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        session.screen.value(&Executed { started: started.clone(), duration_millis, ended, history })?;
    }
    inspect::require_completed(&started.workflow_id, &close)
}

async fn whole_history(session: &Session<'_>, execution: WorkflowExecution) -> anyhow::Result<Json> {
    let mut events: Vec<HistoryEvent> = Vec::new();
    let mut pages = Pages::new(execution, Reading::Recorded);
    while let Some(page) = pages.next(&session.connection).await? {
        events.extend(page);
    }
    Ok(json::of(&History { events }, PayloadForm::AsSent)?)
}

/// Starts it. A running execution of the same id is shown instead, unless that is to be a failure.
async fn begin(session: &mut Session<'_>, args: StartArgs) -> anyhow::Result<Started> {
    let fail_existing = args.fail_existing;
    let request = request(session, args)?;
    send(session, request, fail_existing).await
}

/// Sends a start and makes of the answer, or of the run that is there already, what was started.
pub(crate) async fn send(
    session: &mut Session<'_>,
    request: StartWorkflowExecutionRequest,
    fail_existing: bool,
) -> anyhow::Result<Started> {
    let mut started = Started {
        workflow_id: request.workflow_id.clone(),
        run_id: String::new(),
        r#type: request.workflow_type.as_ref().map(|kind| kind.name.clone()).unwrap_or_default(),
        namespace: request.namespace.clone(),
        task_queue: request.task_queue.as_ref().map(|queue| queue.name.clone()).unwrap_or_default(),
    };
    let mut client = session.connection.workflows();
    let answer = client.start_workflow_execution(session.connection.ask(request)).await;
    match answer.or_cannot(format_args!("start workflow {:?}", started.workflow_id)) {
        Ok(answer) => started.run_id = answer.run_id,
        Err(failed) => {
            let existing = detail::<WorkflowExecutionAlreadyStartedFailure>(failed.status());
            match existing {
                Some(existing) if !fail_existing && failed.status().code() == Code::AlreadyExists => {
                    session
                        .screen
                        .note(&format!("{}; showing the run that exists", failed.status().message().trim_end_matches('.')));
                    started.run_id = existing.run_id;
                }
                _ => return Err(failed.into()),
            }
        }
    }
    Ok(started)
}

/// The request that the flags ask for.
pub(crate) fn request(session: &Session<'_>, args: StartArgs) -> anyhow::Result<StartWorkflowExecutionRequest> {
    let words = UserMetadata {
        summary: args.static_summary.map(|text| json_payload(&text.into())),
        details: args.static_details.map(|text| json_payload(&text.into())),
    };
    let priority = Priority {
        priority_key: args.priority_key.unwrap_or_default(),
        fairness_key: args.fairness_key.unwrap_or_default(),
        fairness_weight: args.fairness_weight.unwrap_or_default(),
    };
    Ok(StartWorkflowExecutionRequest {
        namespace: session.namespace(),
        workflow_id: args.workflow_id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
        workflow_type: Some(WorkflowType { name: args.workflow_type }),
        task_queue: Some(TaskQueue { name: args.task_queue, kind: TaskQueueKind::Normal.into(), ..TaskQueue::default() }),
        input: args.payload.payloads()?,
        workflow_execution_timeout: args.execution_timeout.map(to_proto),
        workflow_run_timeout: args.run_timeout.map(to_proto),
        workflow_task_timeout: Some(to_proto(args.task_timeout)),
        identity: session.identity(),
        request_id: uuid::Uuid::new_v4().to_string(),
        workflow_id_reuse_policy: args.id_reuse_policy.map_or(0, |policy| WorkflowIdReusePolicy::from(policy).into()),
        workflow_id_conflict_policy: args.id_conflict_policy.map_or(0, |policy| WorkflowIdConflictPolicy::from(policy).into()),
        cron_schedule: args.cron.unwrap_or_default(),
        memo: (!args.memo.is_empty()).then(|| Memo { fields: json_fields(&args.memo) }),
        search_attributes: (!args.search_attribute.is_empty())
            .then(|| SearchAttributes { indexed_fields: json_fields(&args.search_attribute) }),
        header: (!args.headers.is_empty()).then(|| Header { fields: json_fields(&args.headers) }),
        workflow_start_delay: args.start_delay.map(to_proto),
        user_metadata: (words != UserMetadata::default()).then_some(words),
        priority: (priority != Priority::default()).then_some(priority),
        ..StartWorkflowExecutionRequest::default()
    })
}
