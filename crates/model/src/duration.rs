//! Durations as people write them: `1h30m`, `1.5s`, `-300ms`; and as filters write them: `2d`, `01:30:00`.
//!
//! Go's notation, because cron schedules, filters, dynamic configuration and command lines of the ecosystem use it.

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Nothing was given.
    #[error("duration is empty, write for example 1h30m")]
    Empty,
    /// A number without a unit.
    #[error("duration {0:?} lacks a unit, write for example 30s")]
    NoUnit(String),
    /// A unit that does not exist.
    #[error("duration {0:?} has the unknown unit {1:?}, use ns, us, ms, s, m or h")]
    UnknownUnit(String, String),
    /// More than 292 years.
    #[error("duration {0:?} is out of range")]
    OutOfRange(String),
    /// Anything else.
    #[error("duration {0:?} cannot be read, write for example 1h30m")]
    Malformed(String),
}

const SECOND: i128 = 1_000_000_000;
/// 10^18 fits an `i128` with room for every unit.
const FRACTION_DIGITS: usize = 18;

/// Reads Go's notation into nanoseconds: an optional sign, then numbers with units `ns us µs ms s m h`; `0` needs no unit.
pub fn parse_nanos(text: &str) -> Result<i64, DurationError> {
    parse(text, false)
}

/// Reads what filters accept: whole nanoseconds, Go's notation with `d` for 24 hours, or `hh:mm:ss`.
pub fn parse_filter_nanos(text: &str) -> Result<i64, DurationError> {
    if let Ok(nanos) = text.parse::<i64>() {
        return Ok(nanos);
    }
    if text.contains(':') { parse_clock(text) } else { parse(text, true) }
}

fn parse_clock(text: &str) -> Result<i64, DurationError> {
    let malformed = || DurationError::Malformed(text.to_owned());
    let parts: Vec<i128> =
        text.split(':').map(|part| part.parse::<u32>().map(i128::from).map_err(|_| malformed())).collect::<Result<_, _>>()?;
    let [hours, minutes, seconds] = parts[..] else { return Err(malformed()) };
    if minutes > 59 || seconds > 59 {
        return Err(malformed());
    }
    i64::try_from((hours * 3600 + minutes * 60 + seconds) * SECOND).map_err(|_| DurationError::OutOfRange(text.to_owned()))
}

fn parse(text: &str, days: bool) -> Result<i64, DurationError> {
    let (negative, mut rest) = match text.as_bytes().first() {
        None => return Err(DurationError::Empty),
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        Some(_) => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(DurationError::Malformed(text.to_owned()));
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (nanos, tail) = parse_piece(text, rest, days)?;
        total += nanos;
        if total > i128::from(i64::MAX) + 1 {
            return Err(DurationError::OutOfRange(text.to_owned()));
        }
        rest = tail;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| DurationError::OutOfRange(text.to_owned()))
}

/// One number with its unit from the front of `rest`; `text` is the whole, for the error.
fn parse_piece<'t>(text: &str, rest: &'t str, days: bool) -> Result<(i128, &'t str), DurationError> {
    let (whole, rest) = digits(rest);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(DurationError::Malformed(text.to_owned()));
    }
    let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(end);
    let scale = match unit {
        "" => return Err(DurationError::NoUnit(text.to_owned())),
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3600 * SECOND,
        "d" if days => 24 * 3600 * SECOND,
        _ => return Err(DurationError::UnknownUnit(text.to_owned(), unit.to_owned())),
    };
    let out_of_range = || DurationError::OutOfRange(text.to_owned());
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| out_of_range())? };
    let fraction = &fraction[..fraction.len().min(FRACTION_DIGITS)];
    let mut nanos = i128::from(whole) * scale;
    if !fraction.is_empty() {
        let number: i64 = fraction.parse().map_err(|_| out_of_range())?;
        let exponent = u32::try_from(fraction.len()).map_err(|_| out_of_range())?;
        nanos += i128::from(number) * scale / 10_i128.pow(exponent);
    }
    Ok((nanos, rest))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_notation_is_read() {
        for (text, nanos) in [
            ("0", 0),
            ("1ns", 1),
            ("1us", 1_000),
            ("1µs", 1_000),
            ("300ms", 300_000_000),
            ("1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("-1h", -3_600_000_000_000),
            ("+2m", 120_000_000_000),
            ("9223372036854775807ns", i64::MAX),
            ("0.1234567890123456789s", 123_456_789),
        ] {
            assert_eq!(parse_nanos(text), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_says_why() {
        for text in ["", "-", "5", "1d", "1x", "h", ".s", "1h ", "9223372036854775808ns", "3000000h", "1e3s"] {
            assert!(parse_nanos(text).is_err(), "{text}");
        }
        assert_eq!(parse_nanos("5"), Err(DurationError::NoUnit("5".into())));
        assert_eq!(parse_nanos("1d"), Err(DurationError::UnknownUnit("1d".into(), "d".into())));
    }

    #[test]
    fn filters_also_read_days_clocks_and_plain_nanoseconds() {
        for (text, nanos) in [("2d", 172_800_000_000_000), ("01:30:15", 5_415_000_000_000), ("1500", 1500), ("-5", -5)] {
            assert_eq!(parse_filter_nanos(text), Ok(nanos), "{text}");
        }
        for text in ["1:2", "00:60:00", "a:b:c", "1:2:3:4", "99999999:00:00", "-1:00:00"] {
            assert!(parse_filter_nanos(text).is_err(), "{text}");
        }
    }
}
