//! The tables by version: set up, updated under load, broken off and gone on with, refused where they are too new.

use std::sync::Arc;

use persistence_sql::Postgres;
use persistence_sql::postgres::schema::{self, STEPS, Step, Work};
use persistence_sql::postgres::{OpenError, Options};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Row};

use super::postgres_database::{Databases, run};

async fn count(options: &Options, text: &'static str) -> i64 {
    let mut connection = PgConnection::connect(&options.url).await.expect("the server runs");
    sqlx::query(text).fetch_one(&mut connection).await.expect("a number").get(0)
}

fn with(more: &[Step]) -> Vec<Step> {
    STEPS.iter().chain(more).copied().collect()
}

fn step(number: u32, work: Work) -> Step {
    Step { version: STEPS.len() as u32 + number, name: "more", work, oldest: 1 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setup_creates_database_and_tables_and_does_nothing_twice() {
    let databases = Databases::default();
    let options = databases.unused();
    let missing = Postgres::open(&options).await.unwrap_err();
    assert!(missing.may_pass() && missing.to_string().contains("aevum schema setup"), "{missing}");
    let absent = schema::status(&options).await.unwrap_err();
    assert!(matches!(absent, OpenError::NoDatabase(_)), "{absent}");

    // Several at once, as when every server of a cluster is started with --auto-setup.
    let options = Arc::new(options);
    let mut together = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let options = Arc::clone(&options);
        together.spawn(async move { schema::setup(&options).await });
    }
    while let Some(done) = together.join_next().await {
        assert_eq!(done.unwrap().unwrap().missing, Vec::<&str>::new());
    }
    assert_eq!(schema::status(&options).await.unwrap().version, STEPS.len() as u32);
    assert_eq!(count(&options, "SELECT count(*) FROM schema_version").await, STEPS.len() as i64);
    Postgres::open(&options).await.unwrap();
    databases.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_without_a_step_are_named_and_updated() {
    let databases = Databases::default();
    let (options, _store) = databases.fresh().await;
    let mut connection = PgConnection::connect(&options.url).await.unwrap();
    run(&mut connection, "DELETE FROM schema_version WHERE version = 2".to_owned()).await;
    let outdated = Postgres::open(&options).await.unwrap_err();
    assert!(outdated.may_pass() && outdated.to_string().contains("aevum schema update"), "{outdated}");
    assert_eq!(schema::status(&options).await.unwrap().missing, ["commit"]);
    // The step had been done, and only its note was lost: it can run again.
    schema::update(&options).await.unwrap();
    Postgres::open(&options).await.unwrap();
    databases.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newer_tables_serve_an_older_binary_until_a_step_says_otherwise() {
    let databases = Databases::default();
    let (options, store) = databases.fresh().await;
    let expand = step(1, Work::Whole("ALTER TABLE run ADD COLUMN note text"));
    schema::apply(&options, &with(&[expand])).await.unwrap();
    // This binary knows nothing of that step, and goes on; an older set of steps changes nothing.
    Postgres::open(&options).await.unwrap();
    store.stores().cluster.shards().await.unwrap();
    assert_eq!(schema::update(&options).await.unwrap().version, STEPS.len() as u32 + 1);

    let contract = Step { oldest: STEPS.len() as u32 + 1, ..step(2, Work::Whole("ALTER TABLE run DROP COLUMN note")) };
    schema::apply(&options, &with(&[expand, contract])).await.unwrap();
    for refused in [Postgres::open(&options).await.map(drop), schema::update(&options).await.map(drop)] {
        let refused = refused.unwrap_err();
        assert!(!refused.may_pass() && refused.to_string().contains("upgrade"), "{refused}");
    }
    databases.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn update_that_broke_off_goes_on_where_it_was() {
    let databases = Databases::default();
    let (options, _store) = databases.fresh().await;
    // A step in a transaction leaves nothing of itself.
    let bad = step(1, Work::Whole("CREATE TABLE extra (n int); SELECT 1 / 0"));
    assert!(schema::apply(&options, &with(&[bad])).await.is_err());
    assert_eq!(count(&options, "SELECT count(*) FROM pg_class WHERE relname = 'extra'").await, 0);
    // One outside of a transaction leaves an index that is none; the next try builds it anew.
    let unique = step(1, Work::Online(&["CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS run_twice ON run (status)"]));
    let mut connection = PgConnection::connect(&options.url).await.unwrap();
    let row = |number: u8| {
        format!(
            "INSERT INTO run (slot, namespace, kind, workflow_id, run, status, wake_at) \
             VALUES (1, '00000000-0000-0000-0000-000000000001', 1, 'order', '00000000-0000-0000-0000-00000000000{number}', 1, 0)"
        )
    };
    run(&mut connection, row(1)).await;
    run(&mut connection, row(2)).await;
    assert!(schema::apply(&options, &with(&[unique])).await.is_err());
    let valid =
        "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE relname = 'run_twice' AND indisvalid";
    assert_eq!(count(&options, valid).await, 0);
    run(&mut connection, "DELETE FROM run".to_owned()).await;
    assert_eq!(schema::apply(&options, &with(&[unique])).await.unwrap().version, STEPS.len() as u32 + 1);
    assert_eq!(count(&options, valid).await, 1);
    databases.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn change_of_a_table_waits_for_those_who_use_it() {
    let databases = Databases::default();
    let (options, _store) = databases.fresh().await;
    let mut reader = PgConnection::connect(&options.url).await.unwrap();
    run(&mut reader, "BEGIN; SELECT count(*) FROM run".to_owned()).await;
    let change = step(1, Work::Whole("ALTER TABLE run ADD COLUMN note text"));
    let updating = tokio::spawn({
        let options = options.clone();
        async move { schema::apply(&options, &with(&[change])).await }
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%ALTER TABLE run%' \
         AND pid <> pg_backend_pid() AND datname = current_database()";
    while count(&options, waits).await == 0 {
        tokio::task::yield_now().await;
    }
    run(&mut reader, "COMMIT".to_owned()).await;
    updating.await.unwrap().unwrap();
    databases.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn url_of_another_kind_is_refused_with_a_sentence() {
    for (url, word) in
        [("mysql://localhost/aevum", "postgres://"), ("postgres://localhost", "/NAME"), ("postgres://localhost:x/a", "URL")]
    {
        let error = schema::status(&super::postgres_database::options(url)).await.unwrap_err();
        assert!(!error.may_pass() && error.to_string().contains(word), "{url}: {error}");
    }
}
