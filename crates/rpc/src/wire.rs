//! Our nouns as messages between services, and back. What cannot be read is another host's fault, and says so.

pub(crate) mod history;
pub(crate) mod matching;

use model::{ChainKey, ChainKind, MemberId, NamespaceId, RunId, RunKey, WorkflowId};
use proto::aevum::rpc::v1 as wire;

use crate::Error;
use crate::services::NamespaceRef;

/// A part of a message that has to be there and of its form.
pub(crate) trait Read<T> {
    /// Reads it.
    fn read(self) -> Result<T, Error>;
}

/// A message that another host should not have sent.
pub(crate) fn malformed(what: &str) -> Error {
    Error::Internal(format!("another host sent a message whose {what} cannot be read"))
}

/// A part that must be there.
pub(crate) fn required<T>(part: Option<T>, what: &str) -> Result<T, Error> {
    part.ok_or_else(|| malformed(what))
}

pub(crate) fn member(bytes: &[u8]) -> Result<MemberId, Error> {
    MemberId::from_bytes(bytes).map_err(|_| malformed("member"))
}

pub(crate) fn run_id(bytes: &[u8]) -> Result<RunId, Error> {
    RunId::from_bytes(bytes).map_err(|_| malformed("run id"))
}

/// A namespace as it is sent.
pub(crate) fn namespace(namespace: &NamespaceRef) -> Option<wire::Namespace> {
    Some(wire::Namespace { id: namespace.id.as_bytes().to_vec().into(), name: namespace.name.to_string() })
}

impl Read<NamespaceRef> for Option<wire::Namespace> {
    fn read(self) -> Result<NamespaceRef, Error> {
        let namespace = required(self, "namespace")?;
        let id = NamespaceId::from_bytes(&namespace.id).map_err(|_| malformed("namespace"))?;
        Ok(NamespaceRef { id, name: namespace.name.into() })
    }
}

/// A run's key as it is sent.
pub(crate) fn run_key(key: RunKey) -> Option<wire::RunKey> {
    Some(wire::RunKey {
        namespace_id: key.chain.namespace.as_bytes().to_vec().into(),
        kind: u32::from(key.chain.kind.number()),
        workflow_id: key.chain.id.as_str().to_owned(),
        run_id: key.run.as_bytes().to_vec().into(),
    })
}

impl Read<RunKey> for Option<wire::RunKey> {
    fn read(self) -> Result<RunKey, Error> {
        let key = required(self, "run")?;
        let namespace = NamespaceId::from_bytes(&key.namespace_id).map_err(|_| malformed("namespace"))?;
        let kind = u8::try_from(key.kind).ok().and_then(ChainKind::from_number);
        let kind = required(kind, "kind of chain")?;
        let id = WorkflowId::parse(&key.workflow_id).map_err(|_| malformed("workflow id"))?;
        Ok(RunKey { chain: ChainKey { namespace, kind, id }, run: run_id(&key.run_id)? })
    }
}
