//! UpsertWorkflowSearchAttributes: what lists find the run by.

use proto::temporal::api::command::v1::{Command, UpsertWorkflowSearchAttributesCommandAttributes};
use proto::temporal::api::common::v1::SearchAttributes;
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{UpsertWorkflowSearchAttributesEventAttributes, history_event::Attributes};

use super::{Batch, CommandFailure, checks};
use crate::state::merge;
use crate::turn::Turn;

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &UpsertWorkflowSearchAttributesCommandAttributes,
) -> Result<(), CommandFailure> {
    let bad = |why: String| CommandFailure::new(Cause::BadSearchAttributes, why);
    let missing = |what: &str| bad(format!("{what} is not set on UpsertWorkflowSearchAttributesCommand."));
    let given = of.search_attributes.as_ref().ok_or_else(|| missing("SearchAttributes"))?;
    if given.indexed_fields.is_empty() {
        return Err(missing("IndexedFields"));
    }
    checks::search_attributes(turn, batch, Some(given)).map_err(bad)?;
    let name = "UpsertWorkflowSearchAttributesCommandAttributes";
    checks::blobs(turn, Cause::BadSearchAttributes, &given.indexed_fields, name)?;
    let mut merged = turn.chain.run(batch.run).map(|state| state.state().search_attributes.clone()).unwrap_or_default();
    merge(&mut merged, &given.indexed_fields);
    checks::search_attribute_sizes(turn, Cause::BadSearchAttributes, Some(&SearchAttributes { indexed_fields: merged }))?;
    let attributes = UpsertWorkflowSearchAttributesEventAttributes {
        workflow_task_completed_event_id: batch.completed_event_id,
        search_attributes: of.search_attributes.clone(),
    };
    turn.command_event(batch.run, command, Attributes::UpsertWorkflowSearchAttributesEventAttributes(attributes));
    Ok(())
}
