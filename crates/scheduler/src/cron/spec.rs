//! The next moment at which a five-field schedule fires.
//!
//! The search walks stretches of constant offset from UTC: inside one, local time is ordinary arithmetic; at its end (a clock
//! change) the search goes on in the next. So hours that do not exist are never found, and hours that come twice are found twice.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Moment};
use model::Timestamp;

use super::field::{DAY_OF_WEEK, Set};

/// A schedule that has not fired for so many years never fires.
const HORIZON_YEARS: i16 = 5;
/// Clock changes within the horizon are a few a year; more stretches than this would be a broken time zone.
const MAX_STRETCHES: usize = 200;

/// Five fields in a time zone.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub(super) minutes: Set,
    pub(super) hours: Set,
    pub(super) days_of_month: Set,
    pub(super) months: Set,
    pub(super) days_of_week: Set,
    pub(super) zone: TimeZone,
}

impl Spec {
    pub(super) fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        // The coming second is the first that may fire.
        let mut from = Moment::from_second(time.seconds().checked_add(1)?).ok()?;
        let last_year = self.zone.to_datetime(from).year().checked_add(HORIZON_YEARS)?;
        for _ in 0..MAX_STRETCHES {
            let offset = self.zone.to_offset(from);
            let end = self.zone.following(from).next().map(|change| change.timestamp());
            let fires = self.first_local(offset.to_datetime(from), last_year).and_then(|local| offset.to_timestamp(local).ok());
            match (fires, end) {
                (Some(moment), Some(end)) if moment < end => return in_range(moment),
                (Some(moment), None) => return in_range(moment),
                (_, Some(end)) if self.zone.to_datetime(end).year() <= last_year => from = end,
                _ => return None,
            }
        }
        None
    }

    /// The first local time that is not before `from` and satisfies all fields, in a world without clock changes.
    fn first_local(&self, from: DateTime, last_year: i16) -> Option<DateTime> {
        let from = round_up_to_minute(from)?;
        let mut date = from.date();
        let mut earliest = (unsigned(from.hour()), unsigned(from.minute()));
        while date.year() <= last_year {
            if !self.months.has(unsigned(date.month())) {
                date = date.first_of_month().checked_add(Span::new().months(1)).ok()?;
            } else {
                if self.allows_day(date)
                    && let Some((hour, minute)) = self.first_time(earliest)
                {
                    return Some(date.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0));
                }
                date = date.tomorrow().ok()?;
            }
            earliest = (0, 0);
        }
        None
    }

    /// Both kinds of days restricted: either suffices. One of them a star: the other decides.
    fn allows_day(&self, date: Date) -> bool {
        let of_month = self.days_of_month.has(unsigned(date.day()));
        let of_week = self.days_of_week.has(unsigned(date.weekday().to_sunday_zero_offset()).min(DAY_OF_WEEK.max));
        if self.days_of_month.star || self.days_of_week.star { of_month && of_week } else { of_month || of_week }
    }

    fn first_time(&self, (hour, minute): (u32, u32)) -> Option<(u32, u32)> {
        if self.hours.has(hour)
            && let Some(minute) = self.minutes.first_from(minute)
        {
            return Some((hour, minute));
        }
        Some((self.hours.first_from(hour + 1)?, self.minutes.first_from(0)?))
    }
}

fn unsigned(value: i8) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

fn round_up_to_minute(time: DateTime) -> Option<DateTime> {
    let cut = time.date().at(time.hour(), time.minute(), 0, 0);
    if cut == time { Some(cut) } else { cut.checked_add(Span::new().minutes(1)).ok() }
}

fn in_range(moment: Moment) -> Option<Timestamp> {
    i64::try_from(moment.as_nanosecond()).ok().map(Timestamp::from_nanos)
}
