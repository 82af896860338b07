//! Blobs: how turns, snapshots and namespaces become bytes, and how bytes from disk become errors instead of panics.
//!
//! Every blob begins with its format number (field 1). A reader refuses a newer format before it looks at the rest.

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;
use proto::aevum::persistence::v1::{Namespace, RunState, Turn};

use crate::Error;

/// The newest format that this binary reads, and the one it writes.
pub const FORMAT: u32 = 1;

/// Encodes a turn; the format number is written here.
pub fn encode_turn(turn: &Turn) -> Bytes {
    encode(turn)
}

/// Decodes a turn.
///
/// # Errors
/// [`Error::NewerFormat`] for a format above [`FORMAT`], [`Error::Corrupt`] for anything else that is no turn.
pub fn decode_turn(data: &[u8]) -> Result<Turn, Error> {
    decode(data, "turn")
}

/// Encodes a run's state as a snapshot; the format number is written here.
pub fn encode_state(state: &RunState) -> Bytes {
    encode(state)
}

/// Decodes a snapshot. Errors as in [`decode_turn`].
pub fn decode_state(data: &[u8]) -> Result<RunState, Error> {
    decode(data, "run state")
}

/// Encodes a namespace; the format number is written here.
pub fn encode_namespace(namespace: &Namespace) -> Bytes {
    encode(namespace)
}

/// Decodes a namespace. Errors as in [`decode_turn`].
pub fn decode_namespace(data: &[u8]) -> Result<Namespace, Error> {
    decode(data, "namespace")
}

/// What all blobs have in common.
#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(uint32, tag = "1")]
    format: u32,
}

fn encode(message: &impl Message) -> Bytes {
    // The number first, then the message, whose own `format` is 0 (and left out) or what it was decoded with.
    let header = Header { format: FORMAT }.encode_to_vec();
    let mut out = BytesMut::with_capacity(message.encoded_len() + header.len());
    out.put_slice(&header);
    message.encode_raw(&mut out);
    out.freeze()
}

fn decode<M: Message + Default>(data: &[u8], what: &str) -> Result<M, Error> {
    let header = Header::decode(data).map_err(|error| Error::Corrupt(format!("{what}: {error}")))?;
    match header.format {
        0 => Err(Error::Corrupt(format!("{what} without a format"))),
        found if found > FORMAT => Err(Error::NewerFormat { found, known: FORMAT }),
        _ => M::decode(data).map_err(|error| Error::Corrupt(format!("{what}: {error}"))),
    }
}

#[cfg(test)]
mod tests;
