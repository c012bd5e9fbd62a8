//! Uses an authorization code twice (step 3; RFC 6749 §4.1.2). The codes of logins are used up by then, so the reader's
//! browser fetches a new one. It opens no session, and its tokens aren't stored.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use foundation::{login::Callback, secret, session::Handle};
use url::Url;

use super::attempt::{self, Asked, Kind};
use crate::{
    error::Error,
    identity::{self, discovery},
    state::Agent,
    tools::Caller,
};

/// The kind under which [`foundation::one_time`] keeps the PKCE verifier.
const KIND: &str = "workshop_replay";

/// The prefix of the `state`, by which the callback recognises that it isn't a login's.
const STATE: &str = "replay_";

/// How long the browser may take, in milliseconds.
const LIFETIME: i64 = 600_000;

const STEP: &str = "/workshop/3#break";

/// `GET /workshop/replay`: sends the browser to the identity service for a code.
pub(super) async fn begin(State(agent): State<Agent>, handle: Handle) -> Result<Response, Error> {
    let session = agent.sessions.find(&handle).await?.filter(|session| session.person.is_some());
    let session = session.ok_or(Error::LoginNeeded)?;
    let discovery = discovery::of(&agent).await.map_err(|error| Error::Unavailable(error.text()))?;
    let endpoint = discovery.document()["authorization_endpoint"].as_str().unwrap_or_default();
    let (state, verifier) = (format!("{STATE}{}", secret::token()), secret::token());
    let login = &agent.config.login;
    // RFC 7636 §4.2
    let challenge = secret::hash(&verifier);
    let query = [
        ("response_type", "code"),
        ("client_id", login.client_id.as_str()),
        ("redirect_uri", login.redirect_uri.as_str()),
        ("scope", "openid"),
        ("state", state.as_str()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let url = Url::parse_with_params(endpoint, query)
        .map_err(|_| Error::Unavailable("The identity service's metadata can't be read.".into()))?;
    let mut db = agent.db.pool().acquire().await?;
    agent.one_time.put_under(&mut db, &state, KIND, &session.id, &verifier, LIFETIME).await?;
    Ok(Redirect::to(url.as_str()).into_response())
}

/// Handles a callback with a code for this attempt, at the redirect URI of logins. `None` if it belongs to a login.
pub(crate) async fn came(agent: &Agent, handle: &Handle, callback: &Callback) -> Option<Response> {
    let state = callback.state.as_deref().filter(|state| state.starts_with(STATE))?;
    if let Err(error) = replayed(agent, handle, state, callback.code.as_deref().unwrap_or_default()).await {
        // `message` also logs an internal error. The step's page then shows no answers.
        let message = error.message();
        tracing::warn!(message, "the workshop couldn't send an authorization code twice");
    }
    // Redirects, since this address contains the code (THREATS.md line 10).
    Some(Redirect::to(STEP).into_response())
}

async fn replayed(agent: &Agent, handle: &Handle, state: &str, code: &str) -> Result<(), Error> {
    let session = agent.sessions.find(handle).await?.ok_or(Error::LoginNeeded)?;
    let person = session.person.as_deref().ok_or(Error::LoginNeeded)?;
    let mut db = agent.db.pool().acquire().await?;
    let verifier: Option<String> = agent.one_time.take(&mut db, KIND, &session.id, state).await?;
    drop(db);
    let Some(verifier) = verifier else { return Err(Error::NotFound) };
    let discovery = discovery::of(agent).await.map_err(|error| Error::Unavailable(error.text()))?;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", agent.config.login.redirect_uri.as_str()),
        ("code_verifier", verifier.as_str()),
    ];
    let mut answers = Vec::new();
    for _ in 0..2 {
        let client = identity::client(agent, &Caller::Visitor);
        let request = identity::form(agent, &discovery.token_endpoint, client, &fields);
        answers.push(attempt::send(agent, Asked::Identity, "POST /oauth/token", request).await?);
    }
    attempt::keep(agent, person, Kind::ReplayCode, &answers).await
}
