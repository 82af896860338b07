//! The visibility store: small, versioned, keyset-paged.

use async_trait::async_trait;
use model::Timestamp;
use model::ids::{NamespaceId, RunId, RunKey};
use model::visibility::{SearchAttributeValue, VisibilityRow};
use std::time::Duration;

use crate::filter::Filter;

/// Rows of a page at most; frontends turn absent and larger sizes into this.
pub const MAX_PAGE_SIZE: usize = 1000;

/// A page ends when its rows weigh so much, in bytes: a memo may have 2 MiB, and an answer with a thousand of them would fit
/// neither memory nor a client.
pub const PAGE_BYTES: usize = 2 * 1024 * 1024;

/// Rows that a store reads before it knows how heavy they are.
const FIRST_ROWS: usize = 50;

/// How long a deletion is remembered, so that a late write does not bring the row back.
pub const TOMBSTONE_RETENTION: Duration = Duration::from_secs(24 * 3600);

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not now; ask again. A write may have happened: repeating it is safe.
    #[error("visibility store is unavailable, try again: {0}")]
    Unavailable(String),
    /// What is stored cannot be read.
    #[error("visibility store holds a row that cannot be read: {0}")]
    Corrupt(String),
    /// The store cannot answer such a filter.
    #[error("visibility store cannot answer this filter: {0}")]
    Unsupported(String),
}

/// Where a row stands in the order of lists: open runs first, then latest closed, latest started, and by run id.
///
/// A page ends with the key of its last row, and the next one begins after that key, whatever was written in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PageKey {
    /// When the run closed; `None` while it is open.
    pub close_time: Option<Timestamp>,
    /// When it was started.
    pub start_time: Timestamp,
    /// The run.
    pub run_id: RunId,
}

impl PageKey {
    /// The key of a row.
    pub const fn of(row: &VisibilityRow) -> Self {
        Self { close_time: row.close_time, start_time: row.start_time, run_id: row.run_id }
    }

    fn rank(&self) -> (std::cmp::Reverse<Timestamp>, std::cmp::Reverse<Timestamp>, RunId) {
        let closed = self.close_time.unwrap_or(Timestamp::MAX);
        (std::cmp::Reverse(closed), std::cmp::Reverse(self.start_time), self.run_id)
    }
}

impl Ord for PageKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for PageKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Some rows of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// In the order of [`PageKey`].
    pub rows: Vec<VisibilityRow>,
    /// Where the next page begins; `None` when there is none.
    pub next: Option<PageKey>,
}

/// A page while its rows are read, in their order.
#[derive(Debug)]
pub struct Filling {
    size: usize,
    bytes: usize,
    page: Page,
}

impl Filling {
    /// An empty page for at most `size` rows (at least 1, at most [`MAX_PAGE_SIZE`]).
    pub fn new(size: usize) -> Self {
        Self { size: size.clamp(1, MAX_PAGE_SIZE), bytes: 0, page: Page::default() }
    }

    /// How many rows to read next: no more than probably fit, and one to know that there are more.
    pub fn wanted(&self) -> usize {
        let (rows, left) = (self.page.rows.len(), PAGE_BYTES.saturating_sub(self.bytes));
        let fitting = self.bytes.checked_div(rows).map_or(FIRST_ROWS, |each| left / each.max(1));
        fitting.min(self.size - rows) + 1
    }

    /// Takes the next row; `false` where the page was full before it.
    pub fn take(&mut self, row: VisibilityRow) -> bool {
        let bytes = self.bytes.saturating_add(weight(&row));
        let rows = self.page.rows.len();
        if rows == self.size || (rows > 0 && bytes > PAGE_BYTES) {
            self.page.next = self.page.rows.last().map(PageKey::of);
            return false;
        }
        self.bytes = bytes;
        self.page.rows.push(row);
        true
    }

    /// Behind which row the reading goes on.
    pub fn last(&self) -> Option<PageKey> {
        self.page.rows.last().map(PageKey::of)
    }

    /// The page.
    pub fn finish(self) -> Page {
        self.page
    }
}

/// About how many bytes a row has in an answer.
fn weight(row: &VisibilityRow) -> usize {
    const REST: usize = 256;
    let value = |value: &SearchAttributeValue| match value {
        SearchAttributeValue::Text(text) | SearchAttributeValue::Keyword(text) => text.len(),
        SearchAttributeValue::KeywordList(list) => list.iter().map(String::len).sum(),
        _ => 8,
    };
    REST + row.memo.len() + row.search_attributes.iter().map(|(name, of)| name.len() + value(of)).sum::<usize>()
}

/// How many rows a filter finds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Count {
    /// All of them.
    pub total: i64,
    /// With `GROUP BY`: one per value that occurs, the status groups by number, others by value, absent ones last.
    pub groups: Vec<Group>,
}

/// The rows with one value of the grouped column.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The value; a status is its name as a Keyword; `None` where rows have none.
    pub value: Option<SearchAttributeValue>,
    /// How many.
    pub count: i64,
}

/// A run that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Which.
    pub run: RunKey,
    /// Above every version that was written for it.
    pub version: i64,
    /// When: a tombstone stays for [`TOMBSTONE_RETENTION`].
    pub at: Timestamp,
}

/// Searchable rows: one per run, each with a version that only rises.
///
/// Writes are idempotent and commute: an older version never replaces a newer one, whichever arrives first, and a deletion
/// is a version like any other. A write that was answered is seen by every later read of the same store.
#[async_trait]
pub trait VisibilityStore: Send + Sync + 'static {
    /// Writes rows unless a newer version of their run is stored, or a tombstone that is not older. One version of a run is one
    /// content, so writing it again changes nothing. Not atomic across rows.
    async fn upsert(&self, rows: Vec<VisibilityRow>) -> Result<(), Error>;

    /// Deletes rows whose version is not above the deletion's, and keeps a tombstone of it.
    async fn delete(&self, deletions: Vec<Deletion>) -> Result<(), Error>;

    /// Up to `page_size` rows (at least 1, at most [`MAX_PAGE_SIZE`]; fewer where they weigh more than [`PAGE_BYTES`]) of a namespace that satisfy the filter, after a key.
    async fn list(
        &self,
        namespace: NamespaceId,
        filter: &Filter,
        page_size: usize,
        after: Option<PageKey>,
    ) -> Result<Page, Error>;

    /// The number of rows that satisfy the filter.
    async fn count(&self, namespace: NamespaceId, filter: &Filter) -> Result<Count, Error>;

    /// Forgets up to `limit` tombstones older than [`TOMBSTONE_RETENTION`] at `now`; answers how many.
    async fn expire_tombstones(&self, now: Timestamp, limit: usize) -> Result<usize, Error>;
}
