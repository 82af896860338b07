//! Laws of values: what goes in comes out, byte by byte, however long.

use bytes::Bytes;

use super::world::{World, chain, change, changes, key, namespace, new_run, numbers, start, turn, turns};
use super::{Subject, Verdict, equal};
use crate::record::{Batch, SnapshotChange};
use model::{ChainKey, ChainKind, RunKey, Timestamp, WorkflowId};

/// Starts a run under each id and finds each again.
async fn distinct(subject: &mut dyn Subject, ids: &[String]) -> Verdict {
    let mut world = World::open(subject).await?;
    for (number, id) in (1..).zip(ids) {
        let run = key(id, number);
        let batch = Batch { turns: vec![turn(&run, 1, 1, 1)], ..start(&run) };
        equal(world.land(&batch).await?, Vec::new(), "lost starts")?;
    }
    for (number, id) in (1..).zip(ids) {
        let loaded = world.current(&chain(id)).await?;
        let keys: Vec<_> = loaded.runs.into_iter().map(|run| (run.row.key, run.turns.len())).collect();
        equal(keys, vec![(key(id, number), 1)], "the run of an id")?;
    }
    let mut due: Vec<RunKey> = world.due(Timestamp::MAX).await?.into_iter().map(|row| row.key).collect();
    due.sort();
    let mut wanted: Vec<RunKey> = (1..).zip(ids).map(|(number, id)| key(id, number)).collect();
    wanted.sort();
    equal(due, wanted, "the ids that wake up")
}

pub(super) async fn ids_differ_by_case(subject: &mut dyn Subject) -> Verdict {
    distinct(subject, &["order-1", "ORDER-1", "Order-1", "straße", "STRASSE", "é", "e\u{301}"].map(String::from)).await
}

pub(super) async fn ids_differ_by_trailing_spaces(subject: &mut dyn Subject) -> Verdict {
    distinct(subject, &["order", "order ", " order", "order\t", "order%", "order_"].map(String::from)).await
}

pub(super) async fn long_ids_are_whole(subject: &mut dyn Subject) -> Verdict {
    let long = |last: &str| format!("{}{last}", "x".repeat(999));
    distinct(subject, &[long("a"), long("b"), "😀".repeat(250), format!("{}é", "ü".repeat(499))]).await
}

pub(super) async fn kinds_are_apart(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let id = WorkflowId::parse("order").expect("laws use valid ids");
    let kinds = [ChainKind::Workflow, ChainKind::Schedule, ChainKind::Activity, ChainKind::Batch];
    let chains = kinds.map(|kind| ChainKey { namespace: namespace(1), kind, id: id.clone() });
    let elsewhere = ChainKey::workflow(namespace(2), id);
    let runs: Vec<RunKey> =
        (1..).zip(chains.into_iter().chain([elsewhere])).map(|(n, chain)| RunKey { chain, run: key("order", n).run }).collect();
    for run in &runs {
        equal(world.land(&start(run)).await?, Vec::new(), "lost starts")?;
    }
    for run in &runs {
        equal(world.current(&run.chain).await?.current, Some(run.run), "the run of a kind")?;
    }
    Ok(())
}

/// Every byte occurs, zero included.
fn bytes(length: usize) -> Bytes {
    (0..length).map(|at| (at % 256 + at / 65_536) as u8).collect()
}

pub(super) async fn large_values_come_back(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = key("order", 1);
    world.land(&start(&run)).await?;
    for (number, length) in [(1, 0), (2, 1), (3, 4_096), (4, 2 << 20)] {
        let mut row = turn(&run, number, number as i64, number as i64);
        row.data = bytes(length);
        world.land(&turns(vec![row])).await?;
    }
    let lengths: Vec<_> = world.existing(&run).await?.turns.iter().map(|row| row.data == bytes(row.data.len())).collect();
    equal(lengths, vec![true; 4], "turns whose bytes are right")?;
    let sizes: Vec<_> = world.existing(&run).await?.turns.iter().map(|row| row.data.len()).collect();
    equal(sizes, vec![0, 1, 4_096, 2 << 20], "the turns' sizes")?;
    let mut snapshot = change(&run);
    snapshot.snapshot = SnapshotChange::Replace { state: bytes(2 << 20), turn: 4 };
    world.land(&changes(vec![snapshot])).await?;
    equal(world.existing(&run).await?.row.snapshot.map(|state| state == bytes(2 << 20)), Some(true), "the snapshot")
}

pub(super) async fn moments_keep_their_nanoseconds(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let moments = [i64::MIN, -1, 0, 1, 1_700_000_000_123_456_789, i64::MAX].map(Timestamp::from_nanos);
    for (number, wake_at) in (1..).zip(moments) {
        let mut run = new_run(&key(&format!("order-{number}"), number));
        run.wake_at = wake_at;
        world.land(&Batch { starts: vec![run], ..Batch::default() }).await?;
    }
    let found: Vec<_> = world.due(Timestamp::MAX).await?.iter().map(|row| row.wake_at).collect();
    equal(found, moments.to_vec(), "the moments")
}

pub(super) async fn large_batch_is_written_whole(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let runs: Vec<RunKey> = (0..500).map(|number| key(&format!("order-{number}"), number)).collect();
    let rows = runs.iter().flat_map(|run| (1..=4).map(|number| turn(run, number, number as i64, number as i64)));
    let batch = Batch { starts: runs.iter().map(new_run).collect(), turns: rows.collect(), ..Batch::default() };
    world.land(&batch).await?;
    for run in &runs {
        equal(numbers(&world.existing(run).await?.turns), vec![1, 2, 3, 4], "a run's turns")?;
    }
    let closed = runs.iter().map(|run| {
        let mut change = change(run);
        change.status = 2;
        change.wake_at = Timestamp::MAX;
        change
    });
    world.land(&changes(closed.collect())).await?;
    equal(world.due(Timestamp::EPOCH).await?.len(), 0, "due runs after all parked")?;
    world.land(&Batch { deletes: runs, ..Batch::default() }).await?;
    equal(world.due(Timestamp::MAX).await?.len(), 0, "runs after all were deleted")
}
