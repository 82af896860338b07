//! Laws of starts: inserted if the chain has no run, otherwise lost with all that is theirs and nothing else.

use super::world::{World, chain, change, changes, key, new_run, range, searchable, start, turn};
use super::{Subject, Verdict, equal};
use crate::record::Batch;
use model::Timestamp;

pub(super) async fn start_in_an_empty_chain_wins(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = key("order", 1);
    equal(world.current(&run.chain).await?, Default::default(), "an empty chain")?;
    let batch = Batch { turns: vec![turn(&run, 1, 1, 3)], ..start(&run) };
    equal(world.land(&batch).await?, Vec::new(), "lost starts")?;
    let loaded = world.current(&run.chain).await?;
    equal(loaded.current, Some(run.run), "the current run")?;
    equal(loaded.runs.len(), 1, "loaded runs")?;
    let loaded = world.existing(&run).await?;
    let row = &loaded.row;
    equal((row.current, row.status, row.wake_at), (true, 1, Timestamp::EPOCH), "the run's row")?;
    equal((row.snapshot.clone(), row.snapshot_turn), (None, 0), "its snapshot")?;
    equal(loaded.turns, batch.turns, "its turns")
}

pub(super) async fn lost_start_is_named(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.land(&start(&key("order", 1))).await?;
    let lost = world.land(&start(&key("order", 2))).await?;
    equal(lost, vec![key("order", 2)], "lost starts")?;
    equal(world.current(&chain("order")).await?.current, Some(key("order", 1).run), "the current run")
}

pub(super) async fn closed_run_keeps_the_chain(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let first = key("order", 1);
    world.land(&start(&first)).await?;
    let mut closed = change(&first);
    closed.status = 2;
    world.land(&changes(vec![closed])).await?;
    equal(world.land(&start(&key("order", 2))).await?, vec![key("order", 2)], "lost starts")
}

pub(super) async fn lost_start_leaves_nothing(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.land(&start(&key("order", 1))).await?;
    let late = key("order", 2);
    let batch = Batch { turns: vec![turn(&late, 1, 1, 3)], visibility: vec![searchable(&late, 1)], ..start(&late) };
    world.land(&batch).await?;
    equal(world.run(&late).await?, None, "the lost run")?;
    equal(world.history(&range(&late, 1, 100)).await?, Vec::new(), "its history")?;
    equal(world.due(Timestamp::MAX).await?.len(), 1, "runs to wake")?;
    equal(subject.visible().await?, Vec::new(), "searchable rows")
}

pub(super) async fn lost_start_spoils_nothing_else(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let first = key("order", 1);
    world.land(&start(&first)).await?;
    let (late, other) = (key("order", 2), key("other", 3));
    let batch = Batch {
        starts: vec![new_run(&late), new_run(&other)],
        turns: vec![turn(&late, 1, 1, 3), turn(&other, 1, 1, 3), turn(&first, 1, 1, 3)],
        visibility: vec![searchable(&late, 1), searchable(&other, 1)],
        ..Batch::default()
    };
    equal(world.land(&batch).await?, vec![late], "lost starts")?;
    equal(world.existing(&other).await?.turns, vec![turn(&other, 1, 1, 3)], "the other start's turns")?;
    equal(world.existing(&first).await?.turns, vec![turn(&first, 1, 1, 3)], "the first run's turns")?;
    equal(subject.visible().await?, vec![(other, 1)], "searchable rows")
}

pub(super) async fn start_after_deletion_wins(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (first, second, third) = (key("order", 1), key("order", 2), key("order", 3));
    world.land(&start(&first)).await?;
    let lost = world.land(&Batch { deletes: vec![first], ..start(&second) }).await?;
    equal(lost, Vec::new(), "lost starts after a deletion")?;
    let mut aside = change(&second);
    aside.current = false;
    let lost = world.land(&Batch { changes: vec![aside], ..start(&third) }).await?;
    equal(lost, Vec::new(), "lost starts after the current run stepped aside")?;
    equal(world.current(&chain("order")).await?.current, Some(third.run), "the current run")
}

pub(super) async fn one_of_two_starts_wins(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (first, second) = (key("order", 1), key("order", 2));
    let batch = Batch { starts: vec![new_run(&first), new_run(&second)], ..Batch::default() };
    equal(world.land(&batch).await?, vec![second], "lost starts")?;
    equal(world.current(&chain("order")).await?.current, Some(first.run), "the current run")
}
