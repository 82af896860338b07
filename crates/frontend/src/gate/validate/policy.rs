//! What happens when the workflow id is taken: defaults, and combinations that contradict each other.

use proto::temporal::api::enums::v1::{WorkflowIdConflictPolicy as Conflict, WorkflowIdReusePolicy as Reuse};
use proto::temporal::api::workflow::v1::OnConflictOptions;
use rpc::Error;

use super::wrong;

/// Reuse and conflict policy as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policies {
    pub(crate) reuse: Reuse,
    pub(crate) conflict: Conflict,
}

impl Policies {
    /// Reads the wire's numbers.
    pub(crate) fn read(reuse: i32, conflict: i32) -> Result<Self, Error> {
        let reuse = Reuse::try_from(reuse).map_err(|_| wrong(format!("Unknown WorkflowIdReusePolicy: {reuse}.")))?;
        let conflict =
            Conflict::try_from(conflict).map_err(|_| wrong(format!("Unknown WorkflowIdConflictPolicy: {conflict}.")))?;
        Ok(Self { reuse, conflict })
    }

    /// Fills in what was not given; `conflict` is the operation's own default.
    #[expect(deprecated, reason = "old clients send TERMINATE_IF_RUNNING")]
    pub(crate) fn with_defaults(self, conflict: Conflict) -> Self {
        let Self { mut reuse, conflict: given } = self;
        let conflict = match (given, reuse) {
            (Conflict::Unspecified, Reuse::TerminateIfRunning) => {
                reuse = Reuse::AllowDuplicate;
                Conflict::TerminateExisting
            }
            (Conflict::Unspecified, _) => conflict,
            (given, _) => given,
        };
        if reuse == Reuse::Unspecified {
            reuse = Reuse::AllowDuplicate;
        }
        Self { reuse, conflict }
    }

    /// Whether they fit together; called with defaults filled in.
    #[expect(deprecated, reason = "old clients send TERMINATE_IF_RUNNING")]
    pub(crate) fn check(self) -> Result<(), Error> {
        match (self.reuse, self.conflict) {
            (Reuse::TerminateIfRunning, _) => Err(wrong(
                "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a \
                 WorkflowIDConflictPolicy",
            )),
            (Reuse::RejectDuplicate, Conflict::TerminateExisting) => Err(wrong(
                "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with \
                 WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING",
            )),
            _ => Ok(()),
        }
    }
}

/// What is attached to a run that exists.
pub(crate) fn on_conflict(options: Option<&OnConflictOptions>) -> Result<(), Error> {
    match options {
        Some(options) if options.attach_completion_callbacks && !options.attach_request_id => {
            Err(wrong("attaching request ID is required for attaching completion callbacks"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(deprecated, reason = "old clients send TERMINATE_IF_RUNNING")]
    const TERMINATE_IF_RUNNING: Reuse = Reuse::TerminateIfRunning;

    #[test]
    fn defaults_are_the_operations_own() {
        let of = |reuse, conflict| Policies { reuse, conflict }.with_defaults(Conflict::Fail);
        let both = |reuse, conflict| Policies { reuse, conflict };
        assert_eq!(of(Reuse::Unspecified, Conflict::Unspecified), both(Reuse::AllowDuplicate, Conflict::Fail));
        assert_eq!(of(Reuse::RejectDuplicate, Conflict::UseExisting), both(Reuse::RejectDuplicate, Conflict::UseExisting));
        let old = of(TERMINATE_IF_RUNNING, Conflict::Unspecified);
        assert_eq!(old, both(Reuse::AllowDuplicate, Conflict::TerminateExisting));
        assert_eq!(old.check(), Ok(()));
    }

    #[test]
    fn contradictions_are_refused() {
        let refused =
            |reuse, conflict| Policies { reuse, conflict }.with_defaults(Conflict::Fail).check().unwrap_err().to_string();
        assert!(
            refused(TERMINATE_IF_RUNNING, Conflict::Fail).contains("cannot be used together with a WorkflowIDConflictPolicy")
        );
        assert!(
            refused(Reuse::RejectDuplicate, Conflict::TerminateExisting).contains("WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE")
        );
        assert!(Policies::read(99, 0).is_err());
        assert!(Policies::read(0, 99).is_err());
    }
}
