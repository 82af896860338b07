//! What the store knows and memory does not: at the start, everything that owes something; later, parked runs whose wake-up
//! comes near.

use std::sync::Arc;

use model::{ChainKey, ChainKind, NamespaceId, RunId, RunKey, SlotRange, Timestamp, WorkflowId};
use persistence::WakeRow;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Entry;
use super::wheel::LONGEST_SLEEP;
use crate::shell::Shell;

/// At the start: wakes everything that is due and keeps what is near. Tries until the store answers.
pub(crate) async fn recover(shell: &Arc<Shell>, stop: &CancellationToken) {
    scan(shell, stop, SlotRange::ALL, None).await;
}

/// The same for shards that came to this process.
pub(crate) async fn recover_slots(shell: &Arc<Shell>, stop: &CancellationToken, slots: SlotRange) {
    scan(shell, stop, slots, None).await;
}

/// Later: keeps what has come near, by the clock: what was far comes near at once where a machine was asleep.
pub(crate) async fn look_ahead(shell: &Arc<Shell>, stop: &CancellationToken) {
    let every = shell.options.look_ahead_every;
    let mut last = shell.ports.clock.now();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(every.min(LONGEST_SLEEP)) => {}
        }
        let now = shell.ports.clock.now();
        if now.since(last) < every {
            continue;
        }
        last = now;
        // Runs that owe something stand at the epoch; they are in memory since the start.
        scan(shell, stop, SlotRange::ALL, after_epoch()).await;
    }
}

async fn scan(shell: &Arc<Shell>, stop: &CancellationToken, slots: SlotRange, mut after: Option<WakeRow>) {
    loop {
        let now = shell.ports.clock.now();
        let until = now + shell.options.look_ahead;
        let lanes = &shell.ports.stores.lanes;
        let page = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            page = lanes.scan_wake(slots, until, after.as_ref(), shell.options.scan_page) => page,
        };
        let rows = match page {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "looking for wake-ups failed");
                tokio::time::sleep(shell.options.store_retry).await;
                continue;
            }
        };
        let full = rows.len() >= shell.options.scan_page;
        for row in &rows {
            if shell.shards.serves(row.key.chain.slot()) && !is_resident(shell, &row.key) {
                let closed = row.status != 1 && row.status != 8;
                shell.wheel.parked(Entry { at: row.wake_at, key: row.key.clone(), closed });
            }
        }
        match rows.into_iter().next_back() {
            Some(last) if full => after = Some(last),
            _ => return,
        }
    }
}

fn is_resident(shell: &Shell, key: &RunKey) -> bool {
    shell
        .cache
        .find(&key.chain)
        .is_some_and(|cell| cell.lock().resident.as_ref().is_some_and(|resident| resident.chain.run(key.run).is_some()))
}

/// A row before every row that is later than the epoch.
fn after_epoch() -> Option<WakeRow> {
    let id = WorkflowId::parse("\u{1}").ok()?;
    let chain = ChainKey { namespace: NamespaceId::new(Uuid::nil()), kind: ChainKind::Workflow, id };
    let key = RunKey { chain, run: RunId::new(Uuid::nil()) };
    Some(WakeRow { key, wake_at: Timestamp::from_nanos(1), status: 0 })
}
