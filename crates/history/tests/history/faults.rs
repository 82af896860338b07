//! Every way in which a commit can end, and what leaves the process meanwhile: nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use model::TaskQueueKind;
use persistence::decorate::fault::Fault;
use proto::temporal::api::enums::v1::EventType as T;
use proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use rpc::Error;

use crate::world::{World, key, settle, start_request, types};

#[tokio::test(start_paused = true)]
async fn nothing_leaves_before_the_commit_has_landed() {
    let world = Arc::new(World::new().await);
    world.start("order-1").await.unwrap();
    world.watch.held.store(true, Ordering::SeqCst);
    let signal = tokio::spawn({
        let world = world.clone();
        async move { world.signal("order-1", "go").await }
    });
    settle().await;
    // Decided on the signal that is not durable yet: a read, a duplicate start and a rejection.
    let read = tokio::spawn({
        let world = world.clone();
        async move { world.history("order-1").await }
    });
    let duplicate = tokio::spawn({
        let world = world.clone();
        async move { world.start("order-1").await }
    });
    let rejected = tokio::spawn({
        let world = world.clone();
        async move {
            let request_id = "another".to_owned();
            let conflict = WorkflowIdConflictPolicy::Fail as i32;
            world
                .start_with(proto::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest {
                    request_id,
                    workflow_id_conflict_policy: conflict,
                    ..start_request("order-1")
                })
                .await
        }
    });
    settle().await;
    for unfinished in [signal.is_finished(), read.is_finished(), duplicate.is_finished(), rejected.is_finished()] {
        assert!(!unfinished, "an answer left before its commit");
    }
    world.watch.let_go();
    signal.await.unwrap().unwrap();
    assert_eq!(types(&read.await.unwrap().unwrap()).last(), Some(&T::WorkflowExecutionSignaled));
    assert!(duplicate.await.unwrap().unwrap().started);
    assert!(matches!(rejected.await.unwrap(), Err(Error::WorkflowAlreadyStarted { .. })));
}

#[tokio::test(start_paused = true)]
async fn task_is_not_offered_before_the_commit_has_landed() {
    let world = Arc::new(World::new().await);
    world.watch.held.store(true, Ordering::SeqCst);
    let start = tokio::spawn({
        let world = world.clone();
        async move { world.start("order-1").await }
    });
    settle().await;
    assert!(!start.is_finished());
    assert_eq!(world.offers(), 0);
    world.watch.let_go();
    start.await.unwrap().unwrap();
    world.offered(TaskQueueKind::Workflow).await;
}

#[tokio::test(start_paused = true)]
async fn what_comes_during_a_commit_goes_out_as_one_batch() {
    let world = Arc::new(World::new().await);
    world.watch.held.store(true, Ordering::SeqCst);
    let starts: Vec<_> = (0..20)
        .map(|n| {
            let world = world.clone();
            tokio::spawn(async move { world.start(&format!("order-{n}")).await })
        })
        .collect();
    settle().await;
    world.watch.let_go();
    for start in starts {
        assert!(start.await.unwrap().unwrap().started);
    }
    assert!(world.watch.commits.load(Ordering::SeqCst) <= 2, "{:?}", world.watch.commits);
}

#[tokio::test(start_paused = true)]
async fn start_that_lost_against_a_stored_run_is_decided_again() {
    let world = World::new().await;
    let first = world.start("order-1").await.unwrap();
    let (disk, ended) = world.drain().await;
    ended.unwrap();
    let world = World::boot(disk, history::Options::DEFAULT).await;
    // The chain is not in memory, so the start is tried without a read, loses, and dedupes by its request id.
    let again = world.start("order-1").await.unwrap();
    assert_eq!(again.run_id, first.run_id);
    assert_eq!(types(&world.history("order-1").await.unwrap()).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn unknown_outcome_that_landed_is_answered_as_landed() {
    let world = World::new().await;
    world.faults.push(Some(Fault::UnknownLanded));
    let started = world.start("order-1").await.unwrap();
    assert!(started.started);
    world.faults.push(Some(Fault::UnknownLanded));
    world.signal("order-1", "go").await.unwrap();
    assert_eq!(types(&world.history("order-1").await.unwrap()).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn unknown_outcome_that_was_lost_is_written_again_once() {
    let world = World::new().await;
    world.faults.push(Some(Fault::UnknownLost));
    world.start("order-1").await.unwrap();
    world.faults.push(Some(Fault::UnknownLost));
    world.faults.push(Some(Fault::UnknownLanded));
    world.signal("order-1", "go").await.unwrap();
    let disk = world.crash().await;
    let world = World::boot(disk, history::Options::DEFAULT).await;
    let events = world.history("order-1").await.unwrap();
    assert_eq!(types(&events), [T::WorkflowExecutionStarted, T::WorkflowTaskScheduled, T::WorkflowExecutionSignaled]);
}

#[tokio::test(start_paused = true)]
async fn start_that_lost_in_a_batch_of_unknown_outcome_is_decided_again() {
    let world = World::new().await;
    let first = world.start("order-1").await.unwrap();
    let disk = world.crash().await;
    let world = World::boot(disk, history::Options { load_concurrency: 1, ..history::Options::DEFAULT }).await;
    world.faults.push(Some(Fault::UnknownLanded));
    let again = world.start("order-1").await.unwrap();
    assert_eq!(again.run_id, first.run_id);
}

#[tokio::test(start_paused = true)]
async fn failed_commit_is_tried_once_more() {
    let world = World::new().await;
    world.faults.push(Some(Fault::Failed));
    assert!(world.start("order-1").await.unwrap().started);
}

#[tokio::test(start_paused = true)]
async fn turn_that_cannot_be_stored_fails_alone_and_its_chain_goes_on() {
    let world = Arc::new(World::new().await);
    for n in 0..8 {
        world.start(&format!("order-{n}")).await.unwrap();
    }
    world.watch.held.store(true, Ordering::SeqCst);
    world.watch.poison.lock().push(key("order-5"));
    let signals: Vec<_> = (0..8)
        .map(|n| {
            let world = world.clone();
            tokio::spawn(async move { world.signal(&format!("order-{n}"), "go").await })
        })
        .collect();
    let queued = tokio::spawn({
        let world = world.clone();
        async move {
            settle().await;
            world.signal("order-5", "behind").await
        }
    });
    settle().await;
    settle().await;
    world.watch.let_go();
    for (n, signal) in signals.into_iter().enumerate() {
        let ended = signal.await.unwrap();
        if n == 5 {
            assert!(matches!(ended, Err(Error::Unavailable(_))), "{ended:?}");
        } else {
            ended.unwrap();
        }
    }
    assert!(matches!(queued.await.unwrap(), Err(Error::Unavailable(_))));
    world.watch.poison.lock().clear();
    world.signal("order-5", "again").await.unwrap();
    let events = world.history("order-5").await.unwrap();
    assert_eq!(types(&events), [T::WorkflowExecutionStarted, T::WorkflowTaskScheduled, T::WorkflowExecutionSignaled]);
}

#[tokio::test(start_paused = true)]
async fn fenced_lane_answers_unavailable_and_ends_the_process() {
    let world = World::new().await;
    world.start("order-1").await.unwrap();
    world.faults.push(Some(Fault::Fenced));
    assert!(matches!(world.signal("order-1", "go").await, Err(Error::Unavailable(_))));
    assert!(matches!(world.start("order-2").await, Err(Error::Unavailable(_))));
    assert!(matches!(world.ended().await, Err(history::Error::Fenced)));
}

#[tokio::test(start_paused = true)]
async fn second_process_fences_the_first() {
    let first = World::new().await;
    first.start("order-1").await.unwrap();
    let second = World::boot(first.disk.clone(), history::Options::DEFAULT).await;
    second.signal("order-1", "from the second").await.unwrap();
    assert!(matches!(first.signal("order-1", "from the first").await, Err(Error::Unavailable(_))));
    assert!(matches!(first.ended().await, Err(history::Error::Fenced)));
    assert_eq!(second.history("order-1").await.unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn of_two_processes_that_take_over_at_once_one_is_left() {
    let first = World::new().await;
    first.start("order-1").await.unwrap();
    let second = World::launch(first.disk.clone(), history::Options::DEFAULT, |faults, watch| {
        faults.push(Some(Fault::UnknownLost));
        watch.held_outcomes.store(true, Ordering::SeqCst);
    });
    settle().await;
    let third = World::boot(first.disk.clone(), history::Options::DEFAULT).await;
    // Somebody has moved the shards since, but it was not the second.
    second.watch.let_go();
    let end = tokio::time::timeout(std::time::Duration::from_secs(60), second.ended()).await;
    assert!(matches!(end, Ok(Err(history::Error::Fenced))), "it ended with {end:?}");
    third.signal("order-1", "go").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn calls_wait_no_longer_than_the_mailbox_is_long() {
    let world = Arc::new(World::with(history::Options { mailbox: 2, ..history::Options::DEFAULT }).await);
    world.watch.held.store(true, Ordering::SeqCst);
    let start = tokio::spawn({
        let world = world.clone();
        async move { world.start("order-1").await }
    });
    settle().await;
    let signals: Vec<_> = (0..3)
        .map(|n| {
            let world = world.clone();
            tokio::spawn(async move { world.signal("order-1", &format!("s{n}")).await })
        })
        .collect();
    settle().await;
    world.watch.let_go();
    start.await.unwrap().unwrap();
    let mut refused = 0;
    for signal in signals {
        refused += usize::from(matches!(signal.await.unwrap(), Err(Error::ResourceExhausted { .. })));
    }
    assert_eq!(refused, 1);
}
