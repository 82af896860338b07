//! Reading histories, long polls and queries.

use std::sync::Arc;
use std::time::Duration;

use proto::temporal::api::enums::v1::{EventType as T, HistoryEventFilterType, QueryRejectCondition, QueryResultType};
use proto::temporal::api::query::v1::WorkflowQueryResult;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::History;
use rpc::{Context, Error};
use testkit::commands::{complete, payloads, schedule_activity};

use crate::world::{World, execution, namespace, query, settle, types};

async fn page(
    world: &World,
    token: bytes::Bytes,
    wait: bool,
    filter: HistoryEventFilterType,
    size: i32,
) -> api::GetWorkflowExecutionHistoryResponse {
    let request = api::GetWorkflowExecutionHistoryRequest {
        execution: Some(execution("order-1")),
        next_page_token: token,
        wait_new_event: wait,
        history_event_filter_type: filter as i32,
        maximum_page_size: size,
        ..Default::default()
    };
    world.service.get_history(&Context::default(), &namespace(), request).await.unwrap()
}

const ALL: HistoryEventFilterType = HistoryEventFilterType::AllEvent;
const CLOSE: HistoryEventFilterType = HistoryEventFilterType::CloseEvent;

#[tokio::test(start_paused = true)]
async fn long_poll_for_the_close_event_ends_with_it() {
    let world = Arc::new(World::new().await);
    world.start("order-1").await.unwrap();
    let poll = tokio::spawn({
        let world = world.clone();
        async move { page(&world, bytes::Bytes::new(), true, CLOSE, 0).await }
    });
    let task = world.workflow_task().await;
    settle().await;
    assert!(!poll.is_finished());
    world.complete(&task, vec![complete("ok")]).await.unwrap();
    let answer = poll.await.unwrap();
    assert_eq!(types(&answer.history.unwrap().events), [T::WorkflowExecutionCompleted]);
    assert!(answer.next_page_token.is_empty());
}

#[tokio::test(start_paused = true)]
async fn long_poll_without_news_ends_empty_after_twenty_seconds_and_goes_on() {
    let world = Arc::new(World::new().await);
    world.start("order-1").await.unwrap();
    let first = page(&world, bytes::Bytes::new(), true, ALL, 0).await;
    assert_eq!(first.history.unwrap().events.len(), 2);
    let began = tokio::time::Instant::now();
    let nothing = page(&world, first.next_page_token, true, ALL, 0).await;
    assert_eq!(began.elapsed(), Duration::from_secs(20));
    assert!(nothing.history.unwrap().events.is_empty());
    let poll = tokio::spawn({
        let world = world.clone();
        async move { page(&world, nothing.next_page_token, true, ALL, 0).await }
    });
    settle().await;
    world.signal("order-1", "news").await.unwrap();
    let news = poll.await.unwrap();
    assert_eq!(types(&news.history.unwrap().events), [T::WorkflowExecutionSignaled]);
}

#[tokio::test(start_paused = true)]
async fn history_is_paged_both_ways_from_memory_and_from_the_store() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    for n in 0..10 {
        world.signal("order-1", &format!("s{n}")).await.unwrap();
    }
    for round in 0..2 {
        let (mut token, mut ids) = (bytes::Bytes::new(), Vec::new());
        loop {
            let answer = page(&world, token, false, ALL, 5).await;
            ids.extend(answer.history.unwrap().events.iter().map(|event| event.event_id));
            token = answer.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(ids, (1..=12).collect::<Vec<_>>(), "round {round}");
        let (mut token, mut ids) = (bytes::Bytes::new(), Vec::new());
        loop {
            let request = api::GetWorkflowExecutionHistoryReverseRequest {
                execution: Some(execution("order-1")),
                next_page_token: token,
                maximum_page_size: 5,
                ..Default::default()
            };
            let answer = world.service.get_history_reverse(&Context::default(), &namespace(), request).await.unwrap();
            ids.extend(answer.history.unwrap().events.iter().map(|event| event.event_id));
            token = answer.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(ids, (1..=12).rev().collect::<Vec<_>>(), "round {round}");
        // The second round reads from the store.
        world.matching.spills.store(true, std::sync::atomic::Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn started_task_shows_in_a_plain_read_but_not_in_a_waiting_one() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let _task = world.workflow_task().await;
    assert_eq!(types(&world.history("order-1").await.unwrap()).last(), Some(&T::WorkflowTaskStarted));
    let waiting = page(&world, bytes::Bytes::new(), true, ALL, 0).await;
    assert_eq!(types(&waiting.history.unwrap().events).last(), Some(&T::WorkflowTaskScheduled));
    let described = world.describe("order-1").await.unwrap();
    assert_eq!(described.workflow_execution_info.unwrap().history_length, 3);
    assert!(described.pending_workflow_task.unwrap().started_time.is_some());
}

#[tokio::test(start_paused = true)]
async fn query_during_a_pending_task_is_answered_by_its_completion() {
    let world = Arc::new(World::new().await);
    world.start("order-1").await.unwrap();
    let asked = tokio::spawn({
        let world = world.clone();
        async move {
            let context = Context::within(Duration::from_secs(30));
            world.service.query_workflow(&context, &namespace(), query()).await
        }
    });
    settle().await;
    let task = world.workflow_task().await;
    assert_eq!(task.queries.len(), 1);
    let id = task.queries.keys().next().unwrap().clone();
    let result = WorkflowQueryResult {
        result_type: QueryResultType::Answered as i32,
        answer: Some(payloads("buffered")),
        ..Default::default()
    };
    world
        .complete_with(api::RespondWorkflowTaskCompletedRequest {
            task_token: task.task_token,
            query_results: [(id, result)].into(),
            commands: vec![schedule_activity("a")],
            ..Default::default()
        })
        .await
        .unwrap();
    assert_eq!(asked.await.unwrap().unwrap().query_result, Some(payloads("buffered")));
    assert!(world.matching.queries.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn query_of_an_idle_or_closed_workflow_goes_to_a_worker_directly() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete_sticky(&task, vec![]).await.unwrap();
    let context = Context::within(Duration::from_secs(30));
    let answer = world.service.query_workflow(&context, &namespace(), query()).await.unwrap();
    assert_eq!(answer.query_result, Some(payloads("direct")));
    world.matching.no_sticky_worker.store(true, std::sync::atomic::Ordering::Relaxed);
    world.service.query_workflow(&context, &namespace(), query()).await.unwrap();
    let asked: Vec<bool> = world.matching.queries.lock().iter().map(|query| query.sticky).collect();
    assert_eq!(asked, [true, true, false]);
    let last = world.matching.queries.lock().last().unwrap().task.clone();
    assert_eq!(last.history.unwrap().events.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn second_query_of_a_busy_workflow_is_refused_and_conditions_reject() {
    let world = Arc::new(World::new().await);
    world.start("order-1").await.unwrap();
    let first = tokio::spawn({
        let world = world.clone();
        async move {
            let context = Context::within(Duration::from_secs(30));
            world.service.query_workflow(&context, &namespace(), query()).await
        }
    });
    settle().await;
    let context = Context::within(Duration::from_secs(30));
    let second = world.service.query_workflow(&context, &namespace(), query()).await;
    assert!(matches!(second, Err(Error::ResourceExhausted { .. })), "{second:?}");
    let task = world.workflow_task().await;
    world.complete(&task, vec![complete("ok")]).await.unwrap();
    // Nobody answered it, and no other task will: it went to a worker directly.
    assert_eq!(first.await.unwrap().unwrap().query_result, Some(payloads("direct")));
    let request = api::QueryWorkflowRequest { query_reject_condition: QueryRejectCondition::NotOpen as i32, ..query() };
    let rejected = world.service.query_workflow(&context, &namespace(), request).await.unwrap();
    assert!(rejected.query_rejected.is_some());
}

#[tokio::test(start_paused = true)]
async fn tokens_that_are_none_are_the_callers_mistake() {
    let world = World::new().await;
    let request = api::RespondWorkflowTaskCompletedRequest { task_token: b"\xff\xff".as_slice().into(), ..Default::default() };
    let refused = world.complete_with(request).await;
    assert_eq!(refused, Err(Error::InvalidArgument("Error deserializing task token.".to_owned())));
    let request = api::GetWorkflowExecutionHistoryRequest {
        execution: Some(execution("order-1")),
        next_page_token: b"nonsense".as_slice().into(),
        ..Default::default()
    };
    let refused = world.service.get_history(&Context::default(), &namespace(), request).await;
    assert_eq!(refused, Err(Error::InvalidArgument("Invalid NextPageToken.".to_owned())));
}
