//! Rows for the laws: small, deterministic, and odd where stores go wrong.

use std::collections::BTreeMap;

use model::Timestamp;
use model::ids::{ChainKey, ChainKind, NamespaceId, RunId, RunKey, WorkflowId};
use model::visibility::{ExecutionStatus, SearchAttributeType, SearchAttributeValue, VisibilityRow};

use super::Violation;
use crate::filter::Filter;
use crate::query::parse_count;
use crate::registry::SearchAttributes;
use crate::store::{Deletion, MAX_PAGE_SIZE, VisibilityStore};

/// The namespace that most laws use.
pub(super) fn namespace() -> NamespaceId {
    namespace_number(1)
}

pub(super) fn namespace_number(number: u8) -> NamespaceId {
    NamespaceId::from_bytes(&id_bytes(0xA0, u32::from(number))).expect("sixteen bytes are an id")
}

pub(super) fn run_id(number: u32) -> RunId {
    RunId::from_bytes(&id_bytes(0xB0, number)).expect("sixteen bytes are an id")
}

fn id_bytes(family: u8, number: u32) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[0] = family;
    bytes[6] = 0x40;
    bytes[8] = 0x80;
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    bytes
}

pub(super) fn workflow_id(text: &str) -> WorkflowId {
    WorkflowId::parse(text).expect("the suite's ids are valid")
}

/// An open run, the same for the same number.
pub(super) fn row(number: u32) -> VisibilityRow {
    let started = Timestamp::from_parts(1_700_000_000 + i64::from(number), 0);
    VisibilityRow {
        namespace: namespace(),
        kind: ChainKind::Workflow,
        workflow_id: workflow_id(&format!("order-{number}")),
        run_id: run_id(number),
        version: 1,
        workflow_type: "OrderWorkflow".to_owned(),
        task_queue: "orders".to_owned(),
        status: ExecutionStatus::Running,
        start_time: started,
        execution_time: started,
        close_time: None,
        history_length: None,
        history_size_bytes: None,
        state_transition_count: None,
        parent: None,
        root: (workflow_id(&format!("order-{number}")), run_id(number)),
        memo: Vec::new(),
        search_attributes: BTreeMap::new(),
    }
}

/// A run that ended this many seconds after the first one of the corpus was started.
pub(super) fn closed(number: u32, status: ExecutionStatus, seconds: i64) -> VisibilityRow {
    VisibilityRow {
        version: 2,
        status,
        close_time: Some(Timestamp::from_parts(1_700_000_000 + seconds, 0)),
        history_length: Some(11 + i64::from(number)),
        history_size_bytes: Some(1000 + i64::from(number)),
        state_transition_count: Some(7),
        ..row(number)
    }
}

/// The row with one more search attribute.
pub(super) fn with(mut row: VisibilityRow, name: &str, value: SearchAttributeValue) -> VisibilityRow {
    row.search_attributes.insert(name.to_owned(), value);
    row
}

/// A deletion of the row of this number.
pub(super) fn deletion(number: u32, version: i64, at: Timestamp) -> Deletion {
    let row = row(number);
    Deletion { run: RunKey { chain: ChainKey::workflow(row.namespace, row.workflow_id), run: row.run_id }, version, at }
}

/// The custom attributes that the laws' queries know.
pub(super) fn attributes() -> SearchAttributes {
    use SearchAttributeType as Type;
    let custom = [
        ("Word", Type::Keyword),
        ("Note", Type::Text),
        ("Number", Type::Int),
        ("Price", Type::Double),
        ("Paid", Type::Bool),
        ("Due", Type::Datetime),
        ("Tags", Type::KeywordList),
        ("odd `name' \"here\"", Type::Keyword),
    ];
    SearchAttributes::from_custom(custom.map(|(name, ty)| (name.to_owned(), ty)))
}

pub(super) fn filter(query: &str) -> Result<Filter, Violation> {
    parse_count(query, &attributes()).map_err(|error| Violation(format!("the suite's own query is refused: {error}")))
}

/// Everything that a query finds in the main namespace, in the order of the list.
pub(super) async fn find(store: &dyn VisibilityStore, query: &str) -> Result<Vec<VisibilityRow>, Violation> {
    list_all(store, namespace(), &filter(query)?, MAX_PAGE_SIZE).await
}

/// The run ids of [`find`].
pub(super) async fn find_ids(store: &dyn VisibilityStore, query: &str) -> Result<Vec<RunId>, Violation> {
    Ok(find(store, query).await?.into_iter().map(|row| row.run_id).collect())
}

/// Every page of a list, one after the other.
pub(super) async fn list_all(
    store: &dyn VisibilityStore,
    namespace: NamespaceId,
    filter: &Filter,
    page_size: usize,
) -> Result<Vec<VisibilityRow>, Violation> {
    let mut rows: Vec<VisibilityRow> = Vec::new();
    let mut after = None;
    loop {
        let page = store.list(namespace, filter, page_size, after).await?;
        if page.rows.len() > page_size {
            return Err(Violation(format!("a page of {page_size} holds {} rows", page.rows.len())));
        }
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return Ok(rows);
        }
        if rows.len() > 100_000 {
            return Err(Violation("the pages never end".to_owned()));
        }
    }
}

/// Forty rows that differ in everything that filters look at, with absent values, odd texts and extreme numbers.
pub(super) fn assorted() -> Vec<VisibilityRow> {
    const WORDS: [&str; 8] = ["a", "A", "ab", "a%b", "a_b", "", "ä", "it's \\ \"x\""];
    const NOTES: [&str; 4] = ["Payment failed twice", "failed", "The PAYMENT arrived", "no-one knows: why?"];
    const NUMBERS: [i64; 7] = [0, -1, 5, 9_007_199_254_740_993, i64::MAX, i64::MIN, 100];
    const PRICES: [f64; 6] = [0.0, -2.5, 0.1, 9_007_199_254_740_992.0, 1e300, 5.0];
    let mut rows = Vec::new();
    for number in 0..40_u32 {
        let index = number as usize;
        let status = ExecutionStatus::ALL.into_iter().cycle().nth(index).unwrap_or(ExecutionStatus::Running);
        let open = matches!(status, ExecutionStatus::Running | ExecutionStatus::Paused);
        let mut made = if open { row(number) } else { closed(number, status, i64::from(number) * 3) };
        made.status = status;
        made.workflow_type = if number % 3 == 0 { "OrderWorkflow" } else { "orderworkflow" }.to_owned();
        if number % 4 == 0 {
            made.parent = Some((workflow_id("parent"), run_id(900 + number)));
            made.root = (workflow_id("root"), run_id(800));
        }
        let mut set = |name: &str, value| made.search_attributes.insert(name.to_owned(), value);
        if number % 5 != 0 {
            set("Word", SearchAttributeValue::Keyword(WORDS[index % WORDS.len()].to_owned()));
            set("Number", SearchAttributeValue::Int(NUMBERS[index % NUMBERS.len()]));
        }
        if number % 5 != 1 {
            set("Note", SearchAttributeValue::Text(NOTES[index % NOTES.len()].to_owned()));
            set("Price", SearchAttributeValue::Double(PRICES[index % PRICES.len()]));
        }
        if number % 5 != 2 {
            let tags = WORDS.iter().skip(index % WORDS.len()).take(1 + index % 3).map(|word| (*word).to_owned());
            set("Tags", SearchAttributeValue::KeywordList(tags.collect()));
            set("Paid", SearchAttributeValue::Bool(number % 2 == 0));
        }
        if number % 5 != 3 {
            set("Due", SearchAttributeValue::Datetime(Timestamp::from_nanos(1_700_000_000_000_000_000 + i64::from(number))));
            set("odd `name' \"here\"", SearchAttributeValue::Keyword("odd".to_owned()));
        }
        if number % 11 == 0 {
            set("TemporalNamespaceDivision", SearchAttributeValue::Keyword("TemporalScheduler".to_owned()));
        }
        rows.push(made);
    }
    rows
}
