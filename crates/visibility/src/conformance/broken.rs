//! For each law a store that breaks it, on purpose and in nothing else: what proves that the law catches anything.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use model::Timestamp;
use model::ids::{ChainKind, NamespaceId, RunId};
use model::visibility::{SearchAttributeType, SearchAttributeValue, VisibilityRow};
use parking_lot::Mutex;

use super::corpus::namespace;
use crate::attribute::SystemAttribute;
use crate::filter::{Column, Comparison, Condition, Filter, Predicate, Test};
use crate::memory::MemoryVisibility;
use crate::store::{Count, Deletion, Error, Page, PageKey, VisibilityStore};

/// A store that breaks the law of this name; `None` for a law that does not exist.
pub fn broken(law: &str) -> Option<Box<dyn VisibilityStore>> {
    let (_, fault) = FAULTS.iter().find(|(name, _)| *name == law)?;
    Some(Box::new(Broken { inner: MemoryVisibility::default(), fault: *fault, seen: Mutex::default() }))
}

/// What a store does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    DropsWrites,
    ForgetsMemos,
    CutsMomentsToMillis,
    KeepsTheFirstWrite,
    TakesTheLastWrite,
    IgnoresDeletions,
    KeepsNoTombstones,
    BuriesOnlyWhatItHas,
    DeletesBlindly,
    ForgetsTombstonesAtOnce,
    NeverForgetsTombstones,
    CutsBatches,
    ListsBackwards,
    SkipsBetweenPages,
    PagesByOffset,
    AlwaysPromisesAnotherPage,
    FillsPagesWithoutEnd,
    MixesNamespaces,
    MixesKinds,
    FoldsCase,
    ReadsPrefixesAsPatterns,
    TakesAbsentForDifferent,
    LeavesOpenRunsWithoutEnd,
    IndexesTheFirstItem,
    IndexesTheFirstWord,
    CountsInFloats,
    ForgetsNot,
    CountsOneMore,
    LosesAGroup,
}

const FAULTS: &[(&str, Fault)] = &[
    ("a_written_row_is_found", Fault::DropsWrites),
    ("every_field_comes_back", Fault::ForgetsMemos),
    ("moments_keep_their_nanoseconds", Fault::CutsMomentsToMillis),
    ("a_newer_version_replaces_the_whole_row", Fault::KeepsTheFirstWrite),
    ("an_older_version_never_replaces_a_newer_one", Fault::TakesTheLastWrite),
    ("a_deletion_removes_the_row", Fault::IgnoresDeletions),
    ("a_late_write_does_not_bring_a_deleted_row_back", Fault::KeepsNoTombstones),
    ("a_deletion_that_comes_first_counts", Fault::BuriesOnlyWhatItHas),
    ("an_older_deletion_spares_a_newer_row", Fault::DeletesBlindly),
    ("a_tombstone_stays_for_a_day", Fault::ForgetsTombstonesAtOnce),
    ("an_old_tombstone_is_forgotten", Fault::NeverForgetsTombstones),
    ("a_large_batch_is_written_whole", Fault::CutsBatches),
    ("open_runs_come_first_then_the_latest_closed", Fault::ListsBackwards),
    ("pages_neither_repeat_nor_skip", Fault::SkipsBetweenPages),
    ("a_list_goes_on_where_it_was_whatever_is_written_in_between", Fault::PagesByOffset),
    ("the_last_page_says_so", Fault::AlwaysPromisesAnotherPage),
    ("a_page_of_heavy_rows_ends_early", Fault::FillsPagesWithoutEnd),
    ("namespaces_are_apart", Fault::MixesNamespaces),
    ("kinds_are_apart", Fault::MixesKinds),
    ("texts_compare_byte_by_byte", Fault::FoldsCase),
    ("a_prefix_is_no_pattern", Fault::ReadsPrefixesAsPatterns),
    ("an_absent_value_is_unknown", Fault::TakesAbsentForDifferent),
    ("an_open_run_closes_in_the_far_future", Fault::LeavesOpenRunsWithoutEnd),
    ("a_list_is_asked_what_it_contains", Fault::IndexesTheFirstItem),
    ("a_text_is_found_by_any_of_its_words", Fault::IndexesTheFirstWord),
    ("numbers_compare_exactly", Fault::CountsInFloats),
    ("filters_mean_what_the_evaluator_says", Fault::ForgetsNot),
    ("a_count_agrees_with_the_list", Fault::CountsOneMore),
    ("groups_have_their_values_and_numbers", Fault::LosesAGroup),
];

struct Broken {
    inner: MemoryVisibility,
    fault: Fault,
    seen: Mutex<Seen>,
}

/// What a fault has to remember.
#[derive(Default)]
struct Seen {
    runs: BTreeSet<RunId>,
    writes: i64,
    offsets: BTreeMap<PageKey, usize>,
}

impl Broken {
    /// The row as the fault stores it; `None` drops it.
    fn spoil_row(&self, mut row: VisibilityRow) -> Option<VisibilityRow> {
        let mut seen = self.seen.lock();
        seen.writes += 1;
        let first = seen.runs.insert(row.run_id);
        match self.fault {
            Fault::DropsWrites => return None,
            Fault::KeepsTheFirstWrite if !first => return None,
            Fault::TakesTheLastWrite => row.version = seen.writes,
            Fault::ForgetsMemos => row.memo.clear(),
            Fault::CutsMomentsToMillis => {
                row.start_time = row.start_time.truncate_to_millis();
                row.execution_time = row.execution_time.truncate_to_millis();
                row.close_time = row.close_time.map(Timestamp::truncate_to_millis);
            }
            Fault::MixesNamespaces => row.namespace = namespace(),
            Fault::MixesKinds => row.kind = ChainKind::Workflow,
            Fault::FoldsCase => row.workflow_type.make_ascii_lowercase(),
            _ => row.search_attributes.values_mut().for_each(|value| self.spoil_value(value)),
        }
        Some(row)
    }

    fn spoil_value(&self, value: &mut SearchAttributeValue) {
        match (self.fault, value) {
            (Fault::IndexesTheFirstItem, SearchAttributeValue::KeywordList(items)) => items.truncate(1),
            (Fault::IndexesTheFirstWord, SearchAttributeValue::Text(text)) => {
                *text = text.split(' ').next().unwrap_or_default().to_owned();
            }
            (Fault::CountsInFloats, SearchAttributeValue::Int(number)) => *number = *number as f64 as i64,
            _ => {}
        }
    }

    fn spoil_filter(&self, filter: &Filter) -> Filter {
        let mut filter = filter.clone();
        filter.condition = self.spoil_condition(filter.condition);
        if self.fault == Fault::MixesKinds {
            filter.kind = ChainKind::Workflow;
        }
        filter
    }

    fn spoil_condition(&self, condition: Condition) -> Condition {
        match condition {
            Condition::And(parts) => Condition::And(parts.into_iter().map(|part| self.spoil_condition(part)).collect()),
            Condition::Or(parts) => Condition::Or(parts.into_iter().map(|part| self.spoil_condition(part)).collect()),
            Condition::Not(part) if self.fault == Fault::ForgetsNot => self.spoil_condition(*part),
            Condition::Not(part) => Condition::Not(Box::new(self.spoil_condition(*part))),
            Condition::Test(predicate) => self.spoil_test(predicate),
        }
    }

    fn spoil_test(&self, mut predicate: Predicate) -> Condition {
        let null_test = |negated| Condition::Test(Predicate { column: predicate.column.clone(), test: Test::IsNull { negated } });
        match (self.fault, &mut predicate.test) {
            (Fault::TakesAbsentForDifferent, Test::Compare(Comparison::NotEqual, _)) => {
                Condition::Or(vec![null_test(false), Condition::Test(predicate)])
            }
            (Fault::LeavesOpenRunsWithoutEnd, test)
                if predicate.column == Column::System(SystemAttribute::CloseTime) && !matches!(test, Test::IsNull { .. }) =>
            {
                Condition::And(vec![null_test(true), Condition::Test(predicate)])
            }
            (Fault::ReadsPrefixesAsPatterns, Test::StartsWith { prefix, .. })
                if predicate.column.ty() == SearchAttributeType::Keyword =>
            {
                let literal = prefix.find(['%', '_']).unwrap_or(prefix.len());
                prefix.truncate(literal);
                Condition::Test(predicate)
            }
            _ => Condition::Test(predicate),
        }
    }

    /// Pages by how many rows were answered before, as `LIMIT .. OFFSET ..` does.
    async fn list_by_offset(
        &self,
        namespace: NamespaceId,
        filter: &Filter,
        page_size: usize,
        after: Option<PageKey>,
    ) -> Result<Page, Error> {
        let skipped = after.map_or(0, |key| self.seen.lock().offsets.get(&key).copied().unwrap_or(0));
        let all = self.inner.list(namespace, filter, usize::MAX, None).await?.rows;
        let rows: Vec<VisibilityRow> = all.iter().skip(skipped).take(page_size).cloned().collect();
        let next = rows.last().filter(|_| skipped + rows.len() < all.len()).map(PageKey::of);
        if let Some(key) = next {
            self.seen.lock().offsets.insert(key, skipped + rows.len());
        }
        Ok(Page { rows, next })
    }
}

#[async_trait]
impl VisibilityStore for Broken {
    async fn upsert(&self, mut rows: Vec<VisibilityRow>) -> Result<(), Error> {
        if self.fault == Fault::CutsBatches {
            rows.truncate(1000);
        }
        self.inner.upsert(rows.into_iter().filter_map(|row| self.spoil_row(row)).collect()).await
    }

    async fn delete(&self, mut deletions: Vec<Deletion>) -> Result<(), Error> {
        match self.fault {
            Fault::IgnoresDeletions => deletions.clear(),
            Fault::DeletesBlindly => deletions.iter_mut().for_each(|deletion| deletion.version = i64::MAX),
            Fault::BuriesOnlyWhatItHas => {
                let seen = self.seen.lock();
                deletions.retain(|deletion| seen.runs.contains(&deletion.run.run));
            }
            _ => {}
        }
        self.inner.delete(deletions).await?;
        if self.fault == Fault::KeepsNoTombstones {
            self.inner.expire_tombstones(Timestamp::MAX, usize::MAX).await?;
        }
        Ok(())
    }

    async fn list(
        &self,
        namespace_id: NamespaceId,
        filter: &Filter,
        page_size: usize,
        after: Option<PageKey>,
    ) -> Result<Page, Error> {
        let filter = self.spoil_filter(filter);
        match self.fault {
            Fault::PagesByOffset => self.list_by_offset(namespace_id, &filter, page_size, after).await,
            Fault::SkipsBetweenPages => {
                let mut page = self.inner.list(namespace_id, &filter, page_size + 1, after).await?;
                page.next = page.next.and(page.rows.last().map(PageKey::of));
                page.rows.truncate(page_size);
                Ok(page)
            }
            Fault::ListsBackwards => {
                let mut page = self.inner.list(namespace_id, &filter, page_size, after).await?;
                page.rows.reverse();
                Ok(page)
            }
            Fault::FillsPagesWithoutEnd => {
                let mut page = self.inner.list(namespace_id, &filter, page_size, after).await?;
                while let (Some(after), true) = (page.next, page.rows.len() < page_size) {
                    let more = self.inner.list(namespace_id, &filter, page_size - page.rows.len(), Some(after)).await?;
                    page.rows.extend(more.rows);
                    page.next = more.next;
                }
                Ok(page)
            }
            Fault::AlwaysPromisesAnotherPage => {
                let mut page = self.inner.list(namespace_id, &filter, page_size, after).await?;
                page.next = page.rows.last().map(PageKey::of);
                Ok(page)
            }
            Fault::MixesNamespaces => self.inner.list(namespace(), &filter, page_size, after).await,
            _ => self.inner.list(namespace_id, &filter, page_size, after).await,
        }
    }

    async fn count(&self, namespace_id: NamespaceId, filter: &Filter) -> Result<Count, Error> {
        let filter = self.spoil_filter(filter);
        let mut count = self.inner.count(namespace_id, &filter).await?;
        match self.fault {
            Fault::CountsOneMore => count.total += 1,
            Fault::LosesAGroup => drop(count.groups.pop()),
            _ => {}
        }
        Ok(count)
    }

    async fn expire_tombstones(&self, now: Timestamp, limit: usize) -> Result<usize, Error> {
        match self.fault {
            Fault::ForgetsTombstonesAtOnce => self.inner.expire_tombstones(Timestamp::MAX, limit).await,
            Fault::NeverForgetsTombstones => Ok(0),
            _ => self.inner.expire_tombstones(now, limit).await,
        }
    }
}
