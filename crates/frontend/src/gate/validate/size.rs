//! Sizes of what is carried and never read.

use model::limits::Limits;
use prost::Message;
use proto::temporal::api::common::v1::{Header, Memo, Payloads};
use proto::temporal::api::sdk::v1::UserMetadata;
use rpc::Error;

use super::wrong;

/// Whether payloads fit.
pub(crate) fn fits(what: Option<&impl Message>, limits: &Limits) -> bool {
    what.is_none_or(|what| what.encoded_len() <= limits.blob_error_bytes)
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
    if what.is_some_and(|memo| memo.encoded_len() > limits.memo_error_bytes) {
        return Err(wrong("Memo size exceeds limit."));
    }
    Ok(())
}
