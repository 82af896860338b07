//! From a schedule's text to its rule.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use model::duration;

use super::field::{DAY_OF_MONTH, DAY_OF_WEEK, HOUR, MINUTE, MONTH, Set};
use super::spec::Spec;
use super::{CronError, Rule, SECOND};

pub(super) fn parse(text: &str) -> Result<Rule, CronError> {
    if text.trim().is_empty() {
        return Err(CronError::Empty);
    }
    let (zone, text) = split_zone(text)?;
    if let Some(word) = text.strip_prefix('@') {
        return parse_descriptor(word, zone);
    }
    parse_fields(text, zone).map(Rule::Spec)
}

/// Takes `TZ=Zone ` or `CRON_TZ=Zone ` off the front. Without one, or as `Local`, time is UTC: hosts have no time zone here.
fn split_zone(text: &str) -> Result<(TimeZone, &str), CronError> {
    let Some(rest) = text.strip_prefix("CRON_TZ=").or_else(|| text.strip_prefix("TZ=")) else {
        return Ok((TimeZone::UTC, text));
    };
    let (name, rest) = rest.split_once(' ').ok_or(CronError::FieldCount(0))?;
    let zone = match name {
        "" | "Local" | "UTC" => TimeZone::UTC,
        _ => TimeZoneDatabase::bundled().get(name).map_err(|_| CronError::TimeZone(name.to_owned()))?,
    };
    Ok((zone, rest.trim()))
}

fn parse_descriptor(word: &str, zone: TimeZone) -> Result<Rule, CronError> {
    let fields = match word {
        "yearly" | "annually" => "0 0 1 1 *",
        "monthly" => "0 0 1 * *",
        "weekly" => "0 0 * * 0",
        "daily" | "midnight" => "0 0 * * *",
        "hourly" => "0 * * * *",
        _ => match word.strip_prefix("every ") {
            Some(text) => return parse_every(text),
            None => return Err(CronError::Descriptor(format!("@{word}"))),
        },
    };
    parse_fields(fields, zone).map(Rule::Spec)
}

/// Whole seconds, at least one: anything less would be a busy loop.
fn parse_every(text: &str) -> Result<Rule, CronError> {
    let nanos = duration::parse_nanos(text).map_err(CronError::Every)?;
    Ok(Rule::Every((nanos / SECOND).max(1)))
}

fn parse_fields(text: &str, zone: TimeZone) -> Result<Spec, CronError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day_of_month, month, day_of_week] = fields[..] else {
        return Err(CronError::FieldCount(fields.len()));
    };
    Ok(Spec {
        minutes: Set::parse(minute, &MINUTE)?,
        hours: Set::parse(hour, &HOUR)?,
        days_of_month: Set::parse(day_of_month, &DAY_OF_MONTH)?,
        months: Set::parse(month, &MONTH)?,
        days_of_week: Set::parse(day_of_week, &DAY_OF_WEEK)?,
        zone,
    })
}
