//! `tctl taskqueue ...` and `tctl admin taskqueue describe`.

use anyhow::{Context as _, bail};
use proto::temporal::api::enums::v1::{TaskQueueKind, TaskQueueType};
use proto::temporal::api::taskqueue::v1::{PollerInfo, TaskQueue, TaskQueuePartitionMetadata, TaskQueueStatus};
use proto::temporal::api::workflowservice::v1::{
    DescribeTaskQueueRequest, DescribeTaskQueueResponse, ListTaskQueuePartitionsRequest,
};

use super::flag::workflow::{TASK_QUEUE, TASK_QUEUE_TYPE};
use super::render::go;
use super::render::grid::{Lines, grid};
use super::words::Words;
use crate::failure::Answer as _;
use crate::render::style::Style;
use crate::render::table::Cell;
use crate::session::Session;

fn queue(name: String) -> TaskQueue {
    TaskQueue { name, kind: TaskQueueKind::Normal.into(), ..TaskQueue::default() }
}

/// `describe`: what is not called activity is a queue of workflows.
pub(super) async fn describe(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let activity = words.text(&TASK_QUEUE_TYPE).is_some_and(|kind| kind.eq_ignore_ascii_case("activity"));
    let kind = if activity { TaskQueueType::Activity } else { TaskQueueType::Workflow };
    let answer = described(session, words, kind, false).await?;
    let text = pollers(&answer.pollers, kind, &session.screen.style);
    session.screen.text(&text)
}

/// `admin taskqueue describe`: also what waits.
pub(super) async fn describe_inside(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let kind = match words.text(&TASK_QUEUE_TYPE).unwrap_or_default().to_ascii_lowercase().as_str() {
        "workflow" => TaskQueueType::Workflow,
        "activity" => TaskQueueType::Activity,
        other => bail!("--taskqueuetype is workflow or activity, not {other:?}"),
    };
    let answer = described(session, words, kind, true).await?;
    #[expect(deprecated, reason = "tctl's table is this one")]
    let status = answer.task_queue_status.as_ref().context("the server tells nothing of what waits in this task queue")?;
    let style = session.screen.style;
    let text = format!("{}\n{}", waiting(status, &style), pollers(&answer.pollers, kind, &style));
    session.screen.text(&text)
}

async fn described(
    session: &Session<'_>,
    words: &Words,
    kind: TaskQueueType,
    inside: bool,
) -> anyhow::Result<DescribeTaskQueueResponse> {
    let name = words.required(&TASK_QUEUE)?;
    let doing = format!("describe task queue {name:?}");
    #[expect(deprecated, reason = "tctl's table is made of this")]
    let request = DescribeTaskQueueRequest {
        namespace: session.namespace(),
        task_queue: Some(queue(name)),
        task_queue_type: kind.into(),
        include_task_queue_status: inside,
        ..DescribeTaskQueueRequest::default()
    };
    let answer = session.connection.workflows().describe_task_queue(session.connection.ask(request)).await;
    answer.or_cannot(doing).context("Operation DescribeTaskQueue failed.")
}

/// `list-partition`.
pub(super) async fn partitions(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let name = words.required(&TASK_QUEUE)?;
    let doing = format!("list the partitions of task queue {name:?}");
    let request = ListTaskQueuePartitionsRequest { namespace: session.namespace(), task_queue: Some(queue(name)) };
    let answer = session.connection.workflows().list_task_queue_partitions(session.connection.ask(request)).await;
    let answer = answer.or_cannot(doing).context("Operation ListTaskQueuePartitions failed.")?;
    let style = session.screen.style;
    let text = [
        ("WorkflowTaskQueuePartition", answer.workflow_task_queue_partitions),
        ("ActivityTaskQueuePartition", answer.activity_task_queue_partitions),
    ];
    let text: String = text.iter().filter(|(_, all)| !all.is_empty()).map(|(head, all)| parts(head, all, &style)).collect();
    session.screen.text(&text)
}

fn parts(head: &str, all: &[TaskQueuePartitionMetadata], style: &Style) -> String {
    let rows: Vec<Vec<Cell>> =
        all.iter().map(|part| vec![part.key.as_str().into(), part.owner_host_name.as_str().into()]).collect();
    grid(&[head, "Host"], &rows, Lines::Between("|"), style)
}

fn pollers(pollers: &[PollerInfo], kind: TaskQueueType, style: &Style) -> String {
    let head = if kind == TaskQueueType::Activity { "Activity Poller Identity" } else { "Workflow Poller Identity" };
    let rows: Vec<Vec<Cell>> = pollers
        .iter()
        .map(|poller| vec![poller.identity.as_str().into(), go::date_time(poller.last_access_time.as_ref()).into()])
        .collect();
    grid(&[head, "Last Access Time"], &rows, Lines::Between("|"), style)
}

fn waiting(status: &TaskQueueStatus, style: &Style) -> String {
    let block = status.task_id_block.unwrap_or_default();
    let numbers = [status.read_level, status.ack_level, status.backlog_count_hint, block.start_id, block.end_id];
    let row: Vec<Cell> = numbers.iter().map(|number| number.to_string().into()).collect();
    let heads = ["Read Level", "Ack Level", "Backlog", "Lease Start TaskId", "Lease End TaskId"];
    grid(&heads, &[row], Lines::Between("|"), style)
}
