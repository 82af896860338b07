//! Sizes of what is carried and never read.

use model::limits::Limits;
use prost::Message;
use proto::temporal::api::common::v1::{Header, Memo, Payloads};
use proto::temporal::api::sdk::v1::UserMetadata;
use rpc::Error;

use super::wrong;

/// Whether payloads fit. Those that come near the limit are worth a line: the next version of them may not fit.
pub(crate) fn fits(what: Option<&impl Message>, limits: &Limits) -> bool {
    let bytes = what.map_or(0, Message::encoded_len);
    if bytes > limits.blob_warn_bytes {
        tracing::warn!(bytes, limit = limits.blob_error_bytes, "a payload comes near the size from which it is refused");
    }
    bytes <= limits.blob_error_bytes
}

/// Refuses payloads that do not fit.
pub(crate) fn blob(what: Option<&Payloads>, limits: &Limits) -> Result<(), Error> {
    if fits(what, limits) { Ok(()) } else { Err(wrong("Blob data size exceeds limit.")) }
}

/// Refuses a header that does not fit.
pub(crate) fn header(what: Option<&Header>, limits: &Limits) -> Result<(), Error> {
    if fits(what, limits) { Ok(()) } else { Err(wrong("Blob data size exceeds limit.")) }
}

/// Refuses user metadata that does not fit.
pub(crate) fn user_metadata(what: Option<&UserMetadata>, limits: &Limits) -> Result<(), Error> {
    if fits(what, limits) { Ok(()) } else { Err(wrong("Blob data size exceeds limit.")) }
}

/// Refuses a memo that does not fit.
pub(crate) fn memo(what: Option<&Memo>, limits: &Limits) -> Result<(), Error> {
    let bytes = what.map_or(0, Message::encoded_len);
    if bytes > limits.memo_warn_bytes {
        tracing::warn!(bytes, limit = limits.memo_error_bytes, "a memo is large: every list carries it");
    }
    if bytes > limits.memo_error_bytes {
        return Err(wrong("Memo size exceeds limit."));
    }
    Ok(())
}
