//! What the handlers of `/auth/` are at every site that is a client: how a browser leaves for the provider, and how it
//! comes back with an error.

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

    /// Where the provider ends its session, too, and sends the browser to `home` (OpenID Connect RP-Initiated Logout
    /// 1.0 §2).
    pub fn logout_url(&self, mut endpoint: Url, id_token: &str, home: &str) -> Url {
        endpoint
            .query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("client_id", &self.settings().client_id)
            .append_pair("post_logout_redirect_uri", home);
        endpoint
    }
}

/// Redirects from the callback to the page that explains the error. Its address holds no authorization code, which
/// everything that a page loads would see (THREATS.md line 10). `None`: the error isn't the login's.
pub fn to_error_page(error: Option<&LoginError>) -> Response {
    let kind = error.map_or("internal", LoginError::kind);
    Redirect::to(&format!("/auth/error?kind={kind}")).into_response()
}
