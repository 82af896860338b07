//! One page of a list: size, token, rows.

use bytes::Bytes;
use proto::temporal::api::workflow::v1::WorkflowExecutionInfo;
use rpc::Error;
use visibility::{Filter, query};

use super::row;
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::wrong;
use crate::token;

/// What a caller asks for.
pub(super) struct Ask<'a> {
    pub(super) page_size: i32,
    pub(super) token: &'a Bytes,
    /// Everything that decides which rows are meant: a token of another question is refused.
    pub(super) question: &'a str,
}

/// The rows, and the token of the next page.
pub(super) struct Found {
    pub(super) executions: Vec<WorkflowExecutionInfo>,
    pub(super) next_page_token: Bytes,
}

/// The page of a query in the filter language.
pub(super) async fn by_query(api: &Api, call: &Call, page_size: i32, token: &Bytes, query: &str) -> Result<Found, Error> {
    let filter = query::parse_list(query, &call.namespace.search_attributes).map_err(|error| wrong(error.to_string()))?;
    by_filter(api, call, Ask { page_size, token, question: query }, &filter).await
}

/// The page of a filter.
pub(super) async fn by_filter(api: &Api, call: &Call, ask: Ask<'_>, filter: &Filter) -> Result<Found, Error> {
    let namespace = call.reference().id;
    let question = token::fingerprint(namespace, ask.question);
    let after = token::read_list_page(ask.token, question)?;
    let most = api.options.list_page;
    let size = usize::try_from(ask.page_size).ok().filter(|size| (1..=most).contains(size)).unwrap_or(most);
    let page = api.ports.visibility.list(namespace, filter, size, after).await.map_err(store_error)?;
    let executions = page.rows.into_iter().map(row::info).collect();
    Ok(Found { executions, next_page_token: token::list_page(page.next, question) })
}

/// The store's error as callers see it.
pub(super) fn store_error(error: visibility::Error) -> Error {
    match error {
        visibility::Error::Unavailable(_) => Error::Unavailable(error.to_string()),
        visibility::Error::Corrupt(_) => Error::DataLoss(error.to_string()),
        visibility::Error::Unsupported(_) => wrong(format!("invalid query: {error}")),
    }
}
