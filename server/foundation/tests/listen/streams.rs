//! Streams of events at the listener.

use super::{Bounds, Client, Outcome, SHORT, bounds, site};
use tokio::io::AsyncReadExt;

/// Idle streams hold no buffers, because hyper doesn't serve them.
#[tokio::test]
async fn stream_of_events_lasts_until_its_connection_ends() -> Outcome {
    let mut site = site(bounds(), &[]).await?;
    // A connection that was used before, and a request behind the stream's, which isn't answered.
    let mut client = Client::new(&site).await?;
    assert!(client.get("/").await?.ends_with("fine"));
    client.send("GET /events?over HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n").await?;
    let head = client.answer().await?;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    for line in ["content-type: text/event-stream\r\n", "connection: close\r\n", "\r\ndate: "] {
        assert!(head.contains(line), "{line} in {head}");
    }
    assert!(!head.contains("chunked"), "{head}");
    assert_eq!(client.end().await?, "data: hi\n\ndata: hi\n\n");
    site.body_is_dropped().await?;

    // The same without a body for HEAD, and the connection stays open.
    let mut client = Client::new(&site).await?;
    let head = client.send("HEAD /events HTTP/1.1\r\nhost: x\r\n\r\n").await?.answer().await?;
    assert!(!head.contains("connection: close"), "{head}");
    assert!(client.get("/").await?.ends_with("fine"));
    site.body_is_dropped().await
}

/// THREATS.md line 63: a silent stream ends with its client.
#[tokio::test]
async fn line_63_stream_of_a_client_that_left_ends() -> Outcome {
    let mut site = site(bounds(), &[]).await?;
    let mut client = Client::new(&site).await?;
    assert!(client.get("/events").await?.contains("text/event-stream"));
    // Closing a socket with unread data would reset the connection.
    client.0.read_exact(&mut [0; 20]).await?;
    drop(client);
    site.body_is_dropped().await
}

/// THREATS.md line 63: a client that keeps sending is disconnected.
#[tokio::test]
async fn line_63_stream_of_a_client_that_sends_on_ends() -> Outcome {
    let mut site = site(bounds(), &[]).await?;
    let mut client = Client::new(&site).await?;
    assert!(client.get("/events").await?.contains("text/event-stream"));
    // The server closes while more is on its way.
    let _ = client.send(&"x".repeat(10_000)).await;
    site.body_is_dropped().await
}

/// THREATS.md line 63: a client that doesn't read its events is dropped, too.
#[tokio::test]
async fn line_63_stalled_reader_of_events_is_dropped() -> Outcome {
    let mut site = site(Bounds { stalled: SHORT, ..bounds() }, &[]).await?;
    let mut stalled = Client::new(&site).await?;
    stalled.send("GET /events?endless HTTP/1.1\r\nhost: x\r\n\r\n").await?;
    site.body_is_dropped().await
}
