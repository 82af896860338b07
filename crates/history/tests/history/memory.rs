//! What the service thinks that chains in memory weigh, against what the process grows by: the bound of resident memory holds
//! only if both are near.

use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

use history::Options;
use model::TaskQueueKind;
use proto::temporal::api::workflowservice::v1 as api;
use testkit::commands::{payloads, schedule_activity, start_timer};

use crate::world::{World, key, settle, start_request};

/// Set for the process that measures: other tests would grow it as well.
const MEASURES: &str = "AEVUM_TEST_MEASURES";

/// Chains before the first look, and until the second.
const WARM: usize = 200;
const MORE: usize = 1_000;

const CASES: [&str; 7] = [
    "waits for a hundred activities",
    "waits for a worker",
    "waits, with an input of 8 KiB",
    "waits for an activity",
    "was signalled ten times",
    "waits for a worker, with an input of 400 KiB",
    "waits for a timer, with an input of 200 KiB",
];

fn grown() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    resident.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

async fn bring_in(world: &World, case: &str, id: &str) {
    let kib = case.split(' ').find_map(|word| word.parse().ok()).unwrap_or(0);
    let input = if case.contains("input") { Some(payloads(&"x".repeat(kib * 1024))) } else { None };
    world.start_with(api::StartWorkflowExecutionRequest { input, ..start_request(id) }).await.unwrap();
    if case.contains("activit") || case.contains("timer") {
        let task = world.workflow_task().await;
        let activities = if case.contains("hundred") { 100 } else { usize::from(case.contains("activit")) };
        let mut commands: Vec<_> = (0..activities).map(|n| schedule_activity(&format!("charge-{n}"))).collect();
        commands.push(start_timer("t", 24 * 3600));
        world.complete(&task, commands).await.unwrap();
        for _ in 0..activities {
            world.offered(TaskQueueKind::Activity).await;
        }
        return;
    }
    world.offered(TaskQueueKind::Workflow).await;
    if case.contains("signalled") {
        for n in 0..10 {
            world.signal(id, &format!("signal-{n}")).await.unwrap();
        }
    }
}

/// A tenth of them will do.
fn heavy(case: &str) -> bool {
    case.contains("hundred") || case.contains("00 KiB")
}

async fn measure(case: &str) -> (usize, usize) {
    let world =
        World::with(Options { idle: Duration::from_secs(24 * 3600), snapshot_bytes: 150 * 1024, ..Options::DEFAULT }).await;
    world.watch.forgets.store(true, Ordering::SeqCst);
    let mut looks = Vec::new();
    for chains in [0..WARM, WARM..WARM + MORE] {
        let chains = if heavy(case) { chains.start / 10..chains.end / 10 } else { chains };
        for n in chains {
            bring_in(&world, case, &format!("order-{n:08}")).await;
        }
        settle().await;
        looks.push((grown(), world.service.resident().1));
    }
    let chains = if heavy(case) { MORE / 10 } else { MORE };
    ((looks[1].0 - looks[0].0) / chains, (looks[1].1 - looks[0].1) / chains)
}

#[tokio::test(start_paused = true)]
async fn input_weighs_also_once_a_snapshot_was_written() {
    let world = World::with(Options { recent_bytes: 64 * 1024, snapshot_bytes: 150 * 1024, ..Options::DEFAULT }).await;
    bring_in(&world, "waits for a timer, with an input of 200 KiB", "order-1").await;
    settle().await;
    let snapshots = async || world.stores.lanes.load(&key("order-1"), None).await.unwrap().runs[0].row.snapshot.is_some();
    assert!(snapshots().await, "none was written");
    let (chains, bytes) = world.service.resident();
    assert!(chains == 1 && bytes > 200 * 1024, "{chains} of {bytes} bytes");
}

#[test]
fn estimate_of_chains_in_memory_is_near_what_they_take() {
    if let Ok(case) = std::env::var(MEASURES) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (real, estimated) = runtime.block_on(measure(&case));
        println!("measured {real} {estimated}");
        return;
    }
    for case in CASES {
        let mut measuring = Command::new(std::env::current_exe().unwrap());
        measuring.args(["--exact", "memory::estimate_of_chains_in_memory_is_near_what_they_take", "--nocapture"]);
        let output = measuring.env(MEASURES, case).output().unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        let numbers = output.split("measured ").nth(1).and_then(|line| line.lines().next()).expect(&output);
        let [real, estimated]: [usize; 2] =
            numbers.split(' ').map(|number| number.parse().unwrap()).collect::<Vec<_>>().try_into().unwrap();
        println!("{case}: takes {real} bytes, estimated {estimated}");
        assert!(real * 2 <= estimated * 3 && estimated * 2 <= real * 3, "{case}: takes {real} bytes, estimated {estimated}");
    }
}
