//! Matching's stored backlog. Every write is one statement that begins at the queue's row: where its epoch is another one,
//! nothing follows from it.

use std::collections::HashMap;

use async_trait::async_trait;
use model::{Epoch, MemberId};
use persistence::{Backlog, BacklogKey, Error, Levels, SpilledTask};
use sqlx::postgres::PgRow;

use super::Postgres;
use super::columns::column;
use super::decode::{Columns, int};
use super::statement::Query;
use crate::decode::{backlog_key, queue_kind, task};

const ACQUIRE: &str = "INSERT INTO task_queue AS q (namespace, kind, name, owner, epoch) VALUES ($1, $2, $3, $4, 1) \
     ON CONFLICT (namespace, kind, name) DO UPDATE SET epoch = q.epoch + 1, owner = excluded.owner RETURNING epoch";
const SPILL: &str = "WITH q AS (SELECT id FROM task_queue WHERE namespace = $1 AND kind = $2 AND name = $3 AND epoch = $4 \
       FOR NO KEY UPDATE), \
     spilled AS (INSERT INTO backlog (queue, run, scheduled_event_id, attempt, stamp, priority, added, expires, namespace, kind, \
       workflow_id) SELECT q.id, k.* FROM q CROSS JOIN unnest($5::uuid[], $6::bigint[], $7::integer[], $8::integer[], \
       $9::integer[], $10::bigint[], $11::bigint[], $12::uuid[], $13::bigint[], $14::text[]) k \
       ON CONFLICT (queue, run, scheduled_event_id, attempt, stamp) DO UPDATE SET priority = excluded.priority, \
       added = excluded.added, expires = excluded.expires, namespace = excluded.namespace, kind = excluded.kind, \
       workflow_id = excluded.workflow_id) \
     SELECT id FROM q";
const REMOVE: &str = "WITH q AS (SELECT id FROM task_queue WHERE namespace = $1 AND kind = $2 AND name = $3 AND epoch = $4 \
       FOR NO KEY UPDATE), \
     removed AS (DELETE FROM backlog b USING q, unnest($5::uuid[], $6::bigint[], $7::integer[], $8::integer[]) \
       AS k (run, event, attempt, stamp) WHERE b.queue = q.id AND b.run = k.run AND b.scheduled_event_id = k.event \
       AND b.attempt = k.attempt AND b.stamp = k.stamp) \
     SELECT id FROM q";
const READ: &str = "SELECT namespace, kind, workflow_id, run, scheduled_event_id, attempt, stamp, priority, added, expires \
     FROM backlog WHERE queue = (SELECT id FROM task_queue WHERE namespace = $1 AND kind = $2 AND name = $3) \
     ORDER BY priority, added, run, scheduled_event_id, attempt, stamp LIMIT $4";
const READ_AFTER: &str = "SELECT namespace, kind, workflow_id, run, scheduled_event_id, attempt, stamp, priority, added, expires \
     FROM backlog WHERE queue = (SELECT id FROM task_queue WHERE namespace = $1 AND kind = $2 AND name = $3) \
     AND (priority, added, run, scheduled_event_id, attempt, stamp) > ($5, $6, $7, $8, $9, $10) \
     ORDER BY priority, added, run, scheduled_event_id, attempt, stamp LIMIT $4";
const COUNT: &str = "SELECT priority, count(*), min(added) FROM backlog \
     WHERE queue = (SELECT id FROM task_queue WHERE namespace = $1 AND kind = $2 AND name = $3) GROUP BY priority";
const QUEUES: &str = "SELECT namespace, kind, name FROM task_queue q \
     WHERE EXISTS (SELECT 1 FROM backlog WHERE queue = q.id) ORDER BY namespace, kind, name";

#[async_trait]
impl Backlog for Postgres {
    async fn acquire(&self, queue: &BacklogKey, me: MemberId) -> Result<Epoch, Error> {
        let rows = self.write(of(ACQUIRE, queue).bind(me.uuid())).await?;
        let row = rows.first().ok_or(Error::Conflict("the task queue"))?;
        Ok(Epoch::new(row.unsigned(0)?))
    }

    async fn spill(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error> {
        // A statement writes a row once: of a repeated task the last counts.
        let last: HashMap<_, &SpilledTask> = tasks.iter().map(|task| (identity(task), task)).collect();
        let tasks: Vec<&SpilledTask> = last.into_values().collect();
        let query = bind_tasks(of(SPILL, queue).bind(int(epoch.get())), &tasks)
            .bind(column(&tasks, |task| task.priority))
            .bind(column(&tasks, |task| task.added.as_nanos()))
            .bind(column(&tasks, |task| task.expires.as_nanos()))
            .bind(column(&tasks, |task| task.key.namespace.uuid()))
            .bind(column(&tasks, |task| i64::from(task.key.kind.number())))
            .bind(column(&tasks, |task| task.key.id.as_str()));
        fenced(&self.write(query).await?)
    }

    async fn read(&self, queue: &BacklogKey, after: Option<&SpilledTask>, limit: usize) -> Result<Vec<SpilledTask>, Error> {
        let query = || {
            let query = of(if after.is_some() { READ_AFTER } else { READ }, queue);
            let query = query.bind(i64::try_from(limit).unwrap_or(i64::MAX));
            let Some(task) = after else { return query };
            let query = query.bind(task.priority).bind(task.added.as_nanos()).bind(task.run.uuid());
            query.bind(task.scheduled_event_id).bind(task.attempt).bind(task.stamp)
        };
        Postgres::read(self, query).await?.iter().map(task).collect()
    }

    async fn remove(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error> {
        let tasks: Vec<&SpilledTask> = tasks.iter().collect();
        fenced(&self.write(bind_tasks(of(REMOVE, queue).bind(int(epoch.get())), &tasks)).await?)
    }

    async fn count(&self, queue: &BacklogKey) -> Result<Levels, Error> {
        let level = |row: &PgRow| Ok((row.small(0)?, (row.unsigned(1)?, row.moment(2)?)));
        Postgres::read(self, || of(COUNT, queue)).await?.iter().map(level).collect()
    }

    async fn queues(&self) -> Result<Vec<BacklogKey>, Error> {
        Postgres::read(self, || sqlx::query(QUEUES)).await?.iter().map(backlog_key).collect()
    }
}

fn of(text: &'static str, queue: &BacklogKey) -> Query {
    sqlx::query(text).bind(queue.namespace.uuid()).bind(queue_kind(queue.kind)).bind(queue.queue.as_str())
}

/// What makes a task the same task.
fn identity(task: &SpilledTask) -> (model::RunId, i64, i32, i32) {
    (task.run, task.scheduled_event_id, task.attempt, task.stamp)
}

fn bind_tasks(query: Query, tasks: &[&SpilledTask]) -> Query {
    query
        .bind(column(tasks, |task| task.run.uuid()))
        .bind(column(tasks, |task| task.scheduled_event_id))
        .bind(column(tasks, |task| task.attempt))
        .bind(column(tasks, |task| task.stamp))
}

/// The statement answers with the queue where the epoch was right.
fn fenced(rows: &[PgRow]) -> Result<(), Error> {
    if rows.is_empty() { Err(Error::Fenced("the task queue")) } else { Ok(()) }
}
