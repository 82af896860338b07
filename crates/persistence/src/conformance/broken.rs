//! Stores broken on purpose: the memory backend behind a wrapper that is wrong in one way.
//!
//! Each [`Flaw`] stands in one line of [`super::LAWS`]; the law of that line must catch it.

mod backlog;
mod batches;
mod directory;
mod lanes;
mod memories;

use std::sync::Arc;

use async_trait::async_trait;
use model::RunKey;
use parking_lot::Mutex;

use super::{Shown, Subject};
use crate::memory::Memory;
use crate::{Error, Stores};
use memories::Memories;

pub use Flaw::*;

/// What is wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// Nothing: the wrapper alone breaks no law.
    Nothing,
    /// Creating an existing lane acquires it.
    SecondCreation,
    /// The lane's row always says that no batch landed.
    SeqStays,
    /// An empty batch is answered without a write.
    EmptyBatchSkipped,
    /// Any seq passes the fence.
    SeqIgnored,
    /// Any epoch passes the fence.
    EpochIgnored,
    /// A batch of a lane that does not exist creates it.
    LaneMadeUp,
    /// A lane is acquired from whatever epoch it has.
    AcquireIgnoresEpoch,
    /// An acquired lane still names its first owner.
    OwnerForgotten,
    /// The fence is checked some time before the write.
    FenceCheckedEarly,
    /// An acquired lane begins at seq 0.
    AcquireResetsSeq,
    /// Acquiring counts as a batch.
    AcquireRaisesSeq,
    /// All lanes share the seq of the first.
    OneLaneForAll,
    /// A refused batch leaves behind what could be written.
    TornBatch,
    /// A refused batch raises the seq.
    FailureRaisesSeq,
    /// Only the first thousand turns of a batch are written.
    LargeBatchCut,
    /// A crash loses the last batch.
    CrashForgets,
    /// Starts are answered and forgotten.
    StartDropped,
    /// Lost starts are not named.
    LostStartUnnamed,
    /// A start wins against a run that has ended.
    ClosedRunFrees,
    /// The searchable row of a lost start is written.
    LostStartShown,
    /// A lost start drops the rest of the batch.
    LostStartSpoils,
    /// Starts are decided before deletions and changes.
    DeletesLast,
    /// The later of two starts in a batch wins, too.
    EveryStartWins,
    /// The first run of a chain stays the current one.
    FirstRunStays,
    /// The first of several new runs is current.
    NewRunsReversed,
    /// Every run is read as the current one.
    EveryRunCurrent,
    /// Changes do not touch the current flag.
    FlagStays,
    /// Whatever run is asked for, the current one is read.
    LoadIgnoresRun,
    /// A run is found under any chain.
    RunOfAnyChain,
    /// Changes of missing runs are skipped.
    MissingRunSkipped,
    /// New runs whose id exists are skipped.
    RepeatedRunSkipped,
    /// The history of a deleted run can be read.
    DeletedLogStays,
    /// A deletion takes the chain's current run, too.
    DeleteTakesChain,
    /// Turns are loaded newest first.
    TurnsReversed,
    /// Turns whose number exists are skipped.
    RepeatedTurnSkipped,
    /// Turns of missing runs are skipped.
    OrphanTurnSkipped,
    /// Turns that the snapshot covers are loaded, too.
    AllTurnsLoaded,
    /// A change that keeps the snapshot empties it.
    KeptSnapshotEmptied,
    /// A second snapshot is dropped.
    FirstSnapshotStays,
    /// Nothing is pruned.
    PruneSkipped,
    /// Pruning does not stop at its turn.
    PruneGoesOn,
    /// Due runs come latest first.
    WakeReversed,
    /// A page begins after all runs of the last moment.
    WakeSkipsTies,
    /// A scan finds runs of every slot.
    WakeIgnoresSlots,
    /// A scan finds runs that are not due.
    WakeIgnoresUntil,
    /// A change leaves the wake-up where it was.
    WakeStays,
    /// Only open runs wake up.
    WakeOpenOnly,
    /// Rows that reach over the edge of a range are left out.
    HistoryInsideOnly,
    /// Histories are read forwards only.
    HistoryForwardOnly,
    /// The limits of a read are ignored.
    HistoryUnlimited,
    /// A history has the rows of every branch.
    BranchesMixed,
    /// A history has the rows of marks alone.
    MarksShown,
    /// A history is always read from its first event.
    HistoryFromStart,
    /// Searchable rows are written before the fence is checked.
    ShownEarly,
    /// The searchable row that comes last wins.
    LastRowWins,
    /// Deleted searchable rows are forgotten at once.
    NoTombstones,
    /// Creating shards again replaces them.
    ShardsCreatedAnew,
    /// Batches leave the shards as they are.
    ShardsStay,
    /// A shard is written whatever it was meanwhile.
    StaleShardWins,
    /// Shards of other lanes are skipped.
    ForeignShardSkipped,
    /// The cluster's row is replaced by the one that comes last.
    ClusterReplaced,
    /// Touching leaves the version as it was.
    TouchIgnored,
    /// A second join replaces the first one.
    SecondJoin,
    /// Signs of life are not counted.
    BeatStays,
    /// A member that was removed may go on.
    BeatRevives,
    /// A member is removed whatever it did meanwhile.
    BeatOverlooked,
    /// The roll tells the first version for ever.
    RollIsOld,
    /// A namespace is replaced whatever version it has.
    VersionIgnored,
    /// Names of namespaces may repeat.
    NamesRepeat,
    /// A name that was used once is taken for ever.
    NamesStayTaken,
    /// Namespaces are listed by id.
    NamespacesUnordered,
    /// A former owner is told that its write went well.
    BacklogUnfenced,
    /// Stored tasks come by age alone.
    BacklogByAge,
    /// A page repeats the last task of the page before.
    BacklogPageRepeats,
    /// A task that was stored twice counts twice.
    TasksCountedTwice,
    /// Removed tasks stay.
    RemovalSkipped,
    /// The first task is taken for the oldest.
    OldestIsFirst,
    /// Queues without tasks are listed.
    EmptyQueuesListed,
    /// Workflow and activity tasks share a queue.
    QueuesIgnoreKind,
    /// Ids are folded to lower case.
    IdsFolded,
    /// Ids are trimmed.
    IdsTrimmed,
    /// Ids are cut after 255 bytes.
    IdsCut,
    /// All kinds share their ids.
    KindsMixed,
    /// Values are cut after a mebibyte.
    ValuesCut,
    /// Moments are rounded to milliseconds.
    TimesRounded,
}

/// A backend with one flaw.
#[derive(Clone)]
pub struct BrokenStore {
    flaw: Flaw,
    memory: Arc<Mutex<Memory>>,
    shown: Arc<Shown>,
    seen: Arc<Mutex<Memories>>,
}

impl BrokenStore {
    /// An empty backend with this flaw.
    pub fn new(flaw: Flaw) -> Self {
        let shown = Arc::new(Shown::with_flaws(flaw == LastRowWins, flaw == NoTombstones));
        let memory = Memory::new(shown.clone());
        Self { flaw, memory: Arc::new(Mutex::new(memory)), shown, seen: Arc::default() }
    }

    /// The stores underneath, which are right.
    fn inner(&self) -> Stores {
        self.memory.lock().stores()
    }
}

#[async_trait]
impl Subject for BrokenStore {
    fn stores(&self) -> Stores {
        let broken = Arc::new(self.clone());
        Stores {
            lanes: broken.clone(),
            history: broken.clone(),
            namespaces: broken.clone(),
            cluster: broken.clone(),
            backlog: broken,
        }
    }

    async fn visible(&self) -> Result<Vec<(RunKey, i64)>, Error> {
        Ok(self.shown.rows())
    }

    async fn crash(&mut self) -> Result<(), Error> {
        if self.flaw == CrashForgets {
            *self.memory.lock() = Memory::new(self.shown.clone());
            self.replay_all_but_the_last().await?;
        }
        Ok(())
    }
}
