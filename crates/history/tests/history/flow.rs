//! A workflow from start to end.

use std::sync::atomic::Ordering;
use std::time::Duration;

use model::{TaskQueueKind, Timestamp};
use proto::temporal::api::command::v1::UpsertWorkflowSearchAttributesCommandAttributes;
use proto::temporal::api::command::v1::command::Attributes;
use proto::temporal::api::common::v1::SearchAttributes;
use proto::temporal::api::enums::v1::EventType as T;
use proto::temporal::api::enums::v1::{CommandType, WorkflowExecutionStatus};
use testkit::commands::{complete, schedule_activity};

use crate::world::{RETENTION, World, key, settle, types};

#[tokio::test(start_paused = true)]
async fn one_activity_workflow_completes_with_eight_rows_and_no_read() {
    let world = World::new().await;
    let started = world.start("order-1").await.unwrap();
    assert!(started.started);
    let task = world.workflow_task().await;
    assert_eq!(
        types(&task.history.as_ref().unwrap().events),
        [T::WorkflowExecutionStarted, T::WorkflowTaskScheduled, T::WorkflowTaskStarted]
    );
    world.complete(&task, vec![schedule_activity("pay")]).await.unwrap();
    let activity = world.activity_task().await;
    assert_eq!(activity.activity_id, "pay");
    world.activity_done(&activity).await.unwrap();
    let task = world.workflow_task().await;
    assert_eq!(task.history.as_ref().unwrap().events.len(), 9);
    world.complete(&task, vec![complete("ok")]).await.unwrap();

    let events = world.history("order-1").await.unwrap();
    assert_eq!(
        types(&events),
        [
            T::WorkflowExecutionStarted,
            T::WorkflowTaskScheduled,
            T::WorkflowTaskStarted,
            T::WorkflowTaskCompleted,
            T::ActivityTaskScheduled,
            T::ActivityTaskStarted,
            T::ActivityTaskCompleted,
            T::WorkflowTaskScheduled,
            T::WorkflowTaskStarted,
            T::WorkflowTaskCompleted,
            T::WorkflowExecutionCompleted,
        ]
    );
    let described = world.describe("order-1").await.unwrap().workflow_execution_info.unwrap();
    assert_eq!(described.status(), WorkflowExecutionStatus::Completed);
    assert_eq!(world.watch.rows.load(Ordering::SeqCst), 8, "rows of a one-activity workflow");
    assert_eq!(world.watch.loads.load(Ordering::SeqCst), 0, "reads of a one-activity workflow");

    // The closed run's row says when its retention ends, without another write.
    let rows = world.stores.lanes.scan_wake(model::SlotRange::ALL, Timestamp::MAX, None, 10).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(rows[0].wake_at > Timestamp::EPOCH + RETENTION);
}

#[tokio::test(start_paused = true)]
async fn searchable_row_of_an_open_run_is_written_once_after_a_second() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    world.signal("order-1", "a").await.unwrap();
    world.signal("order-1", "b").await.unwrap();
    assert!(world.disk.visible.rows.lock().is_empty());
    tokio::time::sleep(Duration::from_secs(2)).await;
    settle().await;
    let rows = world.disk.visible.rows.lock();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].workflow_type, "Order");
    assert_eq!(rows[0].close_time, None);
}

#[tokio::test(start_paused = true)]
async fn closed_run_is_deleted_when_its_retention_ends() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![complete("ok")]).await.unwrap();
    tokio::time::sleep(RETENTION + Duration::from_secs(600)).await;
    settle().await;
    assert_eq!(world.disk.visible.deleted.lock().len(), 1);
    let loaded = world.stores.lanes.load(&key("order-1"), None).await.unwrap();
    assert!(loaded.runs.is_empty() && loaded.current.is_none());
    assert!(matches!(world.history("order-1").await, Err(rpc::Error::NotFound(_))));
    assert!(world.start("order-1").await.unwrap().started);
}

#[tokio::test(start_paused = true)]
async fn task_of_a_vanished_sticky_worker_goes_to_the_normal_queue() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete_sticky(&task, vec![]).await.unwrap();
    world.matching.no_sticky_worker.store(true, Ordering::Relaxed);
    world.signal("order-1", "go").await.unwrap();
    let offer = world.offered(TaskQueueKind::Workflow).await;
    assert_eq!((offer.queue.as_str(), offer.sticky), ("orders", false));
    let task = world.begin(&offer).await.unwrap();
    assert_eq!(task.history.unwrap().events[0].event_id, 1, "a worker of the normal queue gets the whole history");
}

#[tokio::test(start_paused = true)]
async fn sticky_worker_gets_what_it_has_not_seen() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete_sticky(&task, vec![]).await.unwrap();
    world.signal("order-1", "go").await.unwrap();
    let offer = world.offered(TaskQueueKind::Workflow).await;
    assert_eq!((offer.queue.as_str(), offer.sticky), ("sticky-1", true));
    let task = world.begin(&offer).await.unwrap();
    assert_eq!(task.previous_started_event_id, 3);
    assert_eq!(task.history.unwrap().events[0].event_id, 4);
}

#[tokio::test(start_paused = true)]
async fn offer_of_a_terminated_workflow_is_withdrawn() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    world.offered(TaskQueueKind::Workflow).await;
    settle().await;
    let request = proto::temporal::api::workflowservice::v1::TerminateWorkflowExecutionRequest {
        workflow_execution: Some(crate::world::execution("order-1")),
        ..Default::default()
    };
    use rpc::services::History;
    world.service.terminate_workflow(&rpc::Context::default(), &crate::world::namespace(), request, None).await.unwrap();
    settle().await;
    assert_eq!(world.matching.withdrawn.lock().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn child_runs_and_reports_to_its_parent() {
    let world = World::new().await;
    world.start("parent").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![testkit::commands::start_child("child")]).await.unwrap();
    // The parent hears of the start, the child gets its first task: in either order.
    let mut seen = Vec::new();
    for _ in 0..2 {
        let task = world.workflow_task().await;
        let id = task.workflow_execution.clone().unwrap().workflow_id;
        let commands = if id == "child" { vec![complete("child is done")] } else { vec![] };
        world.complete(&task, commands).await.unwrap();
        seen.push(id);
    }
    seen.sort();
    assert_eq!(seen, ["child", "parent"]);
    let task = world.workflow_task().await;
    let last = task.history.unwrap().events;
    assert!(types(&last).contains(&T::ChildWorkflowExecutionCompleted), "{:?}", types(&last));
}

#[tokio::test(start_paused = true)]
async fn chain_of_fifty_runs_keeps_one_in_memory() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    for _ in 0..50 {
        let task = world.workflow_task().await;
        world.complete(&task, vec![testkit::commands::continue_as_new("more")]).await.unwrap();
    }
    let loaded = world.stores.lanes.load(&key("order-1"), None).await.unwrap();
    assert_eq!(loaded.runs.len(), 1);
    assert_eq!(loaded.runs[0].turns.len(), 1, "the current run is the newest");
    assert!(world.service.resident().1 < 20_000, "{:?}", world.service.resident());
    let task = world.workflow_task().await;
    world.complete(&task, vec![complete("ok")]).await.unwrap();
    assert_eq!(world.watch.loads.load(Ordering::SeqCst), 1, "only the test itself read");
}

#[tokio::test(start_paused = true)]
async fn activity_that_never_ends_times_out_and_is_offered_again() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![schedule_activity("a")]).await.unwrap();
    let first = world.activity_task().await;
    assert_eq!(first.attempt, 1);
    let second = world.activity_task().await;
    assert_eq!(second.attempt, 2);
    assert!(matches!(world.activity_done(&first).await, Err(rpc::Error::NotFound(_))));
    world.activity_done(&second).await.unwrap();
    world.workflow_task().await;
}

#[tokio::test(start_paused = true)]
async fn search_attributes_that_the_namespace_does_not_have_fail_the_workflow_task() {
    let set = |name: &str, value: &str| {
        let indexed_fields = [(name.to_owned(), testkit::commands::payload(value))].into_iter().collect();
        let of = UpsertWorkflowSearchAttributesCommandAttributes { search_attributes: Some(SearchAttributes { indexed_fields }) };
        let kind = CommandType::UpsertWorkflowSearchAttributes;
        testkit::commands::command(kind, Attributes::UpsertWorkflowSearchAttributesCommandAttributes(of))
    };
    let table = [
        ("Nope", "v", "Namespace default has no mapping defined for search attribute Nope"),
        ("RunId", "v", "RunId attribute can't be set in SearchAttributes"),
        ("TemporalNope", "v", "search attribute TemporalNope is not defined"),
        ("TemporalSchedulePaused", "v", "invalid value for search attribute TemporalSchedulePaused of type Bool: v"),
    ];
    for (name, value, text) in table {
        let world = World::new().await;
        world.start("order-1").await.unwrap();
        let task = world.workflow_task().await;
        let good = set("BatcherUser", "me");
        let refused = world.complete(&task, vec![good, set(name, value)]).await.unwrap_err();
        assert_eq!(refused.to_string(), format!("BadSearchAttributes: {text}"));
        let events = world.history("order-1").await.unwrap();
        assert_eq!(events[3].event_type(), T::WorkflowTaskFailed);
    }
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![set("BatcherUser", "me")]).await.unwrap();
}
