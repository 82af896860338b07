//! Two thousand worlds, none of which may break a rule, and which together must see everything there is.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::coverage::{self, Coverage};
use crate::invariants;
use crate::world::{Report, play};

/// Plays `count` seeds from `first` on all cores; stops soon after the first that fails.
pub(crate) fn play_many(first: u64, count: u64) -> Vec<(u64, Report)> {
    coverage::listen();
    let (next, reports) = (AtomicU64::new(first), Mutex::new(Vec::new()));
    let failed = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count || failed.load(Ordering::Relaxed) >= 3 {
                        return;
                    }
                    let report = play(seed, false);
                    if report.violation.is_some() {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                    reports.lock().push((seed, report));
                }
            });
        }
    });
    let mut reports = reports.into_inner();
    reports.sort_unstable_by_key(|(seed, _)| *seed);
    reports
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn two_thousand_seeds_break_no_rule_and_see_every_kind() {
    let (first, count) = match number("SEED") {
        Some(seed) => (seed, 1),
        None => (number("FROM").unwrap_or(1), number("SEEDS").unwrap_or(2_000)),
    };
    let began = Instant::now();
    let reports = if count == 1 {
        coverage::listen();
        vec![(first, play(first, true))]
    } else {
        play_many(first, count)
    };
    let mut failed = 0;
    for (seed, report) in &reports {
        if let Some(violation) = &report.violation {
            failed += 1;
            println!("sim seed {seed} breaks {}: {}", violation.invariant, violation.detail);
            println!("sim to see it again: SEED={seed} make sim");
        }
    }
    let seeds = reports.len() as u64;
    let sum = |of: fn(&Report) -> u64| reports.iter().map(|(_, report)| of(report)).sum::<u64>();
    let least = |of: fn(&Report) -> u64| reports.iter().map(|(_, report)| of(report)).min().unwrap_or(0);
    let mut seen = Coverage::default();
    reports.iter().for_each(|(_, report)| seen.add(&report.coverage));
    println!("sim seeds: {seeds} in {} s, {} invariants on each", began.elapsed().as_secs(), invariants::names().len());
    println!(
        "sim turns: {} (at least {} per seed), executions {} (at least {}), calls {}, acknowledged {}, virtual hours {}",
        sum(|of| of.turns),
        least(|of| of.turns),
        sum(|of| of.executions),
        least(|of| of.executions),
        sum(|of| of.calls),
        sum(|of| of.facts),
        sum(|of| of.virtual_seconds) / 3600,
    );
    println!(
        "sim misfortunes: crashes {}, drains {}, take-overs {}, unknown writes {}, torn writes {}, failed writes {}, clock jumps {}",
        sum(|of| of.crashes),
        sum(|of| of.drains),
        sum(|of| of.takeovers),
        sum(|of| of.unknown),
        sum(|of| of.torn),
        sum(|of| of.failed),
        sum(|of| of.jumps),
    );
    seen.lines().iter().for_each(|line| println!("{line}"));
    assert_eq!(failed, 0, "{failed} seeds failed");
    if seeds >= 1_000 {
        let missing = seen.missing();
        assert!(missing.is_empty(), "never seen: {missing:?}");
        assert!(least(|of| of.turns) >= 200, "a seed is at least 200 turns");
        assert!(least(|of| of.executions) >= 20, "a seed is at least 20 executions");
        let often = |name: &str, count: u64| assert!(count >= seeds, "on average less than one of {name}");
        often("crashes", sum(|of| of.crashes));
        often("unknown writes", sum(|of| of.unknown));
        often("clock jumps", sum(|of| of.jumps));
    }
}

#[test]
fn same_seed_is_the_same_world() {
    coverage::listen();
    for seed in [3, 77, 1_234] {
        let (first, second) = (play(seed, false), play(seed, false));
        assert_eq!((first.hash, first.turns), (second.hash, second.turns), "seed {seed} went another way");
        assert_ne!(first.hash, play(seed + 1, false).hash, "another seed is another world");
    }
}
