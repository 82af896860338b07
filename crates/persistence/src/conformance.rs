//! The suite that every backend passes: a table of laws, each with a store broken on purpose that it catches.
//!
//! A law gets an empty backend and answers with the first violation it sees, so that a broken store is a result and not a
//! panic. A backend's crate runs [`check`] over its own [`Fresh`]; this crate proves that each law fails on the store that its
//! own line of [`LAWS`] names: a law without one cannot be written.

mod backlog;
pub mod broken;
mod cluster;
mod fences;
mod histories;
mod lane_log;
mod namespaces;
mod runs;
mod searchable;
mod shown;
mod starts;
mod values;
mod wake;
mod world;

use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;
use model::RunKey;

pub use shown::Shown;

use crate::{Error, Stores};
use broken::Flaw;

/// A backend under test.
#[async_trait]
pub trait Subject: Send + Sync {
    /// Its stores.
    fn stores(&self) -> Stores;

    /// The searchable rows that readers see, with their versions, by key.
    async fn visible(&self) -> Result<Vec<(RunKey, i64)>, Error>;

    /// Ends as in a crash, with a write half done that nobody was told about, and opens what is left.
    async fn crash(&mut self) -> Result<(), Error>;
}

/// Makes empty backends.
#[async_trait]
pub trait Fresh: Send + Sync {
    /// A backend without rows, independent of those made before.
    async fn fresh(&self) -> Box<dyn Subject>;
}

/// What a backend did that the law forbids, or left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(pub String);

impl From<Error> for Violation {
    fn from(error: Error) -> Self {
        Self(format!("the store failed: {error}"))
    }
}

/// A law's outcome.
pub type Verdict = Result<(), Violation>;

type Check = for<'s> fn(&'s mut dyn Subject) -> Pin<Box<dyn Future<Output = Verdict> + Send + 's>>;

/// One law.
#[derive(Clone, Copy)]
pub struct Law {
    /// Its name: a sentence.
    pub name: &'static str,
    /// What is wrong with the store that breaks it.
    pub flaw: Flaw,
    check: Check,
}

impl Law {
    /// Checks the law on an empty backend.
    pub async fn hold(&self, subject: &mut dyn Subject) -> Verdict {
        (self.check)(subject).await
    }
}

const fn law(name: &'static str, flaw: Flaw, check: Check) -> Law {
    Law { name, flaw, check }
}

macro_rules! check {
    ($law:path) => {
        |subject| Box::pin($law(subject))
    };
}

/// All laws.
pub const LAWS: &[Law] = &[
    // The fence.
    law("a lane is created once", broken::SecondCreation, check!(fences::lane_is_created_once)),
    law("a landed batch raises the seq by one", broken::SeqStays, check!(fences::landed_batch_raises_the_seq)),
    law("an empty batch raises the seq too", broken::EmptyBatchSkipped, check!(fences::empty_batch_raises_the_seq)),
    law("a batch with another seq is fenced", broken::SeqIgnored, check!(fences::other_seq_is_fenced)),
    law("a former owner cannot write", broken::EpochIgnored, check!(fences::former_owner_cannot_write)),
    law("a lane that does not exist is fenced", broken::LaneMadeUp, check!(fences::missing_lane_is_fenced)),
    law("acquiring from another epoch is fenced", broken::AcquireIgnoresEpoch, check!(fences::acquiring_from_other_epoch)),
    law("an acquired lane names its owner", broken::OwnerForgotten, check!(fences::acquired_lane_names_its_owner)),
    law("an acquired lane says what landed", broken::FenceCheckedEarly, check!(fences::acquired_lane_says_what_landed)),
    law("a write that landed unseen shows in the seq", broken::AcquireResetsSeq, check!(fences::unseen_write_shows)),
    law("a write that was lost can be sent again", broken::AcquireRaisesSeq, check!(fences::lost_write_is_sent_again)),
    law("lanes do not fence each other", broken::OneLaneForAll, check!(fences::lanes_are_apart)),
    // Atomicity.
    law("a refused batch leaves nothing behind", broken::TornBatch, check!(fences::refused_batch_leaves_nothing)),
    law("a refused batch leaves the seq as it was", broken::FailureRaisesSeq, check!(fences::refused_batch_keeps_the_seq)),
    law("a large batch is written whole", broken::LargeBatchCut, check!(values::large_batch_is_written_whole)),
    law("a crash loses nothing that was acknowledged", broken::CrashForgets, check!(fences::crash_loses_nothing)),
    // Starts.
    law("a start in an empty chain wins", broken::StartDropped, check!(starts::start_in_an_empty_chain_wins)),
    law("a start in a taken chain is lost and named", broken::LostStartUnnamed, check!(starts::lost_start_is_named)),
    law("a chain stays taken after its run ended", broken::ClosedRunFrees, check!(starts::closed_run_keeps_the_chain)),
    law("a lost start leaves nothing behind", broken::LostStartShown, check!(starts::lost_start_leaves_nothing)),
    law("a lost start drops its own rows only", broken::LostStartSpoils, check!(starts::lost_start_spoils_nothing_else)),
    law("a start after its chain's deletion wins", broken::DeletesLast, check!(starts::start_after_deletion_wins)),
    law("of two starts of a chain one wins", broken::EveryStartWins, check!(starts::one_of_two_starts_wins)),
    // Runs.
    law("a new run replaces the current one", broken::FirstRunStays, check!(runs::new_run_replaces_the_current_one)),
    law("of several new runs the last is current", broken::NewRunsReversed, check!(runs::last_new_run_is_current)),
    law("a chain has one current run", broken::EveryRunCurrent, check!(runs::one_current_run)),
    law("a change moves the current flag", broken::FlagStays, check!(runs::change_moves_the_flag)),
    law("a run is loaded by its id", broken::LoadIgnoresRun, check!(runs::run_is_loaded_by_id)),
    law("a run belongs to its chain", broken::RunOfAnyChain, check!(runs::run_belongs_to_its_chain)),
    law("a change of a missing run is refused", broken::MissingRunSkipped, check!(runs::change_of_missing_run_is_refused)),
    law("a run's id is used once", broken::RepeatedRunSkipped, check!(runs::run_id_is_used_once)),
    law("a deletion takes everything of its run", broken::DeletedLogStays, check!(runs::deletion_takes_everything)),
    law("a deletion spares the chain's other runs", broken::DeleteTakesChain, check!(runs::deletion_spares_other_runs)),
    // The log and its snapshots.
    law("turns come back in order", broken::TurnsReversed, check!(lane_log::turns_come_back_in_order)),
    law("a turn is never overwritten", broken::RepeatedTurnSkipped, check!(lane_log::turn_is_never_overwritten)),
    law("a turn of a missing run is refused", broken::OrphanTurnSkipped, check!(lane_log::orphan_turn_is_refused)),
    law("only turns after the snapshot are loaded", broken::AllTurnsLoaded, check!(lane_log::turns_after_the_snapshot)),
    law("a snapshot that is kept stays", broken::KeptSnapshotEmptied, check!(lane_log::kept_snapshot_stays)),
    law("a snapshot is replaced whole", broken::FirstSnapshotStays, check!(lane_log::snapshot_is_replaced)),
    law("pruning removes marks up to its turn", broken::PruneSkipped, check!(lane_log::pruning_removes_marks)),
    law("pruning spares events and later marks", broken::PruneGoesOn, check!(lane_log::pruning_spares_the_rest)),
    // Wake-ups.
    law("due runs come by time and key", broken::WakeReversed, check!(wake::due_runs_come_in_order)),
    law("pages of due runs neither skip nor repeat", broken::WakeSkipsTies, check!(wake::pages_are_exact)),
    law("a scan keeps to its slots", broken::WakeIgnoresSlots, check!(wake::scan_keeps_to_its_slots)),
    law("a run is due at its moment and not before", broken::WakeIgnoresUntil, check!(wake::due_at_its_moment)),
    law("a change moves the wake-up", broken::WakeStays, check!(wake::change_moves_the_wake_up)),
    law("closed runs wake up too", broken::WakeOpenOnly, check!(wake::closed_runs_wake_up)),
    // Histories.
    law("a history's range has every row that overlaps it", broken::HistoryInsideOnly, check!(histories::overlap)),
    law("a history is read backwards", broken::HistoryForwardOnly, check!(histories::backwards)),
    law("a history's limits hold", broken::HistoryUnlimited, check!(histories::limits_hold)),
    law("branches are apart", broken::BranchesMixed, check!(histories::branches_are_apart)),
    law("marks are no history", broken::MarksShown, check!(histories::marks_are_no_history)),
    law("a long history is entered anywhere", broken::HistoryFromStart, check!(histories::long_history_is_entered_anywhere)),
    // Searchable rows.
    law("searchable rows land with their batch", broken::ShownEarly, check!(searchable::rows_land_with_their_batch)),
    law("an older searchable row changes nothing", broken::LastRowWins, check!(searchable::older_row_changes_nothing)),
    law("a deleted searchable row stays away", broken::NoTombstones, check!(searchable::deleted_row_stays_away)),
    // The cluster and its shards.
    law("shards are created once", broken::ShardsCreatedAnew, check!(cluster::shards_are_created_once)),
    law("a shard moves with its lane's batch", broken::ShardsStay, check!(cluster::shard_moves_with_the_batch)),
    law("a shard that changed meanwhile is refused", broken::StaleShardWins, check!(cluster::stale_shard_is_refused)),
    law("a shard of another lane is refused", broken::ForeignShardSkipped, check!(cluster::foreign_shard_is_refused)),
    law("the cluster's row is written once", broken::ClusterReplaced, check!(cluster::row_is_written_once)),
    law("touching raises the cluster's version", broken::TouchIgnored, check!(cluster::touching_raises_the_version)),
    // Members.
    law("a member joins once", broken::SecondJoin, check!(cluster::member_joins_once)),
    law("a beat raises its member's number", broken::BeatStays, check!(cluster::beat_raises_the_number)),
    law("a removed member is told so", broken::BeatRevives, check!(cluster::removed_member_is_told)),
    law("a member that lives is not removed", broken::BeatOverlooked, check!(cluster::living_member_is_not_removed)),
    law("the roll tells the cluster's version", broken::RollIsOld, check!(cluster::roll_tells_the_version)),
    // Namespaces.
    law("a namespace is replaced version by version", broken::VersionIgnored, check!(namespaces::replaced_by_version)),
    law("names of namespaces are unique", broken::NamesRepeat, check!(namespaces::names_are_unique)),
    law("a name that was given up is free", broken::NamesStayTaken, check!(namespaces::given_up_name_is_free)),
    law("namespaces are listed by name", broken::NamespacesUnordered, check!(namespaces::listed_by_name)),
    // The backlog.
    law("a queue's former owner cannot write", broken::BacklogUnfenced, check!(backlog::former_owner_cannot_write)),
    law("stored tasks come by priority and age", broken::BacklogByAge, check!(backlog::tasks_come_in_order)),
    law("pages of tasks neither skip nor repeat", broken::BacklogPageRepeats, check!(backlog::pages_are_exact)),
    law("a repeated task replaces itself", broken::TasksCountedTwice, check!(backlog::repeated_task_replaces_itself)),
    law("removed tasks are gone", broken::RemovalSkipped, check!(backlog::removed_tasks_are_gone)),
    law("the oldest task counts in every priority", broken::OldestIsFirst, check!(backlog::oldest_in_every_priority)),
    law("queues with tasks are listed", broken::EmptyQueuesListed, check!(backlog::queues_with_tasks_are_listed)),
    law("queues are apart", broken::QueuesIgnoreKind, check!(backlog::queues_are_apart)),
    // Values.
    law("ids differ by case", broken::IdsFolded, check!(values::ids_differ_by_case)),
    law("ids differ by trailing spaces", broken::IdsTrimmed, check!(values::ids_differ_by_trailing_spaces)),
    law("ids of 1,000 bytes are whole", broken::IdsCut, check!(values::long_ids_are_whole)),
    law("kinds are apart", broken::KindsMixed, check!(values::kinds_are_apart)),
    law("values of 2 MB come back", broken::ValuesCut, check!(values::large_values_come_back)),
    law("moments keep their nanoseconds", broken::TimesRounded, check!(values::moments_keep_their_nanoseconds)),
];

/// Runs every law on a backend of its own and answers with all violations.
pub async fn check(backends: &dyn Fresh) -> Result<(), Vec<String>> {
    let mut violations = Vec::new();
    for law in LAWS {
        let mut subject = backends.fresh().await;
        if let Err(violation) = law.hold(subject.as_mut()).await {
            violations.push(format!("{}: {violation}", law.name));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

/// Fails the law unless it holds.
fn ensure(holds: bool, violation: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Violation(violation())) }
}

/// Fails the law unless both are equal.
fn equal<T: PartialEq + std::fmt::Debug>(found: T, wanted: T, what: &str) -> Verdict {
    ensure(found == wanted, || {
        let mut text = format!("{what}: found {found:?}, wanted {wanted:?}");
        text.truncate(text.floor_char_boundary(1_000));
        text
    })
}

#[cfg(test)]
mod tests;
