//! A connection that gathers what is written to it before it asks the kernel.
//!
//! The HTTP/2 connection flushes after every answer, and under load most of a small answer's cost would be its own `writev`
//! and the wake-up of whoever reads it. Here a flush first steps back once behind the tasks that are ready to run: what they
//! answer leaves in the same call. A server with nothing else to do flushes at once.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tonic::transport::server::Connected;

/// What is gathered at most; more goes to the kernel as it comes.
const MOST: usize = 64 << 10;
/// The room that a quiet connection keeps.
const KEPT: usize = 16 << 10;

/// A stream whose small writes leave together.
#[derive(Debug)]
pub(crate) struct Corked<S> {
    stream: S,
    held: Vec<u8>,
    /// How much of it the stream has taken already.
    taken: usize,
    /// Whether the flush under way has stepped back.
    stepped: bool,
}

impl<S> Corked<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, held: Vec::new(), taken: 0, stepped: false }
    }
}

impl<S: AsyncWrite + Unpin> Corked<S> {
    /// Hands everything that is held to the stream.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.held.get(self.taken..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.taken += written,
            }
        }
        self.taken = 0;
        self.held.clear();
        self.held.shrink_to(KEPT);
        self.stepped = false;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Corked<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if this.held.len() + length <= MOST {
            parts.iter().for_each(|part| this.held.extend_from_slice(part));
            return Poll::Ready(Ok(length));
        }
        ready!(this.poll_drain(cx))?;
        Pin::new(&mut this.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.held.is_empty() {
            if !this.stepped {
                this.stepped = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            ready!(this.poll_drain(cx))?;
        }
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Corked<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: Connected> Connected for Corked<S> {
    type ConnectInfo = S::ConnectInfo;

    fn connect_info(&self) -> S::ConnectInfo {
        self.stream.connect_info()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use super::*;

    fn pipe(room: usize) -> (Corked<DuplexStream>, DuplexStream) {
        let (near, far) = tokio::io::duplex(room);
        (Corked::new(near), far)
    }

    #[tokio::test]
    async fn writes_before_a_flush_leave_together() {
        let (mut near, mut far) = pipe(1024);
        near.write_all(b"one ").await.unwrap();
        near.write_all(b"two").await.unwrap();
        let mut seen = [0; 7];
        assert!(far.read_exact(&mut seen).now_or_never().is_none());
        near.flush().await.unwrap();
        far.read_exact(&mut seen).await.unwrap();
        assert_eq!(&seen, b"one two");
    }

    #[tokio::test]
    async fn a_flush_steps_back_once_and_takes_along_what_came_meanwhile() {
        let (mut near, mut far) = pipe(1024);
        near.write_all(b"first").await.unwrap();
        assert!(near.flush().now_or_never().is_none());
        near.write_all(b" second").await.unwrap();
        assert!(near.flush().now_or_never().is_some());
        let mut seen = [0; 12];
        far.read_exact(&mut seen).await.unwrap();
        assert_eq!(&seen, b"first second");
        near.write_all(b"!").await.unwrap();
        assert!(near.flush().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_slow_reader_gets_everything_in_order() {
        let (mut near, mut far) = pipe(100);
        let sent: Vec<u8> = (0..3 * MOST).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let expected = sent.clone();
        let writing = async move {
            for part in sent.chunks(7_000) {
                near.write_all(part).await.unwrap();
            }
            near.shutdown().await.unwrap();
        };
        let mut seen = Vec::new();
        let reading = far.read_to_end(&mut seen);
        let ((), read) = tokio::join!(writing, reading);
        read.unwrap();
        assert_eq!(seen, expected);
    }
}
