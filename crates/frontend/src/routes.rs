//! Where a call goes: the workflow service's at once, everything else by tonic's router.
//!
//! Nearly every call is the workflow service's, and a router in front of it would box, match and copy each.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::Either;
use http::{Request, Response};
use proto::temporal::api::workflowservice::v1::workflow_service_server::WorkflowServiceServer;
use tonic::body::Body;
use tower::Service;

use crate::api::Api;
use crate::gate::layers::{Authenticate, Built, Count, Deadline, Refit, Trace, Unpack};
use crate::table::WORKFLOW_SERVICE;

/// A service behind the layers of the gate, outermost first.
pub(crate) type Gated<S> = Trace<Count<Refit<Authenticate<Built<Deadline<Unpack<S>>>>>>>;

/// All public services, behind the gate. Cheap to clone.
#[derive(Clone)]
pub struct Routes {
    workflow: Gated<WorkflowServiceServer<Api>>,
    others: tonic::service::Routes,
}

impl Routes {
    pub(crate) const fn new(workflow: Gated<WorkflowServiceServer<Api>>, others: tonic::service::Routes) -> Self {
        Self { workflow, others }
    }
}

impl Service<Request<Body>> for Routes {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The workflow service always is.
        Service::<Request<Body>>::poll_ready(&mut self.others, cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if is_workflow_service(request.uri().path()) {
            Answer(Either::Left(self.workflow.call(request)))
        } else {
            Answer(Either::Right(self.others.call(request)))
        }
    }
}

/// The answer to a call, on its way.
pub struct Answer(Either<OnItsWay<Gated<WorkflowServiceServer<Api>>>, OnItsWay<tonic::service::Routes>>);

/// What a service makes of a call.
type OnItsWay<S> = <S as Service<Request<Body>>>::Future;

impl Future for Answer {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer")
    }
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Routes")
    }
}

/// Whether the path is `/service/method`.
fn is_workflow_service(path: &str) -> bool {
    let method = path.strip_prefix('/').and_then(|rest| rest.strip_prefix(WORKFLOW_SERVICE));
    method.is_some_and(|method| method.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_methods_of_the_workflow_service_pass_by_the_router() {
        assert!(is_workflow_service("/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo"));
        for other in [
            "/temporal.api.operatorservice.v1.OperatorService/ListSearchAttributes",
            "/temporal.api.workflowservice.v1.WorkflowServices/GetSystemInfo",
            "/temporal.api.workflowservice.v1.WorkflowService",
            "/grpc.health.v1.Health/Check",
            "",
        ] {
            assert!(!is_workflow_service(other), "{other}");
        }
    }
}
