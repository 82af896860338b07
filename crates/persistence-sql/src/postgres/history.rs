//! Reading histories: the log by event id.
//!
//! Rows are keyed by turn, and events rise with turns, so the first row of a range is found by binary search: an index on
//! events would cost every commit for the sake of few reads. The search runs in the database, in the statement that reads.

use async_trait::async_trait;
use persistence::{Error, History, HistoryRange, TurnRow};

use super::Postgres;

/// `edge` is a turn whose row, or the next one with events, is the first that reaches event $6. Rows end where the bytes of
/// those before reach $10, though there is at least one.
macro_rules! read {
    ($edge:literal, $order:literal) => {
        concat!(
            "WITH RECURSIVE this AS MATERIALIZED ( \
               SELECT id FROM run WHERE namespace = $1 AND run = $2 AND kind = $3 AND workflow_id = $4), \
             search (low, high) AS ( \
               SELECT 1::bigint, coalesce((SELECT t.turn FROM turn t WHERE t.run = (SELECT id FROM this) AND t.branch = $5 \
                 ORDER BY t.turn DESC LIMIT 1), 0) + 1 \
               UNION ALL \
               SELECT CASE WHEN p.last_event_id < $6 THEN p.turn + 1 ELSE s.low END, \
                 CASE WHEN p.last_event_id < $6 THEN s.high ELSE s.low + (s.high - s.low) / 2 END \
               FROM search s LEFT JOIN LATERAL (SELECT t.turn, t.last_event_id FROM turn t \
                 WHERE t.run = (SELECT id FROM this) AND t.branch = $5 AND t.turn >= s.low + (s.high - s.low) / 2 \
                   AND t.first_event_id > 0 ORDER BY t.turn LIMIT 1) p ON true \
               WHERE s.low < s.high), \
             edge AS MATERIALIZED ( SELECT coalesce((SELECT t.turn FROM turn t WHERE t.run = (SELECT id FROM this) \
               AND t.branch = $5 AND t.first_event_id > 0 AND t.turn >= s.low ORDER BY t.turn LIMIT 1), s.low) AS turn \
               FROM search s WHERE s.low >= s.high LIMIT 1), \
             page AS (SELECT t.branch, t.turn, t.first_event_id, t.last_event_id, t.data FROM turn t \
               WHERE t.run = (SELECT id FROM this) AND t.branch = $5 AND t.turn ",
            $edge,
            " (SELECT turn FROM edge) \
               AND t.first_event_id > 0 AND t.first_event_id < $8 AND t.last_event_id >= $7 ORDER BY t.turn ",
            $order,
            " LIMIT $9), \
             sized AS (SELECT *, sum(octet_length(data)) OVER (ORDER BY turn ",
            $order,
            " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM page) \
             SELECT branch, turn, first_event_id, last_event_id, data FROM sized WHERE before IS NULL OR before < $10 \
             ORDER BY turn ",
            $order
        )
    };
}

const FORWARD: &str = read!(">=", "ASC");
const REVERSE: &str = read!("<=", "DESC");

#[async_trait]
impl History for Postgres {
    async fn read(&self, range: &HistoryRange) -> Result<Vec<TurnRow>, Error> {
        let chain = &range.key.chain;
        let number = |limit: usize| i64::try_from(limit).unwrap_or(i64::MAX);
        let query = || {
            sqlx::query(if range.reverse { REVERSE } else { FORWARD })
                .bind(chain.namespace.uuid())
                .bind(range.key.run.uuid())
                .bind(i64::from(chain.kind.number()))
                .bind(chain.id.as_str())
                .bind(range.branch.uuid())
                .bind(if range.reverse { range.to_event } else { range.from_event })
                .bind(range.from_event)
                .bind(range.to_event)
                .bind(number(range.max_rows))
                .bind(number(range.max_bytes))
        };
        Postgres::read(self, query).await?.iter().map(|row| crate::decode::turn(&range.key, row, 0)).collect()
    }
}
