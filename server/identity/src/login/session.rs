//! The browser's session: begun before the login, ended by it (THREATS.md line 11).

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use foundation::session::{IdentityChange, Session};
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    audit::{self, Event},
    authorize::{
        request::Pending,
        step::{self, Came},
    },
    config::LoginBy,
    error::PageError,
    state::Identity,
    store::person::Person,
};

/// Asks for a login at the login page, then goes on with this.
pub(crate) async fn ask(identity: &Identity, headers: &HeaderMap, pending: Pending) -> Result<Response, PageError> {
    let found = identity.sessions.find(headers).await?;
    let mut db = identity.db.pool().acquire().await?;
    let (session, set_cookies) = match found {
        Some(session) => (session, None),
        None => {
            let (session, set_cookies) = identity.sessions.start_for_login(&mut db).await?;
            (session, Some(set_cookies))
        }
    };
    let signup_first = matches!(&pending, Pending::Authorize(request) if request.signup_first)
        && matches!(identity.config.login, LoginBy::Password { signup: true });
    let token = pending.put(identity, &mut db, &session).await?;
    let mut response = step::to_page(if signup_first { "/u/signup" } else { "/u/login" }, &token);
    for set_cookie in set_cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, set_cookie);
    }
    Ok(response)
}

/// For a page that needs a person: to the login page, and after that to this path of the site. Nothing is stored
/// until somebody goes there.
pub(crate) fn require(return_to: &str) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("returnTo", return_to).finish();
    Redirect::to(&format!("/u/login?{query}")).into_response()
}

/// Logs a person in: a new session under a new id, the old one ended, in one transaction. Of several logins at once
/// over one session exactly one counts.
///
/// # Errors
/// Where the old session ended in between, or the database fails.
async fn begin(
    identity: &Identity,
    old: &Session,
    person: &Person,
    mut data: Value,
) -> Result<(Session, HeaderValue), PageError> {
    data["browser"] = old.browser().into();
    let mut tx = identity.db.begin().await?;
    if !identity.sessions.end(&mut tx, &old.id).await? {
        return Err(step::too_late());
    }
    let started = identity.sessions.start(&mut tx, Some(&person.id), data).await?;
    let event = Event { event: "login", person: Some(&person.id), ..Event::default() };
    audit::record(identity, &mut tx, event).await?;
    tx.commit().await?;
    Ok(started)
}

/// Logs the person in and goes on with what was kept.
pub(crate) async fn finish(
    identity: &Identity,
    old: &Session,
    person: &Person,
    data: Value,
    token: &str,
    came: Came,
) -> Result<Response, PageError> {
    let (session, set_cookie) = begin(identity, old, person, data).await?;
    // The cookie goes along even where what was kept is over: the login itself stands.
    let response = step::go_on(identity, token, &session, person, came).await;
    let mut response = with_cookie(response, set_cookie);
    response.extensions_mut().insert(IdentityChange::LoggedIn(person.id.clone()));
    Ok(response)
}

/// An answer that hands over a session's cookie.
pub(crate) fn with_cookie(response: impl IntoResponse, set_cookie: HeaderValue) -> Response {
    let mut response = response.into_response();
    response.headers_mut().append(header::SET_COOKIE, set_cookie);
    response
}
