//! Worker commands and small values, as short as tests want to write them.

use proto::temporal::api::command::v1 as command;
use proto::temporal::api::command::v1::{Command, command::Attributes};
use proto::temporal::api::common::v1::{ActivityType, Payload, Payloads, WorkflowType};
use proto::temporal::api::enums::v1::CommandType as T;
use proto::temporal::api::failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo};

/// A command from its kind and attributes.
pub fn command(kind: T, attributes: Attributes) -> Command {
    Command { command_type: kind as i32, attributes: Some(attributes), ..Command::default() }
}

/// CompleteWorkflowExecution.
pub fn complete(result: &str) -> Command {
    let of = command::CompleteWorkflowExecutionCommandAttributes { result: Some(payloads(result)) };
    command(T::CompleteWorkflowExecution, Attributes::CompleteWorkflowExecutionCommandAttributes(of))
}

/// FailWorkflowExecution with an application failure.
pub fn fail(message: &str) -> Command {
    let of = command::FailWorkflowExecutionCommandAttributes { failure: Some(application_failure(message, false)) };
    command(T::FailWorkflowExecution, Attributes::FailWorkflowExecutionCommandAttributes(of))
}

/// CancelWorkflowExecution.
pub fn cancel() -> Command {
    let of = command::CancelWorkflowExecutionCommandAttributes { details: None };
    command(T::CancelWorkflowExecution, Attributes::CancelWorkflowExecutionCommandAttributes(of))
}

/// ContinueAsNewWorkflowExecution with nothing but an input.
pub fn continue_as_new(input: &str) -> Command {
    let of = command::ContinueAsNewWorkflowExecutionCommandAttributes {
        input: Some(payloads(input)),
        workflow_type: Some(WorkflowType { name: String::new() }),
        ..command::ContinueAsNewWorkflowExecutionCommandAttributes::default()
    };
    command(T::ContinueAsNewWorkflowExecution, Attributes::ContinueAsNewWorkflowExecutionCommandAttributes(of))
}

/// RecordMarker.
pub fn marker(name: &str) -> Command {
    let of = command::RecordMarkerCommandAttributes {
        marker_name: name.to_owned(),
        ..command::RecordMarkerCommandAttributes::default()
    };
    command(T::RecordMarker, Attributes::RecordMarkerCommandAttributes(of))
}

/// StartTimer.
pub fn start_timer(id: &str, seconds: i64) -> Command {
    let of = command::StartTimerCommandAttributes { timer_id: id.to_owned(), start_to_fire_timeout: Some(seconds_of(seconds)) };
    command(T::StartTimer, Attributes::StartTimerCommandAttributes(of))
}

/// CancelTimer.
pub fn cancel_timer(id: &str) -> Command {
    let of = command::CancelTimerCommandAttributes { timer_id: id.to_owned() };
    command(T::CancelTimer, Attributes::CancelTimerCommandAttributes(of))
}

/// ScheduleActivityTask with 10 s per attempt and the default retry policy.
pub fn schedule_activity(id: &str) -> Command {
    let of = command::ScheduleActivityTaskCommandAttributes {
        activity_id: id.to_owned(),
        activity_type: Some(ActivityType { name: "Charge".to_owned() }),
        start_to_close_timeout: Some(seconds_of(10)),
        ..command::ScheduleActivityTaskCommandAttributes::default()
    };
    command(T::ScheduleActivityTask, Attributes::ScheduleActivityTaskCommandAttributes(of))
}

/// StartChildWorkflowExecution.
pub fn start_child(workflow_id: &str) -> Command {
    let of = command::StartChildWorkflowExecutionCommandAttributes {
        workflow_id: workflow_id.to_owned(),
        workflow_type: Some(WorkflowType { name: "Child".to_owned() }),
        ..command::StartChildWorkflowExecutionCommandAttributes::default()
    };
    command(T::StartChildWorkflowExecution, Attributes::StartChildWorkflowExecutionCommandAttributes(of))
}

/// SignalExternalWorkflowExecution.
pub fn signal_external(workflow_id: &str) -> Command {
    let of = command::SignalExternalWorkflowExecutionCommandAttributes {
        execution: Some(proto::temporal::api::common::v1::WorkflowExecution {
            workflow_id: workflow_id.to_owned(),
            run_id: String::new(),
        }),
        signal_name: "go".to_owned(),
        ..command::SignalExternalWorkflowExecutionCommandAttributes::default()
    };
    command(T::SignalExternalWorkflowExecution, Attributes::SignalExternalWorkflowExecutionCommandAttributes(of))
}

/// A failure that the application made.
pub fn application_failure(message: &str, non_retryable: bool) -> Failure {
    let info = ApplicationFailureInfo { r#type: "Oops".to_owned(), non_retryable, ..ApplicationFailureInfo::default() };
    Failure { message: message.to_owned(), failure_info: Some(FailureInfo::ApplicationFailureInfo(info)), ..Failure::default() }
}

/// One payload of plain JSON text.
pub fn payload(text: &str) -> Payload {
    let metadata = [("encoding".to_owned(), bytes::Bytes::from_static(b"json/plain"))].into_iter().collect();
    Payload { metadata, data: bytes::Bytes::from(format!("\"{text}\"")), ..Payload::default() }
}

/// A list of one payload.
pub fn payloads(text: &str) -> Payloads {
    Payloads { payloads: vec![payload(text)] }
}

/// A duration of whole seconds.
pub fn seconds_of(seconds: i64) -> prost_types::Duration {
    prost_types::Duration { seconds, nanos: 0 }
}
