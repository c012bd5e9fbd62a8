//! Backup while the program runs, and restoring each database (THREATS.md line 70): an approved order is never placed
//! again.

use std::{
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};

use driver::{ALICE, Agent, Browser, Outcome, Setup};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::chat::ApprovalState;
use sqlx::{AssertSqlSafe, Connection};

use crate::support::{orders, over, stolen, together, waiting};

fn details() -> Value {
    json!({"type": "stock_order", "symbol": "STARK", "side": "BUY", "quantity": 1, "limit": "999.00", "currency": "USD"})
}

/// A compromised agent redeems an approval, exchanges it and places the order.
async fn place(agent: &Agent, request: &str) -> Outcome<StatusCode> {
    let redeemed = agent.poll(request).await?;
    if redeemed.status != StatusCode::OK {
        return Ok(redeemed.status);
    }
    let exchanged = agent.vault_by_access_token(&redeemed.get("access_token")?).await?;
    if exchanged.status != StatusCode::OK {
        return Ok(exchanged.status);
    }
    let body = json!({"symbol": "STARK", "side": "BUY", "quantity": 1, "price": "999.00"});
    Ok(agent.api(Method::POST, "orders", &exchanged.get("access_token")?, Some(&body)).await?.status)
}

/// Simulates that minutes have passed, by moving back an approval's times in the identity service's database.
async fn minutes_later(data: &Path) -> Outcome {
    sqlx::any::install_default_drivers();
    let file = format!("sqlite://{}", data.join("tenant.db").display());
    let mut identity = sqlx::AnyConnection::connect(&file).await?;
    let sql = "UPDATE approval SET decided_at = decided_at - 180000, used_at = used_at - 180000";
    sqlx::query(AssertSqlSafe(sql)).execute(&mut identity).await?;
    Ok(identity.close().await?)
}

fn copy(from: &Path, to: &Path) -> Outcome {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            std::fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
}

/// docs/SELFHOST.md restores as root, and the program runs as a user of its own.
#[tokio::test]
async fn restored_database_belongs_to_the_owner_of_the_folder() -> Outcome {
    if std::env::var("TEST_DATABASE_URL").is_ok() {
        return Ok(());
    }
    let setup = together("restored-owner").await?;
    setup.serve().await?.stop().await?;
    let (data, backups) = (setup.data_dir("serve"), tempfile::tempdir()?);
    let backup = backups.path().join("backup").display().to_string();
    setup.run(&["backup", &backup]).await?;
    // Only root can give the folder to another user; otherwise all files belong to the test's user.
    let _ = chown(&data, Some(12_345), Some(12_346));
    let owner = std::fs::metadata(&data)?;
    let restored = setup.run(&["restore", &backup]).await?;
    assert_eq!(restored.code, Some(0), "{restored:?}");
    for entry in std::fs::read_dir(&data)? {
        let (name, file) = entry.map(|entry| (entry.file_name(), entry.metadata()))?;
        let name = name.to_string_lossy().into_owned();
        if name.ends_with(".db") || name.starts_with("before-restore-") {
            let file = file?;
            assert_eq!((file.uid(), file.gid()), (owner.uid(), owner.gid()), "{name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn line_70_restored_database_places_nothing_again() -> Outcome {
    if std::env::var("TEST_DATABASE_URL").is_ok() {
        return Ok(());
    }
    let setup = together("line-70").await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let agent = stolen(&setup, &browser)?;
    let refresh_token = agent.refresh_token(&mut browser, ALICE).await?;
    let subject = subject(&agent, &setup, &refresh_token).await?;
    let mut thread = browser.say(&setup.sites, "Buy 5 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    let asked = agent.ask(&subject, &details(), &[]).await?;
    let (request, page) = (asked.get("auth_req_id")?, asked.get("approval_uri")?);

    // Both requests wait while the backup is made, with the program running.
    let folder = tempfile::tempdir()?;
    let to = folder.path().join("backup");
    let backup = to.display().to_string();
    let (done, said) = setup.command(&["backup", &backup]).await?;
    assert!(done && said.contains("master.key") && said.contains("secrets.json"), "{said}");
    let mut files: Vec<_> =
        std::fs::read_dir(&to)?.map(|file| file.map(|file| file.file_name())).collect::<Result<_, _>>()?;
    files.sort();
    assert_eq!(files, ["agent.db", "backup.json", "broker.db", "broker_identity.db", "tenant.db"]);

    browser.decide(&card.page, "approve").await?;
    let placed = over(&mut thread, &browser, 20).await?;
    assert!(matches!(placed.state, ApprovalState::Placed { .. }), "{placed:?}");
    browser.decide(&page, "approve").await?;
    assert_eq!(place(&agent, &request).await?, StatusCode::CREATED);
    assert_eq!(orders(&agent, &mut browser, ALICE).await?.len(), 2);
    let (refused, said) = setup.command(&["restore", &backup]).await?;
    assert!(!refused && said.contains("is in use by another mandate"), "{said}");
    program.stop().await?;

    let data = setup.data_dir("serve");
    let after = folder.path().join("after");
    copy(&data, &after)?;
    for restored in ["agent", "tenant", "broker_identity", "broker"] {
        copy(&after, &data)?;
        minutes_later(&data).await?;
        let (done, said) = setup.command(&["restore", &backup, restored]).await?;
        assert!(done && said.contains("before-restore-"), "{said}");
        let program = setup.serve().await?;
        again(&agent, &mut browser, &request, &page, restored).await.map_err(|error| format!("{restored}: {error}"))?;
        program.stop().await?;
    }

    // All databases together, as after the loss of a machine: the person isn't asked again, and can decide.
    copy(&after, &data)?;
    let (done, said) = setup.command(&["restore", &backup]).await?;
    assert!(done, "{said}");
    let program = setup.serve().await?;
    assert_eq!(orders(&agent, &mut browser, ALICE).await?.len(), 0);
    program.stop().await?;
    std::fs::write(data.join("master.key"), "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=")?;
    let (done, said) = setup.command(&["restore", &backup]).await?;
    assert!(!done && said.contains("master key is not the one"), "{said}");
    Ok(())
}

async fn again(agent: &Agent, browser: &mut Browser, request: &str, page: &str, restored: &str) -> Outcome {
    if restored == "tenant" {
        // The request waits again there, and the person may decide again.
        browser.decide(page, "approve").await?;
    }
    // A turn that waits again in the agent's copy asks at once, and gets no second order.
    let _ = place(agent, request).await?;
    let mut seen = 0;
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        seen = orders(agent, browser, ALICE).await?.len();
        let most = if restored == "broker" { 0 } else { 2 };
        assert_eq!(seen, most, "{restored} restored");
    }
    if restored == "broker" {
        assert_eq!(place(agent, request).await?, StatusCode::BAD_REQUEST, "{seen}");
    }
    Ok(())
}

/// The person's id at the identity service.
async fn subject(agent: &Agent, setup: &Setup, refresh_token: &str) -> Outcome<String> {
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("scope", "openid")];
    let refreshed = agent.token(&setup.sites.identity, &form).await?;
    Ok(refreshed.claims("access_token")?["sub"].as_str().unwrap_or_default().to_owned())
}

/// The folders of PostgreSQL's programs, before those in `PATH`.
fn programs() -> String {
    let newest = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<String> = newest.map(|folder| folder.path().join("bin").display().to_string()).collect();
    folders.sort();
    folders.reverse();
    folders.push(std::env::var("PATH").unwrap_or_default());
    folders.join(":")
}

/// Runs the commands that the program printed for PostgreSQL.
async fn run_lines(said: &str, url: &str) -> Outcome {
    let lines: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert_eq!(lines.iter().filter(|line| line.contains(".dump")).count(), 4, "{said}");
    let mut shell = tokio::process::Command::new("sh");
    shell.args(["-ec", &lines.join("\n")]).env("DATABASE_URL", url).env("PATH", programs());
    let output = shell.output().await?;
    let failed = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{lines:?}: {failed}").into()) }
}

#[tokio::test]
async fn printed_dump_lines_back_up_postgres() -> Outcome {
    let setup = together("dump").await?;
    let Some(url) = setup.setting("DATABASE_URL").filter(|url| !url.is_empty()) else { return Ok(()) };
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let folder = tempfile::tempdir()?;
    let backup = folder.path().join("backup").display().to_string();
    let (done, said) = setup.command(&["backup", &backup]).await?;
    assert!(done && said.contains("MASTER_KEY"), "{said}");
    run_lines(&said, url).await?;
    let agent = stolen(&setup, &browser)?;
    let mut thread = browser.say(&setup.sites, "Buy 5 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    browser.decide(&card.page, "approve").await?;
    over(&mut thread, &browser, 20).await?;
    assert_eq!(orders(&agent, &mut browser, ALICE).await?.len(), 1);
    program.stop().await?;

    let (done, said) = setup.command(&["restore", &backup]).await?;
    assert!(done && said.contains("Stop every instance"), "{said}");
    run_lines(&said, url).await?;
    let program = setup.serve().await?;
    assert_eq!(orders(&agent, &mut browser, ALICE).await?.len(), 0, "the state at the time of the copy");
    let mut thread = browser.say(&setup.sites, "Buy 2 WAYNE").await?;
    waiting(&mut thread, &browser).await?;
    program.stop().await
}
