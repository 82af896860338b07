//! Each fault does to the store what it says.

use model::{ChainKey, NamespaceId, RunKey, WorkflowId};
use uuid::Uuid;

use super::*;
use crate::memory::Memory;
use crate::record::NewRun;

fn member(number: u128) -> MemberId {
    MemberId::new(Uuid::from_u128(number))
}

fn start() -> Batch {
    let chain = ChainKey::workflow(NamespaceId::new(Uuid::from_u128(1)), WorkflowId::parse("order-1").unwrap());
    let key = RunKey { chain, run: RunId::new(Uuid::from_u128(2)) };
    Batch { starts: vec![NewRun { key, status: 1, wake_at: Timestamp::EPOCH }], ..Batch::default() }
}

async fn commit_with(fault: Fault) -> (Outcome, LaneState, usize) {
    let script = Script::default();
    script.push(Some(fault));
    let store = FaultyLanes::new(Memory::without_visibility().stores().lanes, Arc::new(script));
    let lane = LaneId { member: member(9), index: 0 };
    let at = store.acquire(lane, None, member(9)).await.unwrap();
    let outcome = store.commit(&at, &start()).await;
    let runs = store.scan_wake(SlotRange::ALL, Timestamp::MAX, None, 10).await.unwrap().len();
    (outcome, store.lane(lane).await.unwrap().unwrap(), runs)
}

#[tokio::test]
async fn unknown_outcome_that_landed_shows_in_the_seq() {
    let (outcome, lane, runs) = commit_with(Fault::UnknownLanded).await;
    assert!(matches!(outcome, Outcome::Unknown(_)));
    assert_eq!((lane.seq, runs), (1, 1));
}

#[tokio::test]
async fn unknown_outcome_that_was_lost_wrote_nothing() {
    let (outcome, lane, runs) = commit_with(Fault::UnknownLost).await;
    assert!(matches!(outcome, Outcome::Unknown(_)));
    assert_eq!((lane.seq, runs), (0, 0));
}

#[tokio::test]
async fn failed_commit_wrote_nothing() {
    let (outcome, lane, runs) = commit_with(Fault::Failed).await;
    assert!(matches!(outcome, Outcome::Failed(_)));
    assert_eq!((lane.seq, runs), (0, 0));
}

#[tokio::test]
async fn fenced_lane_belongs_to_somebody_else() {
    let (outcome, lane, runs) = commit_with(Fault::Fenced).await;
    assert!(matches!(outcome, Outcome::Fenced));
    assert_eq!((lane.epoch, lane.seq, runs), (Epoch::new(2), 0, 0));
    assert_ne!(lane.owner, member(9));
}

#[tokio::test]
async fn closure_can_make_reads_unavailable() {
    let faults = |operation: &Operation<'_>| matches!(operation, Operation::Read).then_some(Fault::Failed);
    let store = FaultyLanes::new(Memory::without_visibility().stores().lanes, Arc::new(faults));
    let found = store.scan_wake(SlotRange::ALL, Timestamp::MAX, None, 10).await;
    assert!(matches!(found, Err(Error::Unavailable(_))));
}
