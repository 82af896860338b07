//! ModifyWorkflowProperties: the run's memo.

use proto::temporal::api::command::v1::{Command, ModifyWorkflowPropertiesCommandAttributes};
use proto::temporal::api::common::v1::Memo;
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{WorkflowPropertiesModifiedEventAttributes, history_event::Attributes};

use super::{Batch, CommandFailure, checks};
use crate::state::merge;
use crate::turn::Turn;

const BAD: Cause = Cause::BadModifyWorkflowPropertiesAttributes;

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &ModifyWorkflowPropertiesCommandAttributes,
) -> Result<(), CommandFailure> {
    let missing = |what: &str| CommandFailure::new(BAD, format!("{what} is not set on ModifyWorkflowPropertiesCommand."));
    let given = of.upserted_memo.as_ref().ok_or_else(|| missing("UpsertedMemo"))?;
    if given.fields.is_empty() {
        return Err(missing("UpsertedMemo.Fields"));
    }
    checks::blobs(turn, BAD, &given.fields, "ModifyWorkflowPropertiesCommandAttributes")?;
    let mut merged = turn.chain.run(batch.run).map(|state| state.state().memo.clone()).unwrap_or_default();
    merge(&mut merged, &given.fields);
    checks::memo(turn, BAD, Some(&Memo { fields: merged }), "ModifyWorkflowPropertiesCommandAttributes. Memo")?;
    let attributes = WorkflowPropertiesModifiedEventAttributes {
        workflow_task_completed_event_id: batch.completed_event_id,
        upserted_memo: of.upserted_memo.clone(),
    };
    turn.command_event(batch.run, command, Attributes::WorkflowPropertiesModifiedEventAttributes(attributes));
    Ok(())
}
