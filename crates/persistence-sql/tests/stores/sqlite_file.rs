//! The file as a server sees it: locked, reopened, found again.

use std::path::Path;
use std::sync::Arc;

use model::{BranchId, ChainKey, Clock, LaneId, MemberId, NamespaceId, RunId, RunKey, SlotRange, Timestamp, WorkflowId};
use persistence::{Batch, Error, HistoryRange, NewRun, Outcome, TurnRow};
use persistence_sql::Sqlite;
use persistence_sql::sqlite::{Options, Synchronous};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000)
    }
}

async fn open(path: &Path) -> Result<Sqlite, Error> {
    Sqlite::open(Options::new(path, Arc::new(Fixed))).await
}

fn key() -> RunKey {
    let chain = ChainKey::workflow(NamespaceId::new(Uuid::from_u128(1)), WorkflowId::parse("order-1").expect("valid"));
    RunKey { chain, run: RunId::new(Uuid::from_u128(2)) }
}

fn first_batch() -> Batch {
    let turn = TurnRow {
        key: key(),
        branch: BranchId::new(Uuid::from_u128(3)),
        turn: 1,
        first_event_id: 1,
        last_event_id: 2,
        data: "turn".into(),
    };
    let start = NewRun { key: key(), status: 1, wake_at: Timestamp::EPOCH };
    Batch { starts: vec![start], turns: vec![turn], ..Batch::default() }
}

#[tokio::test]
async fn committed_run_is_there_after_closing_and_opening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("aevum.db");
    let store = open(&path).await.unwrap();
    let lanes = store.stores().lanes;
    let me = MemberId::new(Uuid::from_u128(9));
    let lane = LaneId { member: me, index: 0 };
    let at = lanes.acquire(lane, None, me).await.unwrap();
    let outcome = lanes.commit(&at, &first_batch()).await;
    assert!(matches!(outcome, Outcome::Landed { .. }), "{outcome:?}");
    store.close().await;
    drop((lanes, store));

    let store = open(&path).await.unwrap();
    let stores = store.stores();
    assert_eq!(stores.lanes.lane(lane).await.unwrap().unwrap().seq, 1);
    let loaded = stores.lanes.load(&key().chain, None).await.unwrap();
    assert_eq!(loaded.runs[0].turns, first_batch().turns);
    let due = stores.lanes.scan_wake(SlotRange::ALL, Timestamp::EPOCH, None, 10).await.unwrap();
    assert_eq!(due[0].key, key());
    let range = HistoryRange {
        key: key(),
        branch: BranchId::new(Uuid::from_u128(3)),
        from_event: 1,
        to_event: 10,
        reverse: false,
        max_rows: 10,
        max_bytes: 1000,
    };
    assert_eq!(stores.history.read(&range).await.unwrap(), first_batch().turns);
}

#[tokio::test]
async fn second_server_on_the_same_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("aevum.db");
    let first = open(&path).await.unwrap();
    let second = open(&path).await;
    assert!(matches!(second, Err(Error::InUse(_))), "{second:?}");
    first.close().await;
    drop(first);
    open(&path).await.unwrap();
}

#[tokio::test]
async fn file_that_is_no_database_is_corrupt() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("aevum.db");
    std::fs::write(&path, vec![7; 8192]).unwrap();
    let opened = open(&path).await;
    assert!(matches!(opened, Err(Error::Corrupt(_))), "{opened:?}");
}

#[tokio::test]
async fn tables_of_a_newer_binary_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("aevum.db");
    open(&path).await.unwrap().close().await;
    let newer = SqliteConnectOptions::new().filename(&path);
    let mut connection = newer.connect().await.unwrap();
    sqlx::query("UPDATE schema_version SET version = version + 1").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let opened = open(&path).await;
    assert!(matches!(opened, Err(Error::NewerFormat { .. })), "{opened:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wal_stays_small_under_steady_load() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("aevum.db");
    let mut options = Options::new(&path, Arc::new(Fixed));
    options.synchronous = Synchronous::Off;
    options.checkpoint_bytes = 1 << 20;
    let store = Sqlite::open(options).await.unwrap();
    let lanes = store.stores().lanes;
    let me = MemberId::new(Uuid::from_u128(9));
    let mut at = lanes.acquire(LaneId { member: me, index: 0 }, None, me).await.unwrap();
    let start = NewRun { key: key(), status: 1, wake_at: Timestamp::EPOCH };
    let mut batch = Batch { starts: vec![start], ..Batch::default() };
    for number in 1..=400 {
        let mut turn = first_batch().turns.remove(0);
        turn.turn = number;
        turn.data = vec![7; 100_000].into();
        batch.turns = vec![turn];
        let outcome = lanes.commit(&at, &batch).await;
        assert!(matches!(outcome, Outcome::Landed { .. }), "{outcome:?}");
        at.seq += 1;
        batch = Batch::default();
    }
    let wal = std::fs::metadata(dir.path().join("aevum.db-wal")).unwrap().len();
    assert!(wal < 20 << 20, "40 MB were committed and the WAL has {wal} bytes");
}
