//! The way of one call to whoever owns what it is about: where to send it, and whether to send it again.
//!
//! A call is sent again where it certainly did not happen (its owner moved, or nobody listened), and where it may be sent twice
//! and its host went away. Each call has a budget of tries and time; the waits between them grow, so that a shard without owner
//! is not asked for in a circle.

use std::time::Duration;

use membership::View;
use model::MemberId;
use tokio::time::Instant;

use crate::{Context, Error};

/// How long a call may look for its owner: a take-over takes less.
const LOOKING: Duration = Duration::from_secs(10);
/// How often it may be sent in that time.
const TRIES: u32 = 60;
/// The first and the longest wait between two tries.
const WAITS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

/// Whether a call may be sent again where nobody knows whether it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Safety {
    /// It reads, or carries an id by which the second is the first.
    Safe,
    /// It waits for work, and may be sent as often as one likes.
    Poll,
    /// The caller decides.
    Once,
}

/// The way of one call.
#[derive(Debug)]
pub(super) struct Route<'a> {
    view: &'a View,
    until: Instant,
    safety: Safety,
    /// Who owns it now, as a former owner says.
    hint: Option<MemberId>,
    tries: u32,
    wait: Duration,
}

impl<'a> Route<'a> {
    pub(super) fn new(view: &'a View, context: &Context, safety: Safety) -> Self {
        let until = Instant::now() + context.left(LOOKING);
        Self { view, until, safety, hint: None, tries: 0, wait: WAITS.0 }
    }

    /// Whom to ask now, where the ring names `owner`.
    pub(super) fn next(&mut self, owner: Option<MemberId>) -> Option<MemberId> {
        self.tries += 1;
        self.hint.take().or(owner)
    }

    /// Waits until the call may be sent again; `asked` is who failed it.
    ///
    /// # Errors
    /// The error as the caller gets it, where the call is not sent again.
    pub(super) async fn again(&mut self, asked: Option<MemberId>, error: Error) -> Result<(), Error> {
        let hint = match (&error, self.safety) {
            (Error::Moved(to), _) => to.filter(|to| Some(*to) != asked),
            (Error::Unreached, _) => {
                asked.into_iter().for_each(|asked| self.view.suspect(asked));
                None
            }
            (Error::Lost(_), Safety::Safe | Safety::Poll) => None,
            _ => return Err(error),
        };
        let now = Instant::now();
        if self.tries >= TRIES || now >= self.until {
            return Err(match error {
                Error::Moved(_) | Error::Unreached => Error::Unavailable("the owner of this is changing; try again".to_owned()),
                other => other,
            });
        }
        self.hint = hint;
        // The first hint is followed at once.
        if hint.is_none() || self.tries > 1 {
            let mut changes = self.view.changes();
            tokio::select! {
                () = tokio::time::sleep_until((now + self.wait).min(self.until)) => {}
                // Somebody came or went: perhaps what this call waits for.
                _ = changes.changed() => {}
            }
            self.wait = (self.wait * 2).min(WAITS.1);
        }
        Ok(())
    }
}

/// Sends a call on its way until it has an answer; the owner is asked for anew with each try.
macro_rules! follow {
    ($client:expr, $owner:expr, $context:expr, $safety:expr, $peer:ident => $call:expr) => {{
        let mut route = Route::new(&$client.view, $context, $safety);
        loop {
            let asked = route.next($owner);
            let failed = match asked.and_then(|member| $client.member(member)) {
                None => Error::Moved(None),
                Some($peer) => match $call.await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error,
                },
            };
            route.again(asked, failed).await?;
        }
    }};
}

/// A call's word in the lists of calls.
macro_rules! safety {
    (safe) => {
        Safety::Safe
    };
    (poll) => {
        Safety::Poll
    };
    (once) => {
        Safety::Once
    };
}

pub(super) use {follow, safety};

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> Option<MemberId> {
        Some(MemberId::new(Uuid::from_u128(n)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_follows_a_hint_at_once_then_the_ring_with_growing_waits_until_its_time_is_up() {
        let view = View::joining(MemberId::new(Uuid::from_u128(9)));
        let mut route = Route::new(&view, &Context::within(Duration::from_secs(2)), Safety::Once);
        let begun = Instant::now();
        assert_eq!(route.next(id(1)), id(1));
        route.again(id(1), Error::Moved(id(2))).await.unwrap();
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert_eq!(route.next(id(1)), id(2));
        route.again(id(2), Error::Moved(None)).await.unwrap();
        assert_eq!(begun.elapsed(), Duration::from_millis(10));
        assert_eq!(route.next(id(1)), id(1));
        let mut tries = 0;
        let error = loop {
            tries += 1;
            if let Err(error) = route.again(id(1), Error::Moved(None)).await {
                break error;
            }
            route.next(id(1));
        };
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
        assert_eq!(begun.elapsed(), Duration::from_secs(2));
        assert!(tries < 20, "{tries}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_of_unknown_outcome_is_repeated_only_where_that_is_safe() {
        let view = View::joining(MemberId::new(Uuid::from_u128(9)));
        let lost = || Error::Lost("gone".to_owned());
        let mut once = Route::new(&view, &Context::default(), Safety::Once);
        assert_eq!(once.again(id(1), lost()).await, Err(lost()));
        let mut safe = Route::new(&view, &Context::default(), Safety::Safe);
        assert_eq!(safe.again(id(1), lost()).await, Ok(()));
        let other = Error::NotFound("no such workflow".to_owned());
        assert_eq!(safe.again(id(1), other.clone()).await, Err(other));
    }
}
