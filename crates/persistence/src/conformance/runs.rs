//! Laws of runs: one current run a chain, each found by its id, each gone as a whole.

use super::world::{World, chain, change, changes, key, new_run, range, start, turn};
use super::{Subject, Verdict, equal};
use crate::record::{Batch, NewRun, SnapshotChange};
use model::{RunKey, Timestamp};

fn replace_by(runs: Vec<NewRun>) -> Batch {
    Batch { new_runs: runs, ..Batch::default() }
}

pub(super) async fn new_run_replaces_the_current_one(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (first, second) = (key("order", 1), key("order", 2));
    world.land(&start(&first)).await?;
    let mut closed = change(&first);
    closed.current = false;
    closed.status = 6;
    let batch = Batch { changes: vec![closed], turns: vec![turn(&second, 1, 1, 1)], ..replace_by(vec![new_run(&second)]) };
    world.land(&batch).await?;
    let loaded = world.current(&chain("order")).await?;
    equal(loaded.current, Some(second.run), "the current run")?;
    equal(loaded.runs.first().map(|run| run.turns.len()), Some(1), "its turns")?;
    equal(world.existing(&first).await?.row.status, 6, "the first run's status")
}

pub(super) async fn last_new_run_is_current(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.land(&start(&key("order", 5))).await?;
    let runs: Vec<RunKey> = [4, 9, 7].map(|number| key("order", number)).into();
    world.land(&replace_by(runs.iter().map(new_run).collect())).await?;
    equal(world.current(&chain("order")).await?.current, Some(key("order", 7).run), "the current run")?;
    for run in &runs {
        equal(world.existing(run).await?.row.current, run.run == key("order", 7).run, "whether a run is current")?;
    }
    Ok(())
}

pub(super) async fn one_current_run(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (first, second) = (key("order", 1), key("order", 2));
    world.land(&start(&first)).await?;
    equal(world.existing(&first).await?.row.current, true, "whether the only run is current")?;
    // Nothing is said about the first run: it steps aside all the same.
    world.land(&replace_by(vec![new_run(&second)])).await?;
    equal(world.existing(&first).await?.row.current, false, "whether the former run is current")?;
    equal(world.existing(&second).await?.row.current, true, "whether the new run is current")
}

pub(super) async fn change_moves_the_flag(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (first, second) = (key("order", 1), key("order", 2));
    world.land(&start(&first)).await?;
    world.land(&replace_by(vec![new_run(&second)])).await?;
    let aside = |run: &RunKey| super::world::change(run);
    let flag = |run: &RunKey, current| crate::record::RunChange { current, ..aside(run) };
    world.land(&changes(vec![flag(&first, true), flag(&second, false)])).await?;
    equal(world.current(&chain("order")).await?.current, Some(first.run), "the current run after a swap")?;
    world.land(&changes(vec![flag(&first, false), flag(&second, true)])).await?;
    equal(world.current(&chain("order")).await?.current, Some(second.run), "the current run after another swap")?;
    world.land(&changes(vec![flag(&first, true)])).await?;
    equal(world.current(&chain("order")).await?.current, Some(first.run), "the current run after one change")?;
    equal(world.existing(&second).await?.row.current, false, "whether the other run is current")?;
    world.land(&changes(vec![flag(&first, false)])).await?;
    equal(world.current(&chain("order")).await?, Default::default(), "a chain without current run")
}

pub(super) async fn run_is_loaded_by_id(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (first, second) = (key("order", 1), key("order", 2));
    let batch = Batch { turns: vec![turn(&first, 1, 1, 1)], ..start(&first) };
    world.land(&batch).await?;
    world.land(&replace_by(vec![new_run(&second)])).await?;
    let loaded = world.stores.lanes.load(&first.chain, Some(first.run)).await?;
    equal(loaded.current, Some(second.run), "the current run beside the one asked for")?;
    let found: Vec<_> = loaded.runs.iter().map(|run| (run.row.key.clone(), run.turns.len())).collect();
    equal(found, vec![(first, 1)], "the run asked for")?;
    let missing = world.stores.lanes.load(&second.chain, Some(key("order", 3).run)).await?;
    equal((missing.current, missing.runs.len()), (Some(second.run), 0), "a run that does not exist")
}

pub(super) async fn run_belongs_to_its_chain(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.land(&start(&key("order", 1))).await?;
    equal(world.run(&key("other", 1)).await?, None, "another chain's run")
}

pub(super) async fn change_of_missing_run_is_refused(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.land(&start(&key("order", 1))).await?;
    world.refuse(&changes(vec![change(&key("order", 1)), change(&key("order", 2))]), "a change of a missing run").await?;
    equal(world.run(&key("order", 2)).await?, None, "the missing run")
}

pub(super) async fn run_id_is_used_once(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.land(&start(&key("order", 1))).await?;
    world.refuse(&replace_by(vec![new_run(&key("order", 1))]), "a second run of the same id").await.map(drop)
}

pub(super) async fn deletion_takes_everything(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = key("order", 1);
    let batch = Batch { turns: vec![turn(&run, 1, 1, 3), turn(&run, 2, 0, 0), turn(&run, 3, 4, 4)], ..start(&run) };
    world.land(&batch).await?;
    let mut snapshot = change(&run);
    snapshot.snapshot = SnapshotChange::Replace { state: "state".into(), turn: 2 };
    world.land(&changes(vec![snapshot])).await?;
    world.land(&Batch { deletes: vec![run.clone()], ..Batch::default() }).await?;
    equal(world.run(&run).await?, None, "the deleted run")?;
    equal(world.current(&run.chain).await?, Default::default(), "its chain")?;
    equal(world.history(&range(&run, 1, 100)).await?, Vec::new(), "its history")?;
    equal(world.due(Timestamp::MAX).await?, Vec::new(), "its wake-up")?;
    world.land(&start(&run)).await?;
    let again = world.existing(&run).await?;
    equal((again.turns, again.row.snapshot), (Vec::new(), None), "what a run of the same id begins with")?;
    world.land(&Batch { deletes: vec![key("order", 7)], ..Batch::default() }).await.map(drop)
}

pub(super) async fn deletion_spares_other_runs(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (first, second) = (key("order", 1), key("order", 2));
    world.land(&start(&first)).await?;
    let batch = Batch { turns: vec![turn(&second, 1, 1, 1)], ..replace_by(vec![new_run(&second)]) };
    world.land(&batch).await?;
    world.land(&Batch { deletes: vec![first], ..Batch::default() }).await?;
    equal(world.current(&chain("order")).await?.current, Some(second.run), "the current run")?;
    equal(world.existing(&second).await?.turns.len(), 1, "its turns")
}
