//! Planted bugs: each must be found, within as many worlds as are played without one, by what is asked of every world.

use std::sync::atomic::{AtomicU64, Ordering};

use model::planted::{Bug, plant};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::coverage;
use crate::world::{Report, play};

/// Worlds in which a bug must show.
const SEEDS: u64 = 2_000;

/// Which invariant the bug breaks, in the first seed that shows it.
fn hunt(bug: Bug) -> Option<(u64, Report)> {
    let (next, found) = (AtomicU64::new(1), Mutex::new(None::<(u64, Report)>));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                plant(Some(bug));
                while found.lock().is_none() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > SEEDS {
                        return;
                    }
                    let report = play(seed, false);
                    let mut first = found.lock();
                    if report.violation.is_some() && first.as_ref().is_none_or(|(known, _)| seed < *known) {
                        *first = Some((seed, report));
                    }
                }
            });
        }
    });
    found.into_inner()
}

fn is_wanted(bug: Bug) -> bool {
    std::env::var("BUG").map_or(true, |name| format!("{bug:?}").contains(&name))
}

#[test]
fn every_planted_bug_is_found_by_what_is_asked_of_every_world() {
    coverage::listen();
    let mut missed = Vec::new();
    for bug in Bug::ALL.into_iter().filter(|bug| is_wanted(*bug)) {
        let began = Instant::now();
        match hunt(bug) {
            Some((seed, Report { violation: Some(violation), .. })) => {
                println!("sim-bugs: {bug:?}, {}, {seed}", violation.invariant);
                println!("  after {} s: {}", began.elapsed().as_secs(), violation.detail);
            }
            _ => missed.push(bug),
        }
    }
    println!("sim-bugs planted: {}, missed: {missed:?}", Bug::ALL.len());
    assert!(missed.is_empty(), "{SEEDS} worlds do not show {missed:?}");
}

#[test]
fn where_no_bug_is_planted_nothing_is_found() {
    coverage::listen();
    for seed in 1..=20 {
        assert_eq!(play(seed, false).violation, None, "seed {seed}");
    }
}

#[test]
fn no_invariant_knows_a_bug() {
    let sources = [
        include_str!("../invariants.rs"),
        include_str!("../invariants/at_end.rs"),
        include_str!("../invariants/of_answers.rs"),
        include_str!("../invariants/of_histories.rs"),
        include_str!("../invariants/of_rows.rs"),
    ];
    for source in sources {
        assert!(!source.contains("planted"), "an invariant speaks of planted bugs");
        for bug in Bug::ALL {
            assert!(!source.contains(&format!("{bug:?}")), "an invariant names {bug:?}");
        }
    }
}
