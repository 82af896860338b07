//! A run leaves memory while its process lives on: what only memory knows of it, and what deadlines count from, is written.

use model::RunId;
use proto::aevum::persistence::v1 as stored;

use super::workflow_task;
use crate::decision::{Answer, Decision};
use crate::rejection::Rejection;
use crate::time::proto_timestamp;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, run: RunId) -> Result<Decision, Rejection> {
    let beats: Vec<_> = turn.run(run)?.unwritten_beats().collect();
    workflow_task::keep_started(&mut turn, run);
    for (scheduled_event_id, at) in beats {
        let details = turn.run(run)?.activity(scheduled_event_id).and_then(|activity| activity.heartbeat_details.clone());
        let time = Some(proto_timestamp(at));
        let beat = stored::ActivityHeartbeat { scheduled_event_id, details, time, identity: String::new() };
        turn.mark(run, stored::mark::Kind::ActivityHeartbeat(beat));
    }
    Ok(turn.done(Answer::Done))
}
