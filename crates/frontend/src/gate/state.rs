//! What a namespace's state allows: new executions only where it is registered, the rest also where it is deprecated.

use proto::temporal::api::enums::v1::NamespaceState;
use rpc::Error;

use crate::registry::Namespace;

const REGISTERED: &[NamespaceState] = &[NamespaceState::Registered];
const NOT_DELETED: &[NamespaceState] = &[NamespaceState::Registered, NamespaceState::Deprecated];

/// The states in which an operation is allowed; `None` where each is.
fn allowed(operation: &str) -> Option<&'static [NamespaceState]> {
    match operation {
        "StartWorkflowExecution" | "SignalWithStartWorkflowExecution" => Some(REGISTERED),
        "DescribeNamespace" | "UpdateNamespace" | "DeprecateNamespace" | "DeleteNamespace" => None,
        _ => Some(NOT_DELETED),
    }
}

/// Whether the namespace's state allows the operation.
///
/// # Errors
/// [`Error::NamespaceInvalidState`] with the states that would.
pub(crate) fn check(operation: &str, namespace: &Namespace) -> Result<(), Error> {
    let Some(allowed) = allowed(operation) else { return Ok(()) };
    if allowed.contains(&namespace.state) {
        return Ok(());
    }
    Err(Error::NamespaceInvalidState {
        namespace: namespace.name().to_owned(),
        state: namespace.state,
        allowed: allowed.to_vec(),
    })
}
