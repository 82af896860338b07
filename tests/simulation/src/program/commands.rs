//! Commands with all the options that matter to the engine, chosen by chance.

use proto::temporal::api::command::v1 as api;
use proto::temporal::api::command::v1::{Command, command::Attributes as C};
use proto::temporal::api::common::v1::{ActivityType, Memo, RetryPolicy, SearchAttributes, WorkflowExecution, WorkflowType};
use proto::temporal::api::enums::v1::{CommandType as T, ParentClosePolicy, WorkflowIdReusePolicy};
use testkit::commands::{command, payload, payloads, seconds_of};

use super::View;
use crate::rng::Rng;

/// Whether the workflow hears of this command's outcome.
pub(super) fn brings_a_task(command: &Command) -> bool {
    matches!(
        command.command_type(),
        T::ScheduleActivityTask
            | T::StartTimer
            | T::StartChildWorkflowExecution
            | T::SignalExternalWorkflowExecution
            | T::RequestCancelExternalWorkflowExecution
    )
}

/// An activity that ends in finite time, whatever its worker does: mostly soon, now and then after minutes of silence.
pub(super) fn activity(id: &str, rng: &mut Rng) -> Command {
    let optional = |yes: bool, seconds: i64| yes.then(|| seconds_of(seconds));
    let short = api::ScheduleActivityTaskCommandAttributes {
        activity_id: format!("a{id}"),
        activity_type: Some(ActivityType { name: "Charge".to_owned() }),
        input: Some(payloads("input")),
        start_to_close_timeout: Some(seconds_of(rng.between(2, 12))),
        schedule_to_close_timeout: optional(rng.chance(1, 3), rng.between(5, 60)),
        schedule_to_start_timeout: optional(rng.chance(1, 6), rng.between(2, 20)),
        heartbeat_timeout: optional(rng.chance(1, 3), rng.between(2, 5)),
        retry_policy: Some(RetryPolicy {
            maximum_attempts: i32::try_from(rng.between(1, 4)).unwrap_or(1),
            initial_interval: optional(rng.chance(1, 2), 1),
            ..RetryPolicy::default()
        }),
        request_eager_execution: rng.chance(1, 5),
        ..Default::default()
    };
    let of = match rng.below(12) {
        // Only its heartbeats tell that its worker is gone, long after the run has left memory.
        0 => api::ScheduleActivityTaskCommandAttributes {
            start_to_close_timeout: Some(seconds_of(10 * 24 * 3600)),
            schedule_to_close_timeout: None,
            heartbeat_timeout: Some(seconds_of(rng.between(61, 120))),
            retry_policy: Some(RetryPolicy { maximum_attempts: 2, ..RetryPolicy::default() }),
            ..short
        },
        _ => short,
    };
    command(T::ScheduleActivityTask, C::ScheduleActivityTaskCommandAttributes(of))
}

/// Mostly seconds, now and then hours.
pub(super) fn timer(id: &str, rng: &mut Rng) -> Command {
    let seconds = match rng.below(12) {
        0 => rng.between(600, 20_000),
        1..=3 => rng.between(60, 150),
        _ => rng.between(1, 20),
    };
    testkit::commands::start_timer(&format!("t{id}"), seconds)
}

pub(super) fn child(view: &View, id: &str, rng: &mut Rng) -> Command {
    let policies = [ParentClosePolicy::Terminate, ParentClosePolicy::Abandon, ParentClosePolicy::RequestCancel];
    let of = api::StartChildWorkflowExecutionCommandAttributes {
        // Sometimes the id is taken.
        workflow_id: if rng.chance(1, 10) { view.workflow_id.clone() } else { format!("{}/{id}", view.workflow_id) },
        workflow_type: Some(WorkflowType { name: "Anything".to_owned() }),
        input: Some(payloads("3")),
        parent_close_policy: *rng.pick(&policies) as i32,
        workflow_run_timeout: rng.chance(1, 5).then(|| seconds_of(rng.between(3, 60))),
        workflow_id_reuse_policy: WorkflowIdReusePolicy::AllowDuplicate as i32,
        retry_policy: rng.chance(1, 6).then(|| RetryPolicy { maximum_attempts: 2, ..RetryPolicy::default() }),
        ..Default::default()
    };
    command(T::StartChildWorkflowExecution, C::StartChildWorkflowExecutionCommandAttributes(of))
}

pub(super) fn signal_external(workflow_id: &str) -> Command {
    testkit::commands::signal_external(workflow_id)
}

pub(super) fn cancel_external(workflow_id: &str) -> Command {
    let of = api::RequestCancelExternalWorkflowExecutionCommandAttributes {
        workflow_id: workflow_id.to_owned(),
        reason: "no longer wanted".to_owned(),
        ..Default::default()
    };
    command(T::RequestCancelExternalWorkflowExecution, C::RequestCancelExternalWorkflowExecutionCommandAttributes(of))
}

pub(super) fn cancel_activity(scheduled_event_id: i64) -> Command {
    let of = api::RequestCancelActivityTaskCommandAttributes { scheduled_event_id };
    command(T::RequestCancelActivityTask, C::RequestCancelActivityTaskCommandAttributes(of))
}

pub(super) fn upsert_search_attributes(text: &str) -> Command {
    let indexed_fields = [("CustomOrderId".to_owned(), payload(text))].into_iter().collect();
    let of =
        api::UpsertWorkflowSearchAttributesCommandAttributes { search_attributes: Some(SearchAttributes { indexed_fields }) };
    command(T::UpsertWorkflowSearchAttributes, C::UpsertWorkflowSearchAttributesCommandAttributes(of))
}

pub(super) fn modify_memo(text: &str) -> Command {
    let fields = [("note".to_owned(), payload(text))].into_iter().collect();
    let of = api::ModifyWorkflowPropertiesCommandAttributes { upserted_memo: Some(Memo { fields }) };
    command(T::ModifyWorkflowProperties, C::ModifyWorkflowPropertiesCommandAttributes(of))
}

/// The execution with this id, whatever its run.
pub(crate) fn execution(workflow_id: &str, run_id: &str) -> WorkflowExecution {
    WorkflowExecution { workflow_id: workflow_id.to_owned(), run_id: run_id.to_owned() }
}
