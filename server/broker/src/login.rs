//! StockTrade's login, as a client of its own provider.

use axum::{
    extract::{
        Form, Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use foundation::{
    axum,
    limit::Peer,
    login::{Callback, LoginError, handler},
    session::{Handle, IdentityChange, New},
    tr,
};
use serde::Deserialize;
use url::Url;

use crate::{account, error::Error, site::Site, state::Broker, store};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Begin {
    return_to: String,
    /// `signup` makes the provider show its registration first.
    #[serde(rename = "screen_hint")]
    screen_hint: String,
}

/// `GET /auth/login?returnTo=`: redirects to the provider.
pub(crate) async fn begin(
    State(site): State<Site>,
    handle: Handle,
    peer: Peer,
    query: Result<Query<Begin>, QueryRejection>,
) -> Response {
    let Query(begin) = query.unwrap_or_default();
    let free = site.broker.inner.visits.take(peer.as_str());
    if let Err(wait) = free {
        return site.page(&handle, &Error::TooManyLogins(wait)).await;
    }
    match go(&site.broker, &handle, &begin).await {
        Ok(response) => response,
        Err(error) => site.page(&handle, &error).await,
    }
}

async fn go(broker: &Broker, handle: &Handle, begin: &Begin) -> Result<Response, Error> {
    let inner = &broker.inner;
    let return_to = inner.config.site.return_to(&begin.return_to);
    let session = inner.sessions.find(handle).await?;
    let signup = [("screen_hint", "signup")];
    let extra: &[(&str, &str)] = if begin.screen_hint == "signup" { &signup } else { &[] };
    let scopes = ["openid", "profile", "email"];
    let (pool, browser) = (inner.parts.db.pool(), (&inner.sessions, handle));
    Ok(inner.login.leave(pool, browser, session, &scopes, extra, return_to.into()).await?)
}

/// `GET /auth/callback`: the return from the provider, with an authorization code.
pub(crate) async fn callback(
    State(site): State<Site>,
    handle: Handle,
    headers: HeaderMap,
    query: Result<Query<Callback>, QueryRejection>,
) -> Response {
    let finished = match query {
        Ok(Query(callback)) => finish(&site.broker, &handle, &headers, callback).await,
        Err(_) => Err(LoginError::NotYours.into()),
    };
    finished.unwrap_or_else(|error| {
        error.log();
        let kind = handler::kind(if let Error::Login(error) = &error { Some(error) } else { None });
        handler::to_error_page(kind)
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ErrorQuery {
    kind: String,
}

/// `GET /auth/error?kind=`: explains why a login failed, by a fixed word.
pub(crate) async fn error(
    State(site): State<Site>,
    handle: Handle,
    query: Result<Query<ErrorQuery>, QueryRejection>,
) -> Response {
    let Query(error) = query.unwrap_or_default();
    let error = site.broker.inner.login.error_of(&error.kind).map_or_else(
        || Error::NotFound(tr!("There is nothing at this address.", "Unter dieser Adresse gibt es nichts.").into()),
        Error::Login,
    );
    site.page(&handle, &error).await
}

async fn finish(broker: &Broker, handle: &Handle, headers: &HeaderMap, callback: Callback) -> Result<Response, Error> {
    use foundation::ExposeSecret;
    let inner = &broker.inner;
    let before = inner.sessions.find(handle).await?.ok_or(LoginError::NotYours)?;
    let identity =
        inner.login.finish(inner.parts.db.pool(), &inner.sessions.visitors(headers, &before), callback).await?;
    let account = account::of_person(broker, &identity.issuer, &identity.subject).await?;
    let name = identity.name.or(identity.email).unwrap_or_else(|| tr!("You", "Du").into());
    let id_token = Some(identity.id_token.expose_secret());
    // THREATS.md line 11: the visitor's session id is invalid from here on.
    let mut tx = inner.parts.db.begin().await?;
    store::account::set_name(&mut tx, &account.id, &name).await?;
    let new = New { person: Some(&account.id), visitor: &before.visitor, id_token, auth_time: None };
    let begun = inner.sessions.log_in(&mut tx, &before, new).await?;
    tx.commit().await?;
    inner.sessions.adopt(handle, &begun).await?;
    let return_to = inner.config.site.return_to(identity.carry.as_str().unwrap_or("/"));
    Ok(Redirect::to(&return_to).into_response())
}

#[derive(Debug, Deserialize)]
pub(crate) struct End {
    csrf_token: String,
}

/// `POST /auth/logout` with `csrf_token`: ends the session here, then at the provider.
pub(crate) async fn logout(
    State(site): State<Site>,
    handle: Handle,
    form: Result<Form<End>, FormRejection>,
) -> Response {
    let ended = match form {
        Ok(Form(form)) => end(&site.broker, &handle, &form.csrf_token).await,
        Err(_) => Err(not_from_here()),
    };
    match ended {
        Ok(response) => response,
        Err(error) => site.page(&handle, &error).await,
    }
}

/// The error for a form without its session's CSRF token.
pub(crate) fn not_from_here() -> Error {
    Error::Forbidden(
        tr!(
            "This form is not from your session, so nothing was changed. Open the page again.",
            "Dieses Formular ist nicht aus deiner Sitzung, deshalb wurde nichts geändert. Öffne die Seite neu."
        )
        .into(),
    )
}

async fn end(broker: &Broker, handle: &Handle, csrf_token: &str) -> Result<Response, Error> {
    let inner = &broker.inner;
    let forget = AppendHeaders([(header::SET_COOKIE, inner.sessions.forget())]);
    let Some(session) = inner.sessions.find(handle).await? else {
        return Ok((forget, Redirect::to("/")).into_response());
    };
    if !inner.sessions.matches_csrf_token(&session, csrf_token) {
        return Err(not_from_here());
    }
    let id_token = inner.sessions.id_token(&session).await?;
    let mut db = inner.parts.db.pool().acquire().await?;
    inner.sessions.end(&mut db, &session.id).await?;
    let next =
        id_token.and_then(|id_token| provider_logout(broker, &id_token)).map_or_else(|| "/".to_owned(), String::from);
    Ok((forget, Redirect::to(&next)).into_response())
}

/// Applies a change at the provider, which shares this origin, to this browser's session: a logout or another person's
/// login there ends it. Returns the `Set-Cookie` for the answer.
pub(crate) async fn follow(
    broker: &Broker,
    headers: &HeaderMap,
    change: &IdentityChange,
) -> Result<Option<HeaderValue>, Error> {
    let inner = &broker.inner;
    let mut ended = false;
    for session in inner.sessions.of_all_cookies(headers).await? {
        let Some(account) = &session.person else { continue };
        let mut db = inner.parts.db.pool().acquire().await?;
        if let IdentityChange::LoggedIn(subject) = change
            && store::account::is_of(&mut *db, account, &inner.config.login.issuer, subject).await?
        {
            continue;
        }
        inner.sessions.end(&mut db, &session.id).await?;
        ended = true;
    }
    Ok(ended.then(|| inner.sessions.forget()))
}

/// OpenID Connect RP-Initiated Logout 1.0 §2. The provider has the same origin, so `form-action 'self'` lets the
/// browser follow the redirect.
fn provider_logout(broker: &Broker, id_token: &str) -> Option<Url> {
    let config = &broker.inner.config;
    let endpoint = Url::parse(&config.login.issuer).ok()?.join("oidc/logout").ok()?;
    Some(broker.inner.login.logout_url(endpoint, Some(id_token), config.site.issuer()))
}
