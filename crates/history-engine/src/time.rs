//! Between protobuf's time and ours. Nonsense from the wire saturates; it never panics.

use std::time::Duration;

use model::Timestamp;

/// The longest duration that is kept; longer ones are cut. Source: Temporal caps at 100 years of 365 days.
pub(crate) const MAX_DURATION: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Ours from protobuf's.
pub(crate) fn timestamp(at: &prost_types::Timestamp) -> Timestamp {
    Timestamp::from_parts(at.seconds, at.nanos)
}

/// Ours from protobuf's, where it is set.
pub(crate) fn timestamp_opt(at: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    at.map(timestamp)
}

/// Protobuf's from ours.
pub(crate) fn proto_timestamp(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.seconds(), nanos: at.subsec_nanos() }
}

/// Ours from protobuf's: unset, zero and negative mean zero (SDKs send "0s" for unset); at most [`MAX_DURATION`].
pub(crate) fn duration(of: Option<&prost_types::Duration>) -> Duration {
    let Some(of) = of else { return Duration::ZERO };
    let seconds = u64::try_from(of.seconds).unwrap_or(0);
    let nanos = if of.seconds < 0 { 0 } else { u32::try_from(of.nanos).unwrap_or(0).min(999_999_999) };
    Duration::new(seconds, nanos).min(MAX_DURATION)
}

/// Protobuf's from ours.
pub(crate) fn proto_duration(of: Duration) -> prost_types::Duration {
    let of = of.min(MAX_DURATION);
    prost_types::Duration { seconds: i64::try_from(of.as_secs()).unwrap_or(i64::MAX), nanos: of.subsec_nanos() as i32 }
}

/// A duration as commands may bring it: capped at [`MAX_DURATION`], or why it cannot be one.
pub(crate) fn checked_duration(of: Option<&prost_types::Duration>) -> Result<Option<prost_types::Duration>, &'static str> {
    let Some(of) = of else { return Ok(None) };
    if (of.seconds > 0 && of.nanos < 0) || (of.seconds < 0 && of.nanos > 0) {
        return Err("duration has seconds and nanos with different signs");
    }
    if of.seconds < 0 || of.nanos < 0 {
        return Err("negative duration");
    }
    Ok(Some(proto_duration(duration(Some(of)))))
}
