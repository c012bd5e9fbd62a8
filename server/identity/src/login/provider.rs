//! Login at another provider (OpenID Connect Core §3.1), with this service as its client. The session keeps the
//! provider's ID token, sealed, for the logout there.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use foundation::{
    ExposeSecret, lang,
    login::{Authenticated, Callback, LoginError},
    session::{Handle, Session},
    tr,
};
use serde_json::Value;

use crate::{
    authorize::{request::Pending, step::Came},
    error::PageError,
    login::{
        posted,
        session::{self, Proved},
    },
    state::Identity,
    store,
};

/// Sends the browser to the provider. If the person must reauthenticate here, they must there, too.
pub(super) async fn begin(
    identity: &Identity,
    session: &Session,
    pending: &Pending,
    token: &str,
) -> Result<Response, PageError> {
    let login = identity.login.as_ref().ok_or_else(PageError::not_found)?;
    let max_age;
    let mut extra = Vec::new();
    if let Pending::Authorize(request) = pending {
        if request.login_again {
            extra.push(("prompt", "login"));
        }
        if let Some(seconds) = request.max_age {
            max_age = seconds.to_string();
            extra.push(("max_age", max_age.as_str()));
        }
        if let Some(hint) = &request.login_hint {
            extra.push(("login_hint", hint.as_str()));
        }
    }
    let href = login
        .begin(identity.db.pool(), &session.visitor, &["openid", "profile", "email"], &extra, token.into())
        .await?;
    Ok(Redirect::to(href.as_str()).into_response())
}

/// `GET /login/callback`
pub(crate) async fn callback(
    State(identity): State<Identity>,
    handle: Handle,
    headers: HeaderMap,
    query: Result<Query<Callback>, QueryRejection>,
) -> Result<Response, PageError> {
    let Query(callback) = query.map_err(|_| LoginError::NotYours)?;
    let login = identity.login.as_ref().ok_or_else(PageError::not_found)?;
    let session = identity.sessions.find(&handle).await?.ok_or(LoginError::NotYours)?;
    let visitors = identity.sessions.visitors(&headers, &session);
    let authenticated = login.finish(identity.db.pool(), &visitors, callback).await?;
    let mut db = identity.db.pool().acquire().await?;
    let name =
        authenticated.name.clone().or_else(|| authenticated.email.clone()).unwrap_or_else(|| tr!("You", "Du").into());
    let now = identity.clock.now();
    let email = authenticated.email.as_deref();
    let verified = store::person::Verified(authenticated.email_verified);
    let person =
        store::person::vouched(&mut db, &authenticated.issuer, &authenticated.subject, &name, email, verified, now)
            .await?;
    let person = person.ok_or_else(closed)?;
    // The language chosen in this browser takes precedence.
    if let Some(lang) = lang::chosen().or(authenticated.locale) {
        store::person::suggest(&mut db, &person.id, lang).await?;
    }
    drop(db);
    let proved =
        Proved { id_token: Some(authenticated.id_token.expose_secret()), auth_time: auth_time(&authenticated) };
    let token = authenticated.carry.as_str().unwrap_or_default();
    // Uses the browser's session for which the request was stored. If the request has expired, the login still counts.
    let session = posted::opened(&identity, &handle, &headers, token).await.map_or(session, |(session, _)| session);
    session::finish(&identity, (&handle, &session), &person, proved, token, Came::ByLink).await
}

pub(crate) fn closed() -> PageError {
    PageError::new(
        StatusCode::FORBIDDEN,
        tr!("This account is closed", "Dieses Konto ist geschlossen"),
        tr!(
            "You can’t log in here with it. If you think that is a mistake, ask the operator.",
            "Du kannst dich damit hier nicht anmelden. Wenn du meinst, dass das falsch ist, frag den Betreiber."
        ),
    )
    .kind("closed")
}

/// When the person authenticated at the provider, in seconds. The ID token is already verified.
fn auth_time(authenticated: &Authenticated) -> Option<i64> {
    let payload = authenticated.id_token.expose_secret().split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    claims["auth_time"].as_i64()
}

impl From<LoginError> for PageError {
    fn from(error: LoginError) -> Self {
        let kind = error.kind();
        let page = match error {
            LoginError::Database(error) => error.into(),
            LoginError::Unreachable(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                tr!("The login can’t be reached", "Die Anmeldung ist nicht erreichbar"),
                error.text(),
            ),
            LoginError::Refused(_) | LoginError::NotYours | LoginError::Invalid(_) => {
                Self::bad_request(tr!("You are not logged in", "Du bist nicht angemeldet"), error.text())
            }
        };
        page.kind(kind)
    }
}
