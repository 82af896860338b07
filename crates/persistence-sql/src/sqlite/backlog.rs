//! Matching's stored backlog.

use async_trait::async_trait;
use model::{Epoch, MemberId, Timestamp};
use persistence::{Backlog, BacklogKey, Error, Levels, SpilledTask};
use sqlx::sqlite::{Sqlite as Database, SqliteRow};
use sqlx::{SqliteConnection, Transaction};

use super::Sqlite;
use super::decode::{Columns, fetch, get};
use super::error::store_error;
use super::multi_row::{MultiRow, Query};
use super::writer::{Turn, UnknownCommit};
use crate::decode::{backlog_key, queue_kind, task};

const ACQUIRE: &str = "INSERT INTO task_queue (namespace, kind, name, owner, epoch) VALUES (?, ?, ?, ?, 1) \
     ON CONFLICT (namespace, kind, name) DO UPDATE SET epoch = epoch + 1, owner = excluded.owner RETURNING epoch";
const FIND: &str = "SELECT id, epoch FROM task_queue WHERE namespace = ? AND kind = ? AND name = ?";
static SPILL: MultiRow = MultiRow::new(
    "INSERT OR REPLACE INTO backlog (queue, priority, added, run, scheduled_event_id, attempt, stamp, expires, \
     namespace, kind, workflow_id) VALUES ",
    "(?,?,?,?,?,?,?,?,?,?,?)",
    "",
);
static REMOVE: MultiRow = MultiRow::new(
    "WITH k (queue, run, scheduled_event_id, attempt, stamp) AS (VALUES ",
    "(?,?,?,?,?)",
    ") DELETE FROM backlog WHERE (queue, run, scheduled_event_id, attempt, stamp) IN (SELECT * FROM k)",
);
const READ: &str = "SELECT namespace, kind, workflow_id, run, scheduled_event_id, attempt, stamp, priority, added, expires \
     FROM backlog WHERE queue = ?1 ORDER BY priority, added, run, scheduled_event_id, attempt, stamp LIMIT ?2";
const READ_AFTER: &str = "SELECT namespace, kind, workflow_id, run, scheduled_event_id, attempt, stamp, priority, added, \
     expires FROM backlog WHERE queue = ?1 \
     AND (priority, added, run, scheduled_event_id, attempt, stamp) > (?3, ?4, ?5, ?6, ?7, ?8) \
     ORDER BY priority, added, run, scheduled_event_id, attempt, stamp LIMIT ?2";
const COUNT: &str = "SELECT priority, count(*), min(added) FROM backlog WHERE queue = ? GROUP BY priority";
const QUEUES: &str = "SELECT namespace, kind, name FROM task_queue q \
     WHERE EXISTS (SELECT 1 FROM backlog WHERE queue = q.id) ORDER BY namespace, kind, name";

#[async_trait]
impl Backlog for Sqlite {
    async fn acquire(&self, queue: &BacklogKey, me: MemberId) -> Result<Epoch, Error> {
        let mut turn = self.inner.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let query = bind_queue(ACQUIRE, queue).bind(me.as_bytes().to_vec());
        let row = query.fetch_one(&mut *transaction).await.map_err(store_error)?;
        let epoch = row.unsigned(0)?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)?;
        Ok(Epoch::new(epoch))
    }

    async fn spill(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error> {
        let mut turn = self.inner.writer.turn().await?;
        let (id, mut transaction) = fenced(&mut turn, queue, epoch).await?;
        let bind = |query: Query, task: &SpilledTask| {
            let query = query.bind(id).bind(task.priority).bind(task.added.as_nanos());
            let query = bind_task(query, task).bind(task.expires.as_nanos());
            let query = query.bind(task.key.namespace.as_bytes().to_vec()).bind(i64::from(task.key.kind.number()));
            query.bind(task.key.id.as_str().to_owned())
        };
        SPILL.execute(&mut transaction, tasks, bind).await.map_err(store_error)?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)?;
        self.inner.checkpointer.note(tasks.len() as u64, 0);
        Ok(())
    }

    async fn read(&self, queue: &BacklogKey, after: Option<&SpilledTask>, limit: usize) -> Result<Vec<SpilledTask>, Error> {
        let mut reader = self.reader().await?;
        let Some((id, _)) = find(&mut reader, queue).await? else { return Ok(Vec::new()) };
        let query = sqlx::query(if after.is_some() { READ_AFTER } else { READ });
        let mut query = query.bind(id).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        if let Some(task) = after {
            query = bind_task(query.bind(task.priority).bind(task.added.as_nanos()), task);
        }
        fetch(query, &mut reader).await?.iter().map(task).collect()
    }

    async fn remove(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error> {
        let mut turn = self.inner.writer.turn().await?;
        let (id, mut transaction) = fenced(&mut turn, queue, epoch).await?;
        let bind = |query: Query, task: &SpilledTask| bind_task(query.bind(id), task);
        REMOVE.execute(&mut transaction, tasks, bind).await.map_err(store_error)?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)?;
        self.inner.checkpointer.note(tasks.len() as u64, 0);
        Ok(())
    }

    async fn count(&self, queue: &BacklogKey) -> Result<Levels, Error> {
        let mut reader = self.reader().await?;
        let Some((id, _)) = find(&mut reader, queue).await? else { return Ok(Levels::new()) };
        let level = |row: &SqliteRow| Ok((row.small(0)?, (row.unsigned(1)?, Timestamp::from_nanos(row.int(2)?))));
        fetch(sqlx::query(COUNT).bind(id), &mut reader).await?.iter().map(level).collect()
    }

    async fn queues(&self) -> Result<Vec<BacklogKey>, Error> {
        let mut reader = self.reader().await?;
        fetch(sqlx::query(QUEUES), &mut reader).await?.iter().map(backlog_key).collect()
    }
}

/// Begins a transaction on a queue whose epoch still is this one.
async fn fenced<'t>(turn: &'t mut Turn<'_>, queue: &BacklogKey, epoch: Epoch) -> Result<(i64, Transaction<'t, Database>), Error> {
    let mut transaction = turn.begin().await?;
    match find(&mut transaction, queue).await? {
        Some((id, stored)) if stored == epoch => Ok((id, transaction)),
        _ => Err(Error::Fenced("the task queue")),
    }
}

async fn find(connection: &mut SqliteConnection, queue: &BacklogKey) -> Result<Option<(i64, Epoch)>, Error> {
    let row = bind_queue(FIND, queue).fetch_optional(connection).await.map_err(store_error)?;
    row.map(|row| Ok((get(&row, 0)?, Epoch::new(row.unsigned(1)?)))).transpose()
}

fn bind_queue(text: &'static str, queue: &BacklogKey) -> Query {
    sqlx::query(text).bind(queue.namespace.as_bytes().to_vec()).bind(queue_kind(queue.kind)).bind(queue.queue.as_str().to_owned())
}

fn bind_task(query: Query, task: &SpilledTask) -> Query {
    query.bind(task.run.as_bytes().to_vec()).bind(task.scheduled_event_id).bind(task.attempt).bind(task.stamp)
}
