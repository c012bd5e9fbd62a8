//! The listener of a site: HTTP/1.1 with limits on clients that are slow, too many, or don't read their answers
//! (THREATS.md lines 63 and 64).

mod body;
mod bounds;
mod connections;
mod stream;
mod watch;

use std::{
    convert::Infallible,
    future::{Future, pending},
    io::ErrorKind,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Request, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{
    limit::{AtOnce, network},
    proxy,
};
use body::{ResponseBody, split};
pub use bounds::Bounds;
pub use connections::Connections;
use watch::{Io, Watch};

/// How much of an unread body is drained before the answer, in bytes and time, to keep the connection usable.
const DRAIN: (usize, Duration) = (256 * 1024, Duration::from_secs(1));

/// How much is read, and for how long, after the last answer of a connection. Closing a socket with unread input resets
/// it, and the client could lose the answer (RFC 9112 §9.6).
const LINGER: (usize, Duration) = (1024 * 1024, Duration::from_secs(5));

/// Pause after the process ran out of file descriptors. Meanwhile the connection that was ended frees its own.
const OUT_OF_FILES: Duration = Duration::from_millis(20);

/// Serves a site at one socket until `stop`, then finishes the open requests.
pub async fn serve(
    socket: TcpListener,
    routes: Router,
    connections: Arc<Connections>,
    proxies: Arc<[IpAddr]>,
    stop: CancellationToken,
) {
    let mut tasks = JoinSet::new();
    let proxied = Arc::new(AtOnce::new(connections.bounds.per_address));
    let mut check = tokio::time::interval(connections.bounds.check);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            _ = check.tick() => {
                connections.end_overdue();
                while tasks.try_join_next().is_some() {}
                continue;
            }
            accepted = socket.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                let client_left = matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
                );
                if !client_left {
                    connections.end_one();
                    tokio::time::sleep(OUT_OF_FILES).await;
                }
                continue;
            }
        };
        // Server-sent events are small: Nagle's algorithm would delay each by up to 40 ms, until the last one is
        // acknowledged.
        let _ = stream.set_nodelay(true);
        // A proxy's connections carry requests of many clients, which are counted one by one.
        let is_proxy = proxies.contains(&peer.ip().to_canonical());
        let Some(open) = connections.open(network(peer.ip()), !is_proxy) else { continue };
        let proxied = is_proxy.then(|| proxied.clone());
        let handler = Handler { routes: routes.clone(), proxies: proxies.clone(), proxied, peer };
        let stop = stop.clone();
        tasks.spawn(async move {
            let watch = open.watch.clone();
            tokio::select! {
                () = watch.end.cancelled() => {}
                () = talk(stream, &watch, handler, stop) => {}
            }
            drop(open);
        });
    }
    drop(socket);
    while tasks.join_next().await.is_some() {}
}

/// Serves one connection until it ends.
async fn talk(stream: TcpStream, watch: &Arc<Watch>, handler: Handler, stop: CancellationToken) {
    // Boxed, so that its memory is freed before a long stream.
    let (mut io, left) = Box::pin(answer_all(stream, watch, handler, stop.clone())).await;
    let reads_on = match left {
        Left::Over => true,
        Left::Stream(response) => stream::write(&mut io, response).await.is_ok(),
        Left::Broken => false,
    };
    if !reads_on {
        return;
    }
    let _ = io.stream.shutdown().await;
    if stop.is_cancelled() {
        return;
    }
    // Boxed for the same reason.
    let _ = tokio::time::timeout(LINGER.1, Box::pin(unread(io.stream))).await;
}

/// How hyper leaves a connection.
enum Left {
    /// The last answer was sent.
    Over,
    /// This stream is still to be written.
    Stream(Response<ResponseBody>),
    /// The connection broke.
    Broken,
}

/// Answers requests until the connection is over, or the answer is a stream.
async fn answer_all(stream: TcpStream, watch: &Arc<Watch>, handler: Handler, stop: CancellationToken) -> (Io, Left) {
    let io = TokioIo::new(Io { stream, watch: watch.clone() });
    let (leave, mut left) = mpsc::channel(1);
    let service = service_fn(|request: Request<Incoming>| {
        let (handler, watch, leave) = (handler.clone(), watch.clone(), leave.clone());
        // Boxed to be Unpin: `into_parts` below needs it.
        let answer: Pin<Box<dyn Future<Output = Result<_, Infallible>> + Send>> = Box::pin(async move {
            let method = request.method().clone();
            let response = handler.answer(request, &watch).await;
            if stream::is_one(&method, &response) {
                let _ = leave.send(response).await;
                // hyper never gets this answer: its connection is taken apart below.
                return pending().await;
            }
            Ok(response)
        });
        answer
    });
    let mut connection = http1::Builder::new().max_buf_size(64 * 1024).serve_connection(io, service);
    let mut stopping = false;
    let left = loop {
        tokio::select! {
            done = &mut connection => break match done {
                Err(error) if !error.is_parse() => Left::Broken,
                Ok(()) | Err(_) => Left::Over,
            },
            Some(response) = left.recv() => break Left::Stream(response),
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    (connection.into_parts().io.into_inner(), left)
}

/// Reads what the client still sends.
async fn unread(mut stream: TcpStream) {
    let (mut read, mut buffer) = (0, [0; 4096]);
    while let Ok(more @ 1..) = stream.read(&mut buffer).await {
        read += more;
        if read > LINGER.0 {
            break;
        }
    }
}

/// Answers the requests of one connection.
#[derive(Clone)]
struct Handler {
    routes: Router,
    proxies: Arc<[IpAddr]>,
    /// On a proxy's connection, the requests in progress by client.
    proxied: Option<Arc<AtOnce>>,
    peer: SocketAddr,
}

impl Handler {
    async fn answer(self, request: Request<Incoming>, watch: &Arc<Watch>) -> Response<ResponseBody> {
        watch.answering();
        let mut slot = None;
        if let Some(proxied) = &self.proxied {
            let client = proxy::client(&self.proxies, self.peer, request.headers());
            slot = proxied.take(&network(client.ip()));
            if slot.is_none() {
                return closing(too_many()).map(|body| ResponseBody::new(body, watch.clone(), None));
            }
        }
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(ConnectInfo(self.peer));
        let expects_continue = parts.headers.contains_key(header::EXPECT);
        let (unread, body) = split(body, watch.clone());
        let answered = self.routes.oneshot(Request::from_parts(parts, Body::new(body))).await;
        let mut response = answered.unwrap_or_else(|never| match never {});
        if !unread.drain(expects_continue, DRAIN).await {
            response = closing(response);
        }
        response.map(|body| ResponseBody::new(body, watch.clone(), slot))
    }
}

fn closing<B>(mut response: Response<B>) -> Response<B> {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn too_many() -> Response {
    let headers = [(header::RETRY_AFTER, "1"), (header::CACHE_CONTROL, "no-store")];
    let text = "Your network has too many requests open at once. Nothing was changed. Try again in a moment.\n";
    (StatusCode::TOO_MANY_REQUESTS, headers, text).into_response()
}
