//! Laws of searchable rows: they land with their batch, by version.

use super::world::{World, key, lane, member, searchable, start};
use super::{Subject, Verdict, ensure, equal};
use crate::record::{Batch, Outcome};
use model::{Epoch, RunKey};

fn show(rows: &[(&RunKey, i64)]) -> Batch {
    Batch { visibility: rows.iter().map(|(key, version)| searchable(key, *version)).collect(), ..Batch::default() }
}

pub(super) async fn rows_land_with_their_batch(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let run = key("order", 1);
    world.land(&Batch { visibility: vec![searchable(&run, 1)], ..start(&run) }).await?;
    equal(subject.visible().await?, vec![(run.clone(), 1)], "searchable rows")?;
    world.stores.lanes.acquire(lane(1), Some(Epoch::new(1)), member(2)).await?;
    let outcome = world.stores.lanes.commit(&world.at, &show(&[(&run, 2)])).await;
    ensure(matches!(outcome, Outcome::Fenced), || format!("the former owner's batch: {outcome:?}"))?;
    equal(subject.visible().await?, vec![(run, 1)], "searchable rows after a fenced batch")
}

pub(super) async fn older_row_changes_nothing(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (run, other) = (key("order", 1), key("other", 2));
    world.land(&show(&[(&run, 5), (&other, 1)])).await?;
    world.land(&show(&[(&run, 4), (&other, 2)])).await?;
    equal(subject.visible().await?, vec![(run, 5), (other, 2)], "searchable rows")
}

pub(super) async fn deleted_row_stays_away(subject: &mut dyn Subject) -> Verdict {
    let mut world = World::open(subject).await?;
    let (run, other) = (key("order", 1), key("other", 2));
    world.land(&show(&[(&run, 5), (&other, 7)])).await?;
    let deletes = vec![(run.clone(), 6), (other.clone(), 6)];
    world.land(&Batch { visibility_deletes: deletes, ..Batch::default() }).await?;
    equal(subject.visible().await?, vec![(other.clone(), 7)], "searchable rows after a deletion")?;
    world.land(&show(&[(&run, 6)])).await?;
    equal(subject.visible().await?, vec![(other, 7)], "searchable rows after a late write")
}
