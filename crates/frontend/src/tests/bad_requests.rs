//! Requests that are wrong: code and text, as the public API has them.

use bytes::Bytes;
use prost::Message;
use prost_types::Duration;
use proto::aevum::token::v1::{ActivityTaskToken, QueryTaskToken, WorkflowTaskToken};
use proto::temporal::api::common::v1::{
    Link, Memo, Payload, Payloads, Priority, RetryPolicy, SearchAttributes, WorkflowExecution, WorkflowType,
};
use proto::temporal::api::enums::v1::{WorkflowIdConflictPolicy, WorkflowIdReusePolicy};
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::failure::v1::{ApplicationFailureInfo, Failure, TimeoutFailureInfo};
use proto::temporal::api::query::v1::WorkflowQuery;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflow::v1::OnConflictOptions;
use proto::temporal::api::workflowservice::v1 as wire;
use tonic::{Code, Status};

use super::world::{World, poll, world};

/// What the client sees: code and text.
fn said<T>(answer: Result<T, Status>) -> (Code, String) {
    answer.map_or_else(|status| (status.code(), status.message().to_owned()), |_| (Code::Ok, String::new()))
}

fn invalid(text: &str) -> (Code, String) {
    (Code::InvalidArgument, text.to_owned())
}

fn queue(name: &str) -> Option<TaskQueue> {
    Some(TaskQueue { name: name.to_owned(), ..Default::default() })
}

fn execution(workflow_id: &str, run_id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution { workflow_id: workflow_id.to_owned(), run_id: run_id.to_owned() })
}

const fn seconds(seconds: i64) -> Option<Duration> {
    Some(Duration { seconds, nanos: 0 })
}

fn blob(bytes: usize) -> Option<Payloads> {
    Some(Payloads { payloads: vec![Payload { data: vec![0; bytes].into(), ..Default::default() }] })
}

fn good_start() -> wire::StartWorkflowExecutionRequest {
    wire::StartWorkflowExecutionRequest {
        namespace: "shop".to_owned(),
        workflow_id: "w".to_owned(),
        workflow_type: Some(WorkflowType { name: "Order".to_owned() }),
        task_queue: queue("q"),
        request_id: "r".to_owned(),
        ..Default::default()
    }
}

type Change = fn(&mut wire::StartWorkflowExecutionRequest);

fn set_attributes(request: &mut wire::StartWorkflowExecutionRequest, name: &str, json: &'static str) {
    let metadata = [("encoding".to_owned(), Bytes::from_static(b"json/plain"))].into();
    let payload = Payload { metadata, data: Bytes::from_static(json.as_bytes()), ..Default::default() };
    request.search_attributes = Some(SearchAttributes { indexed_fields: [(name.to_owned(), payload)].into() });
}

#[tokio::test]
async fn starts_that_are_wrong_are_refused_in_the_apis_words() {
    let world = world().await;
    let table: &[(Change, &str)] = &[
        (|r| r.namespace.clear(), "Namespace not set on request."),
        (|r| r.namespace = "x".repeat(1001), "Namespace length exceeds limit."),
        (|r| r.workflow_id.clear(), "WorkflowId is not set on request."),
        (|r| r.workflow_id = "x".repeat(1001), "WorkflowId length exceeds limit."),
        (|r| r.workflow_id = "a\0".to_owned(), "WorkflowId contains a NUL byte, which cannot be stored; leave it out."),
        (|r| r.workflow_type = None, "WorkflowType is not set on request."),
        (|r| r.workflow_type = Some(WorkflowType { name: "x".repeat(1001) }), "WorkflowType length exceeds limit."),
        (|r| r.task_queue = None, "taskQueue is not set"),
        (|r| r.task_queue = queue(""), "missing task queue name"),
        (|r| r.task_queue = queue(&"x".repeat(1001)), "taskQueue length exceeds limit"),
        (|r| r.task_queue = queue("/_sys/a"), "task queue name cannot start with reserved prefix /_sys/"),
        (
            |r| r.task_queue = queue("temporal-sys-per-ns-tq"),
            "cannot use internal per-namespace task queue: temporal-sys-per-ns-tq",
        ),
        (|r| r.request_id = "x".repeat(1001), "RequestId length exceeds limit."),
        (|r| r.identity = "x".repeat(1001), "Identity length exceeds limit."),
        (
            |r| r.workflow_execution_timeout = seconds(-1),
            "An invalid WorkflowExecutionTimeoutSeconds is set on request. cause: negative duration",
        ),
        (
            |r| r.workflow_run_timeout = seconds(-1),
            "An invalid WorkflowRunTimeoutSeconds is set on request. cause: negative duration",
        ),
        (
            |r| r.workflow_task_timeout = Some(Duration { seconds: 1, nanos: -1 }),
            "An invalid WorkflowTaskTimeoutSeconds is set on request. cause: duration has seconds and nanos with different signs",
        ),
        (
            |r| r.workflow_start_delay = seconds(-1),
            "An invalid WorkflowStartDelaySeconds is set on request. cause: negative duration",
        ),
        (
            |r| r.retry_policy = Some(RetryPolicy { backoff_coefficient: 0.1, ..Default::default() }),
            "BackoffCoefficient cannot be less than 1 on retry policy.",
        ),
        (|r| r.cron_schedule = "not a cron".to_owned(), "invalid CronSchedule."),
        (|r| r.cron_schedule = "0 0 30 2 *".to_owned(), "invalid CronSchedule, no time can be found to satisfy the schedule"),
        (
            |r| {
                r.cron_schedule = "* * * * *".to_owned();
                r.workflow_start_delay = seconds(0);
            },
            "CronSchedule and WorkflowStartDelay may not be used together.",
        ),
        (
            |r| {
                r.set_workflow_id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate);
                r.set_workflow_id_conflict_policy(WorkflowIdConflictPolicy::TerminateExisting);
            },
            "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with \
             WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING",
        ),
        (
            |r| r.on_conflict_options = Some(OnConflictOptions { attach_completion_callbacks: true, ..Default::default() }),
            "attaching request ID is required for attaching completion callbacks",
        ),
        (|r| r.priority = Some(Priority { priority_key: -1, ..Default::default() }), "priority key can't be negative"),
        (
            |r| r.priority = Some(Priority { fairness_key: "x".repeat(65), ..Default::default() }),
            "fairness key length exceeds limit",
        ),
        (|r| r.priority = Some(Priority { fairness_weight: -1.0, ..Default::default() }), "must be greater than zero"),
        (|r| r.links = vec![Link::default(); 11], "cannot attach more than 10 links per request, got 11"),
        (|r| set_attributes(r, "Unheard", "1"), "Namespace shop has no mapping defined for search attribute Unheard"),
        (|r| set_attributes(r, "Count", "\"many\""), "invalid value for search attribute Count of type Int: many"),
        (|r| set_attributes(r, "RunId", "\"a\""), "RunId attribute can't be set in SearchAttributes"),
        (
            |r| set_attributes(r, "Color", "\"a\\u0000\""),
            "search attribute Color contains a NUL byte, which cannot be stored; leave it out.",
        ),
        (|r| r.input = blob(2_100_000), "Blob data size exceeds limit."),
        (
            |r| {
                let payload = Payload { data: vec![0; 2_100_000].into(), ..Default::default() };
                r.memo = Some(Memo { fields: [("m".to_owned(), payload)].into() });
            },
            "Memo size exceeds limit.",
        ),
    ];
    for (change, text) in table {
        let mut request = good_start();
        change(&mut request);
        assert_eq!(said(world.client().start_workflow_execution(request).await), invalid(text));
    }
    assert!(world.seen.starts.lock().is_empty());
}

#[tokio::test]
async fn a_start_that_leaves_things_open_is_made_definite() {
    let world = world().await;
    let request = wire::StartWorkflowExecutionRequest {
        request_id: String::new(),
        retry_policy: Some(RetryPolicy::default()),
        workflow_run_timeout: seconds(i64::MAX),
        workflow_task_timeout: seconds(0),
        workflow_start_delay: seconds(0),
        ..good_start()
    };
    world.client().start_workflow_execution(request).await.unwrap();
    let start = world.seen.starts.lock().pop().unwrap();
    assert_eq!(start.workflow_id_reuse_policy(), WorkflowIdReusePolicy::AllowDuplicate);
    assert_eq!(start.workflow_id_conflict_policy(), WorkflowIdConflictPolicy::Fail);
    assert!(uuid::Uuid::parse_str(&start.request_id).is_ok());
    assert_eq!(start.retry_policy.map(|policy| policy.maximum_interval), Some(seconds(100)));
    assert_eq!(start.workflow_run_timeout, seconds(100 * 365 * 24 * 3600));
    assert_eq!(start.workflow_start_delay, None);
}

#[tokio::test]
async fn calls_about_executions_are_refused_in_the_apis_words() {
    type Change = fn(&mut wire::SignalWorkflowExecutionRequest);
    let world = world().await;
    let signal = |change: Change| {
        let mut request = wire::SignalWorkflowExecutionRequest {
            namespace: "shop".to_owned(),
            workflow_execution: execution("w", ""),
            signal_name: "s".to_owned(),
            ..Default::default()
        };
        change(&mut request);
        request
    };
    let table: &[(Change, &str)] = &[
        (|r| r.workflow_execution = None, "Execution is not set on request."),
        (|r| r.workflow_execution = execution("", ""), "WorkflowId is not set on request."),
        (|r| r.workflow_execution = execution("w", "nonsense"), "Invalid RunId."),
        (|r| r.signal_name.clear(), "SignalName is not set on request."),
        (|r| r.signal_name = "x".repeat(1001), "SignalName length exceeds limit."),
        (|r| r.request_id = "x".repeat(1001), "RequestId length exceeds limit."),
        (|r| r.input = blob(2_100_000), "Blob data size exceeds limit."),
        (|_| {}, ""),
    ];
    for (change, text) in table {
        let answer = said(world.client().signal_workflow_execution(signal(*change)).await);
        assert_eq!(answer.1, *text);
    }
    let query = |query: Option<WorkflowQuery>| wire::QueryWorkflowRequest {
        namespace: "shop".to_owned(),
        execution: execution("w", ""),
        query,
        ..Default::default()
    };
    assert_eq!(said(world.client().query_workflow(query(None)).await), invalid("WorkflowQuery is not set on request."));
    let untyped = query(Some(WorkflowQuery::default()));
    assert_eq!(said(world.client().query_workflow(untyped).await), invalid("QueryType is not set on request."));
    let both = wire::SignalWithStartWorkflowExecutionRequest {
        namespace: "shop".to_owned(),
        workflow_id: "w".to_owned(),
        signal_name: "s".to_owned(),
        workflow_id_conflict_policy: WorkflowIdConflictPolicy::Fail as i32,
        ..Default::default()
    };
    assert_eq!(
        said(world.client().signal_with_start_workflow_execution(both).await),
        invalid("Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.")
    );
}

#[tokio::test]
async fn polls_without_enough_time_are_refused() {
    let world = world().await;
    let request =
        wire::PollWorkflowTaskQueueRequest { namespace: "shop".to_owned(), task_queue: queue("q"), ..Default::default() };
    let none = said(world.client().poll_workflow_task_queue(request.clone()).await);
    assert_eq!(none, invalid("Context timeout is not set."));
    let mut short = tonic::Request::new(request.clone());
    short.set_timeout(std::time::Duration::from_millis(1900));
    let short = said(world.client().poll_workflow_task_queue(short).await);
    assert_eq!(short, (Code::FailedPrecondition, "Context timeout is too short.".to_owned()));
    assert_eq!(said(world.client().poll_workflow_task_queue(poll(request)).await), (Code::Ok, String::new()));
    let nowhere = wire::PollWorkflowTaskQueueRequest { namespace: "shop".to_owned(), ..Default::default() };
    assert_eq!(said(world.client().poll_workflow_task_queue(poll(nowhere)).await), invalid("taskQueue is not set"));
}

fn tokens(world: &World, namespace: &str) -> [Bytes; 3] {
    let id = world.namespaces.by_name(namespace).unwrap().reference.id.to_string();
    let workflow_id = "w".to_owned();
    let workflow =
        WorkflowTaskToken { format: 1, namespace_id: id.clone(), workflow_id: workflow_id.clone(), ..Default::default() };
    let activity = ActivityTaskToken { format: 1, namespace_id: id.clone(), workflow_id, ..Default::default() };
    let query = QueryTaskToken { format: 1, namespace_id: id, task_queue: "q".to_owned(), query_id: "1".to_owned() };
    [workflow.encode_to_vec().into(), activity.encode_to_vec().into(), query.encode_to_vec().into()]
}

#[tokio::test]
async fn task_tokens_decide_the_namespace_and_must_not_contradict_it() {
    let world = world().await;
    world.service.ensure_namespace("other", std::time::Duration::from_secs(3600)).await.unwrap();
    let [workflow, activity, query] = tokens(&world, "shop");
    let ok = (Code::Ok, String::new());
    let foreign = invalid("Operation requested with a token from a different namespace.");
    let table = [
        ("shop", true, ok.clone()),
        ("", true, ok),
        ("other", true, foreign),
        ("nowhere", true, (Code::NotFound, "Namespace nowhere is not found.".to_owned())),
        ("shop", false, invalid("Task token not set on request.")),
    ];
    for (namespace, with_token, expected) in table {
        let token = |token: &Bytes| if with_token { token.clone() } else { Bytes::new() };
        let namespace = namespace.to_owned();
        let request = wire::RespondWorkflowTaskCompletedRequest {
            task_token: token(&workflow),
            namespace: namespace.clone(),
            ..Default::default()
        };
        assert_eq!(said(world.client().respond_workflow_task_completed(request).await), expected);
        let request = wire::RespondActivityTaskCompletedRequest {
            task_token: token(&activity),
            namespace: namespace.clone(),
            ..Default::default()
        };
        assert_eq!(said(world.client().respond_activity_task_completed(request).await), expected);
        let request = wire::RespondQueryTaskCompletedRequest { task_token: token(&query), namespace, ..Default::default() };
        assert_eq!(said(world.client().respond_query_task_completed(request).await), expected);
    }
    for junk in [Bytes::from_static(b"junk"), Bytes::from_static(&[8, 9]), Bytes::from_static(&[0xff; 40])] {
        let request =
            wire::RecordActivityTaskHeartbeatRequest { task_token: junk, namespace: "shop".to_owned(), ..Default::default() };
        let answer = said(world.client().record_activity_task_heartbeat(request).await);
        assert_eq!(answer, invalid("Error deserializing task token."));
    }
}

#[tokio::test]
async fn activity_answers_are_checked_and_large_ones_fail_the_activity() {
    let world = world().await;
    let [_, task_token, _] = tokens(&world, "shop");
    let fail = |failure_info| wire::RespondActivityTaskFailedRequest {
        task_token: task_token.clone(),
        failure: Some(Failure { failure_info, ..Default::default() }),
        ..Default::default()
    };
    let timeout = fail(Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo::default())));
    let refused = invalid("Failure must have ApplicationFailureInfo.");
    assert_eq!(said(world.client().respond_activity_task_failed(timeout).await), refused);
    let delay = ApplicationFailureInfo { next_retry_delay: seconds(-1), ..Default::default() };
    let refused = invalid("NextRetryDelay is not a valid duration");
    let answer = world.client().respond_activity_task_failed(fail(Some(FailureInfo::ApplicationFailureInfo(delay)))).await;
    assert_eq!(said(answer), refused);

    let large = wire::RespondActivityTaskCompletedRequest {
        task_token: task_token.clone(),
        result: blob(2_100_000),
        ..Default::default()
    };
    world.client().respond_activity_task_completed(large).await.unwrap();
    let beat = wire::RecordActivityTaskHeartbeatRequest { task_token, details: blob(2_100_000), ..Default::default() };
    assert!(world.client().record_activity_task_heartbeat(beat).await.unwrap().into_inner().cancel_requested);
    let failures = world.seen.activity_failures.lock().clone();
    let texts: Vec<_> = failures.into_iter().filter_map(|failed| failed.failure).map(|failure| failure.message).collect();
    assert_eq!(texts, ["Complete result exceeds size limit.", "Heartbeat details exceed size limit."]);
}

#[tokio::test]
async fn calls_by_activity_id_become_calls_with_a_token_that_names_it() {
    let world = world().await;
    let request = |activity_id: &str| wire::RespondActivityTaskCompletedByIdRequest {
        namespace: "shop".to_owned(),
        workflow_id: "w".to_owned(),
        activity_id: activity_id.to_owned(),
        ..Default::default()
    };
    let refused = said(world.client().respond_activity_task_completed_by_id(request("")).await);
    assert_eq!(refused, invalid("ActivityId is not set on request."));
    world.client().respond_activity_task_completed_by_id(request("a-7")).await.unwrap();
    let completed = world.seen.activity_completions.lock().pop().unwrap();
    let token = ActivityTaskToken::decode(completed.task_token).unwrap();
    assert_eq!((token.workflow_id.as_str(), token.activity_id.as_str(), token.scheduled_event_id), ("w", "a-7", 0));
}
