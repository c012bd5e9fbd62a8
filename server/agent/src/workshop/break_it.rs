//! Makes the attempts. Each uses its own tokens, which aren't stored, and can be repeated.

use foundation::{ExposeSecret, SecretString, secret};
use reqwest::{Method, header};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{broker::OrderRequest, money::Quantity, scope::PORTFOLIO_READ};

use super::{
    attempt::{self, Answer, Asked, Kind},
    reader::{Person, Reader},
};
use crate::{
    approval::{Polled, poll},
    broker,
    error::Error,
    identity::{self, IdentityError, own_api, vault},
    state::Agent,
    store::{self, approval::Approval, state::ApprovalState, workshop},
    tools::{Caller, order::Detail},
};

const TOKEN: &str = "POST /oauth/token";
const ORDER: &str = "POST /api/orders";

/// Makes an attempt. `None` if something that it needs is missing; the step's check says what.
///
/// # Errors
/// When a site can't be reached.
pub(super) async fn run(agent: &Agent, reader: &Reader, kind: Kind) -> Result<Option<Vec<Answer>>, Error> {
    let Some(person) = &reader.person else { return Err(Error::LoginNeeded) };
    match kind {
        // It needs the browser: replay.rs.
        Kind::ReplayCode => Ok(None),
        Kind::BuyWithReadingToken => buy_with_reading_token(agent, person).await,
        Kind::AppTokenElsewhere => app_token_elsewhere(agent, person).await,
        Kind::SameTokenAgain => order_again(agent, reader, person, 0).await,
        Kind::OtherQuantity => order_again(agent, reader, person, 1).await,
        Kind::ApproveAsAgent => approve_as_agent(agent, reader, person).await,
    }
}

fn unavailable(error: impl std::fmt::Display) -> Error {
    Error::Unavailable(error.to_string())
}

/// Sends an order with a token that may only read. Its limit is one cent, so that it costs nothing even if it is
/// accepted.
async fn buy_with_reading_token(agent: &Agent, person: &Person) -> Result<Option<Vec<Answer>>, Error> {
    let caller = Caller::of(store::person::find(agent.db.pool(), &person.id).await?);
    let granted = match vault::exchange(agent, &caller, broker::API).await {
        Ok(granted) => granted,
        Err(IdentityError::NotConnected) => return Ok(None),
        Err(error) => return Err(unavailable(error)),
    };
    let order = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 1, "price": "0.01" });
    let answer = place(agent, &granted.access_token, &order).await?;
    Ok(Some(vec![answer]))
}

async fn place(agent: &Agent, token: &SecretString, order: &Value) -> Result<Answer, Error> {
    let request = broker::request(agent, Method::POST, &["orders"], &[], Some(token)).map_err(unavailable)?;
    let request = request.header("idempotency-key", secret::id("try_")).json(order);
    attempt::send(agent, Asked::StockTrade, ORDER, request).await
}

/// A token for `/mcp`, like an app's, from the person's own login. `None` if the identity service refuses it to this
/// agent.
async fn app_token(agent: &Agent, person: &Person) -> Result<Option<SecretString>, Error> {
    #[derive(Deserialize)]
    struct Token {
        access_token: String,
    }
    let audience = agent.config.site.at("mcp");
    let request = own_api::refresh(agent, &person.id, &audience, PORTFOLIO_READ).await.map_err(unavailable)?;
    match agent.http.json::<Token>(request).await {
        Ok(token) => Ok(Some(token.access_token.into())),
        Err(error) if identity::is_trouble(&error) => Err(unavailable(error)),
        Err(_) => Ok(None),
    }
}

async fn app_token_elsewhere(agent: &Agent, person: &Person) -> Result<Option<Vec<Answer>>, Error> {
    let Some(token) = app_token(agent, person).await? else { return Ok(None) };
    let request = broker::request(agent, Method::GET, &["portfolio"], &[], Some(&token)).map_err(unavailable)?;
    Ok(Some(vec![attempt::send(agent, Asked::StockTrade, "GET /api/portfolio", request).await?]))
}

/// The newest of these approvals that placed an order, and the approved order.
pub(super) fn last_order(rows: &[Approval]) -> Option<(&Approval, OrderRequest)> {
    rows.iter().filter(|row| row.state == ApprovalState::Placed).find_map(|row| {
        let Some(Detail::StockOrder(order)) = row.prepared()?.order() else { return None };
        let (symbol, side, quantity) = (order.symbol, order.side, order.quantity);
        Some((row, OrderRequest { symbol, side, quantity, price: Some(order.limit) }))
    })
}

/// Sends the last approved order again, with `more` shares, while its approval gives tokens: for two minutes. Sends an
/// unchanged order twice with one token.
async fn order_again(agent: &Agent, reader: &Reader, person: &Person, more: u32) -> Result<Option<Vec<Answer>>, Error> {
    let rows = workshop::approvals(agent.db.pool(), &person.id, reader.since).await?;
    let Some((row, mut order)) = last_order(&rows) else { return Ok(None) };
    let caller = row.caller(agent).await?;
    let Some(request) = row.request(agent) else { return Ok(None) };
    // The identity service said `invalid_grant`.
    let late = || Answer { site: Asked::Identity, request: TOKEN.into(), status: 400, says: "invalid_grant".into() };
    let approved = match poll(agent, &caller, &request).await.map_err(unavailable)? {
        Polled::Approved(token) => token,
        _ => return Ok(Some(vec![late()])),
    };
    let token = match vault::exchange_approval(agent, &caller, broker::API, &approved).await {
        Ok(token) => token,
        Err(IdentityError::Refused(_)) => return Ok(Some(vec![late()])),
        Err(error) => return Err(unavailable(error)),
    };
    if more > 0 {
        order.quantity = Quantity::new(order.quantity.get().saturating_add(more)).map_err(unavailable)?;
    }
    let body = serde_json::to_value(&order).map_err(unavailable)?;
    let mut answers = vec![place(agent, &token, &body).await?];
    if more == 0 {
        answers.push(place(agent, &token, &body).await?);
    }
    Ok(Some(answers))
}

/// The page and the id of the newest of these approvals about which the person was asked.
pub(super) fn last_asked(rows: &[Approval]) -> Option<(&str, &str)> {
    rows.iter().find_map(|row| row.page.as_deref().zip(row.txn.as_deref()))
}

/// Posts the decision to the approval page with all that this server has: its address, its secret's tokens, and the
/// person's. It has no session of theirs.
async fn approve_as_agent(agent: &Agent, reader: &Reader, person: &Person) -> Result<Option<Vec<Answer>>, Error> {
    let rows = workshop::approvals(agent.db.pool(), &person.id, reader.since).await?;
    let Some((page, txn)) = last_asked(&rows) else { return Ok(None) };
    let Some(token) = app_token(agent, person).await? else { return Ok(None) };
    let origin = agent.issuer().trim_end_matches('/');
    let shown = format!("{txn} {}", secret::token());
    let csrf_token = secret::token();
    let request =
        agent.http.client().post(page).bearer_auth(token.expose_secret()).header(header::ORIGIN, origin).form(&[
            ("decision", "approve"),
            ("csrf_token", csrf_token.as_str()),
            ("shown", shown.as_str()),
        ]);
    Ok(Some(vec![attempt::send(agent, Asked::Identity, "POST /approvals/{id}", request).await?]))
}
