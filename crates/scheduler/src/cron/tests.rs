//! Cron schedules: tables, clock changes, and laws by property tests.

use std::time::Duration;

use model::Timestamp;
use proptest::prelude::*;

use super::{Cron, CronError};

fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_nanos(i64::try_from(moment.as_nanosecond()).unwrap())
}

fn cron(text: &str) -> Cron {
    Cron::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn fires(schedule: &str, after: &str, expected: &[&str]) {
    let schedule_text = schedule;
    let schedule = cron(schedule);
    let mut time = at(after);
    for expected in expected {
        let next = schedule.next_after(time).unwrap_or_else(|| panic!("{schedule_text} stops after {time}"));
        assert_eq!(next, at(expected), "{schedule_text}: {expected} expected, {next} found");
        time = next;
    }
}

#[test]
fn fields_fire_at_the_next_moment_that_fits() {
    for (schedule, after, expected) in [
        ("* * * * *", "2024-01-01T00:00:00Z", "2024-01-01T00:01:00Z"),
        ("* * * * *", "2024-01-01T00:00:59.999999999Z", "2024-01-01T00:01:00Z"),
        ("0/15 * * * *", "2012-07-09T14:45:00Z", "2012-07-09T15:00:00Z"),
        ("*/15 * * * *", "2012-07-09T14:59:59Z", "2012-07-09T15:00:00Z"),
        ("20-35/15 * * * *", "2012-07-09T14:45:00Z", "2012-07-09T15:20:00Z"),
        ("20-35/15 * * * *", "2012-07-09T15:20:00Z", "2012-07-09T15:35:00Z"),
        ("*/15 * * * *", "2012-12-31T23:45:51Z", "2013-01-01T00:00:00Z"),
        ("30 08 ? Jul Sun", "2012-07-09T00:00:00Z", "2012-07-15T08:30:00Z"),
        ("0 0 * Feb Mon", "2012-07-09T00:00:00Z", "2013-02-04T00:00:00Z"),
        ("0 0 * Feb Mon/2", "2012-07-09T00:00:00Z", "2013-02-01T00:00:00Z"),
        ("0 0 29 Feb ?", "2012-03-01T00:00:00Z", "2016-02-29T00:00:00Z"),
        ("0 12 * * mon-FRI", "2024-05-03T12:00:00Z", "2024-05-06T12:00:00Z"),
        ("5,10,,20 3 * * *", "2024-05-03T03:10:00Z", "2024-05-03T03:20:00Z"),
        ("0 0 1,15 * *", "2024-05-03T03:10:00Z", "2024-05-15T00:00:00Z"),
        ("0 0 31 * *", "2024-04-01T00:00:00Z", "2024-05-31T00:00:00Z"),
        ("15 10 ? * *", "1969-12-31T10:15:00Z", "1970-01-01T10:15:00Z"),
    ] {
        fires(schedule, after, &[expected]);
    }
}

#[test]
fn restricted_days_of_month_and_of_week_are_alternatives() {
    // The 1st, or any Monday.
    fires("0 0 1 * MON", "2024-06-28T00:00:00Z", &["2024-07-01T00:00:00Z", "2024-07-08T00:00:00Z"]);
    fires("0 0 10 * MON", "2024-07-08T00:00:00Z", &["2024-07-10T00:00:00Z", "2024-07-15T00:00:00Z"]);
    // A star leaves the other alone, also as a question mark; a step does restrict.
    fires("0 0 * * MON", "2024-07-01T00:00:00Z", &["2024-07-08T00:00:00Z"]);
    fires("0 0 10 * ?", "2024-07-01T00:00:00Z", &["2024-07-10T00:00:00Z", "2024-08-10T00:00:00Z"]);
    fires("0 0 */10 * MON", "2024-07-01T00:00:00Z", &["2024-07-08T00:00:00Z", "2024-07-11T00:00:00Z"]);
    fires("0 0 */1 * MON", "2024-07-01T00:00:00Z", &["2024-07-08T00:00:00Z", "2024-07-15T00:00:00Z"]);
}

#[test]
fn words_stand_for_fields() {
    for (word, expected) in [
        ("@hourly", "2024-05-03T13:00:00Z"),
        ("@daily", "2024-05-04T00:00:00Z"),
        ("@midnight", "2024-05-04T00:00:00Z"),
        ("@weekly", "2024-05-05T00:00:00Z"),
        ("@monthly", "2024-06-01T00:00:00Z"),
        ("@yearly", "2025-01-01T00:00:00Z"),
        ("@annually", "2025-01-01T00:00:00Z"),
        ("@every 90s", "2024-05-03T12:31:45Z"),
        ("@every 1h30m", "2024-05-03T14:00:15Z"),
        ("@every 1.9s", "2024-05-03T12:30:16Z"),
        ("@every 5ms", "2024-05-03T12:30:16Z"),
        ("@every -1h", "2024-05-03T12:30:16Z"),
    ] {
        fires(word, "2024-05-03T12:30:15.5Z", &[expected]);
    }
}

#[test]
fn a_time_zone_moves_the_fields() {
    for prefix in ["TZ=", "CRON_TZ="] {
        fires(
            &format!("{prefix}Asia/Tokyo 0 9 * * *"),
            "2024-05-03T00:00:00Z",
            &["2024-05-04T00:00:00Z", "2024-05-05T00:00:00Z"],
        );
        fires(&format!("{prefix}Asia/Kolkata   @daily"), "2024-05-03T00:00:00Z", &["2024-05-03T18:30:00Z"]);
        fires(&format!("{prefix}UTC 0 9 * * *"), "2024-05-03T00:00:00Z", &["2024-05-03T09:00:00Z"]);
        fires(&format!("{prefix}Local 0 9 * * *"), "2024-05-03T00:00:00Z", &["2024-05-03T09:00:00Z"]);
    }
}

#[test]
fn an_hour_that_spring_skips_does_not_fire() {
    // New York, 2024-03-10: 01:59:59 EST is followed by 03:00:00 EDT.
    fires(
        "TZ=America/New_York 30 2 * * *",
        "2024-03-09T00:00:00Z",
        &["2024-03-09T07:30:00Z", "2024-03-11T06:30:00Z", "2024-03-12T06:30:00Z"],
    );
    fires("TZ=America/New_York 0 * * * *", "2024-03-10T06:00:00Z", &["2024-03-10T07:00:00Z", "2024-03-10T08:00:00Z"]);
    fires("TZ=America/New_York 0 3 * * *", "2024-03-09T20:00:00Z", &["2024-03-10T07:00:00Z", "2024-03-11T07:00:00Z"]);
    fires("TZ=America/New_York 59 1 * * *", "2024-03-10T00:00:00Z", &["2024-03-10T06:59:00Z", "2024-03-11T05:59:00Z"]);
}

#[test]
fn an_hour_that_autumn_repeats_fires_twice() {
    // New York, 2024-11-03: 01:59:59 EDT is followed by 01:00:00 EST.
    fires(
        "TZ=America/New_York 30 1 * * *",
        "2024-11-03T00:00:00Z",
        &["2024-11-03T05:30:00Z", "2024-11-03T06:30:00Z", "2024-11-04T06:30:00Z"],
    );
    fires("TZ=America/New_York 0 * * * *", "2024-11-03T04:00:00Z", &["2024-11-03T05:00:00Z", "2024-11-03T06:00:00Z"]);
    fires("TZ=America/New_York 0 2 * * *", "2024-11-03T00:00:00Z", &["2024-11-03T07:00:00Z", "2024-11-04T07:00:00Z"]);
    fires("TZ=America/New_York 0 12 * * *", "2024-11-02T20:00:00Z", &["2024-11-03T17:00:00Z"]);
}

#[test]
fn a_midnight_that_does_not_exist_is_skipped() {
    // São Paulo, 2018-11-04: clocks went from 00:00 to 01:00.
    fires("TZ=America/Sao_Paulo 0 0 * * *", "2018-11-03T12:00:00Z", &["2018-11-05T02:00:00Z", "2018-11-06T02:00:00Z"]);
}

#[test]
fn what_cannot_be_read_says_which_field() {
    for text in [
        "",
        "   ",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * 0 *",
        "* * * * 7",
        "a * * * *",
        "-1 * * * *",
        "5-1 * * * *",
        "*/0 * * * *",
        "*/a * * * *",
        "1/2/3 * * * *",
        "1-2-3 * * * *",
        ", * * * *",
        "* * * foo *",
        "@fortnightly",
        "@every",
        "@every ",
        "@every 5",
        "@every 1d",
        "TZ=UTC",
        "TZ=Mars/Olympus * * * * *",
        "CRON_TZ=../etc/passwd 0 0 * * *",
        "@Daily",
        "TZ=UTC * * * *",
        "4294967296 * * * *",
        "* * * * * # daily",
    ] {
        let error = Cron::parse(text).expect_err(text);
        assert_eq!(error.api_message(), "invalid CronSchedule.");
    }
    assert_eq!(Cron::parse("0 25 * * *").unwrap_err().to_string(), "cron schedule's hour field \"25\" ends above 23");
    assert_eq!(Cron::parse("0 0 * *").unwrap_err(), CronError::FieldCount(4));
    assert_eq!(Cron::parse("TZ=Mars/X * * * * *").unwrap_err(), CronError::TimeZone("Mars/X".into()));
}

#[test]
fn a_schedule_that_never_fires_is_detected() {
    let now = at("2024-05-03T12:30:15Z");
    for text in ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "TZ=America/New_York 0 0 30 feb *"] {
        assert!(cron(text).next_after(now).is_none(), "{text}");
        assert_eq!(cron(text).backoff(now, now), None);
        let error = Cron::validate(text, now).unwrap_err();
        assert_eq!(error, CronError::NeverFires);
        assert_eq!(error.api_message(), "invalid CronSchedule, no time can be found to satisfy the schedule");
    }
    // Restricted weekdays are an alternative, so these do fire.
    for text in ["0 0 30 2 MON", "0 0 29 2 *", "* * * * *", "@every 1h"] {
        assert!(Cron::validate(text, now).is_ok(), "{text}");
    }
}

#[test]
fn the_backoff_steps_from_the_execution_time_and_skips_missed_ticks() {
    for (schedule, executed, now, seconds) in [
        ("* * * * *", "2024-01-01T08:00:00Z", "2024-01-01T08:00:10Z", 50),
        ("* * * * *", "2024-01-01T08:00:00Z", "2024-01-01T08:00:10.5Z", 50),
        ("* * * * *", "2024-01-01T08:00:00Z", "2024-01-01T08:05:10Z", 50),
        // A tick at this very moment is not missed.
        ("* * * * *", "2024-01-01T08:00:00Z", "2024-01-01T08:05:00Z", 0),
        // But the run's own tick is over.
        ("* * * * *", "2024-01-01T08:00:00Z", "2024-01-01T08:00:00Z", 60),
        ("0 10 * * *", "2024-01-01T08:00:00Z", "2024-01-01T08:00:00Z", 7200),
        ("@every 5h", "2024-01-01T08:00:00Z", "2024-01-01T08:00:00Z", 18_000),
        ("@every 5h", "2024-01-01T08:00:00Z", "2024-01-01T12:59:59Z", 1),
        ("@every 5h", "2024-01-01T08:00:00Z", "2024-01-01T13:00:00Z", 0),
        ("@every 5h", "2024-01-01T08:00:00Z", "2024-01-01T13:00:00.001Z", 18_000),
        ("@every 7s", "2024-01-01T08:00:00Z", "2034-01-01T08:00:00Z", 6),
        // Not begun yet: the execution time itself.
        ("* * * * *", "2024-01-01T08:00:30Z", "2024-01-01T08:00:00Z", 30),
        ("* * * * *", "2024-01-01T08:00:30.2Z", "2024-01-01T08:00:00Z", 31),
    ] {
        assert_eq!(
            cron(schedule).backoff(at(executed), at(now)),
            Some(Duration::from_secs(seconds)),
            "{schedule} from {executed} at {now}"
        );
    }
}

#[test]
fn the_ends_of_time_do_not_panic() {
    for text in ["* * * * *", "@every 100h", "TZ=America/New_York @yearly", "0 0 30 2 *"] {
        let schedule = cron(text);
        for nanos in [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX] {
            let time = Timestamp::from_nanos(nanos);
            assert!(schedule.next_after(time).is_none_or(|next| next > time), "{text} at {nanos}");
            for other in [i64::MIN, 0, i64::MAX] {
                schedule.backoff(time, Timestamp::from_nanos(other));
            }
        }
    }
}

fn field(min: u32, max: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("*".to_owned()),
        1 => Just("?".to_owned()),
        3 => (min..=max).prop_map(|value| value.to_string()),
        2 => (min..=max, min..=max).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        2 => (2..=7_u32).prop_map(|step| format!("*/{step}")),
        1 => (min..=max, min..=max).prop_map(|(a, b)| format!("{a},{b}")),
    ]
}

fn schedule() -> impl Strategy<Value = String> {
    let zone = prop_oneof![
        Just(""),
        Just("TZ=America/New_York "),
        Just("CRON_TZ=Europe/Berlin "),
        Just("TZ=Asia/Kathmandu "),
        Just("TZ=Australia/Lord_Howe "),
    ];
    (zone, field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
        .prop_map(|(zone, minute, hour, day, month, weekday)| format!("{zone}{minute} {hour} {day} {month} {weekday}"))
}

/// 2000 to 2037.
fn moment() -> impl Strategy<Value = Timestamp> {
    (946_684_800_000_000_000..2_114_380_800_000_000_000_i64).prop_map(Timestamp::from_nanos)
}

proptest! {
    #[test]
    fn the_next_moment_is_later_and_on_a_whole_minute(text in schedule(), time in moment()) {
        let schedule = cron(&text);
        if let Some(next) = schedule.next_after(time) {
            prop_assert!(next > time);
            prop_assert_eq!(next.as_nanos() % 60_000_000_000, 0);
        }
    }

    #[test]
    fn no_moment_in_between_is_left_out(text in schedule(), time in moment()) {
        // Asked again from any moment in between, the answer stays.
        let schedule = cron(&text);
        if let Some(next) = schedule.next_after(time) {
            let middle = Timestamp::from_nanos(time.as_nanos() + (next.as_nanos() - time.as_nanos()) / 2);
            prop_assert_eq!(schedule.next_after(middle), Some(next));
            prop_assert_eq!(schedule.next_after(Timestamp::from_nanos(next.as_nanos() - 1)), Some(next));
        }
    }

    #[test]
    fn the_backoff_leads_to_what_stepping_finds(text in schedule(), time in moment(), late in 0..500_000_u64) {
        let schedule = cron(&text);
        let now = time + Duration::from_millis(late);
        let mut tick = schedule.next_after(time);
        while let Some(found) = tick && found < now {
            tick = schedule.next_after(found);
        }
        let waits = tick.map(|tick| {
            let nanos = u64::try_from(tick.as_nanos() - now.as_nanos()).unwrap();
            Duration::from_secs(nanos.div_ceil(1_000_000_000))
        });
        prop_assert_eq!(schedule.backoff(time, now), waits);
    }

    #[test]
    fn every_steps_a_whole_number_of_periods(seconds in 1..100_000_i64, time in moment(), late in 0..10_000_000_u64) {
        let now = time + Duration::from_millis(late);
        let wait = cron(&format!("@every {seconds}s")).backoff(time, now).unwrap();
        let exact = u64::try_from(seconds).unwrap();
        prop_assert!(wait <= Duration::from_secs(exact + 1));
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,40}") {
        let _ = Cron::parse(&text);
    }
}
