//! Opens a rebuilt file as a server does and compares it with what clients were told.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use history_engine::{Chain, StoredRun};
use model::{BranchId, Clock, RunKey, SlotRange, Timestamp};
use persistence::{HistoryRange, Stores, codec};
use persistence_sql::Sqlite;
use persistence_sql::sqlite::{Options, Synchronous};

use super::disk::Loss;
use super::load::Acknowledged;

/// What all prefixes together showed.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) prefixes: usize,
    pub(super) opened: usize,
    pub(super) checks: usize,
    /// Distinct replies that were checked.
    pub(super) replies: usize,
    /// Replies that some prefix does not have, and the first such prefix.
    pub(super) lost: BTreeMap<String, String>,
    pub(super) unreadable: Vec<String>,
}

impl Findings {
    /// Opens one rebuilt file; every reply that was there at this moment must be in it.
    pub(super) async fn look(&mut self, database: &Path, acknowledged: &[Acknowledged], moment: i64, loss: Loss) {
        self.prefixes += 1;
        let stored = match marks(database).await {
            Ok(stored) => {
                self.opened += 1;
                stored
            }
            Err(error) => {
                self.unreadable.push(format!("prefix {} ({loss:?} lost): {error:#}", self.prefixes));
                BTreeMap::new()
            }
        };
        let nothing = HashSet::new();
        let told = acknowledged.iter().take_while(|reply| reply.at <= moment);
        let mut checked = 0;
        for reply in told {
            checked += 1;
            if !stored.get(&reply.workflow).unwrap_or(&nothing).contains(&reply.mark) {
                let prefix = || format!("prefix {}, {loss:?} lost", self.prefixes);
                self.lost.entry(reply.mark.clone()).or_insert_with(prefix);
            }
        }
        self.checks += checked;
        self.replies = self.replies.max(checked);
    }
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }
}

/// Every mark of every run, by workflow id. Every run must fold, and its log must be without gaps.
async fn marks(database: &Path) -> anyhow::Result<BTreeMap<String, HashSet<String>>> {
    let mut options = Options::new(database, Arc::new(Still));
    // What is looked at is thrown away.
    options.synchronous = Synchronous::Off;
    let file = Sqlite::open(options).await?;
    let stores = file.stores();
    let rows = stores.lanes.scan_wake(SlotRange::ALL, Timestamp::MAX, None, usize::MAX).await?;
    let mut found: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    for row in rows {
        let id = row.key.chain.id.as_str().to_owned();
        let marks = run_marks(&stores, &row.key).await.with_context(|| id.clone())?;
        found.entry(id).or_default().extend(marks);
    }
    file.close().await;
    Ok(found)
}

async fn run_marks(stores: &Stores, key: &RunKey) -> anyhow::Result<HashSet<String>> {
    let loaded = stores.lanes.load(&key.chain, Some(key.run)).await?;
    let run = loaded.runs.into_iter().find(|run| run.row.key == *key).context("a row without a run")?;
    let mut marks = HashSet::new();
    let snapshot = run.row.snapshot.as_deref().map(codec::decode_state).transpose()?;
    let turns = run.turns.iter().map(|turn| codec::decode_turn(&turn.data)).collect::<Result<Vec<_>, _>>()?;
    let branch = match (&snapshot, run.turns.first()) {
        (Some(state), _) => BranchId::parse(&state.branch_id)?,
        (None, Some(turn)) => turn.branch,
        (None, None) => anyhow::bail!("a run without a log"),
    };
    collect(run.row.snapshot.as_deref().unwrap_or_default(), &mut marks);
    run.turns.iter().for_each(|turn| collect(&turn.data, &mut marks));
    let mut chain = Chain::empty(key.chain.clone());
    chain.insert(key.run, StoredRun { snapshot, turns })?;

    let range = HistoryRange {
        key: key.clone(),
        branch,
        from_event: 1,
        to_event: i64::MAX,
        reverse: false,
        max_rows: usize::MAX,
        max_bytes: usize::MAX,
    };
    let mut next = 1;
    for row in stores.history.read(&range).await? {
        ensure!(row.first_event_id == next, "after event {} comes {}", next - 1, row.first_event_id);
        next = row.last_event_id + 1;
        collect(&row.data, &mut marks);
    }
    Ok(marks)
}

/// Adds every `<<mark>>` in these bytes.
fn collect(data: &[u8], marks: &mut HashSet<String>) {
    let text = String::from_utf8_lossy(data);
    for part in text.split("<<").skip(1) {
        if let Some((mark, _)) = part.split_once(">>") {
            marks.insert(format!("<<{mark}>>"));
        }
    }
}

#[test]
fn marks_are_found_between_other_bytes() {
    let mut marks = HashSet::new();
    collect(b"\x00\xff<<a b>>\x01<<c>> <<d", &mut marks);
    let sorted: BTreeSet<&str> = marks.iter().map(String::as_str).collect();
    assert_eq!(sorted, BTreeSet::from(["<<a b>>", "<<c>>"]));
}
