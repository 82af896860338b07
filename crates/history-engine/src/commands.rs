//! One file per worker command; each checks its attributes and writes what follows.

mod cancel_timer;
mod cancel_workflow;
mod checks;
mod complete_workflow;
mod continue_as_new;
mod fail_workflow;
mod modify_properties;
pub(crate) mod priority;
mod record_marker;
mod request_cancel_activity;
mod request_cancel_external;
mod schedule_activity;
mod signal_external;
mod start_child;
mod start_timer;
pub(crate) mod task_queue;
mod upsert_search_attributes;

use model::RunId;
use proto::temporal::api::command::v1::{Command, command::Attributes as A};
use proto::temporal::api::enums::v1::{CommandType, WorkflowTaskFailedCause};
use proto::temporal::api::workflowservice::v1::RespondWorkflowTaskCompletedRequest;

use crate::turn::Turn;

/// The commands of one workflow task, while they are carried out.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    /// The run.
    pub(crate) run: RunId,
    /// The Completed event.
    pub(crate) completed_event_id: i64,
    /// The whole completion.
    pub(crate) request: &'a RespondWorkflowTaskCompletedRequest,
    /// Activities that the same worker may run at once: their scheduled events.
    pub(crate) eager_activities: Vec<i64>,
    /// What is wrong with the search attributes of the command that is carried out now.
    pub(crate) bad_search_attributes: Option<&'a str>,
}

/// A command that cannot be carried out: it fails the whole workflow task, or ends the workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandFailure {
    /// Why.
    pub(crate) cause: WorkflowTaskFailedCause,
    /// In words.
    pub(crate) message: String,
    /// The workflow cannot go on (an oversized payload): it is terminated.
    pub(crate) terminate: bool,
}

impl CommandFailure {
    /// The task fails and is tried again.
    pub(crate) fn new(cause: WorkflowTaskFailedCause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into(), terminate: false }
    }

    /// The workflow is terminated.
    pub(crate) fn terminating(cause: WorkflowTaskFailedCause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into(), terminate: true }
    }

    /// As callers and history read it: `<Cause>: <message>`.
    pub(crate) fn text(&self) -> String {
        let cause = pascal_case(self.cause.as_str_name(), "WORKFLOW_TASK_FAILED_CAUSE_");
        if self.message.is_empty() { cause } else { format!("{cause}: {}", self.message) }
    }
}

/// Carries out one command.
pub(crate) fn run(turn: &mut Turn<'_>, batch: &mut Batch<'_>, command: &Command) -> Result<(), CommandFailure> {
    // The sequence was checked by kinds: attributes of another kind would slip through, also past the workflow's end.
    let fitting = command.attributes.as_ref().filter(|attributes| checks::kind_of(attributes) == command.command_type());
    let Some(attributes) = fitting else { return Err(checks::without_attributes(command.command_type())) };
    match attributes {
        A::RecordMarkerCommandAttributes(of) => record_marker::run(turn, batch, command, of),
        A::ScheduleActivityTaskCommandAttributes(of) => schedule_activity::run(turn, batch, command, of),
        A::RequestCancelActivityTaskCommandAttributes(of) => request_cancel_activity::run(turn, batch, command, of),
        A::StartTimerCommandAttributes(of) => start_timer::run(turn, batch, command, of),
        A::CancelTimerCommandAttributes(of) => cancel_timer::run(turn, batch, command, of),
        A::StartChildWorkflowExecutionCommandAttributes(of) => start_child::run(turn, batch, command, of),
        A::SignalExternalWorkflowExecutionCommandAttributes(of) => signal_external::run(turn, batch, command, of),
        A::RequestCancelExternalWorkflowExecutionCommandAttributes(of) => request_cancel_external::run(turn, batch, command, of),
        A::CompleteWorkflowExecutionCommandAttributes(of) => complete_workflow::run(turn, batch, command, of),
        A::FailWorkflowExecutionCommandAttributes(of) => fail_workflow::run(turn, batch, command, of),
        A::CancelWorkflowExecutionCommandAttributes(of) => cancel_workflow::run(turn, batch, command, of),
        A::ContinueAsNewWorkflowExecutionCommandAttributes(of) => continue_as_new::run(turn, batch, command, of),
        A::UpsertWorkflowSearchAttributesCommandAttributes(of) => upsert_search_attributes::run(turn, batch, command, of),
        A::ModifyWorkflowPropertiesCommandAttributes(of) => modify_properties::run(turn, batch, command, of),
        _ => Err(checks::not_built(command.command_type())),
    }
}

/// A command that contradicts the state: an id that is taken, or one that is not known.
fn duplicate(cause: WorkflowTaskFailedCause, action: &str, detail: &str) -> CommandFailure {
    CommandFailure::new(cause, format!("invalid history builder state for action: {action}, {detail}"))
}

/// No more than `limit` of something may be pending at once.
fn pending_limit(pending: usize, limit: usize, what: &str, cause: WorkflowTaskFailedCause) -> Result<(), CommandFailure> {
    if limit == 0 || pending < limit {
        return Ok(());
    }
    let message = format!("the number of {what}, {pending}, has reached the per-workflow limit of {limit}");
    Err(CommandFailure::new(cause, message))
}

/// Commands stay within their namespace; none named means the same.
fn same_namespace(named: &str, own: &str) -> Result<(), String> {
    if named.is_empty() || named == own {
        return Ok(());
    }
    Err("cross namespace commands are not allowed".to_owned())
}

/// Refuses a row of commands that no worker may send: an unknown kind, or one after the workflow's end.
pub(crate) fn check_sequence(commands: &[Command]) -> Result<(), String> {
    let mut end = None;
    for command in commands {
        if let Some(end) = end {
            let all: Vec<_> = commands.iter().map(|command| command_name(command.command_type())).collect();
            let all = all.join(", ");
            let end = command_name(end);
            return Err(format!("invalid command sequence: [{all}], command {end} must be the last command."));
        }
        match CommandType::try_from(command.command_type) {
            Ok(
                kind @ (CommandType::CompleteWorkflowExecution
                | CommandType::FailWorkflowExecution
                | CommandType::CancelWorkflowExecution
                | CommandType::ContinueAsNewWorkflowExecution),
            ) => end = Some(kind),
            Ok(CommandType::Unspecified) | Err(_) => return Err(format!("unknown command type: {}", command.command_type)),
            Ok(_) => {}
        }
    }
    Ok(())
}

fn command_name(kind: CommandType) -> String {
    pascal_case(kind.as_str_name(), "COMMAND_TYPE_")
}

/// `PREFIX_TWO_WORDS` as Temporal prints it: `TwoWords`.
pub(crate) fn pascal_case(name: &str, prefix: &str) -> String {
    let words = name.strip_prefix(prefix).unwrap_or(name).split('_');
    words
        .map(|word| word.chars().take(1).chain(word.chars().skip(1).map(|c| c.to_ascii_lowercase())).collect::<String>())
        .collect()
}
