//! The list-filter language: from a user's text to a [`Filter`], or to an error that points at the place.
//!
//! Four steps, each of which knows nothing of the next: [`lexer`] cuts the text into tokens, [`parser`] gives them structure
//! ([`syntax`]), [`check`] resolves names and types, and the result is plain data. The dialect is the WHERE clause that
//! Temporal's SQL stores accept.

mod check;
mod error;
mod lexer;
mod parser;
mod syntax;

#[cfg(test)]
mod tests;

use model::ids::ChainKind;

pub use self::error::QueryError;
pub use self::lexer::is_plain_name;
use crate::filter::Filter;
use crate::registry::SearchAttributes;

/// Bytes of a query: enough for an `IN` with a thousand run ids.
pub const MAX_QUERY_BYTES: usize = 64 * 1024;

/// How deep parentheses and `NOT` may nest.
pub const MAX_DEPTH: usize = 50;

/// How many values a query may hold in all: databases limit the parameters of a statement.
pub const MAX_VALUES: usize = 2_000;

/// Parses the query of a list. Without any mention of `TemporalNamespaceDivision`, only rows without a division are meant.
pub fn parse_list(text: &str, attributes: &SearchAttributes) -> Result<Filter, QueryError> {
    let (filter, group_by) = parse(text, attributes)?;
    match group_by {
        None => Ok(filter),
        Some(at) => Err(QueryError::new(text, at, "operation is not supported: 'GROUP BY' clause in a list, use it to count")),
    }
}

/// Parses the query of a count, which may end in `GROUP BY`.
pub fn parse_count(text: &str, attributes: &SearchAttributes) -> Result<Filter, QueryError> {
    parse(text, attributes).map(|(filter, _)| filter)
}

fn parse(text: &str, attributes: &SearchAttributes) -> Result<(Filter, Option<syntax::Span>), QueryError> {
    if text.len() > MAX_QUERY_BYTES {
        let message = format!("query has {} bytes, at most {MAX_QUERY_BYTES} are allowed", text.len());
        return Err(QueryError::new("", 0..0, message));
    }
    let tokens = lexer::lex(text)?;
    let query = parser::parse(text, &tokens)?;
    let group_by = query.group_by.as_ref().map(|name| name.span.clone());
    let filter = check::check(text, query, attributes, ChainKind::Workflow)?;
    Ok((filter, group_by))
}
