//! What the workshop's pages do: ask a model without tools, try to buy with a token that reads, start again.

use axum::{
    Form, Router,
    extract::{RawQuery, State},
    http::{Extensions, HeaderMap},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use foundation::{secret, session::Handle};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use shared::chat::NewMessage;

use super::check::{self, Reader};
use crate::{
    broker,
    error::Error,
    identity::{IdentityError, vault},
    limits::address,
    state::Agent,
    store,
    thread::post,
    tools::Caller,
};

pub(crate) fn routes(agent: &Agent) -> Router {
    Router::new()
        .route("/workshop/ask", post(ask))
        .route("/workshop/try", post(attempt))
        .route("/workshop/again", post(again))
        .route("/workshop/callback", get(callback))
        .with_state(agent.clone())
}

#[derive(Deserialize)]
struct Ask {
    text: String,
}

/// Opens a chat in which the model gets neither tools nor the reader's name. Like a message of the chat, it needs the
/// site's own origin alone.
async fn ask(
    State(agent): State<Agent>,
    handle: Handle,
    headers: HeaderMap,
    extensions: Extensions,
    Form(form): Form<Ask>,
) -> Result<Response, Error> {
    let message = NewMessage { text: form.text, key: secret::id("bare_"), signed_in: false, replaces: None };
    let visitor = post::visitor(&agent, &handle, &headers, &extensions, false).await?;
    store::bare_chat::put(agent.db.pool(), &visitor.session.visitor, &message.key, agent.clock.now()).await?;
    let accepted = post::post(&agent, &visitor, None, post::checked(message)?, address(&extensions).as_deref()).await?;
    Ok(Redirect::to(&format!("/t/{}", accepted.thread)).into_response())
}

#[derive(Deserialize)]
struct Confirmed {
    csrf_token: String,
    /// The page to go back to.
    back: Option<String>,
}

impl Confirmed {
    /// The session's reader, if the form is from this session's page.
    async fn reader(&self, agent: &Agent, handle: &Handle) -> Result<Reader, Error> {
        let Some(session) = agent.sessions.find(handle).await? else { return Err(Error::LoginNeeded) };
        if !agent.sessions.matches_csrf_token(&session, &self.csrf_token) {
            return Err(Error::WrongCsrfToken);
        }
        check::reader(agent, Some(session)).await?.ok_or(Error::LoginNeeded)
    }

    fn back(&self, agent: &Agent) -> Redirect {
        Redirect::to(&agent.config.site.return_to(self.back.as_deref().unwrap_or("/workshop")))
    }
}

/// Sends an order with a token that may only read, and keeps StockTrade's answer. Should it ever be accepted, its limit
/// of one cent keeps it from costing anything.
async fn attempt(State(agent): State<Agent>, handle: Handle, Form(form): Form<Confirmed>) -> Result<Response, Error> {
    let reader = form.reader(&agent, &handle).await?;
    let Some(person) = &reader.person else { return Err(Error::LoginNeeded) };
    let caller = Caller::of(store::person::find(agent.db.pool(), &person.id).await?);
    let unavailable = |why: String| Error::Unavailable(why);
    let granted = match vault::exchange(&agent, &caller, broker::API).await {
        Ok(granted) => granted,
        // The step says that an account is missing.
        Err(IdentityError::NotConnected) => return Ok(form.back(&agent).into_response()),
        Err(error) => return Err(unavailable(error.to_string())),
    };
    let order = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 1, "price": "0.01" });
    let request = broker::request(&agent, Method::POST, &["orders"], &[], Some(&granted.access_token))
        .map_err(|error| unavailable(error.to_string()))?;
    let answered = agent.http.send(request.header("idempotency-key", secret::id("try_")).json(&order)).await;
    let (status, ..) = answered.map_err(|error| unavailable(error.to_string()))?;
    if status == StatusCode::UNAUTHORIZED || status.is_server_error() {
        return Err(unavailable(format!("{} answered {status}. Try again.", broker::name(&agent))));
    }
    let (status, now) = (i64::from(status.as_u16()), agent.clock.now());
    store::workshop::attempted(agent.db.pool(), &person.id, status, now).await?;
    Ok(form.back(&agent).into_response())
}

/// Where the client in the step's page comes back to: on to the page, with the answer in the fragment. So the code is
/// never in the address of a page that loads anything (THREATS.md line 10).
async fn callback(RawQuery(query): RawQuery) -> Redirect {
    let answer: String = query.unwrap_or_default().chars().filter(|c| c.is_ascii_graphic()).take(4096).collect();
    Redirect::to(&format!("/workshop/5#{answer}"))
}

/// Forgets the reader's progress. Chats, accounts and apps stay.
async fn again(State(agent): State<Agent>, handle: Handle, Form(form): Form<Confirmed>) -> Result<Response, Error> {
    let reader = form.reader(&agent, &handle).await?;
    store::workshop::start_again(agent.db.pool(), &reader.owner, agent.clock.now()).await?;
    Ok(Redirect::to(&agent.config.site.return_to("/workshop")).into_response())
}
