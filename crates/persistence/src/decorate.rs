//! Stores wrapped around stores.

pub mod fault;
