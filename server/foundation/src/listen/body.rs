//! The bodies of requests and answers. They report to the connection's watch which side waits for the other.

use std::{
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body as AxumBody;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::watch::{Phase, Watch};
use crate::limit::Slot;

/// Splits a request's body into the part for the handler and a handle on what it leaves unread.
pub(super) fn split(body: Incoming, watch: Arc<Watch>) -> (Unread, RequestBody) {
    let (body, polled) = (Arc::new(Mutex::new(body)), Arc::new(AtomicBool::new(false)));
    (Unread { body: body.clone(), polled: polled.clone() }, RequestBody { body, polled, watch })
}

/// The part of a request's body that the handler left unread.
pub(super) struct Unread {
    body: Arc<Mutex<Incoming>>,
    polled: Arc<AtomicBool>,
}

impl Unread {
    /// Whether the body was read to its end, by the handler or here within these bounds. A client that
    /// `expects_continue` sends no body until a handler reads and the server answers 100 (RFC 9110 §10.1.1).
    pub(super) async fn drain(self, expects_continue: bool, (most, time): (usize, Duration)) -> bool {
        // The answer still streams from the body. hyper closes the connection if some of it is left unread.
        let Ok(body) = Arc::try_unwrap(self.body) else { return true };
        let mut body = body.into_inner().unwrap_or_else(PoisonError::into_inner);
        if body.is_end_stream() {
            return true;
        }
        let too_long = body.size_hint().lower() > u64::try_from(most).unwrap_or(u64::MAX);
        if too_long || expects_continue && !self.polled.load(Ordering::Relaxed) {
            return false;
        }
        let drained = async {
            let mut read = 0;
            while let Some(frame) = body.frame().await {
                let Ok(frame) = frame else { return false };
                read += frame.data_ref().map_or(0, Bytes::len);
                if read > most {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(time, drained).await.unwrap_or(false)
    }
}

pub(super) struct RequestBody {
    body: Arc<Mutex<Incoming>>,
    polled: Arc<AtomicBool>,
    watch: Arc<Watch>,
}

impl RequestBody {
    fn lock(&self) -> MutexGuard<'_, Incoming> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.polled.store(true, Ordering::Relaxed);
        let mut body = self.lock();
        let polled = pin!(&mut *body).poll_frame(cx);
        match &polled {
            Poll::Pending => self.watch.enter(Phase::Body),
            Poll::Ready(Some(Ok(frame))) => {
                self.watch.received(frame.data_ref().map_or(0, Bytes::len));
                if body.is_end_stream() {
                    self.watch.enter(Phase::Answer);
                }
            }
            Poll::Ready(_) => self.watch.enter(Phase::Answer),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.watch.leave(Phase::Body, Phase::Answer);
    }
}

/// An answer's body. When it ends, the connection waits for the next request.
pub(super) struct ResponseBody {
    body: AxumBody,
    watch: Arc<Watch>,
    _slot: Option<Slot>,
}

impl ResponseBody {
    pub(super) fn new(body: AxumBody, watch: Arc<Watch>, slot: Option<Slot>) -> Self {
        Self { body, watch, _slot: slot }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        pin!(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.watch.enter(Phase::Idle);
    }
}
