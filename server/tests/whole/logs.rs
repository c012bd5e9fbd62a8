//! Logs contain no secrets (THREATS.md line 27): runs a journey at `RUST_LOG=trace`, then searches the log for the
//! secrets that it used.

use std::process::Command;

use driver::{ALICE, Agent, Outcome, order_body};
use reqwest::Method;
use serde_json::json;

use crate::support::{logs, stolen, together, waiting};

#[tokio::test]
async fn line_27_logs_hold_no_secret() -> Outcome {
    let setup = together("line-27").await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let mut thread = browser.say(&setup.sites, "Buy 5 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    browser.decide(&card.page, "approve").await?;
    crate::support::over(&mut thread, &browser, 20).await?;

    // Tokens of every kind, as seen from outside, including refused ones, because errors are where logs leak.
    let agent = stolen(&setup, &browser)?;
    let refresh_token = agent.refresh_token(&mut browser, ALICE).await?;
    let read = agent.vault_by_refresh_token(&refresh_token).await?.get("access_token")?;
    let details = json!({"type": "stock_order", "symbol": "WAYNE", "side": "BUY", "quantity": 1, "limit": "900.00",
        "currency": "USD"});
    let refused = agent.api(Method::POST, "orders", &read, Some(&order_body(&details))).await?;
    assert_eq!(refused.status, 403, "{refused:?}");
    agent.poll(&foundation::secret::token()).await?;
    agent.vault_by_access_token(&read).await?;
    let wrong = Agent::new(&setup.sites, "agent", foundation::secret::token(), browser.secrets().clone())?;
    assert_eq!(wrong.vault_by_refresh_token(&refresh_token).await?.status, 401);
    browser.log_out(&setup.sites).await?;
    program.stop().await?;

    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/logs-hold-no-secret"))
        .arg(logs().join("line-27"))
        .output()?;
    let found = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{found}");
    Ok(())
}

/// At the default level every site logs its work. A filter that misses a crate's name would hide it.
#[tokio::test]
async fn each_site_logs_at_the_default_level() -> Outcome {
    let mut setup = together("default-level").await?;
    setup.set("RUST_LOG", "");
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    // A failed login, a decision and an order: one line from each site.
    browser.open(setup.sites.agent.join("auth/callback?state=unknown&code=x")?.as_str()).await?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let mut thread = browser.say(&setup.sites, "Buy 5 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    browser.decide(&card.page, "approve").await?;
    crate::support::over(&mut thread, &browser, 20).await?;
    program.stop().await?;
    let log = std::fs::read_to_string(logs().join("default-level/serve.log"))?;
    for site in ["agent", "identity", "broker"] {
        assert!(log.contains(&format!(" INFO {site}::")), "no line of {site} in the log:\n{log}");
    }
    Ok(())
}

/// The log has the whole cause of a connection failure. "error sending request" alone says nothing about TLS.
#[tokio::test]
async fn tls_error_is_logged_with_its_cause() -> Outcome {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        // Answers without TLS.
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut connection, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let mut setup = together("tls-error").await?;
    setup.set("RUST_LOG", "");
    setup.set("ISSUER", &format!("https://{address}"));
    setup.set("CLIENT_ID", "agent");
    setup.set("CLIENT_SECRET", "a secret");
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    let page = browser.open(setup.sites.agent.join("auth/login")?.as_str()).await?;
    assert_eq!(page.status, 502, "{}", page.text());
    program.stop().await?;
    let log = std::fs::read_to_string(logs().join("tls-error/serve.log"))?;
    let line = log.lines().find(|line| line.contains("another site can't be reached")).ok_or(log.clone())?;
    assert!(line.contains(&format!("https://{address}")) && line.contains("corrupt message"), "{log}");
    Ok(())
}
