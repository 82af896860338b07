//! Unpacks gzip requests before the transport sees them. SDKs pack every request, and the transport makes a decompressor of
//! 70 KiB for each; here every thread keeps one.
//!
//! Only what is plain and whole is unpacked. Everything else (a damaged message, one above the limit, a header with options)
//! passes as it came, so that the transport judges it in its own words.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use http::Request;
use http_body::{Body, Frame, SizeHint};
use tower::{Layer, Service};

/// Bytes before a message: whether it is packed, and its length.
const PREFIX: usize = 5;
/// Bytes around packed data: the header without options, then checksum and length.
const GZIP_HEADER: [u8; 4] = [0x1f, 0x8b, 8, 0];
const GZIP_HEADER_BYTES: usize = 10;
const GZIP_TRAILER_BYTES: usize = 8;
/// Room behind the unpacked bytes: the fast path of the decompressor needs it, and short messages would never take it.
const SLACK: usize = 320;
/// No deflate stream grows by more than this.
const GROWTH: usize = 1032;

/// Unpacks requests up to a size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnpackLayer {
    limit: usize,
}

impl UnpackLayer {
    /// Messages above `limit` bytes are left to the transport, which refuses them.
    pub(crate) const fn new(limit: usize) -> Self {
        Self { limit }
    }
}

impl<S> Layer<S> for UnpackLayer {
    type Service = Unpack<S>;

    fn layer(&self, inner: S) -> Unpack<S> {
        Unpack { inner, limit: self.limit }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Unpack<S> {
    inner: S,
    limit: usize,
}

impl<S, B> Service<Request<B>> for Unpack<S>
where
    S: Service<Request<Unpacked<B>>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        let packed = request.headers().get("grpc-encoding").is_some_and(|encoding| encoding == "gzip");
        let limit = self.limit;
        self.inner.call(request.map(|body| Unpacked { body, packed, limit, held: BytesMut::new(), next: None }))
    }
}

/// A request's body, its messages unpacked.
#[derive(Debug)]
pub(crate) struct Unpacked<B> {
    body: B,
    /// Whether messages may still be packed.
    packed: bool,
    limit: usize,
    /// The beginning of a message.
    held: BytesMut,
    /// What follows the bytes that were held.
    next: Option<Frame<Bytes>>,
}

impl<B: Body<Data = Bytes> + Unpin> Body for Unpacked<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = &mut *self;
        loop {
            if !this.packed {
                return match this.rest() {
                    Some(frame) => Poll::Ready(Some(Ok(frame))),
                    None => Pin::new(&mut this.body).poll_frame(cx),
                };
            }
            if let Some(message) = this.message() {
                return Poll::Ready(Some(Ok(Frame::data(message))));
            }
            if !this.packed {
                continue;
            }
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.hold(data),
                    Err(trailers) => (this.packed, this.next) = (false, Some(trailers)),
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => this.packed = false,
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && self.next.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.packed || !self.held.is_empty() { SizeHint::default() } else { self.body.size_hint() }
    }
}

impl<B> Unpacked<B> {
    fn hold(&mut self, data: Bytes) {
        if self.held.is_empty() {
            // Nearly always a whole message that nobody else holds: no copy.
            self.held = data.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        } else {
            self.held.extend_from_slice(&data);
        }
    }

    /// What was held back when unpacking ended.
    fn rest(&mut self) -> Option<Frame<Bytes>> {
        if self.held.is_empty() { self.next.take() } else { Some(Frame::data(self.held.split().freeze())) }
    }

    /// The next whole message. Ends unpacking before one that is not for us.
    fn message(&mut self) -> Option<Bytes> {
        let mut prefix = self.held.get(..PREFIX)?;
        let (flag, length) = (prefix.get_u8(), prefix.get_u32() as usize);
        if length > self.limit || flag > 1 {
            self.packed = false;
            return None;
        }
        if self.held.len() - PREFIX < length {
            return None;
        }
        let message = self.held.split_to(PREFIX + length).freeze();
        if flag == 0 {
            return Some(message);
        }
        Some(unpacked(&message, self.limit).unwrap_or(message))
    }
}

thread_local! {
    static DECOMPRESSOR: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// A packed message as a plain one; `None` where it is not plain gzip, damaged, or above the limit.
fn unpacked(message: &[u8], limit: usize) -> Option<Bytes> {
    let packed = message.get(PREFIX..)?;
    let data = packed.strip_prefix(&GZIP_HEADER)?.get(GZIP_HEADER_BYTES - GZIP_HEADER.len()..)?;
    let end = data.len().checked_sub(GZIP_TRAILER_BYTES)?;
    let mut trailer = data.get(end..)?;
    let (checksum, length) = (trailer.get_u32_le(), trailer.get_u32_le() as usize);
    if length > limit || length / GROWTH > end {
        return None;
    }
    let mut plain = Vec::with_capacity(PREFIX + length + SLACK);
    plain.put_u8(0);
    plain.put_u32(u32::try_from(length).ok()?);
    DECOMPRESSOR.with_borrow_mut(|decompressor| {
        decompressor.reset(false);
        let status = decompressor.decompress_vec(data, &mut plain, FlushDecompress::Finish).ok()?;
        let whole = status == Status::StreamEnd && decompressor.total_in() == end as u64;
        (whole && plain.len() == PREFIX + length).then_some(())
    })?;
    let mut crc = Crc::new();
    crc.update(plain.get(PREFIX..)?);
    (crc.sum() == checksum).then(|| plain.into())
}

#[cfg(test)]
mod tests;
