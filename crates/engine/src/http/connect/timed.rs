//! A connection that knows when it was made.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Extensions;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// When a connection was asked for, and when it was there. It comes with each response over it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    pub(super) begun: Instant,
    pub(super) made: Instant,
}

/// How long a request that was sent at `asked` waited for the connection which this response came
/// over: not at all, if it was there before.
pub(in crate::http) fn took(response: &Extensions, asked: Instant) -> Duration {
    match response.get::<Made>() {
        Some(Made { begun, made }) => made.saturating_duration_since(asked.max(*begun)),
        None => Duration::ZERO,
    }
}

/// A connection that knows when it was made.
pub(in crate::http) struct Timed {
    stream: MaybeHttpsStream<TokioIo<TcpStream>>,
    made: Made,
}

impl Timed {
    pub(super) fn new(stream: MaybeHttpsStream<TokioIo<TcpStream>>, made: Made) -> Self {
        Self { stream, made }
    }
}

impl Connection for Timed {
    fn connected(&self) -> Connected {
        self.stream.connected().extra(self.made)
    }
}

impl Read for Timed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl Write for Timed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
}
