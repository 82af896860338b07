//! Laws of the log: what was appended is read in order, after the snapshot, and pruned where it holds marks alone.

use super::world::{World, change, changes, key, new_run, numbers, range, start, turn, turns};
use super::{Subject, Verdict, equal};
use crate::record::{Batch, SnapshotChange};
use model::RunKey;

fn snapshot(key: &RunKey, state: &'static str, turn: u64) -> Batch {
    let mut change = change(key);
    change.snapshot = SnapshotChange::Replace { state: state.into(), turn };
    changes(vec![change])
}

pub(super) async fn turns_come_back_in_order(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = key("order", 1);
    world.land(&start(&run)).await?;
    let rows = vec![turn(&run, 1, 1, 2), turn(&run, 2, 0, 0), turn(&run, 3, 3, 5), turn(&run, 4, 6, 6)];
    for chunk in rows.chunks(2) {
        world.land(&turns(chunk.to_vec())).await?;
    }
    equal(world.existing(&run).await?.turns, rows, "the turns")
}

pub(super) async fn turn_is_never_overwritten(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = key("order", 1);
    world.land(&Batch { turns: vec![turn(&run, 1, 1, 2)], ..start(&run) }).await?;
    let mut again = turn(&run, 1, 3, 4);
    again.data = "something else".into();
    world.refuse(&turns(vec![again]), "a second turn of the same number").await?;
    equal(world.existing(&run).await?.turns, vec![turn(&run, 1, 1, 2)], "the turns")
}

pub(super) async fn orphan_turn_is_refused(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.refuse(&turns(vec![turn(&key("order", 1), 1, 1, 2)]), "a turn of no run").await.map(drop)
}

pub(super) async fn turns_after_the_snapshot(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = key("order", 1);
    let rows: Vec<_> = (1..=5).map(|number| turn(&run, number, number as i64, number as i64)).collect();
    world.land(&Batch { turns: rows, ..start(&run) }).await?;
    world.land(&snapshot(&run, "three turns", 3)).await?;
    let loaded = world.existing(&run).await?;
    equal((loaded.row.snapshot, loaded.row.snapshot_turn), (Some("three turns".into()), 3), "the snapshot")?;
    equal(numbers(&loaded.turns), vec![4, 5], "the turns after it")?;
    equal(world.history(&range(&run, 1, 100)).await?.len(), 5, "the whole history")
}

pub(super) async fn kept_snapshot_stays(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = key("order", 1);
    world.land(&Batch { turns: vec![turn(&run, 1, 1, 1)], ..start(&run) }).await?;
    world.land(&snapshot(&run, "one turn", 1)).await?;
    world.land(&changes(vec![change(&run)])).await?;
    let row = world.existing(&run).await?.row;
    equal((row.snapshot, row.snapshot_turn), (Some("one turn".into()), 1), "the snapshot")
}

pub(super) async fn snapshot_is_replaced(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (run, other) = (key("order", 1), key("other", 2));
    world.land(&Batch { turns: vec![turn(&run, 1, 1, 1)], ..start(&run) }).await?;
    world.land(&start(&other)).await?;
    world.land(&snapshot(&run, "one turn", 1)).await?;
    world.land(&Batch { turns: vec![turn(&run, 2, 2, 2)], ..snapshot(&run, "two turns", 2) }).await?;
    let loaded = world.existing(&run).await?;
    equal((loaded.row.snapshot, loaded.row.snapshot_turn), (Some("two turns".into()), 2), "the snapshot")?;
    equal(loaded.turns, Vec::new(), "turns after it")?;
    equal(world.existing(&other).await?.row.snapshot, None, "another run's snapshot")
}

/// Turns 1 to 6 of two runs: 2, 3 and 5 hold marks alone.
async fn marked(world: &mut World) -> Result<(RunKey, RunKey), super::Violation> {
    let (run, other) = (key("order", 1), key("other", 2));
    let rows = |key: &RunKey| {
        vec![
            turn(key, 1, 1, 2),
            turn(key, 2, 0, 0),
            turn(key, 3, 0, 0),
            turn(key, 4, 3, 4),
            turn(key, 5, 0, 0),
            turn(key, 6, 5, 5),
        ]
    };
    let starts = vec![new_run(&run), new_run(&other)];
    let turns = [rows(&run), rows(&other)].concat();
    world.land(&Batch { starts, turns, ..Batch::default() }).await?;
    Ok((run, other))
}

pub(super) async fn pruning_removes_marks(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (run, _) = marked(&mut world).await?;
    world.land(&Batch { prunes: vec![(run.clone(), 5)], ..Batch::default() }).await?;
    equal(numbers(&world.existing(&run).await?.turns), vec![1, 4, 6], "the turns that are left")
}

pub(super) async fn pruning_spares_the_rest(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (run, other) = marked(&mut world).await?;
    world.land(&Batch { prunes: vec![(run.clone(), 4)], ..Batch::default() }).await?;
    equal(numbers(&world.existing(&run).await?.turns), vec![1, 4, 5, 6], "the turns that are left")?;
    equal(numbers(&world.existing(&other).await?.turns), vec![1, 2, 3, 4, 5, 6], "another run's turns")?;
    equal(numbers(&world.history(&range(&run, 1, 100)).await?), vec![1, 4, 6], "the history")
}
