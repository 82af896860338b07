//! Statements over many rows, in a few sizes, so that each size is prepared once.

use std::sync::OnceLock;

use sqlx::SqliteConnection;
use sqlx::sqlite::{Sqlite, SqliteArguments};

/// A statement and its parameters so far.
pub(super) type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

/// Rows per statement: a list is cut into the largest that fit. Each statement is a trip to the connection's thread and back, so
/// the short lists of a quiet server are close together.
const SIZES: [usize; 9] = [256, 64, 32, 16, 8, 4, 3, 2, 1];

/// A statement with a list of rows in the middle of its text.
pub(super) struct MultiRow {
    before: &'static str,
    row: &'static str,
    after: &'static str,
    texts: [OnceLock<String>; SIZES.len()],
}

impl MultiRow {
    /// `before` row, row, ... `after`.
    pub(super) const fn new(before: &'static str, row: &'static str, after: &'static str) -> Self {
        Self { before, row, after, texts: [const { OnceLock::new() }; SIZES.len()] }
    }

    /// Runs the statement over all items; returns how many rows it changed.
    pub(super) async fn execute<T>(
        &'static self,
        connection: &mut SqliteConnection,
        items: &[T],
        bind: impl Fn(Query, &T) -> Query,
    ) -> Result<u64, sqlx::Error> {
        let mut changed = 0;
        for (text, chunk) in self.chunks(items) {
            let query = chunk.iter().fold(sqlx::query(text), &bind);
            changed += query.execute(&mut *connection).await?.rows_affected();
        }
        Ok(changed)
    }

    /// The items in chunks, each with the text for its size.
    pub(super) fn chunks<'a, T>(&'static self, items: &'a [T]) -> impl Iterator<Item = (&'static str, &'a [T])> {
        let mut rest = items;
        std::iter::from_fn(move || {
            let (at, size) = SIZES.iter().enumerate().find(|(_, size)| **size <= rest.len())?;
            let (chunk, left) = rest.split_at(*size);
            rest = left;
            Some((self.text(at, *size), chunk))
        })
    }

    fn text(&'static self, at: usize, rows: usize) -> &'static str {
        let build = || format!("{}{}{}", self.before, vec![self.row; rows].join(","), self.after);
        self.texts.get(at).map_or("", |text| text.get_or_init(build).as_str())
    }
}
