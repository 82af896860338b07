//! The engine from outside: the golden sequences that Temporal's own tests pin down, and the laws that hold for every script.

mod golden;
mod laws;
mod random;

use history_engine::{ActivityAttempt, ActivityRef, CompleteActivity, FailActivity, Input, StartActivityTask};
use proto::temporal::api::workflowservice::v1::PollActivityTaskQueueRequest;
use testkit::Script;
use testkit::commands::{application_failure, payloads};

fn attempt_of(script: &Script, scheduled_event_id: i64, attempt: i32) -> ActivityAttempt {
    ActivityAttempt { run: script.run(), scheduled_event_id, attempt }
}

/// A worker gets an activity attempt.
fn activity(script: &Script, scheduled_event_id: i64, attempt: i32) -> Input {
    let stamp = script.chain.current().and_then(|run| run.state().activities.get(&scheduled_event_id));
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
