//! The consistent-hash ring over live members.
//!
//! `hashring` with virtual nodes: 128 points per member spread shards within some 15% and move few of them when a member
//! comes or goes. Keys and points are hashed from bytes that we fix ourselves, so that members built by different compilers
//! agree.

use std::hash::{BuildHasher, Hash, Hasher};

use hashring::HashRing;
use model::{MemberId, NamespaceId, ShardId, TaskQueueKind, TaskQueueName};
use xxhash_rust::xxh64::Xxh64;

/// Points per member.
const POINTS: u16 = 128;

/// Says who should own what, among the members it was built from.
#[derive(Clone)]
pub struct Ring {
    points: HashRing<Point, FixedBytes>,
    members: Vec<MemberId>,
}

/// One virtual node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Point {
    member: MemberId,
    replica: u16,
}

impl Hash for Point {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.member.as_bytes());
        state.write(&self.replica.to_le_bytes());
    }
}

/// A key as the bytes that are hashed.
struct Key(Vec<u8>);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

/// xxHash64 with seed 0, the same in every process and version.
#[derive(Debug, Clone, Copy, Default)]
struct FixedBytes;

impl BuildHasher for FixedBytes {
    type Hasher = Xxh64;
    fn build_hasher(&self) -> Xxh64 {
        Xxh64::new(0)
    }
}

impl Ring {
    /// A ring of these members. The order does not matter.
    pub fn new(members: &[MemberId]) -> Self {
        let mut members = members.to_vec();
        members.sort_unstable();
        members.dedup();
        let mut points = HashRing::with_hasher(FixedBytes);
        points
            .batch_add(members.iter().flat_map(|member| (0..POINTS).map(|replica| Point { member: *member, replica })).collect());
        Self { points, members }
    }

    /// The members, sorted.
    pub fn members(&self) -> &[MemberId] {
        &self.members
    }

    /// Who should own a shard; nobody on an empty ring.
    pub fn shard_owner(&self, shard: ShardId) -> Option<MemberId> {
        let mut key = b"shard".to_vec();
        key.extend_from_slice(&shard.get().to_le_bytes());
        self.points.get(&Key(key)).map(|point| point.member)
    }

    /// Who should take over what a dead member left behind; nobody on an empty ring.
    pub fn heir(&self, dead: MemberId) -> Option<MemberId> {
        let mut key = b"heir".to_vec();
        key.extend_from_slice(dead.as_bytes());
        self.points.get(&Key(key)).map(|point| point.member)
    }

    /// Who should own a task queue; nobody on an empty ring.
    pub fn queue_owner(&self, namespace: NamespaceId, kind: TaskQueueKind, queue: &TaskQueueName) -> Option<MemberId> {
        let mut key = match kind {
            TaskQueueKind::Workflow => b"queue/w".to_vec(),
            TaskQueueKind::Activity => b"queue/a".to_vec(),
        };
        key.extend_from_slice(namespace.as_bytes());
        key.extend_from_slice(queue.as_str().as_bytes());
        self.points.get(&Key(key)).map(|point| point.member)
    }
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring").field("members", &self.members).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn members(n: u128) -> Vec<MemberId> {
        (1..=n).map(|i| MemberId::new(Uuid::from_u128(i * 0x9e37_79b9_7f4a_7c15))).collect()
    }

    fn owners(ring: &Ring) -> Vec<MemberId> {
        (0..256).filter_map(|shard| ring.shard_owner(ShardId::new(shard))).collect()
    }

    #[test]
    fn the_only_member_owns_everything() {
        let all = members(1);
        assert_eq!(owners(&Ring::new(&all)), vec![all[0]; 256]);
    }

    #[test]
    fn nobody_owns_anything_on_an_empty_ring() {
        assert_eq!(Ring::new(&[]).shard_owner(ShardId::new(0)), None);
    }

    #[test]
    fn a_fourth_member_takes_about_a_quarter_and_moves_nothing_else() {
        let (three, four) = (owners(&Ring::new(&members(3))), owners(&Ring::new(&members(4))));
        let newcomer = members(4)[3];
        let moved: Vec<_> = three.iter().zip(&four).filter(|(a, b)| a != b).collect();
        assert!(moved.iter().all(|(_, now)| **now == newcomer));
        assert!((40..=90).contains(&moved.len()), "{} of 256 shards moved", moved.len());
    }

    #[test]
    fn the_order_of_members_does_not_matter() {
        let mut all = members(5);
        let forward = owners(&Ring::new(&all));
        all.reverse();
        assert_eq!(forward, owners(&Ring::new(&all)));
    }

    #[test]
    fn owners_stay_where_they_were_in_earlier_versions() {
        let all = members(3);
        let ring = Ring::new(&all);
        let queue = TaskQueueName::parse("orders").unwrap();
        let namespace = NamespaceId::new(Uuid::from_u128(7));
        let index = |member: Option<MemberId>| all.iter().position(|m| Some(*m) == member).unwrap();
        let seen = [
            index(ring.shard_owner(ShardId::new(0))),
            index(ring.shard_owner(ShardId::new(1))),
            index(ring.shard_owner(ShardId::new(200))),
            index(ring.queue_owner(namespace, TaskQueueKind::Workflow, &queue)),
            index(ring.queue_owner(namespace, TaskQueueKind::Activity, &queue)),
        ];
        assert_eq!(seen, [0, 2, 0, 2, 1]);
    }
}
