//! Shared helpers: the program under test, and the steps to an order.

use std::path::{Path, PathBuf};

use driver::{Agent, Browser, Credentials, Outcome, Setup, Thread};
use reqwest::Method;
use shared::{
    broker::{Order, Orders},
    chat::{Approval, ApprovalState, CardBody, Item, Transcript},
};
use sqlx::{AnyConnection, Connection};

/// The program under test.
pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_mandate"))
}

/// The folder for the logs of all these runs, which are searched afterwards.
pub(crate) fn logs() -> PathBuf {
    let database = if std::env::var("TEST_DATABASE_URL").is_ok() { "postgres" } else { "sqlite" };
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("logs").join(database)
}

pub(crate) async fn together(name: &str) -> Outcome<Setup> {
    Setup::together(binary(), &logs(), name).await
}

pub(crate) async fn apart(name: &str) -> Outcome<Setup> {
    Setup::apart(binary(), &logs(), name).await
}

/// The last approval card of a thread.
pub(crate) fn approval(transcript: &Transcript) -> Option<Approval> {
    transcript.items.iter().rev().find_map(|item| match item {
        Item::Card(card) => match &card.body {
            CardBody::Approval(approval) => Some(approval.clone()),
            _ => None,
        },
        _ => None,
    })
}

/// Waits until the last approval card waits for the person, and returns it.
pub(crate) async fn waiting(thread: &mut Thread, browser: &Browser) -> Outcome<Approval> {
    thread
        .until(browser, "an approval that waits", 30, |transcript| {
            approval(transcript).filter(|approval| approval.state == ApprovalState::Waiting)
        })
        .await
}

/// Waits until the last approval card is over, and returns it.
pub(crate) async fn over(thread: &mut Thread, browser: &Browser, seconds: u64) -> Outcome<Approval> {
    thread
        .until(browser, "an approval that is over", seconds, |transcript| {
            approval(transcript).filter(|approval| approval.state.is_over())
        })
        .await
}

/// A connection to a database of the program, and the prefix of its tables.
pub(crate) async fn database(setup: &Setup, name: &str) -> Outcome<(AnyConnection, String)> {
    sqlx::any::install_default_drivers();
    let (url, prefix) = match setup.setting("DATABASE_URL").filter(|url| !url.is_empty()) {
        Some(url) => (url.to_owned(), format!("{name}.")),
        None => {
            let file = setup.data_dir("serve").join(format!("{name}.db"));
            (format!("sqlite://{}?mode=rw", file.display()), String::new())
        }
    };
    Ok((AnyConnection::connect(&url).await?, prefix))
}

/// A client with the agent's secret, to see the broker's side.
pub(crate) fn stolen(setup: &Setup, browser: &Browser) -> Outcome<Agent> {
    let secret = setup.shared_secret("AGENT_CLIENT_SECRET")?;
    Agent::new(&setup.sites, "agent", secret, browser.secrets().clone())
}

/// The person's orders, as the broker's API lists them for a token from the vault.
pub(crate) async fn orders(agent: &Agent, browser: &mut Browser, person: Credentials) -> Outcome<Vec<Order>> {
    let refresh_token = agent.refresh_token(browser, person).await?;
    let token = agent.vault_by_refresh_token(&refresh_token).await?.get("access_token")?;
    let answer = agent.api(Method::GET, "orders", &token, None).await?;
    let orders: Orders = serde_json::from_value(answer.body.clone())
        .or_else(|_| serde_json::from_value::<Vec<Order>>(answer.body.clone()).map(|orders| Orders { orders }))
        .map_err(|wrong| format!("{wrong}: {} {}", answer.status, answer.body))?;
    Ok(orders.orders)
}
