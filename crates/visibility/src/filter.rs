//! A filter after parsing, naming and type checking: what stores evaluate or lower to their own language.

use std::fmt;

use model::Timestamp;
use model::ids::ChainKind;
use model::visibility::{ExecutionStatus, SearchAttributeType};

use crate::attribute::{NAMESPACE_DIVISION, SystemAttribute};

mod print;

/// What a list or count asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// Only executions of this kind.
    pub kind: ChainKind,
    /// Only rows for which this is true (neither false nor unknown).
    pub condition: Condition,
    /// For counts: one number per value of this column.
    pub group_by: Option<Column>,
}

/// A condition with SQL's three truth values: a test of an absent value is unknown, and so is its negation.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// All of them; at least two.
    And(Vec<Condition>),
    /// Any of them; at least two.
    Or(Vec<Condition>),
    /// The opposite; unknown stays unknown.
    Not(Box<Condition>),
    /// One test of one column.
    Test(Predicate),
}

/// One test of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    /// What is tested.
    pub column: Column,
    /// How.
    pub test: Test,
}

/// What a test looks at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// A column of every row.
    System(SystemAttribute),
    /// A custom or predefined search attribute.
    Custom {
        /// Its name.
        name: String,
        /// Its type.
        ty: SearchAttributeType,
    },
}

/// How a column is tested. Values already have the column's type.
///
/// On `KeywordList` columns equality means "contains", on `Text` columns "has one of the words".
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Against one value.
    Compare(Comparison, Value),
    /// Against several; at least one.
    In {
        /// `NOT IN`.
        negated: bool,
        /// The values.
        values: Vec<Value>,
    },
    /// Within bounds, both included.
    Between {
        /// `NOT BETWEEN`.
        negated: bool,
        /// The least.
        low: Value,
        /// The greatest.
        high: Value,
    },
    /// Against a prefix, byte by byte.
    StartsWith {
        /// `NOT STARTS_WITH`.
        negated: bool,
        /// The prefix.
        prefix: String,
    },
    /// Whether there is a value: never unknown.
    IsNull {
        /// `IS NOT NULL`.
        negated: bool,
    },
}

/// An operator with one value on its right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A value of a column's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// For Keyword, KeywordList and Text.
    Text(String),
    /// For Int, and durations in nanoseconds.
    Int(i64),
    /// For Double; also for Int where the filter has a fraction. Never NaN.
    Double(f64),
    /// For Bool.
    Bool(bool),
    /// For Datetime.
    Datetime(Timestamp),
    /// For ExecutionStatus; ordered by number.
    Status(ExecutionStatus),
}

impl Filter {
    /// Every execution of a kind, in every division.
    pub fn everything(kind: ChainKind) -> Self {
        let is_null = |negated| Condition::Test(Predicate { column: Column::division(), test: Test::IsNull { negated } });
        Self { kind, condition: Condition::Or(vec![is_null(false), is_null(true)]), group_by: None }
    }
}

impl Column {
    /// The attribute that hides system executions from ordinary lists.
    pub fn division() -> Self {
        Self::Custom { name: NAMESPACE_DIVISION.to_owned(), ty: SearchAttributeType::Keyword }
    }

    /// The name as filters write it.
    pub fn name(&self) -> &str {
        match self {
            Self::System(attribute) => attribute.name(),
            Self::Custom { name, .. } => name,
        }
    }

    /// The type of its values.
    pub const fn ty(&self) -> SearchAttributeType {
        match self {
            Self::System(attribute) => attribute.ty(),
            Self::Custom { ty, .. } => *ty,
        }
    }
}

impl Comparison {
    /// The operator as filters and SQL write it.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A store's way to turn a condition into its own language, bottom-up. Values arrive typed, to be bound as parameters: no
/// text of a user ever needs to become part of a statement.
pub trait Lower {
    /// A piece of the store's language.
    type Output;
    /// Why a piece cannot be said.
    type Error;

    /// All of the parts hold; there are at least two.
    fn and(&mut self, parts: Vec<Self::Output>) -> Result<Self::Output, Self::Error>;
    /// One of the parts holds; there are at least two.
    fn or(&mut self, parts: Vec<Self::Output>) -> Result<Self::Output, Self::Error>;
    /// The part does not hold.
    fn not(&mut self, part: Self::Output) -> Result<Self::Output, Self::Error>;
    /// One test. Called in the order in which the filter is written, so parameters can be numbered here.
    fn test(&mut self, predicate: &Predicate) -> Result<Self::Output, Self::Error>;
}

impl Condition {
    /// Folds the condition with a store's [`Lower`].
    pub fn lower<L: Lower + ?Sized>(&self, to: &mut L) -> Result<L::Output, L::Error> {
        match self {
            Self::And(parts) => {
                let parts = parts.iter().map(|part| part.lower(to)).collect::<Result<_, _>>()?;
                to.and(parts)
            }
            Self::Or(parts) => {
                let parts = parts.iter().map(|part| part.lower(to)).collect::<Result<_, _>>()?;
                to.or(parts)
            }
            Self::Not(part) => {
                let part = part.lower(to)?;
                to.not(part)
            }
            Self::Test(predicate) => to.test(predicate),
        }
    }
}

impl fmt::Display for Filter {
    /// The filter as a query that parses to the same filter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::filter(f, self)
    }
}
