//! The suite that every visibility store passes: a table of laws, each with a store broken on purpose that fails it.
//!
//! A law gets fresh, empty stores and answers with the first violation it sees, so that a broken store is a result and not a
//! panic. A store's crate runs [`check`] over its own [`Fresh`]; this crate proves that [`broken()`] stores are caught.

mod broken;
mod corpus;
mod counts;
mod filters;
mod lists;
mod versions;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

pub use self::broken::broken;
use crate::store::{Error, VisibilityStore};

/// Makes empty stores.
#[async_trait]
pub trait Fresh: Send + Sync {
    /// A store without rows and tombstones, independent of those made before.
    async fn fresh(&self) -> Arc<dyn VisibilityStore>;
}

/// What a store did that the law forbids, or left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(pub String);

impl From<Error> for Violation {
    fn from(error: Error) -> Self {
        Self(format!("the store failed: {error}"))
    }
}

/// A law's outcome.
pub type Verdict = Result<(), Violation>;

type Check = for<'s> fn(&'s dyn VisibilityStore) -> Pin<Box<dyn Future<Output = Verdict> + Send + 's>>;

/// One law.
#[derive(Clone, Copy)]
pub struct Law {
    /// Its name: a sentence.
    pub name: &'static str,
    check: Check,
}

impl Law {
    /// Checks the law on an empty store.
    pub async fn hold(&self, store: &dyn VisibilityStore) -> Verdict {
        (self.check)(store).await
    }
}

macro_rules! laws {
    ($($module:ident :: $law:ident),* $(,)?) => {
        &[$(Law { name: stringify!($law), check: |store| Box::pin($module::$law(store)) }),*]
    };
}

/// All laws.
pub const LAWS: &[Law] = laws![
    versions::a_written_row_is_found,
    versions::every_field_comes_back,
    versions::moments_keep_their_nanoseconds,
    versions::a_newer_version_replaces_the_whole_row,
    versions::an_older_version_never_replaces_a_newer_one,
    versions::a_deletion_removes_the_row,
    versions::a_late_write_does_not_bring_a_deleted_row_back,
    versions::a_deletion_that_comes_first_counts,
    versions::an_older_deletion_spares_a_newer_row,
    versions::a_tombstone_stays_for_a_day,
    versions::an_old_tombstone_is_forgotten,
    versions::a_large_batch_is_written_whole,
    lists::open_runs_come_first_then_the_latest_closed,
    lists::pages_neither_repeat_nor_skip,
    lists::a_list_goes_on_where_it_was_whatever_is_written_in_between,
    lists::the_last_page_says_so,
    lists::a_page_of_heavy_rows_ends_early,
    lists::namespaces_are_apart,
    lists::kinds_are_apart,
    filters::texts_compare_byte_by_byte,
    filters::a_prefix_is_no_pattern,
    filters::an_absent_value_is_unknown,
    filters::an_open_run_closes_in_the_far_future,
    filters::a_list_is_asked_what_it_contains,
    filters::a_text_is_found_by_any_of_its_words,
    filters::numbers_compare_exactly,
    filters::filters_mean_what_the_evaluator_says,
    counts::a_count_agrees_with_the_list,
    counts::groups_have_their_values_and_numbers,
];

/// Runs every law on a store of its own and answers with all violations.
pub async fn check(stores: &dyn Fresh) -> Result<(), Vec<String>> {
    let mut violations = Vec::new();
    for law in LAWS {
        let store = stores.fresh().await;
        if let Err(violation) = law.hold(store.as_ref()).await {
            violations.push(format!("{}: {violation}", law.name));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

/// Fails the law unless it holds.
fn ensure(holds: bool, violation: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Violation(violation())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryVisibility;

    struct Memory;

    #[async_trait]
    impl Fresh for Memory {
        async fn fresh(&self) -> Arc<dyn VisibilityStore> {
            Arc::new(MemoryVisibility::default())
        }
    }

    #[tokio::test]
    async fn the_memory_store_keeps_every_law() {
        assert_eq!(check(&Memory).await, Ok(()));
    }

    #[tokio::test]
    async fn each_law_catches_a_store_that_breaks_it() {
        let mut missed = Vec::new();
        for law in LAWS {
            let caught = match broken(law.name) {
                Some(store) => law.hold(store.as_ref()).await.is_err(),
                None => false,
            };
            if !caught {
                missed.push(law.name);
            }
        }
        assert!(missed.is_empty(), "laws that catch nothing: {missed:?}");
    }
}
