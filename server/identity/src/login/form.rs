//! The login page and its form with email and password. If people log in at a provider, the page redirects there.

use axum::{
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use foundation::{
    lang,
    limit::{Peer, whole_seconds},
    session::{Handle, Session},
    tr,
};

use super::{
    password::{self, Compared},
    person,
    posted::{self, Asked},
    provider, seed,
    session::{self, Proved},
    throttle,
};
use crate::{
    audit::{self, Event},
    authorize::{
        request::{AuthorizationRequest, Pending},
        step::{self, Came, Need},
    },
    config::LoginBy,
    error::PageError,
    page::View,
    state::Identity,
    store::{self, person::Person},
};

/// `GET /u/login`
pub(crate) async fn page(
    State(identity): State<Identity>,
    handle: Handle,
    headers: HeaderMap,
    peer: Peer,
    Query(Asked { request: token, return_to }): Query<Asked>,
) -> Result<Response, PageError> {
    if token.is_empty() {
        let path = identity.config.site.return_to(&return_to);
        if person::of_request(&identity, &handle).await?.is_some() {
            return Ok(Redirect::to(&path).into_response());
        }
        identity.limits.visit(&peer)?;
        return session::ask(&identity, &handle, Pending::Path(path)).await;
    }
    let (session, pending) = posted::opened(&identity, &handle, &headers, &token).await?;
    if let Some(person) = person::of_session(&identity, &session).await? {
        let login_again = match &pending {
            Pending::Path(_) => false,
            Pending::Authorize(request) => {
                let client = step::client_of(&identity, request).await?;
                step::need(&identity, &client, request, Some((&session, &person))).await? == Need::Login
            }
        };
        if !login_again {
            return step::go_on(&identity, &token, &session, &person, Came::ByLink).await;
        }
    }
    match &identity.login {
        Some(_) => {
            identity.limits.visit(&peer)?;
            provider::begin(&identity, &session, &pending, &token).await
        }
        None => {
            let hint = request_of(&pending).and_then(|request| request.login_hint.clone()).unwrap_or_default();
            form(&identity, StatusCode::OK, &session, &pending, token, hint, None).await
        }
    }
}

/// `POST /u/login`
pub(crate) async fn submit(
    State(identity): State<Identity>,
    handle: Handle,
    headers: HeaderMap,
    peer: Peer,
    body: Bytes,
) -> Result<Response, PageError> {
    if identity.login.is_some() {
        return Err(PageError::not_found());
    }
    let (session, pending, token, params) = posted::checked_at_login(&identity, &handle, &headers, &body).await?;
    let mut db = identity.db.pool().acquire().await?;
    let email = params.get("email").unwrap_or_default().trim().to_owned();
    let password = params.get("password").unwrap_or_default().to_owned();
    let account = email.to_lowercase();
    let known = store::login_address::is_known(&mut db, &account, peer.as_str()).await?;
    // Released before hashing: waiting for a second connection while holding one can deadlock the pool.
    drop(db);
    let from = throttle::From { account: &account, address: peer.as_str(), known };
    if let Err(wait) = identity.limits.login.attempt(from).await? {
        let seconds = whole_seconds(wait);
        let text = tr!(
            format!("Too many attempts. Try again in {seconds} s."),
            format!("Zu viele Versuche. Versuch es in {seconds} s noch einmal.")
        );
        let mut response =
            form(&identity, StatusCode::TOO_MANY_REQUESTS, &session, &pending, token, email, Some(text)).await?;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let mut db = identity.db.pool().acquire().await?;
    let found = store::person::by_login(&mut db, &account).await?;
    drop(db);
    let hash = found.as_ref().map(|(_, hash)| hash.clone()).filter(|_| password.len() <= password::LONGEST);
    let compared = password::compare(&identity, password.clone(), hash).await;
    match found.filter(|_| compared != Compared::Wrong) {
        Some((person, hash)) => {
            identity.limits.login.succeeded(from).await?;
            if compared == Compared::RightUnnormalised {
                replace_hash(&identity, &person, password, &hash).await?;
            }
            let mut db = identity.db.pool().acquire().await?;
            store::login_address::remember(&mut db, &person.id, peer.as_str(), identity.clock.now()).await?;
            drop(db);
            session::finish(&identity, (&handle, &session), &person, Proved::default(), &token, Came::ByForm).await
        }
        None => {
            let mut db = identity.db.pool().acquire().await?;
            audit::record(&identity, &mut db, Event { event: "login_failed", ..Event::default() }).await?;
            drop(db);
            let text = tr!(
                "E-mail or password is wrong. Nobody was logged in.",
                "E-Mail oder Passwort ist falsch. Niemand wurde angemeldet."
            )
            .to_owned();
            form(&identity, StatusCode::UNAUTHORIZED, &session, &pending, token, email, Some(text)).await
        }
    }
}

/// Replaces a hash from before passwords were normalised. If hashing fails, the next login retries.
async fn replace_hash(identity: &Identity, person: &Person, password: String, old: &str) -> Result<(), sqlx::Error> {
    match password::hash(identity, password).await {
        Ok(new) => {
            let mut db = identity.db.pool().acquire().await?;
            store::person::replace_password(&mut db, &person.id, old, &new).await
        }
        Err(error) => {
            tracing::warn!(error, "a password couldn't be rehashed");
            Ok(())
        }
    }
}

fn request_of(pending: &Pending) -> Option<&AuthorizationRequest> {
    match pending {
        Pending::Authorize(request) => Some(request),
        Pending::Path(_) => None,
    }
}

async fn form(
    identity: &Identity,
    status: StatusCode,
    session: &Session,
    pending: &Pending,
    request: String,
    email: String,
    error: Option<String>,
) -> Result<Response, PageError> {
    // For a form that was posted: here it opens again.
    lang::answers_at(format!("/u/login?request={request}"));
    let client = match request_of(pending) {
        Some(request) => Some(step::client_of(identity, request).await?.name),
        None => None,
    };
    let demo: Vec<String> = identity.config.demo_people.iter().map(|(email, _)| email.clone()).collect();
    let demo_password = if demo.is_empty() { String::new() } else { seed::PASSWORD.to_owned() };
    let csrf_token = identity.sessions.login_csrf_token(&session.visitor);
    let signup = matches!(identity.config.login, LoginBy::Password { signup: true });
    let view = View::Login { csrf_token, request, email, error, signup, demo, demo_password, client };
    Ok(identity.page(status, None, view))
}
