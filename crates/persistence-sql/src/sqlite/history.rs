//! Reading histories: the log by event id.
//!
//! Rows are keyed by turn, and events rise with turns, so the first row of a range is found by binary search: an index on
//! events would cost every commit for the sake of few reads.

use async_trait::async_trait;
use futures::TryStreamExt;
use model::BranchId;
use persistence::{Error, History, HistoryRange, TurnRow};
use sqlx::{Connection, SqliteConnection};

use super::Sqlite;
use super::decode::{Columns, get};
use super::error::store_error;

const RUN: &str = "SELECT id FROM run WHERE namespace = ? AND run = ? AND kind = ? AND workflow_id = ?";
const LAST_TURN: &str = "SELECT ifnull(max(turn), 0) FROM turn WHERE run = ? AND branch = ?";
const PROBE: &str = "SELECT turn, last_event_id FROM turn \
     WHERE run = ? AND branch = ? AND turn >= ? AND first_event_id > 0 ORDER BY turn LIMIT 1";
const FORWARD: &str = "SELECT branch, turn, first_event_id, last_event_id, data FROM turn \
     WHERE run = ? AND branch = ? AND turn >= ? AND first_event_id > 0 ORDER BY turn LIMIT ?";
const REVERSE: &str = "SELECT branch, turn, first_event_id, last_event_id, data FROM turn \
     WHERE run = ? AND branch = ? AND turn <= ? AND first_event_id > 0 ORDER BY turn DESC LIMIT ?";

#[async_trait]
impl History for Sqlite {
    async fn read(&self, range: &HistoryRange) -> Result<Vec<TurnRow>, Error> {
        let mut reader = self.reader().await?;
        let mut transaction = reader.begin().await.map_err(store_error)?;
        let chain = &range.key.chain;
        let query = sqlx::query(RUN).bind(chain.namespace.as_bytes().to_vec()).bind(range.key.run.as_bytes().to_vec());
        let query = query.bind(i64::from(chain.kind.number())).bind(chain.id.as_str().to_owned());
        let Some(row) = query.fetch_optional(&mut *transaction).await.map_err(store_error)? else { return Ok(Vec::new()) };
        let rows = read(&mut transaction, get(&row, 0)?, range).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(rows)
    }
}

async fn read(connection: &mut SqliteConnection, run: i64, range: &HistoryRange) -> Result<Vec<TurnRow>, Error> {
    let event = if range.reverse { range.to_event } else { range.from_event };
    let edge = first_turn_reaching(connection, run, range.branch, event).await?;
    // One row more: the one at the edge may only touch the range.
    let limit = i64::try_from(range.max_rows).unwrap_or(i64::MAX).saturating_add(1);
    let query = sqlx::query(if range.reverse { REVERSE } else { FORWARD });
    let query = query.bind(run).bind(range.branch.as_bytes().to_vec()).bind(edge).bind(limit);
    let mut stream = query.fetch(connection);
    let mut rows = Vec::new();
    let mut bytes = 0_usize;
    while rows.len() < range.max_rows && (rows.is_empty() || bytes < range.max_bytes) {
        let Some(row) = stream.try_next().await.map_err(store_error)? else { break };
        let row = crate::decode::turn(&range.key, &row, 0)?;
        let before = row.last_event_id < range.from_event;
        let behind = row.first_event_id >= range.to_event;
        if (range.reverse && before) || (!range.reverse && behind) {
            break;
        }
        if before || behind {
            continue;
        }
        bytes = bytes.saturating_add(row.data.len());
        rows.push(row);
    }
    Ok(rows)
}

/// The first turn with events whose last event is not before `event`; the turn after the last where there is none.
async fn first_turn_reaching(connection: &mut SqliteConnection, run: i64, branch: BranchId, event: i64) -> Result<i64, Error> {
    if event <= 1 {
        return Ok(1);
    }
    let query = sqlx::query(LAST_TURN).bind(run).bind(branch.as_bytes().to_vec());
    let row = query.fetch_one(&mut *connection).await.map_err(store_error)?;
    let (mut low, mut high) = (1_i64, get::<i64>(&row, 0)?.saturating_add(1));
    if event == i64::MAX {
        return Ok(high);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        let query = sqlx::query(PROBE).bind(run).bind(branch.as_bytes().to_vec()).bind(middle);
        match query.fetch_optional(&mut *connection).await.map_err(store_error)? {
            Some(row) if get::<i64>(&row, 1)? < event => low = super::decode::int(row.unsigned(0)?.saturating_add(1)),
            _ => high = middle,
        }
    }
    // `low` may stand on rows of marks before the row that was found.
    let query = sqlx::query(PROBE).bind(run).bind(branch.as_bytes().to_vec()).bind(low);
    let found = query.fetch_optional(connection).await.map_err(store_error)?;
    found.map_or(Ok(low), |row| get(&row, 0))
}
