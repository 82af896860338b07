//! When a commit waits for company: in a crowd only, never for long, and never for a lone caller.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use history::Options;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::world::{World, settle};

/// A process with so many open chains, the last of which have just been heard of.
async fn crowd(options: Options, chains: usize) -> Arc<World> {
    let world = Arc::new(World::with(options).await);
    for n in 0..chains {
        world.start(&format!("order-{n}")).await.unwrap();
    }
    world
}

fn signal(world: &Arc<World>, to: usize, tasks: &mut JoinSet<()>) {
    let world = world.clone();
    tasks.spawn(async move { world.signal(&format!("order-{to}"), "news").await.unwrap() });
}

#[tokio::test(start_paused = true)]
async fn callers_of_few_chains_are_not_held_back() {
    let world = crowd(Options::DEFAULT, 3).await;
    let began = Instant::now();
    for n in 0..60 {
        world.signal(&format!("order-{}", n % 3), "news").await.unwrap();
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn turns_that_come_closely_after_one_another_in_a_crowd_share_a_commit() {
    let world = crowd(Options::DEFAULT, 8).await;
    let before = world.watch.commits.load(Ordering::SeqCst);
    let mut answers = JoinSet::new();
    for to in 0..8 {
        signal(&world, to, &mut answers);
        settle().await;
        assert_eq!(world.watch.commits.load(Ordering::SeqCst), before, "the commit is held for others");
    }
    let began = Instant::now();
    while answers.join_next().await.transpose().unwrap().is_some() {}
    assert_eq!(world.watch.commits.load(Ordering::SeqCst), before + 1);
    assert!(began.elapsed() <= Options::DEFAULT.hold, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn hold_ends_as_soon_as_there_is_enough() {
    let world = crowd(Options { hold_turns: 6, ..Options::DEFAULT }, 6).await;
    let began = Instant::now();
    let mut answers = JoinSet::new();
    for to in 0..6 {
        signal(&world, to, &mut answers);
    }
    while answers.join_next().await.transpose().unwrap().is_some() {}
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn crowd_that_is_gone_is_not_waited_for() {
    let world = crowd(Options::DEFAULT, 8).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let began = Instant::now();
    world.signal("order-1", "news").await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_held_where_the_hold_is_zero() {
    let world = crowd(Options { hold: Duration::ZERO, ..Options::DEFAULT }, 8).await;
    let began = Instant::now();
    for to in 0..8 {
        world.signal(&format!("order-{to}"), "news").await.unwrap();
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
}
