//! Shared by the `/auth/` handlers of all clients: sends the browser to the provider, for login and logout, and to the
//! error page after a failed login.

use axum::{
    http::header,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use serde_json::Value;
use sqlx::AnyPool;
use url::Url;

use super::{Login, LoginError};
use crate::session::{Handle, Session, Sessions};

impl Login {
    /// Sends a browser to the provider. Its session, or else a new one, carries the login. See [`Login::begin`].
    ///
    /// # Errors
    /// When the provider can't be discovered or the database fails.
    pub async fn leave(
        &self,
        pool: &AnyPool,
        (sessions, handle): (&Sessions, &Handle),
        session: Option<Session>,
        scopes: &[&str],
        extra: &[(&str, &str)],
        carry: Value,
    ) -> Result<Response, LoginError> {
        let (session, cookie) = match session {
            Some(session) => (session, None),
            None => {
                let (session, cookie) = sessions.start_for_login(handle).await?;
                (session, Some(cookie))
            }
        };
        let url = self.begin(pool, &session.visitor, scopes, extra, carry).await?;
        let cookie = AppendHeaders(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
        Ok((cookie, Redirect::to(url.as_str())).into_response())
    }

    /// The address at which the provider ends its own session and then returns the browser to `home` (OpenID Connect
    /// RP-Initiated Logout 1.0 §2). `endpoint`: its `end_session_endpoint`.
    pub fn logout_url(&self, mut endpoint: Url, id_token: Option<&str>, home: &str) -> Url {
        if let Some(id_token) = id_token {
            endpoint.query_pairs_mut().append_pair("id_token_hint", id_token);
        }
        endpoint
            .query_pairs_mut()
            .append_pair("client_id", &self.settings().client_id)
            .append_pair("post_logout_redirect_uri", home);
        endpoint
    }
}

/// The kind of an error at the callback, as a fixed word. `None`: an error other than the login's own.
pub fn kind(error: Option<&LoginError>) -> &'static str {
    error.map_or("internal", LoginError::kind)
}

/// Redirects from the callback to a page that explains this kind of error. The callback's address contains an
/// authorization code, which everything that a page loads would see (THREATS.md line 10).
pub fn to_error_page(kind: &str) -> Response {
    Redirect::to(&format!("/auth/error?kind={kind}")).into_response()
}
