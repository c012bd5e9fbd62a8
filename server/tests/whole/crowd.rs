//! Many connections at once: the sites still answer despite half-open connections and price streams (THREATS.md line
//! 63).

use std::{net::SocketAddr, time::Duration};

use driver::{ALICE, Outcome, Setup};
use reqwest::Method;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use url::Url;

use crate::support::together;

/// The number of connections that this process can open: as many as wanted, if the system allows it.
fn connections(wanted: u64) -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let most = maximum.unwrap_or(wanted + 500).min(wanted + 500).max(current.unwrap_or(0));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum }).is_ok();
    let limit = if raised { Some(most) } else { current };
    wanted.min(limit.unwrap_or(256).saturating_sub(200))
}

fn socket_of(site: &Url) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], site.port().unwrap_or(80)))
}

async fn every_site_answers(setup: &Setup) -> Outcome {
    let client = setup.sites.client()?;
    for site in [&setup.sites.agent, &setup.sites.identity, &setup.sites.broker] {
        let request = client.request(Method::GET, site.join("healthz")?).timeout(Duration::from_secs(20));
        assert_eq!(request.send().await?.status(), 200, "{site}");
    }
    Ok(())
}

#[tokio::test]
async fn line_63_half_open_connections_leave_every_site_answering() -> Outcome {
    let mut setup = together("half-open").await?;
    setup.set("RUST_LOG", "");
    let program = setup.serve().await?;
    let mut half_open = Vec::new();
    for site in [&setup.sites.agent, &setup.sites.identity, &setup.sites.broker] {
        for _ in 0..connections(6_000) / 3 {
            let mut stream = TcpStream::connect(socket_of(site)).await?;
            let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: ").await;
            half_open.push(stream);
        }
    }
    every_site_answers(&setup).await?;
    setup.browser()?.log_in(&setup.sites, ALICE).await?;
    drop(half_open);
    program.stop().await
}

/// Connections from one address and, if the system has several loopback addresses, from many.
#[tokio::test]
async fn line_63_price_streams_leave_the_rest_answering() -> Outcome {
    let mut setup = together("price-streams").await?;
    setup.set("RUST_LOG", "");
    setup.set("MARKET_TICK_MS", "5000");
    let program = setup.serve().await?;
    let host = setup.sites.broker.authority().to_owned();
    let (mut streams, mut accepted) = (Vec::new(), 0);
    for n in 0..connections(5_000) {
        let socket = TcpSocket::new_v4()?;
        if cfg!(target_os = "linux") {
            let last = u8::try_from(n % 50).unwrap_or(0) + 2;
            socket.bind(SocketAddr::from(([127, 0, 0, last], 0)))?;
        }
        let mut stream = socket.connect(socket_of(&setup.sites.broker)).await?;
        let ask = format!("GET /api/prices?symbols=WAYNE HTTP/1.1\r\nhost: {host}\r\n\r\n");
        stream.write_all(ask.as_bytes()).await?;
        let mut status = [0; 12];
        if stream.read_exact(&mut status).await.is_ok() && status.ends_with(b"200") {
            accepted += 1;
        }
        streams.push(stream);
    }
    assert!(accepted >= 100, "streams are served: {accepted}");
    every_site_answers(&setup).await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    assert_eq!(browser.open(setup.sites.broker.as_str()).await?.status, 200);
    drop(streams);
    program.stop().await
}
