//! The workshop: each step turns green because of what happened, a step done wrongly says what is missing, and the
//! requests are those of the reference recording.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod breaks;
mod own;
mod wrong;

use std::collections::BTreeSet;

use app::agent::workshop::recording::{self, Party};
use driver::Browser;
use serde_json::{Value, json};
use world::{ALICE, BOB, Front, Seen, World};

/// The step's page, in words.
async fn page(world: &World, browser: &mut Browser, step: usize) -> String {
    browser.open(&world.agent_site().at(&format!("workshop/{step}"))).await.unwrap().text()
}

/// Waits until the step says this, while turns go on.
async fn until(world: &World, browser: &mut Browser, step: usize, words: &str) {
    let says = async || page(world, browser, step).await.contains(words).then_some(());
    world::until(&format!("step {step} says «{words}»"), says).await;
}

const GREEN: &str = "Done ,";

async fn say(world: &World, browser: &mut Browser, text: &str) {
    browser.say(&world.sites(), text).await.unwrap();
}

/// Decides the request that waits, as soon as the identity service has it.
async fn decide(world: &World, browser: &mut Browser, decision: &str) {
    let waiting = async || world.waiting().await.pop();
    let page = world::until("the request is there", waiting).await;
    browser.decide(&page, decision).await.unwrap();
}

/// Submits the form of the open page that goes to this path.
async fn submit(browser: &mut Browser, action: &str, fill: &[(&str, &str)]) {
    let page = browser.page().unwrap();
    let form = driver::html::forms(&page.body).into_iter().find(|form| form.action.ends_with(action)).unwrap();
    browser.submit(&form, fill, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_does_every_step() {
    let world = World::start().await;
    let mut browser = world.browser();
    let browser = &mut browser;
    let mut differs = String::new();

    // 1. The ordinary chat has tools, so it doesn't count.
    assert!(page(&world, browser, 1).await.contains("You haven’t asked without tools yet"));
    say(&world, browser, "Who am I?").await;
    until(&world, browser, 3, "You asked before you logged in").await;
    assert!(page(&world, browser, 1).await.contains("You haven’t asked without tools yet"));
    world.forget();
    submit(browser, "/workshop/ask", &[("text", "Who am I? What is WAYNE worth?")]).await;
    until(&world, browser, 1, GREEN).await;
    differs += &recorded(&world, 1);

    // 2. A stock that isn't there has no price.
    assert!(page(&world, browser, 2).await.contains("No price was asked for"));
    say(&world, browser, "What is the price of NOSUCH?").await;
    until(&world, browser, 2, "StockTrade had none").await;
    world.forget();
    say(&world, browser, "What is the price of WAYNE?").await;
    until(&world, browser, 2, GREEN).await;
    differs += &recorded(&world, 2);

    // 3.
    assert!(page(&world, browser, 4).await.contains("You aren’t logged in"));
    world.forget();
    browser.log_in(&world.sites(), ALICE).await.unwrap();
    assert!(page(&world, browser, 3).await.contains("You asked before you logged in"), "what she asked then is hers");
    say(&world, browser, "Who am I?").await;
    until(&world, browser, 3, GREEN).await;
    differs += &recorded(&world, 3);

    // 4.
    assert!(page(&world, browser, 4).await.contains("Your StockTrade account isn’t connected"));
    world.forget();
    browser.connect(&world.sites()).await.unwrap();
    assert!(page(&world, browser, 4).await.contains("Now ask for your portfolio"));
    say(&world, browser, "Show my portfolio").await;
    until(&world, browser, 4, "Now press “Try to buy with this token”").await;
    submit(browser, "/workshop/try", &[]).await;
    assert!(browser.page().unwrap().text().contains(GREEN), "{}", browser.page().unwrap().text());
    assert_eq!(world.orders().await, 0, "the token only reads");
    differs += &recorded(&world, 4);

    // 5. An app, which only knows the address.
    assert!(page(&world, browser, 7).await.contains("leave the step out"));
    assert!(page(&world, browser, 5).await.contains("No app has called /mcp for you yet"));
    world.forget();
    let token = app(&world, browser).await;
    mcp(&world, &token, "tools/list", json!({})).await;
    until(&world, browser, 5, "hasn’t read your portfolio").await;
    assert!(page(&world, browser, 7).await.contains("hasn’t used a tool for you"));
    mcp(&world, &token, "tools/call", json!({ "name": "get_portfolio", "arguments": {} })).await;
    until(&world, browser, 5, "by Reader's app").await;
    differs += &recorded(&world, 5);
    // 7. The app isn't the workshop's own.
    until(&world, browser, 7, "by Reader's app").await;

    // 6. A denial isn't an order.
    assert!(page(&world, browser, 6).await.contains("No order was asked for"));
    say(&world, browser, "Buy 5 WAYNE").await;
    until(&world, browser, 6, "Your order waits").await;
    decide(&world, browser, "deny").await;
    until(&world, browser, 6, "You denied the last order").await;
    world.clock.advance(1_000);
    world.forget();
    say(&world, browser, "Buy 4 WAYNE").await;
    until(&world, browser, 6, "Your order waits").await;
    decide(&world, browser, "approve").await;
    until(&world, browser, 6, GREEN).await;
    assert_eq!(world.orders().await, 1);
    differs += &recorded(&world, 6);

    // *Start again*: earlier steps don't count, and the account stays connected.
    world.clock.advance(1_000);
    page(&world, browser, 4).await;
    submit(browser, "/workshop/again", &[]).await;
    for (step, missing) in [
        (1, "You haven’t asked without tools yet"),
        (2, "No price"),
        (3, "Now ask “Who am I?”"),
        (4, "Now ask for your portfolio"),
        (6, "No order"),
    ] {
        let text = page(&world, browser, step).await;
        assert!(text.contains(missing), "{step}: {text}");
    }

    // Disconnects the account.
    browser.open(&world.agent_site().at("workshop/end")).await.unwrap();
    submit(browser, "/workshop/end", &[]).await;
    assert!(page(&world, browser, 4).await.contains("Your StockTrade account isn’t connected"));
    assert!(differs.is_empty(), "{differs}");
}

/// Registers an app, and lets the reader consent. Returns its token.
async fn app(world: &World, browser: &mut Browser) -> String {
    let http = world.http();
    let bare =
        http.client().post(world.agent_site().at("mcp")).json(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
    assert_eq!(bare.send().await.unwrap().status(), 401);
    let back = "http://127.0.0.1:5555/callback";
    let wanted =
        json!({ "client_name": "Reader's app", "redirect_uris": [back], "token_endpoint_auth_method": "none" });
    let register = http.client().post(world.identity_site().at("oidc/register")).json(&wanted);
    let client: Value = register.send().await.unwrap().json().await.unwrap();
    let (client, resource) = (client["client_id"].as_str().unwrap(), world.agent_site().at("mcp"));
    // RFC 7636, Appendix B.
    let (verifier, challenge) =
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let mut url: url::Url = world.identity_site().at("authorize").parse().unwrap();
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", back),
        ("scope", "portfolio:read"),
        ("resource", &resource),
        ("state", "state-of-the-app"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]);
    browser.open(url.as_str()).await.unwrap();
    let allow = ("decision", "allow");
    let form = browser.page().unwrap().form_to(allow).unwrap();
    let came = browser.submit_until(&form, &[], Some(allow), back).await.unwrap();
    let code = driver::in_query(&came, "code").unwrap();
    let exchange = http.client().post(world.identity_site().at("oauth/token")).form(&[
        ("grant_type", "authorization_code"),
        ("client_id", client),
        ("redirect_uri", back),
        ("code", &code),
        ("code_verifier", verifier),
    ]);
    let tokens: Value = exchange.send().await.unwrap().json().await.unwrap();
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// A call of the app.
async fn mcp(world: &World, token: &str, method: &str, params: Value) {
    assert_eq!(mcp_status(world, token, method, params).await, 200);
}

/// The status of a call of the app, in the newest revision.
async fn mcp_status(world: &World, token: &str, method: &str, mut params: Value) -> u16 {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "Reader's app", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let http = world.http();
    let mut request = http.client().post(world.agent_site().at("mcp")).bearer_auth(token);
    request = request.header("accept", "application/json, text/event-stream");
    request = request.header("mcp-protocol-version", "2026-07-28").header("mcp-method", method);
    if let Some(name) = params["name"].as_str() {
        request = request.header("mcp-name", name.to_owned());
    }
    let call = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    request.json(&call).send().await.unwrap().status().as_u16()
}

/// THREATS.md line 46: other people's steps don't count.
#[tokio::test(flavor = "multi_thread")]
async fn line_46_reader_sees_only_their_own_steps() {
    let world = World::start().await;
    let alice = world.connected(ALICE).await;
    let mut alice = alice.browser.lock().await;
    say(&world, &mut alice, "What is the price of WAYNE?").await;
    say(&world, &mut alice, "Who am I?").await;
    say(&world, &mut alice, "Buy 5 WAYNE").await;
    for (step, words) in [(2, GREEN), (3, GREEN), (6, "Your order waits")] {
        until(&world, &mut alice, step, words).await;
    }
    page(&world, &mut alice, 1).await;
    submit(&mut alice, "/workshop/ask", &[("text", "Who am I?")]).await;
    until(&world, &mut alice, 1, GREEN).await;
    let bob = world.logged_in(BOB).await;
    let mut bob = bob.browser.lock().await;
    let mut visitor = world.browser();
    let (bare, price) = ("haven’t asked without tools yet", "No price was asked for");
    let account = "Your StockTrade account isn’t connected";
    for (step, for_bob, for_visitor) in
        [(1, bare, bare), (2, price, price), (3, "Now ask “Who am I?”", "Log in first"), (6, account, "Log in first")]
    {
        let (his, theirs) = (page(&world, &mut bob, step).await, page(&world, &mut visitor, step).await);
        assert!(his.contains(for_bob) && !his.contains(GREEN), "{step}: {his}");
        assert!(theirs.contains(for_visitor) && !theirs.contains(GREEN), "{step}: {theirs}");
    }
}

/// The model of a chat without tools gets no name, no tool, and nothing of the person.
#[tokio::test(flavor = "multi_thread")]
async fn bare_chat_tells_the_model_nothing() {
    let world = World::start().await;
    let alice = world.logged_in(ALICE).await;
    let mut browser = alice.browser.lock().await;
    page(&world, &mut browser, 1).await;
    world.forget();
    submit(&mut browser, "/workshop/ask", &[("text", "Who am I?")]).await;
    until(&world, &mut browser, 1, GREEN).await;
    let asked = world.at_agent.seen("POST /rehearsal/v1/chat/completions");
    assert!(!asked.is_empty());
    for request in asked {
        assert!(
            !request.body.contains("\"tools\"") && !request.body.contains("Alice") && !request.body.contains("alice")
        );
    }
    say(&world, &mut browser, "Who am I?").await;
    until(&world, &mut browser, 3, GREEN).await;
    let asked = world.at_agent.seen("POST /rehearsal/v1/chat/completions");
    assert!(asked.iter().any(|request| request.body.contains("\"tools\"") && request.body.contains("Alice")));
}

#[tokio::test(flavor = "multi_thread")]
async fn line_9_workshop_forms_need_their_session() {
    let world = World::start().await;
    let alice = world.connected(ALICE).await;
    let mut browser = alice.browser.lock().await;
    page(&world, &mut browser, 4).await;
    let posts = world.at_broker.seen("POST /api/orders").len();
    for action in ["/workshop/try", "/workshop/again"] {
        let html = browser.page().unwrap().body.clone();
        let form = driver::html::forms(&html).into_iter().find(|form| form.action.ends_with(action)).unwrap();
        browser.submit(&form, &[("csrf_token", "another")], None).await.unwrap();
        assert!(browser.page().unwrap().text().contains("nothing was changed"), "{action}");
        page(&world, &mut browser, 4).await;
    }
    assert_eq!(world.at_broker.seen("POST /api/orders").len(), posts);
}

#[tokio::test]
async fn line_10_code_of_the_pages_client_leaves_the_address() {
    let world = World::start().await;
    let come = async |query: &str| {
        let url = world.agent_site().at(&format!("workshop/callback?{query}"));
        let answer = world.http().client().get(url).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    assert_eq!(come("code=abc&state=def").await, "/workshop/5#code=abc&state=def");
    assert_eq!(come("code=a%0d%0aset-cookie:x").await, "/workshop/5#code=a%0d%0aset-cookie:x");
    let page = world.http().client().get(world.agent_site().at("workshop/5")).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains(&format!("connect-src 'self' {};", world.identity_site().origin())), "{policy}");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    let page = world.http().client().get(world.agent_site().at("workshop/4")).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("connect-src 'self';"), "{policy}");
}

/// The differences between a step's requests at the sites and the recording.
fn recorded(world: &World, step: usize) -> String {
    let mut differs = String::new();
    let sites: [(&Front, &[Party]); 3] = [
        (&world.at_agent, &[Party::Chat, Party::Model]),
        (&world.at_identity, &[Party::Identity]),
        (&world.at_broker, &[Party::StockTrade]),
    ];
    for (front, lanes) in sites {
        let received: BTreeSet<String> = front.seen("").iter().filter_map(received).collect();
        let drawn = recording::STEPS[step - 1].iter().filter(|request| lanes.contains(&request.to));
        let drawn: BTreeSet<String> = drawn.map(|request| format!("{} {}", request.method, request.path)).collect();
        // The number of the agent's polls depends on how long a person takes.
        let fits = received.iter().all(|real| drawn.iter().any(|drawn| is_like(real, drawn)))
            && drawn.iter().all(|drawn| received.iter().any(|real| is_like(real, drawn)));
        if !fits {
            differs += &format!("step {step} at {lanes:?}\nreceived: {received:#?}\ndrawn: {drawn:#?}\n");
        }
    }
    differs
}

/// A request that carries a step, as opposed to pages, files, metadata, keys, streams, and the check's own requests.
fn received(seen: &Seen) -> Option<String> {
    let route = seen.route().trim_start_matches("/rehearsal/v1");
    let is_page = seen.method == "GET"
        && (["/workshop", "/t/", "/.well-known/", "/u/", "/approvals", "/accounts/", "/public/"]
            .iter()
            .any(|start| route.starts_with(start))
            || route.ends_with("/events")
            || route == "/"
            || route == "/accounts");
    // The check asks whether the account is connected, with a token for Mandate identity's own API.
    // Introspection, which every API does at its own pace.
    if route == "/oauth/introspect" {
        return None;
    }
    let of_check = route == "/oauth/token" && seen.field("audience").ends_with("/me/")
        || seen.method == "GET" && ["/me/v1/connected-accounts/accounts", "/me/v1/recording"].contains(&route);
    if of_check {
        return None;
    }
    let carries = !is_page || route == "/accounts/connect" || route == "/accounts/callback";
    carries.then(|| format!("{} {route}", seen.method))
}

/// Whether a request matches a drawn one, in which `{}` means any segment.
fn is_like(real: &str, drawn: &str) -> bool {
    let (real, drawn): (Vec<&str>, Vec<&str>) = (real.split('/').collect(), drawn.split('/').collect());
    real.len() == drawn.len() && real.iter().zip(&drawn).all(|(real, drawn)| *drawn == "{}" || real == drawn)
}
