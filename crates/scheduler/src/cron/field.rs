//! One field of a cron schedule as a set of bits.

use super::CronError;

/// What a field may contain.
pub(super) struct Bounds {
    pub(super) name: &'static str,
    pub(super) min: u32,
    pub(super) max: u32,
    names: &'static [&'static str],
}

pub(super) const MINUTE: Bounds = Bounds { name: "minute", min: 0, max: 59, names: &[] };
pub(super) const HOUR: Bounds = Bounds { name: "hour", min: 0, max: 23, names: &[] };
pub(super) const DAY_OF_MONTH: Bounds = Bounds { name: "day-of-month", min: 1, max: 31, names: &[] };
pub(super) const MONTH: Bounds = Bounds {
    name: "month",
    min: 1,
    max: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
pub(super) const DAY_OF_WEEK: Bounds =
    Bounds { name: "day-of-week", min: 0, max: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// The values that a field allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set {
    bits: u64,
    /// Written with `*` or `?`: places no restriction, which matters to the rule for days.
    pub(super) star: bool,
}

impl Set {
    pub(super) const fn has(self, value: u32) -> bool {
        self.bits & (1 << value) != 0
    }

    /// The first allowed value that is at least `from`.
    pub(super) const fn first_from(self, from: u32) -> Option<u32> {
        if from > 63 {
            return None;
        }
        let rest = self.bits >> from << from;
        if rest == 0 { None } else { Some(rest.trailing_zeros()) }
    }

    /// Reads a field: ranges separated by commas.
    pub(super) fn parse(text: &str, bounds: &Bounds) -> Result<Self, CronError> {
        let error = |problem: String| CronError::Field { field: bounds.name, text: text.to_owned(), problem };
        let mut set = Self { bits: 0, star: false };
        for range in text.split(',').filter(|range| !range.is_empty()) {
            let part = parse_range(range, bounds).map_err(error)?;
            set.bits |= part.bits;
            set.star |= part.star;
        }
        if set.bits == 0 { Err(error("allows no value".to_owned())) } else { Ok(set) }
    }
}

/// Reads `*`, `?`, `5`, `1-5`, each with an optional `/step`; a single value with a step runs to the field's end.
fn parse_range(text: &str, bounds: &Bounds) -> Result<Set, String> {
    let (range, step) = match text.split_once('/') {
        None => (text, None),
        Some((range, step)) => {
            (range, Some(step.parse::<u32>().map_err(|_| format!("has the step {step:?}, which is no number"))?))
        }
    };
    let (low, high) = match range.split_once('-') {
        None => (range, None),
        Some((low, high)) => (low, Some(high)),
    };
    let everything = matches!(low, "*" | "?");
    let (start, end) = if everything {
        (bounds.min, bounds.max)
    } else {
        let start = parse_value(low, bounds)?;
        let end = match high {
            Some(high) => parse_value(high, bounds)?,
            None if step.is_some() => bounds.max,
            None => start,
        };
        (start, end)
    };
    if start < bounds.min {
        return Err(format!("begins below {}", bounds.min));
    }
    if end > bounds.max {
        return Err(format!("ends above {}", bounds.max));
    }
    if start > end {
        return Err("begins after its end".to_owned());
    }
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err("has a step of zero".to_owned());
    }
    let stride = usize::try_from(step).unwrap_or(usize::MAX);
    let bits = (start..=end).step_by(stride).fold(0, |bits, value| bits | 1 << value);
    Ok(Set { bits, star: everything && step == 1 })
}

fn parse_value(text: &str, bounds: &Bounds) -> Result<u32, String> {
    let lower = text.to_ascii_lowercase();
    if let Some(index) = bounds.names.iter().position(|name| *name == lower) {
        return u32::try_from(index).map(|index| index + bounds.min).map_err(|error| error.to_string());
    }
    text.parse().map_err(|_| format!("has the value {text:?}, which is neither a number nor a name"))
}
