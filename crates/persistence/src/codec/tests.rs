//! Blobs survive a round trip; newer formats and garbage are errors.

use proto::aevum::persistence::v1::{Entry, Mark, RunState, Turn, entry, mark};

use super::*;

fn turn() -> Turn {
    let mark = Mark { kind: Some(mark::Kind::RunDeleted(Default::default())) };
    Turn { format: 0, entries: vec![Entry { kind: Some(entry::Kind::Mark(mark)) }] }
}

#[test]
fn turn_survives_a_round_trip_and_carries_the_format() {
    let decoded = decode_turn(&encode_turn(&turn())).unwrap();
    assert_eq!(decoded, Turn { format: FORMAT, ..turn() });
    assert_eq!(decode_turn(&encode_turn(&decoded)).unwrap(), decoded);
}

#[test]
fn state_survives_a_round_trip() {
    let state = RunState { workflow_id: "order-1".into(), next_event_id: 17, ..Default::default() };
    assert_eq!(decode_state(&encode_state(&state)).unwrap(), RunState { format: FORMAT, ..state });
}

#[test]
fn newer_format_is_refused_before_the_rest_is_read() {
    // Field 1 = 2, then a field 2 that is not the message this reader expects there.
    let bytes = [0x08, 0x02, 0x12, 0x01, 0xff];
    assert!(matches!(decode_turn(&bytes), Err(Error::NewerFormat { found: 2, known: FORMAT })));
}

#[test]
fn garbage_is_corrupt_and_never_panics() {
    assert!(matches!(decode_turn(&[]), Err(Error::Corrupt(_))));
    assert!(matches!(decode_state(&[0x12, 0x00]), Err(Error::Corrupt(_))));
    let good = encode_turn(&turn());
    for end in 1..good.len() {
        let cut = &good[..end];
        assert!(matches!(decode_turn(cut), Ok(_) | Err(Error::Corrupt(_))), "{cut:?}");
    }
    let mut seed = 7u64;
    for length in 0..2_000usize {
        let noise: Vec<u8> = (0..length % 97)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 33) as u8
            })
            .collect();
        let _either = decode_state(&noise);
        let _either = decode_turn(&noise);
    }
}
