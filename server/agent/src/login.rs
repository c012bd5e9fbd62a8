//! Login at the identity service, and logout at all sites: `/auth/login`, `/auth/callback`, `/auth/error`,
//! `/auth/logout`.

use axum::{
    Form,
    extract::{Query, State, rejection::QueryRejection},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use foundation::{
    ExposeSecret,
    login::{Callback, LoginError, handler},
    secret,
    session::{Handle, New},
    tr,
};
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;
use url::Url;

use crate::{
    error::Error,
    identity::discovery,
    interrupt,
    limits::address,
    page,
    state::Agent,
    store,
    thread::{owner::Owner, visitor::Visitor},
    workshop::replay,
};

/// The scopes of the agent's login: the person's profile, and a refresh token that never leaves the server.
pub(crate) const SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

#[derive(Deserialize)]
pub(crate) struct Begin {
    /// A path of this site to return to.
    #[serde(rename = "returnTo", default)]
    return_to: String,
}

/// Sends the browser to the identity service. The visitor's session, or a new one, carries the login.
pub(crate) async fn begin(
    State(agent): State<Agent>,
    Query(query): Query<Begin>,
    handle: Handle,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Response, Error> {
    if let Some(address) = address(&extensions) {
        agent.limits.logins.take(&address).map_err(Error::TooMany)?;
    }
    let back = agent.config.site.return_to(&query.return_to);
    let mut visitor = Visitor::of(&agent, &handle).await?;
    if visitor.is_none() {
        visitor = Visitor::of_tabs(&agent, &handle, &headers).await?;
    }
    let session = visitor.map(|visitor| visitor.session);
    let carry = json!({ "back": back });
    Ok(agent.login.leave(agent.db.pool(), (&agent.sessions, &handle), session, &SCOPES, &[], carry).await?)
}

/// The browser returns.
pub(crate) async fn callback(
    State(agent): State<Agent>,
    query: Result<Query<Callback>, QueryRejection>,
    handle: Handle,
    headers: HeaderMap,
) -> Response {
    if let Ok(Query(callback)) = &query
        && let Some(response) = replay::came(&agent, &handle, callback).await
    {
        return response;
    }
    let finished = match query {
        Ok(Query(callback)) => finish(&agent, callback, &handle, &headers).await,
        Err(_) => Err(LoginError::NotYours.into()),
    };
    finished.unwrap_or_else(|error| {
        let kind = handler::kind(if let Error::Login(error) = &error { Some(error) } else { None });
        // Logs an internal fault.
        let message = error.message();
        tracing::info!(kind, message, "a login failed");
        handler::to_error_page(kind)
    })
}

#[derive(Deserialize)]
pub(crate) struct ErrorQuery {
    #[serde(default)]
    kind: String,
}

/// `GET /auth/error`: explains why a login failed. `kind` is a fixed word for the reason.
pub(crate) async fn error(State(agent): State<Agent>, Query(error): Query<ErrorQuery>) -> Error {
    agent.login.error_of(&error.kind).map_or(Error::NotFound, Error::Login)
}

/// Finishes a login. One transaction stores the person, gives them the visitor's threads, ends the visitor's session,
/// and starts a new one under a fresh id (THREATS.md lines 11 and 52).
async fn finish(agent: &Agent, callback: Callback, handle: &Handle, headers: &HeaderMap) -> Result<Response, Error> {
    let before = agent.sessions.find(handle).await?.ok_or(LoginError::NotYours)?;
    let identity = agent.login.finish(agent.db.pool(), &agent.sessions.visitors(headers, &before), callback).await?;
    let mut db = agent.db.begin().await?;
    let person = store::person::keep(agent, &mut db, &identity).await?;
    let mut ended = vec![before.id.clone()];
    // The state must be this browser's: another login's cookie may shadow it.
    let visitor = claim(agent, &mut db, &identity.browser, &person, &mut ended).await?;
    let mut turns = interrupt::logged_in(&mut db, &visitor, &person).await?;
    if !identity.carry["api"].is_null() {
        turns.extend(interrupt::allowed(&mut db, &person).await?);
    }
    let id_token = Some(identity.id_token.expose_secret());
    let new = New { person: Some(&person), visitor: &visitor, id_token, auth_time: None };
    let begun = agent.sessions.log_in(&mut db, &before, new).await?;
    db.commit().await?;
    agent.sessions.adopt(handle, &begun).await?;
    ended.iter().for_each(|session| agent.streams.end(session));
    // The claimed threads are in the person's list now.
    agent.streams.list_changed(&Owner::Person(person));
    interrupt::go_on(agent, &turns);
    let back = agent.config.site.return_to(identity.carry["back"].as_str().unwrap_or_default());
    Ok(with_cookie(Redirect::to(&back).into_response(), agent.sessions.forget_visitor()))
}

/// Assigns the browser's visitor to this person and ends the visitor's sessions, so that only the person can see the
/// threads. A second person in the same browser is another visitor. Returns the person's visitor and adds the sessions
/// to `ended`.
async fn claim(
    agent: &Agent,
    db: &mut AnyConnection,
    before: &str,
    person: &str,
    ended: &mut Vec<String>,
) -> Result<String, sqlx::Error> {
    let now = agent.clock.now();
    if store::visitor::claim(db, before, person, now).await? {
        ended.extend(agent.sessions.end_all_of_visitor(db, before).await?);
        return Ok(before.to_owned());
    }
    let own = secret::id("vis_");
    store::visitor::claim(db, &own, person, now).await?;
    Ok(own)
}

#[derive(Deserialize)]
pub(crate) struct CsrfToken {
    #[serde(default)]
    csrf_token: String,
}

/// Ends the session here, then continues to the identity service, which ends its own and the broker's (OpenID Connect
/// RP-Initiated Logout 1.0 §2). Answers 200 with a page that redirects, because `form-action` blocks redirects to other
/// sites after a post.
pub(crate) async fn logout(
    State(agent): State<Agent>,
    handle: Handle,
    Form(form): Form<CsrfToken>,
) -> Result<Response, Error> {
    let session = agent.sessions.find(&handle).await?;
    let mut response = Redirect::to("/").into_response();
    if let Some(session) = session {
        if !agent.sessions.matches_csrf_token(&session, &form.csrf_token) {
            return Err(Error::WrongCsrfToken);
        }
        let id_token = agent.sessions.id_token(&session).await?;
        let mut db = agent.db.begin().await?;
        agent.sessions.end(&mut db, &session.id).await?;
        db.commit().await?;
        agent.streams.end(&session.id);
        if let Some(id_token) = id_token {
            let message = logged_out(&agent, provider_logout(&agent, &id_token).await);
            response = Html((agent.render)(&message)).into_response();
        }
    }
    // The next person in this browser is another visitor.
    Ok(with_cookie(with_cookie(response, agent.sessions.forget()), agent.sessions.forget_visitor()))
}

fn logged_out(agent: &Agent, next: Result<Url, &'static str>) -> page::Message {
    let (title, text, back, go_on) = match next {
        Ok(next) => {
            let text = tr!(
                "You are logged out of Mandate, and are being logged out of the sites you logged in with.",
                "Du bist bei Mandate abgemeldet und wirst jetzt auch dort abgemeldet, wo du dich angemeldet hast."
            );
            let back = (next.to_string(), tr!("Go on", "Weiter").into());
            (tr!("Logging out", "Abmeldung"), text.to_owned(), back, Some(next.into()))
        }
        Err(why) => {
            let text = tr!(
                format!(
                    "You are logged out of Mandate. You may still be logged in at the site you logged in with: {why}."
                ),
                format!(
                    "Du bist bei Mandate abgemeldet. Wo du dich angemeldet hast, bist du es vielleicht noch: {why}."
                )
            );
            let back = ("/".to_owned(), tr!("Back to Mandate", "Zurück zu Mandate").into());
            (tr!("Logged out", "Abgemeldet"), text, back, None)
        }
    };
    let frame = page::Frame::without_session(agent);
    page::Message { frame, status: StatusCode::OK.as_u16(), title: title.into(), text, back, go_on }
}

/// The identity service's logout address, from its metadata (OpenID Connect RP-Initiated Logout 1.0 §2.1).
///
/// # Errors
/// Why there is none. The session here has ended anyway.
async fn provider_logout(agent: &Agent, id_token: &str) -> Result<Url, &'static str> {
    let found = discovery::of(agent)
        .await
        .map_err(|_| tr!("it can’t be reached right now", "die Seite ist gerade nicht erreichbar"))?;
    let endpoint = found.end_session_endpoint.ok_or(tr!(
        "it has no logout that other sites can ask for",
        "die Seite hat keine Abmeldung, um die andere bitten können"
    ))?;
    let url = Url::parse(&endpoint).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    let url = url.ok_or(tr!("its logout has no usable address", "ihre Abmeldung hat keine brauchbare Adresse"))?;
    Ok(agent.login.logout_url(url, Some(id_token), agent.config.site.issuer()))
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
