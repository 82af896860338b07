//! DescribeWorkflowExecution (`semantics.md` 11.3), and what GetWorkflowExecutionHistory shows at its end (11.1).

use std::time::Duration;

use proto::temporal::api::common::v1::link::workflow_event::Reference;
use proto::temporal::api::common::v1::{Link, Memo, Priority, link};
use proto::temporal::api::enums::v1::{
    EventType as T, HistoryEventFilterType as Filter, ParentClosePolicy, PendingActivityState, PendingWorkflowTaskState,
    QueryRejectCondition as Condition, TaskQueueKind, WorkflowExecutionStatus as Status, WorkflowIdConflictPolicy,
};
use proto::temporal::api::query::v1::WorkflowQuery;
use proto::temporal::api::sdk::v1::UserMetadata;
use proto::temporal::api::workflow::v1::OnConflictOptions;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::History;
use rpc::{Context, Error};
use testkit::commands::{application_failure, complete, payload, payloads, schedule_activity, seconds_of, start_child};

use crate::world::{World, execution, namespace, start_request, types};

#[tokio::test(start_paused = true)]
async fn description_has_what_the_start_said_and_what_became_of_it() {
    let world = World::new().await;
    let memo = Memo { fields: [("note".to_owned(), payload("n"))].into_iter().collect() };
    let request = api::StartWorkflowExecutionRequest {
        workflow_execution_timeout: Some(seconds_of(100)),
        workflow_run_timeout: Some(seconds_of(50)),
        workflow_start_delay: Some(seconds_of(2)),
        memo: Some(memo.clone()),
        priority: Some(Priority { priority_key: 2, ..Priority::default() }),
        user_metadata: Some(UserMetadata { summary: Some(payload("why")), details: None }),
        ..start_request("order-1")
    };
    let run = world.start_with(request).await.unwrap().run_id;
    let task = world.workflow_task().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.complete(&task, vec![complete("ok")]).await.unwrap();

    let described = world.describe("order-1").await.unwrap();
    let config = described.execution_config.unwrap();
    let queue = config.task_queue.unwrap();
    assert_eq!((queue.name.as_str(), queue.kind()), ("orders", TaskQueueKind::Normal));
    assert_eq!(config.workflow_execution_timeout, Some(seconds_of(100)));
    assert_eq!(config.workflow_run_timeout, Some(seconds_of(50)));
    assert_eq!(config.default_workflow_task_timeout, Some(seconds_of(10)));
    assert_eq!(config.user_metadata.unwrap().summary, Some(payload("why")));

    let info = described.workflow_execution_info.unwrap();
    assert_eq!((info.execution.clone().unwrap().run_id, info.first_run_id.clone()), (run.clone(), run));
    assert_eq!((info.r#type.clone().unwrap().name.as_str(), info.task_queue.as_str()), ("Order", "orders"));
    assert_eq!((info.status(), info.history_length), (Status::Completed, 5));
    assert_eq!(info.memo, Some(memo));
    assert_eq!(info.priority.map(|of| of.priority_key), Some(2));
    assert_eq!((info.root_execution, info.parent_execution), (info.execution, None));
    let began = info.start_time.unwrap().seconds;
    assert_eq!(info.execution_time.unwrap().seconds, began + 2, "start and first wait");
    assert_eq!(info.close_time.unwrap().seconds, began + 3);
    assert_eq!(info.execution_duration.unwrap().seconds, 1, "from the execution's time");
    assert!(info.history_size_bytes > 100);
    assert_eq!(info.state_transition_count, 4, "start, first task, its start, its end");

    let extended = described.workflow_extended_info.unwrap();
    assert_eq!(extended.execution_expiration_time.unwrap().seconds, began + 100);
    assert_eq!(extended.run_expiration_time.unwrap().seconds, began + 52);
    assert_eq!(extended.original_start_time, info.start_time);
    assert!(!extended.cancel_requested);
    let created = extended.request_id_infos["start-order-1"];
    assert_eq!((created.event_type(), created.event_id, created.buffered), (T::WorkflowExecutionStarted, 1, false));
}

#[tokio::test(start_paused = true)]
async fn description_tells_which_request_ids_are_attached_and_whether_they_wait() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let attach = |request_id: &str| api::StartWorkflowExecutionRequest {
        request_id: request_id.to_owned(),
        workflow_id_conflict_policy: WorkflowIdConflictPolicy::UseExisting as i32,
        on_conflict_options: Some(OnConflictOptions { attach_request_id: true, ..Default::default() }),
        ..start_request("order-1")
    };
    world.start_with(attach("second")).await.unwrap();
    let task = world.workflow_task().await;
    world.start_with(attach("third")).await.unwrap();
    let infos = |described: api::DescribeWorkflowExecutionResponse| {
        let infos = described.workflow_extended_info.unwrap().request_id_infos;
        ["second", "third"].map(|id| (infos[id].event_type(), infos[id].event_id, infos[id].buffered))
    };
    let updated = T::WorkflowExecutionOptionsUpdated;
    assert_eq!(infos(world.describe("order-1").await.unwrap()), [(updated, 3, false), (updated, 0, true)]);
    world.complete(&task, vec![]).await.unwrap();
    assert_eq!(infos(world.describe("order-1").await.unwrap()), [(updated, 3, false), (updated, 6, false)]);
    let request = api::TerminateWorkflowExecutionRequest { workflow_execution: Some(execution("order-1")), ..Default::default() };
    world.service.terminate_workflow(&Context::default(), &namespace(), request, None).await.unwrap();
    world.start_with(attach("fourth")).await.unwrap();
    let described = world.describe("order-1").await.unwrap();
    let ids: Vec<_> = described.workflow_extended_info.unwrap().request_id_infos.into_keys().collect();
    assert_eq!(ids, ["fourth"], "those of the run before are no longer its own");
}

#[tokio::test(start_paused = true)]
async fn description_shows_an_activity_from_attempt_to_attempt() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![schedule_activity("a")]).await.unwrap();
    let pending = async || world.describe("order-1").await.unwrap().pending_activities.remove(0);
    let waiting = pending().await;
    assert_eq!((waiting.state(), waiting.attempt, waiting.activity_id.as_str()), (PendingActivityState::Scheduled, 1, "a"));
    assert_eq!((waiting.next_attempt_schedule_time, waiting.current_retry_interval), (None, None));

    let attempt = world.activity_task().await;
    let beat = api::RecordActivityTaskHeartbeatRequest {
        task_token: attempt.task_token.clone(),
        details: Some(payloads("half")),
        identity: "worker".to_owned(),
        ..Default::default()
    };
    world.service.activity_heartbeat(&Context::default(), &namespace(), beat).await.unwrap();
    let running = pending().await;
    assert_eq!((running.state(), running.last_worker_identity.as_str()), (PendingActivityState::Started, "worker"));
    assert_eq!(running.heartbeat_details, Some(payloads("half")));
    assert!(running.last_started_time.is_some() && running.last_heartbeat_time.is_some());

    let failed = api::RespondActivityTaskFailedRequest {
        task_token: attempt.task_token,
        failure: Some(application_failure("no", false)),
        identity: "worker".to_owned(),
        ..Default::default()
    };
    world.service.activity_failed(&Context::default(), &namespace(), failed).await.unwrap();
    let backing_off = pending().await;
    assert_eq!((backing_off.state(), backing_off.attempt), (PendingActivityState::Scheduled, 2));
    assert_eq!(backing_off.current_retry_interval, Some(seconds_of(1)));
    assert_eq!(backing_off.next_attempt_schedule_time, backing_off.scheduled_time);
    assert_eq!(backing_off.last_failure.unwrap().message, "no");
    assert_eq!(backing_off.last_worker_identity, "worker");
    let completed = backing_off.last_attempt_complete_time.unwrap().seconds;
    assert_eq!(backing_off.scheduled_time.unwrap().seconds, completed + 1);

    world.activity_task().await;
    let again = pending().await;
    assert_eq!((again.state(), again.attempt), (PendingActivityState::Started, 2));
    assert_eq!((again.next_attempt_schedule_time, again.current_retry_interval), (None, None), "it waits no longer");
}

#[tokio::test(start_paused = true)]
async fn description_shows_children_and_the_workflow_task() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![start_child("child")]).await.unwrap();
    let offer = world.offered(model::TaskQueueKind::Workflow).await;
    let described = world.describe("order-1").await.unwrap();
    let child = described.pending_children[0].clone();
    assert_eq!((child.workflow_id.as_str(), child.workflow_type_name.as_str(), child.initiated_id), ("child", "Child", 5));
    assert_eq!(child.parent_close_policy(), ParentClosePolicy::Terminate);
    let its_own = world.describe("child").await.unwrap().workflow_execution_info.unwrap();
    assert_eq!(child.run_id, its_own.execution.unwrap().run_id);
    assert_eq!(its_own.parent_execution, described.workflow_execution_info.as_ref().unwrap().execution);
    assert_eq!(its_own.root_execution, its_own.parent_execution);

    let pending = described.pending_workflow_task.unwrap();
    assert_eq!((pending.state(), pending.attempt, pending.started_time), (PendingWorkflowTaskState::Scheduled, 1, None));
    assert_eq!(pending.original_scheduled_time, pending.scheduled_time);
    world.begin(&offer).await.unwrap();
    let described = [world.describe("order-1").await.unwrap(), world.describe("child").await.unwrap()];
    assert!(described.iter().any(|of| of.pending_workflow_task.unwrap().state() == PendingWorkflowTaskState::Started));
}

async fn read(world: &World, change: impl FnOnce(&mut api::GetWorkflowExecutionHistoryRequest)) -> (Vec<T>, bytes::Bytes) {
    let mut request = api::GetWorkflowExecutionHistoryRequest { execution: Some(execution("order-1")), ..Default::default() };
    change(&mut request);
    let answer = world.service.get_history(&Context::default(), &namespace(), request).await.unwrap();
    (types(&answer.history.unwrap().events), answer.next_page_token)
}

#[tokio::test(start_paused = true)]
async fn task_that_is_tried_again_shows_at_the_end_of_a_plain_read() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    let request = api::RespondWorkflowTaskFailedRequest { task_token: task.task_token, ..Default::default() };
    world.service.workflow_task_failed(&Context::default(), &namespace(), request).await.unwrap();
    let failed = [T::WorkflowExecutionStarted, T::WorkflowTaskScheduled, T::WorkflowTaskStarted, T::WorkflowTaskFailed];
    let shown = |tail: &[T]| [&failed[..], tail].concat();
    assert_eq!(read(&world, |_| ()).await.0, shown(&[T::WorkflowTaskScheduled]));
    let length = async || world.describe("order-1").await.unwrap().workflow_execution_info.unwrap().history_length;
    assert_eq!(length().await, 4);
    world.workflow_task().await;
    assert_eq!(read(&world, |_| ()).await.0, shown(&[T::WorkflowTaskScheduled, T::WorkflowTaskStarted]));
    assert_eq!(length().await, 4, "what is not written is no part of it");
    assert_eq!(read(&world, |of| of.wait_new_event = true).await.0, failed, "who waits is shown what is written");
    // Out of memory and back.
    let (disk, ended) = world.drain().await;
    ended.unwrap();
    let world = World::boot(disk, history::Options::DEFAULT).await;
    assert_eq!(read(&world, |_| ()).await.0, shown(&[T::WorkflowTaskScheduled, T::WorkflowTaskStarted]));
}

#[tokio::test(start_paused = true)]
async fn close_event_is_the_last_one_or_nothing() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let close = |of: &mut api::GetWorkflowExecutionHistoryRequest| of.history_event_filter_type = Filter::CloseEvent as i32;
    assert_eq!(read(&world, close).await, (vec![], bytes::Bytes::new()), "it is open, and nobody waits");
    let task = world.workflow_task().await;
    world.complete(&task, vec![complete("ok")]).await.unwrap();
    assert_eq!(read(&world, close).await, (vec![T::WorkflowExecutionCompleted], bytes::Bytes::new()));
    let waits = |of: &mut api::GetWorkflowExecutionHistoryRequest| of.wait_new_event = true;
    let (events, token) = read(&world, waits).await;
    assert_eq!((events.len(), token.is_empty()), (5, true), "there is nothing to wait for");
}

#[tokio::test(start_paused = true)]
async fn page_token_belongs_to_its_run() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let (_, token) = read(&world, |of| of.maximum_page_size = 1).await;
    let mut other = execution("order-1");
    other.run_id = "00000000-0000-0000-0000-00000000002a".to_owned();
    let request =
        api::GetWorkflowExecutionHistoryRequest { execution: Some(other), next_page_token: token.clone(), ..Default::default() };
    let refused = world.service.get_history(&Context::default(), &namespace(), request).await;
    let text = "RunId in the request does not match the NextPageToken.";
    assert_eq!(refused.unwrap_err(), Error::InvalidArgument(text.to_owned()));
    world.signal("order-1", "news").await.unwrap();
    let (events, token) = read(&world, |of| of.next_page_token = token).await;
    assert_eq!(events, [T::WorkflowTaskScheduled, T::WorkflowExecutionSignaled], "what came since is added at the end");
    assert!(token.is_empty(), "a plain read ends, also of an open workflow");
}

#[tokio::test(start_paused = true)]
async fn answers_point_to_what_they_brought_about() {
    let world = World::new().await;
    let started = world.start("order-1").await.unwrap();
    let to = |link: Option<Link>| {
        let Some(link::Variant::WorkflowEvent(event)) = link.unwrap().variant else { panic!("to an event") };
        assert_eq!((event.namespace.as_str(), event.workflow_id.as_str()), ("default", "order-1"));
        assert_eq!(event.run_id, started.run_id);
        match event.reference.unwrap() {
            Reference::EventRef(of) => (of.event_id.to_string(), of.event_type()),
            Reference::RequestIdRef(of) => (of.request_id.clone(), of.event_type()),
        }
    };
    assert_eq!(to(started.link.clone()), ("1".to_owned(), T::WorkflowExecutionStarted));
    let attach = api::StartWorkflowExecutionRequest {
        request_id: "second".to_owned(),
        workflow_id_conflict_policy: WorkflowIdConflictPolicy::UseExisting as i32,
        on_conflict_options: Some(OnConflictOptions { attach_request_id: true, ..Default::default() }),
        ..start_request("order-1")
    };
    for _ in 0..2 {
        let attached = world.start_with(attach.clone()).await.unwrap();
        assert_eq!(to(attached.link), ("second".to_owned(), T::WorkflowExecutionOptionsUpdated));
    }
    let request = api::SignalWithStartWorkflowExecutionRequest {
        workflow_id: "order-1".to_owned(),
        workflow_type: start_request("order-1").workflow_type,
        task_queue: start_request("order-1").task_queue,
        signal_name: "go".to_owned(),
        request_id: "third".to_owned(),
        ..Default::default()
    };
    let context = Context::within(Duration::from_secs(30));
    let signalled = world.service.signal_with_start_workflow(&context, &namespace(), request).await.unwrap();
    assert_eq!(to(signalled.signal_link), ("third".to_owned(), T::WorkflowExecutionSignaled));

    let task = world.workflow_task().await;
    world.complete(&task, vec![complete("ok")]).await.unwrap();
    for (condition, reason) in [(Condition::None, "Query processed"), (Condition::NotOpen, "Query rejected")] {
        let request = api::QueryWorkflowRequest {
            execution: Some(execution("order-1")),
            query: Some(WorkflowQuery { query_type: "state".to_owned(), ..Default::default() }),
            query_reject_condition: condition as i32,
            ..Default::default()
        };
        let answer = world.service.query_workflow(&context, &namespace(), request).await.unwrap();
        let Some(link::Variant::Workflow(of)) = answer.link.unwrap().variant else { panic!("to a run") };
        assert_eq!((of.run_id, of.reason.as_str()), (started.run_id.clone(), reason));
    }
}
