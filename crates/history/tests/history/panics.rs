//! A bug that panics costs its own turn, and nothing else.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use proto::temporal::api::common::v1::SearchAttributes;
use proto::temporal::api::enums::v1::EventType as T;
use proto::temporal::api::workflowservice::v1 as api;
use testkit::commands::complete;

use crate::world::{World, settle, start_request, types};

fn searchable(id: &str) -> api::StartWorkflowExecutionRequest {
    let indexed_fields = [("Customer".to_owned(), testkit::commands::payload("c-1"))].into();
    api::StartWorkflowExecutionRequest { search_attributes: Some(SearchAttributes { indexed_fields }), ..start_request(id) }
}

#[tokio::test(start_paused = true)]
async fn turn_that_panics_leaves_no_trace_and_its_chain_goes_on() {
    let world = Arc::new(World::new().await);
    world.start_with(searchable("order-1")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let task = world.workflow_task().await;
    world.namespaces.panics.store(true, Ordering::SeqCst);
    let completed = tokio::spawn({
        let world = world.clone();
        async move { world.complete(&task, vec![complete("ok")]).await }
    });
    assert!(completed.await.is_ok_and(|ended| ended.is_err()), "the caller hears of it");
    assert!(!types(&world.history("order-1").await.unwrap()).contains(&T::WorkflowExecutionCompleted));
    let task = world.workflow_task().await;
    world.complete(&task, vec![complete("ok")]).await.unwrap();
    assert_eq!(types(&world.history("order-1").await.unwrap()).last(), Some(&T::WorkflowExecutionCompleted));
}

#[tokio::test(start_paused = true)]
async fn searchable_row_that_panics_keeps_no_other_from_being_written() {
    let world = World::new().await;
    world.namespaces.panics.store(true, Ordering::SeqCst);
    world.start_with(searchable("order-1")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    world.start("order-2").await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    settle().await;
    let rows = world.disk.visible.rows.lock();
    assert!(rows.iter().any(|row| row.workflow_id.as_str() == "order-2"));
}
