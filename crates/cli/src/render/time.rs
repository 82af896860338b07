//! Moments and spans of time as people read them.

use std::time::Duration;

use super::style::Style;
use crate::args::TimeFormat;

/// A moment in the form the style asks for; nothing for none.
pub(crate) fn moment(time: Option<&prost_types::Timestamp>, style: &Style) -> String {
    let Some(time) = time.and_then(parse) else { return String::new() };
    match style.time {
        TimeFormat::Relative => relative(time, style.now),
        TimeFormat::Iso => iso(time),
        TimeFormat::Raw => time.to_string(),
    }
}

/// A moment where "ago" would make no sense, as in a history: RFC 3339, whole seconds unless all digits are wanted.
pub(crate) fn absolute(time: Option<&prost_types::Timestamp>, style: &Style) -> String {
    let Some(time) = time.and_then(parse) else { return String::new() };
    if style.time == TimeFormat::Raw { time.to_string() } else { iso(time) }
}

/// The time between two moments; nothing when one is missing.
pub(crate) fn between(from: Option<&prost_types::Timestamp>, to: Option<&prost_types::Timestamp>) -> Option<Duration> {
    let (from, to) = (parse(from?)?, parse(to?)?);
    Duration::try_from(to.duration_since(from)).ok()
}

/// The first moment of the year 1, which Go programs send for "no time".
const GO_ZERO: i64 = -62_135_596_800;

/// `None` for a moment that is none, or out of all reason.
fn parse(time: &prost_types::Timestamp) -> Option<jiff::Timestamp> {
    if time.seconds == GO_ZERO && time.nanos == 0 {
        return None;
    }
    jiff::Timestamp::new(time.seconds, time.nanos).ok()
}

fn iso(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn relative(time: jiff::Timestamp, now: jiff::Timestamp) -> String {
    let seconds = now.duration_since(time).as_secs();
    if seconds == 0 {
        return "now".to_owned();
    }
    let size = seconds.unsigned_abs();
    let (count, unit) = match size {
        0..60 => (size, "second"),
        60..3_600 => (size / 60, "minute"),
        3_600..86_400 => (size / 3_600, "hour"),
        86_400..31_536_000 => (size / 86_400, "day"),
        _ => (size / 31_536_000, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if seconds > 0 { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
}

/// A span as short as it can be said: `1d12h`, `2m5s`, `250ms`.
pub(crate) fn span(span: Duration) -> String {
    if span.is_zero() {
        return "0s".to_owned();
    }
    let seconds = span.as_secs();
    let millis = u64::from(span.subsec_millis());
    let parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m")];
    let mut text: String = parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    match (seconds % 60, millis) {
        (0, 0) if text.is_empty() => text = format!("{}ns", span.subsec_nanos()),
        (0, 0) => {}
        (0, millis) if text.is_empty() => text = format!("{millis}ms"),
        (seconds, 0) => text += &format!("{seconds}s"),
        (seconds, millis) => text += format!("{seconds}.{millis:03}").trim_end_matches('0').to_owned().as_str(),
    }
    if text.ends_with(|c: char| c.is_ascii_digit()) { text + "s" } else { text }
}

/// A span from the API; nothing for none.
pub(crate) fn proto_span(duration: Option<&prost_types::Duration>) -> String {
    let Some(duration) = duration else { return String::new() };
    Duration::try_from(*duration).map(span).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::style::tests::plain;

    fn at(seconds_before_2026: i64, nanos: i32) -> prost_types::Timestamp {
        prost_types::Timestamp { seconds: 1_767_225_600 - seconds_before_2026, nanos }
    }

    #[test]
    fn moments_take_the_form_that_was_asked_for() {
        let table = [
            (at(0, 0), TimeFormat::Relative, "now"),
            (at(1, 0), TimeFormat::Relative, "1 second ago"),
            (at(300, 0), TimeFormat::Relative, "5 minutes ago"),
            (at(90_000, 0), TimeFormat::Relative, "1 day ago"),
            (at(-7_200, 0), TimeFormat::Relative, "in 2 hours"),
            (at(1, 500_000_000), TimeFormat::Iso, "2025-12-31T23:59:59Z"),
            (at(1, 123_456_789), TimeFormat::Raw, "2025-12-31T23:59:59.123456789Z"),
        ];
        for (time, form, expected) in table {
            assert_eq!(moment(Some(&time), &plain(form)), expected);
        }
        assert_eq!(moment(None, &plain(TimeFormat::Iso)), "");
        let absurd = prost_types::Timestamp { seconds: i64::MAX, nanos: 0 };
        assert_eq!(moment(Some(&absurd), &plain(TimeFormat::Iso)), "");
        let go_zero = prost_types::Timestamp { seconds: GO_ZERO, nanos: 0 };
        assert_eq!(moment(Some(&go_zero), &plain(TimeFormat::Relative)), "");
    }

    #[test]
    fn spans_are_short_and_exact_to_the_millisecond() {
        let table = [
            (0, "0s"),
            (250, "250ms"),
            (1_000, "1s"),
            (1_500, "1.5s"),
            (61_050, "1m1.05s"),
            (60_250, "1m0.25s"),
            (3_600_000, "1h"),
            (259_200_000, "3d"),
            (129_600_000, "1d12h"),
        ];
        for (millis, expected) in table {
            assert_eq!(span(Duration::from_millis(millis)), expected);
        }
        assert_eq!(span(Duration::from_nanos(5)), "5ns");
    }

    #[test]
    fn the_time_between_needs_both_ends() {
        assert_eq!(between(Some(&at(10, 0)), Some(&at(4, 0))), Some(Duration::from_secs(6)));
        assert_eq!(between(Some(&at(4, 0)), Some(&at(10, 0))), None);
        assert_eq!(between(None, Some(&at(0, 0))), None);
    }
}
