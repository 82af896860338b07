//! Two things at once: an end and a question, an eviction and a read, a drain and a turn that comes too late.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::EventType as T;
use proto::temporal::api::taskqueue::v1::{StickyExecutionAttributes, TaskQueue};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::History;
use rpc::{Context, Error};
use testkit::commands::{continue_as_new, payloads};

use crate::world::{World, execution, namespace, query, settle, types};

#[tokio::test(start_paused = true)]
async fn query_that_waits_for_a_task_goes_to_a_worker_directly_once_the_workflow_is_terminated() {
    let world = Arc::new(World::new().await);
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![]).await.unwrap();
    world.signal("order-1", "go").await.unwrap();
    let began = tokio::time::Instant::now();
    let asked = tokio::spawn({
        let world = world.clone();
        async move { world.service.query_workflow(&Context::within(Duration::from_secs(30)), &namespace(), query()).await }
    });
    settle().await;
    assert!(!asked.is_finished());
    let request = api::TerminateWorkflowExecutionRequest { workflow_execution: Some(execution("order-1")), ..Default::default() };
    world.service.terminate_workflow(&Context::default(), &namespace(), request, None).await.unwrap();
    assert_eq!(asked.await.unwrap().unwrap().query_result, Some(payloads("direct")));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn absurd_sticky_timeout_does_no_harm_to_a_query() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    let queue = TaskQueue { name: "sticky-1".to_owned(), kind: 2, normal_name: "orders".to_owned() };
    world
        .complete_with(api::RespondWorkflowTaskCompletedRequest {
            task_token: task.task_token,
            sticky_attributes: Some(StickyExecutionAttributes {
                worker_task_queue: Some(queue),
                schedule_to_start_timeout: Some(testkit::commands::seconds_of(i64::MAX)),
            }),
            ..Default::default()
        })
        .await
        .unwrap();
    let asked = world.service.query_workflow(&Context::within(Duration::from_secs(30)), &namespace(), query()).await.unwrap();
    assert_eq!(asked.query_result, Some(payloads("direct")));
}

#[tokio::test(start_paused = true)]
async fn turn_that_comes_after_the_lane_was_closed_is_never_seen() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.watch.held_loads.store(true, Ordering::SeqCst);
    let world = Arc::new(world);
    let signal = tokio::spawn({
        let world = world.clone();
        async move { world.signal("order-1", "too late").await }
    });
    settle().await;
    let read = tokio::spawn({
        let world = world.clone();
        async move { world.history("order-1").await }
    });
    settle().await;
    world.begin_drain();
    tokio::time::sleep(Duration::from_secs(15)).await;
    world.watch.let_go();
    assert!(matches!(signal.await.unwrap(), Err(Error::Unavailable(_))));
    if let Ok(events) = read.await.unwrap() {
        assert_eq!(types(&events).last(), Some(&T::WorkflowTaskCompleted), "the signal was never stored");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn older_run_is_found_however_busy_its_chain_is() {
    let world = Arc::new(World::new().await);
    let first = world.start("order-1").await.unwrap().run_id;
    let task = world.workflow_task().await;
    world.complete(&task, vec![continue_as_new("more")]).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let signals = tokio::spawn({
        let (world, done) = (world.clone(), done.clone());
        async move {
            for n in 0..3_000 {
                world.signal("order-1", &format!("s{n}")).await.unwrap();
            }
            done.store(true, Ordering::SeqCst);
        }
    });
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (world, done, run_id) = (world.clone(), done.clone(), first.clone());
            tokio::spawn(async move {
                let execution = Some(WorkflowExecution { workflow_id: "order-1".to_owned(), run_id });
                let request = api::DescribeWorkflowExecutionRequest { execution, ..Default::default() };
                while !done.load(Ordering::SeqCst) {
                    world.service.describe_workflow(&Context::default(), &namespace(), request.clone()).await.unwrap();
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    signals.await.unwrap();
    for reader in readers {
        reader.await.unwrap();
    }
}
