//! Signs of life: through the store that all members need anyway, so that there is no port to open and no network to believe in.
//!
//! A member raises its own number every second and reads those of the others. One whose number has stood still for four readings
//! in a row (two, where it refused a connection) is removed, if the number still is the same then; it learns of that with its
//! next sign of life and stops. No clock is compared with another, and a reading that failed counts for nothing: neither an
//! outage of the store nor a process that was asleep makes everybody else look dead.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use model::MemberId;
use persistence::{Cluster, Error, MemberRow, Roll};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::member::Member;
use crate::view::{Sight, View};

/// How often a member gives a sign of life and reads the others'. Between two readings that count lies at least this much.
const EVERY: Duration = Duration::from_secs(1);
/// Readings without a sign of life after which a member is dead. [`crate::view::LEASE`] is one less.
const PATIENCE: u32 = 4;
/// The same for a member that refused a connection.
const PATIENCE_WITH_SUSPECTS: u32 = 2;
/// The newest row format of this version.
const FORMAT: u32 = 1;

/// The others took this process for dead, and have taken over what it owned.
#[derive(Debug, thiserror::Error)]
#[error("the other members took this process for dead; start it again")]
pub struct Gone;

/// Keeps one member on the roll, and its view up to date.
pub struct Keeper {
    view: Arc<View>,
    store: Arc<dyn Cluster>,
    watch: Watch,
    beat: u64,
}

impl Keeper {
    /// Joins the cluster with these services, and reads who else is there.
    ///
    /// # Errors
    /// The store's.
    pub async fn join(view: Arc<View>, store: Arc<dyn Cluster>, member: &Member) -> Result<Self, Error> {
        let sent = Instant::now();
        let row = MemberRow { member: view.me(), services: member.services_text(), beat: 1, draining: false, format: FORMAT };
        store.join(&row).await?;
        view.beat_landed(sent);
        let mut keeper = Self { view, store, watch: Watch::default(), beat: 1 };
        keeper.read().await?;
        Ok(keeper)
    }

    /// Gives signs of life until `stop`, then leaves the roll. After `drain` the others give this member nothing new.
    ///
    /// # Errors
    /// [`Gone`], as soon as that is known.
    pub async fn run(mut self, drain: CancellationToken, stop: CancellationToken) -> Result<(), Gone> {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut draining = false;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = drain.cancelled(), if !draining => draining = true,
                _ = ticks.tick() => {}
            }
            self.beat(draining).await?;
            if let Err(error) = self.read().await {
                tracing::warn!(%error, "the members could not be read");
            }
        }
        match self.store.remove(self.view.me(), self.beat).await {
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "this member could not leave the roll; the others will find out"),
        }
        Ok(())
    }

    async fn beat(&mut self, draining: bool) -> Result<(), Gone> {
        let sent = Instant::now();
        match self.store.beat(self.view.me(), draining).await {
            Ok(beat) => {
                self.beat = beat;
                self.view.beat_landed(sent);
                Ok(())
            }
            Err(Error::Fenced(_)) => Err(Gone),
            Err(error) => {
                tracing::warn!(%error, "a sign of life could not be written");
                Ok(())
            }
        }
    }

    /// Reads the roll, removes who is dead, and shows what changed.
    async fn read(&mut self) -> Result<(), Error> {
        let mut roll = self.store.roll().await?;
        for (member, beat) in self.watch.dead(&roll, self.view.me(), &self.view.take_suspects()) {
            if self.store.remove(member, beat).await? {
                tracing::warn!(%member, "a member gave no sign of life any more and was removed");
                roll.members.retain(|row| row.member != member);
            }
        }
        let sight = self.view.sight();
        let members: BTreeMap<MemberId, Member> = roll.members.iter().map(|row| (row.member, Member::read(row))).collect();
        let same = members == sight.members;
        if !same || roll.version != sight.version {
            let since = if same { sight.since } else { Instant::now() };
            self.view.replace(Sight::of(members.into_values(), roll.version, since));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("me", &self.view.me()).field("beat", &self.beat).finish_non_exhaustive()
    }
}

/// Counts how long each member has been silent.
#[derive(Debug, Default)]
struct Watch {
    seen: BTreeMap<MemberId, Silence>,
}

#[derive(Debug, Clone, Copy)]
struct Silence {
    beat: u64,
    readings: u32,
    suspect: bool,
}

impl Watch {
    /// Takes one successful reading; who is dead by now, with the number that stood still.
    fn dead(&mut self, roll: &Roll, me: MemberId, suspects: &BTreeSet<MemberId>) -> Vec<(MemberId, u64)> {
        let before = std::mem::take(&mut self.seen);
        let mut dead = Vec::new();
        for row in roll.members.iter().filter(|row| row.member != me) {
            let mut silence = match before.get(&row.member) {
                Some(known) if known.beat == row.beat => Silence { readings: known.readings + 1, ..*known },
                _ => Silence { beat: row.beat, readings: 0, suspect: false },
            };
            silence.suspect |= suspects.contains(&row.member);
            let patience = if silence.suspect { PATIENCE_WITH_SUSPECTS } else { PATIENCE };
            if silence.readings >= patience {
                dead.push((row.member, row.beat));
            }
            self.seen.insert(row.member, silence);
        }
        dead
    }
}

#[cfg(test)]
mod tests {
    use model::MemberId;
    use persistence::Memory;
    use uuid::Uuid;

    use super::*;
    use crate::member::Role;

    fn id(n: u128) -> MemberId {
        MemberId::new(Uuid::from_u128(n))
    }

    fn member(n: u128) -> Member {
        Member { id: id(n), services: BTreeMap::from([(Role::History, format!("10.0.0.{n}:7234"))]), draining: false }
    }

    fn roll(beats: &[(u128, u64)]) -> Roll {
        let row =
            |&(n, beat): &(u128, u64)| MemberRow { member: id(n), services: String::new(), beat, draining: false, format: 1 };
        Roll { members: beats.iter().map(row).collect(), version: 1 }
    }

    #[test]
    fn four_silent_readings_are_death_two_for_a_suspect_and_a_sign_of_life_begins_anew() {
        let (mut watch, nobody) = (Watch::default(), BTreeSet::new());
        let suspects = BTreeSet::from([id(3)]);
        assert_eq!(watch.dead(&roll(&[(1, 1), (2, 1), (3, 1)]), id(1), &nobody), []);
        assert_eq!(watch.dead(&roll(&[(1, 2), (2, 1), (3, 1)]), id(1), &suspects), []);
        assert_eq!(watch.dead(&roll(&[(1, 3), (2, 1), (3, 1)]), id(1), &nobody), [(id(3), 1)]);
        assert_eq!(watch.dead(&roll(&[(1, 3), (2, 1)]), id(1), &nobody), []);
        assert_eq!(watch.dead(&roll(&[(1, 3), (2, 2)]), id(1), &nobody), [], "it lives");
        for _ in 0..3 {
            assert_eq!(watch.dead(&roll(&[(1, 3), (2, 2)]), id(1), &nobody), [], "my own number may stand still");
        }
        assert_eq!(watch.dead(&roll(&[(1, 3), (2, 2)]), id(1), &nobody), [(id(2), 2)]);
    }

    async fn until(view: &View, what: impl Fn(&Sight) -> bool) {
        let mut changes = view.changes();
        while !what(&view.sight()) {
            changes.changed().await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn members_see_each_other_come_drain_leave_and_die() {
        let store: Arc<dyn Cluster> = Arc::new(Memory::without_visibility());
        let start = async |n: u128| {
            let view = Arc::new(View::joining(id(n)));
            let keeper = Keeper::join(Arc::clone(&view), Arc::clone(&store), &member(n)).await.unwrap();
            let (drain, stop) = (CancellationToken::new(), CancellationToken::new());
            (view, tokio::spawn(keeper.run(drain.clone(), stop.clone())), drain, stop)
        };
        let (first, first_run, _first_drain, first_stop) = start(1).await;
        assert_eq!(first.sight().history.members(), [id(1)]);
        let (second, second_run, second_drain, second_stop) = start(2).await;
        assert_eq!(second.sight().history.members(), [id(1), id(2)]);
        until(&first, |sight| sight.history.members().len() == 2).await;

        second_drain.cancel();
        until(&first, |sight| sight.history.members() == [id(1)]).await;
        until(&second, |sight| sight.history.members() == [id(1)]).await;
        assert!(first.sight().members.contains_key(&id(2)), "it still answers");
        second_stop.cancel();
        second_run.await.unwrap().unwrap();
        until(&first, |sight| sight.members.len() == 1).await;

        let (third, third_run, ..) = start(3).await;
        until(&first, |sight| sight.members.len() == 2).await;
        third_run.abort();
        let died = Instant::now();
        until(&first, |sight| sight.members.len() == 1).await;
        assert!((3..=6).contains(&died.elapsed().as_secs()), "{:?}", died.elapsed());
        assert!(!third.holds_lease());
        first_stop.cancel();
        first_run.await.unwrap().unwrap();
        assert_eq!(store.roll().await.unwrap().members, []);
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_was_taken_for_dead_is_told() {
        let store: Arc<dyn Cluster> = Arc::new(Memory::without_visibility());
        let view = Arc::new(View::joining(id(1)));
        let keeper = Keeper::join(Arc::clone(&view), Arc::clone(&store), &member(1)).await.unwrap();
        let mut gone = false;
        while !gone {
            let beat = store.roll().await.unwrap().members[0].beat;
            gone = store.remove(id(1), beat).await.unwrap();
        }
        let ended = keeper.run(CancellationToken::new(), CancellationToken::new()).await;
        assert!(ended.is_err());
    }
}
