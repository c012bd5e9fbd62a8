//! The operator's commands, beside a program that serves.

use driver::{ALICE, BOB, Browser, Ended, Outcome, Setup};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::chat::ApprovalState;

use crate::support::{over, stolen, together, waiting};

/// The JSON that a command prints.
async fn listed(setup: &Setup, words: &[&str]) -> Outcome<Value> {
    let ended = setup.run(&[words, &["--json"]].concat()).await?;
    if ended.code != Some(0) {
        return Err(format!("{words:?}: {ended:?}").into());
    }
    Ok(serde_json::from_str(&ended.out).map_err(|error| format!("{words:?}: {error}: {}", ended.out))?)
}

fn with<'a>(rows: &'a Value, member: &str, value: &str) -> Outcome<&'a Value> {
    let found = rows.as_array().into_iter().flatten().find(|row| row[member] == value);
    found.ok_or_else(|| format!("no {member} {value} in {rows}").into())
}

/// Whether the person gets in, by e-mail and password.
async fn gets_in(setup: &Setup, browser: &mut Browser) -> Outcome<bool> {
    browser.open(setup.sites.agent.join("auth/login")?.as_str()).await?;
    if browser.page()?.form_with("password").is_ok() {
        browser.type_credentials(ALICE).await?;
    }
    Ok(browser.expect_at(setup.sites.agent.as_str()).is_ok() && browser.page()?.text().contains("Alice"))
}

#[tokio::test]
async fn commands_name_mistakes() -> Outcome {
    let setup = together("operator-wrong").await?;
    let Ended { code, err, .. } = setup.run(&["people", "list"]).await?;
    assert!(code == Some(1) && err.contains("Mandate identity has never started here"), "{err}");
    assert!(!setup.data_dir("serve").join("tenant.db").exists(), "looking makes no database");
    let program = setup.serve().await?;
    for (words, code, said) in [
        (
            &["people", "disable", "nobody@example.com"][..],
            1,
            "there is no person nobody@example.com at Mandate identity",
        ),
        (&["people", "disable", "usr_nobody", "--site", "stocktrade"], 1, "no person usr_nobody at StockTrade"),
        (&["grants", "revoke", "gnt_none"], 1, "there is no grant gnt_none"),
        (&["grants", "list", "--client", "nobody"], 1, "there is no client nobody"),
        (&["people", "disable"], 2, "needs one ID|E-MAIL"),
        (&["people", "vanish", "x"], 2, "no command «people vanish»"),
        (&["audit", "export", "--since", "yesterday"], 2, "--since is a time"),
        (&["people", "remove", "x", "--json"], 2, "--json needs --yes"),
        (&["person", "list"], 2, "there is no command «person»"),
        (&["backup"], 2, "mandate backup DIR"),
        (&["backup", "--now"], 2, "mandate backup DIR"),
        (&["restore"], 2, "mandate restore DIR"),
        (&["keys"], 2, "mandate keys rotate"),
        (&["check", "one.toml", "two.toml"], 2, "mandate check [FILE]"),
        (&["serve", "bank"], 2, "there is no site «bank»"),
        (&["serve", "--new"], 2, "there is no option «--new»"),
    ] {
        let ended = setup.run(words).await?;
        assert!(ended.code == Some(code) && ended.err.contains(said) && ended.out.is_empty(), "{words:?}: {ended:?}");
    }
    let help = setup.run(&["backup", "--help"]).await?;
    assert!(help.code == Some(0) && help.out.starts_with("mandate backup DIR"), "{help:?}");
    let help = setup.run(&["people", "--help"]).await?;
    assert!(help.code == Some(0) && help.out.contains("mandate people disable ID|E-MAIL"), "{help:?}");

    let apis = listed(&setup, &["apis", "list"]).await?;
    let mcp = with(&apis, "id", "mcp")?;
    assert_eq!(mcp["scopes_in_words"]["trade:read"], "See your orders", "{mcp}");
    assert_eq!(
        (&mcp["approvers"], &with(&apis, "id", "stocktrade")?["approvers"]),
        (&json!("everyone"), &json!("everyone"))
    );
    with(&listed(&setup, &["types", "list", "--site=stocktrade"]).await?, "type", "stock_order")?;
    let clients = listed(&setup, &["clients", "list"]).await?;
    assert_eq!(with(&clients, "id", "agent-mcp")?["state"], "active");
    let table = setup.run(&["clients", "list"]).await?.out;
    let mut lines = table.lines();
    let at = lines.next().and_then(|heads| heads.find("NAME")).ok_or("no heads")?;
    assert!(lines.all(|line| line.is_char_boundary(at) && line[..at].ends_with("  ")), "not aligned:\n{table}");
    program.stop().await
}

#[tokio::test]
async fn line_56_disabled_person_is_out_at_once() -> Outcome {
    let setup = together("operator").await?;
    let program = setup.serve().await?;
    let (mut browser, mut other) = (setup.browser()?, setup.browser()?);
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    other.log_in(&setup.sites, BOB).await?;
    let agent = stolen(&setup, &browser)?;
    let refresh_token = agent.refresh_token(&mut browser, ALICE).await?;
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
    let mut thread = browser.say(&setup.sites, "Buy 5 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    let people = listed(&setup, &["people", "list"]).await?;
    let alice = with(&people, "e-mail", "alice@example.com")?;
    assert_eq!((&alice["state"], &alice["name"]), (&json!("active"), &json!("Alice")), "{alice}");
    let id = alice["id"].as_str().ok_or("no id")?;

    let ended = listed(&setup, &["people", "disable", "Alice@Example.com"]).await?;
    assert_eq!((&ended["person"], &ended["requests"]), (&json!(id), &json!(1)), "{ended}");
    // Her session at the identity service, and the one at the agent.
    assert!(ended["sessions"] == 2 && ended["grants"].as_i64() >= Some(1), "{ended}");
    let again = listed(&setup, &["people", "disable", id]).await?;
    assert_eq!(again["changed"], false, "{again}");
    assert!(browser.decide(&card.page, "approve").await.is_err(), "her session has ended");
    assert!(!gets_in(&setup, &mut browser).await?);
    let page = other.open(setup.sites.agent.as_str()).await?;
    assert!(page.status == StatusCode::OK && page.text().contains("Bob"), "Bob's session goes on: {}", page.text());

    let enabled = listed(&setup, &["people", "enable", id]).await?;
    assert_eq!(enabled["changed"], true);
    assert!(gets_in(&setup, &mut browser).await?, "{}", browser.page()?.text());
    let refused = agent.token(&setup.sites.identity, &refresh).await?;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "what ended stays ended");
    let denied = over(&mut thread, &browser, 20).await?;
    assert!(matches!(denied.state, ApprovalState::Denied), "{denied:?}");

    let log = setup.run(&["audit", "export", "--json", "--person", id]).await?.out;
    let events: Vec<Value> = log.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    for event in ["person_disabled", "person_enabled"] {
        let found = events.iter().find(|entry| entry["event"] == event).ok_or_else(|| format!("no {event}: {log}"))?;
        assert_eq!((&found["person"], &found["detail"]["actor"]), (&json!(id), &json!("operator, command line")));
    }
    assert!(events.iter().all(|entry| entry["person"] == id), "{log}");
    let none = setup.run(&["audit", "export", "--json", "--until", "2020-01-01"]).await?;
    assert_eq!((none.code, none.out.as_str()), (Some(0), ""));
    let columns = setup.run(&["audit", "export", "--since=2020-01-01"]).await?.out;
    assert!(columns.starts_with("TIME ") && columns.contains("person_disabled"), "{columns}");
    program.stop().await
}

#[tokio::test]
async fn line_56_disabled_person_places_no_manual_order() -> Outcome {
    let setup = together("operator-manual").await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    let stock = setup.sites.broker.join("stocks/WAYNE")?;
    let login = setup.sites.broker.join("auth/login?returnTo=/stocks/WAYNE")?;
    browser.open(login.as_str()).await?;
    browser.type_credentials(ALICE).await?;
    browser.open(stock.as_str()).await?;
    let review = browser.page()?.form_with("quantity")?;
    browser.submit(&review, &[("quantity", "1")], None).await?;
    let place = browser.page()?.form_with("key")?;
    let ended = setup.run(&["people", "disable", "alice@example.com", "--site", "stocktrade"]).await?;
    assert!(ended.code == Some(0) && ended.out.starts_with("Disabled alice@example.com (usr_"), "{ended:?}");
    browser.submit(&place, &[], None).await?;
    let page = browser.page()?;
    assert!(page.status == StatusCode::UNAUTHORIZED && page.text().contains("Nothing was changed"), "{}", page.text());
    browser.open(login.as_str()).await?;
    browser.type_credentials(ALICE).await?;
    assert!(browser.page()?.form_with("password").is_ok(), "refused: {}", browser.page()?.text());
    program.stop().await
}

#[tokio::test]
async fn line_56_revoked_grant_ends_its_tokens() -> Outcome {
    let setup = together("operator-grants").await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    let agent = stolen(&setup, &browser)?;
    let refresh_token = agent.refresh_token(&mut browser, ALICE).await?;
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
    let refreshed = async || Ok::<_, driver::Trouble>(agent.token(&setup.sites.identity, &refresh).await?.status);
    assert_eq!(refreshed().await?, StatusCode::OK);

    let grants = listed(&setup, &["grants", "list", "--client=agent", "--person", "alice@example.com"]).await?;
    let grants = grants.as_array().ok_or("no grants")?;
    assert_eq!(grants.len(), 2, "the chat's and the one just made: {grants:?}");
    let newest = grants[1]["id"].as_str().ok_or("no id")?;
    // If one of the grants doesn't exist, the other isn't revoked.
    assert_eq!(setup.run(&["grants", "revoke", newest, "gnt_none"]).await?.code, Some(1));
    assert_eq!(refreshed().await?, StatusCode::OK);
    let said = setup.run(&["grants", "revoke", newest]).await?;
    assert!(said.code == Some(0) && said.out.starts_with("Revoked 1 grant,"), "{said:?}");
    assert_eq!(refreshed().await?, StatusCode::BAD_REQUEST);
    assert!(setup.run(&["grants", "revoke", newest]).await?.out.contains("nothing to revoke"));
    let said = setup.run(&["grants", "revoke", "--person", "alice@example.com"]).await?;
    assert!(said.out.starts_with("Revoked 1 grant,"), "{said:?}");
    assert_eq!(listed(&setup, &["grants", "list"]).await?, json!([]));
    assert_eq!(listed(&setup, &["grants", "list", "--all"]).await?.as_array().map(Vec::len), Some(2));
    let log = setup.run(&["audit", "export", "--json"]).await?.out;
    assert_eq!(log.lines().filter(|line| line.contains("\"grant_revoked\"")).count(), 2, "{log}");
    program.stop().await
}
