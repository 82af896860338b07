//! Pins the hash: a change here would lose every stored row.

use super::{SLOT_COUNT, SlotId, fingerprint32};
use crate::ids::NamespaceId;

#[test]
fn slots_stay_where_they_were() {
    let namespace = NamespaceId::parse("32049b68-7872-4094-8e63-d0dd59896a83").unwrap();
    let slots: Vec<u16> = ["order-1", "order-2", "a", ""].map(|id| SlotId::of(namespace, id).get()).to_vec();
    assert!(slots.iter().all(|slot| *slot < SLOT_COUNT));
    assert_eq!(slots, GOLDEN);
}

#[test]
fn every_length_class_of_the_fingerprint_is_pinned() {
    let seen: Vec<u32> = ["", "abc", "abcdefgh", "abcdefghijklmnop", "abcdefghijklmnopqrstuvwxyz0123456789"]
        .map(|s| fingerprint32(s.as_bytes()))
        .to_vec();
    assert_eq!(seen, FINGERPRINTS);
}

// Both tables were computed with an independent implementation (github.com/dgryski/go-farm).
const GOLDEN: [u16; 4] = [11271, 231, 14420, 2708];
const FINGERPRINTS: [u32; 5] = [3696677242, 795041479, 4252944569, 1303130272, 2657021207];
