//! Laws of the fence: who may write, what landed, and that a batch is one thing.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use futures::future::join;

use super::world::{World, chain, change, changes, key, lane, member, new_run, searchable, start, turn};
use super::{Subject, Verdict, Violation, ensure, equal};
use crate::decorate::fault::{Fault, FaultyLanes, Script};
use crate::record::{Batch, LaneState, Outcome};
use crate::stores::LaneStore;
use crate::{Error, Stores};
use model::Epoch;

pub(super) async fn lane_is_created_once(subject: &mut dyn Subject) -> Verdict {
    let lanes = subject.stores().lanes;
    equal(lanes.lane(lane(1)).await?, None, "a lane nobody created")?;
    let created = lanes.acquire(lane(1), None, member(1)).await?;
    equal(created, LaneState { lane: lane(1), owner: member(1), epoch: Epoch::new(1), seq: 0 }, "a created lane")?;
    let again = lanes.acquire(lane(1), None, member(2)).await;
    ensure(matches!(again, Err(Error::Conflict(_))), || format!("a second creation: {again:?}"))?;
    equal(lanes.lane(lane(1)).await?, Some(created), "the lane after the second creation")
}

pub(super) async fn landed_batch_raises_the_seq(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    for number in 1..=3 {
        world.land(&start(&key("order", number))).await?;
        equal(world.stores.lanes.lane(lane(1)).await?.map(|row| row.seq), Some(number as u64), "the seq")?;
    }
    Ok(())
}

pub(super) async fn empty_batch_raises_the_seq(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.land(&Batch::default()).await?;
    equal(world.stores.lanes.lane(lane(1)).await?.map(|row| row.seq), Some(1), "the seq after an empty batch")
}

pub(super) async fn other_seq_is_fenced(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.land(&start(&key("order", 1))).await?;
    for seq in [0, 2] {
        let outcome = world.stores.lanes.commit(&LaneState { seq, ..world.at }, &start(&key("other", 2))).await;
        ensure(matches!(outcome, Outcome::Fenced), || format!("seq {seq} instead of 1: {outcome:?}"))?;
    }
    equal(world.current(&chain("other")).await?.current, None, "the fenced run")
}

pub(super) async fn former_owner_cannot_write(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let taken = world.stores.lanes.acquire(lane(1), Some(Epoch::new(1)), member(2)).await?;
    let outcome = world.stores.lanes.commit(&world.at, &start(&key("order", 1))).await;
    ensure(matches!(outcome, Outcome::Fenced), || format!("the former owner's batch: {outcome:?}"))?;
    equal(world.current(&chain("order")).await?.current, None, "the former owner's run")?;
    world.at = taken;
    world.land(&start(&key("order", 2))).await.map(drop)
}

pub(super) async fn missing_lane_is_fenced(subject: &mut dyn Subject) -> Verdict {
    let lanes = subject.stores().lanes;
    let nowhere = LaneState { lane: lane(7), owner: member(1), epoch: Epoch::new(1), seq: 0 };
    let outcome = lanes.commit(&nowhere, &start(&key("order", 1))).await;
    ensure(matches!(outcome, Outcome::Fenced), || format!("a batch of no lane: {outcome:?}"))?;
    let acquired = lanes.acquire(lane(7), Some(Epoch::new(1)), member(1)).await;
    ensure(matches!(acquired, Err(Error::Fenced(_))), || format!("acquiring no lane: {acquired:?}"))
}

pub(super) async fn acquiring_from_other_epoch(subject: &mut dyn Subject) -> Verdict {
    let world = World::open(subject).await?;
    let lanes = &world.stores.lanes;
    lanes.acquire(lane(1), Some(Epoch::new(1)), member(2)).await?;
    for epoch in [1, 3] {
        let acquired = lanes.acquire(lane(1), Some(Epoch::new(epoch)), member(3)).await;
        ensure(matches!(acquired, Err(Error::Fenced(_))), || format!("epoch {epoch} instead of 2: {acquired:?}"))?;
    }
    Ok(())
}

pub(super) async fn acquired_lane_names_its_owner(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.land(&start(&key("order", 1))).await?;
    let acquired = world.stores.lanes.acquire(lane(1), Some(Epoch::new(1)), member(2)).await?;
    equal(acquired, LaneState { lane: lane(1), owner: member(2), epoch: Epoch::new(2), seq: 1 }, "the acquired lane")?;
    equal(world.stores.lanes.lane(lane(1)).await?, Some(acquired), "the lane's row")
}

/// Commits race with takeovers: what the taker reads in `seq` and what the committer is told must agree.
pub(super) async fn acquired_lane_says_what_landed(subject: &mut dyn Subject) -> Verdict {
    let lanes = subject.stores().lanes;
    let mut at = lanes.acquire(lane(1), None, member(1)).await?;
    for round in 0..40_u64 {
        let id = format!("order-{round}");
        let batch = start(&key(&id, u128::from(round)));
        let commit = lanes.commit(&at, &batch);
        let take = async {
            pause(round % 5).await;
            lanes.acquire(lane(1), Some(at.epoch), member(u128::from(round) + 2)).await
        };
        let (outcome, taken) = join(commit, take).await;
        let taken = taken?;
        let landed = match outcome {
            Outcome::Landed { .. } => true,
            Outcome::Fenced => false,
            other => return Err(Violation(format!("a race ended with {other:?}"))),
        };
        equal(taken.seq, at.seq + u64::from(landed), "what the taker was told")?;
        equal(lanes.load(&chain(&id), None).await?.current.is_some(), landed, "whether the run is there")?;
        at = taken;
    }
    Ok(())
}

/// Lets others run a few times.
pub(super) async fn pause(times: u64) {
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Commits through a store that times out; returns where the lane stands after acquiring it anew.
async fn time_out(stores: &Stores, fault: Fault, batch: &Batch) -> Result<LaneState, Violation> {
    let script = Script::default();
    let faulty = FaultyLanes::new(Arc::clone(&stores.lanes), Arc::new(script.clone()));
    let at = faulty.acquire(lane(1), None, member(1)).await?;
    let outcome = faulty.commit(&at, &Batch::default()).await;
    ensure(matches!(outcome, Outcome::Landed { .. }), || format!("the first batch: {outcome:?}"))?;
    script.push(Some(fault));
    let outcome = faulty.commit(&LaneState { seq: 1, ..at }, batch).await;
    ensure(matches!(outcome, Outcome::Unknown(_)), || format!("the timed out batch: {outcome:?}"))?;
    Ok(faulty.acquire(lane(1), Some(at.epoch), member(1)).await?)
}

pub(super) async fn unseen_write_shows(subject: &mut dyn Subject) -> Verdict {
    let stores = subject.stores();
    let at = time_out(&stores, Fault::UnknownLanded, &start(&key("order", 1))).await?;
    equal((at.epoch, at.seq), (Epoch::new(2), 2), "epoch and seq after a write that landed")?;
    equal(stores.lanes.load(&chain("order"), None).await?.current, Some(key("order", 1).run), "the run")
}

pub(super) async fn lost_write_is_sent_again(subject: &mut dyn Subject) -> Verdict {
    let stores = subject.stores();
    let batch = start(&key("order", 1));
    let at = time_out(&stores, Fault::UnknownLost, &batch).await?;
    equal((at.epoch, at.seq), (Epoch::new(2), 1), "epoch and seq after a write that was lost")?;
    let outcome = stores.lanes.commit(&at, &batch).await;
    ensure(matches!(outcome, Outcome::Landed { .. }), || format!("the batch sent again: {outcome:?}"))?;
    equal(stores.lanes.load(&chain("order"), None).await?.current, Some(key("order", 1).run), "the run")
}

pub(super) async fn lanes_are_apart(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let other = world.stores.lanes.acquire(lane(2), None, member(1)).await?;
    world.land(&start(&key("order", 1))).await?;
    let outcome = world.stores.lanes.commit(&other, &start(&key("other", 2))).await;
    ensure(matches!(outcome, Outcome::Landed { .. }), || format!("the other lane's first batch: {outcome:?}"))?;
    world.land(&start(&key("third", 3))).await.map(drop)
}

/// A batch whose last part no store can write.
fn impossible() -> Batch {
    let run = key("order", 1);
    Batch {
        starts: vec![new_run(&run)],
        turns: vec![turn(&run, 1, 1, 2)],
        visibility: vec![searchable(&run, 1)],
        changes: vec![change(&key("nowhere", 9))],
        ..Batch::default()
    }
}

pub(super) async fn refused_batch_leaves_nothing(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.refuse(&impossible(), "a change of a missing run").await?;
    equal(world.run(&key("order", 1)).await?, None, "the refused run")?;
    equal(world.due(model::Timestamp::MAX).await?, Vec::new(), "due runs")?;
    equal(subject.visible().await?, Vec::new(), "searchable rows")
}

pub(super) async fn refused_batch_keeps_the_seq(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.refuse(&impossible(), "a change of a missing run").await?;
    equal(world.stores.lanes.lane(lane(1)).await?.map(|row| row.seq), Some(0), "the seq after a refused batch")?;
    world.land(&Batch { changes: Vec::new(), ..impossible() }).await.map(drop)
}

pub(super) async fn crash_loses_nothing(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    for number in 0..30_u64 {
        let run = key(&format!("order-{number}"), u128::from(number));
        let batch = Batch { turns: vec![turn(&run, 1, 1, 3)], visibility: vec![searchable(&run, 1)], ..start(&run) };
        world.land(&batch).await?;
        if number % 10 != 9 {
            continue;
        }
        world.land(&changes(vec![change(&run)])).await?;
        let at = world.at;
        drop(world);
        subject.crash().await?;
        world = World { stores: subject.stores(), at };
        equal(world.stores.lanes.lane(lane(1)).await?, Some(at), "the lane after a crash")?;
        for known in 0..=number {
            let run = key(&format!("order-{known}"), u128::from(known));
            equal(world.existing(&run).await?.turns, vec![turn(&run, 1, 1, 3)], "an acknowledged turn")?;
        }
        equal(subject.visible().await?.len() as u64, number + 1, "searchable rows")?;
    }
    Ok(())
}
