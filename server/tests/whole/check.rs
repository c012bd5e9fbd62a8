//! `mandate check`, and what the next start ends after something was removed from the file.

use driver::{ALICE, Agent, Ended, Outcome, Setup};

use crate::support::together;

const APP: &str = r#"
[[client]]
id = "app"
name = "App"
secret = "env:APP_SECRET"
callbacks = ["https://app.example/callback"]
grants = ["authorization_code"]
apis = ["mcp"]
"#;

#[tokio::test]
async fn check_names_file_and_line_and_what_would_end() -> Outcome {
    let mut setup = together("check").await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("mandate.toml");
    let name = file.display().to_string();
    let check: &[&str] = &["check", &name];

    std::fs::write(&file, "[[client]]\nid = \"app\"\nname = \"App\"\nsecret = \"hunter2\"\n\n[limit]\n")?;
    let (done, said) = setup.command(check).await?;
    assert!(!done && said.contains(&format!("{name}:4: a secret doesn't belong")), "{said}");
    assert!(said.contains(&format!("{name}:6: unknown table `limit`")) && !said.contains("hunter2"), "{said}");
    // The start says the same, and creates nothing.
    setup.set("MANDATE_CONFIG", &name);
    let (served, at_start) = setup.command(&["serve"]).await?;
    assert!(!served && at_start == said, "{at_start}\n{said}");
    std::fs::write(&file, "[limits]\napproval_seconds = 5\n")?;
    let (done, said) = setup.command(check).await?;
    assert!(!done && said.contains(&format!("{name}:2: approval_seconds: expected a whole number from 10")), "{said}");

    std::fs::write(&file, APP)?;
    let (done, said) = setup.command(check).await?;
    assert!(done && said.contains(&format!("{name}:5: the environment variable APP_SECRET isn't set")), "{said}");
    let (served, said) = setup.command(&["serve"]).await?;
    assert!(!served && said.contains(&format!("{name}:5: the environment variable APP_SECRET isn't set")), "{said}");

    setup.set("APP_SECRET", "a-secret-of-many-letters");
    let (done, said) = setup.command(check).await?;
    assert!(done && said.contains("nothing is wrong") && !said.contains("Warning"), "{said}");
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    program.stop().await?;

    // Without the chat's own client nobody would be logged in any more.
    let gone = APP.replace("\"app\"", "\"agent\"").replace("[\"mcp\"]", "[\"vault\"]");
    std::fs::write(&file, gone)?;
    let (done, said) = setup.command(check).await?;
    let client = "Mandate identity: without the client \"app\", this ends: nothing was granted";
    assert!(done && said.contains(client), "{said}");
    Ok(())
}

const ROOMS: &str = r#"
[[client]]
id = "app"
name = "App"
secret = "env:APP_SECRET"
callbacks = ["https://app.example/callback"]
grants = ["authorization_code", "refresh_token"]
apis = ["rooms"]
first_party = true

[[api]]
id = "rooms"
name = "Rooms"
audience = "https://rooms.example/api"
url = "https://rooms.example/api"
consent = false
scopes = { "rooms:read" = "See free rooms", "rooms:book" = "Book rooms" }
"#;

/// The warnings that the command prints, and nothing else goes to standard error.
async fn warnings(setup: &Setup, file: &std::path::Path, text: &str) -> Outcome<Vec<String>> {
    std::fs::write(file, text)?;
    let Ended { code, out, err } = setup.run(&["check", &file.display().to_string()]).await?;
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert_eq!(out.lines().next(), Some(format!("{}: nothing is wrong.", file.display()).as_str()), "{out}");
    let warnings = out.lines().skip(1).map(|line| line.strip_prefix("Warning: ").unwrap_or(line).to_owned());
    // On PostgreSQL, each change also needs `--new-config`.
    Ok(warnings.filter(|line| !line.contains("its instances agree on another configuration")).collect())
}

#[tokio::test]
async fn check_prints_what_each_removal_ends() -> Outcome {
    let mut setup = together("check-removals").await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("mandate.toml");
    std::fs::write(&file, ROOMS)?;
    setup.set("MANDATE_CONFIG", &file.display().to_string());
    setup.set("APP_SECRET", "a-secret-of-many-letters");
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let app = Agent::new(&setup.sites, "app", "a-secret-of-many-letters".into(), browser.secrets().clone())?;
    let asked = [("audience", "https://rooms.example/api"), ("scope", "openid rooms:read rooms:book")];
    let issuer = setup.sites.identity.clone();
    app.authorize(&mut browser, &issuer, "https://app.example/callback", &asked, ALICE).await?.get("access_token")?;
    program.stop().await?;

    let same = warnings(&setup, &file, ROOMS).await?;
    assert_eq!(same, [""; 0]);
    let scope = warnings(&setup, &file, &ROOMS.replace(r#", "rooms:book" = "Book rooms""#, "")).await?;
    assert_eq!(scope, [r#"Mandate identity: without the scope "rooms:book" of the client "app", this ends: 1 grant"#]);
    let (client, _) = ROOMS.split_once("[[api]]").ok_or("no API")?;
    let api = warnings(&setup, &file, &client.replace("rooms", "mcp")).await?;
    assert_eq!(api, ["Mandate identity: without the API https://rooms.example/api, this ends: 1 grant"]);
    let client = warnings(&setup, &file, "").await?;
    assert_eq!(client, [r#"Mandate identity: without the client "app", this ends: 1 grant"#]);
    let provider = r#"
        [[connection]]
        id = "stocktrade"
        name = "StockTrade"
        api = "stocktrade"
        issuer = "https://trade.example/"
        client_id = "tenant-vault"
        client_secret = "kept:TENANT_VAULT_CLIENT_SECRET"
    "#;
    let provider = warnings(&setup, &file, &format!("{ROOMS}{provider}")).await?;
    let ends = "this ends: 1 connected account, revoked at the provider";
    let former =
        format!(r#"Mandate identity: without the former provider or client of the connection "stocktrade", {ends}"#);
    assert_eq!(provider, [former]);
    let connection = warnings(&setup, &file, &format!("{ROOMS}\n[demo]\nstocktrade = false\n")).await?;
    let gone = format!(r#"Mandate identity: without the connection "stocktrade", {ends}"#);
    assert!(connection.contains(&gone), "{connection:?}");
    // The check changed nothing.
    assert_eq!(warnings(&setup, &file, ROOMS).await?, [""; 0]);
    Ok(())
}
