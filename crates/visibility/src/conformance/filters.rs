//! Laws of filters: what they find. Where databases differ in habit (case, wildcards, NULL, numbers) there is a law.

use model::ids::RunId;
use model::visibility::{ExecutionStatus, SearchAttributeValue};

use super::corpus::{assorted, closed, filter, find_ids, row, run_id, with};
use super::{Verdict, ensure};
use crate::evaluate::matches;
use crate::store::{PageKey, VisibilityStore};

/// Each query finds exactly the rows of these numbers, whatever their order.
async fn finds(store: &dyn VisibilityStore, table: &[(&str, &[u32])]) -> Verdict {
    for (query, numbers) in table {
        let mut found = find_ids(store, query).await?;
        found.sort_unstable();
        let mut expected: Vec<RunId> = numbers.iter().copied().map(run_id).collect();
        expected.sort_unstable();
        ensure(found == expected, || format!("{query} finds {found:?}, expected {expected:?}"))?;
    }
    Ok(())
}

async fn write_words(store: &dyn VisibilityStore, words: &[&str]) -> Verdict {
    let rows = (1..).zip(words).map(|(number, word)| {
        let mut row = with(row(number), "Word", SearchAttributeValue::Keyword((*word).to_owned()));
        row.workflow_type = (*word).to_owned();
        row
    });
    Ok(store.upsert(rows.collect()).await?)
}

pub(super) async fn texts_compare_byte_by_byte(store: &dyn VisibilityStore) -> Verdict {
    write_words(store, &["order", "Order", "order ", "it's \"x\" \\", "z", "é", ""]).await?;
    for name in ["Word", "WorkflowType"] {
        for (query, numbers) in [
            ("= 'order'", &[1_u32] as &[u32]),
            ("= 'Order'", &[2]),
            ("!= 'order'", &[2, 3, 4, 5, 6, 7]),
            ("= 'order '", &[3]),
            ("= 'it''s \"x\" \\\\'", &[4]),
            ("IN (\"it's \"\"x\"\" \\\\\", 'z')", &[4, 5]),
            ("= ''", &[7]),
            ("> 'order'", &[3, 5, 6]),
            ("< 'a'", &[2, 7]),
            ("BETWEEN 'z' AND 'é'", &[5, 6]),
            ("NOT BETWEEN 'O' AND 'p'", &[5, 6, 7]),
            ("NOT IN ('order', 'Order', '')", &[3, 4, 5, 6]),
        ] {
            finds(store, &[(&format!("{name} {query}"), numbers)]).await?;
        }
    }
    Ok(())
}

pub(super) async fn a_prefix_is_no_pattern(store: &dyn VisibilityStore) -> Verdict {
    write_words(store, &["a%b", "axb", "a_b", "A%b", "a\\b", "a[x]", "a*b", "ab"]).await?;
    for name in ["Word", "WorkflowType"] {
        for (query, numbers) in [
            ("STARTS_WITH 'a%'", &[1_u32] as &[u32]),
            ("STARTS_WITH 'a_'", &[3]),
            ("STARTS_WITH 'a\\\\'", &[5]),
            ("STARTS_WITH 'a['", &[6]),
            ("STARTS_WITH 'a*'", &[7]),
            ("STARTS_WITH 'A'", &[4]),
            ("STARTS_WITH ''", &[1, 2, 3, 4, 5, 6, 7, 8]),
            ("STARTS_WITH 'a%bc'", &[]),
            ("NOT STARTS_WITH 'a'", &[4]),
        ] {
            finds(store, &[(&format!("{name} {query}"), numbers)]).await?;
        }
    }
    Ok(())
}

pub(super) async fn an_absent_value_is_unknown(store: &dyn VisibilityStore) -> Verdict {
    let word = |word: &str| SearchAttributeValue::Keyword(word.to_owned());
    let tags = SearchAttributeValue::KeywordList(vec!["t".to_owned()]);
    store
        .upsert(vec![
            row(1),
            with(row(2), "Word", word("a")),
            with(with(closed(3, ExecutionStatus::Completed, 5), "Word", word("b")), "Tags", tags),
        ])
        .await?;
    finds(
        store,
        &[
            ("Word = 'a'", &[2]),
            ("Word != 'a'", &[3]),
            ("NOT Word = 'a'", &[3]),
            ("NOT (Word != 'a')", &[2]),
            ("Word NOT IN ('a')", &[3]),
            ("Word NOT BETWEEN 'x' AND 'z'", &[2, 3]),
            ("Word NOT STARTS_WITH 'x'", &[2, 3]),
            ("Word IS NULL", &[1]),
            ("Word IS NOT NULL", &[2, 3]),
            ("NOT (Word IS NULL)", &[2, 3]),
            ("Word != 'a' OR Word IS NULL", &[1, 3]),
            ("Word = 'a' OR ExecutionStatus = 'Running'", &[1, 2]),
            ("NOT (Word = 'a' AND ExecutionStatus = 'Completed')", &[1, 2, 3]),
            ("Tags != 'x'", &[1, 2, 3]),
            ("Tags NOT IN ('x', 'y')", &[1, 2, 3]),
            ("Tags IS NULL", &[1, 2]),
            ("Note != 'x'", &[1, 2, 3]),
            ("Number > 0 OR Number <= 0", &[]),
            ("HistoryLength >= 0", &[3]),
            ("HistoryLength IS NULL", &[1, 2]),
            ("ExecutionDuration < '1s' OR ExecutionDuration >= '1s'", &[3]),
            ("ParentWorkflowId != 'x'", &[]),
            ("ParentRunId IS NULL", &[1, 2, 3]),
            ("RootWorkflowId != 'x'", &[1, 2, 3]),
        ],
    )
    .await
}

pub(super) async fn an_open_run_closes_in_the_far_future(store: &dyn VisibilityStore) -> Verdict {
    store.upsert(vec![row(1), closed(2, ExecutionStatus::Completed, 10), closed(3, ExecutionStatus::Failed, 20)]).await?;
    finds(
        store,
        &[
            ("CloseTime > '2023-11-14T22:13:35Z'", &[1, 3]),
            ("CloseTime < '2023-11-14T22:13:35Z'", &[2]),
            ("CloseTime != '2023-11-14T22:13:30Z'", &[1, 3]),
            ("CloseTime BETWEEN '2023-11-14T22:13:30Z' AND '2023-11-14T22:13:40Z'", &[2, 3]),
            ("CloseTime NOT BETWEEN '2023-11-14T22:13:30Z' AND '2023-11-14T22:13:35Z'", &[1, 3]),
            ("CloseTime IN ('2023-11-14T22:13:30Z')", &[2]),
            ("CloseTime IS NULL", &[1]),
            ("CloseTime IS NOT NULL", &[2, 3]),
        ],
    )
    .await
}

pub(super) async fn a_list_is_asked_what_it_contains(store: &dyn VisibilityStore) -> Verdict {
    let tags = |tags: &[&str]| SearchAttributeValue::KeywordList(tags.iter().map(|tag| (*tag).to_owned()).collect());
    store
        .upsert(vec![
            with(row(1), "Tags", tags(&["a", "b"])),
            with(row(2), "Tags", tags(&["b", "it's \"c\", d"])),
            with(row(3), "Tags", tags(&["ab", "A"])),
            with(row(4), "BuildIds", tags(&["unversioned", "versioned:dep:1.0"])),
        ])
        .await?;
    finds(
        store,
        &[
            ("Tags = 'b'", &[1, 2]),
            ("Tags = 'a'", &[1]),
            ("Tags != 'b'", &[3, 4]),
            ("Tags IN ('a', 'A')", &[1, 3]),
            ("Tags NOT IN ('a', 'A')", &[2, 4]),
            ("Tags = 'it''s \"c\", d'", &[2]),
            ("Tags = 'd'", &[]),
            ("Tags = 'a' AND Tags = 'b'", &[1]),
            ("BuildIds = 'versioned:dep:1.0'", &[4]),
        ],
    )
    .await
}

pub(super) async fn a_text_is_found_by_any_of_its_words(store: &dyn VisibilityStore) -> Verdict {
    let note = |note: &str| SearchAttributeValue::Text(note.to_owned());
    store
        .upsert(vec![
            with(row(1), "Note", note("Payment failed, twice")),
            with(row(2), "Note", note("payments arrived")),
            with(row(3), "Note", note("ÜBER-payment")),
            with(row(4), "Note", note("")),
        ])
        .await?;
    finds(
        store,
        &[
            ("Note = 'payment'", &[1, 3]),
            ("Note = 'FAILED'", &[1]),
            ("Note = 'twice arrived'", &[1, 2]),
            ("Note = 'pay'", &[]),
            ("Note = 'über'", &[3]),
            ("Note = 'payment-arrived'", &[1, 2, 3]),
            ("Note = 'fail%'", &[]),
            ("Note = ''", &[]),
            ("Note != 'payment'", &[2, 4]),
        ],
    )
    .await
}

pub(super) async fn numbers_compare_exactly(store: &dyn VisibilityStore) -> Verdict {
    const BEYOND: i64 = 9_007_199_254_740_993;
    let number = |row, number| with(row, "Number", SearchAttributeValue::Int(number));
    store
        .upsert(vec![
            number(row(1), BEYOND),
            number(row(2), BEYOND - 1),
            number(row(3), i64::MIN),
            number(row(4), i64::MAX),
            number(with(row(5), "Price", SearchAttributeValue::Double(10.0)), 9),
            number(with(row(6), "Price", SearchAttributeValue::Double(9.5)), 10),
            with(with(row(7), "Paid", SearchAttributeValue::Bool(true)), "Price", SearchAttributeValue::Double(-1e300)),
            with(row(8), "Paid", SearchAttributeValue::Bool(false)),
        ])
        .await?;
    finds(
        store,
        &[
            ("Number = 9007199254740993", &[1]),
            ("Number = 9007199254740992", &[2]),
            ("Number > 9007199254740992", &[1, 4]),
            ("Number < 0", &[3]),
            ("Number >= 9223372036854775807", &[4]),
            ("Number <= -9223372036854775808", &[3]),
            ("Number < 10", &[3, 5]),
            ("Number > 9.5", &[1, 2, 4, 6]),
            ("Number = 9.0", &[5]),
            ("Number BETWEEN 9 AND 10", &[5, 6]),
            ("Number IN (9, 10, 11)", &[5, 6]),
            ("Price < 10", &[6, 7]),
            ("Price >= 9.5", &[5, 6]),
            ("Price = 10", &[5]),
            ("Price < -1e299", &[7]),
            ("Paid = true", &[7]),
            ("Paid != true", &[8]),
            ("Paid IN (true, false)", &[7, 8]),
        ],
    )
    .await
}

pub(super) async fn filters_mean_what_the_evaluator_says(store: &dyn VisibilityStore) -> Verdict {
    let mut rows = assorted();
    store.upsert(rows.clone()).await?;
    rows.sort_by_key(PageKey::of);
    let tests = tests();
    let queries = tests.iter().map(|test| (*test).to_owned());
    let negations = tests.iter().map(|test| format!("NOT ({test})"));
    let pairs = tests
        .iter()
        .zip(tests.iter().skip(7))
        .flat_map(|(a, b)| [format!("{a} AND {b}"), format!("{a} OR NOT {b}"), format!("NOT ({a} OR {b}) OR (NOT {a} AND {b})")]);
    for query in queries.chain(negations).chain(pairs) {
        let filter = filter(&query)?;
        let expected: Vec<RunId> = rows.iter().filter(|row| matches(&filter.condition, row)).map(|row| row.run_id).collect();
        let found = find_ids(store, &query).await?;
        ensure(found == expected, || format!("{query} finds {found:?}, expected {expected:?}"))?;
    }
    Ok(())
}

fn tests() -> Vec<&'static str> {
    vec![
        "WorkflowId = 'order-7'",
        "WorkflowId STARTS_WITH 'order-1'",
        "WorkflowType = 'OrderWorkflow'",
        "WorkflowType < 'a'",
        "TaskQueue != 'orders'",
        "RunId IN ('b0000000-0000-4000-8000-000000000003', 'b0000000-0000-4000-8000-00000000000A', 'nothing')",
        "ExecutionStatus = 'Running'",
        "ExecutionStatus > 3",
        "ExecutionStatus NOT IN ('Completed', 'Failed', 'Paused')",
        "ExecutionStatus BETWEEN 2 AND 'Canceled'",
        "StartTime >= '2023-11-14T22:13:30Z'",
        "ExecutionTime < '2023-11-14T22:13:50Z'",
        "CloseTime > '2023-11-14T22:14:00Z'",
        "CloseTime IS NULL",
        "HistoryLength > 30",
        "HistorySizeBytes BETWEEN 1010 AND 1020",
        "StateTransitionCount = 7",
        "ExecutionDuration < '20s'",
        "ParentWorkflowId = 'parent'",
        "ParentRunId IS NOT NULL",
        "RootWorkflowId = 'root'",
        "RootRunId != 'b0000000-0000-4000-8000-000000000320'",
        "Word = 'a'",
        "Word != 'ab'",
        "Word > 'a'",
        "Word NOT BETWEEN 'A' AND 'a%b'",
        "Word STARTS_WITH 'a_'",
        "Word NOT STARTS_WITH 'a'",
        "Word IN ('', 'ä', 'it\\'s \\\\ \"x\"')",
        "`odd ``name' \"here\"` = 'odd'",
        "Note = 'payment'",
        "Note != 'failed why'",
        "Number = 9007199254740993",
        "Number >= 5",
        "Number < 0.5",
        "Number NOT IN (0, 5, 100)",
        "Price = 5",
        "Price BETWEEN -3 AND 0.1",
        "Paid = true",
        "Paid != false",
        "Due > 1700000000000000017",
        "Due IS NULL",
        "Tags = 'a%b'",
        "Tags NOT IN ('A', '')",
        "TemporalNamespaceDivision = 'TemporalScheduler'",
        "TemporalNamespaceDivision IS NOT NULL OR Number = 5",
        "BuildIds IS NOT NULL",
    ]
}
