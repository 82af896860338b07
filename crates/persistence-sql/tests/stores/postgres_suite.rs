//! PostgreSQL keeps every law of the store traits and of lists. A crash is one of the server process: a batch half written,
//! every session ended, and another process that opens what is there.

use std::sync::Arc;

use async_trait::async_trait;
use model::RunKey;
use persistence::conformance::{self, Fresh, Subject};
use persistence::{Error, Stores};
use persistence_sql::Postgres;
use persistence_sql::postgres::Options;
use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::postgres_database::{Databases, end_sessions, run};

struct Database {
    options: Options,
    store: Postgres,
}

#[async_trait]
impl Subject for Database {
    fn stores(&self) -> Stores {
        self.store.stores()
    }

    async fn visible(&self) -> Result<Vec<(RunKey, i64)>, Error> {
        self.store.searchable_versions().await
    }

    async fn crash(&mut self) -> Result<(), Error> {
        let mut half = PgConnection::connect(&self.options.url).await.expect("a connection");
        run(&mut half, "BEGIN; UPDATE lane SET seq = seq + 1; DELETE FROM turn; UPDATE run SET status = 9".to_owned()).await;
        end_sessions(&self.options).await;
        self.store = Postgres::open(&self.options).await.expect("what is left");
        Ok(())
    }
}

#[async_trait]
impl Fresh for Databases {
    async fn fresh(&self) -> Box<dyn Subject> {
        let (options, store) = self.cheap().await;
        Box::new(Database { options, store })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_every_law() {
    let databases = Databases::default();
    let verdict = conformance::check(&databases).await;
    databases.drop().await;
    assert_eq!(verdict, Ok(()));
}

#[async_trait]
impl visibility::conformance::Fresh for Databases {
    async fn fresh(&self) -> Arc<dyn visibility::VisibilityStore> {
        Arc::new(self.cheap().await.1)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_every_law_of_lists() {
    let databases = Databases::default();
    let verdict = visibility::conformance::check(&databases).await;
    databases.drop().await;
    assert_eq!(verdict, Ok(()));
}
