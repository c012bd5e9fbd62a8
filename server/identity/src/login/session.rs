//! The browser's session: it starts before the login and is replaced by it (THREATS.md line 11).

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use foundation::{
    lang,
    session::{Handle, IdentityChange, New, Session},
};
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
    store::{self, person::Person},
};

/// Sends the browser to the login page, and then continues with this.
pub(crate) async fn ask(identity: &Identity, handle: &Handle, pending: Pending) -> Result<Response, PageError> {
    let (session, set_cookie) = match identity.sessions.find(handle).await? {
        Some(session) => (session, None),
        None => {
            let (session, set_cookie) = identity.sessions.start_for_login(handle).await?;
            (session, Some(set_cookie))
        }
    };
    let mut db = identity.db.pool().acquire().await?;
    let signup_first = matches!(&pending, Pending::Authorize(request) if request.signup_first)
        && matches!(identity.config.login, LoginBy::Password { signup: true });
    let token = pending.put(identity, &mut db, &session).await?;
    let mut response = step::to_page(if signup_first { "/u/signup" } else { "/u/login" }, &token);
    if let Some(set_cookie) = set_cookie {
        response.headers_mut().append(header::SET_COOKIE, set_cookie);
    }
    Ok(response)
}

/// For a page that needs a person: redirects to the login page, and then back to this path of the site. Nothing is
/// stored until the browser gets there.
pub(crate) fn require(return_to: &str) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("returnTo", return_to).finish();
    Redirect::to(&format!("/u/login?{query}")).into_response()
}

/// Another provider's statement about a login.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Proved<'a> {
    pub(crate) id_token: Option<&'a str>,
    /// When the person authenticated there, in seconds since 1970 (UTC).
    pub(crate) auth_time: Option<i64>,
}

/// Logs a person in, in one transaction, and passes the browser's stored values on.
///
/// # Errors
/// If they logged out in the meantime, or the database fails.
async fn begin(
    identity: &Identity,
    (handle, old): (&Handle, &Session),
    person: &Person,
    proved: Proved<'_>,
    token: &str,
) -> Result<Session, PageError> {
    let Proved { id_token, auth_time } = proved;
    let mut tx = identity.db.begin().await?;
    let new = New { person: Some(&person.id), visitor: &old.visitor, auth_time, id_token };
    let begun = identity.sessions.log_in(&mut tx, old, new).await?;
    Pending::hand_over(identity, &mut tx, (old, &begun.session), token).await?;
    if let Some(lang) = lang::chosen() {
        store::person::suggest(&mut tx, &person.id, lang).await?;
    }
    let event = Event { event: "login", person: Some(&person.id), ..Event::default() };
    audit::record(identity, &mut tx, event).await?;
    tx.commit().await?;
    identity.sessions.adopt(handle, &begun).await?;
    Ok(begun.session)
}

/// Logs the person in and continues with the stored request.
pub(crate) async fn finish(
    identity: &Identity,
    (handle, old): (&Handle, &Session),
    person: &Person,
    proved: Proved<'_>,
    token: &str,
    came: Came,
) -> Result<Response, PageError> {
    let session = begin(identity, (handle, old), person, proved, token).await?;
    // Also if the stored request has expired: the person is logged in.
    let mut response = step::go_on(identity, token, &session, person, came).await.into_response();
    response.extensions_mut().insert(IdentityChange::LoggedIn(person.id.clone()));
    if let Some(lang) = person.lang() {
        // For the other sites on this origin, and for the time after the logout.
        response.headers_mut().append(header::SET_COOKIE, lang::keep(lang, &identity.config.site));
    }
    Ok(response)
}

/// An answer that sets a cookie.
pub(crate) fn with_cookie(response: impl IntoResponse, set_cookie: HeaderValue) -> Response {
    let mut response = response.into_response();
    response.headers_mut().append(header::SET_COOKIE, set_cookie);
    response
}
