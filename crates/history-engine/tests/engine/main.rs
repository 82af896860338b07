//! The engine from outside: the golden sequences that Temporal's own tests pin down, and the laws that hold for every script.

mod commands;
mod following;
mod golden;
mod late;
mod laws;
mod limits;
mod outside;
mod places;
mod random;
mod signal_with_start;
mod starts;
mod timeouts;
mod workflow_tasks;

use std::time::Duration;

use history_engine::{ActivityAttempt, ActivityRef, CompleteActivity, FailActivity, Input, StartActivityTask};
use model::Timestamp;
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::enums::v1::{WorkflowIdConflictPolicy as Conflict, WorkflowIdReusePolicy as Reuse};
use proto::temporal::api::workflowservice::v1::{PollActivityTaskQueueRequest, RespondWorkflowTaskCompletedRequest};
use testkit::Script;
use testkit::commands::{application_failure, payloads};
use testkit::script::completion;

const SECOND: Duration = Duration::from_secs(1);

/// A moment as the wire has it.
fn moment(of: &prost_types::Timestamp) -> Timestamp {
    Timestamp::from_parts(of.seconds, of.nanos)
}

/// A completion with commands.
fn with(commands: Vec<Command>) -> RespondWorkflowTaskCompletedRequest {
    RespondWorkflowTaskCompletedRequest { commands, ..completion() }
}

/// The policies by which a start replaces the open run: by its name, and by its old name.
#[expect(deprecated, reason = "old clients send it")]
const fn second_start() -> [(Conflict, Reuse); 2] {
    [(Conflict::TerminateExisting, Reuse::Unspecified), (Conflict::Unspecified, Reuse::TerminateIfRunning)]
}

fn attempt_of(script: &Script, scheduled_event_id: i64, attempt: i32) -> ActivityAttempt {
    ActivityAttempt { run: script.run(), scheduled_event_id, attempt }
}

/// A worker gets an activity attempt.
fn activity(script: &Script, scheduled_event_id: i64, attempt: i32) -> Input {
    let stamp = script.chain.current().and_then(|run| run.activities().get(&scheduled_event_id));
    Input::StartActivityTask(Box::new(StartActivityTask {
        attempt: attempt_of(script, scheduled_event_id, attempt),
        stamp: stamp.map_or(0, |activity| activity.stamp),
        request_id: format!("activity-{scheduled_event_id}-{attempt}"),
        poll: PollActivityTaskQueueRequest { identity: "worker".to_owned(), ..PollActivityTaskQueueRequest::default() },
    }))
}

/// A worker completes an activity attempt.
fn activity_completed(script: &Script, scheduled_event_id: i64, attempt: i32) -> Input {
    Input::CompleteActivity(Box::new(CompleteActivity {
        activity: ActivityRef::Token(attempt_of(script, scheduled_event_id, attempt)),
        result: Some(payloads("ok")),
        identity: "worker".to_owned(),
    }))
}

/// A worker fails an activity attempt.
fn activity_failed(script: &Script, scheduled_event_id: i64, attempt: i32) -> Input {
    Input::FailActivity(Box::new(FailActivity {
        activity: ActivityRef::Token(attempt_of(script, scheduled_event_id, attempt)),
        failure: Some(application_failure("again", false)),
        last_heartbeat_details: None,
        identity: "worker".to_owned(),
    }))
}
