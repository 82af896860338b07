//! Filters as SQL: text of our own, values as parameters. What databases say differently is a [`Dialect`].

use std::fmt::Debug;
use std::marker::PhantomData;

use model::RunId;
use model::visibility::SearchAttributeType;
use visibility::attribute::SystemAttribute;
use visibility::evaluate::words;
use visibility::filter::Lower;
use visibility::{Column, Comparison, Condition, Error, Predicate, Test, Value};

use crate::attributes::{float_rank, key, words_key};

/// How a database says what others say differently.
pub(crate) trait Dialect: Debug + Default {
    /// The column of search attributes as a text.
    const ATTRIBUTES: &'static str;

    /// How the text refers to a parameter; `at` counts from 1.
    fn mark(at: usize, parameter: &Parameter) -> String;

    /// The value of an attribute: NULL where there is none, whatever its type.
    fn attribute(sql: &mut Sql<Self>, ty: SearchAttributeType, key: String) -> String;

    /// Whether the array under the key has one of the values; unknown where there is no array. Negated, no array has none of
    /// them.
    fn contains(sql: &mut Sql<Self>, key: String, sought: Vec<Parameter>, negated: bool) -> String;

    /// An id's 16 bytes in the form that users know; NULL stays NULL.
    fn uuid_text(column: &str) -> String;

    /// A column that no index may be chosen for.
    fn unindexed(column: &str) -> String;
}

/// A parameter.
#[derive(Debug, Clone)]
pub(crate) enum Parameter {
    Text(String),
    Int(i64),
    Double(f64),
    Id([u8; 16]),
}

/// The parameters so far, in the order of their marks.
#[derive(Debug, Default)]
pub(crate) struct Sql<D> {
    pub(crate) parameters: Vec<Parameter>,
    dialect: PhantomData<D>,
}

type Fragment = Result<String, Error>;

impl<D: Dialect> Lower for Sql<D> {
    type Output = String;
    type Error = Error;

    fn and(&mut self, parts: Vec<String>) -> Fragment {
        Ok(join(&parts, "AND"))
    }

    fn or(&mut self, parts: Vec<String>) -> Fragment {
        Ok(join(&parts, "OR"))
    }

    fn not(&mut self, part: String) -> Fragment {
        Ok(format!("(NOT {part})"))
    }

    fn test(&mut self, predicate: &Predicate) -> Fragment {
        let Predicate { column, test } = predicate;
        match (test, column) {
            (Test::IsNull { negated }, _) => {
                let value = self.column(column, true);
                Ok(format!("({value} IS {}NULL)", if *negated { "NOT " } else { "" }))
            }
            (_, Column::Custom { name, ty: SearchAttributeType::KeywordList }) => {
                let sought = sought(test)?.into_iter().map(parameter).collect();
                Ok(D::contains(self, key(SearchAttributeType::KeywordList, name), sought, negated(test)))
            }
            (_, Column::Custom { name, ty: SearchAttributeType::Text }) => {
                let texts = sought(test)?.into_iter().filter_map(|value| match value {
                    Value::Text(text) => Some(text.as_str()),
                    _ => None,
                });
                let sought = texts.flat_map(words).map(Parameter::Text).collect();
                Ok(D::contains(self, words_key(name), sought, negated(test)))
            }
            (Test::Compare(Comparison::Equal, _) | Test::In { negated: false, .. }, Column::System(SystemAttribute::RunId)) => {
                Ok(self.run_is_one_of(sought(test)?))
            }
            _ => self.plain(column, test),
        }
    }
}

impl<D: Dialect> Sql<D> {
    /// Adds a parameter; returns how the text refers to it.
    pub(crate) fn push(&mut self, parameter: Parameter) -> String {
        let mark = D::mark(self.parameters.len() + 1, &parameter);
        self.parameters.push(parameter);
        mark
    }

    /// Adds parameters; returns their marks, separated by commas.
    pub(crate) fn list(&mut self, parameters: Vec<Parameter>) -> String {
        parameters.into_iter().map(|parameter| self.push(parameter)).collect::<Vec<_>>().join(",")
    }

    /// A column's value. Where it is only asked whether there is one, the stored column itself.
    pub(crate) fn column(&mut self, column: &Column, existence: bool) -> String {
        match column {
            Column::System(attribute) => system::<D>(*attribute, existence),
            Column::Custom { name, ty } => D::attribute(self, *ty, key(*ty, name)),
        }
    }

    fn plain(&mut self, column: &Column, test: &Test) -> Fragment {
        let value = self.column(column, false);
        Ok(match test {
            Test::Compare(comparison, right) => {
                format!("({value} {} {})", comparison.symbol(), self.push(operand(column, right)))
            }
            Test::In { negated, values } => {
                let list = self.list(values.iter().map(|value| operand(column, value)).collect());
                format!("({value} {}IN ({list}))", if *negated { "NOT " } else { "" })
            }
            Test::Between { negated, low, high } => {
                let (low, high) = (self.push(operand(column, low)), self.push(operand(column, high)));
                format!("({value} {}BETWEEN {low} AND {high})", if *negated { "NOT " } else { "" })
            }
            Test::StartsWith { negated, prefix } => {
                let not = if *negated { "NOT " } else { "" };
                let from = self.push(Parameter::Text(prefix.clone()));
                match after_prefix(prefix) {
                    Some(end) => {
                        let again = self.column(column, false);
                        format!("({not}({value} >= {from} AND {again} < {}))", self.push(Parameter::Text(end)))
                    }
                    None => format!("({not}{value} >= {from})"),
                }
            }
            Test::IsNull { .. } => return Err(Error::Unsupported("a test of nothing".to_owned())),
        })
    }

    /// By the indexed column: a text that is no run id in its canonical form equals none.
    fn run_is_one_of(&mut self, values: Vec<&Value>) -> String {
        let runs = values.into_iter().filter_map(|value| match value {
            Value::Text(text) => RunId::parse(text).ok().filter(|run| run.to_string() == *text),
            _ => None,
        });
        let list = self.list(runs.map(|run| Parameter::Id(*run.as_bytes())).collect());
        if list.is_empty() { "(FALSE)".to_owned() } else { format!("(run IN ({list}))") }
    }
}

/// The values of a test for equality.
fn sought(test: &Test) -> Result<Vec<&Value>, Error> {
    match test {
        Test::Compare(Comparison::Equal | Comparison::NotEqual, value) => Ok(vec![value]),
        Test::In { values, .. } => Ok(values.iter().collect()),
        _ => Err(Error::Unsupported("lists and full texts are only asked what they contain".to_owned())),
    }
}

const fn negated(test: &Test) -> bool {
    matches!(test, Test::Compare(Comparison::NotEqual, _) | Test::In { negated: true, .. })
}

/// The least text above all that begin like this.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

/// Whether few rows can satisfy it, which an index finds by workflow or run id: then the order of lists is not worth walking.
pub(crate) fn names_executions(condition: &Condition) -> bool {
    match condition {
        Condition::And(parts) => parts.iter().any(names_executions),
        Condition::Or(_) | Condition::Not(_) => false,
        Condition::Test(Predicate { column, test }) => {
            let by_id = matches!(column, Column::System(SystemAttribute::WorkflowId | SystemAttribute::RunId));
            by_id && matches!(test, Test::Compare(Comparison::Equal, _) | Test::In { negated: false, .. })
        }
    }
}

/// A value as its column is stored.
fn operand(column: &Column, value: &Value) -> Parameter {
    match (column, value) {
        (Column::Custom { ty: SearchAttributeType::Double, .. }, Value::Double(number)) => Parameter::Int(float_rank(*number)),
        (Column::Custom { ty: SearchAttributeType::Double, .. }, Value::Int(number)) => {
            Parameter::Int(float_rank(*number as f64))
        }
        _ => parameter(value),
    }
}

fn parameter(value: &Value) -> Parameter {
    match value {
        Value::Text(text) => Parameter::Text(text.clone()),
        Value::Int(number) => Parameter::Int(*number),
        Value::Double(number) => Parameter::Double(*number),
        Value::Bool(truth) => Parameter::Int(i64::from(*truth)),
        Value::Datetime(time) => Parameter::Int(time.as_nanos()),
        Value::Status(status) => Parameter::Int(i64::from(*status as i32)),
    }
}

/// Joined as a balanced tree: databases limit the depth of an expression.
fn join(parts: &[String], operator: &str) -> String {
    match parts {
        [] => "(TRUE)".to_owned(),
        [part] => part.clone(),
        _ => {
            let (left, right) = parts.split_at(parts.len() / 2);
            format!("({} {operator} {})", join(left, operator), join(right, operator))
        }
    }
}

fn system<D: Dialect>(attribute: SystemAttribute, existence: bool) -> String {
    let column = match attribute {
        SystemAttribute::WorkflowId => "workflow_id",
        SystemAttribute::RunId => "run",
        SystemAttribute::WorkflowType => "workflow_type",
        SystemAttribute::StartTime => "start_time",
        SystemAttribute::ExecutionTime => "execution_time",
        SystemAttribute::CloseTime if existence => "close_time",
        SystemAttribute::CloseTime => "closed",
        SystemAttribute::ExecutionStatus => "status",
        SystemAttribute::TaskQueue => "task_queue",
        SystemAttribute::HistoryLength => "history_length",
        SystemAttribute::ExecutionDuration => "(close_time - execution_time)",
        SystemAttribute::StateTransitionCount => "state_transition_count",
        SystemAttribute::HistorySizeBytes => "history_size_bytes",
        SystemAttribute::ParentWorkflowId => "parent_workflow_id",
        SystemAttribute::ParentRunId => "parent_run",
        SystemAttribute::RootWorkflowId => "root_workflow_id",
        SystemAttribute::RootRunId => "root_run",
    };
    let is_run = matches!(attribute, SystemAttribute::RunId | SystemAttribute::ParentRunId | SystemAttribute::RootRunId);
    if is_run && !existence { D::uuid_text(column) } else { column.to_owned() }
}
