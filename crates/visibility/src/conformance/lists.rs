//! Laws of lists: their order, their pages, and what they must not show.

use model::Timestamp;
use model::ids::{ChainKind, RunId};
use model::visibility::{ExecutionStatus, VisibilityRow};

use super::corpus::{assorted, closed, deletion, filter, find_ids, list_all, namespace, namespace_number, row, run_id};
use super::{Verdict, ensure};
use crate::filter::Filter;
use crate::store::{PAGE_BYTES, PageKey, VisibilityStore};

fn ids(rows: &[VisibilityRow]) -> Vec<RunId> {
    rows.iter().map(|row| row.run_id).collect()
}

pub(super) async fn open_runs_come_first_then_the_latest_closed(store: &dyn VisibilityStore) -> Verdict {
    let mut twins = [row(7), row(8)];
    twins[1].start_time = twins[0].start_time;
    let [seventh, eighth] = twins;
    store
        .upsert(vec![
            closed(1, ExecutionStatus::Completed, 100),
            closed(2, ExecutionStatus::Failed, 300),
            closed(3, ExecutionStatus::Completed, 200),
            closed(4, ExecutionStatus::Completed, 200),
            row(5),
            row(6),
            eighth,
            seventh,
        ])
        .await?;
    let found = find_ids(store, "").await?;
    let expected = [7, 8, 6, 5, 2, 4, 3, 1].map(run_id);
    ensure(found == expected, || format!("rows come in the order {found:?}"))
}

pub(super) async fn pages_neither_repeat_nor_skip(store: &dyn VisibilityStore) -> Verdict {
    let mut rows = assorted();
    store.upsert(rows.clone()).await?;
    rows.sort_by_key(PageKey::of);
    for query in ["TemporalNamespaceDivision IS NULL OR TemporalNamespaceDivision IS NOT NULL", "ExecutionStatus != 'Running'"] {
        let filter = filter(query)?;
        let expected: Vec<RunId> =
            rows.iter().filter(|row| crate::evaluate::matches(&filter.condition, row)).map(|row| row.run_id).collect();
        for page_size in [1, 2, 3, 7, 39, 40, 41] {
            let found = ids(&list_all(store, namespace(), &filter, page_size).await?);
            ensure(found == expected, || format!("pages of {page_size} give {found:?} instead of {expected:?}"))?;
        }
    }
    Ok(())
}

pub(super) async fn a_list_goes_on_where_it_was_whatever_is_written_in_between(store: &dyn VisibilityStore) -> Verdict {
    store.upsert((1..=6).map(row).collect()).await?;
    let filter = filter("")?;
    let first = store.list(namespace(), &filter, 2, None).await?;
    ensure(ids(&first.rows) == [6, 5].map(run_id), || format!("the first page is {:?}", ids(&first.rows)))?;
    // The last row of the page goes, two others come before it, and one that was still to come closes.
    store.delete(vec![deletion(5, 9, Timestamp::EPOCH)]).await?;
    store.upsert(vec![row(7), row(8), closed(4, ExecutionStatus::Completed, 50)]).await?;
    let mut found = Vec::new();
    let mut after = first.next;
    while after.is_some() && found.len() < 10 {
        let page = store.list(namespace(), &filter, 2, after).await?;
        found.extend(ids(&page.rows));
        after = page.next;
    }
    let expected = [3, 2, 1, 4].map(run_id);
    ensure(found == expected, || format!("the list goes on with {found:?}"))
}

pub(super) async fn the_last_page_says_so(store: &dyn VisibilityStore) -> Verdict {
    let filter = filter("")?;
    let empty = store.list(namespace(), &filter, 2, None).await?;
    ensure(empty.rows.is_empty() && empty.next.is_none(), || format!("an empty store lists {empty:?}"))?;
    store.upsert((1..=4).map(row).collect()).await?;
    for (page_size, pages) in [(2, 2), (4, 1), (3, 2), (5, 1)] {
        let mut after = None;
        for page_number in 1..=pages {
            let page = store.list(namespace(), &filter, page_size, after).await?;
            let last = page_number == pages;
            ensure(page.next.is_none() == last, || {
                format!("page {page_number} of {pages} (size {page_size}) ends with {:?}", page.next)
            })?;
            after = page.next;
        }
    }
    Ok(())
}

pub(super) async fn namespaces_are_apart(store: &dyn VisibilityStore) -> Verdict {
    let mut other = row(2);
    other.namespace = namespace_number(2);
    store.upsert(vec![row(1), other]).await?;
    for (number, expected) in [(1, vec![run_id(1)]), (2, vec![run_id(2)]), (3, vec![])] {
        let found = ids(&list_all(store, namespace_number(number), &filter("")?, 10).await?);
        ensure(found == expected, || format!("namespace {number} lists {found:?}"))?;
        let count = store.count(namespace_number(number), &filter("")?).await?.total;
        ensure(usize::try_from(count) == Ok(expected.len()), || format!("namespace {number} counts {count}"))?;
    }
    Ok(())
}

pub(super) async fn kinds_are_apart(store: &dyn VisibilityStore) -> Verdict {
    let mut schedule = row(2);
    schedule.kind = ChainKind::Schedule;
    store.upsert(vec![row(1), schedule]).await?;
    for (kind, expected) in
        [(ChainKind::Workflow, vec![run_id(1)]), (ChainKind::Schedule, vec![run_id(2)]), (ChainKind::Batch, vec![])]
    {
        let found = ids(&list_all(store, namespace(), &Filter::everything(kind), 10).await?);
        ensure(found == expected, || format!("{kind:?} lists {found:?}"))?;
        let count = store.count(namespace(), &Filter::everything(kind)).await?.total;
        ensure(usize::try_from(count) == Ok(expected.len()), || format!("{kind:?} counts {count}"))?;
    }
    Ok(())
}

pub(super) async fn a_page_of_heavy_rows_ends_early(store: &dyn VisibilityStore) -> Verdict {
    let heavy = |number, mib: usize| VisibilityRow { memo: vec![7; mib << 20], ..row(number) };
    let light = (100..160).map(row);
    store.upsert([heavy(1, 1), heavy(2, 3), heavy(3, 1), heavy(4, 1), heavy(5, 1)].into_iter().chain(light).collect()).await?;
    let filter = filter("")?;
    let expected: Vec<RunId> = (100..160).rev().chain((1..=5).rev()).map(run_id).collect();
    for page_size in [1000, 65, 3, 1] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.list(namespace(), &filter, page_size, after).await?;
            let bytes: usize = page.rows.iter().map(|row| row.memo.len()).sum();
            let (rows, most) = (page.rows.len(), PAGE_BYTES);
            ensure(rows == 1 || bytes <= most, || format!("a page of {rows} rows has {bytes} bytes of memos"))?;
            found.extend(ids(&page.rows));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        ensure(found == expected, || format!("pages of {page_size} give {found:?} instead of {expected:?}"))?;
    }
    Ok(())
}
