//! What was seen: kinds of events, of marks and of inputs. A kind that no seed brings about is a hole in the simulation.

use std::cell::RefCell;
use std::collections::BTreeMap;

use history_engine::Input;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::EventType;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

/// How often each kind was seen, by a name that says which sort of kind it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Coverage(BTreeMap<String, u64>);

impl Coverage {
    pub(crate) fn count(&mut self, name: impl Into<String>) {
        *self.0.entry(name.into()).or_default() += 1;
    }

    pub(crate) fn event(&mut self, kind: EventType) {
        self.count(format!("event {}", kind.as_str_name().trim_start_matches("EVENT_TYPE_")));
    }

    pub(crate) fn mark(&mut self, mark: &stored::mark::Kind) {
        self.count(format!("mark {}", mark_name(mark)));
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (name, count) in &other.0 {
            *self.0.entry(name.clone()).or_default() += count;
        }
    }

    pub(crate) fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// What was never seen, of all that is built.
    pub(crate) fn missing(&self) -> Vec<String> {
        let events = (0..=EventType::WorkflowExecutionOptionsUpdated as i32)
            .filter_map(|number| EventType::try_from(number).ok())
            .filter(|kind| *kind != EventType::Unspecified && !NOT_BUILT.contains(kind))
            .map(|kind| format!("event {}", kind.as_str_name().trim_start_matches("EVENT_TYPE_")));
        let marks = MARKS.iter().map(|name| format!("mark {name}"));
        let inputs = Input::KINDS.iter().filter(|name| !NOT_SENT.contains(name)).map(|name| format!("input {name}"));
        events.chain(marks).chain(inputs).filter(|name| self.of(name) == 0).collect()
    }

    /// Lines of counts, one per sort.
    pub(crate) fn lines(&self) -> Vec<String> {
        ["event", "mark", "input"]
            .iter()
            .map(|sort| {
                let of_sort = self.0.iter().filter_map(|(name, count)| Some((name.strip_prefix(sort)?.trim_start(), count)));
                let counts: Vec<String> = of_sort.map(|(name, count)| format!("{name}={count}")).collect();
                format!("sim {sort} kinds: {}: {}", counts.len(), counts.join(" "))
            })
            .collect()
    }
}

/// Events of what comes later: updates, Nexus, changes from outside. Their numbers are below the last one that is built.
const NOT_BUILT: [EventType; 14] = [
    EventType::WorkflowExecutionUpdateAdmitted,
    EventType::WorkflowExecutionUpdateAccepted,
    EventType::WorkflowExecutionUpdateRejected,
    EventType::WorkflowExecutionUpdateCompleted,
    EventType::WorkflowPropertiesModifiedExternally,
    EventType::ActivityPropertiesModifiedExternally,
    EventType::NexusOperationScheduled,
    EventType::NexusOperationStarted,
    EventType::NexusOperationCompleted,
    EventType::NexusOperationFailed,
    EventType::NexusOperationCanceled,
    EventType::NexusOperationTimedOut,
    EventType::NexusOperationCancelRequested,
    EventType::Unspecified,
];

/// Inputs that the service does not send: it keeps offers beside the state.
const NOT_SENT: [&str; 1] = ["WorkflowTaskOffered"];

/// Every mark that is written. `RunDeleted` never lands: the rows go instead. `RequestSeen` is for requests that come to a run
/// without an event, of which none is built.
const MARKS: [&str; 22] = [
    "RunCreated",
    "WorkflowTaskScheduled",
    "WorkflowTaskAttemptFailed",
    "WorkflowTaskStarted",
    "StickyQueue",
    "EventBuffered",
    "BufferFlushed",
    "ActivityStarted",
    "ActivityRetried",
    "ActivityHeartbeat",
    "ChildFirstTaskScheduled",
    "ParentReported",
    "ChildClosePolicyApplied",
    "DeletionRequested",
    "ActivitySpilled",
    "CloseAttempted",
    "WorkflowTaskDropped",
    "ResetPoint",
    "BufferedEventRemoved",
    "CurrentReplaced",
    "WorkflowTaskSpilled",
    "TurnCounted",
];

const fn mark_name(mark: &stored::mark::Kind) -> &'static str {
    use stored::mark::Kind as M;
    match mark {
        M::RunCreated(_) => "RunCreated",
        M::WorkflowTaskScheduled(_) => "WorkflowTaskScheduled",
        M::WorkflowTaskAttemptFailed(_) => "WorkflowTaskAttemptFailed",
        M::WorkflowTaskStarted(_) => "WorkflowTaskStarted",
        M::StickyQueue(_) => "StickyQueue",
        M::EventBuffered(_) => "EventBuffered",
        M::BufferFlushed(_) => "BufferFlushed",
        M::ActivityStarted(_) => "ActivityStarted",
        M::ActivityRetried(_) => "ActivityRetried",
        M::ActivityHeartbeat(_) => "ActivityHeartbeat",
        M::RequestSeen(_) => "RequestSeen",
        M::ChildFirstTaskScheduled(_) => "ChildFirstTaskScheduled",
        M::ParentReported(_) => "ParentReported",
        M::ChildClosePolicyApplied(_) => "ChildClosePolicyApplied",
        M::DeletionRequested(_) => "DeletionRequested",
        M::ActivitySpilled(_) => "ActivitySpilled",
        M::CloseAttempted(_) => "CloseAttempted",
        M::WorkflowTaskDropped(_) => "WorkflowTaskDropped",
        M::ResetPoint(_) => "ResetPoint",
        M::BufferedEventRemoved(_) => "BufferedEventRemoved",
        M::RunDeleted(_) => "RunDeleted",
        M::CurrentReplaced(_) => "CurrentReplaced",
        M::WorkflowTaskSpilled(_) => "WorkflowTaskSpilled",
        M::TurnCounted(_) => "TurnCounted",
    }
}

thread_local! {
    static INPUTS: RefCell<Coverage> = RefCell::default();
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Listens to this process's panics and turns, once.
pub(crate) fn listen() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let warnings = std::env::var_os("SEED").is_some();
        // Somebody else may listen already; then inputs are not counted, which the count says.
        let _set = tracing::subscriber::set_global_default(Listener { warnings });
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            PANIC.with_borrow_mut(|first| {
                first.get_or_insert_with(|| panic.to_string());
            });
            before(panic);
        }));
    });
}

/// Takes the first panic of this thread.
pub(crate) fn take_panic() -> Option<String> {
    PANIC.take()
}

/// Takes the inputs that this thread's services have decided.
pub(crate) fn take_inputs() -> Coverage {
    INPUTS.take()
}

/// Listens to what history says about its turns, and to nothing else (warnings on request).
pub(crate) struct Listener {
    pub(crate) warnings: bool,
}

impl Subscriber for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "aevum::turn" || (self.warnings && *metadata.level() <= tracing::Level::DEBUG)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text { input: None, all: String::new() };
        event.record(&mut text);
        match text.input {
            Some(input) => INPUTS.with_borrow_mut(|seen| seen.count(format!("input {input}"))),
            None => eprintln!("    {} {}", event.metadata().level(), text.all),
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text {
    input: Option<String>,
    all: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "input" => self.input = Some(value.to_owned()),
            name => self.all.push_str(&format!(" {name}={value}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.all.push_str(&format!(" {}={value:?}", field.name()));
    }
}
