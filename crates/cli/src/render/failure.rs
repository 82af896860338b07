//! A failure and its causes as text.

use proto::temporal::api::enums::v1::TimeoutType;
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::failure::v1::failure::FailureInfo;

use super::{names, payload};

/// The most causes shown; a loop of programs wrapping each other must not fill the screen.
const MOST_CAUSES: usize = 20;

/// The failure over several lines: message, type, details, stack, then each cause, indented.
pub(crate) fn text(failure: &Failure) -> String {
    let mut lines = Vec::new();
    let mut next = Some(failure);
    for depth in 0..MOST_CAUSES {
        let Some(failure) = next else { break };
        let indent = "  ".repeat(depth);
        let cause = if depth == 0 { "" } else { "caused by: " };
        lines.push(format!("{indent}{cause}{}", summary(failure)));
        if let Some(details) = details(failure) {
            lines.extend(details.lines().map(|line| format!("{indent}  details: {line}")));
        }
        lines.extend(failure.stack_trace.lines().map(|line| format!("{indent}  {}", line.trim_end())));
        next = failure.cause.as_deref();
    }
    lines.join("\n")
}

/// The failure on one line: its message, and what kind it is.
pub(crate) fn summary(failure: &Failure) -> String {
    let message = if failure.message.is_empty() { "no message" } else { &failure.message };
    match kind(failure) {
        kind if kind.is_empty() => message.to_owned(),
        kind => format!("{message} ({kind})"),
    }
}

fn kind(failure: &Failure) -> String {
    use FailureInfo as Info;
    match &failure.failure_info {
        Some(Info::ApplicationFailureInfo(info)) => {
            let retry = if info.non_retryable { "not retryable" } else { "" };
            [info.r#type.as_str(), retry].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Some(Info::TimeoutFailureInfo(info)) => match TimeoutType::try_from(info.timeout_type) {
            Ok(kind) => format!("timeout {}", names::camel(kind.as_str_name(), "TIMEOUT_TYPE_")),
            Err(_) => "timeout".to_owned(),
        },
        Some(Info::CanceledFailureInfo(_)) => "canceled".to_owned(),
        Some(Info::TerminatedFailureInfo(_)) => "terminated".to_owned(),
        Some(Info::ServerFailureInfo(_)) => "from the server".to_owned(),
        Some(Info::ActivityFailureInfo(info)) => {
            let name = info.activity_type.as_ref().map(|kind| kind.name.as_str()).unwrap_or_default();
            format!("activity {name} {}", info.activity_id)
        }
        Some(Info::ChildWorkflowExecutionFailureInfo(info)) => {
            let id = info.workflow_execution.as_ref().map(|run| run.workflow_id.as_str()).unwrap_or_default();
            format!("child workflow {id}")
        }
        _ => String::new(),
    }
}

fn details(failure: &Failure) -> Option<String> {
    use FailureInfo as Info;
    let details = match failure.failure_info.as_ref()? {
        Info::ApplicationFailureInfo(info) => info.details.as_ref(),
        Info::CanceledFailureInfo(info) => info.details.as_ref(),
        Info::TimeoutFailureInfo(info) => info.last_heartbeat_details.as_ref(),
        _ => None,
    };
    details.map(|details| payload::lines(Some(details))).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::common::v1::{ActivityType, Payloads};
    use proto::temporal::api::failure::v1::{ActivityFailureInfo, ApplicationFailureInfo};
    use serde_json::json;

    use super::*;
    use crate::args::payload::json_payload;

    #[test]
    fn a_failure_shows_its_kind_its_details_and_its_causes() {
        let cause = Failure {
            message: "card declined".to_owned(),
            stack_trace: "main.pay\n\tpay.go:7\n".to_owned(),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
                r#type: "InvalidCreditCard".to_owned(),
                non_retryable: true,
                details: Some(Payloads { payloads: vec![json_payload(&json!({"code": 5}))] }),
                ..ApplicationFailureInfo::default()
            })),
            ..Failure::default()
        };
        let failure = Failure {
            message: "activity error".to_owned(),
            cause: Some(Box::new(cause)),
            failure_info: Some(FailureInfo::ActivityFailureInfo(ActivityFailureInfo {
                activity_type: Some(ActivityType { name: "Pay".to_owned() }),
                activity_id: "5".to_owned(),
                ..ActivityFailureInfo::default()
            })),
            ..Failure::default()
        };
        assert_eq!(
            text(&failure),
            "activity error (activity Pay 5)\n  caused by: card declined (InvalidCreditCard, not retryable)\n    \
             details: {\"code\":5}\n    main.pay\n    \tpay.go:7"
        );
    }

    #[test]
    fn causes_end_somewhere() {
        let mut failure = Failure::default();
        for _ in 0..100 {
            failure = Failure { cause: Some(Box::new(failure)), ..Failure::default() };
        }
        assert_eq!(text(&failure).lines().count(), MOST_CAUSES);
    }
}
