//! A cancelled activity.

use proto::temporal::api::history::v1::history_event::Attributes as A;

use crate::decision::Answer;
use crate::input::{CancelActivity, Input};
use crate::rejection::Rejection;
use crate::testing::commands::{activity, cancel_activity, complete_workflow, timer};
use crate::testing::{World, payloads, signal};

fn acknowledges(world: &mut World) -> Result<Answer, Rejection> {
    let cancel = CancelActivity { activity: world.token(5), details: payloads("stopped"), identity: "runner".to_owned() };
    world.decide(Input::CancelActivity(Box::new(cancel)))
}

#[test]
fn without_a_request_it_is_refused() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    let text = "unable to mark activity as canceled without activity being request canceled first";
    assert_eq!(acknowledges(&mut world), Err(Rejection::InvalidArgument(text.to_owned())));
}

#[test]
fn a_running_activity_hears_of_it_and_acknowledges() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    world.decide(Input::Signal(Box::new(signal("stop")))).expect("signalled");
    world.works(vec![cancel_activity(5)]).expect("asked");
    assert!(world.beats(5, None).cancel_requested);
    acknowledges(&mut world).expect("acknowledged");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 Sig6 Ws7 Wt8 Wc9 ActivityCancelRequested10 At11 ActivityCanceled12 Ws13");
    let A::ActivityTaskCanceledEventAttributes(canceled) = world.attributes(12) else { panic!("ActivityCanceled12") };
    assert_eq!((canceled.scheduled_event_id, canceled.started_event_id), (5, 11));
    assert_eq!(canceled.latest_cancel_requested_event_id, 10);
    assert_eq!(canceled.details, payloads("stopped"));
}

#[test]
fn one_that_has_not_started_ends_at_once_after_the_other_commands() {
    let mut world = World::with(vec![activity("a")]);
    world.decide(Input::Signal(Box::new(signal("stop")))).expect("signalled");
    world.works(vec![cancel_activity(5), timer("t", 9)]).expect("asked");
    assert_eq!(
        world.story(),
        "S1 Ws2 Wt3 Wc4 As5 Sig6 Ws7 Wt8 Wc9 ActivityCancelRequested10 TimerStarted11 ActivityCanceled12 Ws13"
    );
    let A::ActivityTaskCanceledEventAttributes(canceled) = world.attributes(12) else { panic!("ActivityCanceled12") };
    assert_eq!((canceled.scheduled_event_id, canceled.started_event_id, canceled.latest_cancel_requested_event_id), (5, 0, 10));
    let details = canceled.details.as_ref().and_then(|details| details.payloads.first()).expect("details");
    assert_eq!(&details.data[..], b"\"ACTIVITY_ID_NOT_STARTED\"");
    assert_eq!(canceled.identity, "worker");
}

#[test]
fn one_that_waits_for_its_next_attempt_ends_at_once_too() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    let fail = crate::input::FailActivity {
        activity: world.token(5),
        failure: None,
        last_heartbeat_details: None,
        identity: String::new(),
    };
    world.decide(Input::FailActivity(Box::new(fail))).expect("failed");
    world.decide(Input::Signal(Box::new(signal("stop")))).expect("signalled");
    world.works(vec![cancel_activity(5)]).expect("asked");
    assert!(world.story().ends_with("ActivityCancelRequested10 ActivityCanceled11 Ws12"), "{}", world.story());
}

#[test]
fn a_workflow_that_closes_in_the_same_breath_drops_it() {
    let mut world = World::with(vec![activity("a")]);
    world.decide(Input::Signal(Box::new(signal("stop")))).expect("signalled");
    world.works(vec![cancel_activity(5), complete_workflow()]).expect("closed");
    assert!(world.story().ends_with("ActivityCancelRequested10 Completed11"), "{}", world.story());
}

#[test]
fn a_second_request_and_an_unknown_activity_fail_the_workflow_task() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    world.decide(Input::Signal(Box::new(signal("stop")))).expect("signalled");
    world.works(vec![cancel_activity(5)]).expect("asked");
    for id in [5, 99] {
        world.decide(Input::Signal(Box::new(signal("stop")))).expect("signalled");
        let text = format!(
            "BadRequestCancelActivityAttributes: invalid history builder state for action: \
             add-activitytask-cancel-requested-event, ScheduledEventID: {id}"
        );
        if id == 5 {
            assert_eq!(world.works(vec![cancel_activity(id)]), Err(Rejection::InvalidArgument(text)));
            world.works(vec![]).expect("the worker comes to its senses");
        } else {
            assert_eq!(world.works(vec![cancel_activity(id)]), Err(Rejection::InvalidArgument(text)));
        }
    }
    let mut unset = World::idle();
    unset.decide(Input::Signal(Box::new(signal("s")))).expect("signalled");
    let text = "BadRequestCancelActivityAttributes: ScheduledEventId is not set on RequestCancelActivityTaskCommand.";
    assert_eq!(unset.works(vec![cancel_activity(0)]), Err(Rejection::InvalidArgument(text.to_owned())));
}

#[test]
fn one_whose_end_waits_in_the_buffer_may_still_be_asked() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    world.decide(Input::Signal(Box::new(signal("stop")))).expect("signalled");
    world.takes_task();
    let complete = crate::input::CompleteActivity { activity: world.token(5), result: None, identity: "runner".to_owned() };
    world.decide(Input::CompleteActivity(Box::new(complete))).expect("completed");
    world.completes(vec![cancel_activity(5)]).expect("asked");
    assert!(world.story().ends_with("Wc9 ActivityCancelRequested10 At11 Ac12 Ws13"), "{}", world.story());
}
