//! The visibility store on SQLite: lists and counts read what lanes and others wrote.

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use model::visibility::VisibilityRow;
use model::{NamespaceId, Timestamp};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteRow;
use visibility::store::{Filling, TOMBSTONE_RETENTION};
use visibility::{Count, Deletion, Error, Filter, Page, PageKey, VisibilityStore};

use super::dialect::{Sqlite as Dialect, bind};
use super::error::store_error;
use super::writer::UnknownCommit;
use super::{Sqlite, searchable};
use crate::lists::{Asked, count, counted, fill, list_error, page};

const EXPIRE: &str = "DELETE FROM visibility_tombstone WHERE (namespace, run) IN \
     (SELECT namespace, run FROM visibility_tombstone WHERE deleted_at <= ? LIMIT ?)";

#[async_trait]
impl VisibilityStore for Sqlite {
    async fn upsert(&self, rows: Vec<VisibilityRow>) -> Result<(), Error> {
        let rows: Vec<&VisibilityRow> = rows.iter().collect();
        let mut turn = self.inner.writer.turn().await.map_err(list_error)?;
        let mut transaction = turn.begin().await.map_err(list_error)?;
        searchable::upsert(&mut transaction, &rows).await.map_err(list_error)?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| list_error(error))?;
        self.inner.checkpointer.note(rows.len() as u64, 0);
        Ok(())
    }

    async fn delete(&self, deletions: Vec<Deletion>) -> Result<(), Error> {
        let deletions: Vec<_> = deletions.iter().map(|one| (&one.run, one.version, one.at)).collect();
        let mut turn = self.inner.writer.turn().await.map_err(list_error)?;
        let mut transaction = turn.begin().await.map_err(list_error)?;
        searchable::delete(&mut transaction, &deletions).await.map_err(list_error)?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| list_error(error))?;
        self.inner.checkpointer.note(deletions.len() as u64, 0);
        Ok(())
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
        let mut turn = self.inner.writer.turn().await.map_err(list_error)?;
        let mut transaction = turn.begin().await.map_err(list_error)?;
        let query = sqlx::query(EXPIRE).bind((now - TOMBSTONE_RETENTION).as_nanos());
        let query = query.bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let gone = query.execute(&mut *transaction).await.map_err(|error| list_error(store_error(error)))?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| list_error(error))?;
        Ok(usize::try_from(gone.rows_affected()).unwrap_or(usize::MAX))
    }
}

impl Sqlite {
    /// Runs a query made of our own text; it is not kept prepared, since each filter makes another.
    async fn ask(&self, asked: Asked<Dialect>) -> Result<Vec<SqliteRow>, Error> {
        self.inner.writer.check().map_err(list_error)?;
        let mut reader = self.inner.list_readers.acquire().await.map_err(|error| list_error(store_error(error)))?;
        let query = sqlx::query(AssertSqlSafe(asked.text)).persistent(false);
        let query = asked.sql.parameters.into_iter().fold(query, |query, parameter| bind(parameter, query));
        query.fetch_all(&mut *reader).await.map_err(|error| list_error(store_error(error)))
    }
}
