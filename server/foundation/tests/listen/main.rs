//! The listener with clients that are slow, many, or don't read (THREATS.md lines 63 and 64).

mod streams;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use foundation::{
    CancellationToken,
    axum::{
        Router,
        body::{Body, Bytes},
        extract::RawQuery,
        http::{StatusCode, header},
        routing::{get, post},
    },
    limit::Peer,
    listen::{self, Bounds, Connections},
};
use futures::{StreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::mpsc,
};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Timeout, longer than any test waits.
const LONG: Duration = Duration::from_secs(60);
/// A short real timeout: the listener times sockets with the machine's clock, which tests can't advance.
const SHORT: Duration = Duration::from_millis(200);

/// Limits that no test reaches, except the ones that it sets itself.
fn bounds() -> Bounds {
    let check = Duration::from_millis(20);
    Bounds { header: LONG, body: LONG, idle: LONG, stalled: LONG, per_address: 100, total: 100, check }
}

struct Site {
    address: SocketAddr,
    stop: CancellationToken,
    /// Signals that the body of an answer from `/endless` or `/events` was dropped.
    dropped: mpsc::UnboundedReceiver<()>,
}

impl Site {
    /// Waits until the body of an answer was dropped.
    async fn body_is_dropped(&mut self) -> Outcome {
        tokio::time::timeout(LONG, self.dropped.recv()).await?.ok_or("the site ended")?;
        Ok(())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Tell(mpsc::UnboundedSender<()>);

impl Drop for Tell {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

async fn site(bounds: Bounds, proxies: &[&str]) -> Outcome<Site> {
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let (address, stop) = (socket.local_addr()?, CancellationToken::new());
    let (tell, dropped) = mpsc::unbounded_channel();
    let told = tell.clone();
    let endless = move || {
        let tell = Tell(tell.clone());
        let chunks = stream::repeat_with(move || {
            let _ = &tell;
            Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 4096]))
        });
        async move { Body::from_stream(chunks) }
    };
    // `?endless` sends events forever, `?over` two and then ends; otherwise silence follows the two.
    let events = move |RawQuery(query): RawQuery| {
        let tell = Tell(told.clone());
        let (count, is_over) = match query.as_deref() {
            Some("endless") => (usize::MAX, true),
            Some("over") => (2, true),
            _ => (2, false),
        };
        let event = move |_| {
            let _ = &tell;
            Ok::<_, std::io::Error>(Bytes::from_static(b"data: hi\n\n"))
        };
        let silence = stream::pending().take(if is_over { 0 } else { 1 });
        let body = Body::from_stream(stream::iter(0..count).chain(silence).map(event));
        async move { ([(header::CONTENT_TYPE, "text/event-stream")], body) }
    };
    let routes = Router::new()
        .route("/", get(|| async { "fine" }))
        .route("/peer", get(|peer: Peer| async move { peer.as_str().to_owned() }))
        .route("/pending", get(|| async { Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>()) }))
        .route("/endless", get(endless))
        .route("/events", get(events))
        .route("/read", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/refuse", post(|| async { (StatusCode::UNAUTHORIZED, "log in first") }));
    let proxies: Vec<_> = proxies.iter().map(|ip| ip.parse()).collect::<Result<_, _>>()?;
    let routes = foundation::proxy::behind(routes, &proxies);
    tokio::spawn(listen::serve(socket, routes, Connections::new(bounds), Arc::from(proxies), stop.clone()));
    Ok(Site { address, stop, dropped })
}

struct Client(TcpStream);

impl Client {
    async fn new(site: &Site) -> Outcome<Self> {
        Ok(Self(TcpStream::connect(site.address).await?))
    }

    /// Connects from another address of this machine.
    async fn from(site: &Site, address: &str) -> Outcome<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(address.parse()?, 0))?;
        Ok(Self(socket.connect(site.address).await?))
    }

    async fn send(&mut self, text: &str) -> Outcome<&mut Self> {
        self.0.write_all(text.as_bytes()).await?;
        Ok(self)
    }

    async fn get(&mut self, path: &str) -> Outcome<String> {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await?.answer().await
    }

    /// The header of the next answer, and its body if it has a length.
    async fn answer(&mut self) -> Outcome<String> {
        let mut text = String::new();
        tokio::time::timeout(LONG, async {
            while !text.ends_with("\r\n\r\n") {
                text.push(char::from(self.0.read_u8().await?));
            }
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            self.0.read_exact(&mut body).await?;
            text.push_str(&String::from_utf8_lossy(&body));
            Ok::<_, std::io::Error>(())
        })
        .await??;
        Ok(text)
    }

    /// Waits until the server ends the connection, and returns what it sent before.
    async fn end(&mut self) -> Outcome<String> {
        let mut rest = Vec::new();
        // A reset counts as an end.
        let _ = tokio::time::timeout(LONG, self.0.read_to_end(&mut rest)).await?;
        Ok(String::from_utf8_lossy(&rest).into_owned())
    }
}

/// Retries an attempt that a busy machine may miss because of a short timeout, until it succeeds.
async fn once<T>(attempt: impl AsyncFn() -> Outcome<Option<T>>) -> Outcome<T> {
    let tried = async {
        loop {
            if let Ok(Some(well)) = attempt().await {
                return well;
            }
        }
    };
    Ok(tokio::time::timeout(LONG, tried).await?)
}

/// A client whose first request was answered.
async fn served(site: &Site) -> Outcome<Client> {
    once(async || {
        let mut client = Client::new(site).await?;
        Ok(client.get("/").await?.ends_with("fine").then_some(client))
    })
    .await
}

const POST: &str = "POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n";

#[tokio::test]
async fn line_63_slow_header_ends_the_connection() -> Outcome {
    let site = site(Bounds { header: SHORT, ..bounds() }, &[]).await?;
    for sent in ["", "GET / HTTP/1.1\r\nhost"] {
        let mut client = Client::new(&site).await?;
        assert_eq!(client.send(sent).await?.end().await?, "", "{sent}");
    }
    // The same for the second request of a connection, and for a header that arrives byte by byte.
    assert_eq!(served(&site).await?.send("GET /").await?.end().await?, "");
    let mut client = Client::new(&site).await?;
    while client.send("x").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

#[tokio::test]
async fn line_63_slow_body_ends_the_connection() -> Outcome {
    let site = site(Bounds { body: SHORT, ..bounds() }, &[]).await?;
    let mut client = Client::new(&site).await?;
    assert_eq!(client.send(POST).await?.send("not much").await?.end().await?, "");
    // A body that arrives at the minimum rate may take longer.
    once(async || {
        let mut client = Client::new(&site).await?;
        client.send(POST).await?.send(&"x".repeat(99_999)).await?;
        tokio::time::sleep(SHORT * 3).await;
        Ok(client.send("x").await?.answer().await?.ends_with("100000").then_some(()))
    })
    .await
}

#[tokio::test]
async fn line_63_idle_and_stalled_clients_are_dropped() -> Outcome {
    let site = site(Bounds { idle: SHORT, ..bounds() }, &[]).await?;
    assert_eq!(served(&site).await?.end().await?, "");
    // A client that reads nothing of a long answer is dropped. One that reads is served.
    once(async || {
        let mut site = self::site(Bounds { stalled: SHORT, ..bounds() }, &[]).await?;
        let mut reader = Client::new(&site).await?;
        reader.get("/endless").await?;
        let mut stalled = Client::new(&site).await?;
        stalled.send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await?;
        let mut buffer = vec![0; 65_536];
        loop {
            tokio::select! {
                dropped = site.dropped.recv() => break assert!(dropped.is_some()),
                read = reader.0.read(&mut buffer) => if read? == 0 { return Ok(None) },
            }
        }
        for _ in 0..10 {
            if reader.0.read(&mut buffer).await? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(()))
    })
    .await
}

/// The connection that has kept the server waiting longest makes room, so an address under attack is still answered.
#[tokio::test]
async fn line_63_connections_are_bounded_by_address() -> Outcome {
    let site = site(Bounds { per_address: 4, ..bounds() }, &[]).await?;
    let mut streams = vec![Client::new(&site).await?, Client::new(&site).await?];
    for stream in &mut streams {
        assert!(stream.get("/pending").await?.contains("200 OK"));
    }
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(Client::new(&site).await?);
        assert!(Client::new(&site).await?.get("/").await?.ends_with("fine"));
    }
    for old in &mut open[..16] {
        assert_eq!(old.end().await?, "");
    }
    // If all are being answered, no further connection is accepted. Other addresses are unaffected.
    streams.extend([Client::new(&site).await?, Client::new(&site).await?]);
    for stream in &mut streams[2..] {
        assert!(stream.get("/pending").await?.contains("200 OK"));
    }
    assert_eq!(Client::new(&site).await?.end().await?, "");
    #[cfg(target_os = "linux")]
    assert!(Client::from(&site, "127.0.0.2").await?.get("/").await?.ends_with("fine"));
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn line_63_at_the_total_the_greatest_address_makes_room() -> Outcome {
    let site = site(Bounds { total: 8, ..bounds() }, &[]).await?;
    let mut small = Client::from(&site, "127.0.0.2").await?;
    assert!(small.get("/").await?.ends_with("fine"));
    let mut many = Vec::new();
    for _ in 0..30 {
        many.push(Client::new(&site).await?);
    }
    for old in &mut many[..23] {
        assert_eq!(old.end().await?, "");
    }
    assert!(small.get("/").await?.ends_with("fine"), "the earlier connection is still open");
    assert!(Client::from(&site, "127.0.0.3").await?.get("/").await?.ends_with("fine"));
    Ok(())
}

/// A proxy's connections aren't bounded by address. The requests of its clients are.
#[tokio::test]
async fn line_63_clients_behind_a_proxy_are_bounded_each() -> Outcome {
    let site = site(Bounds { per_address: 2, ..bounds() }, &["127.0.0.1"]).await?;
    let mut open = Vec::new();
    let ask = |path: &str, client: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: {client}\r\n\r\n");
    for expected in ["200 OK", "200 OK", "429"] {
        let mut through = Client::new(&site).await?;
        let answer = through.send(&ask("/pending", "192.0.2.1")).await?.answer().await?;
        assert!(answer.contains(expected), "{answer}");
        open.push(through);
    }
    let mut other = Client::new(&site).await?;
    assert!(other.send(&ask("/peer", "192.0.2.2")).await?.answer().await?.ends_with("192.0.2.2"));
    open.remove(0);
    // The server notices the end of that connection a moment later.
    tokio::time::timeout(LONG, async {
        loop {
            let mut again = Client::new(&site).await?;
            if again.send(&ask("/peer", "192.0.2.1")).await?.answer().await?.contains("200 OK") {
                return Outcome::Ok(());
            }
        }
    })
    .await?
}

/// A small unread body is drained and the connection stays open. After a longer one the answer closes it.
#[tokio::test]
async fn line_64_unread_body_is_drained_or_the_connection_closes() -> Outcome {
    let site = site(bounds(), &[]).await?;
    let refuse = |length: usize| format!("POST /refuse HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n");
    let mut client = Client::new(&site).await?;
    for length in [0, 5, 100_000] {
        let answer = client.send(&refuse(length)).await?.send(&"x".repeat(length)).await?.answer().await?;
        assert!(answer.contains("401") && answer.ends_with("log in first"), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }
    let chunked = "POST /refuse HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    assert!(client.send(chunked).await?.answer().await?.ends_with("log in first"));
    assert!(client.get("/").await?.ends_with("fine"), "the connection goes on");

    // Too long to drain; announced but never sent; not sent yet, because the client waits for 100 Continue.
    let expects = refuse(5).replace("host", "expect: 100-continue\r\nhost");
    for (head, body) in [(refuse(900_000), 900_000), (refuse(5), 2), (expects, 0)] {
        let mut client = Client::new(&site).await?;
        let answer = client.send(&head).await?.send(&"x".repeat(body)).await?.answer().await?;
        assert!(answer.starts_with("HTTP/1.1 401") && answer.ends_with("log in first"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert_eq!(client.end().await?, "");
    }
    // A client that sends its whole body before reading the answer isn't cut off.
    let mut client = Client::new(&site).await?;
    client.send(&refuse(900_000)).await?.send(&"x".repeat(100_000)).await?;
    client.0.readable().await?;
    for _ in 0..80 {
        client.send(&"x".repeat(10_000)).await?;
    }
    assert!(client.answer().await?.ends_with("log in first"));
    assert_eq!(client.end().await?, "");
    // For a handler that reads the body, the server answers 100 first.
    let mut client = Client::new(&site).await?;
    let expects = "POST /read HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
    assert!(client.send(expects).await?.answer().await?.starts_with("HTTP/1.1 100"));
    assert!(client.send("hello").await?.answer().await?.ends_with('5'));
    assert!(client.get("/").await?.ends_with("fine"));
    Ok(())
}

#[tokio::test]
async fn stopping_finishes_open_requests() -> Outcome {
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let (address, stop) = (socket.local_addr()?, CancellationToken::new());
    let (begun, mut has_begun) = mpsc::channel::<()>(1);
    let (go_on, wait) = tokio::sync::watch::channel(false);
    let routes = Router::new().route(
        "/",
        get(move || async move {
            let (begun, mut wait) = (begun, wait);
            let _ = begun.send(()).await;
            let _ = wait.wait_for(|go| *go).await;
            "done"
        }),
    );
    let connections = Connections::new(bounds());
    let served = tokio::spawn(listen::serve(socket, routes, connections, Arc::from([]), stop.clone()));
    let mut client = Client(TcpStream::connect(address).await?);
    client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await?;
    has_begun.recv().await;
    stop.cancel();
    go_on.send(true)?;
    assert!(client.answer().await?.ends_with("done"));
    assert_eq!(client.end().await?, "");
    drop(client);
    tokio::time::timeout(LONG, served).await??;
    Ok(())
}
