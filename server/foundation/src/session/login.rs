//! Logins that begin, each of which belongs to the browser that began it: by its session's visitor, or by a cookie of
//! the login's own.

use axum::http::{HeaderMap, HeaderValue};

use sqlx::AnyConnection;

use super::{Begun, DATA, Data, Handle, New, Session, Sessions, failed, key};
use crate::{cookie::cookies, login::LoginError, secret, store::session as store};

/// How long a login that began without a session may take, in seconds.
const LOGIN_SECONDS: i64 = 3600;
/// How many of these are looked at.
const MOST_LOGINS: usize = 16;

impl Sessions {
    /// Begins a session for a browser that comes without one to log in. Of two that do so at once the second takes the
    /// session's cookie of the first away: the cookie that this returns, whose name is nobody else's, proves both to be
    /// the browser ([`Self::visitors`]).
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn start_for_login(&self, handle: &Handle) -> Result<(Session, HeaderValue), sqlx::Error> {
        let value = secret::token();
        let visitor = secret::hash(&value);
        let name = format!("{}{}", self.login_cookie(), &visitor.replace(['-', '_'], "0")[..12]);
        let data = Data { person: None, visitor, created_at: self.clock.now(), auth_time: None };
        handle.insert(DATA, &data).await.map_err(failed)?;
        handle.save().await.map_err(failed)?;
        let id = handle.id().ok_or(sqlx::Error::RowNotFound)?;
        Ok((Session::of(key(&id), data), self.set_cookie(&name, &value, LOGIN_SECONDS)))
    }

    /// Logs a person in: their session begins under a new id, and the one before it ends, in the caller's transaction
    /// (THREATS.md line 11). A second person in the same browser is another visitor.
    ///
    /// # Errors
    /// [`LoginError::NotYours`] where somebody was logged in before and logged out meanwhile.
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

    /// The visitors ([`Session::visitor`]) that a request proves to be: by its session, and by the cookies of logins
    /// that it began without one.
    pub fn visitors(&self, headers: &HeaderMap, session: &Session) -> Vec<String> {
        let prefix = self.login_cookie();
        let begun = cookies(headers).filter(|(name, _)| name.starts_with(&prefix));
        let begun = begun.map(|(_, value)| secret::hash(value)).take(MOST_LOGINS);
        std::iter::once(session.visitor.clone()).chain(begun).collect()
    }

    /// The proof that a form carries by which this visitor logs in.
    pub fn login_proof(&self, visitor: &str) -> String {
        self.sealer.mac("login form", visitor)
    }

    /// Whether a form's proof is this visitor's.
    pub fn is_login_proven(&self, visitor: &str, proof: &str) -> bool {
        secret::equal(&self.login_proof(visitor), proof)
    }

    fn login_cookie(&self) -> String {
        format!("{}_login_", self.cookie)
    }
}
