//! How deep the causes of a failure go.

use proto::temporal::api::command::v1::Command;
use proto::temporal::api::command::v1::command::Attributes;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::failure::v1::{Failure, ServerFailureInfo};

/// Causes of a failure that are kept. Messages are read to a depth of 100, here and by SDKs, and what is stored or shown has the
/// failure some levels deeper than the request did: an event in a history in an answer, a timeout around it.
pub(crate) const MOST_CAUSES: usize = 64;

/// What stands for the causes that are not kept.
const CUT: &str = "The causes of this failure are not kept: there are too many.";

/// Cuts off causes beyond [`MOST_CAUSES`]; what stands for them says so.
pub(crate) fn bound(failure: Option<&mut Failure>) {
    let Some(mut at) = failure else { return };
    for _ in 0..MOST_CAUSES {
        match &mut at.cause {
            Some(cause) => at = cause,
            None => return,
        }
    }
    if at.cause.is_some() {
        at.cause = Some(Box::new(Failure {
            message: CUT.to_owned(),
            source: "Server".to_owned(),
            failure_info: Some(FailureInfo::ServerFailureInfo(ServerFailureInfo { non_retryable: false })),
            ..Failure::default()
        }));
    }
}

/// The same for the failure that a command carries.
pub(crate) fn bound_command(command: &mut Command) {
    match &mut command.attributes {
        Some(Attributes::FailWorkflowExecutionCommandAttributes(of)) => bound(of.failure.as_mut()),
        Some(Attributes::ContinueAsNewWorkflowExecutionCommandAttributes(of)) => bound(of.failure.as_mut()),
        Some(Attributes::RecordMarkerCommandAttributes(of)) => bound(of.failure.as_mut()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(causes: usize) -> Failure {
        (0..causes).fold(Failure::default(), |inner, _| Failure { cause: Some(Box::new(inner)), ..Failure::default() })
    }

    fn causes(failure: &Failure) -> Vec<&str> {
        std::iter::successors(failure.cause.as_deref(), |of| of.cause.as_deref()).map(|of| of.message.as_str()).collect()
    }

    #[test]
    fn sixty_four_causes_are_kept_and_the_rest_is_named() {
        for (given, kept) in
            [(0, 0), (1, 1), (MOST_CAUSES, MOST_CAUSES), (MOST_CAUSES + 1, MOST_CAUSES + 1), (99, MOST_CAUSES + 1)]
        {
            let mut failure = nested(given);
            bound(Some(&mut failure));
            assert_eq!(causes(&failure).len(), kept, "of {given}");
            assert_eq!(causes(&failure).contains(&CUT), given > MOST_CAUSES, "of {given}");
        }
    }
}
