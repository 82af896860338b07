//! `workflow describe`, `workflow show`, `workflow result`.

use anyhow::bail;
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::history::v1::{History, HistoryEvent};
use proto::temporal::api::workflowservice::v1::DescribeWorkflowExecutionRequest;
use serde::Serialize;

use crate::args::workflow::{DescribeArgs, ExecutionArgs, ShowArgs};
use crate::failure::Answer as _;
use crate::history::{Pages, Reading, wait_for_close};
use crate::render::json::{self, Json, PayloadForm};
use crate::render::outcome::Outcome;
use crate::render::{describe as cards, events, time};
use crate::session::Session;

/// `workflow describe`; for a closed execution also how it ended.
pub(crate) async fn describe(session: &mut Session<'_>, args: DescribeArgs) -> anyhow::Result<()> {
    let namespace = session.namespace();
    let request = DescribeWorkflowExecutionRequest { namespace: namespace.clone(), execution: Some(args.execution.execution()) };
    let answer = session.connection.workflows().describe_workflow_execution(session.connection.ask(request)).await;
    let answer = answer.or_cannot(format_args!("describe workflow {:?}", args.execution.workflow_id))?;
    if args.reset_points {
        let points = answer.workflow_execution_info.unwrap_or_default().auto_reset_points.unwrap_or_default();
        return session.screen.message(&points, |points, style| cards::reset_points(&points.points, style));
    }
    let info = answer.workflow_execution_info.clone().unwrap_or_default();
    let close = match (&info.execution, &info.close_time) {
        (Some(execution), Some(_)) if !args.raw => recorded_close(session, execution.clone()).await?,
        _ => None,
    };
    if session.screen.is_text() && !args.raw {
        let style = session.screen.style;
        let took = time::between(info.start_time.as_ref(), info.close_time.as_ref());
        let outcome = close.as_ref().and_then(Outcome::of);
        let outcome = outcome.map(|outcome| format!("\n{}", outcome.text(took, &style))).unwrap_or_default();
        return session.screen.text(&(cards::text(&answer, &namespace, &style) + &outcome));
    }
    let form = session.screen.payload_form();
    let description = json::of(&answer, form)?;
    if session.screen.is_text() {
        let raw = serde_json::to_string_pretty(&description)?;
        return session.screen.text(&(raw + "\n"));
    }
    let ended = close.map(|close| Ended::of(&close, form)).transpose()?;
    session.screen.value(&Described { description, ended })
}

/// A description in JSON, with its end if it has one.
#[derive(Debug, Serialize)]
struct Described {
    #[serde(flatten)]
    description: Json,
    #[serde(flatten)]
    ended: Option<Ended>,
}

async fn recorded_close(session: &Session<'_>, execution: WorkflowExecution) -> anyhow::Result<Option<HistoryEvent>> {
    let mut pages = Pages::new(execution, Reading::Ended);
    Ok(pages.next(&session.connection).await?.and_then(|events| events.into_iter().next()))
}

/// `workflow show`: people get a table and the result, programs the history as SDKs replay it.
pub(crate) async fn show(session: &mut Session<'_>, args: ShowArgs) -> anyhow::Result<()> {
    let reading = match (args.follow, args.reverse) {
        (true, _) => Reading::Follow,
        (_, true) => Reading::Reverse,
        _ => Reading::Recorded,
    };
    let execution = args.execution.execution();
    if session.screen.is_text() {
        let heading = session.screen.style.heading("Progress:");
        session.screen.text(&heading)?;
        let close = print_events(session, execution, reading, args.detailed).await?;
        let style = session.screen.style;
        let text = close.as_ref().and_then(Outcome::of).map(|outcome| format!("\n{}", outcome.text(None, &style)));
        return session.screen.text(&text.unwrap_or_default());
    }
    let mut history = History::default();
    let mut pages = Pages::new(execution, reading);
    while let Some(events) = pages.next(&session.connection).await? {
        history.events.extend(events);
    }
    session.screen.value(&json::of(&history, PayloadForm::AsSent)?)
}

/// Prints events as they come. A run that is followed leads to the run it continued as. Gives the event that closed the
/// execution, if one did.
pub(crate) async fn print_events(
    session: &mut Session<'_>,
    execution: WorkflowExecution,
    reading: Reading,
    detailed: bool,
) -> anyhow::Result<Option<HistoryEvent>> {
    let style = session.screen.style;
    if !detailed {
        session.screen.text(&events::head(&style))?;
    }
    let mut execution = execution;
    loop {
        let mut close = None;
        let mut pages = Pages::new(execution.clone(), reading);
        while let Some(page) = pages.next(&session.connection).await? {
            let render = if detailed { events::detailed } else { events::row };
            let text: String = page.iter().map(|event| render(event, &style)).collect();
            session.screen.text(&text)?;
            close = page.into_iter().find(|event| Outcome::of(event).is_some()).or(close);
        }
        match close.as_ref().and_then(Outcome::of).and_then(|outcome| outcome.continued_as) {
            Some(run_id) if reading == Reading::Follow => execution.run_id = run_id,
            _ => return Ok(close),
        }
    }
}

/// How an execution ended, in JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ended {
    status: &'static str,
    close_event: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<serde_json::Value>,
}

impl Ended {
    /// From the event that closed it. A single result stands for itself, several are a list.
    pub(crate) fn of(close: &HistoryEvent, form: PayloadForm) -> anyhow::Result<Self> {
        let outcome = Outcome::of(close);
        let result = match outcome.as_ref().and_then(|outcome| outcome.result.as_ref()) {
            Some(payloads) => match payloads.payloads.as_slice() {
                [one] => Some(serde_json::to_value(json::of(one, form)?)?),
                _ => Some(serde_json::to_value(json::of(payloads, form)?)?),
            },
            None => None,
        };
        let status = outcome.map_or("UNKNOWN", |outcome| outcome.status);
        Ok(Self { status, close_event: json::of(close, form)?, result })
    }
}

/// The result in JSON, with the run that brought it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultOf {
    workflow_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    run_id: String,
    namespace: String,
    #[serde(flatten)]
    ended: Ended,
}

/// `workflow result`: waits for the end.
pub(crate) async fn result(session: &mut Session<'_>, args: ExecutionArgs) -> anyhow::Result<()> {
    let (execution, close) = wait_for_close(&session.connection, args.execution()).await?;
    let style = session.screen.style;
    let text = Outcome::of(&close).map(|outcome| outcome.text(None, &style)).unwrap_or_default();
    session.screen.text(&text)?;
    let ended = Ended::of(&close, session.screen.payload_form())?;
    let WorkflowExecution { workflow_id, run_id } = execution;
    let namespace = session.namespace();
    session.screen.value(&ResultOf { workflow_id, run_id, namespace, ended })?;
    require_completed(&args.workflow_id, &close)
}

/// An execution that did not complete fails the command, so that scripts notice.
pub(crate) fn require_completed(workflow_id: &str, close: &HistoryEvent) -> anyhow::Result<()> {
    match Outcome::of(close) {
        Some(outcome) if outcome.completed() => Ok(()),
        Some(outcome) => bail!("workflow {workflow_id:?} did not complete: {}", outcome.status),
        None => bail!("workflow {workflow_id:?} ended with an event that this program does not know"),
    }
}
