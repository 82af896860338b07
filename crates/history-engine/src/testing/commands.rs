//! Commands as workers send them, short enough to write many.

use proto::temporal::api::command::v1::{self as api, command::Attributes as C};
use proto::temporal::api::common::v1::{ActivityType, RetryPolicy, WorkflowExecution, WorkflowType};

use super::{payloads, seconds};

/// An activity of ten seconds per attempt, tried again without end.
pub(crate) fn activity(id: &str) -> C {
    C::ScheduleActivityTaskCommandAttributes(activity_attributes(id))
}

/// The same, changed.
pub(crate) fn activity_with(id: &str, change: impl FnOnce(&mut api::ScheduleActivityTaskCommandAttributes)) -> C {
    let mut attributes = activity_attributes(id);
    change(&mut attributes);
    C::ScheduleActivityTaskCommandAttributes(attributes)
}

/// The same, to be run by the same worker at once.
pub(crate) fn eager(id: &str) -> C {
    activity_with(id, |of| of.request_eager_execution = true)
}

/// Attempts at most, one second apart and then doubling.
pub(crate) fn attempts(maximum_attempts: i32) -> Option<RetryPolicy> {
    Some(RetryPolicy { maximum_attempts, ..RetryPolicy::default() })
}

fn activity_attributes(id: &str) -> api::ScheduleActivityTaskCommandAttributes {
    api::ScheduleActivityTaskCommandAttributes {
        activity_id: id.to_owned(),
        activity_type: Some(ActivityType { name: "Charge".to_owned() }),
        input: payloads(&format!("input of {id}")),
        start_to_close_timeout: seconds(10),
        ..api::ScheduleActivityTaskCommandAttributes::default()
    }
}

/// The cancellation of an activity.
pub(crate) fn cancel_activity(scheduled_event_id: i64) -> C {
    C::RequestCancelActivityTaskCommandAttributes(api::RequestCancelActivityTaskCommandAttributes { scheduled_event_id })
}

/// A timer.
pub(crate) fn timer(id: &str, after: i64) -> C {
    C::StartTimerCommandAttributes(api::StartTimerCommandAttributes {
        timer_id: id.to_owned(),
        start_to_fire_timeout: seconds(after),
    })
}

/// The cancellation of a timer.
pub(crate) fn cancel_timer(id: &str) -> C {
    C::CancelTimerCommandAttributes(api::CancelTimerCommandAttributes { timer_id: id.to_owned() })
}

/// A marker.
pub(crate) fn marker() -> C {
    let attributes = api::RecordMarkerCommandAttributes { marker_name: "m".to_owned(), ..Default::default() };
    C::RecordMarkerCommandAttributes(attributes)
}

/// The end of the workflow.
pub(crate) fn complete_workflow() -> C {
    C::CompleteWorkflowExecutionCommandAttributes(api::CompleteWorkflowExecutionCommandAttributes { result: None })
}

/// A child.
pub(crate) fn child(id: &str) -> C {
    child_with(id, |_| {})
}

/// The same, changed.
pub(crate) fn child_with(id: &str, change: impl FnOnce(&mut api::StartChildWorkflowExecutionCommandAttributes)) -> C {
    let mut attributes = api::StartChildWorkflowExecutionCommandAttributes {
        workflow_id: id.to_owned(),
        workflow_type: Some(WorkflowType { name: "Child".to_owned() }),
        ..api::StartChildWorkflowExecutionCommandAttributes::default()
    };
    change(&mut attributes);
    C::StartChildWorkflowExecutionCommandAttributes(attributes)
}

/// A signal to another workflow.
pub(crate) fn signal_external(id: &str) -> C {
    signal_external_with(id, |_| {})
}

/// The same, changed.
pub(crate) fn signal_external_with(
    id: &str,
    change: impl FnOnce(&mut api::SignalExternalWorkflowExecutionCommandAttributes),
) -> C {
    let mut attributes = api::SignalExternalWorkflowExecutionCommandAttributes {
        execution: Some(WorkflowExecution { workflow_id: id.to_owned(), run_id: String::new() }),
        signal_name: "wake-up".to_owned(),
        input: payloads("now"),
        ..api::SignalExternalWorkflowExecutionCommandAttributes::default()
    };
    change(&mut attributes);
    C::SignalExternalWorkflowExecutionCommandAttributes(attributes)
}

/// A cancel request to another workflow.
pub(crate) fn cancel_external(id: &str) -> C {
    cancel_external_with(id, |_| {})
}

/// The same, changed.
pub(crate) fn cancel_external_with(
    id: &str,
    change: impl FnOnce(&mut api::RequestCancelExternalWorkflowExecutionCommandAttributes),
) -> C {
    let mut attributes = api::RequestCancelExternalWorkflowExecutionCommandAttributes {
        workflow_id: id.to_owned(),
        ..api::RequestCancelExternalWorkflowExecutionCommandAttributes::default()
    };
    change(&mut attributes);
    C::RequestCancelExternalWorkflowExecutionCommandAttributes(attributes)
}
