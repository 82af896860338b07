//! The way into the API, in this order: trace, count, authenticate, refuse what is not built, read the deadline (tower layers, which
//! see headers alone); then namespace, state, quota, fields that are not built (steps that need the decoded request). What
//! a request means is checked by [`validate`], called from the RPC's own file.

pub mod authenticate;
pub(crate) mod deadline;
pub(crate) mod incoming;
pub(crate) mod layers;
pub(crate) mod namespace;
pub(crate) mod quota;
pub(crate) mod state;
pub(crate) mod validate;

use std::sync::{Arc, OnceLock};

use model::limits::Limits;
use prost::Message;
use rpc::services::NamespaceRef;
use rpc::{Context, Error};
use tonic::{Request, Response, Status};
use tracing::Span;

use crate::api::Api;
use crate::fields;
use crate::registry::Namespace;
use crate::table;
use incoming::Incoming;

/// What the layers and the steps tell each other about one call.
#[derive(Debug, Default)]
pub(crate) struct Note {
    /// The namespace, once it is known: the label of metrics.
    pub(crate) namespace: OnceLock<Arc<str>>,
}

/// A call that came through the layers.
pub(crate) struct Visit {
    pub(crate) context: Context,
    note: Option<Arc<Note>>,
}

/// A call that may do something in a namespace.
pub(crate) struct Call {
    /// Deadline and caller.
    pub(crate) context: Context,
    /// Where.
    pub(crate) namespace: Arc<Namespace>,
    /// The limits in force there.
    pub(crate) limits: Limits,
    /// Counts a long call as long as it lasts.
    _place: Option<quota::Place>,
}

impl Call {
    /// The namespace as services know it.
    pub(crate) fn reference(&self) -> &NamespaceRef {
        &self.namespace.reference
    }
}

/// Takes what the layers found out off the request, and tells the call's span whom it is about: identity, never payloads.
pub(crate) fn enter<Q: Incoming>(request: Request<Q>) -> (Visit, Q) {
    let (_, extensions, message) = request.into_parts();
    let span = Span::current();
    if !span.is_disabled() {
        let (workflow, run) = message.workflow().unwrap_or_default();
        for (field, value) in [("workflow", workflow), ("run", run), ("identity", message.identity())] {
            if !value.is_empty() {
                span.record(field, value);
            }
        }
    }
    let context = extensions.get::<Context>().cloned().unwrap_or_default();
    let note = extensions.get::<Arc<Note>>().cloned();
    (Visit { context, note }, message)
}

impl Api {
    /// Namespace, state, quota, fields that are not built: in this order.
    pub(crate) async fn admit<Q: Incoming>(&self, operation: &'static str, visit: Visit, message: &Q) -> Result<Call, Error> {
        let namespace = namespace::resolve(&self.ports.namespaces, &message.scope()).await?;
        if let Some(note) = &visit.note {
            let _ = note.namespace.set(Arc::clone(&namespace.reference.name));
        }
        Span::current().record("namespace", namespace.name());
        state::check(operation, &namespace)?;
        let place = self.quotas.admit(self, &namespace.reference, operation, message.waits())?;
        refuse_unbuilt(operation, message)?;
        let limits = self.ports.settings.limits(namespace.name());
        Ok(Call { context: visit.context, namespace, limits, _place: place })
    }

    /// Quota and fields, for a call that is about no namespace or about namespaces themselves.
    pub(crate) fn admit_cluster<Q: Incoming>(
        &self,
        operation: &'static str,
        visit: Visit,
        message: &Q,
    ) -> Result<Context, Error> {
        self.quotas.admit_host(self)?;
        refuse_unbuilt(operation, message)?;
        Ok(visit.context)
    }

    /// The answer as tonic wants it; a short one is not worth compressing.
    pub(crate) fn leave<R: Message>(&self, answer: Result<R, Error>) -> Result<Response<R>, Status> {
        let answer = answer?;
        let short = answer.encoded_len() < self.options.compress_from;
        let mut response = Response::new(answer);
        if short {
            response.disable_compression();
        }
        Ok(response)
    }
}

/// A field that would change what the call does, but is not built, is refused with its sentence.
fn refuse_unbuilt<Q: Incoming>(operation: &'static str, message: &Q) -> Result<(), Error> {
    let Some(field) = message.unbuilt() else { return Ok(()) };
    let sentence = fields::refusal(operation, field).unwrap_or("it is not built yet");
    Err(table::not_built(format!("{field} of {operation} cannot be used: {sentence}")))
}
