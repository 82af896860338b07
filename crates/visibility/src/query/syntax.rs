//! What a query says, before names and types are known.

use std::ops::Range;

use crate::filter::Comparison;

/// Bytes of the query.
pub(super) type Span = Range<usize>;

/// A whole query.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) condition: Option<Expression>,
    pub(super) group_by: Option<Name>,
}

#[derive(Debug)]
pub(super) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Test { name: Name, operator: Operator, span: Span },
}

/// The name of a search attribute, as written.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) span: Span,
}

/// An operator with what stands on its right; its own place is the test's span.
#[derive(Debug)]
pub(super) enum Operator {
    Compare(Comparison, Literal),
    In { negated: bool, values: Vec<Literal> },
    Between { negated: bool, low: Literal, high: Literal },
    StartsWith { negated: bool, prefix: Literal },
    IsNull { negated: bool },
}

#[derive(Debug)]
pub(super) struct Literal {
    pub(super) value: LiteralValue,
    pub(super) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum LiteralValue {
    Text(String),
    Int(i64),
    Double(f64),
    Bool(bool),
}

impl Operator {
    /// As users write it.
    pub(super) const fn symbol(&self) -> &'static str {
        match self {
            Self::Compare(comparison, _) => comparison.symbol(),
            Self::In { negated: false, .. } => "IN",
            Self::In { negated: true, .. } => "NOT IN",
            Self::Between { negated: false, .. } => "BETWEEN",
            Self::Between { negated: true, .. } => "NOT BETWEEN",
            Self::StartsWith { negated: false, .. } => "STARTS_WITH",
            Self::StartsWith { negated: true, .. } => "NOT STARTS_WITH",
            Self::IsNull { negated: false } => "IS NULL",
            Self::IsNull { negated: true } => "IS NOT NULL",
        }
    }
}
