//! Durations as clients send them: unset, zero (which means unset), positive, absurd.

use prost_types::Duration;
use rpc::Error;

use super::wrong;

/// The longest duration; longer ones are cut to it in silence, as the real server does. 100 years of 365 days.
const LONGEST: i64 = 100 * 365 * 24 * 3600;
const SECOND: i32 = 1_000_000_000;

/// Why a duration cannot be one.
pub(crate) fn complaint(duration: &Duration) -> Option<&'static str> {
    match (duration.seconds.signum(), duration.nanos.signum()) {
        (1, -1) | (-1, 1) => Some("duration has seconds and nanos with different signs"),
        (-1, _) | (_, -1) => Some("negative duration"),
        _ => None,
    }
}

/// Refuses a negative duration with the field's own text, and cuts a long one.
pub(crate) fn check(field: &str, duration: &mut Option<Duration>) -> Result<(), Error> {
    let Some(value) = duration else { return Ok(()) };
    if let Some(cause) = complaint(value) {
        return Err(wrong(format!("An invalid {field} is set on request. cause: {cause}")));
    }
    cap(value);
    Ok(())
}

/// Cuts a long duration, and carries nanoseconds beyond a second.
pub(crate) fn cap(duration: &mut Duration) {
    duration.seconds = duration.seconds.saturating_add(i64::from(duration.nanos / SECOND));
    duration.nanos %= SECOND;
    if duration.seconds >= LONGEST {
        *duration = Duration { seconds: LONGEST, nanos: 0 };
    }
}

/// Whether it is there and not zero.
pub(crate) fn is_set(duration: Option<&Duration>) -> bool {
    duration.is_some_and(|duration| duration.seconds != 0 || duration.nanos != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_durations_are_refused_and_long_ones_cut() {
        let refused = |seconds, nanos| check("X", &mut Some(Duration { seconds, nanos })).unwrap_err().to_string();
        assert_eq!(refused(-1, 0), "An invalid X is set on request. cause: negative duration");
        assert_eq!(refused(0, -1), "An invalid X is set on request. cause: negative duration");
        assert_eq!(refused(1, -1), "An invalid X is set on request. cause: duration has seconds and nanos with different signs");
        let kept = |seconds, nanos| {
            let mut duration = Some(Duration { seconds, nanos });
            check("X", &mut duration).unwrap();
            duration.map(|duration| (duration.seconds, duration.nanos))
        };
        assert_eq!(kept(0, 0), Some((0, 0)));
        assert_eq!(kept(7, 5), Some((7, 5)));
        assert_eq!(kept(1, i32::MAX), Some((3, 147_483_647)));
        assert_eq!(kept(i64::MAX, i32::MAX), Some((LONGEST, 0)));
        assert_eq!(check("X", &mut None), Ok(()));
    }
}
