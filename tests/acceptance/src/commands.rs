//! What a worker's script can ask of a server, in few words.

use proto::temporal::api::command::v1::command::Attributes;
use proto::temporal::api::command::v1::{
    Command, CompleteWorkflowExecutionCommandAttributes, FailWorkflowExecutionCommandAttributes,
    ScheduleActivityTaskCommandAttributes, StartTimerCommandAttributes,
};
use proto::temporal::api::common::v1::{ActivityType, Payloads, RetryPolicy};
use proto::temporal::api::enums::v1::CommandType;
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::history::v1::history_event::Attributes as Event;
use proto::temporal::api::workflowservice::v1::PollWorkflowTaskQueueResponse;

use crate::client::{normal_queue, seconds};

/// Runs an activity, at most so often.
pub fn activity(id: &str, kind: &str, queue: &str, attempts: i32) -> Command {
    let attributes = ScheduleActivityTaskCommandAttributes {
        activity_id: id.to_owned(),
        activity_type: Some(ActivityType { name: kind.to_owned() }),
        task_queue: Some(normal_queue(queue)),
        start_to_close_timeout: Some(seconds(10.0)),
        retry_policy: Some(RetryPolicy {
            initial_interval: Some(seconds(0.01)),
            backoff_coefficient: 1.0,
            maximum_attempts: attempts,
            ..Default::default()
        }),
        ..Default::default()
    };
    command(CommandType::ScheduleActivityTask, Attributes::ScheduleActivityTaskCommandAttributes(attributes))
}

/// Starts a timer.
pub fn timer(id: &str, fire_after_s: f64) -> Command {
    let attributes = StartTimerCommandAttributes { timer_id: id.to_owned(), start_to_fire_timeout: Some(seconds(fire_after_s)) };
    command(CommandType::StartTimer, Attributes::StartTimerCommandAttributes(attributes))
}

/// Completes the workflow.
pub fn complete(result: Payloads) -> Command {
    let attributes = CompleteWorkflowExecutionCommandAttributes { result: Some(result) };
    command(CommandType::CompleteWorkflowExecution, Attributes::CompleteWorkflowExecutionCommandAttributes(attributes))
}

/// Fails the workflow.
pub fn fail(message: &str) -> Command {
    let failure = Failure { message: message.to_owned(), ..Default::default() };
    let attributes = FailWorkflowExecutionCommandAttributes { failure: Some(failure) };
    command(CommandType::FailWorkflowExecution, Attributes::FailWorkflowExecutionCommandAttributes(attributes))
}

fn command(kind: CommandType, attributes: Attributes) -> Command {
    Command { command_type: kind.into(), attributes: Some(attributes), ..Default::default() }
}

/// How often events of each kind stand in a task's history: all that small scripts decide by.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Activities scheduled.
    pub scheduled: usize,
    /// Activities completed.
    pub completed: usize,
    /// Activities failed or timed out for good.
    pub failed: usize,
    /// Timers started.
    pub timers: usize,
    /// Timers fired.
    pub fired: usize,
    /// Signals.
    pub signals: usize,
}

impl Progress {
    /// Reads a whole history.
    pub fn of(task: &PollWorkflowTaskQueueResponse) -> Self {
        let mut progress = Self::default();
        for event in task.history.iter().flat_map(|history| &history.events) {
            let Some(attributes) = &event.attributes else { continue };
            match attributes {
                Event::ActivityTaskScheduledEventAttributes(_) => progress.scheduled += 1,
                Event::ActivityTaskCompletedEventAttributes(_) => progress.completed += 1,
                Event::ActivityTaskFailedEventAttributes(_) | Event::ActivityTaskTimedOutEventAttributes(_) => {
                    progress.failed += 1
                }
                Event::TimerStartedEventAttributes(_) => progress.timers += 1,
                Event::TimerFiredEventAttributes(_) => progress.fired += 1,
                Event::WorkflowExecutionSignaledEventAttributes(_) => progress.signals += 1,
                _ => {}
            }
        }
        progress
    }
}
