//! `POST /bc-authorize`: the rules for the client, the person and the details (THREATS.md lines 13, 17, 29, 31, 32,
//! 54).

use foundation::secret;
use serde_json::{Value, json};

use crate::pair::{
    AGENT, Change, Pair, secret_of,
    walk::{ORDER, Person},
};

type Params = Vec<(&'static str, String)>;

/// Sets or removes a parameter.
fn with(mut params: Params, name: &'static str, value: Option<&str>) -> Params {
    params.retain(|(known, _)| *known != name);
    params.extend(value.map(|value| (name, value.to_owned())));
    params
}

async fn page(pair: &Pair, person: &Person, txn: &str) -> Value {
    person.browser.get(&pair.t.at(&format!("approvals/{txn}"))).await.page
}

#[tokio::test]
async fn idempotency_key_repeats_and_refuses_another_body() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let asking = pair.asking(&alice);
    let (status, first) = pair.bc_authorize(&asking, Some("key-1")).await;
    assert_eq!(status, 200, "{first}");
    // The test's clock also advances with real time.
    let lasts = |answer: &Value, most: i64| {
        answer["expires_in"].as_i64().is_some_and(|left| (most - 10..=most).contains(&left))
    };
    assert!(lasts(&first, 300), "{first}");
    assert_eq!(first["interval"], 5);
    let txn = first["txn"].as_str().expect("a txn");
    assert_eq!(first["approval_uri"], pair.t.at(&format!("approvals/{txn}")));

    pair.clock.advance(10_000);
    let (status, again) = pair.bc_authorize(&asking, Some("key-1")).await;
    assert_eq!(status, 200);
    assert_eq!((&again["auth_req_id"], &again["txn"]), (&first["auth_req_id"], &first["txn"]));
    assert!(lasts(&again, 290), "{again}");

    for (name, value) in [
        ("binding_message", "AA AA"),
        ("agent_message", "other"),
        ("client_notification_token", "other-token-other-token"),
        ("requested_expiry", "100"),
        ("authorization_details", &ORDER.replace("105.49", "105.50")),
    ] {
        let (status, answer) = pair.bc_authorize(&with(asking.clone(), name, Some(value)), Some("key-1")).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_request")), "{name}: {answer}");
    }
    // Keys are separate for each client, and without a key every request is new.
    let (_, one) = pair.bc_authorize(&asking, None).await;
    let (_, two) = pair.bc_authorize(&asking, None).await;
    let ids = [&first["auth_req_id"], &one["auth_req_id"], &two["auth_req_id"]];
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2] && ids.iter().all(|id| id.is_string()), "{ids:?}");
    // Only the hash of the `auth_req_id` is stored.
    let id = first["auth_req_id"].as_str().expect("an id");
    let bytes = pair.database_bytes();
    assert!(!contains(&bytes, id) && !contains(&bytes, "notify-me-with-this-token"));
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn line_61_same_request_at_once_is_one() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let asking = pair.asking(&alice);
    let answers = futures::future::join_all((0..8).map(|_| pair.bc_authorize(&asking, Some("key-1")))).await;
    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    assert!(answers.iter().all(|(_, answer)| answer["txn"] == answers[0].1["txn"]), "{answers:?}");
    let inbox = alice.browser.get(&pair.t.at("approvals")).await.page;
    assert_eq!(inbox["waiting"].as_array().map(Vec::len), Some(1), "{inbox}");
}

#[tokio::test]
async fn line_29_one_hint_and_it_names_a_person_here() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let hint = |format: &str, iss: &str, sub: &str| json!({ "format": format, "iss": iss, "sub": sub }).to_string();
    let t = pair.t.site.issuer();
    let asking = pair.asking(&alice);
    for (params, error) in [
        (with(asking.clone(), "login_hint", None), "invalid_request"),
        (with(asking.clone(), "id_token_hint", Some("x")), "invalid_request"),
        (with(asking.clone(), "login_hint_token", Some("x")), "invalid_request"),
        (with(asking.clone(), "request", Some("eyJhbGciOiJub25lIn0.e30.")), "invalid_request"),
        (with(asking.clone(), "request_uri", Some("https://client.example/request")), "invalid_request"),
        (with(asking.clone(), "login_hint", Some("alice@example.com")), "invalid_request"),
        (with(asking.clone(), "login_hint", Some(&hint("email", t, &alice.id))), "invalid_request"),
        (
            with(asking.clone(), "login_hint", Some(&hint("iss_sub", t.trim_end_matches('/'), &alice.id))),
            "invalid_request",
        ),
        (
            with(asking.clone(), "login_hint", Some(&hint("iss_sub", pair.b.site.issuer(), &alice.id))),
            "invalid_request",
        ),
        (with(asking.clone(), "login_hint", Some(&hint("iss_sub", t, "usr_nobody"))), "unknown_user_id"),
        (with(asking.clone(), "scope", Some("profile")), "invalid_scope"),
        (with(asking.clone(), "audience", Some(&pair.t.at("me/"))), "invalid_target"),
        (with(asking.clone(), "requested_expiry", Some("0")), "invalid_request"),
        (with(asking.clone(), "requested_expiry", Some("259201")), "invalid_request"),
        (with(asking.clone(), "requested_expiry", Some("soon")), "invalid_request"),
        (with(asking.clone(), "binding_message", None), "invalid_binding_message"),
        (with(asking.clone(), "binding_message", Some("K7\u{202e}QD")), "invalid_binding_message"),
        (with(asking.clone(), "binding_message", Some("<b>K7</b>")), "invalid_binding_message"),
        (with(asking.clone(), "agent_message", Some(&"x".repeat(301))), "invalid_request"),
        (with(asking.clone(), "client_notification_token", Some("two words")), "invalid_request"),
        (with(asking.clone(), "on_behalf_of_token", Some("x")), "invalid_request"),
    ] {
        let (status, answer) = pair.bc_authorize(&params, None).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some(error)), "{params:?}: {answer}");
    }
    let mut twice = asking.clone();
    twice.push(("login_hint", hint("iss_sub", t, &alice.id)));
    assert_eq!(pair.bc_authorize(&twice, None).await.1["error"], "invalid_request");
    for key in ["", "two words", "\u{e9}", &"k".repeat(256)] {
        assert_eq!(pair.bc_authorize(&asking, Some(key)).await.1["error"], "invalid_request", "{key}");
    }
    assert_eq!(pair.bc_authorize(&asking, None).await.0, 200);
}

#[tokio::test]
async fn line_13_17_only_clients_that_may_ask_do() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let asking = pair.asking(&alice);
    let wrong = with(asking.clone(), "client_secret", Some("wrong"));
    assert_eq!(pair.bc_authorize(&wrong, None).await.0, 401);
    // A public client has no secret to authenticate with, and no such grant.
    let (mcp, _) = pair.mcp_token(&alice, "trade:read trade:write").await;
    let public = with(with(asking, "client_secret", None), "client_id", Some(&mcp));
    let (status, answer) = pair.bc_authorize(&public, None).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("unauthorized_client")), "{answer}");
}

#[tokio::test]
async fn line_31_inexact_details_are_refused() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let asking = pair.asking(&alice);
    let refused = |from: &str, to: &str| ORDER.replace(from, to);
    for details in [
        refused("stock_order", "payment"),
        refused("\"quantity\":5", "\"quantity\":5.0"),
        refused("\"quantity\":5", "\"quantity\":\"5\""),
        refused("\"quantity\":5", "\"quantity\":5,\"quantity\":6"),
        refused("\"quantity\":5", "\"quantity\":10001"),
        refused("\"quantity\":5", "\"quantity\":-5"),
        refused("105.49", "100.000"),
        refused("105.49", "1e2"),
        refused("WAYNE", "<b>WAYNE</b>"),
        refused("WAYNE", "WAYN\u{415}"),
        refused("WAYNE", "WAYNE\u{202e}"),
        refused("WAYNE", &"W".repeat(10_000)),
        refused("\"USD\"", "\"USD\",\"note\":\"x\""),
        refused("\"currency\":\"USD\"", "\"currency\":\"EUR\""),
        refused(",\"currency\":\"USD\"", ""),
        format!("[{0},{0}]", &ORDER[1..ORDER.len() - 1]),
        "[]".into(),
        "{}".into(),
        r#"[["stock_order","WAYNE","BUY",5,"105.49","USD"]]"#.into(),
        ORDER[1..ORDER.len() - 1].to_owned(),
        String::new(),
    ] {
        assert_ne!(details, ORDER);
        let (status, answer) =
            pair.bc_authorize(&with(asking.clone(), "authorization_details", Some(&details)), None).await;
        let error = answer["error"].as_str();
        assert_eq!((status, error), (400, Some("invalid_authorization_details")), "{details}: {answer}");
    }
    // The agent's message has a limit.
    let (status, answer) =
        pair.bc_authorize(&with(asking.clone(), "agent_message", Some(&"w".repeat(301))), None).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_request")), "{answer}");
    // The agent's message names another amount, with characters that reverse or hide text.
    let words = "Buy 5\u{202e}0 STARK\u{200b} for\n1.00 <script>alert(1)</script>";
    let requested = pair.ask_with(with(asking, "agent_message", Some(words))).await;
    let page = page(&pair, &alice, &requested.txn).await;
    assert_eq!(page["approval"]["agent_message"], "Buy 50 STARK for 1.00 <script>alert(1)</script>");
    // Line 54: the page shows the details, whatever the message says.
    assert_eq!((&page["approval"]["title"], &page["approval"]["rows"]), (&json!("Buy 5 WAYNE"), &rows()));
}

/// The rows of [`ORDER`], with StockTrade's name and price.
fn rows() -> Value {
    json!([
        ["Stock", "Wayne Enterprises = WAYNE"],
        ["Shares", "5"],
        ["Price now", "103.42 USD a share"],
        ["You pay at most", "105.49 USD a share, 2\u{a0}% above"],
        ["In all at most", "527.45 USD"],
    ])
}

#[tokio::test]
async fn line_29_54_page_names_who_asks_and_shows_only_details() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let shown = page(&pair, &alice, &requested.txn).await;
    let detail = serde_json::from_str::<Value>(ORDER).expect("JSON")[0].clone();
    assert_eq!(
        shown["approval"],
        json!({
            "id": requested.txn,
            "title": "Buy 5 WAYNE",
            "noun": "order",
            "message": null,
            "may_approve": true,
            "more_time": true,
            "bound": "at most 527.45 USD",
            "rows": rows(),
            "from_api": ["Company", "Price now"],
            "warning": null,
            "shown": format!("{} {}", requested.txn, secret::digest_of(&detail).expect("a digest")),
            "account": "StockTrade · Alice",
            "client": "Mandate chat",
            "through": null,
            "app": "Mandate chat",
            "code": "K7 QD",
            "agent_message": "You asked me to buy 5 WAYNE.",
            "state": "Waiting",
            "back": format!("{AGENT}?approval={}", requested.txn),
            "same": [],
            "said": "StockTrade",
            "receipt": null,
        })
    );
}

#[tokio::test]
async fn line_29_61_mcp_request_needs_the_callers_token() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let bob = pair.connected("Bob").await;
    let (_, mcp) = pair.mcp_token(&alice, "trade:read trade:write").await;
    let (_, read_only) = pair.mcp_token(&alice, "trade:read").await;
    let asking = with(pair.asking(&alice), "client_id", Some("agent-mcp"));
    let asking = with(asking, "client_secret", Some(&secret_of("agent-mcp")));
    let (_, approval) = pair.approval_token(&alice).await;
    let account = pair.account_token(&alice).await;
    for (token, error) in [
        (None, "invalid_request"),
        (Some("x"), "invalid_request"),
        (Some(&*approval), "invalid_request"),
        (Some(&*account), "invalid_request"),
        (Some(&*read_only), "insufficient_scope"),
    ] {
        let (status, answer) = pair.bc_authorize(&with(asking.clone(), "on_behalf_of_token", token), None).await;
        assert!(status < 500 && answer["error"] == error, "{token:?}: {answer}");
    }
    // Alice's caller may not ask Bob.
    let hint = json!({ "format": "iss_sub", "iss": pair.t.site.issuer(), "sub": bob.id }).to_string();
    let bobs = with(with(asking.clone(), "login_hint", Some(&hint)), "on_behalf_of_token", Some(&mcp));
    assert_eq!(pair.bc_authorize(&bobs, None).await.1["error"], "invalid_request");

    let asks_on_behalf = with(asking.clone(), "on_behalf_of_token", Some(&mcp));
    let (status, first) = pair.bc_authorize(&asks_on_behalf, Some("key-1")).await;
    assert_eq!(status, 200, "{first}");
    let requested = pair.ask_with(asks_on_behalf.clone()).await;
    let shown = page(&pair, &alice, &requested.txn).await;
    assert_eq!(shown["approval"]["client"], "Mandate");
    assert_eq!(shown["approval"]["through"], "Claude Code (registered by itself, unverified)");
    // A caller with an expired token can't ask again.
    pair.clock.advance(3_700_000);
    let (_, answer) = pair.bc_authorize(&asks_on_behalf, None).await;
    assert_eq!(answer["error"], "invalid_request", "{answer}");
    // It still finds its earlier request, which the person may see.
    let (status, repeated) = pair.bc_authorize(&asks_on_behalf, Some("key-1")).await;
    assert_eq!((status, &repeated["txn"]), (200, &first["txn"]), "{repeated}");
    // Neither another caller nor an invalid token finds it.
    let (_, other) = pair.mcp_token(&alice, "trade:read trade:write").await;
    for token in [&*other, "x"] {
        let (_, answer) =
            pair.bc_authorize(&with(asking.clone(), "on_behalf_of_token", Some(token)), Some("key-1")).await;
        assert_eq!(answer["error"], "invalid_request", "{answer}");
    }
}

#[tokio::test]
async fn without_a_connected_account_nobody_is_asked() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    let (status, answer) = pair.bc_authorize(&pair.asking(&alice), None).await;
    assert_eq!(status, 401, "{answer}");
    assert_eq!(answer["error"], "federated_connection_refresh_token_not_found");
}

#[tokio::test]
async fn line_9_32_flood_is_limited_and_its_app_can_be_blocked() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let bob = pair.connected("Bob").await;
    let asking = pair.asking(&alice);
    for _ in 0..5 {
        assert_eq!(pair.bc_authorize(&asking, None).await.0, 200);
    }
    let (status, answer) = pair.bc_authorize(&asking, None).await;
    assert_eq!(status, 429, "{answer}");
    assert!(answer["auth_req_id"].is_null());
    // Bob isn't limited, and neither is another client.
    assert_eq!(pair.bc_authorize(&pair.asking(&bob), None).await.0, 200);
    pair.clock.advance(13_000);
    let requested = pair.ask(&alice).await;

    let shown = pair.decide(&alice, &requested.txn, "block").await;
    assert_eq!(shown.status, 303, "{shown:?}");
    pair.clock.advance(60_000);
    let (status, answer) = pair.bc_authorize(&asking, None).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("access_denied")), "{answer}");
    // Blocking denies all of the client's waiting requests.
    let inbox = alice.browser.get(&pair.t.at("approvals")).await.page;
    assert_eq!(inbox["waiting"], json!([]));
    assert!(
        inbox["past"].as_array().is_some_and(|past| past.len() == 6 && past.iter().all(|it| it["state"] == "Denied"))
    );
    assert_eq!(pair.poll(&requested.auth_req_id).await.1["error"], "access_denied");

    // Bob can still be asked, and so can Alice after she unblocks.
    assert_eq!(pair.bc_authorize(&pair.asking(&bob), None).await.0, 200);
    let blocked = alice.browser.get(&pair.t.at("approvals/blocked")).await;
    assert_eq!(blocked.page["clients"], json!([["agent", "Mandate chat"]]));
    let unblock = pair.t.at("approvals/unblock");
    let forged = alice.browser.post(&unblock, &[("csrf_token", "x"), ("client", "agent")]).await;
    assert_eq!(forged.status, 403);
    assert_eq!(pair.bc_authorize(&asking, None).await.0, 400);
    let csrf_token = blocked.text("/csrf_token");
    assert_eq!(alice.browser.post(&unblock, &[("csrf_token", &csrf_token), ("client", "agent")]).await.status, 303);
    assert_eq!(pair.bc_authorize(&asking, None).await.0, 200);
}

#[tokio::test]
async fn line_32_no_more_than_twenty_requests_of_a_client_wait() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let asking = with(pair.asking(&alice), "requested_expiry", Some("86400"));
    for _ in 0..20 {
        assert_eq!(pair.bc_authorize(&asking, None).await.0, 200);
        pair.clock.advance(13_000);
    }
    assert_eq!(pair.bc_authorize(&asking, None).await.0, 429);
}

/// A client that serves an API and asks for itself may ask only people with an active grant to it.
#[tokio::test]
async fn line_29_56_client_asks_for_itself_under_a_live_grant() {
    let change: crate::pair::Settings = Box::new(|config| {
        let client = config.clients.iter_mut().find(|client| client.id == "agent").expect("a client");
        client.resource_server = Some(format!("{AGENT}other"));
        client.asks_for_itself = true;
    });
    let pair = Pair::with(Change { t: Some(change), ..Change::default() }).await;
    let alice = pair.connected("Alice").await;
    let bob = pair.connected("Bob").await;
    let (requested, token) = pair.approval_token(&alice).await;
    let shown = page(&pair, &alice, &requested.txn).await;
    assert_eq!(shown["approval"]["through"], Value::Null, "on nobody's call");
    let waits = pair.ask(&alice).await;

    let revoke_all = async |person: &Person| {
        let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");
        let now = pair.clock.now();
        identity::store::authorization_grant::revoke_all_of(&mut db, &person.id, now).await.expect("revoked");
    };
    revoke_all(&bob).await;
    let (status, answer) = pair.bc_authorize(&pair.asking(&bob), None).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("access_denied")), "{answer}");
    revoke_all(&alice).await;
    let (status, answer) = pair.vault_as("agent", &token, crate::pair::walk::ACCESS_TOKEN).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_grant")), "{answer}");
    pair.decide(&alice, &waits.txn, "approve").await;
    assert_eq!(pair.poll(&waits.auth_req_id).await.1["error"], "invalid_grant");
}
