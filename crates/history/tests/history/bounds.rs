//! Nothing grows without end, nothing spins, and the end of the process waits for nobody who cannot come.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use history::Options;
use proto::temporal::api::enums::v1::EventType as T;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::History;
use rpc::{Context, Error};
use testkit::commands::{complete, continue_as_new, start_child, start_timer};

use crate::world::{RETENTION, World, execution, key, namespace, query, settle, start_request, types};

const DAY: i64 = 24 * 3600;

#[tokio::test(start_paused = true)]
async fn older_runs_of_a_chain_that_never_leaves_memory_are_deleted_when_their_retention_ends() {
    let world = World::with(Options { idle: Duration::from_secs(30 * 24 * 3600), ..Options::DEFAULT }).await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![continue_as_new("more")]).await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![start_timer("t", 10 * DAY)]).await.unwrap();
    tokio::time::sleep(RETENTION + Duration::from_secs(600)).await;
    settle().await;
    assert_eq!(world.disk.visible.deleted.lock().len(), 1);
    world.signal("order-1", "still here").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn chain_that_cannot_be_stored_is_tried_again_with_patience() {
    let world = World::new().await;
    world.start("parent").await.unwrap();
    let task = world.workflow_task().await;
    world.watch.poison.lock().push(key("child"));
    world.complete(&task, vec![start_child("child")]).await.unwrap();
    settle().await;
    // Now the child may start; that it did is news which the store does not take from its parent.
    *world.watch.poison.lock() = vec![key("parent")];
    world.watch.refused.store(0, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(60)).await;
    for _ in 0..40 {
        settle().await;
    }
    let at_once = world.watch.refused.load(Ordering::SeqCst);
    assert!(at_once <= 4, "{at_once} commits without a pause");
    tokio::time::sleep(Duration::from_secs(60)).await;
    let in_a_minute = world.watch.refused.load(Ordering::SeqCst);
    assert!((4..400).contains(&in_a_minute), "{in_a_minute} commits in a minute");
    world.watch.poison.lock().clear();
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert!(types(&world.history("parent").await.unwrap()).contains(&T::ChildWorkflowExecutionStarted));
}

#[tokio::test(start_paused = true)]
async fn older_run_that_owes_its_parent_a_report_still_owes_it_after_a_turn_could_not_be_stored() {
    let world = World::new().await;
    world.start("parent").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![start_child("child")]).await.unwrap();
    let mut parent = None;
    while world.history("child").await.ok().is_none_or(|events| !types(&events).contains(&T::WorkflowExecutionCompleted)) {
        let task = world.workflow_task().await;
        if task.workflow_execution.as_ref().unwrap().workflow_id == "parent" {
            parent = Some(task);
            continue;
        }
        // The parent cannot hear of it for a while.
        world.watch.poison.lock().push(key("parent"));
        world.complete(&task, vec![complete("child is done")]).await.unwrap();
    }
    drop(parent);
    world
        .start_with(api::StartWorkflowExecutionRequest { request_id: "another".to_owned(), ..start_request("child") })
        .await
        .unwrap();
    world.watch.poison.lock().push(key("child"));
    assert!(matches!(world.signal("child", "go").await, Err(Error::Unavailable(_))));
    world.watch.poison.lock().clear();
    tokio::time::sleep(Duration::from_secs(120)).await;
    let events = world.history("parent").await.unwrap();
    assert!(types(&events).contains(&T::ChildWorkflowExecutionCompleted), "{:?}", types(&events));
}

#[tokio::test(start_paused = true)]
async fn drain_does_not_wait_for_queries_that_nobody_will_answer() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let delayed = api::StartWorkflowExecutionRequest {
        workflow_start_delay: Some(testkit::commands::seconds_of(20)),
        ..start_request("order-2")
    };
    world.start_with(delayed).await.unwrap();
    let ask = |id: &str| {
        let (service, request) = (world.service.clone(), api::QueryWorkflowRequest { execution: Some(execution(id)), ..query() });
        let context = Context::within(Duration::from_secs(30));
        tokio::spawn(async move { service.query_workflow(&context, &namespace(), request).await })
    };
    let asked = [ask("order-1"), ask("order-2")];
    settle().await;
    let began = tokio::time::Instant::now();
    let (_, ended) = world.drain().await;
    ended.unwrap();
    for asked in asked {
        assert!(matches!(asked.await.unwrap(), Err(Error::Unavailable(_))));
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn chains_that_somebody_waited_for_leave_no_trace_in_memory() {
    let world = Arc::new(World::new().await);
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![]).await.unwrap();
    let request = api::GetWorkflowExecutionHistoryRequest {
        execution: Some(execution("order-1")),
        wait_new_event: true,
        ..Default::default()
    };
    let first = world.service.get_history(&Context::default(), &namespace(), request.clone()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let wait = api::GetWorkflowExecutionHistoryRequest { next_page_token: first.next_page_token, ..request };
    world.service.get_history(&Context::default(), &namespace(), wait).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.service.resident(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn start_that_lost_and_that_nobody_waits_for_leaves_no_trace_in_memory() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.service.resident(), (0, 0));
    world.watch.held.store(true, Ordering::SeqCst);
    let again = api::StartWorkflowExecutionRequest { request_id: "another".to_owned(), ..start_request("order-1") };
    assert!(tokio::time::timeout(Duration::from_secs(1), world.start_with(again)).await.is_err());
    world.watch.let_go();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.service.resident(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn runs_whose_retention_ends_all_at_once_do_not_crowd_out_calls() {
    let options = Options { queue_turns: 40, batch_deletes: 10, ..Options::DEFAULT };
    let world = Arc::new(World::with(options).await);
    for n in 0..100 {
        world.start(&format!("order-{n}")).await.unwrap();
        let task = world.workflow_task().await;
        world.complete(&task, vec![complete("ok")]).await.unwrap();
    }
    tokio::time::sleep(RETENTION - Duration::from_secs(60)).await;
    world.watch.held.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(120)).await;
    let start = tokio::spawn({
        let world = world.clone();
        async move { world.start("order-new").await }
    });
    settle().await;
    world.watch.let_go();
    start.await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.disk.visible.deleted.lock().len(), 100);
}

#[tokio::test(start_paused = true)]
async fn old_runs_of_one_chain_go_together() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    for _ in 0..40 {
        let task = world.workflow_task().await;
        world.complete(&task, vec![continue_as_new("more")]).await.unwrap();
    }
    let task = world.workflow_task().await;
    world.complete(&task, vec![complete("ok")]).await.unwrap();
    let disk = world.crash().await;
    // Nobody is there when their retention ends; then all of them are due at once.
    tokio::time::sleep(RETENTION + Duration::from_secs(600)).await;
    let world = World::boot(disk, Options::DEFAULT).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(world.disk.visible.deleted.lock().len(), 41);
}

/// Commits stop during the pause while a start is on its way; a worker's completion that comes meanwhile is taken all the same.
async fn while_commits_are_held(world: &Arc<World>, pause: impl Future<Output = ()>, task: api::PollWorkflowTaskQueueResponse) {
    world.watch.held.store(true, Ordering::SeqCst);
    let in_flight = tokio::spawn({
        let world = world.clone();
        async move { world.start("in-flight").await }
    });
    pause.await;
    let started = tokio::spawn({
        let world = world.clone();
        async move { world.start("in-between").await }
    });
    let completed = tokio::spawn({
        let world = world.clone();
        async move { world.complete(&task, vec![complete("ok")]).await }
    });
    settle().await;
    world.watch.let_go();
    completed.await.unwrap().unwrap();
    in_flight.await.unwrap().unwrap();
    started.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn timers_that_fire_all_at_once_do_not_crowd_out_workers() {
    let world = Arc::new(World::with(Options { queue_turns: 20, ..Options::DEFAULT }).await);
    for n in 0..100 {
        world.start(&format!("order-{n}")).await.unwrap();
        let task = world.workflow_task().await;
        world.complete(&task, vec![start_timer("t", 30)]).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(29)).await;
    world.start("other").await.unwrap();
    let task = world.workflow_task().await;
    while_commits_are_held(&world, tokio::time::sleep(Duration::from_secs(2)), task).await;
    for _ in 0..102 {
        let task = world.workflow_task().await;
        world.complete(&task, vec![complete("ok")]).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn searchable_rows_that_are_due_all_at_once_do_not_crowd_out_workers() {
    let world = Arc::new(World::with(Options { queue_turns: 20, ..Options::DEFAULT }).await);
    world.start("other").await.unwrap();
    let task = world.workflow_task().await;
    for n in 0..100 {
        world.start(&format!("order-{n}")).await.unwrap();
    }
    while_commits_are_held(&world, tokio::time::sleep(Duration::from_secs(3)), task).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let mut shown: Vec<String> = world.disk.visible.rows.lock().iter().map(|row| row.workflow_id.to_string()).collect();
    shown.sort();
    shown.dedup();
    assert_eq!(shown.len(), 103);
}

#[tokio::test(start_paused = true)]
async fn housekeeping_goes_on_however_busy_the_lane_is() {
    let world = Arc::new(World::with(Options { queue_turns: 20, idle: Duration::from_secs(2), ..Options::DEFAULT }).await);
    world.matching.spills.store(true, Ordering::SeqCst);
    world.start("order-1").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    world.start("order-2").await.unwrap();
    settle().await;
    world.watch.held.store(true, Ordering::SeqCst);
    // The first is in a commit, the others wait for the next.
    let mut calls = Vec::new();
    for n in 0..12 {
        let world = world.clone();
        calls.push(tokio::spawn(async move { world.start(&format!("other-{n}")).await }));
        settle().await;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    // What was added meanwhile is written now, without time passing.
    world.watch.let_go();
    settle().await;
    assert!(world.disk.visible.rows.lock().iter().any(|row| row.workflow_id.as_str() == "order-2"), "it is in no list");
    let stored = world.stores.lanes.load(&key("order-1"), None).await.unwrap();
    assert!(stored.runs.iter().all(|run| run.row.wake_at == model::Timestamp::MAX), "it is in memory still");
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn chains_that_leave_memory_all_at_once_do_not_crowd_out_workers() {
    let world = Arc::new(World::with(Options { queue_turns: 20, ..Options::DEFAULT }).await);
    for n in 0..100 {
        world.start(&format!("order-{n}")).await.unwrap();
        let task = world.workflow_task().await;
        world.complete(&task, vec![start_timer("t", DAY)]).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(9)).await;
    world.start("other").await.unwrap();
    let task = world.workflow_task().await;
    while_commits_are_held(&world, tokio::time::sleep(Duration::from_secs(5)), task).await;
    world.matching.spills.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.service.resident(), (0, 0));
}
