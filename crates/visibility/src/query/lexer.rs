//! From text to tokens, by the rules of MySQL that Temporal's filters follow.
//!
//! Words are case-insensitive keywords or names; names in backticks may hold anything; texts stand in single or double quotes,
//! with the quote doubled or a backslash before it.

use winnow::LocatingSlice;
use winnow::ascii::digit1;
use winnow::combinator::{alt, eof, opt, peek, terminated};
use winnow::error::{ContextError, ErrMode};
use winnow::prelude::*;
use winnow::stream::{Location, Stream};
use winnow::token::{any, one_of, take_while};

use super::error::QueryError;
use super::syntax::Span;

type Input<'q> = LocatingSlice<&'q str>;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A name, plain or in backticks.
    Name(String),
    /// A word with a meaning of its own, in upper case.
    Keyword(&'static str),
    /// A quoted text, unquoted.
    Text(String),
    Int(i64),
    Double(f64),
    /// An operator or a punctuation mark.
    Symbol(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// Words that are no names unless they stand in backticks; those beyond the language are known to be refused well.
const KEYWORDS: [&str; 20] = [
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "IS",
    "NULL",
    "TRUE",
    "FALSE",
    "STARTS_WITH",
    "ORDER",
    "GROUP",
    "BY",
    "LIMIT",
    "LIKE",
    "REGEXP",
    "RLIKE",
    "XOR",
    "HAVING",
    "EXISTS",
];

/// Longest first.
const SYMBOLS: [&str; 22] =
    ["<=>", "<>", "<=", ">=", "!=", "==", "&&", "||", "=", "<", ">", "(", ")", ",", "!", "+", "-", "*", "/", "%", ";", "?"];

/// Whether a name can be written without backticks.
pub fn is_plain_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(begins_name) && letters.all(continues_name) && keyword(text).is_none()
}

fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == '@'
}

fn continues_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '$' | '.')
}

fn keyword(word: &str) -> Option<&'static str> {
    KEYWORDS.into_iter().find(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// Cuts a query into tokens.
pub(super) fn lex(query: &str) -> Result<Vec<Token>, QueryError> {
    let mut input = LocatingSlice::new(query);
    let mut tokens = Vec::new();
    loop {
        skip_space(&mut input);
        if input.is_empty() {
            return Ok(tokens);
        }
        let start = input.current_token_start();
        match token(&mut input) {
            Ok(kind) => tokens.push(Token { kind, span: start..input.previous_token_end() }),
            Err(_) => return Err(explain(query, start)),
        }
    }
}

fn skip_space(input: &mut Input<'_>) {
    let space = input.chars().take_while(|c| c.is_whitespace()).map(char::len_utf8).sum();
    input.next_slice(space);
}

fn token(input: &mut Input<'_>) -> ModalResult<TokenKind> {
    alt((
        quoted('\'').map(TokenKind::Text),
        quoted('"').map(TokenKind::Text),
        backticked.map(TokenKind::Name),
        number,
        word,
        symbol.map(TokenKind::Symbol),
    ))
    .parse_next(input)
}

fn quoted<'q>(quote: char) -> impl Parser<Input<'q>, String, ErrMode<ContextError>> {
    move |input: &mut Input<'q>| {
        one_of(quote).parse_next(input)?;
        let mut text = String::new();
        loop {
            match any.parse_next(input)? {
                c if c == quote && opt(one_of(quote)).parse_next(input)?.is_some() => text.push(quote),
                c if c == quote => return Ok(text),
                '\\' => text.push(unescape(any.parse_next(input)?)),
                c => text.push(c),
            }
        }
    }
}

fn unescape(c: char) -> char {
    match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        '0' => '\0',
        'Z' => '\u{1a}',
        c => c,
    }
}

fn backticked(input: &mut Input<'_>) -> ModalResult<String> {
    one_of('`').parse_next(input)?;
    let mut name = String::new();
    loop {
        match any.parse_next(input)? {
            '`' if opt(one_of('`')).parse_next(input)?.is_some() => name.push('`'),
            '`' if name.is_empty() => return Err(ErrMode::Backtrack(ContextError::new())),
            '`' => return Ok(name),
            c => name.push(c),
        }
    }
}

/// The sign belongs to the number: the language has no arithmetic.
fn number(input: &mut Input<'_>) -> ModalResult<TokenKind> {
    let exponent = || (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    let shape = alt(((digit1, opt(('.', opt(digit1))), opt(exponent())).void(), ('.', digit1, opt(exponent())).void()));
    let text = terminated((opt(one_of(['+', '-'])), shape).take(), ends_number).parse_next(input)?;
    if let Ok(whole) = text.parse() {
        return Ok(TokenKind::Int(whole));
    }
    let fraction = text.contains(['.', 'e', 'E']);
    match text.parse::<f64>() {
        Ok(value) if fraction && value.is_finite() => Ok(TokenKind::Double(value)),
        _ => Err(ErrMode::Backtrack(ContextError::new())),
    }
}

/// `7days` is no number.
fn ends_number(input: &mut Input<'_>) -> ModalResult<()> {
    alt((eof.void(), peek(one_of(|c: char| !continues_name(c))).void())).parse_next(input)
}

fn word(input: &mut Input<'_>) -> ModalResult<TokenKind> {
    let word = (one_of(begins_name), take_while(0.., continues_name)).take().parse_next(input)?;
    Ok(keyword(word).map_or_else(|| TokenKind::Name(word.to_owned()), TokenKind::Keyword))
}

fn symbol(input: &mut Input<'_>) -> ModalResult<&'static str> {
    let found = SYMBOLS.into_iter().find(|symbol| input.starts_with(symbol));
    match found {
        Some(symbol) => {
            input.next_slice(symbol.len());
            Ok(symbol)
        }
        None => Err(ErrMode::Backtrack(ContextError::new())),
    }
}

/// Why no token begins here.
fn explain(query: &str, start: usize) -> QueryError {
    let rest = query.get(start..).unwrap_or_default();
    let first = rest.chars().next().unwrap_or(' ');
    let whole_word = rest.find(|c: char| !continues_name(c) && c != '+' && c != '-').unwrap_or(rest.len());
    let (end, message) = match first {
        '\'' | '"' => (query.len(), format!("malformed SQL query: text is not closed, expected another {first}")),
        '`' if rest.starts_with("``") => (start + 2, "malformed SQL query: name is empty".to_owned()),
        '`' => (query.len(), "malformed SQL query: name is not closed, expected another `".to_owned()),
        c if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => {
            let text = rest.get(..whole_word).unwrap_or_default();
            let message = if text.parse::<f64>().is_ok() {
                format!("malformed SQL query: number {text} is out of range")
            } else {
                format!("malformed SQL query: {text} is not a number, quote it if it is a text")
            };
            (start + whole_word.max(1), message)
        }
        c => (
            start + c.len_utf8(),
            format!("malformed SQL query: unexpected character {c:?}, expected a search attribute, an operator or a value"),
        ),
    };
    QueryError::new(query, start..end, message)
}
