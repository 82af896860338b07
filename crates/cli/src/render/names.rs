//! The API's enum names as words: `EVENT_TYPE_TIMER_FIRED` is `TimerFired`.

use proto::temporal::api::enums::v1::{EventType, WorkflowExecutionStatus};

use super::style::Ink;

/// The name without its prefix, in camel case.
pub(crate) fn camel(name: &str, prefix: &str) -> String {
    let words = name.strip_prefix(prefix).unwrap_or(name);
    words
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_uppercase() + &rest.to_lowercase()
        })
        .collect()
}

/// A value's name without that of its enum: `EVENT_TYPE_TIMER_FIRED` of `EventType` is `TimerFired`.
pub(crate) fn short(enum_name: &str, value: &str) -> String {
    let mut prefix = String::new();
    for letter in enum_name.chars() {
        if letter.is_ascii_uppercase() && !prefix.is_empty() {
            prefix.push('_');
        }
        prefix.push(letter.to_ascii_uppercase());
    }
    prefix.push('_');
    camel(value, &prefix)
}

/// A status with its colour; a number for one that we do not know.
pub(crate) fn status(number: i32) -> (String, Ink) {
    use WorkflowExecutionStatus as Status;
    let Ok(status) = Status::try_from(number) else { return (number.to_string(), Ink::Plain) };
    let ink = match status {
        Status::Running => Ink::Begun,
        Status::Completed => Ink::Good,
        Status::Failed | Status::Terminated => Ink::Bad,
        Status::TimedOut | Status::Paused => Ink::Warn,
        Status::Canceled => Ink::Stopped,
        Status::ContinuedAsNew | Status::Unspecified => Ink::Plain,
    };
    (camel(status.as_str_name(), "WORKFLOW_EXECUTION_STATUS_"), ink)
}

/// An event's type with its colour; a number for one that we do not know.
pub(crate) fn event_type(number: i32) -> (String, Ink) {
    let Ok(kind) = EventType::try_from(number) else { return (number.to_string(), Ink::Plain) };
    let name = camel(kind.as_str_name(), "EVENT_TYPE_");
    let ink = if name.ends_with("Failed") || name.ends_with("Terminated") {
        Ink::Bad
    } else if name.ends_with("TimedOut") {
        Ink::Warn
    } else if name.ends_with("Canceled") {
        Ink::Stopped
    } else if matches!(kind, EventType::WorkflowExecutionCompleted | EventType::ChildWorkflowExecutionCompleted) {
        Ink::Good
    } else if matches!(kind, EventType::WorkflowExecutionStarted | EventType::ChildWorkflowExecutionStarted) {
        Ink::Begun
    } else {
        Ink::Plain
    };
    (name, ink)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_prefix_and_underscores() {
        assert_eq!(event_type(EventType::TimerFired.into()), ("TimerFired".to_owned(), Ink::Plain));
        assert_eq!(event_type(EventType::ActivityTaskFailed.into()), ("ActivityTaskFailed".to_owned(), Ink::Bad));
        assert_eq!(status(WorkflowExecutionStatus::ContinuedAsNew.into()).0, "ContinuedAsNew");
        assert_eq!(status(999).0, "999");
        assert_eq!(short("WorkflowExecutionStatus", "WORKFLOW_EXECUTION_STATUS_TIMED_OUT"), "TimedOut");
    }
}
