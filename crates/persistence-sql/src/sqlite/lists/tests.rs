//! What the suite of visibility stores cannot see: which index a list reads, and values that SQLite itself would bend.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::visibility::{ExecutionStatus, SearchAttributeType, SearchAttributeValue as Attribute};
use model::{ChainKind, Clock, LaneId, MemberId, RunId, WorkflowId};
use persistence::{Batch, LaneStore, Outcome};
use tempfile::TempDir;
use uuid::Uuid;
use visibility::query::parse_list;
use visibility::store::MAX_PAGE_SIZE;
use visibility::{Column, Comparison, Condition, MemoryVisibility, Predicate, SearchAttributes, Test, Value};

use super::super::Options;
use super::*;
use crate::decode::Columns;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000)
    }
}

async fn store() -> (TempDir, Sqlite) {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(Options::new(dir.path().join("lists.db"), Arc::new(Fixed))).await.unwrap();
    (dir, store)
}

fn shop() -> NamespaceId {
    NamespaceId::new(Uuid::from_u128(1))
}

fn row(number: u32, attributes: &[(&str, Attribute)]) -> VisibilityRow {
    let id = WorkflowId::parse(&format!("order-{number}")).unwrap();
    let run = RunId::new(Uuid::from_u128(u128::from(number) + 1));
    VisibilityRow {
        namespace: shop(),
        kind: ChainKind::Workflow,
        workflow_id: id.clone(),
        run_id: run,
        version: 1,
        workflow_type: "OrderWorkflow".to_owned(),
        task_queue: "orders".to_owned(),
        status: ExecutionStatus::Running,
        start_time: Timestamp::from_millis(1_700_000_000_000),
        execution_time: Timestamp::from_millis(1_700_000_000_000),
        close_time: None,
        history_length: None,
        history_size_bytes: None,
        state_transition_count: None,
        parent: None,
        root: (id, run),
        memo: Vec::new(),
        search_attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    }
}

fn keyword(text: &str) -> Attribute {
    Attribute::Keyword(text.to_owned())
}

fn filter(query: &str) -> Filter {
    let names = ["CustomOrderStatus", "CustomCustomerID"];
    let attributes = SearchAttributes::from_custom(names.map(|name| (name.to_owned(), SearchAttributeType::Keyword)));
    parse_list(query, &attributes).unwrap()
}

fn tested(name: &str, ty: SearchAttributeType, test: Test) -> Filter {
    let column = Column::Custom { name: name.to_owned(), ty };
    Filter { condition: Condition::Test(Predicate { column, test }), ..filter("") }
}

async fn found(store: &dyn VisibilityStore, filter: &Filter) -> Vec<RunId> {
    let page = store.list(shop(), filter, MAX_PAGE_SIZE, None).await.unwrap();
    page.rows.iter().map(|row| row.run_id).collect()
}

/// How SQLite answers the list, step by step.
async fn plan(store: &Sqlite, query: &str, after: Option<PageKey>) -> String {
    let mut asked = page(shop(), &filter(query), 100, after).unwrap();
    asked.text.insert_str(0, "EXPLAIN QUERY PLAN ");
    let rows = store.ask(asked).await.unwrap();
    rows.iter().map(|row| row.text(3).unwrap()).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn articles_queries_find_what_a_lane_committed() {
    let (_dir, store) = store().await;
    let order = |number, status: &str, customer: &str| {
        row(number, &[("CustomOrderStatus", keyword(status)), ("CustomCustomerID", keyword(customer))])
    };
    let rows = vec![
        order(1, "FAILED", "cust-123"),
        order(2, "FAILED", "cust-456"),
        order(3, "COMPLETED", "cust-123"),
        order(4, "failed", "cust-123"),
        row(5, &[]),
    ];
    let ids: Vec<RunId> = rows.iter().map(|row| row.run_id).collect();
    let me = MemberId::new(Uuid::from_u128(9));
    let at = LaneStore::acquire(&store, LaneId { member: me, index: 0 }, None, me).await.unwrap();
    let outcome = store.commit(&at, &Batch { visibility: rows, ..Batch::default() }).await;
    assert!(matches!(outcome, Outcome::Landed { .. }), "{outcome:?}");

    let one = filter("CustomOrderStatus='FAILED' AND CustomCustomerID='cust-123'");
    assert_eq!(found(&store, &one).await, ids[..1]);
    assert_eq!(found(&store, &filter("CustomOrderStatus=\"FAILED\"")).await, ids[..2]);
    assert_eq!(store.count(shop(), &one).await.unwrap().total, 1);
}

#[tokio::test]
async fn every_page_of_a_plain_list_is_read_from_an_index_in_its_order() {
    let (_dir, store) = store().await;
    let first = plan(&store, "", None).await;
    assert_eq!(first, "SEARCH visibility USING INDEX visibility_order (namespace=? AND kind=?)");
    let next = plan(&store, "", Some(PageKey::of(&row(1, &[])))).await;
    let seek = "(namespace=? AND kind=? AND (closed,start_time)<(?,?))";
    assert_eq!(next, format!("SEARCH visibility USING INDEX visibility_order {seek}"));
}

#[tokio::test]
async fn list_of_named_executions_is_not_searched_among_all() {
    let (_dir, store) = store().await;
    let run = RunId::new(Uuid::from_u128(7));
    for (query, index) in [
        ("WorkflowId = 'order-1'", "visibility_workflow (namespace=? AND kind=? AND workflow_id=?)"),
        ("WorkflowId IN ('a', 'b') AND ExecutionStatus = 'Running'", "visibility_workflow"),
        (&format!("RunId = '{run}'"), "visibility_key (namespace=? AND run=?)"),
        (&format!("RunId = '{run}' AND WorkflowId = 'order-1'"), "visibility_key (namespace=? AND run=?)"),
    ] {
        for after in [None, Some(PageKey::of(&row(1, &[])))] {
            let plan = plan(&store, query, after).await;
            assert!(plan.contains(index) && !plan.contains("visibility_order"), "{query}: {plan}");
        }
    }
}

#[tokio::test]
async fn floats_come_back_and_compare_bit_by_bit() {
    let (_dir, store) = store().await;
    let mut numbers = vec![0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324, -1.387_902_165_871_276_1e-306, f64::INFINITY];
    let mut seed = 88_172_645_463_325_252_u64;
    for _ in 0..400 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        numbers.extend([f64::from_bits(seed), (seed >> 40) as f64 * 1e-7, -((seed % 1_000_000) as f64) / 997.0]);
    }
    numbers.retain(|number| !number.is_nan());
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    let attribute = |number: &f64| [("Price", Attribute::Double(*number))];
    let rows: Vec<_> = (0..).zip(&numbers).map(|(at, number)| row(at, &attribute(number))).collect();
    store.upsert(rows.clone()).await.unwrap();

    let mut read = BTreeMap::new();
    let mut after = None;
    loop {
        let page = store.list(shop(), &filter(""), MAX_PAGE_SIZE, after).await.unwrap();
        read.extend(page.rows.into_iter().map(|row| (row.run_id, row.search_attributes)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    for written in &rows {
        assert_eq!(read.get(&written.run_id), Some(&written.search_attributes));
    }
    for (at, number) in numbers.iter().enumerate().step_by(17) {
        for (comparison, expected) in
            [(Comparison::Equal, 1), (Comparison::Less, at), (Comparison::GreaterOrEqual, numbers.len() - at)]
        {
            let test = Test::Compare(comparison, Value::Double(*number));
            let count = store.count(shop(), &tested("Price", SearchAttributeType::Double, test)).await.unwrap();
            assert_eq!(usize::try_from(count.total), Ok(expected), "{} {number:e}", comparison.symbol());
        }
    }
}

#[tokio::test]
async fn prefixes_of_odd_texts_find_what_the_evaluator_finds() {
    let (_dir, store) = store().await;
    let memory = MemoryVisibility::default();
    let texts = ["a\0b", "a\0c", "a\0", "a", "", "\u{10ffff}", "\u{10ffff}x", "\u{d7ff}x", "\u{e000}", "é\\\"", "\u{1}"];
    let rows: Vec<_> = (0..).zip(texts).map(|(at, text)| row(at, &[("Word", keyword(text))])).chain([row(99, &[])]).collect();
    store.upsert(rows.clone()).await.unwrap();
    memory.upsert(rows).await.unwrap();
    for prefix in texts {
        for negated in [false, true] {
            let filter = tested("Word", SearchAttributeType::Keyword, Test::StartsWith { negated, prefix: prefix.to_owned() });
            assert_eq!(found(&store, &filter).await, found(&memory, &filter).await, "{prefix:?} {negated}");
        }
    }
}

/// However long lists take, or whatever else is read: neither waits for the other.
#[tokio::test]
async fn lists_and_workflows_read_beside_each_other() {
    let (_dir, store) = store().await;
    let chain = model::ChainKey::workflow(shop(), WorkflowId::parse("order-1").unwrap());
    let everything = parse_list("", &SearchAttributes::default()).unwrap();
    let (workflows, lists) = (&store.inner.readers, &store.inner.list_readers);
    let mut held = Vec::new();
    for _ in 0..lists.options().get_max_connections() {
        held.push(lists.acquire().await.unwrap());
    }
    assert!(store.load(&chain, None).await.unwrap().runs.is_empty());
    held.clear();
    for _ in 0..workflows.options().get_max_connections() {
        held.push(workflows.acquire().await.unwrap());
    }
    assert!(store.list(shop(), &everything, 10, None).await.unwrap().rows.is_empty());
}
