//! Keeps the connections of slow answers alive: for a client of revision 2026-07-28 that asked for no progress, the
//! transport sends nothing until the tool is done, and proxies and clients close silent connections.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt, future::BoxFuture, stream};

/// Interval between signs of life on a waiting stream.
pub(super) const ALIVE: Duration = Duration::from_secs(10);

/// How long an answer may take before its stream is opened.
const STREAM_AFTER: Duration = Duration::from_secs(3);

/// A comment of the event stream, which readers ignore.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// Passes a quick answer through. For a slow one it opens an event stream, keeps it alive with comments, and sends the
/// answer as its event. When the client disconnects, the call is dropped.
pub(super) async fn keep(request: Request, next: Next) -> Response {
    let mut answer: BoxFuture<'static, Response> = Box::pin(next.run(request));
    if let Ok(response) = tokio::time::timeout(STREAM_AFTER, &mut answer).await {
        return response;
    }
    let stream = stream::unfold(Some(answer), |waiting| async move {
        let mut answer = waiting?;
        match tokio::time::timeout(ALIVE, &mut answer).await {
            Err(_) => Some((stream::once(std::future::ready(COMMENT)).boxed(), Some(answer))),
            Ok(response) => Some((events(response), None)),
        }
    });
    let stream = stream::once(std::future::ready(COMMENT)).chain(stream.flatten()).map(Ok::<_, Infallible>);
    const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
    ([(header::CONTENT_TYPE, EVENTS)], Body::from_stream(stream)).into_response()
}

/// An answer as events: a stream is passed through, and JSON becomes one event. Anything else isn't a message of the
/// protocol (for example because the server stops), and just ends the stream.
fn events(response: Response) -> stream::BoxStream<'static, Bytes> {
    let kind = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes).to_owned();
    let body = response.into_body();
    if kind.starts_with(b"text/event-stream") {
        return body.into_data_stream().filter_map(|chunk| std::future::ready(chunk.ok())).boxed();
    }
    if !kind.starts_with(b"application/json") {
        return stream::empty().boxed();
    }
    stream::once(async move {
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
        let lines = String::from_utf8_lossy(&body).lines().map(|line| format!("data: {line}\n")).collect::<String>();
        Bytes::from(lines + "\n")
    })
    .boxed()
}
