//! What must be true of every history, whoever wrote it.

use anyhow::{Context, ensure};
use proto::temporal::api::enums::v1::EventType;
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::history::v1::history_event::Attributes;

/// Whether an event of this type ends a run.
pub fn is_terminal(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::WorkflowExecutionCompleted
            | EventType::WorkflowExecutionFailed
            | EventType::WorkflowExecutionTimedOut
            | EventType::WorkflowExecutionTerminated
            | EventType::WorkflowExecutionCanceled
            | EventType::WorkflowExecutionContinuedAsNew
    )
}

/// Ids run from 1 without a gap, the first event starts the run.
///
/// # Errors
/// A sentence about the first event that is wrong.
pub fn check_contiguous(events: &[HistoryEvent]) -> anyhow::Result<()> {
    for (id, event) in (1..).zip(events) {
        ensure!(event.event_id == id, "event {id} has the id {} ({:?})", event.event_id, event.event_type());
    }
    let first = events.first().context("the history is empty")?;
    ensure!(first.event_type() == EventType::WorkflowExecutionStarted, "event 1 is {:?}", first.event_type());
    Ok(())
}

/// As [`check_contiguous`], and one event ends the run, the last; returns its type.
///
/// # Errors
/// A sentence about the first event that is wrong.
pub fn check_closed(events: &[HistoryEvent]) -> anyhow::Result<EventType> {
    check_contiguous(events)?;
    let ends: Vec<_> = events.iter().filter(|event| is_terminal(event.event_type())).collect();
    ensure!(ends.len() == 1, "{} events end the run", ends.len());
    let last = events.last().context("the history is empty")?;
    ensure!(is_terminal(last.event_type()), "after its end, the history goes on to {:?}", last.event_type());
    Ok(last.event_type())
}

/// The run that continues this one.
pub fn next_run(events: &[HistoryEvent]) -> Option<String> {
    match events.last()?.attributes.as_ref()? {
        Attributes::WorkflowExecutionContinuedAsNewEventAttributes(end) => Some(end.new_execution_run_id.clone()),
        _ => None,
    }
}

/// Children that started: workflow id and run id.
pub fn children(events: &[HistoryEvent]) -> Vec<(String, String)> {
    let started = events.iter().filter_map(|event| match event.attributes.as_ref()? {
        Attributes::ChildWorkflowExecutionStartedEventAttributes(started) => started.workflow_execution.clone(),
        _ => None,
    });
    started.map(|execution| (execution.workflow_id, execution.run_id)).collect()
}

/// The first payload of every signal of this name, as text.
pub fn signals(events: &[HistoryEvent], name: &str) -> Vec<String> {
    let inputs = events.iter().filter_map(|event| match event.attributes.as_ref()? {
        Attributes::WorkflowExecutionSignaledEventAttributes(signal) if signal.signal_name == name => signal.input.as_ref(),
        _ => None,
    });
    inputs.filter_map(|input| input.payloads.first()).map(|payload| text(&payload.data)).collect()
}

/// The first payload of every activity that completed, as text.
pub fn activity_results(events: &[HistoryEvent]) -> Vec<String> {
    let results = events.iter().filter_map(|event| match event.attributes.as_ref()? {
        Attributes::ActivityTaskCompletedEventAttributes(done) => done.result.as_ref(),
        _ => None,
    });
    results.filter_map(|result| result.payloads.first()).map(|payload| text(&payload.data)).collect()
}

/// The first payload of the result of a run that completed.
pub fn result(events: &[HistoryEvent]) -> Option<serde_json::Value> {
    match events.last()?.attributes.as_ref()? {
        Attributes::WorkflowExecutionCompletedEventAttributes(end) => {
            serde_json::from_slice(&end.result.as_ref()?.payloads.first()?.data).ok()
        }
        _ => None,
    }
}

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(kinds: &[(i64, EventType)]) -> Vec<HistoryEvent> {
        kinds.iter().map(|(id, kind)| HistoryEvent { event_id: *id, event_type: (*kind).into(), ..Default::default() }).collect()
    }

    #[test]
    fn only_a_history_without_gaps_and_with_one_end_is_whole() {
        use EventType::{
            WorkflowExecutionCompleted as End, WorkflowExecutionSignaled as Signal, WorkflowExecutionStarted as Start,
        };
        assert_eq!(check_closed(&events(&[(1, Start), (2, Signal), (3, End)])).unwrap(), End);
        let wrong: [&[(i64, EventType)]; 6] = [
            &[],
            &[(1, Start), (3, End)],
            &[(1, Start), (1, End)],
            &[(1, Start), (2, Signal)],
            &[(1, Start), (2, End), (3, End)],
            &[(1, Start), (2, End), (3, Signal)],
        ];
        for kinds in wrong {
            assert!(check_closed(&events(kinds)).is_err(), "{kinds:?}");
        }
    }
}
