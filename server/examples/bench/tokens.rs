//! Tokens: requests a second that the identity service and `/mcp` answer on one core, compared with that core's signing
//! rate. With `taskset`, the program and the load have a core each.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use driver::{ALICE, Agent, Browser, Outcome, Setup};
use foundation::jwt::{Signing, SigningKey};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::process::Command;

use super::{say, target};

/// Numbers of concurrent requests.
const AT_ONCE: [usize; 2] = [16, 64];
/// How long each is measured, after half of this for warming up.
const TIME: Duration = Duration::from_secs(4);
/// Number of apps at `/mcp`, and the calls from one before the next takes over, because the program rate-limits each.
const APPS: usize = 100;
const EACH: usize = 55;
const REDIRECT: &str = "http://127.0.0.1:9/callback";

/// The measurements of one kind of request.
struct Measured {
    rate: f64,
    times: Vec<Duration>,
}

/// A row: the name, and a measurement for each number in [`AT_ONCE`].
type Row = (&'static str, Vec<Measured>);

pub(crate) async fn bench() -> Outcome {
    let before = signing_rates().await?;
    let mut setup = Setup::together(&pinned()?, &target().join("bench-logs"), "tokens").await?;
    setup.set("RUST_LOG", "warn");
    setup.set("MARKET_TICK_MS", "2000");
    let me = setup.sites.identity.join("me/")?;
    setup.set("ES256_APIS", me.as_str());
    let program = setup.serve().await?;
    let rows = measure(&setup, me.as_str()).await?;
    program.stop().await?;
    // Another program may have disturbed one of the two measurements, so the better one counts.
    let after = signing_rates().await?;
    print(&[0, 1].map(|kind| before[kind].max(after[kind])), &rows);
    Ok(())
}

async fn measure(setup: &Setup, me: &str) -> Outcome<Vec<Row>> {
    let sites = &setup.sites;
    let mut browser = setup.browser()?;
    browser.log_in(sites, ALICE).await?;
    browser.connect(sites).await?;
    let secret = setup.shared_secret("AGENT_CLIENT_SECRET")?;
    let agent = Agent::new(sites, "agent", secret.clone(), browser.secrets().clone())?;
    let refresh = agent.refresh_token(&mut browser, ALICE).await?;
    let token = sites.identity.join("oauth/token")?;
    let http = sites.client()?;
    let own = [("client_id", "agent"), ("client_secret", secret.as_str())];
    let ask = |url: &url::Url, form: &[(&str, &str)]| http.post(url.clone()).form(&[form, &own[..]].concat());

    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let first: Value = ask(&token, &form).send().await?.error_for_status()?.json().await?;
    let access = first["access_token"].as_str().ok_or("no access token")?;
    if !first["id_token"].is_string() {
        return Err("the refresh brings no id token, so it isn't two signatures".into());
    }
    let mut rows = vec![("refresh, RS256 (two signatures)", load(&ask(&token, &form)).await?)];
    let form = [&form[..], &[("audience", me), ("scope", "read:me:connected_accounts")]].concat();
    rows.push(("refresh, ES256 (one signature)", load(&ask(&token, &form)).await?));
    rows.push(("CIBA poll", load(&ask(&token, &poll(&agent, &first).await?.pairs())).await?));
    let introspect = sites.identity.join("oauth/introspect")?;
    rows.push(("introspection", load(&ask(&introspect, &[("token", access)])).await?));

    let mut apps = Vec::new();
    for _ in 0..APPS {
        apps.push(App::new(setup, &mut browser).await?);
    }
    let mut calls = Vec::new();
    for (round, at_once) in AT_ONCE.into_iter().enumerate() {
        let half = APPS / AT_ONCE.len();
        let apps = apps.get(round * half..(round + 1) * half).unwrap_or_default();
        let tools = |number: usize| tool(&http, sites.agent.as_str(), &apps[number % apps.len()].access);
        calls.push(many(at_once, Stop::After(apps.len() * EACH), tools).await?);
    }
    rows.push(("MCP tools/call (token checked, price asked)", calls));
    rows.push(("refresh that rotates, RS256", rotations(setup, apps).await?));
    if let Some((_node, url)) = typescript().await? {
        rows.push(("TypeScript SDK's trivial tool, no check", load(&tool(&http, &url, "none")).await?));
    }
    Ok(rows)
}

/// A pending approval request.
async fn poll(agent: &Agent, tokens: &Value) -> Outcome<Poll> {
    let claims = tokens["access_token"].as_str().and_then(|token| token.split('.').nth(1)).unwrap_or_default();
    let claims = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, claims)?;
    let subject = serde_json::from_slice::<Value>(&claims)?["sub"].as_str().unwrap_or_default().to_owned();
    let details = json!({"type": "stock_order", "symbol": "WAYNE", "side": "BUY", "quantity": 1, "limit": "900.00",
        "currency": "USD"});
    Ok(Poll(agent.ask(&subject, &details, &[("agent_message", "One share, please.")]).await?.get("auth_req_id")?))
}

struct Poll(String);

impl Poll {
    fn pairs(&self) -> [(&str, &str); 2] {
        [("grant_type", "urn:openid:params:grant-type:ciba"), ("auth_req_id", &self.0)]
    }
}

/// An app that registered itself and that the person allowed at `/mcp`.
struct App {
    agent: Agent,
    access: String,
    refresh: String,
}

impl App {
    async fn new(setup: &Setup, browser: &mut Browser) -> Outcome<Self> {
        let sites = &setup.sites;
        let metadata = json!({"client_name": "Load", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"]});
        let request = sites.client()?.post(sites.identity.join("oidc/register")?).json(&metadata);
        let client: Value = request.send().await?.error_for_status()?.json().await?;
        let id = client["client_id"].as_str().ok_or("no client_id")?;
        let agent = Agent::new(sites, id, String::new(), browser.secrets().clone())?.public();
        let mcp = sites.agent.join("mcp")?;
        let scope = [("scope", "openid offline_access portfolio:read trade:read"), ("resource", mcp.as_str())];
        let issuer = sites.identity.clone();
        let tokens = agent.authorize(browser, &issuer, REDIRECT, &scope, ALICE).await?;
        Ok(Self { access: tokens.get("access_token")?, refresh: tokens.get("refresh_token")?, agent })
    }
}

fn tool(http: &reqwest::Client, site: &str, token: &str) -> RequestBuilder {
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "get_stock_price", "arguments": {"symbol": "WAYNE"}}});
    http.post(format!("{site}mcp"))
        .bearer_auth(token)
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .json(&call)
}

/// Each app repeatedly refreshes its own token.
async fn rotations(setup: &Setup, apps: Vec<App>) -> Outcome<Vec<Measured>> {
    let issuer = &setup.sites.identity;
    let mut lanes: Vec<App> = apps;
    let mut all = Vec::new();
    for at_once in AT_ONCE {
        let began = Instant::now();
        let running = lanes.split_off(lanes.len().saturating_sub(at_once)).into_iter().map(async |mut app| {
            let mut times = Vec::new();
            while began.elapsed() < TIME {
                let asked = Instant::now();
                let form = [("grant_type", "refresh_token"), ("refresh_token", app.refresh.as_str())];
                app.refresh = app.agent.token(issuer, &form).await?.get("refresh_token")?;
                times.push(asked.elapsed());
            }
            Outcome::Ok((app, times))
        });
        let mut times = Vec::new();
        for done in futures::future::join_all(running).await {
            let (app, taken) = done?;
            lanes.push(app);
            times.extend(taken);
        }
        all.push(measured(times, began.elapsed()));
    }
    Ok(all)
}

/// The same request, for each concurrency in [`AT_ONCE`].
async fn load(request: &RequestBuilder) -> Outcome<Vec<Measured>> {
    let same = |_: usize| request.try_clone().expect("a request without a stream can be cloned");
    let mut all = Vec::new();
    for at_once in AT_ONCE {
        many(at_once, Stop::Time(TIME / 2), same).await?;
        all.push(many(at_once, Stop::Time(TIME), same).await?);
    }
    Ok(all)
}

#[derive(Clone, Copy)]
enum Stop {
    Time(Duration),
    After(usize),
}

async fn many(at_once: usize, stop: Stop, request: impl Fn(usize) -> RequestBuilder) -> Outcome<Measured> {
    let (began, next) = (Instant::now(), AtomicUsize::new(0));
    let lanes = (0..at_once).map(async |_| {
        let mut times = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let over = match stop {
                Stop::Time(time) => began.elapsed() >= time,
                Stop::After(count) => number >= count,
            };
            if over {
                return Outcome::Ok(times);
            }
            let asked = Instant::now();
            let answer = request(number).send().await?;
            let status = answer.status();
            let body = answer.bytes().await?;
            // A poll is answered with 400, because the person hasn't decided.
            let is_poll = status == 400
                && (body.starts_with(b"{\"error\":\"authorization_pending\"") || holds(&body, b"slow_down"));
            if !status.is_success() && !is_poll || holds(&body, b"\"isError\":true") {
                return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
            }
            times.push(asked.elapsed());
        }
    });
    let mut times = Vec::new();
    for lane in futures::future::join_all(lanes).await {
        times.extend(lane?);
    }
    Ok(measured(times, began.elapsed()))
}

fn holds(body: &[u8], text: &[u8]) -> bool {
    body.windows(text.len()).any(|part| part == text)
}

fn measured(times: Vec<Duration>, taken: Duration) -> Measured {
    Measured { rate: f64::from(u32::try_from(times.len()).unwrap_or(u32::MAX)) / taken.as_secs_f64(), times }
}

/// Signatures a second on the program's core, with RSA-2048 and with P-256. Measured in a process of its own that is
/// pinned there.
async fn signing_rates() -> Outcome<[f64; 2]> {
    let bench = std::env::current_exe()?;
    let mut command = if is_pinned() { Command::new("taskset") } else { Command::new(&bench) };
    if is_pinned() {
        command.args(["-c", "0"]).arg(&bench);
    }
    let output = command.arg("signing").output().await?;
    let said = String::from_utf8(output.stdout)?;
    let mut rates = said.split_whitespace().map(str::parse);
    match (rates.next(), rates.next()) {
        (Some(rsa), Some(p256)) => Ok([rsa?, p256?]),
        _ => Err("the signing rates can't be measured".into()),
    }
}

/// Signs for a second with each kind of key, and prints the rates.
pub(crate) fn signing() -> Outcome {
    let claims = json!({"iss": "http://localhost:3001/", "aud": "http://localhost:3000/mcp", "sub": "usr_1", "exp": 1});
    let mut rates = Vec::new();
    for signing in [Signing::Rs256, Signing::Es256] {
        let (key, _) = SigningKey::generate_for(signing)?;
        let (mut count, began) = (0_u32, Instant::now());
        while began.elapsed() < Duration::from_secs(2) {
            key.sign("at+jwt", &claims)?;
            count += 1;
        }
        rates.push(f64::from(count) / began.elapsed().as_secs_f64());
    }
    say(&rates.iter().map(|rate| format!("{rate:.0}")).collect::<Vec<_>>().join(" "));
    Ok(())
}

/// Whether `taskset` exists, and a second core for the load.
fn is_pinned() -> bool {
    let has_taskset = std::process::Command::new("taskset").arg("-V").output().is_ok_and(|it| it.status.success());
    has_taskset && PathBuf::from("/sys/devices/system/cpu/cpu1").exists()
}

/// The program, pinned to the first core.
fn pinned() -> Outcome<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let binary = std::env::var_os("MANDATE").map_or_else(|| target().join("release/mandate"), PathBuf::from);
    if !is_pinned() {
        return Ok(binary);
    }
    let script = target().join("bench-logs/pinned");
    std::fs::create_dir_all(target().join("bench-logs"))?;
    let binary = std::path::absolute(binary)?;
    std::fs::write(&script, format!("#!/bin/sh\nexec taskset -c 0 '{}' \"$@\"\n", binary.display()))?;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
    Ok(script)
}

/// The TypeScript SDK's server with one trivial tool, if `scripts/bench` installed it, and its address.
async fn typescript() -> Outcome<Option<(tokio::process::Child, String)>> {
    let folder = target().join("bench-node");
    if !folder.join("node_modules/@modelcontextprotocol/sdk").exists() {
        return Ok(None);
    }
    let port = driver::free_port()?;
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/bench/trivial.mjs");
    let script = folder.join("trivial.mjs");
    std::fs::copy(source, &script)?;
    let mut command = if is_pinned() { Command::new("taskset") } else { Command::new("node") };
    if is_pinned() {
        command.args(["-c", "0", "node"]);
    }
    let child = command.arg(&script).arg(port.to_string()).kill_on_drop(true).spawn()?;
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(Some((child, format!("http://127.0.0.1:{port}/"))));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("the TypeScript server doesn't listen".into())
}

fn print([rsa, p256]: &[f64; 2], rows: &[Row]) {
    let how = if is_pinned() {
        "a core each for the program and the load"
    } else {
        "not pinned: taskset or a second core is missing"
    };
    say(&format!("\nTokens, {how}. One core signs {rsa:.0} times a second by RSA-2048, {p256:.0} by P-256.\n"));
    let [few, lots] = AT_ONCE;
    say(&format!(
        "| {:<44} | {few:>3} at once: a second | p50, p99 | {lots} at once: a second | p50, p99 |",
        "measured"
    ));
    say("|---|---:|---:|---:|---:|");
    for (what, measured) in rows {
        let cells: Vec<String> = measured
            .iter()
            .map(|it| format!("{:.0} | {}, {}", it.rate, super::ms(&it.times, 50), super::ms(&it.times, 99)))
            .collect();
        say(&format!("| {what} | {} |", cells.join(" | ")));
    }
    let rate = |name: &str| {
        rows.iter().find(|(what, _)| what.starts_with(name)).and_then(|(_, all)| all.first()).map_or(0.0, |it| it.rate)
    };
    let spread = |name: &str| {
        let measured = rows.iter().find(|(what, _)| what.starts_with(name)).and_then(|(_, all)| all.first());
        let [p50, p99] = [50, 99].map(|percentile| measured.and_then(|it| super::at(&it.times, percentile)));
        p99.zip(p50).map_or(f64::NAN, |(p99, p50)| p99.as_secs_f64() / p50.as_secs_f64())
    };
    say(&format!(
        "\nAt {few} at once: RS256 refresh at {:.0} % of half the signing rate (aim 80 %), its p99 {:.1} times its p50 (aim \
         below 5), ES256 refresh at {:.0} % of the CIBA poll (aim 80 %).",
        100.0 * rate("refresh, RS256") / (rsa / 2.0),
        spread("refresh, RS256"),
        100.0 * rate("refresh, ES256") / rate("CIBA poll"),
    ));
    let node = rate("TypeScript");
    if node > 0.0 {
        say(&format!("MCP tools/call: {:.1} times the TypeScript SDK's trivial tool (aim 3).", rate("MCP") / node));
    } else {
        say("The TypeScript SDK wasn't measured: it needs Node.js and npm.");
    }
}
