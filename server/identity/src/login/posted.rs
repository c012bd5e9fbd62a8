//! The request behind a login page, and the form that the page posts.

use axum::{body::Bytes, http::HeaderMap};
use foundation::{
    session::{Handle, Session},
    tr,
};
use serde::Deserialize;

use crate::{
    authorize::{request::Pending, step},
    error::PageError,
    params::Params,
    state::Identity,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) request: String,
    /// The path of this site to continue at, for someone who comes without a request.
    #[serde(rename = "returnTo")]
    pub(crate) return_to: String,
}

/// The session of a request, and the request stored for it.
pub(crate) async fn opened(
    identity: &Identity,
    handle: &Handle,
    headers: &HeaderMap,
    token: &str,
) -> Result<(Session, Pending), PageError> {
    let mut session = identity.sessions.find(handle).await?.ok_or_else(step::too_late)?;
    let mut db = identity.db.pool().acquire().await?;
    for visitor in identity.sessions.visitors(headers, &session) {
        session.visitor = visitor;
        if let Some(pending) = Pending::look(identity, &mut db, &session, token).await? {
            return Ok((session, pending));
        }
    }
    Err(step::too_late())
}

/// Checks that a posted form carries this session's CSRF token, and returns the request behind it (THREATS.md line 9).
///
/// # Errors
/// 403, with nothing changed.
pub(crate) async fn checked(
    identity: &Identity,
    handle: &Handle,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Session, String, Params), PageError> {
    checked_by(identity, handle, headers, body, |session, csrf_token| {
        identity.sessions.matches_csrf_token(session, csrf_token)
    })
    .await
}

/// As [`checked`], for a login form. Its CSRF token belongs to the browser, because another tab may log in meanwhile,
/// or start to.
///
/// # Errors
/// 403, or an expired request; nothing has changed.
pub(crate) async fn checked_at_login(
    identity: &Identity,
    handle: &Handle,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Session, Pending, String, Params), PageError> {
    let matches = |session: &Session, csrf_token: &str| {
        identity
            .sessions
            .visitors(headers, session)
            .iter()
            .any(|visitor| identity.sessions.matches_login_csrf_token(visitor, csrf_token))
    };
    let (_, token, params) = checked_by(identity, handle, headers, body, matches).await?;
    let (session, pending) = opened(identity, handle, headers, &token).await?;
    Ok((session, pending, token, params))
}

async fn checked_by(
    identity: &Identity,
    handle: &Handle,
    headers: &HeaderMap,
    body: &Bytes,
    matches: impl Fn(&Session, &str) -> bool,
) -> Result<(Session, String, Params), PageError> {
    let params = Params::from_body(headers, body).map_err(|_| PageError::forged())?;
    let session = identity.sessions.find(handle).await?.ok_or_else(PageError::forged)?;
    let token = params.get("request").unwrap_or_default().to_owned();
    if matches(&session, params.get("csrf_token").unwrap_or_default()) {
        Ok((session, token, params))
    } else if token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
        Err(PageError::forged().back(format!("/u/login?request={token}"), tr!("Open it again", "Neu öffnen")))
    } else {
        Err(PageError::forged())
    }
}
