//! ListNamespaces: by name, page by page; deleted ones only on demand.

use bytes::Bytes;
use prost::Message;
use proto::aevum::token::v1::ListPageToken;
use proto::temporal::api::enums::v1::NamespaceState;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::{Context, Error};

use super::view;
use crate::api::Api;
use crate::gate::validate::wrong;

/// The format of the page token, and the question that it belongs to.
const FORMAT: u32 = 1;
const QUESTION: u64 = 0x6e61_6d65_7370_6163;

pub(crate) async fn call(
    api: &Api,
    _context: &Context,
    request: wire::ListNamespacesRequest,
) -> Result<wire::ListNamespacesResponse, Error> {
    let after = read(&request.next_page_token)?;
    let size = usize::try_from(request.page_size).ok().filter(|size| *size > 0).unwrap_or(api.options.namespace_page);
    let deleted = request.namespace_filter.is_some_and(|filter| filter.include_deleted);
    let all = api.ports.namespaces.all();
    let mut rest = all
        .iter()
        .filter(|namespace| deleted || namespace.state != NamespaceState::Deleted)
        .skip_while(|namespace| after.as_deref().is_some_and(|after| namespace.name() <= after))
        .peekable();
    let page: Vec<_> = rest.by_ref().take(size).collect();
    let next = match (rest.peek(), page.last()) {
        (Some(_), Some(last)) => write(last.name()),
        _ => Bytes::new(),
    };
    let describe = |name: &str, namespace| view::describe(namespace, &api.ports.settings.limits(name));
    let namespaces = page.into_iter().map(|namespace| describe(namespace.name(), namespace)).collect();
    Ok(wire::ListNamespacesResponse { namespaces, next_page_token: next })
}

fn write(name: &str) -> Bytes {
    let token = ListPageToken { format: FORMAT, key: Bytes::copy_from_slice(name.as_bytes()), query: QUESTION };
    Bytes::from(token.encode_to_vec())
}

fn read(token: &Bytes) -> Result<Option<String>, Error> {
    if token.is_empty() {
        return Ok(None);
    }
    let decoded = ListPageToken::decode(token.clone()).ok().filter(|token| token.format == FORMAT && token.query == QUESTION);
    let name = decoded.and_then(|token| String::from_utf8(token.key.to_vec()).ok());
    name.map(Some).ok_or_else(|| wrong("Invalid NextPageToken."))
}
