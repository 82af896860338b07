//! Polls that go away, answers that get lost, limits: every task reaches a worker, and none two.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::world::{World, activity, settle, workflow_task};

#[tokio::test(start_paused = true)]
async fn activity_whose_poll_went_away_during_its_start_goes_to_the_next_poll() {
    let world = World::new();
    world.offer(activity("order-1", Duration::ZERO)).await.unwrap();
    world.history.hold.store(true, Ordering::SeqCst);
    assert!(timeout(Duration::from_secs(1), world.poll_activity(None)).await.is_err(), "its client has hung up");
    world.history.hold.store(false, Ordering::SeqCst);
    assert_eq!(world.poll_activity(None).await.as_deref(), Some("order-1"));
}

#[tokio::test(start_paused = true)]
async fn workflow_task_whose_poll_went_away_during_its_start_goes_to_the_next_poll() {
    let world = World::new();
    world.offer(workflow_task("order-1")).await.unwrap();
    world.history.hold.store(true, Ordering::SeqCst);
    assert!(timeout(Duration::from_secs(1), world.poll_workflow()).await.is_err(), "its client has hung up");
    world.history.hold.store(false, Ordering::SeqCst);
    assert!(world.poll_workflow().await.workflow_execution.is_some());
}

#[tokio::test(start_paused = true)]
async fn start_whose_answer_got_lost_is_asked_for_again_and_not_made_twice() {
    let world = World::new();
    world.offer(activity("order-1", Duration::ZERO)).await.unwrap();
    world.history.lose_answer.store(true, Ordering::SeqCst);
    assert_eq!(world.poll_activity(None).await.as_deref(), Some("order-1"));
}

#[tokio::test(start_paused = true)]
async fn task_that_is_offered_again_while_it_is_being_started_is_handed_out_once() {
    let world = World::new();
    world.offer(activity("order-1", Duration::ZERO)).await.unwrap();
    world.history.hold.store(true, Ordering::SeqCst);
    let first = tokio::spawn({
        let world = world.clone();
        async move { timeout(Duration::from_secs(1), world.poll_activity(None)).await }
    });
    world.history.reached.notified().await;
    world.offer(activity("order-1", Duration::ZERO)).await.unwrap();
    assert!(first.await.unwrap().is_err(), "its client has hung up");
    world.history.hold.store(false, Ordering::SeqCst);
    assert_eq!(world.poll_activity(None).await.as_deref(), Some("order-1"));
    assert_eq!(world.poll_activity(None).await, None);
}

#[tokio::test(start_paused = true)]
async fn waiting_poll_gets_a_task_as_soon_as_the_limit_allows() {
    let world = World::new();
    let polls: Vec<_> = (0..2)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.poll_activity(Some(1.0)).await })
        })
        .collect();
    settle().await;
    let began = Instant::now();
    for n in 0..2 {
        world.offer(activity(&format!("order-{n}"), Duration::ZERO)).await.unwrap();
    }
    for poll in polls {
        assert!(poll.await.unwrap().is_some());
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn limit_that_is_no_number_stops_nobody() {
    let world = World::new();
    for (n, rate) in [f64::NAN, -1.0, f64::INFINITY, f64::MIN_POSITIVE].into_iter().enumerate() {
        world.offer(activity(&format!("order-{n}"), Duration::ZERO)).await.unwrap();
        assert!(world.poll_activity(Some(rate)).await.is_some(), "{rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn task_keeps_its_place_and_age_when_it_is_offered_anew() {
    let world = World::new();
    tokio::time::sleep(Duration::from_secs(10)).await;
    world.offer(activity("younger", Duration::from_secs(5))).await.unwrap();
    world.offer(activity("older", Duration::from_secs(1))).await.unwrap();
    assert_eq!(world.waiting().await, (2, Duration::from_secs(9)));
    assert_eq!(world.poll_activity(None).await.as_deref(), Some("older"));
    assert_eq!(world.poll_activity(None).await.as_deref(), Some("younger"));
}

#[tokio::test(start_paused = true)]
async fn task_whose_start_met_a_bug_comes_later_and_holds_up_no_other() {
    let world = World::new();
    *world.history.bug.lock() = Some("order-1".to_owned());
    world.offer(activity("order-1", Duration::ZERO)).await.unwrap();
    world.offer(activity("order-2", Duration::ZERO)).await.unwrap();
    let began = Instant::now();
    assert_eq!(world.poll_activity(None).await.as_deref(), Some("order-2"));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(world.poll_activity(None).await.as_deref(), Some("order-1"));
}
