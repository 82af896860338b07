//! Clients and fate: who starts, signals, asks, cancels, ends and deletes workflows; and when processes die and clocks jump.

mod calls;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::rng::Rng;
use crate::world::World;
pub(crate) use calls::Client;

/// Calls per client.
const CALLS: u64 = 55;

/// Three clients and fate, until all are done; a process that dies by itself is replaced, as a supervisor would.
pub(crate) async fn play(world: &Arc<World>) {
    let actors = async {
        tokio::join!(client(world, "anna"), client(world, "ben"), client(world, "cleo"), fate(world));
    };
    tokio::select! {
        biased;
        () = actors => {}
        () = world.supervise() => {}
    }
}

async fn client(world: &Arc<World>, name: &str) {
    let mut client = Client::new(world, name);
    for _ in 0..CALLS {
        let pause = client.rng.millis(0, 900);
        crate::clock::wait(pause).await;
        world.check();
        world.counts.calls.fetch_add(1, Ordering::Relaxed);
        client.something().await;
    }
}

/// What happens to processes and clocks.
async fn fate(world: &Arc<World>) {
    let mut rng = world.rng.fork("fate");
    let blows = 3 + rng.below(4);
    for _ in 0..blows {
        let pause = rng.millis(500, 9_000);
        crate::clock::wait(pause).await;
        match rng.below(12) {
            0..=4 => {
                let down = rng.millis(5, 1_500);
                world.crash(down).await;
            }
            5 => world.restart().await,
            6 => world.take_over().await,
            _ => jump(world, &mut rng),
        }
    }
}

fn jump(world: &World, rng: &mut Rng) {
    let seconds = match rng.below(20) {
        0 => 26 * 3600,
        1..=3 => rng.between(600, 7_200),
        4..=8 => -rng.between(1, 600),
        _ => rng.between(1, 90),
    };
    world.counts.jumps.fetch_add(1, Ordering::Relaxed);
    world.say(|| format!("the clock jumps by {seconds} s"));
    world.wall.jump(seconds);
}
