//! How long closed executions are kept.

use std::time::Duration;

use rpc::Error;

use crate::gate::validate::{duration, wrong};

/// The retention of a request, if it is one.
pub(super) fn check(retention: Option<&prost_types::Duration>, least: Duration) -> Result<prost_types::Duration, Error> {
    let refused = || wrong("A valid retention period is not set on request.");
    let mut retention = *retention.ok_or_else(refused)?;
    if duration::complaint(&retention).is_some() {
        return Err(refused());
    }
    duration::cap(&mut retention);
    let given = Duration::try_from(retention).map_err(|_| refused())?;
    if given < least { Err(refused()) } else { Ok(retention) }
}
