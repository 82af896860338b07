//! `workflow list`, `listall`, `listarchived`, `scan` and `count`.

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use proto::temporal::api::enums::v1::WorkflowExecutionStatus;
use proto::temporal::api::filter::v1::{StartTimeFilter, StatusFilter, WorkflowExecutionFilter, WorkflowTypeFilter};
use proto::temporal::api::workflow::v1::WorkflowExecutionInfo;
use proto::temporal::api::workflowservice::v1::{
    ListArchivedWorkflowExecutionsRequest, ListClosedWorkflowExecutionsRequest, ListOpenWorkflowExecutionsRequest,
    ListWorkflowExecutionsRequest, ScanWorkflowExecutionsRequest, list_closed_workflow_executions_request as closed,
    list_open_workflow_executions_request as open,
};

use crate::failure::{Answer as _, CallFailed};
use crate::render::json::{self, PayloadForm};
use crate::session::Session;
use crate::tctl::flag::workflow as flag;
use crate::tctl::render::executions::{Look, table};
use crate::tctl::render::structure::{self, Length};
use crate::tctl::words::Words;
use crate::tctl::{moment, workflow};
use crate::workflow::target;

/// Size of a page where no flag names one.
const PAGE_SIZE: i32 = 500;

/// What is listed.
enum Selection {
    /// All that the filter selects.
    Query(String),
    /// The same in any order.
    Scan(String),
    /// The same of the archive.
    Archive(String),
    /// What runs, of an id or a type.
    Open(StartTimeFilter, Option<open::Filters>),
    /// What is closed, of an id, a type or a status.
    Closed(StartTimeFilter, Option<closed::Filters>),
}

/// A page, and the token of the next.
type Page = (Vec<WorkflowExecutionInfo>, Bytes);

impl Selection {
    fn of(words: &Words, now: jiff::Timestamp) -> anyhow::Result<Self> {
        if words.given(&flag::QUERY) {
            return Ok(Self::Query(words.text(&flag::QUERY).unwrap_or_default()));
        }
        let time = |text: Option<String>| text.map(|text| moment::parse(&text, now)).transpose();
        let now = prost_types::Timestamp { seconds: now.as_second(), nanos: now.subsec_nanosecond() };
        let times = StartTimeFilter {
            earliest_time: time(words.text(&flag::EARLIEST))?,
            latest_time: time(words.text(&flag::LATEST))?.or(Some(now)),
        };
        let (id, kind, status) = (words.text(&flag::WORKFLOW_ID), words.text(&flag::WORKFLOW_TYPE), words.text(&flag::STATUS));
        ensure!(id.is_none() || kind.is_none(), "filter by --workflow_id or by --workflow_type, not by both");
        let id = id.map(|workflow_id| WorkflowExecutionFilter { workflow_id, run_id: String::new() });
        let kind = kind.map(|name| WorkflowTypeFilter { name });
        if words.on(&flag::OPEN) {
            ensure!(status.is_none(), "--status filters closed workflows, not open ones");
            let filters = id.map(open::Filters::ExecutionFilter).or(kind.map(open::Filters::TypeFilter));
            return Ok(Self::Open(times, filters));
        }
        let status = status.map(|text| status_of(&text)).transpose()?;
        let status = status.map(|status| StatusFilter { status: status.into() });
        let filters = status
            .map(closed::Filters::StatusFilter)
            .or(kind.map(closed::Filters::TypeFilter))
            .or(id.map(closed::Filters::ExecutionFilter));
        Ok(Self::Closed(times, filters))
    }

    /// Whether it lists what has no end yet.
    fn is_open(&self) -> bool {
        matches!(self, Self::Open(..) | Self::Scan(_))
    }

    async fn page(&self, session: &Session<'_>, page_size: i32, next_page_token: Bytes) -> Result<Page, CallFailed> {
        let (namespace, connection) = (session.namespace(), &session.connection);
        let mut client = connection.workflows();
        let doing = "list workflows";
        match self {
            Self::Query(query) => {
                let query = query.clone();
                let request = ListWorkflowExecutionsRequest { namespace, page_size, next_page_token, query };
                let answer = client.list_workflow_executions(connection.ask(request)).await.or_cannot(doing)?;
                Ok((answer.executions, answer.next_page_token))
            }
            Self::Scan(query) => {
                let query = query.clone();
                let request = ScanWorkflowExecutionsRequest { namespace, page_size, next_page_token, query };
                let answer = client.scan_workflow_executions(connection.ask(request)).await.or_cannot(doing)?;
                Ok((answer.executions, answer.next_page_token))
            }
            Self::Archive(query) => {
                let query = query.clone();
                let request = ListArchivedWorkflowExecutionsRequest { namespace, page_size, next_page_token, query };
                let answer = client.list_archived_workflow_executions(connection.ask(request)).await;
                let answer = answer.or_cannot("list archived workflows")?;
                Ok((answer.executions, answer.next_page_token))
            }
            Self::Open(times, filters) => {
                let request = ListOpenWorkflowExecutionsRequest {
                    namespace,
                    maximum_page_size: page_size,
                    next_page_token,
                    start_time_filter: Some(*times),
                    filters: filters.clone(),
                };
                let answer = client.list_open_workflow_executions(connection.ask(request)).await.or_cannot(doing)?;
                Ok((answer.executions, answer.next_page_token))
            }
            Self::Closed(times, filters) => {
                let request = ListClosedWorkflowExecutionsRequest {
                    namespace,
                    maximum_page_size: page_size,
                    next_page_token,
                    start_time_filter: Some(*times),
                    filters: filters.clone(),
                };
                let answer = client.list_closed_workflow_executions(connection.ask(request)).await.or_cannot(doing)?;
                Ok((answer.executions, answer.next_page_token))
            }
        }
    }
}

fn status_of(text: &str) -> anyhow::Result<WorkflowExecutionStatus> {
    use WorkflowExecutionStatus as Status;
    Ok(match text.to_ascii_lowercase().as_str() {
        "running" | "r" => Status::Running,
        "completed" | "complete" | "c" => Status::Completed,
        "failed" | "fail" | "f" => Status::Failed,
        "canceled" | "cancel" => Status::Canceled,
        "terminated" | "terminate" | "term" => Status::Terminated,
        "continuedasnew" | "continueasnew" | "continue" | "cont" => Status::ContinuedAsNew,
        "timedout" | "timeout" => Status::TimedOut,
        _ => bail!("--status is completed, failed, canceled, terminated, continuedasnew or timedout, not {text:?}"),
    })
}

/// How a list is printed: lines without a table, or how the table looks.
enum Form {
    Json,
    Structures,
    Table(Look),
}

impl Form {
    fn of(words: &Words, selection: &Selection) -> Self {
        if words.on(&flag::PRINT_JSON) {
            return Self::Json;
        }
        if words.on(&flag::PRINT_FULL) {
            return Self::Structures;
        }
        Self::Table(Look {
            raw_time: words.on(&flag::PRINT_RAW_TIME),
            date_time: words.on(&flag::PRINT_DATETIME),
            memo: words.on(&flag::PRINT_MEMO),
            search_attributes: words.on(&flag::PRINT_SEARCH_ATTR),
            task_queue: true,
            end_time: !selection.is_open(),
        })
    }

    fn text(&self, executions: &[WorkflowExecutionInfo], session: &Session<'_>) -> anyhow::Result<String> {
        let lines = match self {
            Self::Table(look) => return Ok(table(executions, *look, &session.screen.style)),
            Self::Json => executions
                .iter()
                .map(|info| Ok(serde_json::to_string(&json::of(info, PayloadForm::Tctl)?)?))
                .collect::<anyhow::Result<Vec<_>>>()?,
            Self::Structures => executions.iter().map(|info| structure::line(info, Length::Full)).collect(),
        };
        let inside = if lines.is_empty() { String::new() } else { lines.join(",\n") + "\n" };
        Ok(format!("[\n{inside}]\n"))
    }
}

/// `list`: a page, and with --more the next ones, asking before each.
pub(in crate::tctl) async fn list(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let selection = Selection::of(words, session.screen.style.now)?;
    let form = Form::of(words, &selection);
    let more = words.on(&flag::MORE);
    ensure!(!more || matches!(form, Form::Table(_)), "--more is for tables; use `listall` to print everything");
    paged(session, &selection, &form, page_size(words, &flag::PAGE_SIZE, PAGE_SIZE), more).await
}

/// `listall`.
pub(in crate::tctl) async fn list_all(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let selection = Selection::of(words, session.screen.style.now)?;
    whole(session, words, selection, PAGE_SIZE).await
}

/// `scan`.
pub(in crate::tctl) async fn scan(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let selection = Selection::Scan(words.text(&flag::QUERY).unwrap_or_default());
    whole(session, words, selection, page_size(words, &flag::SCAN_PAGE_SIZE, 2_000)).await
}

/// `listarchived`: page after page, asking before each, or all at once.
pub(in crate::tctl) async fn list_archived(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let selection = Selection::Archive(words.required(&flag::QUERY)?);
    let size = page_size(words, &flag::ARCHIVE_PAGE_SIZE, 100);
    if words.on(&flag::ALL) {
        return whole(session, words, selection, size).await;
    }
    let form = Form::of(words, &selection);
    paged(session, &selection, &form, size, true).await
}

/// `count`.
pub(in crate::tctl) async fn count(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let query = words.text(&flag::QUERY).unwrap_or_default();
    let count = target::count_selected(session, query).await.context("Failed to count workflow.")?;
    session.screen.text(&format!("{count}\n"))
}

fn page_size(words: &Words, flag: &crate::tctl::flag::Flag, default: i32) -> i32 {
    words.number(flag).and_then(|number| i32::try_from(number).ok()).filter(|size| *size > 0).unwrap_or(default)
}

async fn paged(session: &mut Session<'_>, selection: &Selection, form: &Form, size: i32, more: bool) -> anyhow::Result<()> {
    let mut token = Bytes::new();
    loop {
        let (executions, next) = selection.page(session, size, token).await.context("Failed to list workflow.")?;
        let text = form.text(&executions, session)?;
        session.screen.text(&text)?;
        token = next;
        if !more || token.is_empty() || !workflow::another_page()? {
            return Ok(());
        }
    }
}

async fn whole(session: &mut Session<'_>, words: &Words, selection: Selection, size: i32) -> anyhow::Result<()> {
    let form = match Form::of(words, &selection) {
        // A scan's table has no column for the task queue.
        Form::Table(look) => Form::Table(Look { task_queue: !matches!(selection, Selection::Scan(_)), ..look }),
        form => form,
    };
    let mut all = Vec::new();
    let mut token = Bytes::new();
    loop {
        let (executions, next) = selection.page(session, size, token).await.context("Failed to list workflow.")?;
        all.extend(executions);
        token = next;
        if token.is_empty() {
            let text = form.text(&all, session)?;
            return session.screen.text(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_go_by_all_their_names() {
        for (text, status) in [
            ("Completed", WorkflowExecutionStatus::Completed),
            ("c", WorkflowExecutionStatus::Completed),
            ("term", WorkflowExecutionStatus::Terminated),
            ("timedout", WorkflowExecutionStatus::TimedOut),
        ] {
            assert_eq!(status_of(text).unwrap(), status, "{text}");
        }
        assert!(status_of("asleep").is_err());
    }
}
