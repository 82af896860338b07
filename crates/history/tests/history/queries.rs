//! Queries (`semantics.md` 8): who may be asked when, and what becomes of an answer.

use std::sync::Arc;
use std::time::Duration;

use proto::temporal::api::enums::v1::{QueryRejectCondition as Condition, QueryResultType, WorkflowExecutionStatus as Status};
use proto::temporal::api::query::v1::WorkflowQueryResult;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::History;
use rpc::{Context, Error};
use testkit::commands::{complete, payloads, seconds_of};
use tokio::task::JoinHandle;

use crate::world::{World, execution, namespace, query, settle, start_request};

type Asked = JoinHandle<Result<api::QueryWorkflowResponse, Error>>;

async fn ask_within(
    world: &World,
    seconds: u64,
    request: api::QueryWorkflowRequest,
) -> Result<api::QueryWorkflowResponse, Error> {
    world.service.query_workflow(&Context::within(Duration::from_secs(seconds)), &namespace(), request).await
}

/// Asks while something else goes on.
async fn asks(world: &Arc<World>) -> Asked {
    let asked = tokio::spawn({
        let world = world.clone();
        async move { ask_within(&world, 30, query()).await }
    });
    settle().await;
    asked
}

/// The worker answers the query that its task carries.
async fn answers(world: &World, task: api::PollWorkflowTaskQueueResponse, result: WorkflowQueryResult) {
    let id = task.queries.keys().next().cloned().expect("the task carries the query");
    let request = api::RespondWorkflowTaskCompletedRequest {
        task_token: task.task_token,
        query_results: [(id, result)].into(),
        ..Default::default()
    };
    world.complete_with(request).await.unwrap();
}

fn direct(answer: Result<api::QueryWorkflowResponse, Error>) -> bool {
    answer.unwrap().query_result == Some(payloads("direct"))
}

fn not_ready(answer: &Result<api::QueryWorkflowResponse, Error>, text: &str) -> bool {
    matches!(answer, Err(Error::WorkflowNotReady(why)) if why == text)
}

#[tokio::test(start_paused = true)]
async fn query_of_nobody_is_not_found() {
    let world = World::new().await;
    let answer = ask_within(&world, 30, query()).await;
    assert_eq!(answer.unwrap_err(), Error::NotFound("workflow not found for ID: order-1".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn query_of_a_workflow_that_closed_before_any_worker_saw_it_is_refused() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let request = api::TerminateWorkflowExecutionRequest { workflow_execution: Some(execution("order-1")), ..Default::default() };
    world.service.terminate_workflow(&Context::default(), &namespace(), request, None).await.unwrap();
    let answer = ask_within(&world, 30, query()).await;
    assert!(not_ready(&answer, "Workflow execution closed before WorkflowTaskStarted event"), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn query_before_the_first_task_waits_for_it_unless_that_comes_too_late() {
    let world = Arc::new(World::new().await);
    let request = api::StartWorkflowExecutionRequest { workflow_start_delay: Some(seconds_of(20)), ..start_request("order-1") };
    world.start_with(request).await.unwrap();
    let answer = ask_within(&world, 10, query()).await;
    assert!(not_ready(&answer, "Workflow task is not scheduled yet."), "{answer:?}");
    let asked = asks(&world).await;
    let task = world.workflow_task().await;
    let result = WorkflowQueryResult {
        result_type: QueryResultType::Answered as i32,
        answer: Some(payloads("at last")),
        ..Default::default()
    };
    answers(&world, task, result).await;
    assert_eq!(asked.await.unwrap().unwrap().query_result, Some(payloads("at last")));
}

#[tokio::test(start_paused = true)]
async fn query_of_a_workflow_whose_task_keeps_failing_is_refused() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    for attempt in 1..=2 {
        let task = world.workflow_task().await;
        assert_eq!(task.attempt, attempt);
        let request = api::RespondWorkflowTaskFailedRequest { task_token: task.task_token, ..Default::default() };
        world.service.workflow_task_failed(&Context::default(), &namespace(), request).await.unwrap();
    }
    let answer = ask_within(&world, 30, query()).await;
    assert!(not_ready(&answer, "Unable to query workflow due to Workflow Task in failed state."), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn worker_may_say_that_a_query_failed() {
    let world = Arc::new(World::new().await);
    world.start("order-1").await.unwrap();
    let asked = asks(&world).await;
    let task = world.workflow_task().await;
    let result = WorkflowQueryResult {
        result_type: QueryResultType::Failed as i32,
        error_message: "no such query".to_owned(),
        ..Default::default()
    };
    answers(&world, task, result).await;
    let answer = asked.await.unwrap();
    assert!(matches!(&answer, Err(Error::QueryFailed { message, .. }) if message == "no such query"), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn answer_that_is_too_large_fails_the_query_but_not_the_task() {
    let world = Arc::new(World::new().await);
    world.start("order-1").await.unwrap();
    let asked = asks(&world).await;
    let task = world.workflow_task().await;
    let large = WorkflowQueryResult {
        result_type: QueryResultType::Answered as i32,
        answer: Some(payloads(&"x".repeat(3 * 1024 * 1024))),
        ..Default::default()
    };
    answers(&world, task, large).await;
    let answer = asked.await.unwrap();
    let text = "Blob data size exceeds limit.";
    assert!(matches!(&answer, Err(Error::QueryFailed { message, .. }) if message == text), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn query_that_comes_while_a_worker_is_busy_goes_with_the_next_task_or_directly() {
    for more in [true, false] {
        let world = Arc::new(World::new().await);
        world.start("order-1").await.unwrap();
        let busy = world.workflow_task().await;
        let asked = asks(&world).await;
        if more {
            world.signal("order-1", "news").await.unwrap();
        }
        world.complete(&busy, vec![]).await.unwrap();
        if more {
            let result = WorkflowQueryResult {
                result_type: QueryResultType::Answered as i32,
                answer: Some(payloads("with the next")),
                ..Default::default()
            };
            let task = world.workflow_task().await;
            answers(&world, task, result).await;
            assert_eq!(asked.await.unwrap().unwrap().query_result, Some(payloads("with the next")));
        } else {
            assert!(direct(asked.await.unwrap()), "no task follows that could carry it");
            assert_eq!(world.offers(), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn query_that_no_worker_takes_ends_with_its_callers_patience() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let began = tokio::time::Instant::now();
    let answer = ask_within(&world, 3, query()).await;
    let text = "query timed out before a worker could process it";
    assert_eq!(answer.unwrap_err(), Error::DeadlineExceeded(text.to_owned()));
    assert_eq!(began.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn conditions_reject_by_how_the_workflow_stands() {
    let rejected = |answer: Result<api::QueryWorkflowResponse, Error>| answer.unwrap().query_rejected.map(|of| of.status());
    let with = |condition: Condition| api::QueryWorkflowRequest { query_reject_condition: condition as i32, ..query() };
    let ends = [(complete("ok"), Status::Completed, None), (testkit::commands::fail("no"), Status::Failed, Some(Status::Failed))];
    for (end, status, unclean) in ends {
        let world = World::new().await;
        world.start("order-1").await.unwrap();
        let task = world.workflow_task().await;
        world.complete(&task, vec![testkit::commands::start_timer("t", 5)]).await.unwrap();
        for condition in [Condition::Unspecified, Condition::None, Condition::NotOpen, Condition::NotCompletedCleanly] {
            assert_eq!(rejected(ask_within(&world, 30, with(condition)).await), None, "it is open");
        }
        let task = world.workflow_task().await;
        world.complete(&task, vec![end]).await.unwrap();
        assert_eq!(rejected(ask_within(&world, 30, with(Condition::NotOpen)).await), Some(status));
        assert_eq!(rejected(ask_within(&world, 30, with(Condition::NotCompletedCleanly)).await), unclean);
        assert!(direct(ask_within(&world, 30, with(Condition::None)).await));
    }
}
