//! Connecting an account (THREATS.md lines 26, 41, 49; PROTOCOL.md, "Connecting an account").

use foundation::secret;
use identity::store::connected_account;
use reqwest::Method;
use serde_json::{Value, json};

use crate::pair::{
    CALLBACK, Pair,
    browser::Browser,
    secret_of,
    walk::{Person, REFRESH_TOKEN},
};

const ALL: [&str; 3] = ["portfolio:read", "trade:read", "trade:write"];

pub(crate) async fn accounts(pair: &Pair, person: &Person) -> Vec<Value> {
    let token = pair.account_token(person).await;
    let (status, answer) = pair.my_account(Method::GET, "accounts", &token, None).await;
    assert_eq!(status, 200, "{answer}");
    answer["accounts"].as_array().expect("accounts").clone()
}

/// Whether a refresh token is active at B.
async fn lives_at_b(pair: &Pair, grant: &str) -> bool {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "tenant-vault"),
        ("client_secret", &*secret_of("tenant-vault")),
        ("refresh_token", grant),
    ];
    pair.form(&pair.b.at("oauth/token"), &form).await.0 == 200
}

/// The unsealed grant that T stores for an account.
async fn grant_of(pair: &Pair, person: &Person) -> String {
    let t = &pair.t.identity;
    let account = connected_account::of_person(t.db.pool(), &person.id, "stocktrade").await;
    let account = account.expect("the database").expect("an account");
    t.sealer.open(&identity::vault::place(&account.id), &account.refresh_token).expect("it opens")
}

#[tokio::test]
async fn account_is_connected_listed_and_disconnected() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    assert_eq!(accounts(&pair, &alice).await, Vec::<Value>::new());
    let token = pair.account_token(&alice).await;
    let (auth_session, url, verifier) =
        pair.begin_connect(&token, json!(["openid portfolio:read trade:read", "nonsense"])).await;

    // B's page names the account, describes the scopes, and says where orders are approved.
    let shown = alice.browser.follow(&url).await;
    assert_eq!(shown.text("/view"), "consent", "{shown:?}");
    assert_eq!(shown.text("/account"), "StockTrade · Alice");
    let words = shown.page["scopes"].as_array().expect("scopes");
    assert!(
        words.contains(&json!("See your cash, positions and their value")) && words.contains(&json!("See your orders")),
        "{words:?}"
    );
    assert!(!words.contains(&json!("Prepare orders, which you approve one by one")), "{words:?}");
    assert_eq!(shown.text("/approved_at"), pair.t.site.host());
    let (csrf_token, request) = (shown.text("/csrf_token"), shown.text("/request"));
    let form = [("csrf_token", &*csrf_token), ("request", &request), ("decision", "allow")];
    let shown = alice.browser.post(&pair.b.at("u/consent"), &form).await;
    let shown = alice.browser.follow_on(shown).await;
    let code = shown.param("connect_code").expect("a code");
    assert!(code.len() <= 46);
    assert_eq!(shown.param("state").as_deref(), Some("my state"));

    // Nothing is connected before it is completed.
    assert_eq!(accounts(&pair, &alice).await, Vec::<Value>::new());
    let (status, account) = pair.complete(&token, &auth_session, &code, &verifier).await;
    assert_eq!(status, 201, "{account}");
    let id = account["id"].as_str().expect("an id");
    assert!(id.strip_prefix("cac_").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric())), "{id}");
    assert_eq!(account["connection"], "stocktrade");
    assert_eq!(account["access_type"], "offline");
    assert_eq!(account["scopes"], json!(["portfolio:read", "trade:read"]));
    assert!(account["created_at"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert_eq!(accounts(&pair, &alice).await, vec![account.clone()]);
    let (_, connections) = pair.my_account(Method::GET, "connections", &token, None).await;
    assert_eq!(connections, json!({ "connections": [{ "name": "stocktrade", "strategy": "oidc", "scopes": ALL }] }));

    let grant = grant_of(&pair, &alice).await;
    assert!(lives_at_b(&pair, &grant).await);
    let (status, _) = pair.my_account(Method::DELETE, &format!("accounts/{id}"), &token, None).await;
    assert_eq!(status, 204);
    assert!(!lives_at_b(&pair, &grant).await, "revoked at B too");
    assert_eq!(accounts(&pair, &alice).await, Vec::<Value>::new());
    let (status, _) = pair.my_account(Method::DELETE, &format!("accounts/{id}"), &token, None).await;
    assert_eq!(status, 404);
    let (status, _) = pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn reconnecting_revokes_the_former_grant() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    let first = pair.connect(&alice, "Alice", json!(["portfolio:read"])).await;
    let former = grant_of(&pair, &alice).await;
    pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await;
    let second = pair.connect(&alice, "Alice", json!(ALL)).await;
    assert_eq!((&second["id"], &second["scopes"]), (&first["id"], &json!(ALL)));
    assert_eq!(accounts(&pair, &alice).await.len(), 1);
    let (_, answer) = pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await;
    assert!(answer["scope"].as_str().is_some_and(|all| all.contains("trade:write")), "{answer}");
    assert!(lives_at_b(&pair, &grant_of(&pair, &alice).await).await);
    world::until("the former grant is revoked at B", async || (!lives_at_b(&pair, &former).await).then_some(())).await;
}

#[tokio::test]
async fn line_49_ticket_in_anothers_session_links_nothing() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    let bob = pair.person("Bob").await;
    let token = pair.account_token(&alice).await;
    let (auth_session, url, verifier) = pair.begin_connect(&token, json!(ALL)).await;
    let shown = bob.browser.get(&url).await;
    assert_eq!((shown.status, shown.text("/view").as_str()), (403, "error"), "{shown:?}");
    // Without a session it leads to the login, and Alice must be the one who logs in.
    let stranger = Browser::default();
    let shown = stranger.follow(&url).await;
    let shown = pair.at_login(&stranger, shown, "Bob").await;
    assert_eq!(shown.status, 403, "{shown:?}");
    let shown = pair.consent(&alice.browser, &url, "Alice", "allow").await;
    let code = shown.param("connect_code").expect("a code");
    // Bob's token doesn't complete Alice's connection.
    let bobs = pair.account_token(&bob).await;
    assert_eq!(pair.complete(&bobs, &auth_session, &code, &verifier).await.0, 400);
    assert_eq!(pair.complete(&token, &auth_session, &code, &verifier).await.0, 201);
    assert_eq!(accounts(&pair, &bob).await, Vec::<Value>::new());
    // The ticket is used up.
    assert_eq!(alice.browser.get(&url).await.status, 400);
}

#[tokio::test]
async fn line_10_26_callback_of_another_browser_links_nothing() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    let bob = pair.person("Bob").await;
    let token = pair.account_token(&alice).await;
    let (auth_session, url, verifier) = pair.begin_connect(&token, json!(ALL)).await;
    // She allows it on B's consent page, but the redirect isn't followed.
    let shown = alice.browser.follow(&url).await;
    let (csrf_token, request) = (shown.text("/csrf_token"), shown.text("/request"));
    let form = [("csrf_token", &*csrf_token), ("request", &request), ("decision", "allow")];
    let shown = alice.browser.post(&pair.b.at("u/consent"), &form).await;
    let back: url::Url = shown.text("/href").parse().expect("the way back");
    assert_eq!(back.path(), "/connected-accounts/callback");
    let changed = |name: &str, value: Option<&str>| {
        let mut url = back.clone();
        let pairs: Vec<(String, String)> = back.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(name, value);
        }
        url.to_string()
    };
    for url in [
        format!("{back}&code=another"),
        changed("state", None),
        changed("state", Some("wrong")),
        changed("state", Some("")),
    ] {
        let shown = alice.browser.error_of(&url).await;
        assert_eq!(shown.status, 403, "{url}");
    }
    // Other browsers: a stranger's, Bob's, and another of Alice's.
    assert_eq!(Browser::default().error_of(back.as_str()).await.status, 403);
    assert_eq!(bob.browser.error_of(back.as_str()).await.status, 403);
    let elsewhere = pair.person("Alice").await;
    assert_eq!(elsewhere.browser.error_of(back.as_str()).await.status, 403);

    // Mix-up: an answer from another provider uses up the state.
    let shown = alice.browser.error_of(&changed("iss", Some("http://evil.example/"))).await;
    assert_eq!(shown.status, 403, "{shown:?}");
    let shown = alice.browser.error_of(back.as_str()).await;
    assert_eq!(shown.status, 403, "{shown:?}");
    assert_eq!(pair.complete(&token, &auth_session, &secret::token(), &verifier).await.0, 400);
    assert_eq!(accounts(&pair, &alice).await, Vec::<Value>::new());
}

#[tokio::test]
async fn line_26_connect_code_works_once_in_its_session() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    let token = pair.account_token(&alice).await;
    let (auth_session, url, verifier) = pair.begin_connect(&token, json!(ALL)).await;
    let shown = pair.consent(&alice.browser, &url, "Alice", "allow").await;
    let code = shown.param("connect_code").expect("a code");
    let (other_session, _, other_verifier) = pair.begin_connect(&token, json!(ALL)).await;
    for (session, code, verifier) in [
        (&*other_session, &*code, &*verifier),
        (&*other_session, &*code, &*other_verifier),
        (&*auth_session, &*code, &*other_verifier),
        (&*auth_session, &*code, ""),
        (&*auth_session, &code[1..], &*verifier),
        (&*auth_session, "", &*verifier),
        ("", &*code, &*verifier),
    ] {
        let (status, answer) = pair.complete(&token, session, code, verifier).await;
        assert_eq!(status, 400, "{session} {code} {verifier}: {answer}");
    }
    // Another person's token, with everything else right.
    let bob = pair.person("Bob").await;
    let (status, answer) = pair.complete(&pair.account_token(&bob).await, &auth_session, &code, &verifier).await;
    assert_eq!(status, 400, "{answer}");
    let body = json!({
        "auth_session": auth_session, "connect_code": code, "code_verifier": verifier,
        "redirect_uri": format!("{CALLBACK}2"),
    });
    assert_eq!(pair.my_account(Method::POST, "complete", &token, Some(body)).await.0, 400);
    assert_eq!(accounts(&pair, &alice).await, Vec::<Value>::new());

    // Exactly one of several concurrent attempts succeeds.
    let attempts =
        futures::future::join_all((0..8).map(|_| pair.complete(&token, &auth_session, &code, &verifier))).await;
    let won = attempts.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!(won, 1, "{attempts:?}");
    assert!(attempts.iter().all(|(status, _)| [201, 400].contains(status)), "{attempts:?}");
    assert_eq!(pair.complete(&token, &auth_session, &code, &verifier).await.0, 400);
    assert_eq!(accounts(&pair, &alice).await.len(), 1);
    assert!(lives_at_b(&pair, &grant_of(&pair, &alice).await).await);
}

#[tokio::test]
async fn line_26_an_account_of_another_person_is_not_moved() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let hers = grant_of(&pair, &alice).await;
    let bob = pair.person("Bob").await;
    let token = pair.account_token(&bob).await;
    let (auth_session, url, verifier) = pair.begin_connect(&token, json!(ALL)).await;
    // At T, Bob's browser is Bob's; at B, somebody logs in as Alice.
    let shown = bob.browser.get(&url).await;
    let at_b = shown.location.expect("to B");
    bob.browser.forget(pair.b.site.url().host_str().expect("a host"));
    let shown = pair.consent(&bob.browser, at_b.as_str(), "Alice", "allow").await;
    let code = shown.param("connect_code").expect("a code");
    let (status, answer) = pair.complete(&token, &auth_session, &code, &verifier).await;
    assert_eq!((status, &answer["status"]), (409, &json!(409)), "{answer}");
    assert_eq!(accounts(&pair, &bob).await, Vec::<Value>::new());
    assert_eq!(accounts(&pair, &alice).await.len(), 1);
    assert_eq!(grant_of(&pair, &alice).await, hers);
    assert!(lives_at_b(&pair, &hers).await);
    // The unused grant is revoked.
    pair.until_outbox_is_empty().await;
    assert_eq!(pair.grants_at_b("tenant-vault").await, 1);
}

/// Somebody else connects the account between the check and the write: the loser keeps what they had, and the unused
/// grant is revoked.
#[tokio::test]
async fn line_26_61_loser_of_a_connect_race_keeps_their_account() {
    let pair = Pair::start().await;
    let bob = pair.connected("Bob").await;
    let his = grant_of(&pair, &bob).await;
    let token = pair.account_token(&bob).await;
    let (auth_session, url, verifier) = pair.begin_connect(&token, json!(ALL)).await;
    let at_b = bob.browser.get(&url).await.location.expect("to B");
    bob.browser.forget(pair.b.site.url().host_str().expect("a host"));
    let shown = pair.consent(&bob.browser, at_b.as_str(), "Alice", "allow").await;
    let code = shown.param("connect_code").expect("a code");

    let (t, b) = (&pair.t.identity, &pair.b.identity);
    let mut db = b.db.pool().acquire().await.expect("the database");
    let alice = identity::store::person::by_login(&mut db, "alice@example.com").await.expect("the database");
    let (alice, _) = alice.expect("Alice");
    let mut tx = t.db.begin().await.expect("the database");
    let quicker = connected_account::Row {
        id: "cac_quicker".into(),
        person: "usr_quicker".into(),
        connection: "stocktrade".into(),
        issuer: alice.issuer,
        subject: alice.id,
        name: None,
        scopes: "trade:read".into(),
        refresh_token: "sealed".into(),
        created_at: pair.clock.now(),
        expires_at: None,
    };
    assert!(connected_account::insert(&mut *tx, &quicker).await.expect("the database"));
    let commit = async {
        // On PostgreSQL its insert waits for this one. SQLite's only writer makes it wait earlier.
        let waits =
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        world::until("the other completion waits", async || {
            let is_asked = !pair.world.at_identity.seen("POST /me/v1/connected-accounts/complete").is_empty();
            let waiting: i64 = match t.db.is_shared() {
                true => sqlx::query_scalar(waits).fetch_one(t.db.pool()).await.expect("the database"),
                false => is_asked.into(),
            };
            (waiting > 0).then_some(())
        })
        .await;
        tx.commit().await.expect("the database");
    };
    let ((status, answer), ()) = tokio::join!(pair.complete(&token, &auth_session, &code, &verifier), commit);
    assert_eq!((status, &answer["status"]), (409, &json!(409)), "{answer}");
    assert_eq!(grant_of(&pair, &bob).await, his);
    pair.until_outbox_is_empty().await;
    assert!(lives_at_b(&pair, &his).await);
    assert_eq!(pair.grants_at_b("tenant-vault").await, 1, "what was granted in vain is revoked");
}

/// One person completes two connections at once: both succeed, one after the other, and one grant remains.
#[tokio::test]
async fn line_61_later_of_two_completions_replaces_the_earlier() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    for _ in 0..3 {
        let token = pair.account_token(&alice).await;
        let mut begun = Vec::new();
        for _ in 0..2 {
            let (auth_session, url, verifier) = pair.begin_connect(&token, json!(ALL)).await;
            let shown = pair.consent(&alice.browser, &url, "Alice", "allow").await;
            begun.push((auth_session, shown.param("connect_code").expect("a code"), verifier));
        }
        let (token, pair) = (&token, &pair);
        let completions = begun.iter().map(|(session, code, verifier)| pair.complete(token, session, code, verifier));
        for (status, answer) in futures::future::join_all(completions).await {
            assert_eq!(status, 201, "{answer}");
        }
        assert_eq!(accounts(pair, &alice).await.len(), 1);
        pair.until_outbox_is_empty().await;
        assert_eq!(pair.grants_at_b("tenant-vault").await, 1);
        assert!(lives_at_b(pair, &grant_of(pair, &alice).await).await);
    }
}

#[tokio::test]
async fn connection_is_dropped_after_five_minutes() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    let token = pair.account_token(&alice).await;
    let (auth_session, url, verifier) = pair.begin_connect(&token, json!(ALL)).await;
    let shown = pair.consent(&alice.browser, &url, "Alice", "allow").await;
    let code = shown.param("connect_code").expect("a code");
    assert_eq!(pair.grants_at_b("tenant-vault").await, 1);
    pair.clock.advance(300_000);
    assert_eq!(pair.complete(&token, &auth_session, &code, &verifier).await.0, 400);
    world::until("it is revoked at B", async || (pair.grants_at_b("tenant-vault").await == 0).then_some(())).await;
    assert_eq!(pair.complete(&token, &auth_session, &code, &verifier).await.0, 400);
    // A ticket is valid for as long.
    let (_, url, _) = pair.begin_connect(&token, json!(ALL)).await;
    pair.clock.advance(300_000);
    assert_eq!(alice.browser.get(&url).await.status, 400);
}

#[tokio::test]
async fn declined_connection_returns_the_refusal() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    let token = pair.account_token(&alice).await;
    let (_, url, _) = pair.begin_connect(&token, json!(ALL)).await;
    let shown = pair.consent(&alice.browser, &url, "Alice", "deny").await;
    assert_eq!(shown.param("error").as_deref(), Some("access_denied"));
    assert_eq!(shown.param("state").as_deref(), Some("my state"));
    assert!(shown.param("connect_code").is_none());
    assert_eq!(accounts(&pair, &alice).await, Vec::<Value>::new());
}

#[tokio::test]
async fn line_41_ticket_returns_only_to_registered_addresses() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    let token = pair.account_token(&alice).await;
    let good = json!({
        "connection": "stocktrade", "redirect_uri": CALLBACK, "state": "s",
        "code_challenge": secret::hash("v"), "code_challenge_method": "S256", "scopes": ALL,
    });
    let many: Vec<String> = (0..101).map(|n| format!("s{n}")).collect();
    for (member, value) in [
        ("redirect_uri", json!("http://evil.example/")),
        ("redirect_uri", json!(format!("{CALLBACK}/"))),
        ("redirect_uri", json!("//evil.example")),
        ("redirect_uri", json!("javascript:alert(1)")),
        ("redirect_uri", json!(CALLBACK.to_uppercase())),
        ("connection", json!("elsewhere")),
        ("code_challenge", Value::Null),
        ("code_challenge", json!("short")),
        ("code_challenge_method", json!("plain")),
        ("code_challenge_method", Value::Null),
        ("scopes", json!(["admin"])),
        ("scopes", json!([])),
        ("scopes", json!(many)),
        ("scopes", json!("trade:read")),
        ("state", json!("s".repeat(2049))),
    ] {
        let mut body = good.clone();
        body[member] = value.clone();
        let (status, answer) = pair.my_account(Method::POST, "connect", &token, Some(body)).await;
        assert_eq!((status, &answer["status"]), (400, &json!(400)), "{member} = {value}: {answer}");
    }
    assert_eq!(pair.my_account(Method::POST, "connect", &token, Some(good)).await.0, 201);
}
