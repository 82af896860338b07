//! Signs of life.

use std::time::Duration;

use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::history::v1::history_event::Attributes as A;

use crate::decision::HeartbeatAnswer;
use crate::input::{ActivityRef, Heartbeat, Input};
use crate::rejection::Rejection;
use crate::testing::commands::{activity, activity_with, complete_workflow};
use crate::testing::{World, payloads, seconds, signal};

fn beating() -> World {
    let mut world = World::with(vec![activity_with("a", |of| {
        of.start_to_close_timeout = seconds(1000);
        of.heartbeat_timeout = seconds(10);
    })]);
    world.starts(5).expect("started");
    world
}

#[test]
fn new_details_are_durable_and_no_event() {
    let mut world = beating();
    assert_eq!(world.beats(5, payloads("1")), HeartbeatAnswer::default());
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5");
    world.crash();
    assert_eq!(world.run().activity(5).and_then(|activity| activity.heartbeat_details.clone()), payloads("1"));
}

#[test]
fn a_mere_sign_of_life_is_not_logged_but_counts() {
    let mut world = beating();
    world.beats(5, payloads("1"));
    let durable = world.run().state().clone();
    world.pass(Duration::from_secs(7));
    world.beats(5, payloads("1"));
    assert_eq!(world.run().state(), &durable);
    assert_eq!(world.run().last_heartbeat(5), Some(world.env.now));
    assert_eq!(world.chain.next_wake(), Some(world.env.now + Duration::from_secs(10)));
}

#[test]
fn details_survive_a_failed_attempt() {
    let mut world = beating();
    world.beats(5, payloads("half"));
    let fail = crate::input::FailActivity {
        activity: world.token(5),
        failure: None,
        last_heartbeat_details: None,
        identity: String::new(),
    };
    world.decide(Input::FailActivity(Box::new(fail))).expect("failed");
    world.wake();
    assert_eq!(world.starts(5).expect("started").response.heartbeat_details, payloads("half"));
}

#[test]
fn oversized_details_fail_the_activity_and_stop_its_worker() {
    let mut world = beating();
    world.env.limits.blob_error_bytes = 3;
    assert!(world.beats(5, payloads("too much")).cancel_requested);
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 At6 Af7 Ws8");
    let A::ActivityTaskFailedEventAttributes(failed) = world.attributes(7) else { panic!("Af7") };
    let failure = failed.failure.as_ref().expect("why");
    assert_eq!(failure.message, "Heartbeat details exceed size limit.");
    assert!(matches!(&failure.failure_info, Some(FailureInfo::ServerFailureInfo(info)) if info.non_retryable));
}

#[test]
fn only_a_running_attempt_of_an_open_workflow_beats() {
    let beat = |activity: ActivityRef| Input::Heartbeat(Box::new(Heartbeat { activity, details: None, identity: String::new() }));
    let mut world = World::with(vec![activity("a")]);
    let by_id = ActivityRef::Id { run: None, activity_id: "a".to_owned() };
    assert_eq!(world.decide(beat(by_id.clone())), Err(Rejection::no_activity()));
    world.starts(5).expect("started");
    assert!(world.decide(beat(by_id.clone())).is_ok());
    world.decide(Input::Signal(Box::new(signal("s")))).expect("signalled");
    world.works(vec![complete_workflow()]).expect("closed");
    assert_eq!(world.decide(beat(by_id)), Err(Rejection::closed()));
}
