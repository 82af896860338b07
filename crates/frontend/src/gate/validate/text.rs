//! Names and ids: present, not too long, storable.

use model::limits::Limits;
use rpc::Error;

use super::wrong;

/// A text that may be missing.
pub(crate) fn optional(label: &str, text: &str, limits: &Limits) -> Result<(), Error> {
    if text.len() > limits.id_bytes {
        return Err(wrong(format!("{label} length exceeds limit.")));
    }
    if text.contains('\0') {
        return Err(wrong(format!("{label} contains a NUL byte, which cannot be stored; leave it out.")));
    }
    Ok(())
}

/// A text that must be there.
pub(crate) fn required(label: &str, text: &str, limits: &Limits) -> Result<(), Error> {
    if text.is_empty() {
        return Err(wrong(format!("{label} is not set on request.")));
    }
    optional(label, text, limits)
}

/// Who calls, and the id by which a repeated call is known.
pub(crate) fn caller(identity: &str, request_id: &str, limits: &Limits) -> Result<(), Error> {
    optional("RequestId", request_id, limits)?;
    optional("Identity", identity, limits)
}
