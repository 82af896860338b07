//! RespondWorkflowTaskCompleted: the commands are the engine's; query results, the next task and eager activities are ours.

use std::collections::BTreeMap;
use std::sync::Arc;

use history_engine::{Answer, CompleteWorkflowTask, Input, WorkflowTaskRef};
use model::RunId;
use proto::temporal::api::command::v1::{Command, command::Attributes as A};
use proto::temporal::api::common::v1::SearchAttributes;
use proto::temporal::api::query::v1::WorkflowQueryResult;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use visibility::write::WriteError;

use super::{activity_task_started, query, token, workflow_task};
use crate::chain::{Cell, Class};
use crate::shell::Shell;

pub(crate) async fn call(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    mut request: api::RespondWorkflowTaskCompletedRequest,
) -> Result<api::RespondWorkflowTaskCompletedResponse, rpc::Error> {
    let (key, run, of) = token::workflow_task(namespace, &request.task_token)?;
    let results = std::mem::take(&mut request.query_results);
    let cell = shell.cache.find(&key);
    let (answered, queries_wait) = cell.map_or_else(Default::default, |cell| take_answered(&cell, run, results));
    let input = Input::CompleteWorkflowTask(Box::new(CompleteWorkflowTask {
        task: WorkflowTaskRef {
            run,
            scheduled_event_id: of.scheduled_event_id,
            started_event_id: of.started_event_id,
            attempt: of.attempt,
            handout_id: of.handout_id,
        },
        bad_search_attributes: check_search_attributes(shell, namespace, &mut request.commands),
        request,
        queries_wait,
    }));
    let answer = match shell.turn(&key, &input, Class::Ongoing).await {
        Ok(answer) => answer,
        Err(error) => {
            // The results are of a task that did not count: their queries go to a worker directly.
            answered.into_iter().for_each(|(query, _)| query.unblock());
            if let rpc::Error::InvalidArgument(why) = &error {
                tracing::info!(chain = %key, %run, why, "a workflow task failed: its commands are refused");
            }
            return Err(error);
        }
    };
    let Answer::WorkflowTaskCompleted(answer) = answer else { return Err(super::unexpected()) };
    let limits = shell.ports.settings.limits(&namespace.name);
    for (query, result) in answered {
        query.answer(result, limits.blob_error_bytes);
    }
    if !answer.workflow_task_pending {
        query::unblock(&shell.cache.cell(&key), run);
    }
    let workflow_task = match answer.new_task {
        Some(handout) => Some(workflow_task::compose(shell, namespace, &key, handout, true).await?),
        None => None,
    };
    let activity_tasks = answer.activity_tasks.into_iter();
    Ok(api::RespondWorkflowTaskCompletedResponse {
        workflow_task,
        activity_tasks: activity_tasks.map(|handout| activity_task_started::compose(namespace, &key, handout)).collect(),
        reset_history_event_id: answer.reset_history_event_id,
    })
}

/// Writes the types of search attributes beside them. The first command that sets some which the namespace does not know so, and
/// what is wrong with them.
fn check_search_attributes(shell: &Shell, namespace: &NamespaceRef, commands: &mut [Command]) -> Option<(usize, String)> {
    let mut set = commands.iter_mut().enumerate().filter_map(|(place, command)| Some((place, set_by(command)?))).peekable();
    set.peek()?;
    let known = shell.ports.namespaces.search_attributes(namespace.id);
    let limits = shell.ports.settings.limits(&namespace.name);
    set.find_map(|(place, fields)| {
        let checked = visibility::write::validate(&known, &namespace.name, fields, &limits);
        visibility::write::tag(&known, fields);
        match checked.err()? {
            // The engine knows sizes, also of what becomes of it.
            WriteError::ValueTooLarge { .. } | WriteError::TotalTooLarge { .. } => None,
            wrong => Some((place, wrong.to_string())),
        }
    })
}

/// The search attributes that a command sets.
fn set_by(command: &mut Command) -> Option<&mut SearchAttributes> {
    match command.attributes.as_mut()? {
        A::UpsertWorkflowSearchAttributesCommandAttributes(of) => of.search_attributes.as_mut(),
        A::ContinueAsNewWorkflowExecutionCommandAttributes(of) => of.search_attributes.as_mut(),
        A::StartChildWorkflowExecutionCommandAttributes(of) => of.search_attributes.as_mut(),
        _ => None,
    }
}

type Answered = Vec<(query::BufferedQuery, WorkflowQueryResult)>;

/// Takes the queries out of the line that the worker answered; whether others wait.
fn take_answered(cell: &Cell, run: RunId, mut results: BTreeMap<String, WorkflowQueryResult>) -> (Answered, bool) {
    let mut state = cell.lock();
    let Some(meta) = state.resident.as_mut().and_then(|resident| resident.runs.get_mut(&run)) else {
        return (Vec::new(), false);
    };
    let mut answered = Vec::new();
    for query in std::mem::take(&mut meta.queries) {
        match results.remove(&query.id) {
            Some(result) => answered.push((query, result)),
            None => meta.queries.push(query),
        }
    }
    (answered, !meta.queries.is_empty())
}
