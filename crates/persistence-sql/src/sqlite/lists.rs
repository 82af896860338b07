//! The visibility store on SQLite: lists and counts read what lanes and others wrote.

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use model::visibility::{ExecutionStatus, SearchAttributeType, SearchAttributeValue, VisibilityRow};
use model::{NamespaceId, RunId, Timestamp, WorkflowId};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteRow;
use visibility::attribute::SystemAttribute;
use visibility::store::{MAX_PAGE_SIZE, TOMBSTONE_RETENTION};
use visibility::{Column, Count, Deletion, Error, Filter, Group, Page, PageKey, VisibilityStore};

use super::decode::{chain_key, get, run_id, workflow_id};
use super::error::store_error;
use super::lower::{Parameter, Sql, names_executions};
use super::writer::UnknownCommit;
use super::{Sqlite, attributes, searchable};

const COLUMNS: &str = "namespace, kind, workflow_id, run, version, workflow_type, task_queue, status, start_time, \
     execution_time, close_time, history_length, history_size_bytes, state_transition_count, parent_workflow_id, \
     parent_run, root_workflow_id, root_run, memo, attributes";
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
        let page_size = page_size.clamp(1, MAX_PAGE_SIZE);
        let (text, sql) = page_query(namespace, filter, page_size, after)?;
        let found = self.ask(text, sql).await?;
        let rows = found.iter().take(page_size).map(row).collect::<Result<Vec<_>, _>>().map_err(list_error)?;
        let next = if found.len() > page_size { rows.last().map(PageKey::of) } else { None };
        Ok(Page { rows, next })
    }

    async fn count(&self, namespace: NamespaceId, filter: &Filter) -> Result<Count, Error> {
        let mut sql = Sql::default();
        let Some(column) = &filter.group_by else {
            let text = format!("SELECT count(*) FROM visibility {}", wanted(&mut sql, namespace, filter)?);
            let rows = self.ask(text, sql).await?;
            let total = rows.first().map_or(Ok(0), |row| get(row, 0)).map_err(list_error)?;
            return Ok(Count { total, groups: Vec::new() });
        };
        let status = *column == Column::System(SystemAttribute::ExecutionStatus);
        if column.ty() != SearchAttributeType::Keyword {
            return Err(Error::Unsupported("only columns with few exact values can be grouped".to_owned()));
        }
        let value = sql.column(column, false);
        let wanted = wanted(&mut sql, namespace, filter)?;
        let text = format!("SELECT {value} AS value, count(*) FROM visibility {wanted} GROUP BY 1 ORDER BY 1 NULLS LAST");
        let rows = self.ask(text, sql).await?;
        let groups = rows.iter().map(|row| group(row, status)).collect::<Result<Vec<_>, _>>().map_err(list_error)?;
        Ok(Count { total: groups.iter().map(|group| group.count).sum(), groups })
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
    async fn ask(&self, text: String, sql: Sql) -> Result<Vec<SqliteRow>, Error> {
        let mut reader = self.reader().await.map_err(list_error)?;
        let query = sqlx::query(AssertSqlSafe(text)).persistent(false);
        let query = sql.parameters.into_iter().fold(query, |query, parameter| parameter.bind(query));
        query.fetch_all(&mut *reader).await.map_err(|error| list_error(store_error(error)))
    }
}

/// Asks for one row more than the page holds, to know whether there is a next one.
fn page_query(namespace: NamespaceId, filter: &Filter, page_size: usize, after: Option<PageKey>) -> Result<(String, Sql), Error> {
    let mut sql = Sql::default();
    let mut text = format!("SELECT {COLUMNS} FROM visibility {}", wanted(&mut sql, namespace, filter)?);
    // A plus takes a column out of the planner's sight: it would rather walk the whole order than sort a few rows.
    let plus = if names_executions(&filter.condition) { "+" } else { "" };
    if let Some(after) = after {
        // An index seeks the two that fall; the run, which rises, only decides between rows of the same moment.
        text.push_str(&format!(
            " AND ({plus}closed, {plus}start_time) <= (?, ?) AND NOT (+closed = ? AND +start_time = ? AND run <= ?)"
        ));
        let closed = Parameter::Int(after.close_time.unwrap_or(Timestamp::MAX).as_nanos());
        let started = Parameter::Int(after.start_time.as_nanos());
        let run = Parameter::Blob(after.run_id.as_bytes().to_vec());
        sql.parameters.extend([closed.clone(), started.clone(), closed, started, run]);
    }
    text.push_str(&format!(" ORDER BY {plus}closed DESC, start_time DESC, run LIMIT ?"));
    sql.parameters.push(Parameter::Int(i64::try_from(page_size + 1).unwrap_or(i64::MAX)));
    Ok((text, sql))
}

/// The condition on every row of a list.
fn wanted(sql: &mut Sql, namespace: NamespaceId, filter: &Filter) -> Result<String, Error> {
    sql.parameters.push(Parameter::Blob(namespace.as_bytes().to_vec()));
    sql.parameters.push(Parameter::Int(i64::from(filter.kind.number())));
    Ok(format!("WHERE namespace = ? AND kind = ? AND {}", filter.condition.lower(sql)?))
}

fn group(row: &SqliteRow, status: bool) -> Result<Group, persistence::Error> {
    let value = if status { Some(execution_status(get(row, 0)?)?.name().to_owned()) } else { get::<Option<String>>(row, 0)? };
    Ok(Group { value: value.map(SearchAttributeValue::Keyword), count: get(row, 1)? })
}

fn row(row: &SqliteRow) -> Result<VisibilityRow, persistence::Error> {
    let chain = chain_key(row, 0)?;
    let named =
        |id: &str, run: &[u8]| -> Result<(WorkflowId, RunId), persistence::Error> { Ok((workflow_id(id)?, run_id(run)?)) };
    let parent = match (get::<Option<&str>>(row, 14)?, get::<Option<&[u8]>>(row, 15)?) {
        (Some(id), Some(run)) => Some(named(id, run)?),
        _ => None,
    };
    Ok(VisibilityRow {
        namespace: chain.namespace,
        kind: chain.kind,
        workflow_id: chain.id,
        run_id: run_id(get(row, 3)?)?,
        version: get(row, 4)?,
        workflow_type: get(row, 5)?,
        task_queue: get(row, 6)?,
        status: execution_status(get(row, 7)?)?,
        start_time: Timestamp::from_nanos(get(row, 8)?),
        execution_time: Timestamp::from_nanos(get(row, 9)?),
        close_time: get::<Option<i64>>(row, 10)?.map(Timestamp::from_nanos),
        history_length: get(row, 11)?,
        history_size_bytes: get(row, 12)?,
        state_transition_count: get(row, 13)?,
        parent,
        root: named(get(row, 16)?, get(row, 17)?)?,
        memo: get(row, 18)?,
        search_attributes: attributes::decode(get(row, 19)?)?,
    })
}

fn execution_status(number: i32) -> Result<ExecutionStatus, persistence::Error> {
    ExecutionStatus::from_number(number).ok_or_else(|| persistence::Error::Corrupt(format!("execution status {number}")))
}

/// The same error in the words of lists.
fn list_error(error: persistence::Error) -> Error {
    match error {
        persistence::Error::Corrupt(what) => Error::Corrupt(what),
        persistence::Error::Unavailable(source) => Error::Unavailable(source.to_string()),
        other => Error::Unavailable(other.to_string()),
    }
}
