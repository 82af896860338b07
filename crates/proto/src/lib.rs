//! Temporal's public API types and service stubs, and our internal messages, generated at build time.
//!
//! Types only: no behaviour lives here. The module tree follows the protobuf packages (`temporal::api::common::v1`,
//! `aevum::persistence::v1`). Payload bytes are `bytes::Bytes`; maps are `BTreeMap`, so that encoding is deterministic.
//! With the feature `grpc` the service modules hold tonic clients and servers; a server method that nobody wrote answers
//! UNIMPLEMENTED.

#[allow(missing_docs, unreachable_pub, dead_code, clippy::all)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}

pub use generated::{aevum, google, temporal};

/// Every descriptor of the public API and of what we store, encoded as a `FileDescriptorSet` with its extensions (HTTP annotations).
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
