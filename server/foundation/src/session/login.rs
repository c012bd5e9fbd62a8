//! Logins in progress. Each belongs to the browser that started it, identified by its session's visitor or by the
//! login's own cookie.

use axum::http::{HeaderMap, HeaderValue};

use sqlx::AnyConnection;

use super::{Begun, DATA, Data, Handle, New, Session, Sessions, failed, key};
use crate::{cookie::cookies, login::LoginError, secret, store::session as store};

/// How long a login that started without a session may take, in seconds.
const LOGIN_SECONDS: i64 = 3600;
/// The most login cookies to examine.
const MOST_LOGINS: usize = 16;

impl Sessions {
    /// Starts a session for a browser that arrives at the login without one. If two tabs do this at once, the second
    /// response replaces the first one's session cookie. The cookie returned here has a unique name, so it identifies
    /// the browser in both ([`Self::visitors`]).
    ///
    /// # Errors
    /// If the database fails.
    pub async fn start_for_login(&self, handle: &Handle) -> Result<(Session, HeaderValue), sqlx::Error> {
        let value = secret::token();
        let visitor = secret::hash(&value);
        let name = format!("{}{}", self.login_cookie(), &visitor.replace(['-', '_'], "0")[..12]);
        let data = Data { person: None, visitor, created_at: self.clock.now(), auth_time: None };
        handle.insert(DATA, &data).await.map_err(failed)?;
        handle.save().await.map_err(failed)?;
        let id = handle.id().ok_or(sqlx::Error::RowNotFound)?;
        Ok((self.note(Session::of(key(&id), data)), self.set_cookie(&name, &value, LOGIN_SECONDS)))
    }

    /// Logs a person in: starts their session under a new id and ends the previous one, in the caller's transaction
    /// (THREATS.md line 11). A second person in the same browser becomes another visitor.
    ///
    /// # Errors
    /// [`LoginError::NotYours`] if somebody was logged in before and has logged out since.
    pub async fn log_in(&self, tx: &mut AnyConnection, old: &Session, mut new: New<'_>) -> Result<Begun, LoginError> {
        let was_there = store::delete(tx, &old.id).await?;
        let own = secret::id("vis_");
        if let Some(before) = old.person.as_deref() {
            if !was_there {
                return Err(LoginError::NotYours);
            }
            if Some(before) != new.person && new.visitor == old.visitor {
                new.visitor = &own;
            }
        }
        Ok(self.begin(tx, new).await?)
    }

    /// The visitors ([`Session::visitor`]) that a request proves to be: from its session, and from the cookies of
    /// logins that it started without one.
    pub fn visitors(&self, headers: &HeaderMap, session: &Session) -> Vec<String> {
        let prefix = self.login_cookie();
        let begun = cookies(headers).filter(|(name, _)| name.starts_with(&prefix));
        let begun = begun.map(|(_, value)| secret::hash(value)).take(MOST_LOGINS);
        std::iter::once(session.visitor.clone()).chain(begun).collect()
    }

    /// The CSRF token for this visitor's login form.
    pub fn login_csrf_token(&self, visitor: &str) -> String {
        self.sealer.mac("login form", visitor)
    }

    /// Whether a login form's CSRF token belongs to this visitor.
    pub fn matches_login_csrf_token(&self, visitor: &str, csrf_token: &str) -> bool {
        secret::equal(&self.login_csrf_token(visitor), csrf_token)
    }

    fn login_cookie(&self) -> String {
        format!("{}_login_", self.cookie)
    }
}
