//! Which field of a request is set although it is not built: the code behind [`super::Treatment::Refused`].

#![expect(deprecated, reason = "old clients set deprecated fields")]

use proto::temporal::api::common::v1::WorkerVersionCapabilities;
use proto::temporal::api::deployment::v1::WorkerDeploymentOptions;
use proto::temporal::api::enums::v1::{ArchivalState, VersioningBehavior, WorkerVersioningMode};
use proto::temporal::api::workflowservice::v1 as wire;

type Field = Option<&'static str>;

/// The name, where it is set.
fn when(set: bool, field: &'static str) -> Field {
    set.then_some(field)
}

/// SDKs send their build id by default; only a worker that asks to be versioned would be treated differently.
fn versioned(options: Option<&WorkerDeploymentOptions>) -> bool {
    options.is_some_and(|options| options.worker_versioning_mode() == WorkerVersioningMode::Versioned)
}

fn uses_versioning(capabilities: Option<&WorkerVersionCapabilities>) -> bool {
    capabilities.is_some_and(|capabilities| capabilities.use_versioning)
}

pub(crate) fn start(request: &wire::StartWorkflowExecutionRequest) -> Field {
    when(!request.completion_callbacks.is_empty(), "completion_callbacks")
        .or(when(request.versioning_override.is_some(), "versioning_override"))
        .or(when(request.time_skipping_config.as_ref().is_some_and(|config| config.enabled), "time_skipping_config"))
        .or(when(versioned(request.eager_worker_deployment_options.as_ref()), "eager_worker_deployment_options"))
}

pub(crate) fn signal_with_start(request: &wire::SignalWithStartWorkflowExecutionRequest) -> Field {
    when(request.versioning_override.is_some(), "versioning_override")
        .or(when(request.time_skipping_config.as_ref().is_some_and(|config| config.enabled), "time_skipping_config"))
}

pub(crate) fn poll_workflow(request: &wire::PollWorkflowTaskQueueRequest) -> Field {
    when(uses_versioning(request.worker_version_capabilities.as_ref()), "worker_version_capabilities")
        .or(when(versioned(request.deployment_options.as_ref()), "deployment_options"))
}

pub(crate) fn poll_activity(request: &wire::PollActivityTaskQueueRequest) -> Field {
    when(uses_versioning(request.worker_version_capabilities.as_ref()), "worker_version_capabilities")
        .or(when(versioned(request.deployment_options.as_ref()), "deployment_options"))
}

pub(crate) fn workflow_task_completed(request: &wire::RespondWorkflowTaskCompletedRequest) -> Field {
    when(!request.messages.is_empty(), "messages")
        .or(when(request.versioning_behavior() != VersioningBehavior::Unspecified, "versioning_behavior"))
        .or(when(request.page_number != 0, "page_number"))
        .or(when(request.intermediate_page, "intermediate_page"))
}

pub(crate) fn workflow_task_failed(request: &wire::RespondWorkflowTaskFailedRequest) -> Field {
    when(!request.messages.is_empty(), "messages")
}

pub(crate) fn describe_task_queue(request: &wire::DescribeTaskQueueRequest) -> Field {
    let builds = request.versions.as_ref().is_some_and(|versions| !versions.build_ids.is_empty());
    when(builds, "versions").or(when(request.report_task_reachability, "report_task_reachability"))
}

pub(crate) fn register_namespace(request: &wire::RegisterNamespaceRequest) -> Field {
    when(request.history_archival_state() == ArchivalState::Enabled, "history_archival_state")
        .or(when(!request.history_archival_uri.is_empty(), "history_archival_uri"))
        .or(when(request.visibility_archival_state() == ArchivalState::Enabled, "visibility_archival_state"))
        .or(when(!request.visibility_archival_uri.is_empty(), "visibility_archival_uri"))
}

pub(crate) fn update_namespace(request: &wire::UpdateNamespaceRequest) -> Field {
    when(!request.delete_bad_binary.is_empty(), "delete_bad_binary").or(when(request.promote_namespace, "promote_namespace"))
}
