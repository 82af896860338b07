//! Laws of reading histories: by event, both ways, within limits, one branch at a time.

use super::world::{World, branch, key, numbers, range, start, turn, turns};
use super::{Subject, Verdict, Violation, equal};
use crate::record::{Batch, HistoryRange};
use model::RunKey;

/// Turns with events 1-3, 4, 5-9, 10-10, marks between.
async fn order(world: &mut World) -> Result<RunKey, Violation> {
    let run = key("order", 1);
    let rows = vec![
        turn(&run, 1, 1, 3),
        turn(&run, 2, 0, 0),
        turn(&run, 3, 4, 4),
        turn(&run, 4, 5, 9),
        turn(&run, 5, 0, 0),
        turn(&run, 6, 10, 10),
        turn(&run, 7, 0, 0),
    ];
    world.land(&Batch { turns: rows, ..start(&run) }).await?;
    Ok(run)
}

pub(super) async fn overlap(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = order(&mut world).await?;
    let cases: &[(i64, i64, &[u64])] = &[
        (1, i64::MAX, &[1, 3, 4, 6]),
        (2, 6, &[1, 3, 4]),
        (3, 4, &[1]),
        (4, 5, &[3]),
        (6, 8, &[4]),
        (9, 10, &[4]),
        (10, 11, &[6]),
        (11, 100, &[]),
        (5, 5, &[]),
    ];
    for (from, to, wanted) in cases {
        let rows = world.history(&range(&run, *from, *to)).await?;
        equal((from, to, numbers(&rows)), (from, to, wanted.to_vec()), "turns of a range")?;
    }
    equal(world.history(&range(&key("order", 2), 1, 100)).await?, Vec::new(), "the history of no run")?;
    equal(world.history(&range(&key("other", 1), 1, 100)).await?, Vec::new(), "the history of another chain's run")
}

pub(super) async fn backwards(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = order(&mut world).await?;
    let cases: &[(i64, i64, &[u64])] =
        &[(1, i64::MAX, &[6, 4, 3, 1]), (1, 11, &[6, 4, 3, 1]), (2, 6, &[4, 3, 1]), (4, 5, &[3]), (1, 4, &[1]), (1, 1, &[])];
    for (from, to, wanted) in cases {
        let reverse = HistoryRange { reverse: true, ..range(&run, *from, *to) };
        let rows = world.history(&reverse).await?;
        equal((from, to, numbers(&rows)), (from, to, wanted.to_vec()), "turns of a range, newest first")?;
    }
    let last = HistoryRange { reverse: true, max_rows: 1, ..range(&run, 1, 9) };
    equal(numbers(&world.history(&last).await?), vec![4], "the last row of a range")
}

pub(super) async fn limits_hold(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = order(&mut world).await?;
    let size = turn(&run, 1, 1, 3).data.len();
    let cases: &[(usize, usize, usize)] =
        &[(0, 1 << 20, 0), (1, 1 << 20, 1), (3, 1 << 20, 3), (10, 1, 1), (10, size, 1), (10, size + 1, 2), (10, 3 * size, 3)];
    for (max_rows, max_bytes, wanted) in cases {
        for reverse in [false, true] {
            let limited = HistoryRange { max_rows: *max_rows, max_bytes: *max_bytes, reverse, ..range(&run, 1, 100) };
            equal(world.history(&limited).await?.len(), *wanted, &format!("{max_rows} rows or {max_bytes} bytes"))?;
        }
    }
    Ok(())
}

pub(super) async fn branches_are_apart(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = order(&mut world).await?;
    let mut forked = turn(&run, 3, 4, 6);
    forked.branch = branch(2);
    world.land(&turns(vec![forked.clone()])).await?;
    equal(numbers(&world.history(&range(&run, 1, 100)).await?), vec![1, 3, 4, 6], "the first branch")?;
    let other = HistoryRange { branch: branch(2), ..range(&run, 1, 100) };
    equal(world.history(&other).await?, vec![forked], "the second branch")?;
    let none = HistoryRange { branch: branch(3), ..range(&run, 1, 100) };
    equal(world.history(&none).await?, Vec::new(), "no branch")
}

pub(super) async fn marks_are_no_history(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = order(&mut world).await?;
    for reverse in [false, true] {
        let rows = world.history(&HistoryRange { reverse, ..range(&run, 0, i64::MAX) }).await?;
        equal(rows.iter().filter(|row| row.first_event_id == 0).count(), 0, "rows of marks alone")?;
    }
    Ok(())
}

pub(super) async fn long_history_is_entered_anywhere(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = key("order", 1);
    world.land(&start(&run)).await?;
    // Every third row holds marks alone; the others hold two events each.
    let mut event = 1;
    let mut rows = Vec::new();
    for number in 1..=600_u64 {
        let marks = number % 3 == 0;
        rows.push(turn(&run, number, if marks { 0 } else { event }, if marks { 0 } else { event + 1 }));
        event += if marks { 0 } else { 2 };
    }
    world.land(&turns(rows.clone())).await?;
    for from in (1..event).step_by(53).chain([event - 1, event]) {
        for reverse in [false, true] {
            let (low, high) = if reverse { (1, from) } else { (from, i64::MAX) };
            let overlaps = |number: &u64| {
                rows.iter().any(|row| row.turn == *number && row.first_event_id < high && row.last_event_id >= low)
            };
            let mut wanted: Vec<u64> = (1..=600).filter(|number| number % 3 != 0).filter(overlaps).collect();
            if reverse {
                wanted.reverse();
            }
            wanted.truncate(3);
            let found = world.history(&HistoryRange { reverse, max_rows: 3, ..range(&run, low, high) }).await?;
            equal(numbers(&found), wanted, &format!("three rows at event {from}, reverse: {reverse}"))?;
        }
    }
    Ok(())
}
