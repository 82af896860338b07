//! Queries that go to a worker directly.

use model::TaskQueueName;
use proto::temporal::api::enums::v1::QueryResultType;
use proto::temporal::api::query::v1::WorkflowQuery;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::matching::{Matching, QueryOffer};
use rpc::{Context, Error};

use crate::world::{World, key, namespace, settle};

fn question() -> QueryOffer {
    QueryOffer {
        queue: TaskQueueName::parse("orders").unwrap(),
        sticky: false,
        key: key("order-1"),
        query: WorkflowQuery { query_type: "state".to_owned(), ..Default::default() },
        task: api::PollWorkflowTaskQueueResponse::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn answer_that_says_nothing_is_refused_and_the_query_waits_on() {
    let world = World::new();
    let asked = tokio::spawn({
        let world = world.clone();
        async move { world.service.query(&Context::default(), &namespace(), question()).await }
    });
    settle().await;
    let task = world.poll_workflow().await;
    let nothing = api::RespondQueryTaskCompletedRequest { task_token: task.task_token, ..Default::default() };
    let (context, namespace) = (Context::default(), namespace());
    let refused = world.service.query_answered(&context, &namespace, nothing.clone()).await;
    assert!(matches!(refused, Err(Error::InvalidArgument(_))));
    let something = api::RespondQueryTaskCompletedRequest { completed_type: QueryResultType::Answered as i32, ..nothing };
    world.service.query_answered(&context, &namespace, something).await.unwrap();
    asked.await.unwrap().unwrap();
}
