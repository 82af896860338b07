//! What StartWorkflowExecution and SignalWithStartWorkflowExecution have in common, in the order of the public API's checks:
//! the first failure is the one that a caller sees.

use prost_types::Duration;
use proto::temporal::api::common::v1::{Header, Link, Memo, Payloads, Priority, RetryPolicy, SearchAttributes, WorkflowType};
use proto::temporal::api::sdk::v1::UserMetadata;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflow::v1::OnConflictOptions;
use rpc::Error;
use scheduler::Cron;

use super::policy::Policies;
use super::{duration, link, policy, priority, retry, search_attributes, size, task_queue, text, wrong};
use crate::api::Api;
use crate::gate::Call;

/// The fields of a start, borrowed from either request.
pub(crate) struct Start<'a> {
    pub(crate) workflow_id: &'a str,
    pub(crate) workflow_type: Option<&'a WorkflowType>,
    pub(crate) task_queue: Option<&'a mut TaskQueue>,
    pub(crate) input: Option<&'a Payloads>,
    pub(crate) execution_timeout: &'a mut Option<Duration>,
    pub(crate) run_timeout: &'a mut Option<Duration>,
    pub(crate) task_timeout: &'a mut Option<Duration>,
    pub(crate) identity: &'a str,
    pub(crate) request_id: &'a mut String,
    pub(crate) policies: Policies,
    pub(crate) retry_policy: &'a mut Option<RetryPolicy>,
    pub(crate) cron_schedule: &'a str,
    pub(crate) memo: Option<&'a Memo>,
    pub(crate) search_attributes: Option<&'a mut SearchAttributes>,
    pub(crate) header: Option<&'a Header>,
    pub(crate) start_delay: &'a mut Option<Duration>,
    pub(crate) user_metadata: Option<&'a UserMetadata>,
    pub(crate) links: &'a [Link],
    pub(crate) on_conflict: Option<&'a OnConflictOptions>,
    pub(crate) priority: Option<&'a Priority>,
}

/// Checks a start and makes what it leaves open definite. `policies` come with their defaults filled in.
pub(crate) fn normalize(api: &Api, call: &Call, start: Start<'_>) -> Result<(), Error> {
    let limits = &call.limits;
    text::required("WorkflowId", start.workflow_id, limits)?;
    retry::normalize(start.retry_policy)?;
    cron(api, start.cron_schedule, start.start_delay.as_ref())?;
    duration::check("WorkflowStartDelaySeconds", start.start_delay)?;
    let workflow_type = start.workflow_type.map(|of| of.name.as_str()).unwrap_or_default();
    text::required("WorkflowType", workflow_type, limits)?;
    task_queue::for_start(start.task_queue, limits)?;
    duration::check("WorkflowExecutionTimeoutSeconds", start.execution_timeout)?;
    duration::check("WorkflowRunTimeoutSeconds", start.run_timeout)?;
    duration::check("WorkflowTaskTimeoutSeconds", start.task_timeout)?;
    if start.request_id.is_empty() {
        *start.request_id = (api.ports.ids)().to_string();
    }
    text::caller(start.identity, start.request_id, limits)?;
    start.policies.check()?;
    policy::on_conflict(start.on_conflict)?;
    search_attributes::normalize(call, start.search_attributes)?;
    priority::check(start.priority)?;
    link::check(start.links, &api.options)?;
    size::memo(start.memo, limits)?;
    size::blob(start.input, limits)?;
    size::header(start.header, limits)?;
    size::user_metadata(start.user_metadata, limits)
}

fn cron(api: &Api, schedule: &str, start_delay: Option<&Duration>) -> Result<(), Error> {
    if schedule.is_empty() {
        return Ok(());
    }
    // The delay's presence counts, even where it is zero.
    if start_delay.is_some() {
        return Err(wrong("CronSchedule and WorkflowStartDelay may not be used together."));
    }
    Cron::validate(schedule, api.ports.clock.now()).map(|_| ()).map_err(|error| wrong(error.api_message()))
}
