//! From tokens to structure, by recursive descent: OR binds loosest, then AND, then NOT, then a test.

use super::error::QueryError;
use super::lexer::{Token, TokenKind};
use super::syntax::{Expression, Literal, LiteralValue, Name, Operator, Query, Span};
use super::{MAX_DEPTH, MAX_VALUES};
use crate::filter::Comparison;

const OPERATORS: &str = "an operator (=, !=, <, <=, >, >=, [NOT] IN, [NOT] BETWEEN, [NOT] STARTS_WITH, IS [NOT] NULL)";
const VALUE: &str = "a value (a quoted text, a number, true or false)";

pub(super) fn parse(text: &str, tokens: &[Token]) -> Result<Query, QueryError> {
    let mut parser = Parser { text, tokens, next: 0, depth: 0, values: 0 };
    parser.query()
}

struct Parser<'q> {
    text: &'q str,
    tokens: &'q [Token],
    next: usize,
    depth: usize,
    values: usize,
}

impl<'q> Parser<'q> {
    fn query(&mut self) -> Result<Query, QueryError> {
        let condition = if self.begins_clause() { None } else { Some(self.any_of()?) };
        let group_by = if self.keyword("GROUP") { Some(self.group_by()?) } else { None };
        match self.peek() {
            None => Ok(Query { condition, group_by }),
            Some(TokenKind::Keyword("ORDER")) => {
                Err(self.refuse("operation is not supported: 'ORDER BY' clause, rows come open ones first, then latest closed"))
            }
            Some(TokenKind::Keyword("LIMIT")) => {
                Err(self.refuse("operation is not supported: 'LIMIT' clause, use the page size"))
            }
            Some(_) if group_by.is_some() => Err(self.expected("the end of the query")),
            Some(_) => Err(self.expected("AND, OR, GROUP BY or the end of the query")),
        }
    }

    /// Whether nothing stands before the clauses; `order = 'x'` is a condition whose name wants backticks.
    fn begins_clause(&self) -> bool {
        match self.peek() {
            None | Some(TokenKind::Keyword("LIMIT" | "HAVING")) => true,
            Some(TokenKind::Keyword("GROUP" | "ORDER")) => {
                self.tokens.get(self.next + 1).is_some_and(|token| token.kind == TokenKind::Keyword("BY"))
            }
            Some(_) => false,
        }
    }

    fn group_by(&mut self) -> Result<Name, QueryError> {
        if !self.keyword("BY") {
            return Err(self.expected("BY"));
        }
        let name = self.name()?;
        if self.symbol(",") {
            self.next -= 1;
            return Err(self.refuse("operation is not supported: 'GROUP BY' clause supports only a single field"));
        }
        Ok(name)
    }

    fn any_of(&mut self) -> Result<Expression, QueryError> {
        let mut parts = vec![self.all_of()?];
        while self.keyword("OR") || self.symbol("||") {
            parts.push(self.all_of()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Or(parts) })
    }

    fn all_of(&mut self) -> Result<Expression, QueryError> {
        let mut parts = vec![self.negated()?];
        while self.keyword("AND") || self.symbol("&&") {
            parts.push(self.negated()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::And(parts) })
    }

    fn negated(&mut self) -> Result<Expression, QueryError> {
        if self.depth >= MAX_DEPTH {
            return Err(self.refuse(format!("query nests deeper than {MAX_DEPTH} levels, write it flatter")));
        }
        self.depth += 1;
        let expression = if self.keyword("NOT") {
            Expression::Not(Box::new(self.negated()?))
        } else if self.symbol("(") {
            let inner = self.any_of()?;
            if !self.symbol(")") {
                return Err(self.expected("AND, OR or )"));
            }
            inner
        } else {
            self.test()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn test(&mut self) -> Result<Expression, QueryError> {
        let name = self.name()?;
        let start = self.place().start;
        let operator = self.operator(&name)?;
        let end = self.previous_end();
        Ok(Expression::Test { name, operator, span: start..end })
    }

    fn name(&mut self) -> Result<Name, QueryError> {
        let span = self.place();
        match self.peek() {
            Some(TokenKind::Name(text)) => {
                self.next += 1;
                Ok(Name { text: text.clone(), span })
            }
            Some(TokenKind::Text(_) | TokenKind::Int(_) | TokenKind::Double(_)) => Err(self.refuse(
                "invalid expression: must be a search attribute, not a value: write the name on the left, without quotes or in backticks",
            )),
            Some(TokenKind::Keyword(word)) if !matches!(*word, "AND" | "OR" | "NOT") => {
                let word = self.text.get(span).unwrap_or_default();
                Err(self.refuse(format!(
                    "malformed SQL query: {word} is a word of the language, write `{word}` if it is a search attribute"
                )))
            }
            _ => Err(self.expected("a search attribute")),
        }
    }

    fn operator(&mut self, name: &Name) -> Result<Operator, QueryError> {
        const COMPARISONS: [(&str, Comparison); 7] = [
            ("=", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<>", Comparison::NotEqual),
            ("<", Comparison::Less),
            ("<=", Comparison::LessOrEqual),
            (">", Comparison::Greater),
            (">=", Comparison::GreaterOrEqual),
        ];
        for (symbol, comparison) in COMPARISONS {
            if self.symbol(symbol) {
                return Ok(Operator::Compare(comparison, self.value()?));
            }
        }
        if self.keyword("IS") {
            let negated = self.keyword("NOT");
            return if self.keyword("NULL") { Ok(Operator::IsNull { negated }) } else { Err(self.expected("NULL")) };
        }
        let negated = self.keyword("NOT");
        if self.keyword("IN") {
            return Ok(Operator::In { negated, values: self.list()? });
        }
        if self.keyword("BETWEEN") {
            let low = self.value()?;
            if !self.keyword("AND") {
                return Err(self.expected("AND and the greater value"));
            }
            return Ok(Operator::Between { negated, low, high: self.value()? });
        }
        if self.keyword("STARTS_WITH") {
            return Ok(Operator::StartsWith { negated, prefix: self.value()? });
        }
        Err(self.no_operator(name))
    }

    fn no_operator(&self, name: &Name) -> QueryError {
        match self.peek() {
            Some(TokenKind::Symbol("(")) => {
                QueryError::new(self.text, name.span.clone(), "operation is not supported: function expression")
            }
            Some(TokenKind::Symbol("==")) => self.refuse("malformed SQL query: expected = instead of =="),
            Some(TokenKind::Keyword(word @ ("LIKE" | "REGEXP" | "RLIKE"))) => {
                self.refuse(format!("operation is not supported: operator '{word}', use STARTS_WITH for prefixes"))
            }
            Some(TokenKind::Symbol(symbol @ ("<=>" | "+" | "-" | "*" | "/" | "%"))) => {
                self.refuse(format!("operation is not supported: operator '{symbol}', expected {OPERATORS}"))
            }
            None | Some(TokenKind::Keyword("AND" | "OR" | "GROUP" | "ORDER" | "LIMIT") | TokenKind::Symbol(")")) => {
                self.refuse(format!("invalid expression: incomplete expression, expected {OPERATORS} after {}", name.text))
            }
            _ => self.expected(OPERATORS),
        }
    }

    fn list(&mut self) -> Result<Vec<Literal>, QueryError> {
        if !self.symbol("(") {
            return Err(self.expected("( and a list of values"));
        }
        let mut values = vec![self.value()?];
        while self.symbol(",") {
            values.push(self.value()?);
        }
        if self.symbol(")") { Ok(values) } else { Err(self.expected(", or )")) }
    }

    fn value(&mut self) -> Result<Literal, QueryError> {
        let span = self.place();
        let value = match self.peek() {
            Some(TokenKind::Text(text)) => LiteralValue::Text(text.clone()),
            Some(TokenKind::Int(number)) => LiteralValue::Int(*number),
            Some(TokenKind::Double(number)) => LiteralValue::Double(*number),
            Some(TokenKind::Keyword("TRUE")) => LiteralValue::Bool(true),
            Some(TokenKind::Keyword("FALSE")) => LiteralValue::Bool(false),
            Some(TokenKind::Keyword("NULL")) => {
                return Err(self.refuse("invalid expression: NULL is no value, use IS NULL or IS NOT NULL"));
            }
            Some(TokenKind::Name(name)) => return Err(self.name_as_value(name)),
            _ => return Err(self.expected(VALUE)),
        };
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.refuse(format!("query holds more than {MAX_VALUES} values, split it")));
        }
        self.next += 1;
        Ok(Literal { value, span })
    }

    fn name_as_value(&self, name: &str) -> QueryError {
        if self.tokens.get(self.next + 1).is_some_and(|token| token.kind == TokenKind::Symbol("(")) {
            return self.refuse("operation is not supported: nested func");
        }
        self.refuse(format!(
            "operation is not supported: column name on the right side of comparison expression (did you forget to quote {name:?}?)"
        ))
    }

    fn peek(&self) -> Option<&'q TokenKind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    fn keyword(&mut self, word: &str) -> bool {
        self.eat(|kind| matches!(kind, TokenKind::Keyword(found) if *found == word))
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        self.eat(|kind| matches!(kind, TokenKind::Symbol(found) if *found == symbol))
    }

    fn eat(&mut self, is: impl FnOnce(&TokenKind) -> bool) -> bool {
        let found = self.peek().is_some_and(is);
        self.next += usize::from(found);
        found
    }

    /// Where the next token stands; at the end of the query, the end of what was written.
    fn place(&self) -> Span {
        self.tokens.get(self.next).map_or_else(|| self.previous_end()..self.previous_end(), |token| token.span.clone())
    }

    fn previous_end(&self) -> usize {
        self.next.checked_sub(1).and_then(|index| self.tokens.get(index)).map_or(0, |token| token.span.end)
    }

    fn refuse(&self, message: impl Into<String>) -> QueryError {
        QueryError::new(self.text, self.place(), message)
    }

    fn expected(&self, what: &str) -> QueryError {
        let found = match self.tokens.get(self.next) {
            None => "the end of the query".to_owned(),
            Some(token) => self.text.get(token.span.clone()).unwrap_or_default().chars().take(40).collect(),
        };
        self.refuse(format!("malformed SQL query: expected {what}, found {found}"))
    }
}
