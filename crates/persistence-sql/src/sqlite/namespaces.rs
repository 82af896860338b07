//! Namespaces.

use async_trait::async_trait;
use model::NamespaceId;
use persistence::{Error, NamespaceRow, Namespaces};

use super::Sqlite;
use super::decode::{fetch, int};
use super::error::{is_conflict, store_error};
use super::multi_row::Query;
use super::writer::UnknownCommit;
use crate::decode::namespace;

const CREATE: &str = "INSERT INTO namespace (id, name, version, data) VALUES (?, ?, ?, ?)";
const UPDATE: &str = "UPDATE namespace SET name = ?2, version = ?3, data = ?4 WHERE id = ?1 AND version = ?3 - 1";
const LIST: &str = "SELECT id, name, version, data FROM namespace ORDER BY name";
const DELETE: &str = "DELETE FROM namespace WHERE id = ?";

#[async_trait]
impl Namespaces for Sqlite {
    async fn create(&self, row: &NamespaceRow) -> Result<(), Error> {
        self.write_namespace(bind(CREATE, row)).await.map(drop)
    }

    async fn update(&self, row: &NamespaceRow) -> Result<(), Error> {
        match self.write_namespace(bind(UPDATE, row)).await? {
            0 => Err(Error::Conflict("the namespace")),
            _ => Ok(()),
        }
    }

    async fn list(&self) -> Result<Vec<NamespaceRow>, Error> {
        let mut reader = self.reader().await?;
        fetch(sqlx::query(LIST), &mut reader).await?.iter().map(namespace).collect()
    }

    async fn delete(&self, id: NamespaceId) -> Result<(), Error> {
        self.write_namespace(sqlx::query(DELETE).bind(id.as_bytes().to_vec())).await.map(drop)
    }
}

fn bind(text: &'static str, row: &NamespaceRow) -> Query {
    let query = sqlx::query(text).bind(row.id.as_bytes().to_vec()).bind(row.name.clone());
    query.bind(int(row.version)).bind(row.data.to_vec())
}

impl Sqlite {
    /// Runs one statement in a transaction of its own; returns how many rows it changed.
    async fn write_namespace(&self, query: Query) -> Result<u64, Error> {
        let mut turn = self.inner.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let changed = query.execute(&mut *transaction).await.map_err(|error| match error {
            error if is_conflict(&error) => Error::Conflict("the namespace"),
            error => store_error(error),
        })?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)?;
        Ok(changed.rows_affected())
    }
}
