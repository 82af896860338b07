//! The live view of the ring that everybody in a process shares.

use std::sync::Arc;

use arc_swap::ArcSwap;
use model::{ChainKey, MemberId, NamespaceId, SLOT_COUNT, ShardId, TaskQueueKind, TaskQueueName};

use crate::ring::Ring;

/// Shards at the creation of a cluster: 256 of 64 slots each.
pub const CREATED_SHARDS: u32 = 256;

/// Who I am, and who owns what at this moment. Reading costs no lock.
#[derive(Debug)]
pub struct View {
    me: MemberId,
    ring: ArcSwap<Ring>,
}

impl View {
    /// A view whose only member is this process.
    pub fn alone(me: MemberId) -> Self {
        Self { me, ring: ArcSwap::from_pointee(Ring::new(&[me])) }
    }

    /// This process.
    pub const fn me(&self) -> MemberId {
        self.me
    }

    /// Replaces the ring: members came or went.
    pub fn replace(&self, ring: Ring) {
        self.ring.store(Arc::new(ring));
    }

    /// The ring of this moment.
    pub fn ring(&self) -> Arc<Ring> {
        self.ring.load_full()
    }

    /// The shard of a chain. Shards are equal ranges of slots until they are split (which the shard rows will say).
    pub fn shard_of(&self, chain: &ChainKey) -> ShardId {
        ShardId::new(u32::from(chain.slot().get()) * CREATED_SHARDS / u32::from(SLOT_COUNT))
    }

    /// Who should own a chain.
    pub fn chain_owner(&self, chain: &ChainKey) -> Option<MemberId> {
        self.ring.load().shard_owner(self.shard_of(chain))
    }

    /// Who should own a task queue.
    pub fn queue_owner(&self, namespace: NamespaceId, kind: TaskQueueKind, queue: &TaskQueueName) -> Option<MemberId> {
        self.ring.load().queue_owner(namespace, kind, queue)
    }
}
