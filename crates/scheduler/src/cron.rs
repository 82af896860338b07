//! The cron schedules of workflows: five fields, `@every`, `@hourly` and its like, with an optional time zone.
//!
//! The dialect is that of Go's `robfig/cron` "standard" parser, which Temporal uses: day of month and day of week are
//! alternatives when both are restricted; a time that a clock change skips does not fire, one that it repeats fires twice.

mod field;
mod parse;
mod spec;

#[cfg(test)]
mod tests;

use std::time::Duration;

use model::Timestamp;

use self::spec::Spec;

const SECOND: i64 = 1_000_000_000;

/// A parsed cron schedule.
#[derive(Debug, Clone)]
pub struct Cron {
    rule: Rule,
}

#[derive(Debug, Clone)]
enum Rule {
    /// A constant distance, in whole seconds, at least one.
    Every(i64),
    /// Minutes, hours, days and months in a time zone.
    Spec(Spec),
}

/// Why a text is not a usable cron schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Nothing was given.
    #[error("cron schedule is empty, write five fields such as \"0 12 * * MON-FRI\"")]
    Empty,
    /// Not five fields.
    #[error("cron schedule has {0} fields, five are needed: minute, hour, day of month, month, day of week")]
    FieldCount(usize),
    /// One field cannot be read.
    #[error("cron schedule's {field} field {text:?} {problem}")]
    Field {
        /// Which.
        field: &'static str,
        /// Its text.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An `@word` that does not exist.
    #[error("unknown cron descriptor {0:?}, use @yearly, @monthly, @weekly, @daily, @hourly or @every with a duration")]
    Descriptor(String),
    /// The duration of `@every`.
    #[error("cron schedule's @every: {0}")]
    Every(#[source] model::duration::DurationError),
    /// A zone that the compiled-in database does not have.
    #[error("unknown time zone {0:?}, use a name of the IANA database such as America/New_York")]
    TimeZone(String),
    /// It parses, but no moment within five years satisfies it.
    #[error("no time within five years satisfies the cron schedule")]
    NeverFires,
}

impl CronError {
    /// The sentence that the public API answers with.
    pub const fn api_message(&self) -> &'static str {
        match self {
            Self::NeverFires => "invalid CronSchedule, no time can be found to satisfy the schedule",
            _ => "invalid CronSchedule.",
        }
    }
}

impl Cron {
    /// Parses a schedule. It may still never fire: see [`Cron::validate`].
    pub fn parse(text: &str) -> Result<Self, CronError> {
        parse::parse(text).map(|rule| Self { rule })
    }

    /// Parses a schedule and refuses one that no moment after `now` satisfies (`0 0 30 2 *`).
    pub fn validate(text: &str, now: Timestamp) -> Result<Self, CronError> {
        let cron = Self::parse(text)?;
        if cron.next_after(now).is_none() {
            return Err(CronError::NeverFires);
        }
        Ok(cron)
    }

    /// The first moment after `time` at which the schedule fires; `None` when none comes within five years.
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        match &self.rule {
            Rule::Every(seconds) => {
                let whole = time.seconds().checked_add(*seconds)?;
                whole.checked_mul(SECOND).map(Timestamp::from_nanos)
            }
            Rule::Spec(spec) => spec.next_after(time),
        }
    }

    /// How long a run that follows one with this execution time has to wait at `now`, in whole seconds, rounded up.
    ///
    /// The schedule is stepped from the execution time to the first moment that is not before `now`: ticks that passed while
    /// a run was busy are skipped, not queued. `None` when the schedule never fires again.
    pub fn backoff(&self, execution_time: Timestamp, now: Timestamp) -> Option<Duration> {
        let next = if now < execution_time { execution_time } else { self.step_to(execution_time, now)? };
        let nanos = u64::try_from(next.as_nanos().saturating_sub(now.as_nanos())).ok()?;
        Some(Duration::from_secs(nanos.div_ceil(SECOND.unsigned_abs())))
    }

    /// The first tick after `from` that is not before `now`; `from` is not after `now`.
    ///
    /// Ticks are not walked one by one: years of missed minutes cost as little as one.
    fn step_to(&self, from: Timestamp, now: Timestamp) -> Option<Timestamp> {
        match &self.rule {
            Rule::Every(seconds) => {
                let period = i128::from(*seconds) * i128::from(SECOND);
                let base = i128::from(from.seconds()) * i128::from(SECOND);
                let behind = i128::from(now.as_nanos()) - base;
                let steps = ((behind + period - 1) / period).max(1);
                i64::try_from(base + steps * period).ok().map(Timestamp::from_nanos)
            }
            // Ticks do not depend on the ones before them, so the first one at `now` or later is the one sought.
            Rule::Spec(spec) => {
                let before_now = Timestamp::from_nanos(now.as_nanos().saturating_sub(1));
                spec.next_after(from.max(before_now))
            }
        }
    }
}
