//! Answers: what somebody outside was told is in the store at that moment, and stays there.

use model::{ChainKey, RunId};
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::EventType;
use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes as A};
use stored::mark::Kind as M;

use crate::log::{Log, RunLog, is_terminal};

pub(crate) const NAMES: [&str; 4] =
    ["acknowledged_replies_are_durable", "answers_follow_commits", "no_attempt_is_handed_out_twice", "hand_outs_are_whole"];

/// Something that a client or worker was told has happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fact {
    /// This run has the id; where `created`, by this very request.
    Started { chain: ChainKey, run: RunId, request_id: String, created: bool },
    /// The signal with this request id arrived.
    Signaled { chain: ChainKey, request_id: String },
    /// So did the cancel request.
    CancelRequested { chain: ChainKey, request_id: String },
    /// The run that was open at that time ended.
    Terminated { chain: ChainKey },
    /// The run will be deleted.
    Deleted { chain: ChainKey },
    /// The workflow task is completed.
    TaskCompleted { chain: ChainKey, run: RunId, started_event_id: i64 },
    /// The activity's worker had the last word.
    ActivityEnded { chain: ChainKey, run: RunId, scheduled_event_id: i64, attempt: i32 },
    /// This attempt was handed to a worker.
    AttemptHandedOut { chain: ChainKey, run: RunId, scheduled_event_id: i64, attempt: i32 },
    /// The activity's progress is kept.
    HeartbeatKept { chain: ChainKey, run: RunId, scheduled_event_id: i64, attempt: i32 },
}

impl Fact {
    pub(crate) const fn chain(&self) -> &ChainKey {
        match self {
            Self::Started { chain, .. }
            | Self::Signaled { chain, .. }
            | Self::CancelRequested { chain, .. }
            | Self::Terminated { chain }
            | Self::Deleted { chain }
            | Self::TaskCompleted { chain, .. }
            | Self::ActivityEnded { chain, .. }
            | Self::AttemptHandedOut { chain, .. }
            | Self::HeartbeatKept { chain, .. } => chain,
        }
    }
}

/// What was acknowledged is in the log (of a run whose rows were deleted since: nothing is asked).
pub(crate) fn acknowledged_replies_are_durable(log: &Log, fact: &Fact) -> Option<String> {
    if log.chain(fact.chain()).any(|run| run.deleted) {
        return None;
    }
    (!holds(log, fact)).then(|| format!("told, but not stored: {fact:?}"))
}

fn holds(log: &Log, fact: &Fact) -> bool {
    match fact {
        Fact::Started { chain, run, request_id, created } => log.run(chain, *run).is_some_and(|found| {
            found.started().is_some() && (!created || found.has_request(request_id))
        }),
        Fact::Signaled { chain, request_id } => log.chain(chain).any(|run| signals(run, request_id) > 0),
        Fact::CancelRequested { chain, request_id } => log.chain(chain).any(|run| {
            let asked = |event: &HistoryEvent| event.event_type() == EventType::WorkflowExecutionCancelRequested;
            // A workflow that has ended takes it with a smile.
            run.has_request(request_id) || run.events.iter().any(is_terminal) || run.events.iter().chain(&run.buffered).any(asked)
        }),
        Fact::Terminated { chain } => log.chain(chain).any(|run| run.events.iter().any(is_terminal)),
        Fact::Deleted { chain } => log.chain(chain).any(|run| run.marks.iter().any(|mark| matches!(mark, M::DeletionRequested(_)))),
        Fact::TaskCompleted { chain, run, started_event_id } => log.run(chain, *run).is_some_and(|run| {
            let done = |event: &HistoryEvent| matches!(&event.attributes, Some(A::WorkflowTaskCompletedEventAttributes(of)) if of.started_event_id == *started_event_id);
            run.events.iter().any(done)
        }),
        Fact::ActivityEnded { chain, run, scheduled_event_id, attempt } => {
            log.run(chain, *run).is_some_and(|run| activity_ended(run, *scheduled_event_id, *attempt))
        }
        Fact::AttemptHandedOut { chain, run, scheduled_event_id, attempt } => {
            let started = |mark: &M| matches!(mark, M::ActivityStarted(of) if (of.scheduled_event_id, of.attempt) == (*scheduled_event_id, *attempt));
            log.run(chain, *run).is_some_and(|run| run.marks.iter().any(started))
        }
        Fact::HeartbeatKept { chain, run, scheduled_event_id, attempt } => {
            let kept = |mark: &M| matches!(mark, M::ActivityHeartbeat(of) if of.scheduled_event_id == *scheduled_event_id);
            log.run(chain, *run).is_some_and(|run| {
                run.marks.iter().any(kept) || activity_ended(run, *scheduled_event_id, *attempt) || !run.is_open()
            })
        }
    }
}

/// How often a signal stands in a run or waits in its buffer.
pub(crate) fn signals(run: &RunLog, request_id: &str) -> usize {
    let same = |event: &&HistoryEvent| matches!(&event.attributes, Some(A::WorkflowExecutionSignaledEventAttributes(of)) if of.request_id == request_id);
    run.events.iter().filter(same).count().max(run.buffered.iter().filter(same).count())
}

fn activity_ended(run: &RunLog, id: i64, attempt: i32) -> bool {
    let end = |event: &HistoryEvent| {
        let scheduled = match &event.attributes {
            Some(A::ActivityTaskCompletedEventAttributes(of)) => of.scheduled_event_id,
            Some(A::ActivityTaskFailedEventAttributes(of)) => of.scheduled_event_id,
            Some(A::ActivityTaskCanceledEventAttributes(of)) => of.scheduled_event_id,
            Some(A::ActivityTaskTimedOutEventAttributes(of)) => of.scheduled_event_id,
            _ => 0,
        };
        scheduled == id
    };
    let retried = |mark: &M| matches!(mark, M::ActivityRetried(of) if of.scheduled_event_id == id && of.attempt > attempt);
    run.events.iter().chain(&run.buffered).any(end) || run.marks.iter().any(retried)
}

/// What a history shows is stored exactly so, but for a workflow task that is with a worker at its end.
pub(crate) fn answers_follow_commits(log: &Log, chain: &ChainKey, run: RunId, shown: &[HistoryEvent]) -> Option<String> {
    let run = log.run(chain, run)?;
    if run.deleted {
        return None;
    }
    for event in shown {
        let stored = usize::try_from(event.event_id - 1).ok().and_then(|at| run.events.get(at));
        let volatile = matches!(event.event_type(), EventType::WorkflowTaskStarted | EventType::WorkflowTaskScheduled);
        match stored {
            // A hand-out may be overtaken by what its task waits behind.
            Some(stored) if stored != event && !volatile => {
                return Some(format!("event {} of {} is shown otherwise than it is stored", event.event_id, run.key));
            }
            None if !volatile => {
                let kind = event.event_type().as_str_name();
                return Some(format!("event {} ({kind}) of {} is shown, but not stored", event.event_id, run.key));
            }
            _ => {}
        }
    }
    None
}

/// A worker that has put together what it got holds every event from the first to the start of its task.
pub(crate) fn hand_outs_are_whole(events: &[HistoryEvent], started_event_id: Option<i64>) -> Option<String> {
    let gap = events.iter().zip(1..).find(|(event, id)| event.event_id != *id).map(|(_, id)| id);
    if let Some(id) = gap {
        return Some(format!("event {id} is missing"));
    }
    let (last, started_event_id) = (events.last()?, started_event_id?);
    let started = last.event_type() == EventType::WorkflowTaskStarted && last.event_id == started_event_id;
    (!started).then(|| format!("it ends with event {} instead of start {started_event_id}", last.event_id))
}
