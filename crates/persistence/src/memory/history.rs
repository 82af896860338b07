//! Reading histories in memory.

use async_trait::async_trait;

use super::Memory;
use crate::Error;
use crate::record::{HistoryRange, TurnRow};
use crate::stores::History;

#[async_trait]
impl History for Memory {
    async fn read(&self, range: &HistoryRange) -> Result<Vec<TurnRow>, Error> {
        let state = self.state.lock();
        Ok(state.runs.get(&range.key).map(|run| run.log.read(range)).unwrap_or_default())
    }
}
