//! The end of a run's log, kept in memory as it was written, so that what a worker polls needs no read.

use std::collections::VecDeque;

use bytes::Bytes;
use prost::Message;
use proto::aevum::persistence::v1::{Turn, entry};
use proto::temporal::api::history::v1::HistoryEvent;

/// Recent rows that hold events, oldest first, without gaps.
#[derive(Debug, Default)]
pub(crate) struct RecentEvents {
    rows: VecDeque<Row>,
    bytes: usize,
}

#[derive(Debug)]
struct Row {
    first: i64,
    last: i64,
    data: Bytes,
}

impl RecentEvents {
    /// Adds a row with events `first..=last`; drops the oldest rows past `bound` bytes.
    pub(crate) fn push(&mut self, first: i64, last: i64, data: Bytes, bound: usize) {
        if self.rows.back().is_some_and(|row| row.last + 1 != first) {
            self.clear();
        }
        self.bytes += data.len();
        self.rows.push_back(Row { first, last, data });
        while self.bytes > bound {
            match self.rows.pop_front() {
                Some(row) => self.bytes -= row.data.len(),
                None => break,
            }
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.bytes = 0;
    }

    /// Bytes held.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The rows that hold events `from..to`, if all of them are here.
    pub(crate) fn rows(&self, from: i64, to: i64) -> Option<Vec<Bytes>> {
        if from >= to {
            return Some(Vec::new());
        }
        if self.rows.front().is_none_or(|row| row.first > from) || self.rows.back().is_none_or(|row| row.last + 1 < to) {
            return None;
        }
        Some(self.rows.iter().filter(|row| row.last >= from && row.first < to).map(|row| row.data.clone()).collect())
    }
}

/// The events `from..to` of an encoded row, oldest first.
pub(crate) fn decode(data: Bytes, from: i64, to: i64) -> Result<Vec<HistoryEvent>, persistence::Error> {
    let turn = Turn::decode(data).map_err(|error| persistence::Error::Corrupt(format!("a row of history: {error}")))?;
    if turn.format > persistence::codec::FORMAT {
        return Err(persistence::Error::NewerFormat { found: turn.format, known: persistence::codec::FORMAT });
    }
    let events = turn.entries.into_iter().filter_map(|entry| match entry.kind {
        Some(entry::Kind::Event(event)) => Some(event),
        _ => None,
    });
    Ok(events.filter(|event| from <= event.event_id && event.event_id < to).collect())
}
