//! What travels with every call between services.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

/// A deadline further away than this counts as none: it would not fit a clock.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Deadline and caller of a call. Cancellation is the drop of the call's future.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// When the caller stops waiting, on the monotonic clock; none where it did not say.
    pub deadline: Option<Instant>,
    /// The SDK that calls: `client-name` header.
    pub client_name: Option<String>,
    /// Its version: `client-version` header.
    pub client_version: Option<String>,
}

impl Context {
    /// A call that has to be done within `timeout`.
    pub fn within(timeout: Duration) -> Self {
        Self { deadline: Some(Instant::now() + timeout), ..Self::default() }
    }

    /// Reads `grpc-timeout`, `client-name` and `client-version`.
    pub fn read(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let timeout = headers.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(parse);
        Self {
            deadline: timeout.filter(|timeout| *timeout < FOREVER).map(|timeout| Instant::now() + timeout),
            client_name: text("client-name"),
            client_version: text("client-version"),
        }
    }

    /// How long is left, at most `cap`.
    pub fn left(&self, cap: Duration) -> Duration {
        self.deadline.map_or(cap, |at| at.saturating_duration_since(Instant::now()).min(cap))
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
}
