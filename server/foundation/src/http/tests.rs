//! A call to another site behaves the same over the network and inside the process.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, OriginalUri, Path},
    http::HeaderMap,
    routing::{get, post},
};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use tracing::Instrument;

use super::*;

/// Counts the handlers that began, and those that run.
#[derive(Clone, Default)]
struct Handlers {
    begun: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
}

struct Running(Handlers);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

fn routes(handlers: Handlers) -> Router {
    let seen = async |OriginalUri(uri): OriginalUri,
                      ConnectInfo(peer): ConnectInfo<SocketAddr>,
                      headers: HeaderMap,
                      body: String| {
        let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or("none").to_owned();
        let names = ["host", "content-length", "content-type", "user-agent", "accept", "transfer-encoding"];
        format!("{uri} {} {:?} {body}", peer.ip(), names.map(header))
    };
    let body = async |Path(how): Path<String>| {
        let rest = stream::once(async move {
            match how.as_str() {
                "hangs" => std::future::pending().await,
                "panics" => panic!("while the body is written"),
                _ => Err(io::Error::other("cut off")),
            }
        });
        Body::from_stream(stream::iter([Ok::<_, io::Error>("first")]).chain(rest))
    };
    let span = async || tracing::Span::current().metadata().map_or("none", tracing::Metadata::name);
    let hangs = move || {
        handlers.begun.fetch_add(1, Ordering::SeqCst);
        handlers.running.fetch_add(1, Ordering::SeqCst);
        let running = Running(handlers.clone());
        async move {
            let _running = running;
            std::future::pending::<()>().await;
        }
    };
    Router::new()
        .route("/seen", post(seen).get(seen))
        .route("/body/{how}", get(body))
        .route("/span", get(span))
        .route("/hangs", get(hangs))
        .route("/panics", get(async || -> String { panic!("outside of the guards") }))
        .route("/long", get(async || vec![b'x'; Http::MOST + 1]))
}

/// The same site, called over the network and inside the process.
async fn both(handlers: &Handlers) -> [(&'static str, Http, Site); 2] {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://site.localhost:{}", listener.local_addr().expect("an address").port());
    let site = Site::new(url.parse().expect("a URL")).expect("a site");
    let service = routes(handlers.clone()).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let here = Http::new();
    here.mount(&site, routes(handlers.clone()));
    [("network", Http::new(), site.clone()), ("inside", here, site)]
}

/// Timeout, longer than anything takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

impl Handlers {
    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let reached = async {
            while !holds(self) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(LONG, reached).await.expect(what);
    }

    async fn all_end(&self) {
        self.until("the handlers end", |it| it.running.load(Ordering::SeqCst) == 0).await;
    }
}

/// A call with a timeout in milliseconds. The test fails if the call outlives it.
async fn call(http: &Http, site: &Site, path: &str, ms: u64) -> Result<StatusCode, HttpError> {
    let call = http.send(get_in(http, site, path, ms));
    let answer = tokio::time::timeout(LONG, call).await.expect("the call ends");
    answer.map(|(status, ..)| status)
}

fn get_in(http: &Http, site: &Site, path: &str, ms: u64) -> RequestBuilder {
    http.client().get(site.at(path)).timeout(Duration::from_millis(ms))
}

#[tokio::test]
async fn inside_call_equals_one_over_the_network() {
    let mut answers = Vec::new();
    for (_, http, site) in both(&Handlers::default()).await {
        let client = http.client();
        for request in [
            client.get(site.at("seen?a=b%20c#part")),
            client.post(site.at("seen")).form(&[("a", "b")]),
            client.post(site.at("seen")).header("user-agent", "other").header("accept", "application/json").body("x"),
            client.post(site.at("seen")),
        ] {
            let (status, _, body) = http.send(request).await.expect("an answer");
            assert_eq!(status, StatusCode::OK);
            answers.push(String::from_utf8(body).expect("text"));
        }
    }
    let inside = answers.split_off(4);
    assert_eq!(answers, inside);
    assert!(answers[0].starts_with("/seen?a=b%20c 127.0.0.1 "), "{answers:?}");
}

#[tokio::test]
async fn line_28_hanging_site_times_out_and_its_handler_ends() {
    let handlers = Handlers::default();
    for (way, http, site) in both(&handlers).await {
        // Before the answer begins, and during it. On a busy machine the time can be over before the handler begins.
        let before = handlers.begun();
        while handlers.begun() == before {
            for path in ["hangs", "body/hangs"] {
                let answer = call(&http, &site, path, 100).await;
                assert!(matches!(answer, Err(HttpError::TimedOut)), "{way} {path}: {answer:?}");
            }
        }
        handlers.all_end().await;
        // The caller goes away before the timeout.
        let before = handlers.begun();
        tokio::select! {
            answer = http.send(get_in(&http, &site, "hangs", 600_000)) => panic!("{way}: {answer:?}"),
            () = handlers.until("it begins", |it| it.begun() > before) => {}
        }
        handlers.all_end().await;
    }
}

#[tokio::test]
async fn call_inside_the_process_keeps_the_callers_span() {
    let _logs = tracing::subscriber::set_default(tracing_subscriber::fmt().with_writer(io::sink).finish());
    let [_, (_, here, site)] = both(&Handlers::default()).await;
    let asked = here.send(get_in(&here, &site, "span", 5_000)).instrument(tracing::info_span!("turn"));
    let (_, _, body) = asked.await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&body), "turn");
}

#[tokio::test]
async fn line_28_panic_fails_only_its_own_call() {
    for (way, http, site) in both(&Handlers::default()).await {
        for path in ["panics", "body/panics", "body/fails"] {
            let answer = call(&http, &site, path, 4_000).await;
            let expected = match (way, path) {
                ("network", _) | (_, "body/fails") => matches!(answer, Err(HttpError::Unreachable(_))),
                _ => matches!(answer, Err(HttpError::Panicked)),
            };
            assert!(expected, "{way} {path}: {answer:?}");
        }
        let answer = http.send(get_in(&http, &site, "long", 5_000)).await;
        assert!(matches!(answer, Err(HttpError::TooLong)), "{way}: {answer:?}");
        assert!(http.send(get_in(&http, &site, "seen", 5_000)).await.is_ok(), "{way}");
    }
}

#[tokio::test]
async fn line_28_only_the_exact_origin_is_called_inside() {
    let [_, (_, here, site)] = both(&Handlers::default()).await;
    let port = site.url().port().expect("a port");
    here.mount(&Site::new("http://site.localhost:9".parse().expect("a URL")).expect("a site"), Router::new());
    let status = async |http: &Http, url: String| {
        http.send(http.client().get(url)).await.map(|(status, ..)| status.as_u16()).map_err(|error| error.to_string())
    };
    assert_eq!(status(&here, "http://SITE.localhost:9/seen".into()).await, Ok(404), "an empty site of this process");
    for other in [
        "https://site.localhost:9/seen",
        "http://other.localhost:9/seen",
        "http://site.localhost.:9/seen",
        "http://site.localhost:91/seen",
        "http://site.localhost:9@other.localhost:9/seen",
    ] {
        assert!(status(&here, other.into()).await.is_err(), "{other}");
    }
    assert_eq!(status(&here, format!("http://127.0.0.1:{port}/seen")).await, Ok(200), "over the network");
    here.unmount_all();
    assert!(status(&here, "http://site.localhost:9/seen".into()).await.is_err());
}

/// Faults around every call: some calls don't arrive, and some answers are lost.
#[derive(Debug)]
struct Every3(AtomicUsize);

impl Layer for Every3 {
    fn call<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response, HttpError>> {
        async move {
            match self.0.fetch_add(1, Ordering::SeqCst) % 3 {
                0 => Err(HttpError::TimedOut),
                1 => next.run(request).await.and(Err(HttpError::Panicked)),
                _ => next.run(request).await,
            }
        }
        .boxed()
    }
}

#[tokio::test]
async fn layer_wraps_every_call() {
    for (way, http, site) in both(&Handlers::default()).await {
        let http = http.layered(Arc::new(Every3(AtomicUsize::new(0))));
        let mut answers = Vec::new();
        for _ in 0..3 {
            answers.push(http.send(get_in(&http, &site, "seen", 5_000)).await);
        }
        assert!(matches!(answers[0], Err(HttpError::TimedOut)), "{way}");
        assert!(matches!(answers[1], Err(HttpError::Panicked)), "{way}");
        assert!(answers[2].is_ok(), "{way}");
    }
}

/// The TLS error is the last of a chain of causes.
#[tokio::test]
async fn line_65_tls_error_names_its_whole_cause() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let http = Http::new();
    let request = http.client().get(format!("https://127.0.0.1:{port}/callback?code=secret"));
    let error = http.send(request).await.expect_err("no TLS");
    let text = log::causes(&error);
    assert!(text.contains("corrupt message"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}
