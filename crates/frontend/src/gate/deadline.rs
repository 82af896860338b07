//! What a poll's deadline must leave.

use std::time::Duration;

use rpc::{Context, Error};
use tokio::time::Instant;

/// A poll needs a deadline, and enough of it.
pub(crate) fn check_poll(context: &Context, least: Duration) -> Result<(), Error> {
    let Some(deadline) = context.deadline else {
        return Err(Error::InvalidArgument("Context timeout is not set.".to_owned()));
    };
    if deadline.saturating_duration_since(Instant::now()) < least {
        return Err(Error::FailedPrecondition("Context timeout is too short.".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn polls_need_a_deadline_that_leaves_time() {
        let least = Duration::from_secs(2);
        let refused = |context: &Context| check_poll(context, least).unwrap_err();
        let none = refused(&Context::default());
        assert_eq!((none.code(), none.to_string().as_str()), (tonic::Code::InvalidArgument, "Context timeout is not set."));
        let short = refused(&Context::within(Duration::from_millis(1999)));
        assert_eq!(
            (short.code(), short.to_string().as_str()),
            (tonic::Code::FailedPrecondition, "Context timeout is too short.")
        );
        assert_eq!(check_poll(&Context::within(least), least), Ok(()));
    }
}
