//! Databases of their own for tests, on the server that `AEVUM_TEST_POSTGRES` names; and what a server meets on one: a pool that
//! stands still, a database that restarts, a taker behind a batch.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::{BranchId, ChainKey, Clock, LaneId, MemberId, NamespaceId, RunId, RunKey, SlotRange, Timestamp, WorkflowId};
use persistence::{Batch, Error, NewRun, Outcome, TurnRow};
use persistence_sql::Postgres;
use persistence_sql::postgres::{OpenError, Options, Password, schema};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use uuid::Uuid;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000)
    }
}

/// Databases that end with it. Nothing is skipped where there is no server.
#[derive(Default)]
pub(super) struct Databases {
    names: Mutex<Vec<String>>,
    /// One with a name space for each of many.
    shared: tokio::sync::Mutex<Option<(Options, u32)>>,
}

impl Databases {
    /// The URL of a name that no database has.
    pub(super) fn unused(&self) -> Options {
        let run = std::env::var("AEVUM_TEST_RUN").unwrap_or_else(|_| "aevum_test".to_owned());
        let name = format!("{run}_{}", Uuid::new_v4().simple());
        let url = server().rsplit_once('/').map(|(server, _)| format!("{server}/{name}")).expect("a URL");
        self.names.lock().expect("nobody panics with it").push(name);
        options(&url)
    }

    /// A database with tables and no rows.
    pub(super) async fn fresh(&self) -> (Options, Postgres) {
        let options = self.unused();
        schema::setup(&options).await.unwrap_or_else(|error| panic!("{error}; start one with tests/services/postgres up"));
        let store = Postgres::open(&options).await.expect("tables of this version");
        (options, store)
    }

    /// Tables without rows like [`Databases::fresh`], in a name space of their own: cheaper where there are many.
    pub(super) async fn cheap(&self) -> (Options, Postgres) {
        let mut shared = self.shared.lock().await;
        let (mut options, number) = match shared.take() {
            Some(shared) => shared,
            None => (self.fresh().await.0, 0),
        };
        *shared = Some((options.clone(), number + 1));
        let mut connection = PgConnection::connect(&options.url).await.expect("the server runs");
        run(&mut connection, format!("CREATE SCHEMA s{number}")).await;
        connection.close().await.expect("an orderly end");
        options.url.push_str(&format!("?options[search_path]=s{number}"));
        schema::update(&options).await.expect("tables");
        let store = Postgres::open(&options).await.expect("tables of this version");
        (options, store)
    }

    /// Drops them.
    pub(super) async fn drop(self) {
        let names = self.names.into_inner().expect("nobody panics with it");
        let mut connection = PgConnection::connect(&server()).await.expect("the server runs");
        for name in names {
            run(&mut connection, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

pub(super) fn options(url: &str) -> Options {
    Options::new(url, Arc::new(Fixed))
}

fn server() -> String {
    std::env::var("AEVUM_TEST_POSTGRES").expect("AEVUM_TEST_POSTGRES is what `tests/services/postgres up` prints")
}

pub(super) async fn run(connection: &mut PgConnection, text: String) {
    sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await.expect("a statement");
}

/// Ends every session of the database, as its restart would.
pub(super) async fn end_sessions(options: &Options) {
    let name = options.url.rsplit_once('/').and_then(|(_, name)| name.split('?').next()).expect("a URL").to_owned();
    let mut connection = PgConnection::connect(&server()).await.expect("the server runs");
    let text = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1";
    sqlx::query(text).bind(name).execute(&mut connection).await.expect("sessions to end");
}

fn key(number: u128) -> RunKey {
    let id = WorkflowId::parse(&format!("order-{number}")).expect("valid");
    RunKey { chain: ChainKey::workflow(NamespaceId::new(Uuid::from_u128(1)), id), run: RunId::new(Uuid::from_u128(number)) }
}

fn batch(number: u128) -> Batch {
    let turn = TurnRow {
        key: key(number),
        branch: BranchId::new(Uuid::from_u128(3)),
        turn: 1,
        first_event_id: 1,
        last_event_id: 2,
        data: "turn".into(),
    };
    let start = NewRun { key: key(number), status: 1, wake_at: Timestamp::EPOCH };
    Batch { starts: vec![start], turns: vec![turn], ..Batch::default() }
}

fn member(number: u128) -> MemberId {
    MemberId::new(Uuid::from_u128(number))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steady_use_opens_no_connection() {
    let databases = Databases::default();
    let (_, store) = databases.fresh().await;
    let stores = store.stores();
    let mut at = stores.lanes.acquire(LaneId { member: member(9), index: 0 }, None, member(9)).await.unwrap();
    let mut opened = 0;
    for number in 0..200 {
        if number == 1 {
            opened = store.connections_opened();
        }
        let outcome = stores.lanes.commit(&at, &batch(number)).await;
        assert!(matches!(outcome, Outcome::Landed { .. }), "{outcome:?}");
        at.seq += 1;
        assert_eq!(stores.lanes.load(&key(number).chain, None).await.unwrap().runs.len(), 1);
    }
    assert_eq!((opened, store.connections_opened()), (2, 2));
    store.close().await;
    databases.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_sessions_are_seen_as_unknown_by_a_commit_and_not_at_all_by_a_read() {
    let databases = Databases::default();
    let (options, store) = databases.fresh().await;
    let stores = store.stores();
    let at = stores.lanes.acquire(LaneId { member: member(9), index: 0 }, None, member(9)).await.unwrap();
    assert!(stores.lanes.load(&key(1).chain, None).await.unwrap().runs.is_empty());
    end_sessions(&options).await;
    assert!(stores.lanes.load(&key(1).chain, None).await.unwrap().runs.is_empty());
    let outcome = stores.lanes.commit(&at, &batch(1)).await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    // The lane says that it did not land; sent again, it does.
    let again = stores.lanes.acquire(at.lane, Some(at.epoch), member(9)).await.unwrap();
    assert_eq!(again.seq, at.seq);
    let outcome = stores.lanes.commit(&again, &batch(1)).await;
    assert!(matches!(outcome, Outcome::Landed { .. }), "{outcome:?}");
    databases.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commit_that_is_not_answered_in_time_is_unknown_and_a_taker_learns_its_end() {
    let databases = Databases::default();
    let (mut options, store) = databases.fresh().await;
    let lane = LaneId { member: member(9), index: 0 };
    let at = store.stores().lanes.acquire(lane, None, member(9)).await.unwrap();
    options.commit_timeout = Duration::from_millis(200);
    let hasty = Postgres::open(&options).await.unwrap();
    // Somebody holds the row: the batch waits behind it.
    let mut holder = PgConnection::connect(&options.url).await.unwrap();
    run(&mut holder, "BEGIN; SELECT * FROM lane FOR UPDATE".to_owned()).await;
    let outcome = hasty.stores().lanes.commit(&at, &batch(1)).await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    let taker = tokio::spawn(async move { store.stores().lanes.acquire(lane, Some(at.epoch), member(8)).await });
    run(&mut holder, "COMMIT".to_owned()).await;
    let taken = taker.await.unwrap().unwrap();
    let landed = !hasty.stores().lanes.load(&key(1).chain, None).await.unwrap().runs.is_empty();
    assert_eq!(taken.seq, at.seq + u64::from(landed));
    holder.close().await.unwrap();
    databases.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn database_that_is_away_is_unavailable_and_nothing_was_written() {
    let mut nowhere = options("postgres://aevum:aevum@127.0.0.1:1/nowhere");
    nowhere.connection_wait = Duration::from_secs(5);
    let opened = Postgres::open(&nowhere).await.unwrap_err();
    assert!(opened.may_pass() && matches!(opened, OpenError::Unreachable(_)), "{opened}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn password_is_read_anew_from_its_file_or_command() {
    let databases = Databases::default();
    let (options, store) = databases.fresh().await;
    store.close().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    let mut rotated = options.clone();
    rotated.url = options.url.replace("aevum:aevum@", "aevum:yesterday@");
    std::fs::write(&file, "wrong\n").unwrap();
    rotated.password = Password::File(file.clone());
    let refused = Postgres::open(&rotated).await.unwrap_err();
    assert!(refused.may_pass() && refused.to_string().contains("password"), "{refused}");
    std::fs::write(&file, "aevum\n").unwrap();
    let store = Postgres::open(&rotated).await.unwrap();
    let lanes = store.stores().lanes;
    assert_eq!(lanes.lane(LaneId { member: member(9), index: 0 }).await.unwrap(), None);
    // Rotated while it runs: a new connection has the new one.
    std::fs::write(&file, "rotated away\n").unwrap();
    end_sessions(&options).await;
    let error = lanes.lane(LaneId { member: member(9), index: 0 }).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
    std::fs::write(&file, "aevum\n").unwrap();
    assert_eq!(lanes.lane(LaneId { member: member(9), index: 0 }).await.unwrap(), None);
    rotated.password = Password::Command(format!("cat {}", file.display()));
    Postgres::open(&rotated).await.unwrap();
    rotated.password = Password::Command("exit 3".to_owned());
    assert!(Postgres::open(&rotated).await.unwrap_err().to_string().contains("command"));
    databases.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_nobody_of_ours_wrote_are_errors_and_no_panics() {
    let databases = Databases::default();
    let (options, store) = databases.fresh().await;
    let stores = store.stores();
    let at = stores.lanes.acquire(LaneId { member: member(9), index: 0 }, None, member(9)).await.unwrap();
    assert!(matches!(stores.lanes.commit(&at, &batch(1)).await, Outcome::Landed { .. }));
    let mut vandal = PgConnection::connect(&options.url).await.unwrap();
    run(&mut vandal, "UPDATE run SET kind = 99, status = 7; UPDATE lane SET seq = -1".to_owned()).await;
    let scanned = stores.lanes.scan_wake(SlotRange::ALL, Timestamp::MAX, None, 10).await.unwrap_err();
    assert!(matches!(scanned, Error::Corrupt(_)), "{scanned}");
    let lane = stores.lanes.lane(at.lane).await.unwrap_err();
    assert!(matches!(lane, Error::Corrupt(_)), "{lane}");
    run(&mut vandal, "UPDATE run SET kind = 1; UPDATE turn SET turn = -5".to_owned()).await;
    assert!(stores.lanes.load(&key(1).chain, None).await.is_ok());
    run(&mut vandal, "ALTER TABLE turn ALTER COLUMN data TYPE text USING 'x'".to_owned()).await;
    assert!(stores.lanes.load(&key(1).chain, None).await.is_err());
    run(&mut vandal, "DROP TABLE turn".to_owned()).await;
    let gone = stores.lanes.load(&key(1).chain, None).await.unwrap_err();
    assert!(gone.to_string().contains("try again") || matches!(gone, Error::Unavailable(_)), "{gone}");
    vandal.close().await.unwrap();
    databases.drop().await;
}
