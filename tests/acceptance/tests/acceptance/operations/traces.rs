//! Traces reach a collector: a call's span is a child of its caller's, and a collector that is not there slows nothing.

use std::sync::Arc;

use acceptance::client::Client;
use acceptance::server::{Server, Start, Storage};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::trace::v1::Span;
use parking_lot::Mutex;
use tonic::{Request, Response, Status};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// A collector that remembers.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(&self, request: Request<ExportTraceServiceRequest>) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let scopes = request.into_inner().resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        self.0.lock().extend(scopes.flat_map(|scope| scope.spans));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

#[tokio::test]
async fn a_calls_span_is_a_child_of_its_callers_and_reaches_the_collector() {
    let collector = Collector::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    let serving =
        tonic::transport::Server::builder().add_service(TraceServiceServer::new(collector.clone())).serve_with_incoming(incoming);
    let serving = tokio::spawn(serving);

    let start = Start::on(Storage::Memory).with(&["--otlp-endpoint", &endpoint]);
    let mut server = Server::start(&start).await.unwrap();
    let client = Client::new(&server.address).unwrap();
    let mut request = Request::new(client.start_request("order-1", "Order", "orders", None));
    let traceparent = format!("00-{TRACE}-{CALLER}-01");
    request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    client.service().start_workflow_execution(request).await.unwrap();
    // The end sends what is left.
    assert!(server.stop().await.unwrap().success());
    serving.abort();

    let spans = collector.0.lock();
    let span = spans.iter().find(|span| span.name == "StartWorkflowExecution").unwrap();
    assert_eq!((hex(&span.trace_id).as_str(), hex(&span.parent_span_id).as_str()), (TRACE, CALLER));
    assert_eq!((text(span, "workflow"), text(span, "namespace")), (Some("order-1"), Some("default")));
    println!("operations traces: {} spans, one in the caller's trace", spans.len());
}

#[tokio::test]
async fn a_collector_that_is_not_there_keeps_no_call_and_no_end() {
    // A port that was free a moment ago.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let start = Start::on(Storage::Memory).with(&["--otlp-endpoint", &format!("http://{nobody}")]);
    let mut server = Server::start(&start).await.unwrap();
    let client = Client::new(&server.address).unwrap();
    for number in 0..50 {
        client.start(client.start_request(&format!("order-{number}"), "Order", "orders", None)).await.unwrap();
    }
    assert!(server.stop().await.unwrap().success());
}
