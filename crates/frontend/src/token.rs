//! Tokens that callers bring back: opaque to them, typed and versioned to us.

use bytes::Bytes;
use model::{NamespaceId, RunId, Timestamp};
use prost::Message;
use proto::aevum::token::v1::{ActivityTaskToken, ListPageToken, QueryTaskToken, WorkflowTaskToken};
use rpc::Error;
use visibility::PageKey;
use xxhash_rust::xxh64::xxh64;

use crate::gate::namespace::TokenKind;

/// The one format of tokens so far.
const FORMAT: u32 = 1;
/// Close time present or not, close time, start time, run.
const KEY_BYTES: usize = 1 + 8 + 8 + 16;

/// Reads a workflow task's token.
pub(crate) fn workflow_task(token: &Bytes) -> Option<WorkflowTaskToken> {
    WorkflowTaskToken::decode(token.clone()).ok().filter(|token| token.format == FORMAT)
}

/// Reads an activity task's token.
pub(crate) fn activity_task(token: &Bytes) -> Option<ActivityTaskToken> {
    ActivityTaskToken::decode(token.clone()).ok().filter(|token| token.format == FORMAT)
}

/// Reads a query's token.
pub(crate) fn query_task(token: &Bytes) -> Option<QueryTaskToken> {
    QueryTaskToken::decode(token.clone()).ok().filter(|token| token.format == FORMAT)
}

/// The token of an activity that a caller names by its id.
pub(crate) fn activity_by_id(namespace: NamespaceId, workflow_id: &str, run_id: &str, activity_id: &str) -> Bytes {
    let token = ActivityTaskToken {
        format: FORMAT,
        namespace_id: namespace.to_string(),
        workflow_id: workflow_id.to_owned(),
        run_id: run_id.to_owned(),
        activity_id: activity_id.to_owned(),
        ..ActivityTaskToken::default()
    };
    Bytes::from(token.encode_to_vec())
}

/// The namespace that a task's token was given out in.
pub(crate) fn namespace_of(token: &Bytes, kind: TokenKind) -> Option<NamespaceId> {
    let id = match kind {
        TokenKind::Workflow => workflow_task(token)?.namespace_id,
        TokenKind::Activity => activity_task(token)?.namespace_id,
        TokenKind::Query => query_task(token)?.namespace_id,
    };
    NamespaceId::parse(&id).ok()
}

/// What a list asks: a page token of another list is refused.
pub(crate) fn fingerprint(namespace: NamespaceId, question: &str) -> u64 {
    xxh64(question.as_bytes(), xxh64(namespace.as_bytes(), 0))
}

/// The token of a list's next page.
pub(crate) fn list_page(next: Option<PageKey>, question: u64) -> Bytes {
    let Some(next) = next else { return Bytes::new() };
    let mut key = Vec::with_capacity(KEY_BYTES);
    key.push(u8::from(next.close_time.is_some()));
    key.extend_from_slice(&next.close_time.map_or(0, Timestamp::as_nanos).to_be_bytes());
    key.extend_from_slice(&next.start_time.as_nanos().to_be_bytes());
    key.extend_from_slice(next.run_id.as_bytes());
    Bytes::from(ListPageToken { format: FORMAT, key: key.into(), query: question }.encode_to_vec())
}

/// Where the list continues; `None` at its beginning.
pub(crate) fn read_list_page(token: &Bytes, question: u64) -> Result<Option<PageKey>, Error> {
    if token.is_empty() {
        return Ok(None);
    }
    let decoded = ListPageToken::decode(token.clone()).ok().filter(|token| token.format == FORMAT && token.query == question);
    let key = decoded.and_then(|token| read_key(&token.key));
    key.map(Some).ok_or_else(|| Error::InvalidArgument("Invalid NextPageToken.".to_owned()))
}

fn read_key(key: &[u8]) -> Option<PageKey> {
    let (closed, rest) = key.split_first()?;
    let (close, rest) = rest.split_first_chunk::<8>()?;
    let (start, run) = rest.split_first_chunk::<8>()?;
    let time = |bytes: &[u8; 8]| Timestamp::from_nanos(i64::from_be_bytes(*bytes));
    let close_time = match closed {
        0 => None,
        1 => Some(time(close)),
        _ => return None,
    };
    Some(PageKey { close_time, start_time: time(start), run_id: RunId::from_bytes(run).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_token_comes_back_only_to_its_own_question() {
        let namespace = NamespaceId::from_bytes(&[7; 16]).unwrap();
        let run_id = RunId::from_bytes(&[9; 16]).unwrap();
        for close_time in [None, Some(Timestamp::from_nanos(5))] {
            let key = PageKey { close_time, start_time: Timestamp::from_nanos(-3), run_id };
            let question = fingerprint(namespace, "a = 1");
            let token = list_page(Some(key), question);
            assert_eq!(read_list_page(&token, question), Ok(Some(key)));
            assert!(read_list_page(&token, fingerprint(namespace, "a = 2")).is_err());
        }
        assert_eq!(list_page(None, 1), Bytes::new());
        assert_eq!(read_list_page(&Bytes::new(), 1), Ok(None));
        assert!(read_list_page(&Bytes::from_static(b"junk"), 1).is_err());
    }
}
