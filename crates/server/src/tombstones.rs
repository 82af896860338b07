//! Tombstones of the lists: forgotten once no late write can bring their rows back.

use std::sync::Arc;
use std::time::Duration;

use model::Clock;
use tokio_util::sync::CancellationToken;
use visibility::VisibilityStore;

/// How often they are looked for. They are kept for a day, and are small.
const EVERY: Duration = Duration::from_secs(3600);
/// How many go in one transaction, so that nobody waits behind it for long.
const AT_ONCE: usize = 1_000;

/// Forgets what is old enough, until stopped.
pub(crate) async fn expire(store: Arc<dyn VisibilityStore>, clock: Arc<dyn Clock>, stop: CancellationToken) {
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        loop {
            match store.expire_tombstones(clock.now(), AT_ONCE).await {
                Ok(gone) if gone >= AT_ONCE && !stop.is_cancelled() => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "old tombstones could not be removed; tried again later");
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{ChainKey, NamespaceId, RunId, RunKey, Timestamp, WorkflowId};
    use uuid::Uuid;
    use visibility::{Deletion, MemoryVisibility};

    use super::*;

    struct Paused(tokio::time::Instant);

    impl Clock for Paused {
        fn now(&self) -> Timestamp {
            Timestamp::from_parts(1_800_000_000, 0) + self.0.elapsed()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn tombstones_go_after_a_day() {
        let store = Arc::new(MemoryVisibility::default());
        let clock = Arc::new(Paused(tokio::time::Instant::now()));
        let chain = ChainKey::workflow(NamespaceId::new(Uuid::from_u128(1)), WorkflowId::parse("order").unwrap());
        let deletions: Vec<Deletion> = (0..2_500)
            .map(|n| {
                let run = RunKey { chain: chain.clone(), run: RunId::new(Uuid::from_u128(n)) };
                Deletion { run, version: 1, at: clock.now() }
            })
            .collect();
        store.apply([], &deletions);
        let stop = CancellationToken::new();
        let expiring = tokio::spawn(expire(store.clone(), clock.clone(), stop.clone()));
        tokio::time::sleep(Duration::from_secs(26 * 3600)).await;
        assert_eq!(store.expire_tombstones(clock.now(), usize::MAX).await, Ok(0), "they are gone already");
        stop.cancel();
        expiring.await.unwrap();
    }
}
