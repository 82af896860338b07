//! What this process sees of the cluster at this moment. Everybody in the process shares it; reading costs no lock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use model::{ChainKey, MemberId, NamespaceId, SLOT_COUNT, ShardId, SlotId, TaskQueueKind, TaskQueueName};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::member::{Member, Role};
use crate::ring::Ring;

/// Shards at the creation of a cluster: 256 of 64 slots each.
pub const CREATED_SHARDS: u32 = 256;

/// For how long after a sign of life was sent nobody takes this process for dead: one reading less than that needs.
pub const LEASE: Duration = Duration::from_secs(3);

/// The cluster as of one reading.
#[derive(Debug, Clone)]
pub struct Sight {
    /// Who owns shards.
    pub history: Ring,
    /// Who owns task queues.
    pub matching: Ring,
    /// Everybody, also who is about to leave.
    pub members: BTreeMap<MemberId, Member>,
    /// The version of the cluster's row.
    pub version: u64,
    /// Since when the members are these.
    pub since: Instant,
}

impl Sight {
    /// The cluster of these members. Who drains is on no ring.
    pub fn of(members: impl IntoIterator<Item = Member>, version: u64, since: Instant) -> Self {
        let members: BTreeMap<MemberId, Member> = members.into_iter().map(|member| (member.id, member)).collect();
        let ring = |role: Role| {
            let of_role = members.values().filter(|member| !member.draining && member.services.contains_key(&role));
            Ring::new(&of_role.map(|member| member.id).collect::<Vec<_>>())
        };
        Self { history: ring(Role::History), matching: ring(Role::Matching), members, version, since }
    }
}

/// Who I am, and who owns what at this moment.
#[derive(Debug)]
pub struct View {
    me: MemberId,
    alone: bool,
    sight: ArcSwap<Sight>,
    changed: watch::Sender<()>,
    suspects: Mutex<BTreeSet<MemberId>>,
    started: Instant,
    /// Milliseconds after `started` until which nobody takes us for dead.
    held_until: AtomicU64,
}

impl View {
    /// A view whose only member is this process: every service is here, and calls are direct.
    pub fn alone(me: MemberId) -> Self {
        let ring = Ring::new(&[me]);
        let sight = Sight { history: ring.clone(), matching: ring, members: BTreeMap::new(), version: 0, since: Instant::now() };
        Self::new(me, true, sight)
    }

    /// The view of a process that is about to join a cluster: nobody owns anything before the first reading.
    pub fn joining(me: MemberId) -> Self {
        Self::new(me, false, Sight::of([], 0, Instant::now()))
    }

    fn new(me: MemberId, alone: bool, sight: Sight) -> Self {
        Self {
            me,
            alone,
            sight: ArcSwap::from_pointee(sight),
            changed: watch::Sender::new(()),
            suspects: Mutex::default(),
            started: Instant::now(),
            held_until: AtomicU64::new(0),
        }
    }

    /// This process.
    pub const fn me(&self) -> MemberId {
        self.me
    }

    /// Whether there is no other process, and never will be.
    pub const fn is_alone(&self) -> bool {
        self.alone
    }

    /// Replaces what is seen: members came or went, or something that members cache changed.
    pub fn replace(&self, sight: Sight) {
        self.sight.store(Arc::new(sight));
        self.changed.send_replace(());
    }

    /// The sight of this moment.
    pub fn sight(&self) -> Arc<Sight> {
        self.sight.load_full()
    }

    /// Tells when the sight was replaced.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Somebody refused a connection: two readings without a sign of life are enough then.
    pub fn suspect(&self, member: MemberId) {
        self.suspects.lock().insert(member);
    }

    /// Who refused connections since the last call.
    pub fn take_suspects(&self) -> BTreeSet<MemberId> {
        std::mem::take(&mut *self.suspects.lock())
    }

    /// A sign of life that was sent at this moment has landed.
    pub fn beat_landed(&self, sent: Instant) {
        let until = (sent + LEASE).saturating_duration_since(self.started).as_millis();
        self.held_until.fetch_max(u64::try_from(until).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Whether nobody can have taken this process for dead. Commits need not ask: they are fenced by their lane.
    pub fn holds_lease(&self) -> bool {
        self.alone || self.started.elapsed().as_millis() < u128::from(self.held_until.load(Ordering::Relaxed))
    }

    /// The shard of a chain. Shards are equal ranges of slots until they are split (which the shard rows will say).
    pub fn shard_of(&self, chain: &ChainKey) -> ShardId {
        shard_of(chain.slot())
    }

    /// Who should own a chain.
    pub fn chain_owner(&self, chain: &ChainKey) -> Option<MemberId> {
        self.sight.load().history.shard_owner(self.shard_of(chain))
    }

    /// Who should own a task queue.
    pub fn queue_owner(&self, namespace: NamespaceId, kind: TaskQueueKind, queue: &TaskQueueName) -> Option<MemberId> {
        self.sight.load().matching.queue_owner(namespace, kind, queue)
    }

    /// Where a member serves a role.
    pub fn address(&self, member: MemberId, role: Role) -> Option<String> {
        let sight = self.sight.load();
        sight.members.get(&member)?.services.get(&role).filter(|address| !address.is_empty()).cloned()
    }
}

/// The shard of a slot, by the equal ranges that a cluster begins with.
pub fn shard_of(slot: SlotId) -> ShardId {
    ShardId::new(u32::from(slot.get()) * CREATED_SHARDS / u32::from(SLOT_COUNT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn member(n: u128, role: Role, draining: bool) -> Member {
        let id = MemberId::new(Uuid::from_u128(n));
        Member { id, services: BTreeMap::from([(role, format!("10.0.0.{n}:7234"))]), draining }
    }

    #[test]
    fn each_role_has_its_ring_and_who_drains_is_on_none_but_still_reached() {
        let members = [member(1, Role::History, false), member(2, Role::History, true), member(3, Role::Matching, false)];
        let ids = members.each_ref().map(|member| member.id);
        let view = View::joining(ids[0]);
        assert_eq!(view.sight().history.members(), []);
        let mut changes = view.changes();
        view.replace(Sight::of(members, 7, Instant::now()));
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        assert_eq!(view.sight().history.members(), [ids[0]]);
        assert_eq!(view.sight().matching.members(), [ids[2]]);
        assert_eq!(view.address(ids[1], Role::History).as_deref(), Some("10.0.0.2:7234"));
        assert_eq!(view.address(ids[1], Role::Matching), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_lease_ends_before_anybody_takes_the_process_for_dead() {
        let view = View::joining(MemberId::new(Uuid::from_u128(1)));
        assert!(!view.holds_lease());
        let sent = Instant::now();
        tokio::time::advance(Duration::from_secs(1)).await;
        view.beat_landed(sent);
        assert!(view.holds_lease());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(!view.holds_lease(), "three seconds after it was sent, not after it landed");
        assert!(View::alone(view.me()).holds_lease());
    }
}
