//! Lists and counts over a connection, on the memory store.

use model::ids::ChainKind;
use model::visibility::{ExecutionStatus, SearchAttributeValue, VisibilityRow};
use model::{RunId, Timestamp, WorkflowId};
use prost_types::Timestamp as WireTime;
use proto::temporal::api::enums::v1::WorkflowExecutionStatus;
use proto::temporal::api::filter::v1::{StartTimeFilter, StatusFilter, WorkflowTypeFilter};
use proto::temporal::api::workflow::v1::WorkflowExecutionInfo;
use proto::temporal::api::workflowservice::v1 as wire;
use tonic::Code;
use uuid::Uuid;
use visibility::VisibilityStore;

use super::world::{World, world};

/// Ten executions: even ones closed as completed, odd ones open; started a second apart.
async fn filled() -> World {
    let world = world().await;
    let namespace = world.namespaces.by_name("shop").unwrap().reference.id;
    let row = |n: u32| {
        let (id, run) = (WorkflowId::parse(&format!("w-{n}")).unwrap(), RunId::new(Uuid::from_u128(u128::from(n))));
        let start = Timestamp::from_parts(1_000 + i64::from(n), 0);
        let closed = n.is_multiple_of(2);
        VisibilityRow {
            namespace,
            kind: ChainKind::Workflow,
            workflow_id: id.clone(),
            run_id: run,
            version: 1,
            workflow_type: if n < 5 { "Order".to_owned() } else { "Refund".to_owned() },
            task_queue: "q".to_owned(),
            status: if closed { ExecutionStatus::Completed } else { ExecutionStatus::Running },
            start_time: start,
            execution_time: start,
            close_time: closed.then(|| start + std::time::Duration::from_secs(5)),
            history_length: closed.then_some(11),
            history_size_bytes: None,
            state_transition_count: None,
            parent: None,
            root: (id, run),
            memo: Vec::new(),
            search_attributes: [("Color".to_owned(), SearchAttributeValue::Keyword("red".to_owned()))].into(),
        }
    };
    world.visibility.upsert((0..10).map(row).collect()).await.unwrap();
    world
}

fn ids(executions: &[WorkflowExecutionInfo]) -> Vec<&str> {
    executions.iter().filter_map(|info| info.execution.as_ref()).map(|execution| execution.workflow_id.as_str()).collect()
}

fn list(query: &str, page_size: i32, token: bytes::Bytes) -> wire::ListWorkflowExecutionsRequest {
    wire::ListWorkflowExecutionsRequest {
        namespace: "shop".to_owned(),
        query: query.to_owned(),
        page_size,
        next_page_token: token,
    }
}

#[tokio::test]
async fn a_list_comes_page_by_page_and_its_token_fits_no_other_list() {
    let world = filled().await;
    let query = "WorkflowType = 'Order' AND Color = \"red\"";
    let (mut found, mut token) = (Vec::new(), bytes::Bytes::new());
    let mut pages = 0;
    loop {
        let page = world.client().list_workflow_executions(list(query, 2, token)).await.unwrap().into_inner();
        found.extend(page.executions);
        pages += 1;
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        let other = world.client().list_workflow_executions(list("Color = 'red'", 2, token.clone())).await.unwrap_err();
        assert_eq!((other.code(), other.message()), (Code::InvalidArgument, "Invalid NextPageToken."));
    }
    assert_eq!(ids(&found), ["w-3", "w-1", "w-4", "w-2", "w-0"]);
    assert_eq!(pages, 3);
    let closed = found.iter().find(|info| info.status() == WorkflowExecutionStatus::Completed).unwrap();
    assert_eq!((closed.history_length, closed.execution_duration.map(|duration| duration.seconds)), (11, Some(5)));
    assert!(closed.search_attributes.as_ref().unwrap().indexed_fields.contains_key("Color"));
    let scan = wire::ScanWorkflowExecutionsRequest { namespace: "shop".to_owned(), ..Default::default() };
    assert_eq!(world.client().scan_workflow_executions(scan).await.unwrap().into_inner().executions.len(), 10);
}

#[tokio::test]
async fn counts_come_alone_or_by_status() {
    let world = filled().await;
    let count = |query: &str| wire::CountWorkflowExecutionsRequest { namespace: "shop".to_owned(), query: query.to_owned() };
    let all = world.client().count_workflow_executions(count("Color = 'red'")).await.unwrap().into_inner();
    assert_eq!((all.count, all.groups.len()), (10, 0));
    let grouped = world.client().count_workflow_executions(count("GROUP BY ExecutionStatus")).await.unwrap().into_inner();
    let groups: Vec<_> = grouped
        .groups
        .iter()
        .map(|group| (String::from_utf8_lossy(&group.group_values[0].data).into_owned(), group.count))
        .collect();
    assert_eq!(groups, [("\"Running\"".to_owned(), 5), ("\"Completed\"".to_owned(), 5)]);
}

#[tokio::test]
async fn a_query_that_is_wrong_says_where() {
    let world = world().await;
    let status = world.client().list_workflow_executions(list("Colour = 'red'", 0, bytes::Bytes::new())).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().starts_with("invalid query: "), "{}", status.message());
    assert!(status.message().contains("Colour"), "{}", status.message());
}

#[tokio::test]
async fn the_older_lists_filter_by_time_type_and_status() {
    let world = filled().await;
    let at = |seconds| Some(WireTime { seconds, nanos: 0 });
    let between = |from, to| Some(StartTimeFilter { earliest_time: at(from), latest_time: at(to) });
    let open = |start_time_filter, filters| wire::ListOpenWorkflowExecutionsRequest {
        namespace: "shop".to_owned(),
        start_time_filter,
        filters,
        ..Default::default()
    };
    let typed = wire::list_open_workflow_executions_request::Filters::TypeFilter(WorkflowTypeFilter { name: "Order".to_owned() });
    let found = world.client().list_open_workflow_executions(open(between(1002, 2000), Some(typed))).await.unwrap().into_inner();
    assert_eq!(ids(&found.executions), ["w-3"]);
    let backwards = world.client().list_open_workflow_executions(open(between(2, 1), None)).await.unwrap_err();
    assert_eq!(backwards.message(), "EarliestTime in StartTimeFilter should not be larger than LatestTime.");

    let closed = |status| wire::ListClosedWorkflowExecutionsRequest {
        namespace: "shop".to_owned(),
        filters: Some(wire::list_closed_workflow_executions_request::Filters::StatusFilter(StatusFilter { status })),
        ..Default::default()
    };
    let completed = closed(WorkflowExecutionStatus::Completed as i32);
    let found = world.client().list_closed_workflow_executions(completed).await.unwrap().into_inner();
    assert_eq!(ids(&found.executions), ["w-8", "w-6", "w-4", "w-2", "w-0"]);
    let running = closed(WorkflowExecutionStatus::Running as i32);
    let status = world.client().list_closed_workflow_executions(running).await.unwrap_err();
    assert_eq!(status.message(), "StatusFilter must be specified and must be not Running.");
    let archived = wire::ListArchivedWorkflowExecutionsRequest { namespace: "shop".to_owned(), ..Default::default() };
    let status = world.client().list_archived_workflow_executions(archived).await.unwrap_err();
    assert_eq!(status.message(), "Cluster is not configured for reading archived visibility records.");
}
