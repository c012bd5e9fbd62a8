//! Calls to a site of this process through its router. They behave like calls over the network.

use std::{io, net::SocketAddr, panic::AssertUnwindSafe};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::ConnectInfo,
    http::{self, HeaderValue, header},
};
use futures::{StreamExt, stream};
use reqwest::{Request, Response};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tower::ServiceExt;
use tracing::Instrument;

use super::{
    client::{TIMEOUT, USER_AGENT},
    error::{BodyPanicked, HttpError},
};

/// Aborts the handler when its caller is dropped, as hyper does when a connection closes.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Calls a site of this process. The handler runs as a task of its own, in the caller's span.
pub(crate) async fn call(router: Router, request: Request) -> Result<Response, HttpError> {
    let deadline = Instant::now() + request.timeout().copied().unwrap_or(TIMEOUT);
    let request = as_received(request)?;
    let mut handler = AbortOnDrop(tokio::spawn(router.oneshot(request).in_current_span()));
    let answered = timeout_at(deadline, &mut handler.0).await.map_err(|_| HttpError::TimedOut)?;
    // A join error is a panic: only dropping `handler` aborts the task.
    let answer = answered.map_err(|_| HttpError::Panicked)?.unwrap_or_else(|never| match never {});
    Ok(answer.map(|body| bounded(body, deadline)).into())
}

/// The request as the site's listener would hand it on, after hyper's client and server.
fn as_received(request: Request) -> Result<http::Request<Body>, HttpError> {
    let url = request.url();
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let request: http::Request<reqwest::Body> = request.try_into().map_err(HttpError::of)?;
    let (mut parts, body) = request.into_parts();
    let mut default = |name: header::HeaderName, value: HeaderValue| {
        parts.headers.entry(name).or_insert(value);
    };
    // The host of a URL is ASCII without spaces, so it is always a valid header value.
    default(header::HOST, HeaderValue::from_str(&host).unwrap_or_else(|_| HeaderValue::from_static("")));
    default(header::ACCEPT, HeaderValue::from_static("*/*"));
    default(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    // A body of unknown length is chunked, and an empty one needs no length.
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        default(header::CONTENT_LENGTH, length.into());
    }
    // Origin form (RFC 9112 §3.2.1).
    parts.uri = parts.uri.path_and_query().cloned().map_or_else(|| http::Uri::from_static("/"), Into::into);
    parts.extensions.insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 0))));
    Ok(http::Request::from_parts(parts, Body::new(body)))
}

/// The body of an answer. It ends in an error at the deadline, or when its stream panics.
fn bounded(body: Body, deadline: Instant) -> reqwest::Body {
    let chunks = AssertUnwindSafe(body.into_data_stream()).catch_unwind();
    let chunks = stream::unfold(Some(Box::pin(chunks)), move |chunks| async move {
        let mut chunks = chunks?;
        match timeout_at(deadline, chunks.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(Ok(chunk)))) => Some((Ok(chunk), Some(chunks))),
            Ok(Some(Ok(Err(error)))) => Some((Err(io::Error::other(error)), None)),
            Ok(Some(Err(_))) => Some((Err(io::Error::other(BodyPanicked)), None)),
            Err(_) => Some((Err(io::Error::from(io::ErrorKind::TimedOut)), None)),
        }
    });
    reqwest::Body::wrap_stream(chunks)
}
