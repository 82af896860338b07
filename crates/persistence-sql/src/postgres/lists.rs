//! The visibility store on PostgreSQL: lists and counts read what lanes and others wrote.

use std::collections::HashMap;

use async_trait::async_trait;
use model::visibility::VisibilityRow;
use model::{NamespaceId, RunKey, Timestamp};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgRow;
use visibility::store::{Filling, TOMBSTONE_RETENTION};
use visibility::{Count, Deletion, Error, Filter, Page, PageKey, VisibilityStore};

use super::Postgres;
use super::decode::Columns;
use super::dialect::{Postgres as Dialect, bind};
use super::statement::read_from;
use crate::lists::{Asked, count, counted, fill, list_error, page};

const EXPIRE: &str = "WITH gone AS (DELETE FROM visibility_tombstone WHERE (namespace, run) IN \
     (SELECT namespace, run FROM visibility_tombstone WHERE deleted_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1) \
     SELECT count(*) FROM gone";

#[async_trait]
impl VisibilityStore for Postgres {
    async fn upsert(&self, rows: Vec<VisibilityRow>) -> Result<(), Error> {
        self.show(&newest(&rows)).await.map_err(list_error)
    }

    async fn delete(&self, deletions: Vec<Deletion>) -> Result<(), Error> {
        self.hide(&newest_deletions(&deletions)).await.map_err(list_error)
    }

    async fn list(
        &self,
        namespace: NamespaceId,
        filter: &Filter,
        page_size: usize,
        after: Option<PageKey>,
    ) -> Result<Page, Error> {
        let mut filling = Filling::new(page_size);
        loop {
            let wanted = filling.wanted();
            let found = self.ask(page(namespace, filter, wanted, filling.last().or(after))?).await?;
            if fill(&mut filling, wanted, &found)? {
                return Ok(filling.finish());
            }
        }
    }

    async fn count(&self, namespace: NamespaceId, filter: &Filter) -> Result<Count, Error> {
        let rows = self.ask(count(namespace, filter)?).await?;
        counted(filter, &rows).map_err(list_error)
    }

    async fn expire_tombstones(&self, now: Timestamp, limit: usize) -> Result<usize, Error> {
        let query = sqlx::query(EXPIRE).bind((now - TOMBSTONE_RETENTION).as_nanos());
        let rows = self.write(query.bind(i64::try_from(limit).unwrap_or(i64::MAX))).await.map_err(list_error)?;
        rows.first().map_or(Ok(0), |row| row.small(0)).map_err(list_error)
    }
}

impl Postgres {
    /// Runs a query made of our own text; it is not kept prepared, since each filter makes another.
    async fn ask(&self, asked: Asked<Dialect>) -> Result<Vec<PgRow>, Error> {
        let query = || {
            let query = sqlx::query(AssertSqlSafe(asked.text.clone())).persistent(false);
            asked.sql.parameters.iter().fold(query, |query, parameter| bind(parameter.clone(), query))
        };
        read_from(&self.inner.list_readers, query).await.map_err(list_error)
    }
}

/// Of each run the newest row: a statement writes a row once.
fn newest(rows: &[VisibilityRow]) -> Vec<&VisibilityRow> {
    let mut newest: HashMap<RunKey, &VisibilityRow> = HashMap::with_capacity(rows.len());
    for row in rows {
        let seen = newest.entry(row.key()).or_insert(row);
        if row.version > seen.version {
            *seen = row;
        }
    }
    newest.into_values().collect()
}

/// Of each run the newest deletion.
fn newest_deletions(deletions: &[Deletion]) -> Vec<Deletion> {
    let mut newest: HashMap<&RunKey, Deletion> = HashMap::with_capacity(deletions.len());
    for deletion in deletions {
        let seen = newest.entry(&deletion.run).or_insert_with(|| deletion.clone());
        seen.version = seen.version.max(deletion.version);
        seen.at = seen.at.max(deletion.at);
    }
    newest.into_values().collect()
}
