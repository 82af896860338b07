//! What the gate must know of every built request: whose namespace, which execution (for the span), whether it waits long,
//! and whether it sets a field that is not built. One row per RPC.

use proto::temporal::api::operatorservice::v1 as operator;
use proto::temporal::api::workflowservice::v1 as wire;

use super::namespace::{Scope, TokenKind};
use crate::fields::unbuilt;

/// A request of a built RPC.
pub(crate) trait Incoming: Send + 'static {
    /// Whose.
    fn scope(&self) -> Scope<'_>;
    /// Workflow and run, where it names them.
    fn workflow(&self) -> Option<(&str, &str)>;
    /// Who says it calls.
    fn identity(&self) -> &str;
    /// Whether it may wait for something to happen, and so counts among the long calls.
    fn waits(&self) -> bool;
    /// The first field that is set but not built.
    fn unbuilt(&self) -> Option<&'static str>;
}

type Workflow<'a> = Option<(&'a str, &'a str)>;

macro_rules! incoming {
    ($($module:ident::$request:ident: $scope:expr, $workflow:expr, $identity:expr, $waits:expr, $unbuilt:expr;)*) => {$(
        impl Incoming for $module::$request {
            fn scope(&self) -> Scope<'_> {
                let scope: for<'a> fn(&'a $module::$request) -> Scope<'a> = $scope;
                scope(self)
            }
            fn workflow(&self) -> Workflow<'_> {
                let workflow: for<'a> fn(&'a $module::$request) -> Workflow<'a> = $workflow;
                workflow(self)
            }
            fn identity(&self) -> &str {
                let identity: for<'a> fn(&'a $module::$request) -> &'a str = $identity;
                identity(self)
            }
            fn waits(&self) -> bool {
                let waits: fn(&$module::$request) -> bool = $waits;
                waits(self)
            }
            fn unbuilt(&self) -> Option<&'static str> {
                let unbuilt: fn(&$module::$request) -> Option<&'static str> = $unbuilt;
                unbuilt(self)
            }
        }
    )*};
}

macro_rules! name {
    () => {
        |r| Scope::Name(&r.namespace)
    };
}
macro_rules! token {
    ($kind:ident) => {
        |r| Scope::Token { name: &r.namespace, token: &r.task_token, kind: TokenKind::$kind }
    };
}
macro_rules! execution {
    ($field:ident) => {
        |r| r.$field.as_ref().map(|of| (of.workflow_id.as_str(), of.run_id.as_str()))
    };
}
macro_rules! ids {
    () => {
        |r| Some((&r.workflow_id, &r.run_id))
    };
}
macro_rules! of {
    () => {
        |r| &r.identity
    };
}
macro_rules! none {
    () => {
        |_| None
    };
}
macro_rules! anonymous {
    () => {
        |_| ""
    };
}
macro_rules! no {
    () => {
        |_| false
    };
}
macro_rules! yes {
    () => {
        |_| true
    };
}

incoming! {
    wire::StartWorkflowExecutionRequest: name!(), |r| Some((&r.workflow_id, "")), of!(), no!(), unbuilt::start;
    wire::SignalWithStartWorkflowExecutionRequest: name!(), |r| Some((&r.workflow_id, "")), of!(), no!(), unbuilt::signal_with_start;
    wire::SignalWorkflowExecutionRequest: name!(), execution!(workflow_execution), of!(), no!(), none!();
    wire::RequestCancelWorkflowExecutionRequest: name!(), execution!(workflow_execution), of!(), no!(), none!();
    wire::TerminateWorkflowExecutionRequest: name!(), execution!(workflow_execution), of!(), no!(), none!();
    wire::DeleteWorkflowExecutionRequest: name!(), execution!(workflow_execution), anonymous!(), no!(), none!();
    wire::DescribeWorkflowExecutionRequest: name!(), execution!(execution), anonymous!(), no!(), none!();
    wire::GetWorkflowExecutionHistoryRequest: name!(), execution!(execution), anonymous!(), |r| r.wait_new_event, none!();
    wire::GetWorkflowExecutionHistoryReverseRequest: name!(), execution!(execution), anonymous!(), no!(), none!();
    wire::QueryWorkflowRequest: name!(), execution!(execution), anonymous!(), yes!(), none!();
    wire::ResetStickyTaskQueueRequest: name!(), execution!(execution), anonymous!(), no!(), none!();

    wire::PollWorkflowTaskQueueRequest: name!(), none!(), of!(), yes!(), unbuilt::poll_workflow;
    wire::PollActivityTaskQueueRequest: name!(), none!(), of!(), yes!(), unbuilt::poll_activity;
    wire::RespondWorkflowTaskCompletedRequest: token!(Workflow), none!(), of!(), no!(), unbuilt::workflow_task_completed;
    wire::RespondWorkflowTaskFailedRequest: token!(Workflow), none!(), of!(), no!(), unbuilt::workflow_task_failed;
    wire::RespondQueryTaskCompletedRequest: token!(Query), none!(), anonymous!(), no!(), none!();
    wire::RespondActivityTaskCompletedRequest: token!(Activity), none!(), of!(), no!(), none!();
    wire::RespondActivityTaskFailedRequest: token!(Activity), none!(), of!(), no!(), none!();
    wire::RespondActivityTaskCanceledRequest: token!(Activity), none!(), of!(), no!(), none!();
    wire::RecordActivityTaskHeartbeatRequest: token!(Activity), none!(), of!(), no!(), none!();
    wire::RespondActivityTaskCompletedByIdRequest: name!(), ids!(), of!(), no!(), none!();
    wire::RespondActivityTaskFailedByIdRequest: name!(), ids!(), of!(), no!(), none!();
    wire::RespondActivityTaskCanceledByIdRequest: name!(), ids!(), of!(), no!(), none!();
    wire::RecordActivityTaskHeartbeatByIdRequest: name!(), ids!(), of!(), no!(), none!();
    wire::ShutdownWorkerRequest: name!(), none!(), of!(), no!(), none!();
    wire::RecordWorkerHeartbeatRequest: name!(), none!(), of!(), no!(), none!();

    wire::DescribeTaskQueueRequest: name!(), none!(), anonymous!(), no!(), unbuilt::describe_task_queue;
    wire::ListTaskQueuePartitionsRequest: name!(), none!(), anonymous!(), no!(), none!();

    wire::ListWorkflowExecutionsRequest: name!(), none!(), anonymous!(), no!(), none!();
    wire::ScanWorkflowExecutionsRequest: name!(), none!(), anonymous!(), no!(), none!();
    wire::CountWorkflowExecutionsRequest: name!(), none!(), anonymous!(), no!(), none!();
    wire::ListOpenWorkflowExecutionsRequest: name!(), none!(), anonymous!(), no!(), none!();
    wire::ListClosedWorkflowExecutionsRequest: name!(), none!(), anonymous!(), no!(), none!();
    wire::ListArchivedWorkflowExecutionsRequest: name!(), none!(), anonymous!(), no!(), none!();

    wire::GetSearchAttributesRequest: |_| Scope::Name(""), none!(), anonymous!(), no!(), none!();
    wire::GetSystemInfoRequest: |_| Scope::Name(""), none!(), anonymous!(), no!(), none!();
    wire::GetClusterInfoRequest: |_| Scope::Name(""), none!(), anonymous!(), no!(), none!();

    wire::RegisterNamespaceRequest: name!(), none!(), anonymous!(), no!(), unbuilt::register_namespace;
    wire::DescribeNamespaceRequest: |r| Scope::NameOrId { name: &r.namespace, id: &r.id }, none!(), anonymous!(), no!(), none!();
    wire::ListNamespacesRequest: |_| Scope::Name(""), none!(), anonymous!(), no!(), none!();
    wire::UpdateNamespaceRequest: name!(), none!(), anonymous!(), no!(), unbuilt::update_namespace;
    wire::DeprecateNamespaceRequest: name!(), none!(), anonymous!(), no!(), none!();

    operator::AddSearchAttributesRequest: name!(), none!(), anonymous!(), no!(), none!();
    operator::RemoveSearchAttributesRequest: name!(), none!(), anonymous!(), no!(), none!();
    operator::ListSearchAttributesRequest: name!(), none!(), anonymous!(), no!(), none!();
}
