//! Slots: the fixed hash space that every key lives in.
//!
//! A slot is the low 14 bits of farm Fingerprint32(namespace id + "_" + business id), bit-reversed. Temporal shards by the
//! same fingerprint modulo a shard count; reversing the bits makes each power-of-two Temporal shard one contiguous range
//! of our slots. Neither the hash nor the reversal may ever change: the slot is the first key column of every row.

use crate::ids::NamespaceId;

/// How many slots there are.
pub const SLOT_COUNT: u16 = 16_384;

/// One of the [`SLOT_COUNT`] slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(u16);

impl SlotId {
    /// Checks the range.
    pub const fn new(number: u16) -> Option<Self> {
        if number < SLOT_COUNT { Some(Self(number)) } else { None }
    }

    /// The slot of a business id in a namespace.
    pub fn of(namespace: NamespaceId, business_id: &str) -> Self {
        let key = format!("{namespace}_{business_id}");
        let low = (fingerprint32(key.as_bytes()) & u32::from(SLOT_COUNT - 1)) as u16;
        Self(low.reverse_bits() >> 2)
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// A half-open range of slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlotRange {
    /// The first slot.
    pub start: u16,
    /// One past the last slot; at most [`SLOT_COUNT`].
    pub end: u16,
}

impl SlotRange {
    /// All slots.
    pub const ALL: Self = Self { start: 0, end: SLOT_COUNT };

    /// Whether the slot lies inside.
    pub const fn contains(self, slot: SlotId) -> bool {
        self.start <= slot.0 && slot.0 < self.end
    }
}

const C1: u32 = 0xcc9e_2d51;
const C2: u32 = 0x1b87_3593;

/// FarmHash's Fingerprint32 (the Mk variant), the hash that Temporal shards by.
pub fn fingerprint32(s: &[u8]) -> u32 {
    match s.len() {
        0..=4 => short(s, 0),
        5..=12 => medium(s, 0),
        13..=24 => long(s, 0),
        _ => bulk(s),
    }
}

fn word(s: &[u8], at: usize) -> u32 {
    s.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn fmix(mut h: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

fn mur(a: u32, h: u32) -> u32 {
    let a = a.wrapping_mul(C1).rotate_right(17).wrapping_mul(C2);
    (h ^ a).rotate_right(19).wrapping_mul(5).wrapping_add(0xe654_6b64)
}

fn short(s: &[u8], seed: u32) -> u32 {
    let mut b = seed;
    let mut c = 9u32;
    for &byte in s {
        b = b.wrapping_mul(C1).wrapping_add(i32::from(byte as i8) as u32);
        c ^= b;
    }
    fmix(mur(b, mur(s.len() as u32, c)))
}

fn medium(s: &[u8], seed: u32) -> u32 {
    let n = s.len();
    let len = n as u32;
    let b = len.wrapping_mul(5);
    let a = len.wrapping_add(word(s, 0));
    let c = 9u32.wrapping_add(word(s, (n >> 1) & 4));
    let bb = b.wrapping_add(word(s, n - 4));
    fmix(seed ^ mur(c, mur(bb, mur(a, b.wrapping_add(seed)))))
}

fn long(s: &[u8], seed: u32) -> u32 {
    let n = s.len();
    let a = word(s, (n >> 1) - 4);
    let b = word(s, 4);
    let c = word(s, n - 8);
    let d = word(s, n >> 1);
    let e = word(s, 0);
    let f = word(s, n - 4);
    let mut h = d.wrapping_mul(C1).wrapping_add(n as u32).wrapping_add(seed);
    let mut a = a.rotate_right(12).wrapping_add(f);
    h = mur(c, h).wrapping_add(a);
    a = a.rotate_right(3).wrapping_add(c);
    h = mur(e, h).wrapping_add(a);
    a = a.wrapping_add(f).rotate_right(12).wrapping_add(d);
    h = mur(b ^ seed, h).wrapping_add(a);
    fmix(h)
}

fn bulk(s: &[u8]) -> u32 {
    let n = s.len();
    let len = n as u32;
    let mut h = len;
    let mut g = C1.wrapping_mul(len);
    let mut f = g;
    let mix = |at: usize| word(s, at).wrapping_mul(C1).rotate_right(17).wrapping_mul(C2);
    let fold = |acc: u32, x: u32| (acc ^ x).rotate_right(19).wrapping_mul(5).wrapping_add(0xe654_6b64);
    let (a0, a1, a2, a3, a4) = (mix(n - 4), mix(n - 8), mix(n - 16), mix(n - 12), mix(n - 20));
    h = fold(fold(h, a0), a2);
    g = fold(fold(g, a1), a3);
    f = f.wrapping_add(a4).rotate_right(19).wrapping_add(113);
    let mut at = 0;
    for _ in 0..(n - 1) / 20 {
        let (a, b, c, d, e) = (word(s, at), word(s, at + 4), word(s, at + 8), word(s, at + 12), word(s, at + 16));
        h = h.wrapping_add(a);
        g = g.wrapping_add(b);
        f = f.wrapping_add(c);
        h = mur(d, h).wrapping_add(e);
        g = mur(c, g).wrapping_add(a);
        f = mur(b.wrapping_add(e.wrapping_mul(C1)), f).wrapping_add(d);
        f = f.wrapping_add(g);
        g = g.wrapping_add(f);
        at += 20;
    }
    g = g.rotate_right(11).wrapping_mul(C1).rotate_right(17).wrapping_mul(C1);
    f = f.rotate_right(11).wrapping_mul(C1).rotate_right(17).wrapping_mul(C1);
    h = h.wrapping_add(g).rotate_right(19).wrapping_mul(5).wrapping_add(0xe654_6b64).rotate_right(17).wrapping_mul(C1);
    h.wrapping_add(f).rotate_right(19).wrapping_mul(5).wrapping_add(0xe654_6b64).rotate_right(17).wrapping_mul(C1)
}

#[cfg(test)]
mod tests;
