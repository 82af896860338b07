//! Messages with something in every field that a byte or two can fill, so that a field that is lost on the way shows.

use prost::Message;

/// The message with its fields set.
pub(super) fn filled<M: Message + Default + Clone + PartialEq>() -> M {
    let mut message = M::default();
    for tag in 1..=40_u32 {
        let varint = field(tag, 0, &[1]);
        let text = field(tag, 2, &[1, b'x']);
        let empty = field(tag, 2, &[0]);
        for bytes in [varint, text, empty] {
            let mut tried = message.clone();
            if tried.merge(bytes.as_slice()).is_ok() && tried != message {
                message = tried;
                break;
            }
        }
    }
    assert!(message != M::default() || message.encoded_len() == 0);
    message
}

fn field(tag: u32, wire: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::encode_varint(u64::from(tag << 3 | u32::from(wire)), &mut bytes);
    bytes.extend_from_slice(value);
    bytes
}
