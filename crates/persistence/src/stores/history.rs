//! Reading histories: rows of the log, by event id.

use async_trait::async_trait;

use crate::Error;
use crate::record::{HistoryRange, TurnRow};

/// Reads of the log. Rows that hold marks alone are never returned.
#[async_trait]
pub trait History: Send + Sync {
    /// The rows that overlap the range, in event order (or newest first). Empty where the run does not exist.
    async fn read(&self, range: &HistoryRange) -> Result<Vec<TurnRow>, Error>;
}
