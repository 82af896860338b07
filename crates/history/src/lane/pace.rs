//! Whether a commit is worth holding back for the turns that are about to come.
//!
//! A commit costs the same for one turn as for ten, and so do the wake-ups and writes of the answers that leave behind it. Where
//! many chains bring turns closely one after the other, a short hold lets them share all of it. A lone caller brings his next
//! turn only after the answer to the last one: he is never held back.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::chain::Cell;

/// How many different chains make a crowd.
const CROWD: usize = 4;

/// How long nobody may come before a hold ends: whoever waits for an answer of this very batch brings nothing more. The runtime's
/// timers are no finer.
pub(super) const LULL: Duration = Duration::from_millis(1);

/// Which chains brought turns last.
#[derive(Default)]
pub(super) struct Pace {
    recent: [Option<(usize, Instant)>; CROWD],
}

impl Pace {
    /// A turn of this chain has come.
    pub(super) fn note(&mut self, cell: &Arc<Cell>, now: Instant) {
        let chain = Arc::as_ptr(cell).addr();
        let mut oldest = 0;
        for (at, seen) in self.recent.iter().enumerate() {
            if seen.is_none_or(|(known, _)| known == chain) {
                oldest = at;
                break;
            }
            if self.time(at) < self.time(oldest) {
                oldest = at;
            }
        }
        if let Some(place) = self.recent.get_mut(oldest) {
            *place = Some((chain, now));
        }
    }

    /// Whether so many different chains brought turns within the last `window` that more will come within the next.
    pub(super) fn is_crowded(&self, now: Instant, window: Duration) -> bool {
        self.recent.iter().all(|seen| seen.is_some_and(|(_, at)| now.saturating_duration_since(at) <= window))
    }

    fn time(&self, at: usize) -> Option<Instant> {
        self.recent.get(at).copied().flatten().map(|(_, time)| time)
    }
}
