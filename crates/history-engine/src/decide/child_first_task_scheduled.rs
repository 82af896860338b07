//! A started child has its first workflow task: the parent owes it nothing more until one of them ends.

use proto::aevum::persistence::v1 as stored;

use crate::decision::{Answer, Decision};
use crate::input::ToInitiator;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: ToInitiator) -> Result<Decision, Rejection> {
    let parent = turn.run(input.run)?;
    // A closed parent that waits for no answer but this keeps the child until then.
    let owed = parent.child(input.initiated_event_id).is_some_and(|child| child.first_task_owed || !parent.is_open());
    if owed {
        let mark = stored::ChildFirstTaskScheduled { initiated_event_id: input.initiated_event_id };
        turn.mark(input.run, stored::mark::Kind::ChildFirstTaskScheduled(mark));
    }
    Ok(turn.done(Answer::Done))
}
