//! Tracks what a connection waits for and since when, as seen at its socket and its bodies.

use std::{
    io,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::bounds::Bounds;

/// The event that the connection waits for, by who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The client, for the end of a request's header.
    Header,
    /// The client, for more of a request's body.
    Body,
    /// The server, for the answer.
    Answer,
    /// The client, for its next request.
    Idle,
}

#[derive(Debug)]
pub(super) struct Watch {
    state: Mutex<State>,
    /// Ends the connection at once.
    pub(super) end: CancellationToken,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    /// Bytes received of this request's body.
    received: u64,
    /// When the client stopped reading the answer.
    stalled: Option<Instant>,
}

impl Watch {
    pub(super) fn new() -> Self {
        let state = State { phase: Phase::Header, since: Instant::now(), received: 0, stalled: None };
        Self { state: Mutex::new(state), end: CancellationToken::new() }
    }

    /// Marks a request's header as complete.
    pub(super) fn answering(&self) {
        self.enter(Phase::Answer);
        self.lock().received = 0;
    }

    pub(super) fn received(&self, bytes: usize) {
        self.lock().received += u64::try_from(bytes).unwrap_or(0);
    }

    pub(super) fn enter(&self, phase: Phase) {
        let mut state = self.lock();
        if state.phase != phase {
            (state.phase, state.since) = (phase, Instant::now());
        }
    }

    pub(super) fn leave(&self, phase: Phase, next: Phase) {
        let mut state = self.lock();
        if state.phase == phase {
            (state.phase, state.since) = (next, Instant::now());
        }
    }

    /// The time since which the client has kept the server waiting. `None` while the server answers and the client
    /// reads.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        let state = self.lock();
        if state.phase == Phase::Answer { state.stalled } else { Some(state.since) }
    }

    pub(super) fn is_overdue(&self, now: Instant, bounds: &Bounds) -> bool {
        let state = self.lock();
        let allowed = match state.phase {
            Phase::Header => Some(bounds.header),
            Phase::Body => Some(bounds.body + Duration::from_secs(state.received / Bounds::RATE)),
            Phase::Idle => Some(bounds.idle),
            Phase::Answer => None,
        };
        allowed.is_some_and(|allowed| now.duration_since(state.since) >= allowed)
            || state.stalled.is_some_and(|since| now.duration_since(since) >= bounds.stalled)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The socket of a connection.
pub(super) struct Io {
    pub(super) stream: TcpStream,
    pub(super) watch: Arc<Watch>,
}

impl Io {
    fn wrote<T>(&self, result: Poll<T>) -> Poll<T> {
        let mut state = self.watch.lock();
        state.stalled = if result.is_pending() { state.stalled.or_else(|| Some(Instant::now())) } else { None };
        result
    }
}

impl AsyncRead for Io {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = pin!(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.watch.leave(Phase::Idle, Phase::Header);
        }
        result
    }
}

impl AsyncWrite for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = pin!(&mut self.stream).poll_write(cx, buf);
        self.wrote(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = pin!(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        pin!(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        pin!(&mut self.stream).poll_shutdown(cx)
    }
}
