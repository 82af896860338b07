//! Laws of the cluster's row, its shards and its members.

use super::world::{World, lane, member};
use super::{Subject, Verdict, ensure, equal};
use crate::Error;
use crate::record::{Batch, ClusterRow, MemberRow, Roll, ShardRow};
use model::{ShardId, SlotRange};

fn shard(number: u32, start: u16, end: u16, owner: u128, version: u64) -> ShardRow {
    ShardRow { shard: ShardId::new(number), slots: SlotRange { start, end }, lane: lane(owner), version }
}

fn row(id: &str) -> ClusterRow {
    ClusterRow { id: id.into(), name: "active".into(), initial_failover_version: 1, format: 1, created_shards: 4, version: 1 }
}

pub(super) async fn shards_are_created_once(subject: &mut dyn Subject) -> Verdict {
    let cluster = subject.stores().cluster;
    equal(cluster.shards().await?, Vec::new(), "shards before the first server")?;
    let made = [shard(1, 8_192, 16_384, 1, 1), shard(2, 0, 8_192, 1, 1)];
    let wanted = vec![made[1], made[0]];
    equal(cluster.create_shards(&made).await?, wanted.clone(), "created shards")?;
    equal(cluster.create_shards(&[shard(3, 0, 16_384, 2, 1)]).await?, wanted.clone(), "shards created again")?;
    equal(cluster.shards().await?, wanted, "shards by first slot")
}

pub(super) async fn shard_moves_with_the_batch(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let cluster = world.stores.cluster.clone();
    cluster.create_shards(&[shard(1, 0, 16_384, 1, 1)]).await?;
    // A split: the old shard shrinks, a new one begins, and goes to another lane.
    let split = vec![shard(1, 0, 64, 1, 2), shard(2, 64, 16_384, 2, 1)];
    world.land(&Batch { shards: split.clone(), ..Batch::default() }).await?;
    equal(cluster.shards().await?, split, "shards after a split")
}

pub(super) async fn stale_shard_is_refused(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let cluster = world.stores.cluster.clone();
    cluster.create_shards(&[shard(1, 0, 16_384, 1, 1)]).await?;
    let split = vec![shard(1, 0, 64, 1, 2), shard(2, 64, 16_384, 1, 1)];
    world.land(&Batch { shards: split.clone(), ..Batch::default() }).await?;
    // Somebody who read them before the split moves the whole range.
    for version in [1, 2, 4] {
        let batch = Batch { shards: vec![shard(1, 0, 16_384, 2, version)], ..Batch::default() };
        let error = world.refuse(&batch, "a shard as it was before a split").await?;
        ensure(matches!(error, Error::Fenced(_)), || format!("a shard as it was before a split: {error}"))?;
    }
    equal(cluster.shards().await?, split, "the shards")
}

pub(super) async fn foreign_shard_is_refused(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    world.stores.lanes.acquire(lane(2), None, member(2)).await?;
    let cluster = world.stores.cluster.clone();
    let stored = [shard(1, 0, 64, 1, 1), shard(2, 64, 16_384, 2, 1)];
    cluster.create_shards(&stored).await?;
    let batch = Batch { shards: vec![shard(1, 0, 64, 1, 2), shard(2, 64, 16_384, 1, 2)], ..Batch::default() };
    let error = world.refuse(&batch, "a shard of another lane").await?;
    ensure(matches!(error, Error::Fenced(_)), || format!("a shard of another lane: {error}"))?;
    equal(cluster.shards().await?, stored.to_vec(), "the shards")
}

pub(super) async fn row_is_written_once(subject: &mut dyn Subject) -> Verdict {
    let cluster = subject.stores().cluster;
    equal(cluster.ensure(&row("first")).await?, row("first"), "the cluster's row")?;
    equal(cluster.ensure(&row("second")).await?, row("first"), "the cluster's row, written again")
}

pub(super) async fn touching_raises_the_version(subject: &mut dyn Subject) -> Verdict {
    let cluster = subject.stores().cluster;
    ensure(cluster.touch().await.is_err(), || "a cluster without row was touched".into())?;
    cluster.ensure(&row("first")).await?;
    equal(cluster.touch().await?, ClusterRow { version: 2, ..row("first") }, "the row after a touch")?;
    equal(cluster.ensure(&row("second")).await?.version, 2, "the stored version")
}

fn joined(n: u128) -> MemberRow {
    MemberRow { member: member(n), services: format!("history=127.0.0.{n}:7234"), beat: 1, draining: false, format: 1 }
}

pub(super) async fn member_joins_once(subject: &mut dyn Subject) -> Verdict {
    let cluster = subject.stores().cluster;
    equal(cluster.roll().await?, Roll::default(), "the roll before anybody")?;
    cluster.join(&joined(2)).await?;
    cluster.join(&joined(1)).await?;
    let again = MemberRow { services: "matching=elsewhere".into(), ..joined(1) };
    let refused = matches!(cluster.join(&again).await, Err(Error::Conflict(_)));
    ensure(refused, || "a member joined twice".into())?;
    equal(cluster.roll().await?.members, vec![joined(1), joined(2)], "the members, by id")
}

pub(super) async fn beat_raises_the_number(subject: &mut dyn Subject) -> Verdict {
    let cluster = subject.stores().cluster;
    cluster.join(&joined(1)).await?;
    cluster.join(&joined(2)).await?;
    equal(cluster.beat(member(1), false).await?, 2, "the first beat")?;
    equal(cluster.beat(member(1), true).await?, 3, "the second beat")?;
    let wanted = vec![MemberRow { beat: 3, draining: true, ..joined(1) }, joined(2)];
    equal(cluster.roll().await?.members, wanted, "the members after two beats of one")
}

pub(super) async fn removed_member_is_told(subject: &mut dyn Subject) -> Verdict {
    let cluster = subject.stores().cluster;
    cluster.join(&joined(1)).await?;
    ensure(cluster.remove(member(1), 1).await?, || "a member was not removed".into())?;
    let told = matches!(cluster.beat(member(1), false).await, Err(Error::Fenced(_)));
    ensure(told, || "a removed member gave a sign of life and was not told".into())?;
    equal(cluster.roll().await?.members, Vec::new(), "the members after a removal")?;
    ensure(cluster.remove(member(1), 1).await?, || "a member that is gone counts as there".into())
}

pub(super) async fn living_member_is_not_removed(subject: &mut dyn Subject) -> Verdict {
    let cluster = subject.stores().cluster;
    cluster.join(&joined(1)).await?;
    cluster.beat(member(1), false).await?;
    ensure(!cluster.remove(member(1), 1).await?, || "a member that gave a sign of life meanwhile was removed".into())?;
    equal(cluster.roll().await?.members, vec![MemberRow { beat: 2, ..joined(1) }], "the members")
}

pub(super) async fn roll_tells_the_version(subject: &mut dyn Subject) -> Verdict {
    let cluster = subject.stores().cluster;
    cluster.ensure(&row("first")).await?;
    cluster.touch().await?;
    equal(cluster.roll().await?, Roll { members: Vec::new(), version: 2 }, "the roll after a touch")
}
