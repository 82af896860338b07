//! StartChildWorkflowExecution.

use std::time::Duration;

use model::Timestamp;
use model::limits::Limits;
use prost::Message;
use proto::temporal::api::command::v1::{Command, StartChildWorkflowExecutionCommandAttributes};
use proto::temporal::api::enums::v1::{ParentClosePolicy, WorkflowIdReusePolicy, WorkflowTaskFailedCause as Cause};
use proto::temporal::api::history::v1::{StartChildWorkflowExecutionInitiatedEventAttributes, history_event::Attributes};
use scheduler::Cron;

use super::{Batch, CommandFailure, checks, pending_limit, priority, same_namespace, task_queue};
use crate::env::Env;
use crate::retry;
use crate::time::{checked_duration, duration, proto_duration};
use crate::turn::Turn;

/// How texts call it.
const COMMAND: &str = "StartChildWorkflowExecutionCommand";

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &StartChildWorkflowExecutionCommandAttributes,
) -> Result<(), CommandFailure> {
    let env = turn.env;
    let Some(owner) = turn.chain.run(batch.run) else { return Ok(()) };
    let attributes = checked(of, &owner.normal_task_queue().name, env, batch.completed_event_id)
        .map_err(|why| CommandFailure::new(Cause::BadStartChildExecutionAttributes, why))?;
    checks::search_attributes(turn, batch, of.search_attributes.as_ref()).map_err(|why| {
        let message = format!("invalid SearchAttributes on StartChildWorkflowCommand: {why}. {}", About(of));
        CommandFailure::new(Cause::BadSearchAttributes, message)
    })?;
    check_sizes(of, &env.limits).map_err(|why| CommandFailure::terminating(Cause::BadStartChildExecutionAttributes, why))?;
    checks::search_attribute_sizes(turn, Cause::BadStartChildExecutionAttributes, of.search_attributes.as_ref())?;
    let pending = owner.children().len();
    let what = "pending child workflow executions";
    pending_limit(pending, env.limits.pending_children, what, Cause::PendingChildWorkflowsLimitExceeded)?;
    let attributes = Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(Box::new(attributes));
    turn.command_event(batch.run, command, attributes);
    Ok(())
}

/// The event's attributes: checked, with everything that is not set filled in.
#[expect(deprecated, reason = "workers still send namespace, control text and build inheritance, and read them back")]
fn checked(
    of: &StartChildWorkflowExecutionCommandAttributes,
    own_queue: &str,
    env: &Env,
    completed_event_id: i64,
) -> Result<StartChildWorkflowExecutionInitiatedEventAttributes, String> {
    same_namespace(&of.namespace, &env.namespace.name)?;
    check_ids(of, env.limits.id_bytes)?;
    let about = About(of);
    let [execution, run, task] = timeouts(of)?;
    let retry_policy = of.retry_policy.as_ref().map(retry::with_defaults);
    if let Some(policy) = &retry_policy {
        retry::check(policy).map_err(|why| format!("invalid WorkflowRetryPolicy on {COMMAND}: {why}. {about}"))?;
    }
    check_cron(&of.cron_schedule, env.now).map_err(|why| format!("invalid CronSchedule on {COMMAND}: {why}. {about}"))?;
    priority::check(of.priority.as_ref())?;
    let task_queue = task_queue::normalized(of.task_queue.as_ref(), own_queue, env.limits.id_bytes).map_err(|why| {
        let name = of.task_queue.as_ref().map_or("", |queue| &queue.name);
        format!("invalid TaskQueue on {COMMAND}: {why}. {about} TaskQueue={name}")
    })?;
    if of.versioning_override.is_some() {
        return Err(format!("VersioningOverride on {COMMAND} is not supported by this server. {about}"));
    }
    if of.inherit_build_id && task_queue.name != own_queue {
        return Err("StartChildWorkflowExecution with UseCompatibleVersion cannot run on different task queue.".to_owned());
    }
    let run_timeout = run_timeout(run, execution);
    let task_timeout = task_timeout(task, run_timeout, &env.limits);
    let close_policy = match of.parent_close_policy() {
        ParentClosePolicy::Unspecified => ParentClosePolicy::Terminate,
        set => set,
    };
    let reuse_policy = match of.workflow_id_reuse_policy() {
        WorkflowIdReusePolicy::Unspecified => WorkflowIdReusePolicy::AllowDuplicate,
        set => set,
    };
    Ok(StartChildWorkflowExecutionInitiatedEventAttributes {
        namespace: env.namespace.name.clone(),
        namespace_id: env.namespace.id.clone(),
        workflow_id: of.workflow_id.clone(),
        workflow_type: of.workflow_type.clone(),
        task_queue: Some(task_queue),
        input: of.input.clone(),
        workflow_execution_timeout: Some(proto_duration(execution)),
        workflow_run_timeout: Some(proto_duration(run_timeout)),
        workflow_task_timeout: Some(proto_duration(task_timeout)),
        parent_close_policy: close_policy as i32,
        control: of.control.clone(),
        workflow_task_completed_event_id: completed_event_id,
        workflow_id_reuse_policy: reuse_policy as i32,
        retry_policy,
        cron_schedule: of.cron_schedule.clone(),
        header: of.header.clone(),
        memo: of.memo.clone(),
        search_attributes: of.search_attributes.clone(),
        inherit_build_id: of.inherit_build_id,
        priority: of.priority.clone(),
        ..StartChildWorkflowExecutionInitiatedEventAttributes::default()
    })
}

#[expect(deprecated, reason = "old workers still send a namespace")]
fn check_ids(of: &StartChildWorkflowExecutionCommandAttributes, limit: usize) -> Result<(), String> {
    let kind = of.workflow_type.as_ref().map(|kind| kind.name.as_str()).unwrap_or_default();
    let (id, ns) = (&of.workflow_id, &of.namespace);
    if id.is_empty() {
        return Err(format!("Required field WorkflowId is not set on {COMMAND}. WorkflowType={kind} Namespace={ns}"));
    }
    if kind.is_empty() {
        return Err(format!("Required field WorkflowType is not set on {COMMAND}. WorkflowId={id} Namespace={ns}"));
    }
    if id.len() > limit {
        return Err(format!(
            "WorkflowId on {COMMAND} exceeds length limit. WorkflowId={id} Length={} Limit={limit} WorkflowType={kind} Namespace={ns}",
            id.len()
        ));
    }
    if kind.len() > limit {
        return Err(format!(
            "WorkflowType on {COMMAND} exceeds length limit. WorkflowId={id} WorkflowType={kind} Length={} Limit={limit} Namespace={ns}",
            kind.len()
        ));
    }
    checks::storable(id, "WorkflowId", COMMAND)?;
    checks::storable(kind, "WorkflowType", COMMAND)
}

/// Execution, run and task timeout.
fn timeouts(of: &StartChildWorkflowExecutionCommandAttributes) -> Result<[Duration; 3], String> {
    let checked = |name: &str, wire: &Option<prost_types::Duration>| {
        let checked =
            checked_duration(wire.as_ref()).map_err(|why| format!("Invalid {name} on {COMMAND}: {why}. {}", About(of)))?;
        Ok::<_, String>(duration(checked.as_ref()))
    };
    Ok([
        checked("WorkflowExecutionTimeout", &of.workflow_execution_timeout)?,
        checked("WorkflowRunTimeout", &of.workflow_run_timeout)?,
        checked("WorkflowTaskTimeout", &of.workflow_task_timeout)?,
    ])
}

/// A run's timeout within its execution's; zero is none.
fn run_timeout(run: Duration, execution: Duration) -> Duration {
    match (run.is_zero(), execution.is_zero()) {
        (_, true) => run,
        (true, false) => execution,
        (false, false) => run.min(execution),
    }
}

/// A workflow task's timeout: the default where it is not set, within its maximum and the run's.
fn task_timeout(task: Duration, run: Duration, limits: &Limits) -> Duration {
    let task = if task.is_zero() { limits.default_workflow_task_timeout } else { task };
    let task = task.min(limits.max_workflow_task_timeout);
    if run.is_zero() { task } else { task.min(run) }
}

fn check_cron(schedule: &str, now: Timestamp) -> Result<(), &'static str> {
    if schedule.is_empty() {
        return Ok(());
    }
    Cron::validate(schedule, now).map(|_| ()).map_err(|error| error.api_message())
}

fn check_sizes(of: &StartChildWorkflowExecutionCommandAttributes, limits: &Limits) -> Result<(), &'static str> {
    if of.input.as_ref().is_some_and(|input| input.encoded_len() > limits.blob_error_bytes) {
        return Err("StartChildWorkflowExecutionCommandAttributes. Input exceeds size limit.");
    }
    if of.memo.as_ref().is_some_and(|memo| memo.encoded_len() > limits.memo_error_bytes) {
        return Err("StartChildWorkflowExecutionCommandAttributes.Memo exceeds size limit.");
    }
    Ok(())
}

/// The end of most texts: which child it is about.
struct About<'a>(&'a StartChildWorkflowExecutionCommandAttributes);

impl std::fmt::Display for About<'_> {
    #[expect(deprecated, reason = "old workers still send a namespace")]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = self.0.workflow_type.as_ref().map(|kind| kind.name.as_str()).unwrap_or_default();
        write!(f, "WorkflowId={} WorkflowType={kind} Namespace={}", self.0.workflow_id, self.0.namespace)
    }
}
