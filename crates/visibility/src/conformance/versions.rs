//! Laws of writing: what is written is read, newer wins, and what is deleted stays away.

use std::time::Duration;

use model::Timestamp;
use model::visibility::{ExecutionStatus, SearchAttributeValue};

use super::corpus::{closed, deletion, find, find_ids, row, run_id, with, workflow_id};
use super::{Verdict, Violation, ensure};
use crate::store::{TOMBSTONE_RETENTION, VisibilityStore};

const NOW: Timestamp = Timestamp::from_parts(1_700_100_000, 0);

pub(super) async fn a_written_row_is_found(store: &dyn VisibilityStore) -> Verdict {
    store.upsert(vec![row(1), row(2)]).await?;
    let found = find_ids(store, "").await?;
    ensure(found == [run_id(2), run_id(1)], || format!("two rows were written, found {found:?}"))
}

pub(super) async fn every_field_comes_back(store: &dyn VisibilityStore) -> Verdict {
    let mut full = closed(1, ExecutionStatus::TimedOut, 60);
    full.version = i64::MAX - 1;
    full.memo = vec![0, 255, b'\'', b'\n'];
    full.parent = Some((workflow_id("parent/ü'\"\\"), run_id(77)));
    full.root = (workflow_id("root"), run_id(78));
    full.task_queue = "queue 'of' \"orders\" \\ % _".to_owned();
    let tags = vec!["b".to_owned(), String::new(), "a".to_owned(), "日本".to_owned()];
    for (name, value) in [
        ("Word", SearchAttributeValue::Keyword("it's \"odd\" \\ \u{1}".to_owned())),
        ("Note", SearchAttributeValue::Text("Some Words, twice: Words".to_owned())),
        ("Number", SearchAttributeValue::Int(i64::MIN)),
        ("Price", SearchAttributeValue::Double(1.494_457_299_999_999_9)),
        ("Paid", SearchAttributeValue::Bool(false)),
        ("Due", SearchAttributeValue::Datetime(Timestamp::from_nanos(-1))),
        ("Tags", SearchAttributeValue::KeywordList(tags)),
        ("odd `name' \"here\"", SearchAttributeValue::Keyword(String::new())),
        ("BuildIds", SearchAttributeValue::KeywordList(vec!["build-1".to_owned()])),
    ] {
        full = with(full, name, value);
    }
    let plain = row(2);
    store.upsert(vec![full.clone(), plain.clone()]).await?;
    let found = find(store, "").await?;
    ensure(found == [plain, full], || format!("written and read differ: {found:?}"))
}

pub(super) async fn moments_keep_their_nanoseconds(store: &dyn VisibilityStore) -> Verdict {
    let mut written = closed(1, ExecutionStatus::Completed, 5);
    written.start_time = Timestamp::from_nanos(1_700_000_000_123_456_789);
    written.execution_time = Timestamp::from_nanos(1_700_000_001_000_000_001);
    written.close_time = Some(Timestamp::from_nanos(1_700_000_002_999_999_999));
    store.upsert(vec![written.clone()]).await?;
    for query in [
        "StartTime = 1700000000123456789",
        "ExecutionTime <= '2023-11-14T22:13:21.000000001Z' AND ExecutionTime > '2023-11-14T22:13:21Z'",
        "CloseTime BETWEEN 1700000002999999999 AND 1700000002999999999",
        "ExecutionDuration = 1999999998",
        "ExecutionDuration > '1.999999997s' AND ExecutionDuration < '2s'",
    ] {
        let found = find(store, query).await?;
        ensure(found == [written.clone()], || format!("{query} finds {found:?}"))?;
    }
    Ok(())
}

pub(super) async fn a_newer_version_replaces_the_whole_row(store: &dyn VisibilityStore) -> Verdict {
    let first = with(row(1), "Word", SearchAttributeValue::Keyword("open".to_owned()));
    store.upsert(vec![first]).await?;
    let second = with(closed(1, ExecutionStatus::Failed, 9), "Number", SearchAttributeValue::Int(1));
    store.upsert(vec![second.clone()]).await?;
    let found = find(store, "").await?;
    ensure(found == [second], || format!("the newer row was written, found {found:?}"))?;
    let stale = find_ids(store, "Word = 'open' OR ExecutionStatus = 'Running'").await?;
    ensure(stale.is_empty(), || format!("the replaced row is still found: {stale:?}"))
}

pub(super) async fn an_older_version_never_replaces_a_newer_one(store: &dyn VisibilityStore) -> Verdict {
    let newer = closed(1, ExecutionStatus::Completed, 9);
    store.upsert(vec![newer.clone()]).await?;
    store.upsert(vec![row(1)]).await?;
    let found = find(store, "").await?;
    ensure(found == [newer.clone()], || format!("the older row came later and was taken: {found:?}"))?;
    // Both in one batch, in both orders.
    let later = closed(2, ExecutionStatus::Completed, 9);
    let third = closed(3, ExecutionStatus::Completed, 9);
    store.upsert(vec![later.clone(), row(2), row(3), third.clone()]).await?;
    let found = find(store, "RunId != 'x' AND ExecutionStatus = 'Completed'").await?;
    ensure(found.len() == 3, || format!("a batch with two versions of a run left the older: {found:?}"))
}

pub(super) async fn a_deletion_removes_the_row(store: &dyn VisibilityStore) -> Verdict {
    store.upsert(vec![row(1), row(2)]).await?;
    store.delete(vec![deletion(1, 5, NOW)]).await?;
    let found = find_ids(store, "").await?;
    ensure(found == [run_id(2)], || format!("run 1 was deleted, found {found:?}"))
}

pub(super) async fn a_late_write_does_not_bring_a_deleted_row_back(store: &dyn VisibilityStore) -> Verdict {
    store.upsert(vec![row(1)]).await?;
    store.delete(vec![deletion(1, 5, NOW)]).await?;
    let mut late = row(1);
    for version in [2, 5] {
        late.version = version;
        store.upsert(vec![late.clone()]).await?;
        let found = find_ids(store, "").await?;
        ensure(found.is_empty(), || format!("version {version} came back after deletion 5"))?;
    }
    late.version = 6;
    store.upsert(vec![late.clone()]).await?;
    let found = find(store, "").await?;
    ensure(found == [late], || format!("a version above the deletion's was refused, found {found:?}"))
}

pub(super) async fn a_deletion_that_comes_first_counts(store: &dyn VisibilityStore) -> Verdict {
    store.delete(vec![deletion(1, 5, NOW)]).await?;
    store.upsert(vec![row(1)]).await?;
    let found = find_ids(store, "").await?;
    ensure(found.is_empty(), || "a write older than an earlier deletion was taken".to_owned())
}

pub(super) async fn an_older_deletion_spares_a_newer_row(store: &dyn VisibilityStore) -> Verdict {
    let mut newer = row(1);
    newer.version = 9;
    store.upsert(vec![newer]).await?;
    store.delete(vec![deletion(1, 5, NOW)]).await?;
    let found = find_ids(store, "").await?;
    ensure(found == [run_id(1)], || "a deletion removed a row newer than itself".to_owned())
}

pub(super) async fn a_tombstone_stays_for_a_day(store: &dyn VisibilityStore) -> Verdict {
    store.delete(vec![deletion(1, 5, NOW)]).await?;
    let almost = NOW + (TOMBSTONE_RETENTION - Duration::from_secs(1));
    let forgotten = store.expire_tombstones(almost, 100).await?;
    ensure(forgotten == 0, || format!("{forgotten} tombstones were forgotten within a day"))?;
    store.upsert(vec![row(1)]).await?;
    let found = find_ids(store, "").await?;
    ensure(found.is_empty(), || "a deleted row came back within a day".to_owned())
}

pub(super) async fn an_old_tombstone_is_forgotten(store: &dyn VisibilityStore) -> Verdict {
    store.delete((1..=5).map(|number| deletion(number, 5, NOW)).collect()).await?;
    let day_later = NOW + TOMBSTONE_RETENTION;
    let mut forgotten = 0;
    for _ in 0..3 {
        let some = store.expire_tombstones(day_later, 2).await?;
        ensure(some <= 2, || format!("{some} tombstones were forgotten where 2 were allowed"))?;
        forgotten += some;
    }
    ensure(forgotten == 5, || format!("{forgotten} of 5 old tombstones were forgotten"))?;
    store.upsert(vec![row(1)]).await?;
    let found = find_ids(store, "").await?;
    ensure(found == [run_id(1)], || "a forgotten tombstone still counts".to_owned())
}

pub(super) async fn a_large_batch_is_written_whole(store: &dyn VisibilityStore) -> Verdict {
    const MANY: u32 = 1200;
    store.upsert((0..MANY).map(row).collect()).await?;
    let found = find_ids(store, "").await?.len();
    ensure(found == 1200, || format!("{found} of {MANY} rows were found"))?;
    store.delete((0..MANY).map(|number| deletion(number, 5, NOW)).collect()).await?;
    match find_ids(store, "").await?.len() {
        0 => Ok(()),
        left => Err(Violation(format!("{left} of {MANY} rows were not deleted"))),
    }
}
