//! Everything `decide` may know besides the chain and the input.

use model::Timestamp;
use model::limits::Limits;
use uuid::Uuid;

/// What is handed in: time, limits, facts of the namespace and a seed for new ids.
#[derive(Debug, Clone)]
pub struct Env {
    /// The time of this turn.
    pub now: Timestamp,
    /// The limits in force.
    pub limits: Limits,
    /// Facts of the namespace.
    pub namespace: NamespaceFacts,
    /// Fresh random bits; every new id of the turn derives from them.
    pub seed: Uuid,
}

/// What the engine needs to know of a namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct NamespaceFacts {
    /// Its name, for messages and events.
    pub name: String,
    /// Its id, as text.
    pub id: String,
    /// Failover version; 0 for a local namespace.
    pub version: i64,
}

impl Env {
    /// The `n`th new id of this turn: the same seed and number give the same id.
    pub fn id(&self, n: u64) -> Uuid {
        // An odd 128-bit multiplier (2^128 / golden ratio) spreads consecutive numbers over all bits.
        const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
        let mixed = self.seed.as_u128().wrapping_add(u128::from(n).wrapping_mul(SPREAD));
        uuid::Builder::from_random_bytes(mixed.to_be_bytes()).into_uuid()
    }
}
