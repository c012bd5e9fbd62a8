//! Recordings: a person's requests, as each site received them, for that person's session there; and their shape for
//! the agent.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use driver::{Browser, Credentials};
use foundation::ExposeSecret;
use serde_json::{Value, json};
use world::{ALICE, BOB, Setup, World};

/// Chooses on the page `/recording` of Mandate identity: `start`, `stop` or `forget`.
async fn choose(world: &World, browser: &mut Browser, act: &str) {
    browser.open(&world.identity_site().at("recording")).await.unwrap();
    let body = browser.page().unwrap().body.clone();
    let mut forms = driver::html::forms(&body).into_iter();
    let form = forms.find(|form| form.action.ends_with("/recording") && form.has("act")).unwrap();
    browser.submit(&form, &[("act", act)], None).await.unwrap();
}

/// The page of a site, as text.
async fn page(browser: &mut Browser, site: &foundation::site::Site) -> String {
    browser.open(&site.at("recording")).await.unwrap().text()
}

/// Records, and buys.
async fn buys(world: &World, credentials: Credentials, text: &str) -> world::Person {
    let person = world.connected(credentials).await;
    let mut browser = person.browser.lock().await;
    choose(world, &mut browser, "start").await;
    // This page makes the agent ask whether the person records.
    browser.open(&world.agent_site().at("workshop/6")).await.unwrap();
    browser.say(&world.sites(), text).await.unwrap();
    drop(browser);
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn line_71_each_person_sees_their_own_requests_at_each_site() {
    let world = World::start().await;
    let (alice, bob) = tokio::join!(buys(&world, ALICE, "Buy 5 WAYNE"), buys(&world, BOB, "Buy 3 STARK"));
    let waiting = async || Some(world.waiting().await).filter(|waiting| waiting.len() == 2);
    let pages = world::until("both are asked", waiting).await;
    for page in pages {
        for person in [&alice, &bob] {
            let mut browser = person.browser.lock().await;
            if browser.open(&page).await.unwrap().status == 200 {
                browser.decide(&page, "approve").await.unwrap();
            }
        }
    }
    world::until("both are placed", async || (world.orders().await == 2).then_some(())).await;
    let subjects = [world.subject(ALICE).await, world.subject(BOB).await];
    for (person, own, other) in [(&alice, 0, 1), (&bob, 1, 0)] {
        let (mine, theirs) = [("WAYNE", "STARK"), ("STARK", "WAYNE")][own];
        let mut browser = person.browser.lock().await;
        let at_identity = page(&mut browser, world.identity_site()).await;
        let at_broker = page(&mut browser, world.broker_site()).await;
        for shown in ["/bc-authorize", "/oauth/token", "grant_type", "binding_message", mine, &subjects[own]] {
            assert!(at_identity.contains(shown), "{shown}: {at_identity}");
        }
        for shown in ["/api/orders", "/oauth/token", "on_behalf_of", "actor_token", "authorization_details", mine] {
            assert!(at_broker.contains(shown), "{shown}: {at_broker}");
        }
        for text in [&at_identity, &at_broker] {
            assert!(!text.contains(theirs) && !text.contains(&subjects[other]), "the other's: {text}");
        }
        choose(&world, &mut browser, "stop").await;
        for site in [world.identity_site(), world.broker_site()] {
            let text = page(&mut browser, site).await;
            assert!(!text.contains("/oauth/token") && !text.contains(mine), "{text}");
        }
    }
    let mut visitor = world.browser();
    let text = page(&mut visitor, world.identity_site()).await;
    assert!(!text.contains("/oauth/token"), "a login page: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_71_agent_gets_the_shape_alone() {
    let world = World::start().await;
    let (alice, bob) = (buys(&world, ALICE, "Buy 5 WAYNE").await, world.logged_in(BOB).await);
    world::until("she is asked", async || world.waiting().await.pop()).await;
    for person in [&alice, &bob] {
        person.browser.lock().await.open(&world.agent_site().at("workshop/4")).await.unwrap();
    }
    let bearer = |path: &str| -> Vec<String> {
        let seen = world.at_identity.seen(path);
        seen.iter().map(|seen| seen.header("authorization").trim_start_matches("Bearer ").to_owned()).collect()
    };
    let read = async |token: &str| {
        let request = world.http().client().get(world.identity_site().at("me/v1/recording"));
        let answer = request.bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let tokens = bearer("GET /me/v1/recording");
    let (status, shape) = read(tokens.first().unwrap()).await;
    let records = shape["records"].as_array().unwrap();
    assert_eq!(status, 200);
    for (site, path) in [("identity", "/bc-authorize"), ("identity", "/oauth/token"), ("stocktrade", "/oauth/token")] {
        assert!(records.iter().any(|it| it["site"] == site && it["path"] == path), "{site} {path}: {shape:#}");
    }
    let members = ["site", "number", "at", "from", "to", "method", "path", "status", "ms", "trace", "carries", "model"];
    for record in records {
        assert!(record.as_object().unwrap().keys().all(|name| members.contains(&name.as_str())), "{record:#}");
    }
    for inside in ["usr_", "apr_", "stock_order", "WAYNE", "urn:", "scope"] {
        assert!(!shape.to_string().contains(inside), "{inside}: {shape:#}");
    }
    // Bob doesn't record, and his token reads only his.
    assert_eq!(read(tokens.last().unwrap()).await, (200, json!({ "allowed": true, "until": null, "records": [] })));
    // A token only for connected accounts.
    let (status, refused) = read(bearer("GET /me/v1/connected-accounts/accounts").first().unwrap()).await;
    assert_eq!(status, 403, "{refused}");
    assert_eq!(read("no token").await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn line_71_only_mandate_identity_records_at_stocktrade() {
    let world = World::start().await;
    let alice = buys(&world, ALICE, "Who am I?").await;
    drop(alice);
    let asked = world.at_broker.seen("POST /oauth/recording").remove(0);
    let ask = async |change: &[(&str, &str)]| {
        let mut form = asked.form();
        form.insert("action".into(), "read".into());
        form.extend(change.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let request = world.http().client().post(world.broker_site().at("oauth/recording")).form(&form);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, read) = ask(&[]).await;
    assert_eq!((status, read["until"].is_null()), (200, false), "{read}");
    assert_eq!(ask(&[("client_secret", "another")]).await.0, 401);
    // StockTrade's own pages, with their own secret.
    let own = world.broker_config.login.client_secret.expose_secret().to_owned();
    let (status, error) = ask(&[("client_id", "stocktrade"), ("client_secret", &own)]).await;
    assert_eq!((status, &error["error"]), (400, &json!("unauthorized_client")), "{error}");
    // An id token of another client, and an invalid one.
    let vault = world.identity.config.connections[0].settings.client_secret.expose_secret().to_owned();
    let (status, error) = ask(&[("client_id", "tenant-vault"), ("client_secret", &vault)]).await;
    assert_eq!((status, &error["error"]), (400, &json!("invalid_grant")), "{error}");
    let (status, error) = ask(&[("id_token_hint", "no.id.token")]).await;
    assert_eq!((status, &error["error"]), (400, &json!("invalid_grant")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_71_login_is_recorded_without_what_is_typed() {
    let world = World::start().await;
    let alice = buys(&world, ALICE, "Who am I?").await;
    let mut again = world.browser();
    again.log_in(&world.sites(), ALICE).await.unwrap();
    drop(alice);
    let text = page(&mut again, world.identity_site()).await;
    assert!(text.contains("/authorize") && text.contains("code_verifier"), "{text}");
    again.open(&world.broker_site().at("recording")).await.unwrap();
    let html = again.page().unwrap().body.clone();
    assert!(html.contains("/u/login") && html.contains("code_challenge"), "{html}");
    assert!(!html.contains(ALICE.password));
}

#[tokio::test(flavor = "multi_thread")]
async fn line_71_nothing_is_recorded_where_the_operator_left_it_off() {
    let world = Setup::default().set("RECORDINGS", "off").start().await;
    let alice = world.logged_in(ALICE).await;
    let mut browser = alice.browser.lock().await;
    let text = page(&mut browser, world.identity_site()).await;
    assert!(text.contains("Recording is off here") && !text.contains("Record my requests"), "{text}");
    assert!(!world.identity.recorder.is_allowed() && !world.provider.recorder.is_allowed());
    // The workshop doesn't offer it, and says why.
    for step in [3, 4] {
        let at = world.agent_site().at(&format!("workshop/{step}"));
        let text = browser.open(&at).await.unwrap().text();
        assert!(text.contains("the operator left recording off"), "{text}");
        assert!(!text.contains("Record your requests") && !browser.page().unwrap().body.contains("/recording"));
        let text = world.browser().open(&at).await.unwrap().text();
        assert!(text.contains("the operator left recording off") && !text.contains("you can record"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_code_is_in_its_persons_recording() {
    let world = World::start().await;
    let (alice, bob) = (world.logged_in(ALICE).await, world.logged_in(BOB).await);
    for person in [&alice, &bob] {
        choose(&world, &mut *person.browser.lock().await, "start").await;
    }
    let mut browser = alice.browser.lock().await;
    browser.open(&world.agent_site().at("workshop/replay")).await.unwrap();
    let text = page(&mut browser, world.identity_site()).await;
    assert!(text.contains("/oauth/token → 400"), "{text}");
    let text = page(&mut *bob.browser.lock().await, world.identity_site()).await;
    assert!(!text.contains("/oauth/token → 400"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reader_comes_back_to_the_step_they_came_from() {
    let world = World::start().await;
    let alice = world.logged_in(ALICE).await;
    let browser = &mut *alice.browser.lock().await;
    let back = |step: &str| format!(r#"href="{}{step}""#, world.agent_site().at("workshop"));
    let body = |browser: &Browser| browser.page().unwrap().body.clone();
    browser.open(&world.identity_site().at("recording?step=4")).await.unwrap();
    assert!(body(browser).contains(&back("/4")), "{}", body(browser));
    let form = browser.page().unwrap().form_with("act").unwrap();
    browser.submit(&form, &[("act", "start")], None).await.unwrap();
    let elsewhere = format!(r#"href="{}?step=4""#, world.broker_site().at("recording"));
    assert!(body(browser).contains(&back("/4")) && body(browser).contains(&elsewhere), "{}", body(browser));
    for site in [world.identity_site(), world.broker_site()] {
        browser.open(&site.at("recording?step=6")).await.unwrap();
        assert!(body(browser).contains(&back("/6")), "{}", body(browser));
        for other in ["recording", "recording?step=//evil.example", "recording?step=4/..", "recording?step=-1"] {
            browser.open(&site.at(other)).await.unwrap();
            assert!(body(browser).contains(&back("")), "{other}: {}", body(browser));
        }
    }
    // The login keeps it.
    let answer = world.http().client().get(world.identity_site().at("recording?step=4")).send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/u/login?returnTo=%2Frecording%3Fstep%3D4");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_9_recording_starts_only_from_its_own_form() {
    let world = World::start().await;
    let alice = world.logged_in(ALICE).await;
    let mut browser = alice.browser.lock().await;
    page(&mut browser, world.identity_site()).await;
    let form = browser.page().unwrap().form_with("act").unwrap();
    browser.submit(&form, &[("csrf_token", "another")], None).await.unwrap();
    let text = page(&mut browser, world.identity_site()).await;
    assert!(text.contains("Record my requests"), "{text}");
}
