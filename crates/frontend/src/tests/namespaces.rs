//! Namespaces from registration to deprecation, on the memory store.

use std::collections::BTreeMap;

use prost_types::Duration;
use proto::temporal::api::enums::v1::{IndexedValueType, NamespaceState};
use proto::temporal::api::namespace::v1::{NamespaceConfig, UpdateNamespaceInfo};
use proto::temporal::api::operatorservice::v1 as operator;
use proto::temporal::api::workflowservice::v1 as wire;
use tonic::{Code, Status};

use super::world::{World, world};

const fn hours(hours: i64) -> Option<Duration> {
    Some(Duration { seconds: hours * 3600, nanos: 0 })
}

fn register(name: &str) -> wire::RegisterNamespaceRequest {
    wire::RegisterNamespaceRequest {
        namespace: name.to_owned(),
        description: "where orders live".to_owned(),
        workflow_execution_retention_period: hours(72),
        ..Default::default()
    }
}

async fn describe(world: &World, name: &str, id: &str) -> Result<wire::DescribeNamespaceResponse, Status> {
    let request = wire::DescribeNamespaceRequest { namespace: name.to_owned(), id: id.to_owned(), ..Default::default() };
    world.client().describe_namespace(request).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_registered_namespace_is_described_by_name_and_by_id() {
    let world = world().await;
    world.client().register_namespace(register("orders")).await.unwrap();
    let by_name = describe(&world, "orders", "").await.unwrap();
    let info = by_name.namespace_info.clone().unwrap();
    assert_eq!((info.name.as_str(), info.state()), ("orders", NamespaceState::Registered));
    assert_eq!(info.description, "where orders live");
    assert_eq!(by_name.config.as_ref().unwrap().workflow_execution_retention_ttl, hours(72));
    assert_eq!(by_name.replication_config.as_ref().unwrap().active_cluster_name, "active");
    let limits = info.limits.unwrap();
    assert_eq!((limits.blob_size_limit_error, limits.memo_size_limit_error), (2_097_152, 2_097_152));
    let capabilities = info.capabilities.unwrap();
    assert!(capabilities.eager_workflow_start);
    assert!(!capabilities.sync_update && !capabilities.worker_heartbeats && !capabilities.poller_autoscaling);
    assert_eq!(describe(&world, "", &info.id).await.unwrap(), by_name);
    let both = describe(&world, "orders", &info.id).await.unwrap_err();
    assert_eq!(both.message(), "Only one of namespace name or Id should be set on request.");
    let unknown = describe(&world, "nowhere", "").await.unwrap_err();
    assert_eq!((unknown.code(), unknown.message()), (Code::NotFound, "Namespace nowhere is not found."));
}

#[tokio::test]
async fn what_cannot_be_registered_says_why() {
    let world = world().await;
    let of = |change: fn(&mut wire::RegisterNamespaceRequest)| {
        let mut request = register("orders");
        change(&mut request);
        request
    };
    let table = [
        (of(|r| r.namespace.clear()), Code::InvalidArgument, "Namespace is not set on request."),
        (of(|r| r.namespace = "x".repeat(1001)), Code::InvalidArgument, "Namespace length exceeds limit."),
        (
            of(|r| r.namespace = "a\0b".to_owned()),
            Code::InvalidArgument,
            "Namespace contains a NUL byte, which cannot be stored; leave it out.",
        ),
        (of(|r| r.namespace = "shop".to_owned()), Code::AlreadyExists, "Namespace \"shop\" already exists"),
        (
            of(|r| r.workflow_execution_retention_period = None),
            Code::InvalidArgument,
            "A valid retention period is not set on request.",
        ),
        (
            of(|r| r.workflow_execution_retention_period = hours(0)),
            Code::InvalidArgument,
            "A valid retention period is not set on request.",
        ),
        (
            of(|r| r.workflow_execution_retention_period = hours(-1)),
            Code::InvalidArgument,
            "A valid retention period is not set on request.",
        ),
        (of(|r| r.active_cluster_name = "other".to_owned()), Code::InvalidArgument, "Invalid local namespace active cluster"),
        (
            of(|r| {
                r.clusters = vec![proto::temporal::api::replication::v1::ClusterReplicationConfig {
                    cluster_name: "other".to_owned(),
                    ..Default::default()
                }]
            }),
            Code::InvalidArgument,
            "Invalid cluster name: other",
        ),
    ];
    for (request, code, text) in table {
        let status = world.client().register_namespace(request).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (code, text));
    }
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_keeps_the_rest() {
    let world = world().await;
    world.client().register_namespace(register("orders")).await.unwrap();
    let update = |config, info| wire::UpdateNamespaceRequest {
        namespace: "orders".to_owned(),
        config,
        update_info: info,
        ..Default::default()
    };
    let data = BTreeMap::from([("team".to_owned(), "blue".to_owned())]);
    let info = UpdateNamespaceInfo { owner_email: "a@b.c".to_owned(), data, ..Default::default() };
    world.client().update_namespace(update(None, Some(info))).await.unwrap();
    let config = NamespaceConfig { workflow_execution_retention_ttl: hours(24), ..Default::default() };
    let answer = world.client().update_namespace(update(Some(config), None)).await.unwrap().into_inner();
    assert_eq!(answer.config.unwrap().workflow_execution_retention_ttl, hours(24));
    let info = answer.namespace_info.unwrap();
    assert_eq!((info.description.as_str(), info.owner_email.as_str()), ("where orders live", "a@b.c"));
    assert_eq!(info.data["team"], "blue");
    assert_eq!(world.namespaces.by_name("orders").unwrap().retention().as_secs(), 24 * 3600);
    let short = NamespaceConfig { workflow_execution_retention_ttl: hours(0), ..Default::default() };
    let status = world.client().update_namespace(update(Some(short), None)).await.unwrap_err();
    assert_eq!(status.message(), "A valid retention period is not set on request.");
}

#[tokio::test]
async fn a_deprecated_namespace_takes_no_new_workflows_but_shows_the_old_ones() {
    let world = world().await;
    world.client().register_namespace(register("orders")).await.unwrap();
    let deprecate = wire::DeprecateNamespaceRequest { namespace: "orders".to_owned(), ..Default::default() };
    world.client().deprecate_namespace(deprecate).await.unwrap();
    let start = wire::StartWorkflowExecutionRequest { namespace: "orders".to_owned(), ..Default::default() };
    let status = world.client().start_workflow_execution(start).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    let list = wire::ListWorkflowExecutionsRequest { namespace: "orders".to_owned(), ..Default::default() };
    world.client().list_workflow_executions(list).await.unwrap();
    let back = UpdateNamespaceInfo { state: NamespaceState::Registered as i32, ..Default::default() };
    let update = wire::UpdateNamespaceRequest { namespace: "orders".to_owned(), update_info: Some(back), ..Default::default() };
    let status = world.client().update_namespace(update).await.unwrap_err();
    assert_eq!(status.message(), "Invalid namespace state update.");
}

#[tokio::test]
async fn namespaces_are_listed_by_name_page_by_page() {
    let world = world().await;
    for name in ["c", "a", "b"] {
        world.client().register_namespace(register(name)).await.unwrap();
    }
    let (mut names, mut token) = (Vec::new(), bytes::Bytes::new());
    loop {
        let request = wire::ListNamespacesRequest { page_size: 2, next_page_token: token, ..Default::default() };
        let page = world.client().list_namespaces(request).await.unwrap().into_inner();
        assert!(page.namespaces.len() <= 2);
        names.extend(page.namespaces.into_iter().map(|namespace| namespace.namespace_info.unwrap().name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["a", "b", "c", "shop"]);
    let junk = wire::ListNamespacesRequest { next_page_token: bytes::Bytes::from_static(b"junk"), ..Default::default() };
    assert_eq!(world.client().list_namespaces(junk).await.unwrap_err().message(), "Invalid NextPageToken.");
}

#[tokio::test]
async fn search_attributes_are_added_listed_and_removed() {
    let world = world().await;
    let add = |name: &str, ty: i32| operator::AddSearchAttributesRequest {
        search_attributes: BTreeMap::from([(name.to_owned(), ty)]),
        namespace: "shop".to_owned(),
    };
    let keyword = IndexedValueType::Keyword as i32;
    world.operator().add_search_attributes(add("Shape", keyword)).await.unwrap();
    world.operator().add_search_attributes(add("Shape", keyword)).await.unwrap();
    for (request, text) in [
        (add("WorkflowId", keyword), "Search attribute WorkflowId is reserved by system."),
        (add("Other", 99), "Unknown search attribute type: 99."),
        (
            operator::AddSearchAttributesRequest { namespace: "shop".to_owned(), ..Default::default() },
            "SearchAttributes are not set on request.",
        ),
    ] {
        let status = world.operator().add_search_attributes(request).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::InvalidArgument, text));
    }
    let list = || operator::ListSearchAttributesRequest { namespace: "shop".to_owned() };
    let listed = world.operator().list_search_attributes(list()).await.unwrap().into_inner();
    assert_eq!(listed.custom_attributes.keys().collect::<Vec<_>>(), ["Color", "Count", "Shape"]);
    assert!(listed.system_attributes.contains_key("ExecutionStatus"));
    let remove = |name: &str| operator::RemoveSearchAttributesRequest {
        search_attributes: vec![name.to_owned()],
        namespace: "shop".to_owned(),
    };
    world.operator().remove_search_attributes(remove("Shape")).await.unwrap();
    let status = world.operator().remove_search_attributes(remove("RunId")).await.unwrap_err();
    assert_eq!(status.message(), "Unable to remove non-custom search attributes: [RunId].");
    let listed = world.operator().list_search_attributes(list()).await.unwrap().into_inner();
    assert_eq!(listed.custom_attributes.keys().collect::<Vec<_>>(), ["Color", "Count"]);
    let keys = world.client().get_search_attributes(wire::GetSearchAttributesRequest {}).await.unwrap().into_inner().keys;
    assert_eq!(keys.get("Color"), Some(&keyword));
}
