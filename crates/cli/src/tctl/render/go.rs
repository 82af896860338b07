//! Times and spans as Go's programs write them.

use jiff::Timestamp;

/// What Go's zero time looks like, for times that are not set.
const ZERO: &str = "0001-01-01";

fn parse(time: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    time.and_then(|time| Timestamp::new(time.seconds, time.nanos).ok())
}

/// Hours, minutes, seconds.
pub(crate) fn clock(time: Option<&prost_types::Timestamp>) -> String {
    parse(time).map_or_else(|| "00:00:00".to_owned(), |time| time.strftime("%H:%M:%S").to_string())
}

/// RFC 3339 in whole seconds.
pub(crate) fn date_time(time: Option<&prost_types::Timestamp>) -> String {
    parse(time).map_or_else(|| format!("{ZERO}T00:00:00Z"), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// As Go prints a time without being told how.
pub(crate) fn raw_time(time: Option<&prost_types::Timestamp>) -> String {
    let Some(time) = parse(time) else { return format!("{ZERO} 00:00:00 +0000 UTC") };
    format!("{}{} +0000 UTC", time.strftime("%Y-%m-%d %H:%M:%S"), fraction(time.subsec_nanosecond().unsigned_abs()))
}

/// Nanoseconds since 1970.
pub(crate) fn nanoseconds(time: Option<&prost_types::Timestamp>) -> String {
    parse(time).map_or(0, Timestamp::as_nanosecond).to_string()
}

/// `.5` of half a second's nanoseconds, nothing of none.
fn fraction(nanos: u32) -> String {
    if nanos == 0 { String::new() } else { format!(".{nanos:09}").trim_end_matches('0').to_owned() }
}

/// A span: `72h0m0s`, `1.5s`, `250ms`.
pub(crate) fn span(seconds: i64, nanos: i32) -> String {
    let total = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let sign = if total < 0 { "-" } else { "" };
    let total = total.unsigned_abs();
    let rest = u32::try_from(total % 1_000_000_000).unwrap_or(0);
    let seconds = total / 1_000_000_000;
    let small = |unit: u32, name: &str| {
        let (whole, part) = (rest / unit, rest % unit);
        let digits = unit.ilog10() as usize;
        let part = if part == 0 { String::new() } else { format!(".{part:0digits$}").trim_end_matches('0').to_owned() };
        format!("{sign}{whole}{part}{name}")
    };
    match (seconds, rest) {
        (0, 0) => "0s".to_owned(),
        (0, 1_000_000..) => small(1_000_000, "ms"),
        (0, 1_000..) => small(1_000, "µs"),
        (0, _) => small(1, "ns"),
        _ => {
            let (hours, minutes, last) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
            let last = format!("{last}{}s", fraction(rest));
            match (hours, minutes) {
                (0, 0) => format!("{sign}{last}"),
                (0, minutes) => format!("{sign}{minutes}m{last}"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{last}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_forms_that_scripts_know() {
        let time = prost_types::Timestamp { seconds: 1_767_225_599, nanos: 123_400_000 };
        assert_eq!(clock(Some(&time)), "23:59:59");
        assert_eq!(date_time(Some(&time)), "2025-12-31T23:59:59Z");
        assert_eq!(raw_time(Some(&time)), "2025-12-31 23:59:59.1234 +0000 UTC");
        assert_eq!(nanoseconds(Some(&time)), "1767225599123400000");
        assert_eq!((clock(None).as_str(), date_time(None).as_str()), ("00:00:00", "0001-01-01T00:00:00Z"));
        assert_eq!(raw_time(None), "0001-01-01 00:00:00 +0000 UTC");
    }

    #[test]
    fn spans_have_go_s_form() {
        let table = [
            ((0, 0), "0s"),
            ((10, 0), "10s"),
            ((259_200, 0), "72h0m0s"),
            ((61, 500_000_000), "1m1.5s"),
            ((0, 250_000_000), "250ms"),
            ((0, 1_500), "1.5µs"),
            ((0, 7), "7ns"),
            ((-5, 0), "-5s"),
        ];
        for ((seconds, nanos), expected) in table {
            assert_eq!(span(seconds, nanos), expected);
        }
    }
}
