//! Which shards this process serves.
//!
//! Where it is alone, all of them. A member of a cluster serves the shards whose rows name its lane, until it hands them over: a
//! shard that *leaves* admits nothing but what writes down its chains' last state; one that is *elsewhere* admits nothing, and
//! says who has it. Every turn asks here under its chain's lock, and a shard that leaves visits every chain's lock after it has
//! said so: no turn of a shard follows its row out of the lane.

mod keep;
mod leave;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use membership::View;
use membership::view::{CREATED_SHARDS, shard_of};
use model::{MemberId, ShardId, SlotId, Timestamp};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

pub(crate) use keep::keep;

/// What this process has of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Hold {
    /// Nothing.
    Elsewhere = 0,
    /// It is served here.
    Served = 1,
    /// It is on its way to another member.
    Leaving = 2,
}

/// The shards of a cluster as this process serves them.
pub(crate) struct Shards {
    view: Option<Arc<View>>,
    held: Vec<AtomicU8>,
    /// Since when each is served, in nanoseconds.
    since: Vec<AtomicI64>,
    /// Who has the others, as far as is known.
    owners: Mutex<BTreeMap<ShardId, MemberId>>,
    /// Somebody asked for a shard that is not served: perhaps it has just come.
    asked: Notify,
    /// How many are served or leaving.
    count: watch::Sender<usize>,
}

impl Shards {
    pub(crate) fn new(view: Option<Arc<View>>) -> Self {
        let count = if view.is_some() { CREATED_SHARDS } else { 0 };
        Self {
            view,
            held: (0..count).map(|_| AtomicU8::new(Hold::Elsewhere as u8)).collect(),
            since: (0..count).map(|_| AtomicI64::new(0)).collect(),
            owners: Mutex::default(),
            asked: Notify::new(),
            count: watch::Sender::new(0),
        }
    }

    /// The members that share the shards; none where this process is alone.
    pub(crate) fn view(&self) -> Option<Arc<View>> {
        self.view.clone()
    }

    /// Whether anything of this slot may be begun here.
    pub(crate) fn serves(&self, slot: SlotId) -> bool {
        self.view.is_none() || self.hold(shard_of(slot)) == Hold::Served
    }

    /// Whether a turn or a look may go on. Asked under the chain's lock.
    ///
    /// # Errors
    /// [`rpc::Error::Moved`] with the owner, where it is known.
    pub(crate) fn admit(&self, slot: SlotId, writes_last_state: bool) -> Result<(), rpc::Error> {
        if self.view.is_none() {
            return Ok(());
        }
        let shard = shard_of(slot);
        match self.hold(shard) {
            Hold::Served => Ok(()),
            Hold::Leaving if writes_last_state => Ok(()),
            Hold::Leaving => Err(rpc::Error::Moved(None)),
            Hold::Elsewhere => {
                self.asked.notify_one();
                Err(rpc::Error::Moved(self.owners.lock().get(&shard).copied()))
            }
        }
    }

    /// Whether a call from outside may come in: what it reads or hands out without a commit nobody else may have changed.
    ///
    /// # Errors
    /// As for [`Shards::admit`].
    pub(crate) fn admit_call(&self, slot: SlotId) -> Result<(), rpc::Error> {
        match &self.view {
            Some(view) if !view.holds_lease() => Err(rpc::Error::Moved(None)),
            _ => self.admit(slot, false),
        }
    }

    /// What a call is told while nothing is served: in a cluster that somebody else may serve it.
    pub(crate) fn unserved(&self, alone: rpc::Error) -> rpc::Error {
        if self.view.is_some() { rpc::Error::Moved(None) } else { alone }
    }

    /// Since when a slot's shard is served here, where this process shares shards.
    pub(crate) fn served_since(&self, slot: SlotId) -> Option<Timestamp> {
        let since = self.since.get(shard_of(slot).get() as usize)?;
        Some(Timestamp::from_nanos(since.load(Ordering::Acquire)))
    }

    /// How many shards are served or leaving.
    pub(crate) fn count(&self) -> usize {
        *self.count.borrow()
    }

    /// Waits until no shard is served or leaving any more; not where nobody could take them.
    pub(crate) async fn left(&self) {
        let Some(view) = &self.view else { return };
        let (mut count, mut changes) = (self.count.subscribe(), view.changes());
        loop {
            let others = view.sight().history.members().iter().any(|member| *member != view.me());
            if *count.borrow_and_update() == 0 || !others {
                return;
            }
            tokio::select! {
                changed = count.changed() => if changed.is_err() { return },
                changed = changes.changed() => if changed.is_err() { return },
            }
        }
    }

    fn hold(&self, shard: ShardId) -> Hold {
        match self.held.get(shard.get() as usize).map(|held| held.load(Ordering::SeqCst)) {
            Some(1) => Hold::Served,
            Some(2) => Hold::Leaving,
            _ => Hold::Elsewhere,
        }
    }

    fn set(&self, shards: impl IntoIterator<Item = ShardId>, hold: Hold) {
        for shard in shards {
            if let Some(held) = self.held.get(shard.get() as usize) {
                held.store(hold as u8, Ordering::SeqCst);
            }
        }
        let held = |held: &&AtomicU8| held.load(Ordering::SeqCst) != Hold::Elsewhere as u8;
        let count = self.held.iter().filter(held).count();
        self.count.send_if_modified(|known| std::mem::replace(known, count) != count);
    }

    /// Begins to serve shards.
    fn serve(&self, shards: impl IntoIterator<Item = ShardId>, now: Timestamp) {
        let shards: Vec<ShardId> = shards.into_iter().collect();
        for shard in &shards {
            if let Some(since) = self.since.get(shard.get() as usize) {
                since.store(now.as_nanos(), Ordering::Release);
            }
        }
        self.set(shards, Hold::Served);
    }

    fn owned_by(&self, shard: ShardId, member: MemberId) {
        self.owners.lock().insert(shard, member);
    }
}
