//! The sites while a dependency is away: `/healthz`, `/readyz`, and a prompt 503.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use driver::{Browser, Outcome, Setup, until_ok};
use reqwest::StatusCode;
use serde_json::Value;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

use crate::support::{apart, together};

/// Longer than the promised two seconds, because test machines are busy.
const SOON: Duration = Duration::from_secs(15);

async fn ready(setup: &Setup, site: &Url) -> Outcome<(u16, Value)> {
    let request = setup.sites.client()?.get(site.join("readyz")?).timeout(SOON);
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    Ok((status, serde_json::from_slice(&answer.bytes().await?)?))
}

/// Waits until `/readyz` has this answer.
async fn until_ready(setup: &Setup, site: &Url, wanted: bool) -> Outcome<Value> {
    until_ok(&format!("{site} says ready: {wanted}"), async || {
        let (status, body) = ready(setup, site).await?;
        assert_eq!(status == 200, body["ready"] == true, "{status} {body}");
        Ok((body["ready"] == wanted).then_some(body))
    })
    .await
}

#[tokio::test]
async fn readyz_names_the_provider_that_is_away() -> Outcome {
    let setup = apart("provider-away").await?;
    let _agent = setup.serve_site("agent", &[]).await?;
    let agent = &setup.sites.agent;
    let body = until_ready(&setup, agent, false).await?;
    assert_eq!((&body["checks"]["provider"], &body["checks"]["agent"]), (&"away".into(), &"ok".into()), "{body}");
    let alive = setup.sites.client()?.get(agent.join("healthz")?).send().await?;
    assert_eq!((alive.status().as_u16(), alive.text().await?.as_str()), (200, "ok\n"));
    let _tenant = setup.serve_site("tenant", &[]).await?;
    let body = until_ready(&setup, agent, true).await?;
    assert_eq!(body["checks"]["provider"], "ok", "{body}");
    // The identity service depends on no other site.
    let body = until_ready(&setup, &setup.sites.identity, true).await?;
    assert_eq!(body, serde_json::json!({"ready": true, "checks": {"tenant": "ok"}}));
    Ok(())
}

/// A connection between the program and PostgreSQL that can be cut or blocked.
struct Wire {
    address: SocketAddr,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Up,
    Cut,
    Silent,
}

async fn wire(server: SocketAddr) -> Outcome<Wire> {
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let address = socket.local_addr()?;
    let (state, seen) = watch::channel(State::Up);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = socket.accept().await {
            let mut seen = seen.clone();
            tokio::spawn(async move {
                if *seen.borrow() == State::Cut {
                    return;
                }
                let Ok(mut beyond) = TcpStream::connect(server).await else { return };
                loop {
                    let now = *seen.borrow_and_update();
                    tokio::select! {
                        changed = seen.changed() => if changed.is_err() { return },
                        () = std::future::ready(()), if now == State::Cut => return,
                        _ = tokio::io::copy_bidirectional(&mut client, &mut beyond), if now == State::Up => return,
                    }
                }
            });
        }
    });
    Ok(Wire { address, state })
}

/// Puts a wire between the program and its PostgreSQL, if it has one, and returns the server's own address, too.
async fn wired(setup: &mut Setup) -> Outcome<Option<(Wire, Url)>> {
    let Some(url) = setup.setting("DATABASE_URL").filter(|url| !url.is_empty()) else { return Ok(None) };
    let server = Url::parse(url)?;
    let socket = format!("{}:{}", server.host_str().unwrap_or_default(), server.port().unwrap_or(5432)).parse()?;
    let wire = wire(socket).await?;
    let mut url = server.clone();
    url.set_port(Some(wire.address.port())).map_err(|()| "a port")?;
    setup.set("DATABASE_URL", url.as_str());
    Ok(Some((wire, server)))
}

/// Makes a request that waits for a locked table, and then blocks the wire. Returns the status of its answer.
async fn silenced(wire: &Wire, server: &Url, table: &str, request: impl Future<Output = Outcome<u16>>) -> Outcome<u16> {
    sqlx::any::install_default_drivers();
    let mut holder = AnyConnection::connect(server.as_str()).await?;
    let mut lock = holder.begin().await?;
    let sql = format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
    sqlx::query(AssertSqlSafe(sql)).execute(&mut *lock).await?;
    let mut beside = AnyConnection::connect(server.as_str()).await?;
    let block = async {
        let waiting =
            "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_locks WHERE NOT granted AND relation = CAST($1 AS regclass)";
        while sqlx::query_scalar::<_, i64>(waiting).bind(table.to_owned()).fetch_one(&mut beside).await? == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        wire.state.send(State::Silent)?;
        std::future::pending::<Outcome<u16>>().await
    };
    let status = tokio::select! {
        status = request => status?,
        failed = block => failed?,
        () = tokio::time::sleep(SOON * 2) => return Err(format!("no answer while {table} was locked").into()),
    };
    // The statement continues at the server, but nobody waits for its answer.
    lock.rollback().await?;
    Ok(status)
}

async fn says_unavailable(browser: &mut Browser, url: &Url) -> Outcome {
    let page = tokio::time::timeout(SOON, browser.open(url.as_str())).await??;
    assert_eq!(page.status, 503, "{url}: {}", page.text());
    Ok(())
}

/// THREATS.md line 48.
#[tokio::test]
async fn line_48_database_away_is_503_and_comes_back() -> Outcome {
    let mut setup = together("database-away").await?;
    let Some((wire, _)) = wired(&mut setup).await? else { return Ok(()) };
    setup.set("RUST_LOG", "");
    let program = setup.serve().await?;
    let (agent, identity, broker) =
        (setup.sites.agent.clone(), setup.sites.identity.clone(), setup.sites.broker.clone());
    let client = setup.sites.client()?;
    for state in [State::Cut, State::Silent] {
        let mut browser = setup.browser()?;
        for site in [&agent, &identity, &broker] {
            until_ready(&setup, site, true).await?;
        }
        wire.state.send(state)?;
        for site in [&agent, &identity, &broker] {
            let body = until_ready(&setup, site, false).await?;
            assert!(body["checks"].as_object().is_some_and(|checks| checks.values().any(|it| it == "away")), "{body}");
            assert_eq!(client.get(site.join("healthz")?).send().await?.status(), 200);
        }
        says_unavailable(&mut browser, &agent.join("auth/login")?).await?;
        says_unavailable(&mut browser, &identity.join("authorize?client_id=agent&response_type=code")?).await?;
        says_unavailable(&mut browser, &broker.join("stocks/WAYNE")?).await?;
        let form = [("grant_type", "client_credentials"), ("client_id", "agent"), ("client_secret", "x")];
        for request in [
            client.get(broker.join("api/stocks")?),
            client.post(identity.join("oauth/token")?).form(&form),
            client.post(agent.join("ciba/ping")?).bearer_auth("x"),
        ] {
            let answer = request.timeout(SOON).send().await?;
            assert_eq!(answer.status(), 503, "{}", answer.url());
            assert!(answer.headers().contains_key("retry-after"), "{answer:?}");
        }
        wire.state.send(State::Up)?;
    }
    let mut browser = setup.browser()?;
    for site in [&agent, &identity, &broker] {
        until_ready(&setup, site, true).await?;
    }
    browser.log_in(&setup.sites, driver::ALICE).await?;
    program.stop().await
}

/// A statement is running when PostgreSQL falls silent: a stopped process, or a network that drops packets.
/// THREATS.md line 48.
#[tokio::test]
async fn line_48_silent_database_cuts_running_statements() -> Outcome {
    let mut setup = together("database-silent").await?;
    let Some((wire, server)) = wired(&mut setup).await? else { return Ok(()) };
    setup.set("RUST_LOG", "");
    setup.set("MARKET_TICK_MS", "200");
    let program = setup.serve().await?;
    let (agent, identity, broker) =
        (setup.sites.agent.clone(), setup.sites.identity.clone(), setup.sites.broker.clone());
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, driver::ALICE).await?;
    browser.open(broker.join("auth/login?returnTo=/stocks/WAYNE")?.as_str()).await?;
    let review = browser.page()?.form_with("quantity")?;
    browser.submit(&review, &[("quantity", "1")], None).await?;
    let place = browser.page()?.form_with("key")?;
    let mut prices = browser.stream(broker.join("api/prices")?.as_str()).await?;
    let heard = Arc::new(AtomicU64::new(0));
    let listener = tokio::spawn({
        let heard = heard.clone();
        async move {
            while let Ok(Some(_)) = prices.chunk().await {
                heard.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    for (table, site) in [("broker.orders", &broker), ("tenant.session", &identity), ("agent.session", &agent)] {
        until_ready(&setup, site, true).await?;
        let request = async {
            let page = match table {
                "broker.orders" => browser.submit(&place, &[], None).await?,
                "tenant.session" => browser.open(identity.join("approvals")?.as_str()).await?,
                _ => browser.open(agent.join("accounts")?.as_str()).await?,
            };
            assert!(page.text().contains("may have been saved or not"), "{}", page.text());
            Outcome::Ok(page.status.as_u16())
        };
        assert_eq!(silenced(&wire, &server, table, request).await?, 503, "{table}");
        let body = until_ready(&setup, site, false).await?;
        assert!(body["checks"].as_object().is_some_and(|checks| checks.values().any(|it| it == "away")), "{body}");
        wire.state.send(State::Up)?;
    }
    for site in [&agent, &identity, &broker] {
        until_ready(&setup, site, true).await?;
    }
    // The open stream continues.
    let before = heard.load(Ordering::Relaxed);
    until_ok("more prices", async || {
        assert!(!listener.is_finished(), "the stream of prices ended");
        Ok((heard.load(Ordering::Relaxed) >= before + 3).then_some(()))
    })
    .await?;
    // The order that was cut off wasn't placed, and its repetition places it once.
    let mut beside = AnyConnection::connect(server.as_str()).await?;
    let mut orders = async || {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM broker.orders";
        Outcome::Ok(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut beside).await?)
    };
    assert_eq!(orders().await?, 0);
    browser.open(broker.join("stocks/WAYNE")?.as_str()).await?;
    for _ in 0..2 {
        let page = browser.submit(&place, &[], None).await?;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    }
    assert_eq!(orders().await?, 1);
    listener.abort();
    program.stop().await
}
