//! Chains leave memory and come back: idle ones, drained ones, crashed ones.

use std::sync::atomic::Ordering;
use std::time::Duration;

use history::Options;
use model::{SlotRange, TaskQueueKind, Timestamp};
use proto::temporal::api::command::v1::command::Attributes;
use proto::temporal::api::enums::v1::EventType as T;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::History;
use testkit::commands::{complete, continue_as_new, schedule_activity, seconds_of, start_timer};

use crate::world::{World, key, namespace, settle, types};

const DAY: i64 = 24 * 3600;

async fn wake_at(world: &World) -> Vec<Timestamp> {
    let rows = world.stores.lanes.scan_wake(SlotRange::ALL, Timestamp::MAX, None, 10).await.unwrap();
    rows.into_iter().map(|row| row.wake_at).collect()
}

#[tokio::test(start_paused = true)]
async fn idle_workflow_is_parked_and_its_timer_wakes_it() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![start_timer("t", 30 * DAY)]).await.unwrap();
    assert_eq!(wake_at(&world).await, [Timestamp::EPOCH], "a resident run owes");
    tokio::time::sleep(Duration::from_secs(30)).await;
    let parked = wake_at(&world).await;
    assert!(parked[0] > Timestamp::EPOCH + Duration::from_secs(30 * 24 * 3600), "{parked:?}");
    let loads = world.watch.loads.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(29 * 24 * 3600)).await;
    assert_eq!(world.watch.loads.load(Ordering::SeqCst), loads, "a parked run was read");
    tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
    let task = world.workflow_task().await;
    assert!(types(&task.history.clone().unwrap().events).contains(&T::TimerFired));
    world.complete(&task, vec![complete("ok")]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn parked_workflow_takes_a_signal_and_owes_again() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(wake_at(&world).await, [Timestamp::MAX], "nothing will ever wake it but a call");
    world.signal("order-1", "go").await.unwrap();
    assert_eq!(wake_at(&world).await, [Timestamp::EPOCH]);
    let task = world.workflow_task().await;
    world.complete(&task, vec![complete("ok")]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn workflow_whose_task_waits_in_memory_of_matching_stays() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    world.offered(TaskQueueKind::Workflow).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!(wake_at(&world).await, [Timestamp::EPOCH]);
    // Once matching has spilled the task, the run may leave.
    world.matching.spills.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(180)).await;
    assert_eq!(wake_at(&world).await, [Timestamp::MAX]);
    assert!(world.matching.withdrawn.lock().is_empty(), "what is stored was taken back");
}

#[tokio::test(start_paused = true)]
async fn task_is_seldom_offered_again_while_the_same_matching_holds_it() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let offers = world.offers();
    assert!((30..=45).contains(&offers), "{offers} offers in an hour");
}

#[tokio::test(start_paused = true)]
async fn task_held_by_a_matching_that_is_gone_is_offered_again_soon() {
    let world = World::new().await;
    *world.matching.incarnation.lock() = None;
    world.start("order-1").await.unwrap();
    tokio::time::sleep(Duration::from_secs(300)).await;
    let offers = world.offers();
    assert!(offers >= 25, "{offers} offers in five minutes, none of them to the queue's owner");
}

#[tokio::test(start_paused = true)]
async fn crash_offers_again_what_was_owed() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    world.complete(&task, vec![schedule_activity("a")]).await.unwrap();
    world.start("order-2").await.unwrap();
    let disk = world.crash().await;
    let world = World::boot(disk, Options::DEFAULT).await;
    let activity = world.activity_task().await;
    world.activity_done(&activity).await.unwrap();
    for _ in 0..2 {
        let task = world.workflow_task().await;
        world.complete(&task, vec![complete("ok")]).await.unwrap();
    }
    assert_eq!(types(&world.history("order-1").await.unwrap()).last(), Some(&T::WorkflowExecutionCompleted));
    assert_eq!(types(&world.history("order-2").await.unwrap()).last(), Some(&T::WorkflowExecutionCompleted));
}

#[tokio::test(start_paused = true)]
async fn worker_that_had_a_task_when_the_process_crashed_is_refused() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    let disk = world.crash().await;
    let world = World::boot(disk, Options::DEFAULT).await;
    let again = world.workflow_task().await;
    assert!(world.complete(&task, vec![complete("old")]).await.is_err());
    world.complete(&again, vec![complete("new")]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn worker_that_had_a_task_during_a_drain_may_finish_it() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let task = world.workflow_task().await;
    let (disk, ended) = world.drain().await;
    ended.unwrap();
    let world = World::boot(disk, Options::DEFAULT).await;
    world.complete(&task, vec![complete("ok")]).await.unwrap();
    let events = world.history("order-1").await.unwrap();
    assert_eq!(types(&events).last(), Some(&T::WorkflowExecutionCompleted));
}

#[tokio::test(start_paused = true)]
async fn drain_parks_everything_and_refuses_calls() {
    let world = World::new().await;
    for n in 0..5 {
        world.start(&format!("order-{n}")).await.unwrap();
        let task = world.workflow_task().await;
        world.complete(&task, vec![start_timer("t", 30 * DAY)]).await.unwrap();
    }
    let service = world.service.clone();
    let stores = world.stores.clone();
    let (_, ended) = world.drain().await;
    ended.unwrap();
    let rows = stores.lanes.scan_wake(SlotRange::ALL, Timestamp::MAX, None, 10).await.unwrap();
    assert!(rows.iter().all(|row| row.wake_at > Timestamp::EPOCH), "{rows:?}");
    let request = crate::world::start_request("late");
    let (context, namespace) = (rpc::Context::default(), crate::world::namespace());
    let refused = rpc::services::History::start_workflow(&*service, &context, &namespace, request, None).await;
    assert!(matches!(refused, Err(rpc::Error::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn snapshot_is_written_after_so_many_rows_and_the_run_is_read_from_it() {
    let world = World::with(Options { snapshot_rows: 4, ..Options::DEFAULT }).await;
    world.start("order-1").await.unwrap();
    for n in 0..11 {
        world.signal("order-1", &format!("s{n}")).await.unwrap();
    }
    let disk = world.crash().await;
    let world = World::boot(disk, Options::DEFAULT).await;
    let loaded = world.stores.lanes.load(&crate::world::key("order-1"), None).await.unwrap();
    assert_eq!(loaded.runs[0].row.snapshot_turn, 12);
    let task = world.workflow_task().await;
    assert_eq!(task.history.as_ref().unwrap().events.len(), 14);
    world.complete(&task, vec![complete("ok")]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn memory_of_closed_workflows_is_given_back() {
    let world = World::new().await;
    for n in 0..50 {
        world.start(&format!("order-{n}")).await.unwrap();
        let task = world.workflow_task().await;
        world.complete(&task, vec![complete("ok")]).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(15)).await;
    settle().await;
    assert_eq!(world.service.resident(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn run_that_a_crash_kept_from_lists_is_shown_afterwards() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    let disk = world.crash().await;
    assert!(disk.visible.rows.lock().is_empty());
    let world = World::boot(disk, Options::DEFAULT).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    settle().await;
    assert_eq!(world.disk.visible.rows.lock().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn chain_is_restarted_again_and_again_in_memory() {
    let world = World::with(Options { idle_closed: Duration::from_secs(3600), ..Options::DEFAULT }).await;
    for n in 0..30 {
        let request_id = format!("start-{n}");
        let request = proto::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest {
            request_id,
            ..crate::world::start_request("order-1")
        };
        world.start_with(request).await.unwrap();
        let task = world.workflow_task().await;
        world.complete(&task, vec![complete("ok")]).await.unwrap();
    }
    assert_eq!(world.watch.loads.load(Ordering::SeqCst), 0);
    assert_eq!(wake_at(&world).await.len(), 10, "a page of the thirty runs");
}

/// A worker has an activity that is to beat every five minutes and may take a day.
async fn beating() -> (World, api::PollActivityTaskQueueResponse) {
    let (world, _, attempt) = beating_with(Options::DEFAULT).await;
    (world, attempt)
}

/// The same, and the run that was there before it.
async fn beating_with(options: Options) -> (World, String, api::PollActivityTaskQueueResponse) {
    let world = World::with(options).await;
    let first = world.start("order-1").await.unwrap().run_id;
    let task = world.workflow_task().await;
    world.complete(&task, vec![continue_as_new("again")]).await.unwrap();
    let task = world.workflow_task().await;
    let mut activity = schedule_activity("a");
    if let Some(Attributes::ScheduleActivityTaskCommandAttributes(of)) = &mut activity.attributes {
        of.start_to_close_timeout = Some(seconds_of(24 * 3_600));
        of.heartbeat_timeout = Some(seconds_of(300));
    }
    world.complete(&task, vec![activity]).await.unwrap();
    let attempt = world.activity_task().await;
    (world, first, attempt)
}

async fn beat(world: &World, attempt: &api::PollActivityTaskQueueResponse) {
    let beat = api::RecordActivityTaskHeartbeatRequest { task_token: attempt.task_token.clone(), ..Default::default() };
    world.service.activity_heartbeat(&rpc::Context::default(), &namespace(), beat).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn activity_of_a_parked_workflow_that_stops_beating_is_tried_again() {
    let (world, first) = beating().await;
    let began = tokio::time::Instant::now();
    let second = world.offered_within(TaskQueueKind::Activity, Duration::from_secs(3_600)).await;
    assert_eq!((first.attempt, second.attempt), (1, 2));
    let late = began.elapsed().as_secs();
    assert!((300..310).contains(&late), "after {late} s");
}

#[tokio::test(start_paused = true)]
async fn activity_of_a_parked_workflow_that_beats_is_left_alone() {
    let (world, attempt) = beating().await;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_secs(240)).await;
        assert_eq!(world.service.resident().0, 0, "it is parked between two signs of life");
        world.describe("order-1").await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        beat(&world, &attempt).await;
    }
    world.activity_done(&attempt).await.unwrap();
}

/// However the memory of a chain gets lost, and however long it takes to read it anew.
#[tokio::test(start_paused = true)]
async fn activity_that_beats_is_left_alone_after_a_turn_could_not_be_stored() {
    let options = Options { dispatch_backoff: (Duration::from_secs(5), Duration::from_secs(5)), ..Options::DEFAULT };
    for options in [Options::DEFAULT, options] {
        let (world, first_run, attempt) = beating_with(options).await;
        for older in [false, false, true] {
            for _ in 0..2 {
                beat(&world, &attempt).await;
                tokio::time::sleep(Duration::from_secs(240)).await;
            }
            beat(&world, &attempt).await;
            if older {
                // Somebody looks at it, and it is in memory too.
                let first = world.history_of("order-1", &first_run).await.unwrap();
                assert_eq!(types(&first).last(), Some(&T::WorkflowExecutionContinuedAsNew));
            }
            // What comes now is decided in memory, refused by the store, and memory goes with it.
            world.watch.poison.lock().push(key("order-1"));
            assert!(world.signal("order-1", "go").await.is_err());
            world.watch.poison.lock().clear();
            // It leaves memory, and is read once more when the beats that were written are old.
            tokio::time::sleep(Duration::from_secs(65)).await;
            world.describe("order-1").await.unwrap();
            tokio::time::sleep(Duration::from_secs(175)).await;
        }
        let shown = world.describe("order-1").await.unwrap();
        assert_eq!(shown.pending_activities[0].attempt, 1, "it was alive all the time");
        world.activity_done(&attempt).await.unwrap();
    }
}
