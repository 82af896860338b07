//! What those who live long do.

use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes as A};
use testkit::commands as make;

use crate::program::{Program, Reply, View};

fn end(result: &str) -> Reply {
    Reply::Complete(vec![make::complete(result)], false)
}

fn wait() -> Reply {
    Reply::Complete(Vec::new(), false)
}

/// Sleeps, and is done.
pub(super) struct Sleeper {
    pub(super) seconds: u64,
}

impl Program for Sleeper {
    fn step(&self, view: &View, _: i32, _: bool) -> Reply {
        match (view.fired, view.timers.is_empty()) {
            (0, true) => Reply::Complete(vec![make::start_timer("sleep", i64::try_from(self.seconds).unwrap_or(0))], false),
            (0, false) => wait(),
            _ => end("awake"),
        }
    }
}

/// Continues as new so many times.
pub(super) struct Continuer {
    pub(super) times: u64,
}

impl Program for Continuer {
    fn step(&self, view: &View, _: i32, _: bool) -> Reply {
        if view.generation >= self.times {
            return end("enough");
        }
        Reply::Complete(vec![make::continue_as_new(&(view.generation + 1).to_string())], false)
    }
}

/// Writes a thousand markers at a time up to a history of exactly so many events, and goes on.
pub(super) struct Scribe {
    pub(super) events: i64,
}

impl Program for Scribe {
    fn step(&self, view: &View, _: i32, _: bool) -> Reply {
        // The completion and the next task come with them.
        let room = (self.events - view.last - 2).min(1_000);
        Reply::Complete((0..room).map(|_| make::marker("line")).collect(), true)
    }
}

/// Does its work in one step.
pub(super) struct Worker;

impl Program for Worker {
    fn step(&self, _: &View, _: i32, _: bool) -> Reply {
        end("the report")
    }
}

/// Waits for a signal, then pays; or until its patience is over.
pub(super) struct Expense {
    pub(super) patience: u64,
}

impl Program for Expense {
    fn step(&self, view: &View, _: i32, _: bool) -> Reply {
        let patience = i64::try_from(self.patience).unwrap_or(0);
        if view.fired > 0 {
            return end("timed out");
        }
        match (view.signals.is_empty(), view.step) {
            (_, 0) => Reply::Complete(vec![make::schedule_activity("notify"), make::start_timer("patience", patience)], false),
            (true, _) => wait(),
            _ if !view.activities.is_empty() => wait(),
            _ if view.completed > 1 => end("paid"),
            _ => Reply::Complete(vec![make::schedule_activity("pay")], false),
        }
    }
}

fn result(event: &HistoryEvent) -> Option<String> {
    let Some(A::WorkflowExecutionCompletedEventAttributes(of)) = &event.attributes else { return None };
    let payload = of.result.as_ref()?.payloads.first()?;
    Some(String::from_utf8_lossy(&payload.data).trim_matches('"').to_owned())
}

pub(super) fn says_timed_out(event: &HistoryEvent) -> bool {
    result(event).as_deref() == Some("timed out")
}

pub(super) fn says_paid(event: &HistoryEvent) -> bool {
    result(event).as_deref() == Some("paid")
}
