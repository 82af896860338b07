//! Why a query is refused, and where.

use std::fmt;
use std::ops::Range;

/// Characters of the query that are shown before and after the place.
const SHOWN: usize = 40;

/// A query that is refused. Its text begins with `invalid query: ` and ends with an excerpt that points at the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    message: String,
    span: Range<usize>,
    column: usize,
    excerpt: Option<Excerpt>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Excerpt {
    line: String,
    pointer: String,
}

impl QueryError {
    pub(super) fn new(query: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let column = query.get(..span.start).map_or(0, |before| before.chars().count()) + 1;
        let excerpt = if query.is_empty() { None } else { excerpt(query, &span) };
        Self { message: message.into(), span, column, excerpt }
    }

    /// What is wrong, without place and prefix.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The bytes of the query that are wrong; empty at its end.
    pub const fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// The character of the query where the wrong part begins, from 1.
    pub const fn column(&self) -> usize {
        self.column
    }
}

impl std::error::Error for QueryError {}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid query: {}", self.message)?;
        if let Some(excerpt) = &self.excerpt {
            write!(f, " (at column {})\n  {}\n  {}", self.column, excerpt.line, excerpt.pointer)?;
        }
        Ok(())
    }
}

/// One line around the place, and a line of carets under it.
fn excerpt(query: &str, span: &Range<usize>) -> Option<Excerpt> {
    let (before, rest) = query.split_at_checked(span.start)?;
    let (wrong, after) = rest.split_at_checked(span.end.checked_sub(span.start)?)?;
    let head: Vec<char> = before.chars().collect();
    let cut = head.len().saturating_sub(SHOWN);
    let mut line = String::new();
    if cut > 0 {
        line.push_str("...");
    }
    line.extend(head.iter().skip(cut).map(visible));
    let indent = line.chars().count();
    let shown: Vec<char> = wrong.chars().take(SHOWN).collect();
    line.extend(shown.iter().map(visible));
    if wrong.chars().count() <= SHOWN {
        let tail: Vec<char> = after.chars().take(SHOWN).collect();
        line.extend(tail.iter().map(visible));
        if after.chars().count() > SHOWN {
            line.push_str("...");
        }
    } else {
        line.push_str("...");
    }
    let pointer = format!("{}{}", " ".repeat(indent), "^".repeat(shown.len().max(1)));
    Some(Excerpt { line, pointer })
}

/// Line breaks and control characters would break the excerpt.
fn visible(c: &char) -> char {
    if c.is_control() { ' ' } else { *c }
}
