//! Data at rest (THREATS.md line 27): without the master key, the databases after a journey contain no usable token,
//! secret, password or private key.

use std::path::Path;

use driver::{ALICE, Outcome, Setup};
use sqlx::{AssertSqlSafe, Connection};

use crate::support::{logs, over, stolen, together, waiting};

#[tokio::test]
async fn line_27_stolen_database_is_useless() -> Outcome {
    let setup = together("line-27-at-rest").await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let mut thread = browser.say(&setup.sites, "Buy 5 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    browser.decide(&card.page, "approve").await?;
    over(&mut thread, &browser, 20).await?;
    // Tokens of every kind, and one pending request.
    let agent = stolen(&setup, &browser)?;
    let refresh_token = agent.refresh_token(&mut browser, ALICE).await?;
    agent.vault_by_refresh_token(&refresh_token).await?.get("access_token")?;
    browser.say_in(&setup.sites, &thread, "Buy 3 STARK").await?;
    waiting(&mut thread, &browser).await?;
    for name in ["AGENT_MCP_CLIENT_SECRET", "TENANT_LOGIN_CLIENT_SECRET", "TENANT_VAULT_CLIENT_SECRET"] {
        setup.shared_secret(name)?;
    }
    program.stop().await?;

    let seen = std::fs::read_to_string(logs().join("line-27-at-rest/seen.secrets"))?;
    let secrets: Vec<&str> = seen.lines().chain([ALICE.password]).collect();
    assert!(secrets.len() > 20, "the journey used secrets: {}", secrets.len());
    let rest = at_rest(&setup).await?;
    // The number of files depends on whether SQLite merged its logs when the program stopped.
    let read: String = rest.iter().map(|(place, text)| format!("{place} {} bytes; ", text.len())).collect();
    for kept in [ALICE.email, "WAYNE", "trade:write"] {
        assert!(rest.iter().any(|(_, text)| text.contains(kept)), "the data is read, {kept} is in it: {read}");
    }
    for (place, text) in &rest {
        for secret in &secrets {
            assert!(!text.contains(secret), "{place} holds {}…", &secret[..6]);
        }
        // Signed tokens (with a dot before their claims, which start with `{"` in base64; `eyJ` alone also occurs in
        // sealed values), and private keys (PKCS #8) in base64 or raw.
        for shape in [".eyJ", "PRIVATE KEY", "MIIEv"] {
            assert!(!text.contains(shape), "{place} holds {shape}");
        }
    }
    Ok(())
}

/// Everything that is stored, by its place: raw files, including deleted content, or on PostgreSQL the tables' rows.
async fn at_rest(setup: &Setup) -> Outcome<Vec<(String, String)>> {
    let Some(url) = setup.setting("DATABASE_URL").filter(|url| !url.is_empty()) else {
        return files(&setup.data_dir("serve"));
    };
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(url).await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT CAST('\"' || table_schema || '\".\"' || table_name || '\"' AS TEXT) FROM information_schema.tables \
         WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&mut connection)
    .await?;
    let mut rest = Vec::new();
    for table in tables {
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("SELECT CAST(t AS TEXT) FROM {table} AS t")))
            .fetch_all(&mut connection)
            .await?;
        rest.push((table, rows.join("\n")));
    }
    connection.close().await?;
    Ok(rest)
}

/// All files except the key files, which are kept elsewhere in production.
fn files(folder: &Path) -> Outcome<Vec<(String, String)>> {
    let mut rest = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file() && !matches!(name.as_str(), "master.key" | "secrets.json") {
            rest.push((name, String::from_utf8_lossy(&std::fs::read(&path)?).into_owned()));
        }
    }
    Ok(rest)
}
