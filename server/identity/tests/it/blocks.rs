//! A block or a limit applies to one app, and a block ends requests permanently (THREATS.md line 32).

use serde_json::{Value, json};

use crate::{
    apps::{ask, asking},
    asking::text,
    decision::{Form, state},
    pair::{
        Pair,
        walk::{ACCESS_TOKEN, Person},
    },
    standing::at_b,
};

const ALL: &str = "portfolio:read trade:read trade:write";

async fn unblock(pair: &Pair, person: &Person, app: &str) {
    let csrf_token = person.browser.get(&pair.t.at("approvals/blocked")).await.text("/csrf_token");
    let form = [("csrf_token", csrf_token.as_str()), ("client", app)];
    assert_eq!(person.browser.post(&pair.t.at("approvals/unblock"), &form).await.status, 303);
}

fn error(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn line_32_56_block_behind_mcp_is_for_one_app() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (one, token) = pair.mcp_token(&alice, ALL).await;
    let (_, other_token) = pair.mcp_token(&alice, ALL).await;
    let (first, waiting) = (ask(&pair, &alice, &token).await, ask(&pair, &alice, &token).await);
    let (other, chat) = (ask(&pair, &alice, &other_token).await, pair.ask(&alice).await);
    let page = alice.browser.get(&pair.t.at(&format!("approvals/{}", first.txn))).await;
    assert_eq!((page.text("/approval/app"), page.text("/approval/client")), ("Claude Code".into(), "Mandate".into()));

    assert_eq!(pair.decide(&alice, &first.txn, "block").await.status, 303);
    for (txn, expected) in
        [(&first.txn, "Denied"), (&waiting.txn, "Denied"), (&other.txn, "Waiting"), (&chat.txn, "Waiting")]
    {
        assert_eq!(state(&pair, &alice, txn).await, expected);
    }
    let blocked = alice.browser.get(&pair.t.at("approvals/blocked")).await;
    assert_eq!(blocked.page["clients"], json!([[one, "Claude Code"]]));
    let again = pair.bc_authorize(&asking(&pair, &alice, &token), None).await;
    assert_eq!(error(&again), (400, "access_denied"));
    ask(&pair, &alice, &other_token).await;
    pair.ask(&alice).await;
    pair.decide(&alice, &other.txn, "approve").await;
    assert_eq!(pair.poll_as("agent-mcp", &other.auth_req_id).await.0, 200);

    // An old block of everything behind `/mcp`, from before blocks applied to one app.
    let pool = pair.t.identity.db.pool();
    let now = pair.clock.now();
    identity::store::approval_block::insert(pool, &alice.id, "agent-mcp", "Mandate", now).await.expect("blocked");
    let all = pair.bc_authorize(&asking(&pair, &alice, &other_token), None).await;
    assert_eq!(error(&all), (400, "access_denied"));
    assert_eq!(error(&pair.poll_as("agent-mcp", &other.auth_req_id).await), (400, "access_denied"));
}

#[tokio::test]
async fn line_32_limits_count_for_each_app_behind_mcp() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (_, token) = pair.mcp_token(&alice, ALL).await;
    let (_, other_token) = pair.mcp_token(&alice, ALL).await;
    let asking = |token: &str| {
        let mut params = asking(&pair, &alice, token);
        params.push(("requested_expiry", "3000".into()));
        params
    };
    for _ in 0..5 {
        assert_eq!(pair.bc_authorize(&asking(&token), None).await.0, 200);
    }
    assert_eq!(pair.bc_authorize(&asking(&token), None).await.0, 429, "too fast");
    assert_eq!(pair.bc_authorize(&asking(&other_token), None).await.0, 200);
    for _ in 0..15 {
        pair.clock.advance(13_000);
        assert_eq!(pair.bc_authorize(&asking(&token), None).await.0, 200);
    }
    pair.clock.advance(60_000);
    assert_eq!(pair.bc_authorize(&asking(&token), None).await.0, 429, "twenty wait");
    assert_eq!(pair.bc_authorize(&asking(&other_token), None).await.0, 200);
}

#[tokio::test]
async fn line_32_56_unblocking_restores_no_approval() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (app, token) = pair.mcp_token(&alice, ALL).await;
    // One approved request, one whose token the app has, and one whose order's token it has.
    let mut asked = Vec::new();
    for _ in 0..3 {
        let requested = ask(&pair, &alice, &token).await;
        pair.decide(&alice, &requested.txn, "approve").await;
        asked.push(requested);
    }
    let (_, redeemed) = pair.poll_as("agent-mcp", &asked[1].auth_req_id).await;
    let (_, used) = pair.poll_as("agent-mcp", &asked[2].auth_req_id).await;
    let (status, order) = pair.vault_as("agent-mcp", text(&used, "access_token"), ACCESS_TOKEN).await;
    assert_eq!(status, 200, "{order}");
    let order = text(&order, "access_token");
    assert_eq!(at_b(&pair, order).await.1["active"], true);

    let last = ask(&pair, &alice, &token).await;
    pair.decide(&alice, &last.txn, "block").await;
    assert_eq!(state(&pair, &alice, &asked[0].txn).await, "Ended");
    unblock(&pair, &alice, &app).await;
    for requested in &asked {
        assert_eq!(error(&pair.poll_as("agent-mcp", &requested.auth_req_id).await), (400, "access_denied"));
    }
    for approval in [&redeemed, &used] {
        let exchanged = pair.vault_as("agent-mcp", text(approval, "access_token"), ACCESS_TOKEN).await;
        assert_eq!(error(&exchanged), (400, "access_denied"));
    }
    assert_eq!(at_b(&pair, order).await, (200, json!({ "active": false })));
    assert_eq!(state(&pair, &alice, &asked[0].txn).await, "Ended");

    // Later approvals count.
    let fresh = ask(&pair, &alice, &token).await;
    pair.decide(&alice, &fresh.txn, "approve").await;
    let (status, approval) = pair.poll_as("agent-mcp", &fresh.auth_req_id).await;
    assert_eq!(status, 200, "{approval}");
    assert_eq!(pair.vault_as("agent-mcp", text(&approval, "access_token"), ACCESS_TOKEN).await.0, 200);

    // Approved at the same moment as a block, which missed it: unblocking doesn't revive it.
    pair.clock.advance(13_000);
    let raced = ask(&pair, &alice, &token).await;
    pair.decide(&alice, &raced.txn, "approve").await;
    let pool = pair.t.identity.db.pool();
    let now = pair.clock.now();
    identity::store::approval_block::insert(pool, &alice.id, &app, "Claude Code", now).await.expect("blocked");
    unblock(&pair, &alice, &app).await;
    assert_eq!(error(&pair.poll_as("agent-mcp", &raced.auth_req_id).await), (400, "access_denied"));
}

/// The ids on the page of blocked clients, and its CSRF token.
async fn blocked(pair: &Pair, person: &Person) -> (Vec<String>, String) {
    let page = person.browser.get(&pair.t.at("approvals/blocked")).await;
    let clients = page.page["clients"].as_array().expect("a list").iter();
    (clients.map(|client| client[0].as_str().expect("an id").to_owned()).collect(), page.text("/csrf_token"))
}

#[tokio::test]
async fn line_30_46_55_59_a_block_is_one_persons_own() {
    let pair = Pair::start().await;
    let (alice, bob) = (pair.connected("Alice").await, pair.connected("Bob").await);
    let (one, other) = (pair.ask(&alice).await, pair.ask(&alice).await);
    let bobs = pair.ask(&bob).await;
    assert_eq!(pair.decide(&alice, &one.txn, "block").await.status, 303);
    for txn in [&one.txn, &other.txn] {
        assert_eq!(state(&pair, &alice, txn).await, "Denied");
    }
    assert_eq!(state(&pair, &bob, &bobs.txn).await, "Waiting", "Bob blocked nobody");
    // Bob neither sees the block nor can remove it.
    assert_eq!(blocked(&pair, &alice).await.0, ["agent"]);
    let (clients, csrf_token) = blocked(&pair, &bob).await;
    assert!(clients.is_empty(), "{clients:?}");
    let form = [("csrf_token", csrf_token.as_str()), ("client", "agent")];
    assert_eq!(bob.browser.forge(&pair.t.at("approvals/unblock"), &form).await.status, 303);
    assert_eq!(blocked(&pair, &alice).await.0, ["agent"]);
    assert_eq!(pair.bc_authorize(&pair.asking(&alice), None).await.1["error"], "access_denied");
    // Bob's requests continue. Alice's do after she removes the block.
    assert_eq!(pair.decide(&bob, &bobs.txn, "approve").await.status, 303);
    assert_eq!(pair.poll(&bobs.auth_req_id).await.0, 200);
    let (_, csrf_token) = blocked(&pair, &alice).await;
    let form = [("csrf_token", csrf_token.as_str()), ("client", "agent")];
    assert_eq!(alice.browser.post(&pair.t.at("approvals/unblock"), &form).await.status, 303);
    assert!(blocked(&pair, &alice).await.0.is_empty());
    pair.clock.advance(13_000);
    assert_eq!(pair.bc_authorize(&pair.asking(&alice), None).await.0, 200);
}

#[tokio::test]
async fn line_30_approval_after_a_block_is_refused() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let form = Form::open(&pair, &alice, &requested.txn).await;
    // Blocked in another tab while this request arrived: the block didn't find it waiting yet.
    let (pool, now) = (pair.t.identity.db.pool(), pair.clock.now());
    identity::store::approval_block::insert(pool, &alice.id, "agent", "Mandate chat", now).await.expect("blocked");
    let shown = form.post(&alice.browser, "approve").await;
    assert_eq!(shown.status, 409);
    assert!(shown.text("/notice").contains("you have blocked this app"), "{shown:?}");
    assert_eq!(shown.text("/approval/state"), "Waiting");
    assert_ne!(pair.poll(&requested.auth_req_id).await.0, 200);
    assert_eq!(form.post(&alice.browser, "deny").await.status, 303);
    // Blocked on the request's own page, which also denies it. An approval in another tab says so.
    let bob = pair.connected("Bob").await;
    let requested = pair.ask(&bob).await;
    let form = Form::open(&pair, &bob, &requested.txn).await;
    assert_eq!(pair.decide(&bob, &requested.txn, "block").await.status, 303);
    let shown = form.post(&bob.browser, "approve").await;
    assert_eq!((shown.status, shown.text("/approval/state").as_str()), (409, "Denied"));
    assert!(shown.text("/notice").contains("was denied before"), "{shown:?}");
    assert_eq!(pair.poll(&requested.auth_req_id).await.1["error"], "access_denied");
}
