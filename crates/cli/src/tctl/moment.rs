//! Moments and spans as tctl takes them.

use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::{SignedDuration, Timestamp};

const DAY: i64 = 86_400;
/// Seconds in each unit, by its letter and its word.
const UNITS: [(&str, &str, i64); 7] = [
    ("s", "second", 1),
    ("m", "minute", 60),
    ("h", "hour", 3_600),
    ("d", "day", DAY),
    ("w", "week", 7 * DAY),
    ("M", "month", 30 * DAY),
    ("y", "year", 365 * DAY),
];

/// RFC 3339, nanoseconds since 1970, or so long before now: `15m`, `2day`.
pub(super) fn parse(text: &str, now: Timestamp) -> anyhow::Result<prost_types::Timestamp> {
    let time = match (text.parse::<Timestamp>(), text.parse::<i64>()) {
        (Ok(time), _) => time,
        (_, Ok(nanoseconds)) => Timestamp::from_nanosecond(nanoseconds.into())?,
        _ => back(text, now).with_context(|| {
            format!("{text:?} is no time; write RFC 3339, nanoseconds since 1970, or back from now such as 15m or 2day")
        })?,
    };
    Ok(prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() })
}

fn back(text: &str, now: Timestamp) -> Option<Timestamp> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: i64 = number.parse().ok().filter(|number| (1..1_000_000).contains(number))?;
    let (_, _, seconds) = UNITS.iter().find(|(letter, word, _)| *letter == unit || *word == unit)?;
    let time = now.checked_sub(SignedDuration::from_secs(number * seconds)).ok()?;
    Some(time.max(Timestamp::UNIX_EPOCH))
}

/// How long something is kept: a duration; a bare number is days.
pub(super) fn days(text: &str) -> anyhow::Result<Duration> {
    if let Ok(days) = text.parse::<u64>() {
        return Ok(Duration::from_secs(days.saturating_mul(86_400)));
    }
    match crate::args::duration::parse(text) {
        Ok(span) => Ok(span),
        Err(error) => bail!("option retention: {error}; a bare number is days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_absolute_or_back_from_now() {
        let now: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        let table = [
            ("2026-01-01T01:00:00+01:00", Some(1_767_225_600)),
            ("1767225600000000000", Some(1_767_225_600)),
            ("1d", Some(1_767_225_600)),
            ("24hour", Some(1_767_225_600)),
            ("100y", Some(0)),
            ("0m", None),
            ("5q", None),
            ("yesterday", None),
        ];
        for (text, seconds) in table {
            assert_eq!(parse(text, now).ok().map(|time| time.seconds), seconds, "{text}");
        }
    }

    #[test]
    fn retention_may_be_days() {
        assert_eq!(days("3").unwrap(), Duration::from_secs(259_200));
        assert_eq!(days("72h").unwrap(), Duration::from_secs(259_200));
        assert!(days("long").is_err());
    }
}
