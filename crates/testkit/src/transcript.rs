//! What happened, as text: one line per event, task and effect, and histories in the shorthand of the golden sequences.

use history_engine::{Decision, Effect, Fact, Record, Task};
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes as A};

/// A history in shorthand: `S1 Ws2 Wt3 Wc4`.
pub fn shorthand(events: &[HistoryEvent]) -> String {
    events.iter().map(|event| format!("{}{}", short(event), event.event_id)).collect::<Vec<_>>().join(" ")
}

/// The shorthand of one event's type: one to a few letters; types without one by their name.
pub fn short(event: &HistoryEvent) -> String {
    let short = match &event.attributes {
        Some(A::WorkflowExecutionStartedEventAttributes(_)) => "S",
        Some(A::WorkflowTaskScheduledEventAttributes(_)) => "Ws",
        Some(A::WorkflowTaskStartedEventAttributes(_)) => "Wt",
        Some(A::WorkflowTaskCompletedEventAttributes(_)) => "Wc",
        Some(A::WorkflowTaskFailedEventAttributes(_)) => "Wf",
        Some(A::WorkflowTaskTimedOutEventAttributes(_)) => "Wx",
        Some(A::WorkflowExecutionSignaledEventAttributes(_)) => "Sig",
        Some(A::ActivityTaskScheduledEventAttributes(_)) => "As",
        Some(A::ActivityTaskStartedEventAttributes(_)) => "At",
        Some(A::ActivityTaskCompletedEventAttributes(_)) => "Ac",
        Some(A::WorkflowExecutionTerminatedEventAttributes(_)) => "T",
        _ => return name(event),
    };
    short.to_owned()
}

/// The type of an event, without the words that all names share.
pub fn name(event: &HistoryEvent) -> String {
    let name = event.event_type().as_str_name();
    let name = name.strip_prefix("EVENT_TYPE_").unwrap_or(name);
    let name = name.strip_prefix("WORKFLOW_EXECUTION_").unwrap_or(name);
    name.split('_').map(capital).collect()
}

fn capital(word: &str) -> String {
    word.chars().take(1).chain(word.chars().skip(1).map(|c| c.to_ascii_lowercase())).collect()
}

/// One line per record, effect and answer of a decision, and per task that became owed.
pub fn lines(decision: &Decision, owed: &[Task]) -> String {
    let records = decision.records.iter().map(record);
    let owed = owed.iter().map(|task| format!("owes   {}", unnumbered(&format!("{task:?}"))));
    let effects = decision.effects.iter().map(|effect| format!("effect {}", effect_line(effect)));
    records.chain(owed).chain(effects).map(|line| line + "\n").collect()
}

fn effect_line(effect: &Effect) -> String {
    unnumbered(&format!("{effect:?}"))
}

/// One line for a record: its kind, and the event's id and type or the mark's name.
pub fn record(record: &Record) -> String {
    match &record.fact {
        Fact::Logged(stored::Entry { kind: Some(stored::entry::Kind::Event(event)) }) => {
            format!("event  {:>3} {}", event.event_id, name(event))
        }
        Fact::Logged(stored::Entry { kind: Some(stored::entry::Kind::Mark(mark)) }) => {
            let mark = mark.kind.as_ref().map(|kind| format!("{kind:?}")).unwrap_or_default();
            format!("mark   {}", mark.split('(').next().unwrap_or_default())
        }
        Fact::Logged(_) => "empty".to_owned(),
        Fact::Volatile(fact) => {
            let fact = format!("{fact:?}");
            format!("memory {}", fact.split(['(', ' ']).next().unwrap_or_default())
        }
    }
}

/// Debug text without run ids, which say nothing to a reader.
fn unnumbered(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("RunId(") {
        out.push_str(&rest[..at]);
        out.push_str("RunId");
        rest = rest[at..].split_once(')').map_or("", |(_, rest)| rest);
    }
    out + rest
}
