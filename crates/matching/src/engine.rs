//! The pure part of matching: a queue as a value. No async, no clock, no locks; pollers and queries are opaque handles.

mod pollers;
mod rate;
mod task_queue;

pub(crate) use pollers::{PollerNote, PollerNotes};
use rate::{RateLimit, RateWindow};
pub(crate) use task_queue::{Match, Task, TaskId, TaskQueue, Work};
