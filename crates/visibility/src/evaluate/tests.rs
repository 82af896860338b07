//! The evaluator against a second, naive reading of the language.
//!
//! The naive one knows numbers only: truth is 0, 1 or (unknown) a half, AND is the minimum, OR the maximum, NOT the distance
//! to 1; a test is spelled out as equalities and orders of plain values.

use std::collections::BTreeMap;

use model::Timestamp;
use model::ids::{ChainKind, NamespaceId, RunId, WorkflowId};
use model::visibility::{ExecutionStatus, SearchAttributeType as Type, SearchAttributeValue, VisibilityRow};
use proptest::prelude::*;

use super::truth;
use crate::attribute::SystemAttribute;
use crate::filter::{Column, Comparison, Condition, Predicate, Test, Value};

const WORDS: [&str; 5] = ["", "a", "ab", "B", "b"];

/// A value as the naive reading sees it.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Plain {
    Number(f64),
    Text(Vec<u8>),
}

fn plain(value: &Value) -> Plain {
    match value {
        Value::Text(text) => Plain::Text(text.clone().into_bytes()),
        Value::Int(number) => Plain::Number(*number as f64),
        Value::Double(number) => Plain::Number(*number),
        Value::Bool(truth) => Plain::Number(f64::from(u8::from(*truth))),
        Value::Datetime(time) => Plain::Number(time.as_nanos() as f64),
        Value::Status(status) => Plain::Number(f64::from(*status as i32)),
    }
}

/// What the row has in the column, as a list of plain values; `None` when there is nothing.
fn values_of(column: &Column, row: &VisibilityRow) -> Option<Vec<Plain>> {
    let text = |text: &str| vec![Plain::Text(text.as_bytes().to_vec())];
    let number = |number: i64| vec![Plain::Number(number as f64)];
    match column.name() {
        "WorkflowId" => Some(text(row.workflow_id.as_str())),
        "ExecutionStatus" => Some(number(row.status as i64)),
        "StartTime" => Some(number(row.start_time.as_nanos())),
        "CloseTime" => Some(number(row.close_time.map_or(i64::MAX, Timestamp::as_nanos))),
        "HistoryLength" => row.history_length.map(number),
        "ExecutionDuration" => row.close_time.map(|closed| number(closed.as_nanos() - row.execution_time.as_nanos())),
        "ParentWorkflowId" => row.parent.as_ref().map(|(parent, _)| text(parent.as_str())),
        name => row.search_attributes.get(name).map(|value| match value {
            SearchAttributeValue::Keyword(word) => text(word),
            SearchAttributeValue::Text(words) => {
                words.split(' ').filter(|word| !word.is_empty()).flat_map(|word| text(&word.to_lowercase())).collect()
            }
            SearchAttributeValue::KeywordList(words) => words.iter().flat_map(|word| text(word)).collect(),
            SearchAttributeValue::Int(value) => number(*value),
            SearchAttributeValue::Double(value) => vec![Plain::Number(*value)],
            SearchAttributeValue::Bool(value) => number(i64::from(*value)),
            SearchAttributeValue::Datetime(value) => number(value.as_nanos()),
        }),
    }
}

fn naive(condition: &Condition, row: &VisibilityRow) -> f64 {
    match condition {
        Condition::And(parts) => parts.iter().map(|part| naive(part, row)).fold(1.0, f64::min),
        Condition::Or(parts) => parts.iter().map(|part| naive(part, row)).fold(0.0, f64::max),
        Condition::Not(part) => 1.0 - naive(part, row),
        Condition::Test(predicate) => naive_test(predicate, row),
    }
}

fn naive_test(predicate: &Predicate, row: &VisibilityRow) -> f64 {
    let certain = |truth: bool| f64::from(u8::from(truth));
    let found = values_of(&predicate.column, row);
    if let Test::IsNull { negated } = predicate.test {
        let open = predicate.column.name() == "CloseTime" && row.close_time.is_none();
        return certain((found.is_none() || open) != negated);
    }
    let several = matches!(predicate.column, Column::Custom { ty: Type::KeywordList | Type::Text, .. });
    let Some(found) = found else {
        let excludes = matches!(predicate.test, Test::Compare(Comparison::NotEqual, _) | Test::In { negated: true, .. });
        return if several && excludes { 1.0 } else { 0.5 };
    };
    let words = |value: &Value| match (predicate.column.ty(), value) {
        (Type::Text, Value::Text(text)) => {
            text.split(' ').filter(|word| !word.is_empty()).map(|word| Plain::Text(word.to_lowercase().into_bytes())).collect()
        }
        (_, value) => vec![plain(value)],
    };
    let equal = |value: &Value| words(value).iter().any(|sought| found.contains(sought));
    let below = |value: &Value| found.iter().all(|item| *item < plain(value));
    certain(match &predicate.test {
        Test::Compare(Comparison::Equal, value) => equal(value),
        Test::Compare(Comparison::NotEqual, value) => !equal(value),
        Test::Compare(Comparison::Less, value) => below(value),
        Test::Compare(Comparison::LessOrEqual, value) => below(value) || equal(value),
        Test::Compare(Comparison::Greater, value) => !below(value) && !equal(value),
        Test::Compare(Comparison::GreaterOrEqual, value) => !below(value),
        Test::In { negated, values } => values.iter().any(equal) != *negated,
        Test::Between { negated, low, high } => (!below(low) && (below(high) || equal(high))) != *negated,
        Test::StartsWith { negated, prefix } => {
            let starts = |item: &Plain| matches!(item, Plain::Text(bytes) if bytes.iter().zip(prefix.as_bytes()).filter(|(a, b)| a == b).count() == prefix.len());
            found.iter().any(starts) != *negated
        }
        Test::IsNull { .. } => return 0.5,
    })
}

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned)
}

fn small() -> impl Strategy<Value = i64> {
    -2..=2_i64
}

fn row() -> impl Strategy<Value = VisibilityRow> {
    let status = prop::sample::select(ExecutionStatus::ALL.to_vec());
    let id = prop::sample::select(vec!["a", "ab", "b"]);
    let custom = (
        prop::option::of(word()),
        prop::option::of(prop::collection::vec(word(), 0..3)),
        prop::option::of(small()),
        prop::option::of(small()),
        prop::option::of(any::<bool>()),
        prop::option::of(small()),
        prop::option::of(prop::collection::vec(word(), 0..3)),
    );
    (status, id.clone(), small(), prop::option::of(small()), prop::option::of(small()), prop::option::of(id), custom).prop_map(
        |(status, workflow, start, close, length, parent, (keyword, text, int, double, truth, due, tags))| {
            let id = |id: &str| WorkflowId::parse(id).unwrap();
            let run = RunId::from_bytes(&[7; 16]).unwrap();
            let mut search_attributes = BTreeMap::new();
            let mut set = |name: &str, value: Option<SearchAttributeValue>| {
                search_attributes.extend(value.map(|value| (name.to_owned(), value)));
            };
            set("Word", keyword.map(SearchAttributeValue::Keyword));
            set("Note", text.map(|words| SearchAttributeValue::Text(words.join(" "))));
            set("Number", int.map(SearchAttributeValue::Int));
            set("Price", double.map(|halves| SearchAttributeValue::Double(halves as f64 / 2.0)));
            set("Paid", truth.map(SearchAttributeValue::Bool));
            set("Due", due.map(|nanos| SearchAttributeValue::Datetime(Timestamp::from_nanos(nanos))));
            set("Tags", tags.map(SearchAttributeValue::KeywordList));
            VisibilityRow {
                namespace: NamespaceId::from_bytes(&[1; 16]).unwrap(),
                kind: ChainKind::Workflow,
                workflow_id: id(workflow),
                run_id: run,
                version: 1,
                workflow_type: String::new(),
                task_queue: String::new(),
                status,
                start_time: Timestamp::from_nanos(start),
                execution_time: Timestamp::from_nanos(start),
                close_time: close.map(Timestamp::from_nanos),
                history_length: length,
                history_size_bytes: None,
                state_transition_count: None,
                parent: parent.map(|parent| (id(parent), run)),
                root: (id("a"), run),
                memo: Vec::new(),
                search_attributes,
            }
        },
    )
}

fn columns() -> Vec<Column> {
    use SystemAttribute::{
        CloseTime, ExecutionDuration, ExecutionStatus, HistoryLength, ParentWorkflowId, StartTime, WorkflowId,
    };
    let custom = [
        ("Word", Type::Keyword),
        ("Note", Type::Text),
        ("Number", Type::Int),
        ("Price", Type::Double),
        ("Paid", Type::Bool),
        ("Due", Type::Datetime),
        ("Tags", Type::KeywordList),
    ];
    let custom = custom.into_iter().map(|(name, ty)| Column::Custom { name: name.to_owned(), ty });
    [CloseTime, ExecutionDuration, ExecutionStatus, HistoryLength, ParentWorkflowId, StartTime, WorkflowId]
        .map(Column::System)
        .into_iter()
        .chain(custom)
        .collect()
}

fn value(column: &Column) -> BoxedStrategy<Value> {
    match column.ty() {
        _ if column.name() == "ExecutionStatus" => {
            prop::sample::select(ExecutionStatus::ALL.to_vec()).prop_map(Value::Status).boxed()
        }
        Type::Text => prop::collection::vec(word(), 0..3).prop_map(|words| Value::Text(words.join(" "))).boxed(),
        Type::Keyword | Type::KeywordList => word().prop_map(Value::Text).boxed(),
        Type::Int => {
            prop_oneof![small().prop_map(Value::Int), small().prop_map(|halves| Value::Double(halves as f64 / 2.0))].boxed()
        }
        Type::Double => small().prop_map(|halves| Value::Double(halves as f64 / 2.0)).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Datetime => small().prop_map(|nanos| Value::Datetime(Timestamp::from_nanos(nanos))).boxed(),
    }
}

fn predicate() -> impl Strategy<Value = Predicate> {
    prop::sample::select(columns()).prop_flat_map(|column| {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let ordered = matches!(column.ty(), Type::Keyword | Type::Int | Type::Double | Type::Datetime);
        let comparisons =
            if ordered { vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual] } else { vec![Equal, NotEqual] };
        let compared = (prop::sample::select(comparisons), value(&column));
        let mut tests = vec![
            any::<bool>().prop_map(|negated| Test::IsNull { negated }).boxed(),
            compared.prop_map(|(comparison, value)| Test::Compare(comparison, value)).boxed(),
        ];
        if column.ty() != Type::Text {
            let values = (any::<bool>(), prop::collection::vec(value(&column), 1..4));
            tests.push(values.prop_map(|(negated, values)| Test::In { negated, values }).boxed());
        }
        if ordered {
            let range = (any::<bool>(), value(&column), value(&column));
            tests.push(range.prop_map(|(negated, low, high)| Test::Between { negated, low, high }).boxed());
        }
        if column.ty() == Type::Keyword && column.name() != "ExecutionStatus" {
            let starts = (any::<bool>(), word());
            tests.push(starts.prop_map(|(negated, prefix)| Test::StartsWith { negated, prefix }).boxed());
        }
        prop::strategy::Union::new(tests).prop_map(move |test| Predicate { column: column.clone(), test })
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    predicate().prop_map(Condition::Test).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::Or),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn the_evaluator_agrees_with_the_naive_reading(condition in condition(), row in row()) {
        let naive = naive(&condition, &row);
        let expected = if naive == 0.5 { None } else { Some(naive == 1.0) };
        prop_assert_eq!(truth(&condition, &row), expected);
    }
}
