//! A power cut, since SIGKILL never loses the page cache: what reached the disk is recorded by strace, the disk is rebuilt as
//! it may have been at many moments, without what was not synced, and opened. Nothing a client had been told is missing.

mod check;
mod disk;
mod load;
mod trace;

use std::path::Path;

use acceptance::server::{Server, Start, Storage};

use check::Findings;
use disk::{Disk, Loss};
use load::Ledger;

/// Acknowledged replies to wait for, before the second server is killed.
const REPLIES: usize = 640;
const PREFIXES: usize = 240;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_loses_nothing_that_a_client_was_told() {
    let found = cut("full", REPLIES, PREFIXES).await.unwrap();
    println!("power {} of {} prefixes opened, each without what was not synced", found.opened, found.prefixes);
    println!("power {} acknowledged replies checked, {} times in all, {} lost", found.replies, found.checks, found.lost.len());
    assert!(found.prefixes >= 200 && found.opened == found.prefixes, "{:#?}", found.unreadable);
    assert!(found.replies >= 500, "only {} replies", found.replies);
    assert!(found.lost.is_empty(), "{:#?}", found.lost);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_loses_replies_where_commits_are_not_synced() {
    for synchronous in ["off", "normal"] {
        let found = cut(synchronous, 100, 20).await.unwrap();
        println!("power with synchronous {synchronous}: {} of {} acknowledged replies lost", found.lost.len(), found.replies);
        println!("power lost for example: {:?}", found.lost.first_key_value());
        assert!(!found.lost.is_empty(), "the check sees no loss where there must be one");
    }
}

/// Runs the load on a traced server, stopped once and killed at the end; cuts the power at so many moments.
async fn cut(synchronous: &str, replies: usize, prefixes: usize) -> anyhow::Result<Findings> {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("aevum.db");
    let ledger = Ledger::default();
    // The first server closes its file in order: a checkpoint, and the log begins anew.
    let first = run(&database, &folder.path().join("trace-1"), synchronous, &ledger, replies / 2, true).await?;
    let second = run(&database, &folder.path().join("trace-2"), synchronous, &ledger, replies, false).await?;
    let mut operations = trace::read(&folder.path().join("trace-1"), &database)?;
    operations.extend(trace::read(&folder.path().join("trace-2"), &database)?);
    let acknowledged = ledger.sorted();
    let syncs = operations.iter().filter(|operation| matches!(operation.what, trace::What::Sync)).count();
    println!("power {synchronous}: {} writes and truncations, {syncs} syncs recorded", operations.len() - syncs);

    let moments = disk::moments(&acknowledged, &operations, first.min(second), prefixes);
    let mut disk = Disk::new(operations);
    let mut found = Findings::default();
    let rebuilt = folder.path().join("rebuilt");
    for (number, moment) in moments.into_iter().enumerate() {
        disk.advance(moment);
        let loss = [Loss::Unsynced, Loss::SomeSectors, Loss::Nothing][number % 3];
        disk.rebuild(&rebuilt, loss, number as u64)?;
        found.look(&rebuilt.join("aevum.db"), &acknowledged, moment, loss).await;
    }
    Ok(found)
}

/// One traced server; returns when it was ready, in microseconds since 1970.
async fn run(
    database: &Path,
    trace: &Path,
    synchronous: &str,
    ledger: &Ledger,
    replies: usize,
    orderly: bool,
) -> anyhow::Result<i64> {
    let mut start = Start::on(Storage::Sqlite(database.to_owned())).with(&["--sqlite-synchronous", synchronous]);
    start.wrapper = trace::strace(trace, database);
    let mut server = Server::start(&start).await?;
    let ready = load::now_us();
    let load = load::Load::start(&server.address, ledger)?;
    load.wait_until(replies).await?;
    if orderly {
        drop(load);
        anyhow::ensure!(server.stop().await?.success(), "{}", server.log_text());
    } else {
        server.kill()?;
    }
    trace::wait_until_written(trace, server.pid()).await?;
    Ok(ready)
}
