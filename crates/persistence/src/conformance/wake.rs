//! Laws of wake-ups: whoever is due is found, in order, once, in its slot.

use super::world::{World, change, changes, key, new_run, start};
use super::{Subject, Verdict, Violation, equal};
use crate::record::{Batch, WakeRow};
use model::{RunKey, SLOT_COUNT, SlotRange, Timestamp};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// 60 runs due at 0, 10 and 20 ms, in an order that is not theirs.
async fn crowd(world: &mut World) -> Result<Vec<WakeRow>, Violation> {
    let mut rows: Vec<WakeRow> = (0..60_u128)
        .map(|number| {
            let shuffled = number * 37 % 60;
            let wake_at = at(i64::from(number as u8 % 3) * 10);
            WakeRow { key: key(&format!("order-{shuffled}"), shuffled), wake_at, status: 1 }
        })
        .collect();
    let starts = rows.iter().map(|row| {
        let mut run = new_run(&row.key);
        run.wake_at = row.wake_at;
        run
    });
    world.land(&Batch { starts: starts.collect(), ..Batch::default() }).await?;
    rows.sort_by(|one, other| (one.wake_at, &one.key).cmp(&(other.wake_at, &other.key)));
    Ok(rows)
}

pub(super) async fn due_runs_come_in_order(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let rows = crowd(&mut world).await?;
    equal(world.due(at(100)).await?, rows, "due runs")
}

pub(super) async fn pages_are_exact(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let rows = crowd(&mut world).await?;
    for limit in [1, 7, 60] {
        let mut found: Vec<WakeRow> = Vec::new();
        loop {
            let page = world.stores.lanes.scan_wake(SlotRange::ALL, at(100), found.last(), limit).await?;
            if page.len() > limit {
                return Err(Violation(format!("a page of {limit} has {} rows", page.len())));
            }
            if page.is_empty() || found.len() > rows.len() {
                break;
            }
            found.extend(page);
        }
        equal(found, rows.clone(), "all pages together")?;
    }
    Ok(())
}

pub(super) async fn scan_keeps_to_its_slots(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let rows = crowd(&mut world).await?;
    for width in [64, 100, 5_000] {
        let mut found = Vec::new();
        let mut first = 0;
        while first < SLOT_COUNT {
            let slots = SlotRange { start: first, end: first.saturating_add(width).min(SLOT_COUNT) };
            let page = world.stores.lanes.scan_wake(slots, at(100), None, 1_000).await?;
            if let Some(row) = page.iter().find(|row| !slots.contains(row.key.chain.slot())) {
                return Err(Violation(format!("{slots:?} has {row:?} of another slot")));
            }
            found.extend(page);
            first += width.min(SLOT_COUNT - first);
        }
        found.sort_by(|one, other| (one.wake_at, &one.key).cmp(&(other.wake_at, &other.key)));
        equal(found, rows.clone(), "all slots together")?;
    }
    Ok(())
}

pub(super) async fn due_at_its_moment(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    crowd(&mut world).await?;
    for (until, wanted) in [(-1, 0), (0, 20), (9, 20), (10, 40), (19, 40), (20, 60)] {
        equal(world.due(at(until)).await?.len(), wanted, "how many are due")?;
    }
    Ok(())
}

pub(super) async fn change_moves_the_wake_up(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run: RunKey = key("order", 1);
    world.land(&start(&run)).await?;
    for (wake_at, status) in [(at(50), 1), (Timestamp::MAX, 2), (at(5), 3)] {
        let mut moved = change(&run);
        moved.wake_at = wake_at;
        moved.status = status;
        world.land(&changes(vec![moved])).await?;
        equal(world.existing(&run).await?.row.wake_at, wake_at, "the run's wake_at")?;
        let row = WakeRow { key: run.clone(), wake_at, status };
        equal(world.due(Timestamp::MAX).await?, vec![row], "the run by its wake-up")?;
        let before = Timestamp::from_nanos(wake_at.as_nanos() - 1);
        equal(world.due(before).await?, Vec::new(), "due runs before it")?;
    }
    Ok(())
}

pub(super) async fn closed_runs_wake_up(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = key("order", 1);
    world.land(&start(&run)).await?;
    for status in 1..=8 {
        let mut closed = change(&run);
        closed.status = status;
        world.land(&changes(vec![closed])).await?;
        let found: Vec<i32> = world.due(at(0)).await?.iter().map(|row| row.status).collect();
        equal(found, vec![status], "the status of the due run")?;
    }
    Ok(())
}
