//! The workshop's actions: asks a model without tools, makes attempts that must fail, ends access, starts again.

use axum::{
    Form, Router,
    extract::{RawQuery, State},
    http::{Extensions, HeaderMap},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use foundation::{secret, session::Handle};
use serde::Deserialize;
use shared::chat::NewMessage;

use super::{
    attempt::{self, Kind},
    break_it, end,
    reader::{self, Reader},
    replay,
};
use crate::{error::Error, limits::address, state::Agent, store, thread::post};

pub(crate) fn routes(agent: &Agent) -> Router {
    Router::new()
        .route("/workshop/ask", post(ask))
        .route("/workshop/try", post(attempt))
        .route("/workshop/replay", get(replay::begin))
        .route("/workshop/end", post(end::submit))
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
        reader::of(agent, Some(session)).await?.ok_or(Error::LoginNeeded)
    }
}

#[derive(Deserialize)]
struct Try {
    what: String,
    #[serde(flatten)]
    confirmed: Confirmed,
}

/// Makes an attempt that must fail, and keeps the answers for the step's page.
async fn attempt(State(agent): State<Agent>, handle: Handle, Form(form): Form<Try>) -> Result<Response, Error> {
    let reader = form.confirmed.reader(&agent, &handle).await?;
    let Some(person) = &reader.person else { return Err(Error::LoginNeeded) };
    let kind = Kind::of(&form.what).ok_or(Error::NotFound)?;
    // An attempt makes several requests, so it counts like a message.
    agent.limits.messages.take(&reader.owner.to_string()).await?.map_err(Error::TooMany)?;
    if let Some(answers) = break_it::run(&agent, &reader, kind).await? {
        attempt::keep(&agent, &person.id, kind, &answers).await?;
    }
    // The section with the answers. This attempt's is the step's own section.
    let part = if kind == Kind::BuyWithReadingToken { "try" } else { "break" };
    let back = agent.config.site.return_to(form.confirmed.back.as_deref().unwrap_or("/workshop"));
    Ok(Redirect::to(&format!("{back}#{part}")).into_response())
}

/// The redirect URI of the client in the step's page: redirects to the page, with the answer in the fragment. So the
/// code is never in the address of a page that loads anything (THREATS.md line 10).
async fn callback(RawQuery(query): RawQuery) -> Redirect {
    let answer: String = query.unwrap_or_default().chars().filter(|c| c.is_ascii_graphic()).take(4096).collect();
    Redirect::to(&format!("/workshop/5#{answer}"))
}

/// Forgets the reader's progress, and what this site recorded of them. Chats, accounts and apps stay.
async fn again(State(agent): State<Agent>, handle: Handle, Form(form): Form<Confirmed>) -> Result<Response, Error> {
    let reader = form.reader(&agent, &handle).await?;
    store::workshop::start_again(agent.db.pool(), &reader.owner, agent.clock.now()).await?;
    if let Some(person) = &reader.person {
        agent.recorder.forget(&person.id);
    }
    Ok(Redirect::to(&agent.config.site.return_to("/workshop")).into_response())
}
