//! What is unpacked, and what is left to the transport.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderMap;

use super::*;

/// A body in these pieces.
struct Pieces(VecDeque<Frame<Bytes>>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }
}

fn prefixed(flag: u8, data: &[u8]) -> Vec<u8> {
    let mut message = vec![flag];
    message.put_u32(data.len() as u32);
    message.extend_from_slice(data);
    message
}

fn packed(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    prefixed(1, &encoder.finish().unwrap())
}

/// What comes out of a body of these frames: all its bytes, and whether trailers came last.
fn read(frames: Vec<Frame<Bytes>>, limit: usize) -> (Vec<u8>, bool) {
    let mut body = Unpacked { body: Pieces(frames.into()), packed: true, limit, held: BytesMut::new(), next: None };
    let mut cx = Context::from_waker(std::task::Waker::noop());
    let (mut bytes, mut trailers) = (Vec::new(), false);
    while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut cx) {
        match frame.into_data() {
            Ok(data) => bytes.extend_from_slice(&data),
            Err(_) => trailers = true,
        }
    }
    (bytes, trailers)
}

fn whole(bytes: &[u8]) -> Vec<Frame<Bytes>> {
    vec![Frame::data(Bytes::copy_from_slice(bytes))]
}

fn text(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| b'a' + (at % 23) as u8).collect()
}

#[test]
fn packed_messages_come_out_plain_however_they_are_cut() {
    for size in [0, 1, 300, 5_000, 200_000] {
        let data = text(size);
        let stream = [packed(&data), prefixed(0, &data), packed(&data)].concat();
        let plain = [prefixed(0, &data), prefixed(0, &data), prefixed(0, &data)].concat();
        assert_eq!(read(whole(&stream), 1 << 20), (plain.clone(), false), "{size} bytes");
        for piece in [1, 7, 4_096] {
            let mut frames: Vec<_> = stream.chunks(piece).map(|part| Frame::data(Bytes::copy_from_slice(part))).collect();
            frames.push(Frame::trailers(HeaderMap::new()));
            assert_eq!(read(frames, 1 << 20), (plain.clone(), true), "{size} bytes in pieces of {piece}");
        }
    }
}

#[test]
fn what_is_damaged_or_too_large_passes_as_it_came() {
    let good = packed(&text(3_000));
    let mut cases =
        vec![packed(&text(20_000)), good[..good.len() - 4].to_vec(), prefixed(7, b"odd flag"), prefixed(1, b"no gzip")];
    // A byte of the header, of the data, of the checksum and of the length.
    for at in [PREFIX + 3, PREFIX + 20, good.len() - 6, good.len() - 2] {
        let mut damaged = good.clone();
        damaged[at] ^= 0x55;
        cases.push(damaged);
    }
    let mut longer = good.clone();
    longer[4] += 1;
    longer.push(0);
    cases.push(longer);
    for bytes in cases {
        assert_eq!(read(whole(&bytes), 10_000), (bytes, false));
    }
}
