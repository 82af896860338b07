//! Priority and fairness.

use proto::temporal::api::common::v1::Priority;
use rpc::Error;

use super::wrong;

/// Bytes of a fairness key. Source: Temporal's API.
const MAX_FAIRNESS_KEY: usize = 64;

/// Whether it can be used.
pub(crate) fn check(priority: Option<&Priority>) -> Result<(), Error> {
    let Some(priority) = priority else { return Ok(()) };
    if priority.priority_key < 0 {
        return Err(wrong("priority key can't be negative"));
    }
    if priority.fairness_key.len() > MAX_FAIRNESS_KEY {
        return Err(wrong("fairness key length exceeds limit"));
    }
    if priority.fairness_weight.is_nan() || priority.fairness_weight < 0.0 {
        return Err(wrong("must be greater than zero"));
    }
    Ok(())
}
