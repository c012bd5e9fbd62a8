//! The `approvers` of an API: checked at the request, the decision, the redemption and the use (THREATS.md lines 49
//! and 56).

use identity::{
    config::{Approvers, Config},
    retire::lost_approvers,
    store::approval,
};
use serde_json::{Value, json};

use crate::{
    apis::introspected,
    pair::{
        Change, Pair,
        config::with_apis,
        walk::{ACCESS_TOKEN, Person},
    },
    vault::error,
};

const ROOMS: &str = "https://rooms.example";
const BOOKING: &str = r#"[{"type":"room_booking","room":"blue","day":"2026-12-04"}]"#;

fn only(list: &[&str]) -> Approvers {
    Approvers::Of(list.iter().map(|it| (*it).to_owned()).collect())
}

fn for_rooms(config: &mut Config, approvers: Approvers) {
    for api in config.apis.iter_mut().filter(|api| api.id == "rooms") {
        api.approvers = approvers.clone();
    }
}

/// Only Alice and people at `rooms.example` may approve for Rooms.
async fn pair() -> Pair {
    let change = |config: &mut Config| {
        with_apis(config);
        for_rooms(config, only(&["alice@example.com", "@rooms.example"]));
    };
    Pair::with(Change { t: Some(Box::new(change)), ..Change::default() }).await
}

/// Sets the e-mail claims of the person's latest login.
async fn has(pair: &Pair, person: &Person, email: &str, verified: bool) {
    sqlx::query("UPDATE person SET email = $1, email_verified = $2 WHERE id = $3")
        .bind(email)
        .bind(i64::from(verified))
        .bind(&person.id)
        .execute(pair.t.identity.db.pool())
        .await
        .expect("the database");
}

fn asking(pair: &Pair, person: &Person) -> Vec<(&'static str, String)> {
    let mut params = pair.asking(person);
    params.retain(|(name, _)| !["audience", "authorization_details"].contains(name));
    params.extend([("audience", ROOMS.to_owned()), ("authorization_details", BOOKING.to_owned())]);
    params
}

#[tokio::test]
async fn line_49_only_an_approver_is_asked() {
    let pair = pair().await;
    let alice = pair.person("Alice").await;
    for (email, verified, expected) in [
        ("alice@example.com", false, 403),
        ("alice@example.com", true, 200),
        ("ALICE@example.com", true, 200),
        ("someone@rooms.example", true, 200),
        ("someone@example.com", true, 403),
        ("someone@not.rooms.example", true, 403),
    ] {
        has(&pair, &alice, email, verified).await;
        let answer = pair.bc_authorize(&asking(&pair, &alice), None).await;
        assert_eq!(answer.0, expected, "{email} {verified}: {answer:?}");
        if expected == 403 {
            assert_eq!(answer.1["error"], "not_an_approver");
        }
        // Another API has no `approvers`.
        let library = [("audience", "https://library.example"), ("scope", "openid books:read")];
        let mut other = asking(&pair, &alice);
        other.retain(|(name, _)| !["audience", "authorization_details", "scope"].contains(name));
        other.extend(library.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(pair.bc_authorize(&other, None).await.0, 200, "{email}");
        pair.clock.advance(60_000);
    }
}

#[tokio::test]
async fn line_49_55_former_approver_cannot_decide() {
    let pair = pair().await;
    let alice = pair.person("Alice").await;
    has(&pair, &alice, "alice@example.com", true).await;
    let [one, other] = [pair.ask_with(asking(&pair, &alice)).await, pair.ask_with(asking(&pair, &alice)).await];
    let url = pair.t.at(&format!("approvals/{}", one.txn));
    let page = alice.browser.get(&url).await;
    assert_eq!(page.page.pointer("/approval/may_approve"), Some(&json!(true)));
    has(&pair, &alice, "alice@example.com", false).await;
    let shown = alice.browser.get(&url).await;
    assert_eq!(shown.page.pointer("/approval/may_approve"), Some(&json!(false)));
    assert_eq!(shown.page.pointer("/approval/more_time"), Some(&json!(false)));
    let refused = pair.decide(&alice, &one.txn, "later").await;
    assert_eq!(refused.status, 409);
    assert!(refused.text("/notice").contains("you may not approve for this API"), "{refused:?}");
    let refused = pair.decide(&alice, &one.txn, "approve").await;
    assert_eq!(refused.status, 409, "{refused:?}");
    let notice = "Your approval wasn’t recorded: you may not approve for this API. You can deny it.";
    assert_eq!(refused.text("/notice"), notice);
    assert_eq!(refused.text("/approval/state"), "Waiting");
    has(&pair, &alice, "alice@elsewhere.example", true).await;
    let refused = pair.decide(&alice, &one.txn, "approve").await;
    assert_eq!((refused.status, &*refused.text("/notice")), (409, notice), "it is verified but not on the list");
    let refused = pair.decide(&alice, &one.txn, "later").await;
    assert_eq!(refused.status, 409, "nor is there more time for an address that is not on the list");
    // The SQL statement compares the address again, which may have changed since it was read.
    has(&pair, &alice, "alice@example.com", false).await;
    let (pool, now) = (pair.t.identity.db.pool(), pair.clock.now());
    let digest = shown.text("/approval/shown").split(' ').nth(1).expect("a digest").to_owned();
    let decide = async |address: Option<&str>| {
        approval::decide(pool, &one.txn, &alice.id, &digest, "approved", address, now).await.expect("the database")
    };
    assert!(!decide(Some("alice@example.com")).await, "it isn't verified");
    has(&pair, &alice, "alice@rooms.example", true).await;
    assert!(!decide(Some("alice@example.com")).await, "it isn't hers any more");
    has(&pair, &alice, "alice@example.com", false).await;
    assert_eq!(pair.decide(&alice, &one.txn, "deny").await.status, 303, "anybody may deny");
    has(&pair, &alice, "alice@example.com", true).await;
    assert_eq!(pair.decide(&alice, &other.txn, "approve").await.status, 303);
}

#[tokio::test]
async fn line_56_token_ends_with_the_right_to_approve() {
    let pair = pair().await;
    let alice = pair.person("Alice").await;
    has(&pair, &alice, "alice@example.com", true).await;
    let requested = pair.ask_with(asking(&pair, &alice)).await;
    pair.decide(&alice, &requested.txn, "approve").await;
    let (status, answer) = pair.poll(&requested.auth_req_id).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["access_token"].as_str().expect("a token");
    assert_eq!(introspected(&pair, "rooms", token).await["active"], true);
    has(&pair, &alice, "alice@elsewhere.example", true).await;
    assert_eq!(introspected(&pair, "rooms", token).await, json!({ "active": false }));
    assert_eq!(error(&pair.poll(&requested.auth_req_id).await), (400, "access_denied"));
}

/// An API behind a connection has approvers too: for the vault's exchange.
#[tokio::test]
async fn line_56_account_is_used_for_approvers_alone() {
    let change = |config: &mut Config| config.connections[0].approvers = only(&["@example.com"]);
    let pair = Pair::with(Change { t: Some(Box::new(change)), ..Change::default() }).await;
    let alice = pair.connected("Alice").await;
    has(&pair, &alice, "alice@example.com", false).await;
    assert_eq!(pair.bc_authorize(&pair.asking(&alice), None).await.1["error"], "not_an_approver");
    has(&pair, &alice, "alice@example.com", true).await;
    let (_, token) = pair.approval_token(&alice).await;
    has(&pair, &alice, "alice@example.com", false).await;
    assert_eq!(error(&pair.vault_as("agent", &token, ACCESS_TOKEN).await), (400, "access_denied"));
    has(&pair, &alice, "alice@example.com", true).await;
    assert_eq!(pair.vault_as("agent", &token, ACCESS_TOKEN).await.0, 200);
}

#[tokio::test]
async fn line_56_removed_approvers_lose_their_requests() {
    let mut pair = pair().await;
    let (alice, bob) = (pair.person("Alice").await, pair.person("Bob").await);
    has(&pair, &alice, "alice@example.com", true).await;
    has(&pair, &bob, "bob@rooms.example", true).await;
    let hers = pair.ask_with(asking(&pair, &alice)).await;
    pair.decide(&alice, &hers.txn, "approve").await;
    let his = pair.ask_with(asking(&pair, &bob)).await;
    // `mandate check` warns beforehand: only she has approved there.
    let mut config = pair.t.identity.config.clone();
    for_rooms(&mut config, only(&["@rooms.example"]));
    let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");
    let lost = lost_approvers(&mut db, &config).await.expect("the database");
    drop(db);
    assert_eq!(lost.into_iter().collect::<Vec<_>>(), [("Rooms".to_owned(), "alice@example.com".to_owned())]);

    pair.restart_with(|config| for_rooms(config, only(&["@rooms.example"]))).await;
    let rows: Vec<String> = sqlx::query_scalar("SELECT detail FROM audit WHERE event = 'configuration_removed'")
        .fetch_all(pair.t.identity.db.pool())
        .await
        .expect("the database");
    let [row] = &rows[..] else { panic!("{rows:?}") };
    let row: Value = serde_json::from_str(row).expect("JSON");
    assert_eq!(
        (&row["approver"], &row["api"], &row["requests"]),
        (&json!("alice@example.com"), &json!("Rooms"), &json!(1))
    );
    // When she may approve again, she has to be asked again.
    pair.restart_with(|config| for_rooms(config, Approvers::Everyone)).await;
    assert_eq!(error(&pair.poll(&hers.auth_req_id).await), (400, "access_denied"));
    assert_eq!(error(&pair.poll(&his.auth_req_id).await), (400, "authorization_pending"));
}

/// Where people log in with passwords, nobody verifies addresses, so `approvers` names people by id.
#[tokio::test]
async fn line_49_approver_by_id_needs_no_verified_address() {
    let mut pair = pair().await;
    let (alice, bob) = (pair.person("Alice").await, pair.person("Bob").await);
    let named = only(&[&alice.id]);
    pair.restart_t_with(|config| for_rooms(config, named.clone())).await;
    has(&pair, &alice, "somebody@example.com", false).await;
    // Somebody who signs up could choose this address.
    has(&pair, &bob, &format!("{}@example.com", alice.id), false).await;
    assert_eq!(pair.bc_authorize(&asking(&pair, &bob), None).await.1["error"], "not_an_approver");
    let waiting = pair.ask_with(asking(&pair, &alice)).await;
    pair.decide(&alice, &waiting.txn, "approve").await;
    assert_eq!(pair.poll(&waiting.auth_req_id).await.0, 200);
}
