//! The market: prices move automatically and survive restarts.

use std::time::Duration;

use axum::http::StatusCode;
use broker::{Broker, Config};
use foundation::{CancellationToken, axum, clock::Clock, parts::Parts};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use world::until;

use crate::stage::Stage;

/// Timeout, longer than any answer takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

async fn prices(stage: &Stage) -> Vec<(String, i64, i64)> {
    sqlx::query_as("SELECT symbol, price, tick FROM stock ORDER BY symbol").fetch_all(stage.db()).await.unwrap()
}

#[tokio::test]
async fn stocks_start_at_a_hundred_with_their_names() {
    let stage = Stage::start().await;
    let stocks = stage.get("/api/stocks").await;
    assert_eq!((stocks.status, stocks.header("access-control-allow-origin")), (StatusCode::OK, "*"));
    let stocks = stocks.json()["stocks"].as_array().unwrap().clone();
    assert!(stocks.len() >= 12);
    for stock in &stocks {
        assert_eq!((&stock["price"], &stock["open"]), (&json!("100.00"), &json!("100.00")));
        let path = format!("/api/stocks/{}", stock["symbol"].as_str().unwrap());
        assert_eq!(stage.get(&path).await.json(), *stock);
    }
    for (symbol, name) in
        [("WAYNE", "Wayne Enterprises"), ("STARK", "Stark Industries"), ("LEX", "LexCorp"), ("OSC", "Oscorp")]
    {
        assert!(stocks.iter().any(|stock| stock["symbol"] == symbol && stock["name"] == name), "{symbol}");
    }
    let found = stage.get("/api/stocks/search?q=industries").await.json();
    let found: Vec<&Value> = found["stocks"].as_array().unwrap().iter().map(|stock| &stock["symbol"]).collect();
    assert_eq!(found, ["STARK", "WONKA"]);
    assert_eq!(stage.get("/api/ping").await.json(), json!({"status": "ok"}));
    for (path, status) in [
        ("/api/stocks/NOPE", StatusCode::NOT_FOUND),
        ("/api/stocks/wayne", StatusCode::NOT_FOUND),
        ("/api/stocks/NOPE/history", StatusCode::NOT_FOUND),
        ("/api/stocks/WAYNE/history?range=ever", StatusCode::BAD_REQUEST),
        ("/api/prices?symbols=WAYNE,NOPE", StatusCode::NOT_FOUND),
        ("/api/nothing", StatusCode::NOT_FOUND),
        ("/api", StatusCode::NOT_FOUND),
    ] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(!answer.error().is_empty(), "{path}");
    }
    let slash = stage.get("/api/stocks/WAYNE/").await;
    assert_eq!((slash.status, slash.header("location")), (StatusCode::PERMANENT_REDIRECT, "/api/stocks/WAYNE"));
}

#[tokio::test]
async fn the_walk_goes_on_after_a_restart() {
    let (straight, restarted) = (Stage::start().await, Stage::start().await);
    for _ in 0..20 {
        straight.broker.market().tick().await.unwrap();
    }
    for _ in 0..10 {
        restarted.broker.market().tick().await.unwrap();
    }
    let before = prices(&restarted).await;
    let again = Broker::start(restarted.config.clone(), restarted.parts.clone()).await.unwrap();
    assert_eq!(prices(&restarted).await, before, "a start moves no price");
    for _ in 0..10 {
        again.market().tick().await.unwrap();
    }
    let after = prices(&restarted).await;
    assert_eq!(after, prices(&straight).await);
    assert!(after.iter().zip(&before).filter(|(now, then)| now.1 != then.1).count() > 6, "{after:?}");
    // Another seed gives another market.
    let other = Stage::with(|config| config.seed = 43).await;
    for _ in 0..20 {
        other.broker.market().tick().await.unwrap();
    }
    assert_ne!(prices(&other).await, after);
}

#[tokio::test]
async fn two_programs_on_one_database_move_each_price_once_a_tick() {
    let stage = Stage::start().await;
    let other = Broker::start(stage.config.clone(), stage.parts.clone()).await.unwrap();
    for _ in 0..5 {
        let (one, two) = futures::future::join(stage.broker.market().tick(), other.market().tick()).await;
        one.unwrap();
        two.unwrap();
    }
    let now = prices(&stage).await;
    let ticks: Vec<i64> = now.iter().map(|(_, _, tick)| *tick).collect();
    assert!(ticks.iter().all(|tick| (5..=10).contains(tick)), "{ticks:?}");
    // The stored prices equal the walk after as many ticks: no step was lost or taken twice.
    let straight = Stage::start().await;
    for _ in 0..*ticks.iter().max().unwrap() {
        straight.broker.market().tick().await.unwrap();
        for (symbol, price, tick) in prices(&straight).await {
            if let Some(stored) = now.iter().find(|stored| stored.0 == symbol && stored.2 == tick) {
                assert_eq!(stored.1, price, "{symbol}");
            }
        }
    }
}

#[tokio::test]
async fn line_66_one_of_two_programs_moves_the_market() {
    let stage = Stage::start().await;
    let config = Config { tick_ms: 100, ..stage.config.clone() };
    let start = async |ahead_ms| {
        let clock = Clock::system();
        clock.set_system(ahead_ms);
        let parts = Parts { shutdown: CancellationToken::new(), clock, ..stage.parts.clone() };
        let broker = Broker::start(config.clone(), parts.clone()).await.unwrap();
        (broker, parts.shutdown)
    };
    let ticks = async || stage.count("SELECT MIN(tick) FROM stock").await;
    let reaches = async |wanted: i64| {
        until("prices move", async || (ticks().await >= wanted).then_some(())).await;
    };
    let (_first, stop_first) = start(0).await;
    reaches(2).await;
    // A differing clock doesn't take the lease.
    let (second, _stop) = start(3_600_000).await;
    // The second program shows what the first stores.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let routes = second.routes(|message| message.title.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let prices = stage.parts.http.client().get(format!("http://{at}/api/prices?symbols=WAYNE")).send().await.unwrap();
    let began = (std::time::Instant::now(), ticks().await);
    let events = prices.bytes_stream().take(6).count();
    assert_eq!(tokio::time::timeout(LONG, events).await.expect("it tells them"), 6);
    // In this order, so that a pause of this task only makes the bound larger.
    let moved = ticks().await - began.1;
    let took = began.0.elapsed().as_millis();
    assert!(moved <= i64::try_from(took / 100 + 2).unwrap(), "{moved} ticks of 100 ms in {took} ms");
    // When one stops or is killed, another continues.
    stop_first.cancel();
    reaches(ticks().await + 3).await;
    let cut = "UPDATE lease SET owner = 'killed'";
    sqlx::query(cut).execute(stage.db()).await.unwrap();
    reaches(ticks().await + 3).await;
}

#[tokio::test]
async fn line_66_dead_holder_with_a_clock_ahead_is_replaced() {
    let stage = Stage::start().await;
    let far = stage.parts.clock.now() + 24 * 3_600_000;
    sqlx::query("INSERT INTO lease (name, owner, renewed_at) VALUES ('market', 'another', $1)")
        .bind(far)
        .execute(stage.db())
        .await
        .unwrap();
    let config = Config { tick_ms: 50, ..stage.config.clone() };
    let _running = Broker::start(config, stage.parts.clone()).await.unwrap();
    until("prices move", async || (stage.count("SELECT MIN(tick) FROM stock").await >= 2).then_some(())).await;
    stage.parts.shutdown.cancel();
}

#[tokio::test]
async fn prices_move_by_themselves_until_the_program_stops() {
    let stage = Stage::with(|config: &mut Config| config.tick_ms = 20).await;
    until("they move", async || (stage.count("SELECT MIN(tick) FROM stock").await >= 3).then_some(())).await;
    stage.parts.shutdown.cancel();
    // The last thing that the market does.
    let is_released = async || (stage.count("SELECT COUNT(*) FROM lease").await == 0).then_some(());
    until("its lease is released", is_released).await;
}

#[tokio::test]
async fn prices_are_sent_as_they_move() {
    let stage = Stage::start().await;
    let request = stage.request(Method::GET, "/api/prices?symbols=WAYNE,LEX");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    let mut chunks = answer.bytes_stream();
    let mut text = String::new();
    let mut quotes = async |count: usize| {
        let read = async {
            while text.matches("\n\n").count() < count {
                let chunk = chunks.next().await.expect("the stream is open").unwrap();
                text.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        };
        tokio::time::timeout(LONG, read).await.expect("prices come");
        let quotes = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let quotes: Vec<Value> = quotes.map(|json| serde_json::from_str(json).unwrap()).collect();
        text.clear();
        quotes
    };
    let first = quotes(2).await;
    let symbols: Vec<&Value> = first.iter().map(|quote| &quote["symbol"]).collect();
    assert_eq!(symbols, ["LEX", "WAYNE"]);
    assert_eq!(first[0]["price"], "100.00");
    stage.set_price("LEX", 20_000).await;
    stage.broker.market().tick().await.unwrap();
    let next = quotes(2).await;
    let cents = |quote: &Value| quote["price"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    assert!((19_900..=20_100).contains(&cents(&next[0])), "{next:?}");
    assert_eq!(next[0].as_object().unwrap().keys().collect::<Vec<_>>(), ["open", "price", "symbol", "updatedAt"]);
    // The program closes its streams when it stops, or it would wait for them forever.
    stage.parts.shutdown.cancel();
    let end = tokio::time::timeout(LONG, chunks.next()).await.expect("the stream ends");
    assert!(end.is_none(), "{end:?}");
}

#[tokio::test]
async fn stream_without_symbols_sends_all_prices() {
    let stage = Stage::start().await;
    let mut chunks = stage.request(Method::GET, "/api/prices").send().await.unwrap().bytes_stream();
    let mut text = String::new();
    while text.matches("\n\n").count() < 12 {
        let chunk = tokio::time::timeout(LONG, chunks.next()).await.expect("prices come");
        text.push_str(std::str::from_utf8(&chunk.unwrap().unwrap()).unwrap());
    }
    assert!(text.contains("\"WAYNE\"") && text.contains("\"TYRELL\""), "{text}");
}

#[tokio::test]
async fn a_history_stays_bounded_and_ends_with_the_price_now() {
    const MINUTE: i64 = 60_000;
    let stage = Stage::start().await;
    // Two prices in each minute for five hours, of which only the last hour is kept in full.
    stage.parts.clock.advance(MINUTE - stage.parts.clock.now() % MINUTE + 2_000);
    for _ in 0..300 {
        stage.parts.clock.advance(MINUTE);
        stage.broker.market().tick().await.unwrap();
        stage.parts.clock.advance(10);
        stage.broker.market().tick().await.unwrap();
    }
    let full = stage.count("SELECT COUNT(*) FROM price WHERE symbol = 'WAYNE' AND level = 0").await;
    let minutes = stage.count("SELECT COUNT(*) FROM price WHERE symbol = 'WAYNE' AND level = 1").await;
    let hours = stage.count("SELECT COUNT(*) FROM price WHERE symbol = 'WAYNE' AND level = 2").await;
    assert!((59..=95).contains(&full), "{full}");
    assert!((290..=300).contains(&minutes), "{minutes}");
    assert!((5..=7).contains(&hours), "{hours}");
    for (range, at_least) in [("hour", 60), ("day", 120), ("month", 120), ("year", 120)] {
        let history = stage.get(&format!("/api/stocks/WAYNE/history?range={range}")).await.json();
        let points = history["points"].as_array().unwrap();
        assert!((at_least..=240).contains(&points.len()), "{range}: {}", points.len());
        let now = stage.get("/api/stocks/WAYNE").await.json();
        assert_eq!(points.last().unwrap()["value"], now["price"]);
        let times: Vec<&str> = points.iter().map(|point| point["at"].as_str().unwrap()).collect();
        assert!(times.is_sorted(), "{times:?}");
    }
    // A year later, only new prices are left.
    stage.parts.clock.advance(367 * 24 * 60 * MINUTE);
    for _ in 0..60 {
        stage.broker.market().tick().await.unwrap();
    }
    let old = stage.count("SELECT COUNT(*) FROM price WHERE symbol = 'WAYNE' AND level > 0").await;
    assert!(old <= 2, "{old}");
}

#[tokio::test]
async fn a_new_day_opens_at_the_last_price() {
    let stage = Stage::start().await;
    stage.set_price("WAYNE", 12_345).await;
    stage.parts.clock.advance(24 * 60 * 60_000);
    stage.broker.market().tick().await.unwrap();
    let stock = stage.get("/api/stocks/WAYNE").await.json();
    assert_eq!(stock["open"], "123.45");
    stage.parts.clock.advance(1);
    stage.broker.market().tick().await.unwrap();
    assert_eq!(stage.get("/api/stocks/WAYNE").await.json()["open"], "123.45");
}
