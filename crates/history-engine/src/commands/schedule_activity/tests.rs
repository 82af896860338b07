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

mod in_a_workflow {
    //! What the command writes, and what fails the workflow task.

    use proto::temporal::api::common::v1::{ActivityType, Priority, RetryPolicy};
    use proto::temporal::api::history::v1::history_event::Attributes as A;
    use proto::temporal::api::taskqueue::v1::TaskQueue;

    use crate::rejection::Rejection;
    use crate::testing::commands::{activity, activity_with};
    use crate::testing::{World, payloads, seconds, start_request};

    #[test]
    fn what_an_activity_does_not_say_is_filled_in() {
        let mut request = start_request();
        request.workflow_run_timeout = seconds(100);
        let mut world = World::start(request);
        world.takes_task();
        world.completes(vec![activity("a")]).expect("scheduled");
        let A::ActivityTaskScheduledEventAttributes(of) = world.attributes(5) else { panic!("scheduled") };
        assert_eq!(of.task_queue.as_ref().map(|queue| queue.name.as_str()), Some("orders"));
        assert_eq!((of.schedule_to_close_timeout, of.schedule_to_start_timeout), (seconds(100), seconds(100)));
        assert_eq!((of.start_to_close_timeout, of.heartbeat_timeout), (seconds(10), seconds(0)));
        assert_eq!(of.workflow_task_completed_event_id, 4);
        let policy = of.retry_policy.as_ref().expect("there is always one");
        assert_eq!((policy.initial_interval, policy.maximum_interval), (seconds(1), seconds(100)));
        assert_eq!((policy.backoff_coefficient, policy.maximum_attempts), (2.0, 0));
    }

    #[test]
    fn bad_activities_fail_the_workflow_task() {
        let long = "x".repeat(1001);
        let table = [
            (activity(""), "activityId is not set".to_owned()),
            (activity_with("a", |of| of.activity_type = None), "activityType is not set".to_owned()),
            (activity(&long), "activityId exceeds length limit. Length=1001 Limit=1000".to_owned()),
            (
                activity_with("a", |of| of.activity_type = Some(ActivityType { name: long.clone() })),
                "activityType exceeds length limit. Length=1001 Limit=1000".to_owned(),
            ),
            (
                activity_with("a", |of| of.start_to_close_timeout = None),
                "a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. \
                 ActivityId=a ActivityType=Charge"
                    .to_owned(),
            ),
            (
                activity_with("a", |of| of.heartbeat_timeout = seconds(-1)),
                "invalid HeartbeatTimeout: negative duration".to_owned(),
            ),
            (
                activity_with("a", |of| {
                    of.retry_policy = Some(RetryPolicy { backoff_coefficient: 0.5, ..RetryPolicy::default() });
                }),
                "BackoffCoefficient cannot be less than 1 on retry policy.".to_owned(),
            ),
            (
                activity_with("a", |of| of.priority = Some(Priority { priority_key: -1, ..Priority::default() })),
                "invalid priorities: priority key can't be negative".to_owned(),
            ),
            (
                activity_with("a", |of| {
                    of.task_queue = Some(TaskQueue { name: "/_sys/q".to_owned(), ..TaskQueue::default() });
                }),
                "task queue name cannot start with reserved prefix /_sys/".to_owned(),
            ),
        ];
        for (command, why) in table {
            let mut world = World::start(start_request());
            world.takes_task();
            let text = format!("BadScheduleActivityAttributes: {why}");
            assert_eq!(world.completes(vec![command]), Err(Rejection::InvalidArgument(text)));
            assert_eq!(world.story(), "S1 Ws2 Wt3 Wf4");
        }
    }

    #[test]
    fn an_id_that_is_pending_cannot_be_used_again() {
        let mut world = World::start(start_request());
        world.takes_task();
        let text = "ScheduleActivityDuplicateId: invalid history builder state for action: \
                    add-activitytask-scheduled-event, ActivityID: a";
        assert_eq!(world.completes(vec![activity("a"), activity("a")]), Err(Rejection::InvalidArgument(text.to_owned())));
    }

    #[test]
    fn too_many_activities_fail_the_workflow_task() {
        let mut world = World::start(start_request());
        world.env.limits.pending_activities = 1;
        world.takes_task();
        let text = "PendingActivitiesLimitExceeded: the number of pending activities, 1, has reached the per-workflow limit of 1";
        assert_eq!(world.completes(vec![activity("a"), activity("b")]), Err(Rejection::InvalidArgument(text.to_owned())));
    }

    #[test]
    fn an_oversized_input_ends_the_workflow() {
        let mut world = World::start(start_request());
        world.env.limits.blob_error_bytes = 3;
        world.takes_task();
        let text = "BadScheduleActivityAttributes: ScheduleActivityTaskCommandAttributes.Input exceeds size limit.";
        let large = activity_with("a", |of| of.input = payloads("large"));
        assert_eq!(world.completes(vec![large]), Err(Rejection::InvalidArgument(text.to_owned())));
        assert_eq!(world.story(), "S1 Ws2 Wt3 Wf4 T5");
    }
}
