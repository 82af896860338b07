//! The nouns of Aevum: ids, slots, time, retry policies, limits and the two injected ports.
