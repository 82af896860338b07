//! From structure to a typed filter: which column each name means, and whether operator and values fit its type.

use model::ids::ChainKind;
use model::visibility::{ExecutionStatus, SearchAttributeType};
use model::{Timestamp, duration};

use super::error::QueryError;
use super::syntax::{Expression, Literal, LiteralValue, Name, Operator, Query, Span};
use crate::attribute::{NAMESPACE_DIVISION, SystemAttribute};
use crate::filter::{Column, Comparison, Condition, Filter, Predicate, Test, Value};
use crate::payload::parse_datetime;
use crate::registry::SearchAttributes;

/// The long form of a status, as enum values are named on the wire.
const LONG_STATUS: &str = "WORKFLOW_EXECUTION_STATUS_";

pub(super) fn check(text: &str, query: Query, attributes: &SearchAttributes, kind: ChainKind) -> Result<Filter, QueryError> {
    let mut checker = Checker { text, attributes, mentions_division: false };
    let condition = query.condition.map(|expression| checker.condition(expression)).transpose()?;
    let group_by = query.group_by.map(|name| checker.group_by(&name)).transpose()?;
    let undivided = || Condition::Test(Predicate { column: Column::division(), test: Test::IsNull { negated: false } });
    let condition = match condition {
        Some(condition) if checker.mentions_division => condition,
        Some(condition) => Condition::And(vec![undivided(), condition]),
        None if checker.mentions_division => Filter::everything(kind).condition,
        None => undivided(),
    };
    Ok(Filter { kind, condition, group_by })
}

struct Checker<'q> {
    text: &'q str,
    attributes: &'q SearchAttributes,
    mentions_division: bool,
}

impl Checker<'_> {
    fn condition(&mut self, expression: Expression) -> Result<Condition, QueryError> {
        match expression {
            Expression::And(parts) => {
                parts.into_iter().map(|part| self.condition(part)).collect::<Result<_, _>>().map(Condition::And)
            }
            Expression::Or(parts) => {
                parts.into_iter().map(|part| self.condition(part)).collect::<Result<_, _>>().map(Condition::Or)
            }
            Expression::Not(part) => self.condition(*part).map(|part| Condition::Not(Box::new(part))),
            Expression::Test { name, operator, span } => {
                let column = self.column(&name)?;
                self.check_operator(&name, &column, &operator, span)?;
                let test = self.test(&name, &column, operator)?;
                Ok(Condition::Test(Predicate { column, test }))
            }
        }
    }

    fn column(&mut self, name: &Name) -> Result<Column, QueryError> {
        let Some(column) = self.attributes.resolve(&name.text) else {
            let hint = self.attributes.suggest(&name.text).map_or_else(String::new, |known| format!(" (did you mean {known}?)"));
            let message = format!("invalid expression: column name '{}' is not a valid search attribute{hint}", name.text);
            return Err(QueryError::new(self.text, name.span.clone(), message));
        };
        self.mentions_division |= column.name() == NAMESPACE_DIVISION;
        Ok(column)
    }

    fn group_by(&mut self, name: &Name) -> Result<Column, QueryError> {
        let column = self.column(name)?;
        if column == Column::System(SystemAttribute::ExecutionStatus) || column.name() == NAMESPACE_DIVISION {
            return Ok(column);
        }
        let message = format!(
            "operation is not supported: 'GROUP BY' clause is not supported for search attribute {}, use ExecutionStatus",
            name.text
        );
        Err(QueryError::new(self.text, name.span.clone(), message))
    }

    fn check_operator(&self, name: &Name, column: &Column, operator: &Operator, span: Span) -> Result<(), QueryError> {
        use SearchAttributeType as Type;
        let ty = column.ty();
        let is_status = *column == Column::System(SystemAttribute::ExecutionStatus);
        let fits = match operator {
            Operator::Compare(Comparison::Equal | Comparison::NotEqual, _) | Operator::IsNull { .. } => true,
            Operator::Compare(_, _) => matches!(ty, Type::Keyword | Type::Int | Type::Double | Type::Datetime),
            Operator::In { .. } => ty != Type::Text,
            Operator::Between { .. } => {
                if !matches!(ty, Type::Keyword | Type::Int | Type::Double | Type::Datetime) {
                    let message = format!(
                        "invalid expression: cannot do range condition on search attribute '{}' of type {}",
                        name.text,
                        ty.name()
                    );
                    return Err(QueryError::new(self.text, span, message));
                }
                true
            }
            Operator::StartsWith { .. } => ty == Type::Keyword && !is_status,
        };
        if fits {
            return Ok(());
        }
        let message = format!(
            "operation is not supported: operator '{}' not supported for {} type search attribute '{}'",
            operator.symbol(),
            ty.name(),
            name.text
        );
        Err(QueryError::new(self.text, span, message))
    }

    fn test(&self, name: &Name, column: &Column, operator: Operator) -> Result<Test, QueryError> {
        Ok(match operator {
            Operator::Compare(comparison, literal) => Test::Compare(comparison, self.value(name, column, literal)?),
            Operator::In { negated, values } => {
                let values = values.into_iter().map(|literal| self.value(name, column, literal)).collect::<Result<_, _>>()?;
                Test::In { negated, values }
            }
            Operator::Between { negated, low, high } => {
                Test::Between { negated, low: self.value(name, column, low)?, high: self.value(name, column, high)? }
            }
            Operator::StartsWith { negated, prefix } => match prefix.value {
                LiteralValue::Text(prefix) => Test::StartsWith { negated, prefix },
                LiteralValue::Int(_) | LiteralValue::Double(_) | LiteralValue::Bool(_) => {
                    let message = "invalid expression: right-hand side of STARTS_WITH must be a literal string, quote it";
                    return Err(QueryError::new(self.text, prefix.span, message));
                }
            },
            Operator::IsNull { negated } => Test::IsNull { negated },
        })
    }

    fn value(&self, name: &Name, column: &Column, literal: Literal) -> Result<Value, QueryError> {
        match column {
            Column::System(SystemAttribute::ExecutionStatus) => self.status(literal),
            Column::System(SystemAttribute::ExecutionDuration) => self.duration(literal),
            _ => self.typed(name, column.ty(), literal),
        }
    }

    fn typed(&self, name: &Name, ty: SearchAttributeType, literal: Literal) -> Result<Value, QueryError> {
        use SearchAttributeType as Type;
        let (expected, value) = match (ty, literal.value) {
            (Type::Keyword | Type::KeywordList | Type::Text, LiteralValue::Text(text)) => return Ok(Value::Text(text)),
            (Type::Int, LiteralValue::Int(number)) => return Ok(Value::Int(number)),
            (Type::Int | Type::Double, LiteralValue::Double(number)) => return Ok(Value::Double(number)),
            (Type::Double, LiteralValue::Int(number)) => return Ok(Value::Double(number as f64)),
            (Type::Bool, LiteralValue::Bool(truth)) => return Ok(Value::Bool(truth)),
            (Type::Datetime, LiteralValue::Int(nanos)) => return Ok(Value::Datetime(Timestamp::from_nanos(nanos))),
            (Type::Datetime, LiteralValue::Text(text)) => return self.datetime(&text, literal.span),
            (Type::Keyword | Type::KeywordList | Type::Text, value) => ("a quoted text", value),
            (Type::Int | Type::Double, value) => ("a number", value),
            (Type::Bool, value) => ("true or false", value),
            (Type::Datetime, value) => ("a quoted RFC 3339 time or nanoseconds since 1970", value),
        };
        let message = format!(
            "invalid expression: invalid value type for search attribute {} of type {}: {} (expected {expected})",
            name.text,
            ty.name(),
            shown(&value)
        );
        Err(QueryError::new(self.text, literal.span, message))
    }

    fn datetime(&self, text: &str, span: Span) -> Result<Value, QueryError> {
        parse_datetime(text).map(Value::Datetime).ok_or_else(|| {
            let message = format!(
                "invalid expression: unable to parse datetime '{text}', write RFC 3339 such as '2024-05-01T12:00:00Z' or nanoseconds since 1970"
            );
            QueryError::new(self.text, span, message)
        })
    }

    fn status(&self, literal: Literal) -> Result<Value, QueryError> {
        let found = match &literal.value {
            LiteralValue::Text(text) => status_by_name(text),
            LiteralValue::Int(number) => i32::try_from(*number).ok().and_then(ExecutionStatus::from_number),
            LiteralValue::Double(_) | LiteralValue::Bool(_) => None,
        };
        found.map(Value::Status).ok_or_else(|| {
            let names = ExecutionStatus::ALL.map(ExecutionStatus::name).join(", ");
            let message =
                format!("invalid expression: invalid ExecutionStatus value {} (expected one of {names})", shown(&literal.value));
            QueryError::new(self.text, literal.span, message)
        })
    }

    fn duration(&self, literal: Literal) -> Result<Value, QueryError> {
        let nanos = match &literal.value {
            LiteralValue::Int(nanos) => Ok(*nanos),
            LiteralValue::Text(text) => duration::parse_filter_nanos(text).map_err(|error| error.to_string()),
            LiteralValue::Double(_) | LiteralValue::Bool(_) => Err("write '1h30m', '01:30:00' or whole nanoseconds".to_owned()),
        };
        nanos.map(Value::Int).map_err(|reason| {
            let message = format!(
                "invalid expression: invalid duration value for search attribute ExecutionDuration: {} ({reason})",
                shown(&literal.value)
            );
            QueryError::new(self.text, literal.span, message)
        })
    }
}

fn status_by_name(text: &str) -> Option<ExecutionStatus> {
    let long = text.strip_prefix(LONG_STATUS).map(|name| name.replace('_', ""));
    ExecutionStatus::ALL.into_iter().find(|status| match &long {
        Some(long) => status.name().eq_ignore_ascii_case(long),
        None => status.name() == text,
    })
}

fn shown(value: &LiteralValue) -> String {
    match value {
        LiteralValue::Text(text) => format!("'{text}'"),
        LiteralValue::Int(number) => number.to_string(),
        LiteralValue::Double(number) => format!("{number:?}"),
        LiteralValue::Bool(truth) => truth.to_string(),
    }
}
