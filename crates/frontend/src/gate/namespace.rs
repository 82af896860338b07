//! Which namespace a call is about: by the name in the request, or by the task token that a worker brings back.

use std::sync::Arc;

use bytes::Bytes;
use model::NamespaceId;
use rpc::Error;

use crate::registry::{Namespace, NamespaceRegistry};
use crate::token;

/// The longest name of a namespace. Source: Temporal's `limit.maxIDLength`.
pub(crate) const MAX_NAME_BYTES: usize = model::ids::MAX_ID_BYTES;

/// How a request names its namespace.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope<'a> {
    /// By name.
    Name(&'a str),
    /// By a token of ours; the name may be missing, but must not contradict it.
    Token {
        /// The name, possibly empty.
        name: &'a str,
        /// The token.
        token: &'a Bytes,
        /// Whose.
        kind: TokenKind,
    },
    /// By name or id, but not both.
    NameOrId {
        /// The name, possibly empty.
        name: &'a str,
        /// The id, possibly empty.
        id: &'a str,
    },
}

/// What a token was given out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A workflow task.
    Workflow,
    /// An activity task.
    Activity,
    /// A query.
    Query,
}

fn wrong(text: &str) -> Error {
    Error::InvalidArgument(text.to_owned())
}

/// Finds the namespace.
///
/// # Errors
/// In the words of the public API.
pub(crate) async fn resolve(registry: &NamespaceRegistry, scope: &Scope<'_>) -> Result<Arc<Namespace>, Error> {
    match *scope {
        Scope::Name(name) => by_name(registry, name).await,
        Scope::NameOrId { name, id } => match (name.is_empty(), id.is_empty()) {
            (false, false) => Err(wrong("Only one of namespace name or Id should be set on request.")),
            (_, true) => by_name(registry, name).await,
            (true, false) => {
                let parsed = NamespaceId::parse(id).map_err(|_| Error::NamespaceNotFound(id.to_owned()))?;
                registry.find_id(parsed).await
            }
        },
        Scope::Token { name, token, kind } => {
            if token.is_empty() {
                return Err(wrong("Task token not set on request."));
            }
            let id = token::namespace_of(token, kind).ok_or_else(|| wrong("Error deserializing task token."))?;
            if name.is_empty() {
                return registry.find_id(id).await;
            }
            let named = by_name(registry, name).await?;
            if named.reference.id != id {
                return Err(wrong("Operation requested with a token from a different namespace."));
            }
            Ok(named)
        }
    }
}

async fn by_name(registry: &NamespaceRegistry, name: &str) -> Result<Arc<Namespace>, Error> {
    if name.is_empty() {
        return Err(wrong("Namespace not set on request."));
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(wrong("Namespace length exceeds limit."));
    }
    registry.find(name).await
}
