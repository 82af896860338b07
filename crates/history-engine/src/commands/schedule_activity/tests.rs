//! How the timeouts of an activity follow from each other.

use super::*;

/// Seconds of schedule-to-close, schedule-to-start, start-to-close, heartbeat.
type Seconds = [u64; 4];

fn timeouts([schedule_to_close, schedule_to_start, start_to_close, heartbeat]: Seconds) -> Timeouts {
    Timeouts {
        schedule_to_close: Duration::from_secs(schedule_to_close),
        schedule_to_start: Duration::from_secs(schedule_to_start),
        start_to_close: Duration::from_secs(start_to_close),
        heartbeat: Duration::from_secs(heartbeat),
    }
}

#[test]
fn timeouts_that_are_not_set_follow_from_those_that_are() {
    let table: [(Seconds, u64, Option<Seconds>); 12] = [
        // Schedule-to-close fills in and caps the others.
        ([10, 0, 0, 0], 0, Some([10, 10, 10, 0])),
        ([10, 3, 4, 2], 0, Some([10, 3, 4, 2])),
        ([10, 30, 40, 20], 0, Some([10, 10, 10, 10])),
        // Start-to-close alone: the run's timeout, which may be none.
        ([0, 0, 5, 0], 0, Some([0, 0, 5, 0])),
        ([0, 0, 5, 0], 100, Some([100, 100, 5, 0])),
        ([0, 7, 5, 0], 100, Some([100, 7, 5, 0])),
        ([0, 700, 5, 0], 100, Some([100, 100, 5, 0])),
        // Neither: refused.
        ([0, 7, 0, 3], 100, None),
        ([0, 0, 0, 0], 0, None),
        // The run's timeout caps everything.
        ([1000, 1000, 1000, 1000], 100, Some([100, 100, 100, 100])),
        ([0, 0, 1000, 200], 100, Some([100, 100, 100, 100])),
        // A heartbeat's timeout never outlasts its attempt.
        ([0, 0, 5, 9], 100, Some([100, 100, 5, 5])),
    ];
    for (given, run_timeout, expected) in table {
        let normalized = timeouts(given).normalized(Duration::from_secs(run_timeout));
        assert_eq!(normalized, expected.map(timeouts), "{given:?} in a run of {run_timeout}");
    }
}

#[test]
fn timeouts_that_are_no_durations_are_refused_by_name() {
    let bad = Some(prost_types::Duration { seconds: -1, nanos: 0 });
    let mixed = Some(prost_types::Duration { seconds: 1, nanos: -1 });
    let none = ScheduleActivityTaskCommandAttributes::default();
    let table = [
        (
            ScheduleActivityTaskCommandAttributes { schedule_to_close_timeout: bad, ..none.clone() },
            "invalid ScheduleToCloseTimeout: negative duration",
        ),
        (
            ScheduleActivityTaskCommandAttributes { schedule_to_start_timeout: bad, ..none.clone() },
            "invalid ScheduleToStartTimeout: negative duration",
        ),
        (
            ScheduleActivityTaskCommandAttributes { start_to_close_timeout: bad, ..none.clone() },
            "invalid StartToCloseTimeout: negative duration",
        ),
        (
            ScheduleActivityTaskCommandAttributes { heartbeat_timeout: mixed, ..none },
            "invalid HeartbeatTimeout: duration has seconds and nanos with different signs",
        ),
    ];
    for (command, why) in table {
        assert_eq!(Timeouts::of(&command), Err(why.to_owned()));
    }
}
