//! Laws of counts.

use model::visibility::{ExecutionStatus, SearchAttributeValue};

use super::corpus::{assorted, closed, filter, find, namespace, row, with};
use super::{Verdict, ensure};
use crate::store::{Group, VisibilityStore};

pub(super) async fn a_count_agrees_with_the_list(store: &dyn VisibilityStore) -> Verdict {
    store.upsert(assorted()).await?;
    for query in ["", "ExecutionStatus = 'Running'", "Word IS NULL", "Number > 5 OR Paid = true", "WorkflowId = 'nobody'"] {
        let listed = find(store, query).await?.len();
        let count = store.count(namespace(), &filter(query)?).await?;
        ensure(usize::try_from(count.total) == Ok(listed), || format!("{query:?} lists {listed} and counts {}", count.total))?;
        ensure(count.groups.is_empty(), || format!("{query:?} has groups without GROUP BY: {:?}", count.groups))?;
    }
    Ok(())
}

pub(super) async fn groups_have_their_values_and_numbers(store: &dyn VisibilityStore) -> Verdict {
    let division = |name: &str| SearchAttributeValue::Keyword(name.to_owned());
    store
        .upsert(vec![
            row(1),
            row(2),
            closed(3, ExecutionStatus::TimedOut, 1),
            closed(4, ExecutionStatus::Completed, 1),
            with(row(5), "TemporalNamespaceDivision", division("TemporalScheduler")),
            with(row(6), "TemporalNamespaceDivision", division("TemporalBatcher")),
        ])
        .await?;
    let group =
        |value: Option<&str>, count| Group { value: value.map(|value| SearchAttributeValue::Keyword(value.to_owned())), count };
    for (query, total, groups) in [
        ("GROUP BY ExecutionStatus", 4, vec![group(Some("Running"), 2), group(Some("Completed"), 1), group(Some("TimedOut"), 1)]),
        (
            "ExecutionStatus != 'Running' GROUP BY ExecutionStatus",
            2,
            vec![group(Some("Completed"), 1), group(Some("TimedOut"), 1)],
        ),
        ("WorkflowId = 'nobody' GROUP BY ExecutionStatus", 0, vec![]),
        (
            "GROUP BY TemporalNamespaceDivision",
            6,
            vec![group(Some("TemporalBatcher"), 1), group(Some("TemporalScheduler"), 1), group(None, 4)],
        ),
    ] {
        let count = store.count(namespace(), &filter(query)?).await?;
        ensure(count.total == total && count.groups == groups, || format!("{query} counts {count:?}"))?;
    }
    Ok(())
}
