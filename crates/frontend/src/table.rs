//! All 135 public RPCs: built, or what a caller has to expect and what to use instead. What is not built is answered from
//! here, before its request is decoded.

mod rows;

use std::collections::HashMap;
use std::sync::LazyLock;

use rpc::Error;

/// The service of clients and workers.
pub const WORKFLOW_SERVICE: &str = "temporal.api.workflowservice.v1.WorkflowService";
/// The service of operators.
pub const OPERATOR_SERVICE: &str = "temporal.api.operatorservice.v1.OperatorService";
/// The beginning of the path of a health check.
pub(crate) const HEALTH: &str = "/grpc.health.v1.Health/";
/// The beginning of the paths of reflection.
const REFLECTION: &str = "/grpc.reflection.";

/// One RPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rpc {
    /// Its name in its service.
    pub name: &'static str,
    /// Whether it is built.
    pub state: State,
}

/// Whether an RPC is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does what the public API says.
    Built,
    /// It answers UNIMPLEMENTED with this sentence.
    NotBuilt(&'static str),
}

const fn built(name: &'static str) -> Rpc {
    Rpc { name, state: State::Built }
}

const fn unbuilt(name: &'static str, sentence: &'static str) -> Rpc {
    Rpc { name, state: State::NotBuilt(sentence) }
}

/// Every RPC with its service.
pub fn all() -> impl Iterator<Item = (&'static str, Rpc)> {
    let workflow = rows::WORKFLOW.into_iter().map(|rpc| (WORKFLOW_SERVICE, rpc));
    workflow.chain(rows::OPERATOR.into_iter().map(|rpc| (OPERATOR_SERVICE, rpc)))
}

static BY_PATH: LazyLock<HashMap<String, Rpc>> =
    LazyLock::new(|| all().map(|(service, rpc)| (format!("/{service}/{}", rpc.name), rpc)).collect());

/// The name of the RPC at this path, if it is one of the public API.
pub(crate) fn operation(path: &str) -> Option<&'static str> {
    BY_PATH.get(path).map(|rpc| rpc.name)
}

/// Why nothing answers at this path; `None` where something does. The words are grpc-go's, since SDKs look for them.
pub(crate) fn refusal(path: &str) -> Option<Error> {
    if let Some(rpc) = BY_PATH.get(path) {
        return match rpc.state {
            State::Built => None,
            State::NotBuilt(sentence) => {
                let (service, name) = split(path)?;
                Some(not_built(format!("unknown method {name} for service {service}: {sentence}")))
            }
        };
    }
    if path.starts_with(HEALTH) || path.starts_with(REFLECTION) {
        return None;
    }
    let text = match split(path) {
        Some((service @ (WORKFLOW_SERVICE | OPERATOR_SERVICE), name)) => format!("unknown method {name} for service {service}"),
        Some((service, _)) => format!("unknown service {service}"),
        None => "malformed method name: write /package.Service/Method".to_owned(),
    };
    Some(not_built(text))
}

/// The error of what is not built.
pub(crate) fn not_built(sentence: String) -> Error {
    Error::Unimplemented(sentence)
}

fn split(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix('/')?.split_once('/')
}
