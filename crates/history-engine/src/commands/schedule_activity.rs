//! ScheduleActivityTask.

use std::time::Duration;

use prost::Message;
use proto::temporal::api::command::v1::{Command, ScheduleActivityTaskCommandAttributes};
use proto::temporal::api::common::v1::RetryPolicy;
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{ActivityTaskScheduledEventAttributes, history_event::Attributes};

use super::{Batch, CommandFailure, duplicate, pending_limit, priority, task_queue};
use crate::retry;
use crate::state::Run;
use crate::time::{checked_duration, duration, proto_duration};
use crate::turn::Turn;

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &ScheduleActivityTaskCommandAttributes,
) -> Result<(), CommandFailure> {
    let Some(owner) = turn.chain.run(batch.run) else { return Ok(()) };
    let limits = &turn.env.limits;
    let attributes = checked(owner, of, limits.id_bytes, batch.completed_event_id)
        .map_err(|why| CommandFailure::new(Cause::BadScheduleActivityAttributes, why))?;
    if of.input.as_ref().is_some_and(|input| input.encoded_len() > limits.blob_error_bytes) {
        let why = "ScheduleActivityTaskCommandAttributes.Input exceeds size limit.";
        return Err(CommandFailure::terminating(Cause::BadScheduleActivityAttributes, why));
    }
    let pending = owner.activities().len();
    pending_limit(pending, limits.pending_activities, "pending activities", Cause::PendingActivitiesLimitExceeded)?;
    if owner.activity_by_id(&of.activity_id).is_some() {
        let detail = format!("ActivityID: {}", of.activity_id);
        return Err(duplicate(Cause::ScheduleActivityDuplicateId, "add-activitytask-scheduled-event", &detail));
    }
    let id = turn.command_event(batch.run, command, Attributes::ActivityTaskScheduledEventAttributes(attributes));
    if of.request_eager_execution {
        batch.eager_activities.push(id);
    }
    Ok(())
}

/// The event's attributes: checked, with everything that is not set filled in.
#[expect(deprecated, reason = "workers still say whether the build is kept, and read it back")]
fn checked(
    owner: &Run,
    of: &ScheduleActivityTaskCommandAttributes,
    id_bytes: usize,
    completed_event_id: i64,
) -> Result<ActivityTaskScheduledEventAttributes, String> {
    let own_queue = owner.normal_task_queue().name;
    let task_queue = task_queue::normalized(of.task_queue.as_ref(), &own_queue, id_bytes)?;
    if of.use_workflow_build_id && task_queue.name != own_queue {
        return Err("Activity with UseCompatibleVersion cannot run on different task queue.".to_owned());
    }
    let activity_type = of.activity_type.as_ref().map(|kind| kind.name.as_str()).unwrap_or_default();
    if of.activity_id.is_empty() {
        return Err("activityId is not set".to_owned());
    }
    if activity_type.is_empty() {
        return Err("activityType is not set".to_owned());
    }
    let retry_policy = retry::with_defaults(of.retry_policy.as_ref().unwrap_or(&RetryPolicy::default()));
    retry::check(&retry_policy)?;
    for (name, text) in [("activityId", of.activity_id.as_str()), ("activityType", activity_type)] {
        if text.len() > id_bytes {
            return Err(format!("{name} exceeds length limit. Length={} Limit={id_bytes}", text.len()));
        }
    }
    priority::check(of.priority.as_ref()).map_err(|why| format!("invalid priorities: {why}"))?;
    let timeouts = Timeouts::of(of)?.normalized(duration(owner.start_attributes().workflow_run_timeout.as_ref())).ok_or_else(|| {
        format!(
            "a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ActivityId={} ActivityType={activity_type}",
            of.activity_id
        )
    })?;
    Ok(ActivityTaskScheduledEventAttributes {
        activity_id: of.activity_id.clone(),
        activity_type: of.activity_type.clone(),
        task_queue: Some(task_queue),
        header: of.header.clone(),
        input: of.input.clone(),
        schedule_to_close_timeout: Some(proto_duration(timeouts.schedule_to_close)),
        schedule_to_start_timeout: Some(proto_duration(timeouts.schedule_to_start)),
        start_to_close_timeout: Some(proto_duration(timeouts.start_to_close)),
        heartbeat_timeout: Some(proto_duration(timeouts.heartbeat)),
        workflow_task_completed_event_id: completed_event_id,
        retry_policy: Some(retry_policy),
        use_workflow_build_id: of.use_workflow_build_id,
        priority: of.priority.clone(),
    })
}

/// The four timeouts of an activity; zero is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Timeouts {
    schedule_to_close: Duration,
    schedule_to_start: Duration,
    start_to_close: Duration,
    heartbeat: Duration,
}

impl Timeouts {
    fn of(of: &ScheduleActivityTaskCommandAttributes) -> Result<Self, String> {
        let checked = |name, wire: &Option<prost_types::Duration>| {
            let checked = checked_duration(wire.as_ref()).map_err(|why| format!("invalid {name}: {why}"))?;
            Ok::<_, String>(duration(checked.as_ref()))
        };
        Ok(Self {
            schedule_to_close: checked("ScheduleToCloseTimeout", &of.schedule_to_close_timeout)?,
            schedule_to_start: checked("ScheduleToStartTimeout", &of.schedule_to_start_timeout)?,
            start_to_close: checked("StartToCloseTimeout", &of.start_to_close_timeout)?,
            heartbeat: checked("HeartbeatTimeout", &of.heartbeat_timeout)?,
        })
    }

    /// What is not set follows from what is, nothing outlasts the run (`run_timeout`, zero for no end), and a heartbeat's
    /// timeout not its attempt; `None` where neither end of an attempt nor of the activity is set.
    fn normalized(self, run_timeout: Duration) -> Option<Self> {
        let within = |own: Duration, limit: Duration| if own.is_zero() { limit } else { own.min(limit) };
        let mut timeouts = self;
        if !self.schedule_to_close.is_zero() {
            timeouts.schedule_to_start = within(self.schedule_to_start, self.schedule_to_close);
            timeouts.start_to_close = within(self.start_to_close, self.schedule_to_close);
        } else if !self.start_to_close.is_zero() {
            timeouts.schedule_to_close = run_timeout;
            if self.schedule_to_start.is_zero() {
                timeouts.schedule_to_start = run_timeout;
            }
        } else {
            return None;
        }
        if !run_timeout.is_zero() {
            timeouts.schedule_to_close = timeouts.schedule_to_close.min(run_timeout);
            timeouts.schedule_to_start = timeouts.schedule_to_start.min(run_timeout);
            timeouts.start_to_close = timeouts.start_to_close.min(run_timeout);
            timeouts.heartbeat = timeouts.heartbeat.min(run_timeout);
        }
        timeouts.heartbeat = timeouts.heartbeat.min(timeouts.start_to_close);
        Some(timeouts)
    }
}

#[cfg(test)]
mod tests;
