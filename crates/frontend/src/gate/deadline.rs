//! The caller's deadline (`grpc-timeout`) and who it says it is (`client-name`, `client-version`).

use std::time::Duration;

use http::HeaderMap;
use rpc::{Context, Error};
use tokio::time::Instant;

/// A deadline further away than this counts as none: it would not fit a clock.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// What travels with the call.
pub(crate) fn read(headers: &HeaderMap) -> Context {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let timeout = headers.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(parse);
    Context {
        deadline: timeout.filter(|timeout| *timeout < FOREVER).map(|timeout| Instant::now() + timeout),
        client_name: text("client-name"),
        client_version: text("client-version"),
    }
}

/// gRPC's notation: at most eight digits and a unit.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

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

    #[test]
    fn grpcs_notation_of_timeouts_is_read() {
        for (text, timeout) in [
            ("70S", Some(Duration::from_secs(70))),
            ("1H", Some(Duration::from_secs(3600))),
            ("2M", Some(Duration::from_secs(120))),
            ("1500m", Some(Duration::from_millis(1500))),
            ("69999880u", Some(Duration::from_micros(69_999_880))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("", None),
            ("S", None),
            ("1", None),
            ("1d", None),
            ("-1S", None),
            ("+1S", None),
            ("123456789S", None),
            ("1é", None),
        ] {
            assert_eq!(parse(text), timeout, "{text}");
        }
    }

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
