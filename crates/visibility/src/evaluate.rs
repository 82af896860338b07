//! Whether a row satisfies a condition: the meaning of the filter language, and what stores without a database run.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cmp::Ordering;

use model::Timestamp;
use model::visibility::{SearchAttributeType, SearchAttributeValue, VisibilityRow};

use crate::attribute::SystemAttribute;
use crate::filter::{Column, Comparison, Condition, Predicate, Test, Value};

/// Whether the condition is true for the row; unknown counts as no.
pub fn matches(condition: &Condition, row: &VisibilityRow) -> bool {
    truth(condition, row) == Some(true)
}

/// The condition's truth for the row; `None` is unknown.
pub fn truth(condition: &Condition, row: &VisibilityRow) -> Option<bool> {
    match condition {
        Condition::And(parts) => fold(parts, row, false),
        Condition::Or(parts) => fold(parts, row, true),
        Condition::Not(part) => truth(part, row).map(|truth| !truth),
        Condition::Test(predicate) => test(predicate, row),
    }
}

/// `decides` ends the matter; without it, one unknown part makes the whole unknown.
fn fold(parts: &[Condition], row: &VisibilityRow, decides: bool) -> Option<bool> {
    let mut outcome = Some(!decides);
    for part in parts {
        match truth(part, row) {
            Some(truth) if truth == decides => return Some(decides),
            Some(_) => {}
            None => outcome = None,
        }
    }
    outcome
}

/// What a row has in a column, or what an SQL store would compare in its place.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'r> {
    /// An exact string.
    Keyword(Cow<'r, str>),
    /// Full text.
    Words(&'r str),
    /// Several exact strings.
    List(&'r [String]),
    /// A number, truth value, moment or status.
    Plain(Value),
}

/// The row's value in a column; `None` is SQL's NULL.
pub fn cell<'r>(column: &Column, row: &'r VisibilityRow) -> Option<Cell<'r>> {
    match column {
        Column::System(attribute) => system_cell(*attribute, row),
        Column::Custom { name, .. } => row.search_attributes.get(name).map(|value| match value {
            SearchAttributeValue::Text(value) => Cell::Words(value),
            SearchAttributeValue::Keyword(value) => Cell::Keyword(Cow::Borrowed(value)),
            SearchAttributeValue::Int(value) => Cell::Plain(Value::Int(*value)),
            SearchAttributeValue::Double(value) => Cell::Plain(Value::Double(*value)),
            SearchAttributeValue::Bool(value) => Cell::Plain(Value::Bool(*value)),
            SearchAttributeValue::Datetime(value) => Cell::Plain(Value::Datetime(*value)),
            SearchAttributeValue::KeywordList(values) => Cell::List(values),
        }),
    }
}

fn system_cell(attribute: SystemAttribute, row: &VisibilityRow) -> Option<Cell<'_>> {
    let keyword = |text: &'_ str| Some(Cell::Keyword(Cow::Owned(text.to_owned())));
    let moment = |time: Timestamp| Some(Cell::Plain(Value::Datetime(time)));
    let number = |number: Option<i64>| number.map(|number| Cell::Plain(Value::Int(number)));
    match attribute {
        SystemAttribute::WorkflowId => Some(Cell::Keyword(Cow::Borrowed(row.workflow_id.as_str()))),
        SystemAttribute::RunId => keyword(&row.run_id.to_string()),
        SystemAttribute::WorkflowType => Some(Cell::Keyword(Cow::Borrowed(&row.workflow_type))),
        SystemAttribute::StartTime => moment(row.start_time),
        SystemAttribute::ExecutionTime => moment(row.execution_time),
        SystemAttribute::CloseTime => row.close_time.and_then(moment),
        SystemAttribute::ExecutionStatus => Some(Cell::Plain(Value::Status(row.status))),
        SystemAttribute::TaskQueue => Some(Cell::Keyword(Cow::Borrowed(&row.task_queue))),
        SystemAttribute::HistoryLength => number(row.history_length),
        SystemAttribute::ExecutionDuration => number(execution_duration(row)),
        SystemAttribute::StateTransitionCount => number(row.state_transition_count),
        SystemAttribute::HistorySizeBytes => number(row.history_size_bytes),
        SystemAttribute::ParentWorkflowId => row.parent.as_ref().map(|(parent, _)| Cell::Keyword(Cow::Borrowed(parent.as_str()))),
        SystemAttribute::ParentRunId => row.parent.as_ref().and_then(|(_, run)| keyword(&run.to_string())),
        SystemAttribute::RootWorkflowId => Some(Cell::Keyword(Cow::Borrowed(row.root.0.as_str()))),
        SystemAttribute::RootRunId => keyword(&row.root.1.to_string()),
    }
}

/// Nanoseconds from execution time to close time; unknown while open.
pub fn execution_duration(row: &VisibilityRow) -> Option<i64> {
    row.close_time.map(|closed| closed.as_nanos().saturating_sub(row.execution_time.as_nanos()))
}

fn test(predicate: &Predicate, row: &VisibilityRow) -> Option<bool> {
    let found = cell(&predicate.column, row);
    if let Test::IsNull { negated } = predicate.test {
        return Some(found.is_none() != negated);
    }
    let found = match found {
        Some(found) => found,
        // An open run closes in the far future: `CloseTime > x` finds it, as on Temporal's SQL stores.
        None if predicate.column == Column::System(SystemAttribute::CloseTime) => Cell::Plain(Value::Datetime(Timestamp::MAX)),
        // A row without the attribute has none of its values: to what may hold several, "not" is "does not contain".
        None if holds_several(&predicate.column) && excludes(&predicate.test) => return Some(true),
        None => return None,
    };
    Some(match &predicate.test {
        Test::Compare(comparison, value) => compare(&found, *comparison, value),
        Test::In { negated, values } => values.iter().any(|value| compare(&found, Comparison::Equal, value)) != *negated,
        Test::Between { negated, low, high } => {
            let within = compare(&found, Comparison::GreaterOrEqual, low) && compare(&found, Comparison::LessOrEqual, high);
            within != *negated
        }
        Test::StartsWith { negated, prefix } => match &found {
            Cell::Keyword(text) => text.starts_with(prefix.as_str()) != *negated,
            Cell::Words(_) | Cell::List(_) | Cell::Plain(_) => return None,
        },
        Test::IsNull { negated } => *negated,
    })
}

const fn holds_several(column: &Column) -> bool {
    matches!(column, Column::Custom { ty: SearchAttributeType::KeywordList | SearchAttributeType::Text, .. })
}

const fn excludes(test: &Test) -> bool {
    matches!(test, Test::Compare(Comparison::NotEqual, _) | Test::In { negated: true, .. })
}

fn compare(found: &Cell<'_>, comparison: Comparison, value: &Value) -> bool {
    let equal = match (found, value) {
        (Cell::List(items), Value::Text(text)) => items.contains(text),
        (Cell::Words(document), Value::Text(text)) => has_a_word_of(document, text),
        (Cell::Keyword(found), Value::Text(text)) => return ordered(found.as_bytes().cmp(text.as_bytes()), comparison),
        (Cell::Plain(found), value) => return order(found, value).is_some_and(|order| ordered(order, comparison)),
        _ => return false,
    };
    match comparison {
        Comparison::Equal => equal,
        Comparison::NotEqual => !equal,
        // Refused by the type check.
        Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual => false,
    }
}

const fn ordered(order: Ordering, comparison: Comparison) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Double(b)) => order_mixed(*a, *b),
        (Value::Double(a), Value::Int(b)) => order_mixed(*b, *a).map(Ordering::reverse),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Datetime(a), Value::Datetime(b)) => Some(a.cmp(b)),
        (Value::Status(a), Value::Status(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        _ => None,
    }
}

/// Exact also where an `f64` no longer holds every integer.
fn order_mixed(a: i64, b: f64) -> Option<Ordering> {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        return None;
    }
    if b >= TWO_TO_63 {
        return Some(Ordering::Less);
    }
    if b < -TWO_TO_63 {
        return Some(Ordering::Greater);
    }
    let whole = b.trunc() as i64;
    a.cmp(&whole).then(0.0_f64.partial_cmp(&(b - b.trunc()))?).into()
}

/// The words of a text, as every store cuts them: runs of letters and digits, in lower case.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn has_a_word_of(document: &str, query: &str) -> bool {
    let sought: Vec<String> = words(query).collect();
    words(document).any(|word| sought.contains(&word))
}
