//! Namespaces.

use async_trait::async_trait;
use model::NamespaceId;
use persistence::{Error, NamespaceRow, Namespaces};

use super::Postgres;
use super::decode::int;
use super::error::is_conflict;
use super::statement::{Failure, Query, run};
use crate::decode::namespace;

const CREATE: &str = "INSERT INTO namespace (id, name, version, data) VALUES ($1, $2, $3, $4) RETURNING 1";
const UPDATE: &str = "UPDATE namespace SET name = $2, version = $3, data = $4 WHERE id = $1 AND version = $3 - 1 RETURNING 1";
const LIST: &str = "SELECT id, name, version, data FROM namespace ORDER BY name";
const DELETE: &str = "DELETE FROM namespace WHERE id = $1";

#[async_trait]
impl Namespaces for Postgres {
    async fn create(&self, row: &NamespaceRow) -> Result<(), Error> {
        self.write_namespace(CREATE, row).await
    }

    async fn update(&self, row: &NamespaceRow) -> Result<(), Error> {
        self.write_namespace(UPDATE, row).await
    }

    async fn list(&self) -> Result<Vec<NamespaceRow>, Error> {
        self.read(|| sqlx::query(LIST)).await?.iter().map(namespace).collect()
    }

    async fn delete(&self, id: NamespaceId) -> Result<(), Error> {
        self.write(sqlx::query(DELETE).bind(id.uuid())).await.map(drop)
    }
}

impl Postgres {
    /// Runs a statement that changes this one row.
    async fn write_namespace(&self, text: &'static str, row: &NamespaceRow) -> Result<(), Error> {
        let query: Query = sqlx::query(text).bind(row.id.uuid()).bind(row.name.as_str());
        let query = query.bind(int(row.version)).bind(row.data.as_ref());
        match run(&self.inner.writers, query).await {
            Ok(changed) if changed.is_empty() => Err(Error::Conflict("the namespace")),
            Ok(_) => Ok(()),
            Err(Failure::Sent(error)) if is_conflict(&error) => Err(Error::Conflict("the namespace")),
            Err(failure) => Err(failure.into()),
        }
    }
}
