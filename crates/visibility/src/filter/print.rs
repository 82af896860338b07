//! A filter back as text, such that parsing it gives the same filter.

use std::fmt::{Formatter, Result, Write};

use super::{Column, Condition, Filter, Predicate, Test, Value};
use crate::query::is_plain_name;

pub(super) fn filter(f: &mut Formatter<'_>, filter: &Filter) -> Result {
    condition(f, &filter.condition)?;
    if let Some(column) = &filter.group_by {
        f.write_str(" GROUP BY ")?;
        name(f, column)?;
    }
    Ok(())
}

fn condition(f: &mut Formatter<'_>, condition: &Condition) -> Result {
    match condition {
        Condition::And(parts) => joined(f, parts, " AND "),
        Condition::Or(parts) => joined(f, parts, " OR "),
        Condition::Not(part) => {
            f.write_str("NOT ")?;
            operand(f, part)
        }
        Condition::Test(predicate) => test(f, predicate),
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Condition], between: &str) -> Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        operand(f, part)?;
    }
    Ok(())
}

fn operand(f: &mut Formatter<'_>, part: &Condition) -> Result {
    match part {
        Condition::And(_) | Condition::Or(_) => {
            f.write_char('(')?;
            condition(f, part)?;
            f.write_char(')')
        }
        Condition::Not(_) | Condition::Test(_) => condition(f, part),
    }
}

fn test(f: &mut Formatter<'_>, predicate: &Predicate) -> Result {
    name(f, &predicate.column)?;
    let not = |negated: bool| if negated { " NOT" } else { "" };
    match &predicate.test {
        Test::Compare(comparison, right) => {
            write!(f, " {} ", comparison.symbol())?;
            value(f, right)
        }
        Test::In { negated, values } => {
            write!(f, "{} IN (", not(*negated))?;
            for (index, item) in values.iter().enumerate() {
                if index > 0 {
                    f.write_str(", ")?;
                }
                value(f, item)?;
            }
            f.write_char(')')
        }
        Test::Between { negated, low, high } => {
            write!(f, "{} BETWEEN ", not(*negated))?;
            value(f, low)?;
            f.write_str(" AND ")?;
            value(f, high)
        }
        Test::StartsWith { negated, prefix } => {
            write!(f, "{} STARTS_WITH ", not(*negated))?;
            text(f, prefix)
        }
        Test::IsNull { negated } => write!(f, " IS{} NULL", not(*negated)),
    }
}

fn name(f: &mut Formatter<'_>, column: &Column) -> Result {
    let name = column.name();
    if is_plain_name(name) { f.write_str(name) } else { write!(f, "`{}`", name.replace('`', "``")) }
}

fn value(f: &mut Formatter<'_>, value: &Value) -> Result {
    match value {
        Value::Text(value) => text(f, value),
        Value::Int(value) => write!(f, "{value}"),
        // Debug keeps the point or exponent, so that it is read as a fraction again.
        Value::Double(value) => write!(f, "{value:?}"),
        Value::Bool(value) => write!(f, "{value}"),
        Value::Datetime(value) => write!(f, "{}", value.as_nanos()),
        Value::Status(value) => text(f, value.name()),
    }
}

fn text(f: &mut Formatter<'_>, value: &str) -> Result {
    f.write_char('\'')?;
    for c in value.chars() {
        match c {
            '\'' => f.write_str("''")?,
            '\\' => f.write_str("\\\\")?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('\'')
}
