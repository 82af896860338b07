//! The stored backlog: what is spilled comes back, whatever happens at the same time.

use std::sync::atomic::Ordering;
use std::time::Duration;

use matching::Options;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};
use tokio_util::sync::CancellationToken;

use crate::world::{World, activity, settle, workflow_task};

fn small() -> Options {
    Options { tasks_in_memory: 2, ..Options::STANDARD }
}

#[tokio::test(start_paused = true)]
async fn task_spilled_while_the_backlog_is_read_is_not_forgotten() {
    let world = World::with(small());
    for n in 0..2 {
        assert!(!world.offer(activity(&format!("order-{n}"), Duration::ZERO)).await.unwrap().spilled);
    }
    world.backlog.hold_reads.store(true, Ordering::SeqCst);
    assert!(world.offer(activity("order-2", Duration::ZERO)).await.unwrap().spilled);
    settle().await;
    // The backlog has been read, but what was read has not arrived yet.
    let late = tokio::spawn({
        let world = world.clone();
        async move { world.offer(activity("order-3", Duration::ZERO)).await }
    });
    settle().await;
    world.backlog.hold_reads.store(false, Ordering::SeqCst);
    world.backlog.release.notify_waiters();
    assert!(late.await.unwrap().unwrap().spilled);
    settle().await;
    assert_eq!(world.waiting().await.0, 4);
    let mut got = Vec::new();
    for _ in 0..4 {
        got.extend(world.poll_activity(None).await);
    }
    got.sort();
    assert_eq!(got, ["order-0", "order-1", "order-2", "order-3"]);
}

#[tokio::test(start_paused = true)]
async fn task_that_could_not_be_spilled_and_is_offered_again_counts_once() {
    let world = World::with(small());
    for n in 0..2 {
        world.offer(activity(&format!("order-{n}"), Duration::ZERO)).await.unwrap();
    }
    world.backlog.fail_spills.store(true, Ordering::SeqCst);
    for _ in 0..10 {
        assert!(world.offer(activity("order-2", Duration::ZERO)).await.is_err());
    }
    world.backlog.fail_spills.store(false, Ordering::SeqCst);
    assert!(world.offer(activity("order-2", Duration::ZERO)).await.unwrap().spilled);
    assert_eq!(world.backlog.widest.load(Ordering::SeqCst), 1, "rows of one task");
    assert_eq!(world.waiting().await.0, 3);
}

#[tokio::test(start_paused = true)]
async fn memory_budget_holds_also_while_polls_wait_for_the_limit() {
    let world = World::with(small());
    let polls: Vec<_> = (0..2)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.poll_activity(Some(0.0)).await })
        })
        .collect();
    settle().await;
    let mut spilled = 0;
    for n in 0..10 {
        spilled += usize::from(world.offer(activity(&format!("order-{n}"), Duration::ZERO)).await.unwrap().spilled);
    }
    assert_eq!(spilled, 8);
    for poll in polls {
        assert_eq!(poll.await.unwrap(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn gauge_of_a_backlog_taken_up_after_a_restart_names_the_namespace() {
    let before = World::with(small());
    for n in 0..5 {
        before.offer(activity(&format!("order-{n}"), Duration::ZERO)).await.unwrap();
    }
    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().unwrap();
    let meters = SdkMeterProvider::builder().with_reader(exporter).build();
    let after = before.restarted(small(), meters.meter("test"));
    let stop = CancellationToken::new();
    let run = tokio::spawn({
        let (service, stop) = (after.service.clone(), stop.clone());
        async move { service.run(stop).await }
    });
    settle().await;
    let page = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("temporal_task_scheduler_pending_tasks")).collect();
    assert!(matches!(lines[..], [line] if line.contains("namespace=\"default\"") && line.ends_with(" 3")), "{page}");
    stop.cancel();
    run.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn tasks_offered_again_are_not_added_again() {
    let world = World::with(small());
    let offers: Vec<_> = (0..6).map(|n| activity(&format!("order-{n}"), Duration::ZERO)).collect();
    for offer in &offers {
        world.offer(offer.clone()).await.unwrap();
    }
    let rate = async || world.described().await.stats.unwrap().tasks_add_rate;
    assert!((rate().await - 0.2).abs() < 0.001, "six in 30 s: {}", rate().await);
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        for offer in &offers[..2] {
            world.offer(offer.clone()).await.unwrap();
        }
    }
    assert!(rate().await < 0.001, "{}", rate().await);
}

#[tokio::test(start_paused = true)]
async fn counts_by_priority_include_what_is_stored() {
    let levels = async |world: &World| -> Vec<(i32, i64, i64)> {
        let described = world.described().await.stats_by_priority_key;
        let level = |(priority, stats): (i32, proto::temporal::api::taskqueue::v1::TaskQueueStats)| {
            (priority, stats.approximate_backlog_count, stats.approximate_backlog_age.unwrap().seconds)
        };
        let mut levels: Vec<_> = described.into_iter().map(level).collect();
        levels.sort_unstable();
        levels
    };
    let options = Options { reload_page: 1, ..small() };
    let world = World::with(options.clone());
    tokio::time::sleep(Duration::from_secs(100)).await;
    for (n, priority) in [3, 3, 5, 1, 5, 3, 5].into_iter().enumerate() {
        let offer = activity(&format!("order-{n}"), Duration::from_secs(n as u64));
        world.offer(rpc::services::matching::Offer { priority, ..offer }).await.unwrap();
    }
    settle().await;
    assert_eq!(levels(&world).await, [(1, 1, 97), (3, 3, 100), (5, 3, 98)]);
    assert_eq!(world.waiting().await, (7, Duration::from_secs(100)));
    // Those that only memory had are offered by history again.
    let after = world.restarted(options, opentelemetry::global::meter("test"));
    tokio::time::sleep(Duration::from_secs(100)).await;
    let stop = CancellationToken::new();
    let run = tokio::spawn({
        let (service, stop) = (after.service.clone(), stop.clone());
        async move { service.run(stop).await }
    });
    settle().await;
    let ages = levels(&after).await;
    assert_eq!(ages.iter().map(|(priority, count, _)| (*priority, *count)).collect::<Vec<_>>(), [(1, 1), (3, 1), (5, 3)]);
    for left in (0..5).rev() {
        assert!(after.poll_activity(None).await.is_some());
        settle().await;
        assert_eq!(levels(&after).await.iter().map(|(_, count, _)| count).sum::<i64>(), left);
    }
    stop.cancel();
    run.await.unwrap().unwrap();
}

/// A service that keeps house, with two tasks in memory and `order-2` in its stored backlog only.
async fn with_one_stored() -> (World, CancellationToken) {
    let (world, stop) = (World::with(small()), CancellationToken::new());
    tokio::spawn({
        let (service, stop) = (world.service.clone(), stop.clone());
        async move { service.run(stop).await }
    });
    settle().await;
    for n in 0..3 {
        world.offer(activity(&format!("order-{n}"), Duration::ZERO)).await.unwrap();
    }
    (world, stop)
}

#[tokio::test(start_paused = true)]
async fn stored_task_that_is_with_a_poller_outlives_a_jump_of_the_clock() {
    let (world, stop) = with_one_stored().await;
    for n in 0..2 {
        assert_eq!(world.poll_activity(None).await, Some(format!("order-{n}")));
    }
    world.history.hold.store(true, Ordering::SeqCst);
    world.history.lose_answer.store(true, Ordering::SeqCst);
    let first = tokio::spawn({
        let world = world.clone();
        async move { tokio::time::timeout(Duration::from_secs(5), world.poll_activity(None)).await }
    });
    settle().await;
    world.ahead.store(24 * 3_600, Ordering::SeqCst);
    assert!(first.await.unwrap().is_err(), "its client has hung up");
    world.history.hold.store(false, Ordering::SeqCst);
    world.history.lose_answer.store(false, Ordering::SeqCst);
    assert_eq!(world.poll_activity(None).await.as_deref(), Some("order-2"));
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn goodbye_of_a_worker_that_names_a_normal_queue_loses_nothing() {
    let world = World::with(small());
    for n in 0..4 {
        world.offer(workflow_task(&format!("order-{n}"))).await.unwrap();
    }
    world.goodbye("orders").await;
    let mut got = Vec::new();
    for _ in 0..4 {
        got.extend(world.poll_workflow().await.workflow_execution.map(|of| of.workflow_id));
    }
    got.sort();
    assert_eq!(got, ["order-0", "order-1", "order-2", "order-3"]);
}
