//! Sessions of browsers, held by tower-sessions: one cookie per site, its id stored as a hash, its data sealed.
//!
//! A session holds the person, the visitor and when they logged in, and keeps them until it ends: what several requests
//! may change at once is a row of its own. [`crate::housekeeping`] removes sessions that have ended.

mod front;
mod library;
mod login;
#[cfg(test)]
mod tests;
mod visitor;

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, AnyPool};
use tower_sessions::{session, session_store};

use crate::{
    clock::Clock,
    cookie::{Cookie, cookie, cookies},
    seal::Sealer,
    secret,
    store::session::{self as store, Ends},
};

/// A request's session as tower-sessions hands it to handlers. [`Sessions::find`] loads it. Until then its id is
/// whatever the cookie says, so nothing may be keyed by it.
pub use tower_sessions::Session as Handle;

/// What tower-sessions' data holds: this alone.
const DATA: &str = "session";
/// The id of a row that [`Sessions::begin`] wrote, on its way to the library.
const ADOPT: &str = "adopt";
/// The number of cookies of one name that are looked at.
const MOST_COOKIES: usize = 16;

/// One site's sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    pub pool: AnyPool,
    pub clock: Clock,
    pub sealer: Sealer,
    /// The cookie's name: `mandate_agent`, `mandate_tenant`, `mandate_broker`, `mandate_broker_identity`; over TLS
    /// with `__Host-` before it, so that no sibling host can plant one (RFC 6265bis §4.1.3.2).
    pub cookie: &'static str,
    /// Whether the site is served over TLS.
    pub secure: bool,
    /// A session ends after this many milliseconds without a request,
    pub idle_ms: i64,
    /// and after this many in all.
    pub total_ms: i64,
    /// Idle timeout of a session in which nobody is logged in, in milliseconds.
    pub visitor_ms: i64,
}

/// A session that was loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The hash of what is in the cookie: safe to store beside what belongs to the session.
    pub id: String,
    /// The person's id at this site, once logged in.
    pub person: Option<String>,
    /// Stays the same when a login changes the session's id, so that what another tab began goes on after it.
    pub visitor: String,
    /// Milliseconds since 1970 (UTC). A login makes a new session, so for a person this is when they logged in.
    pub created_at: i64,
    /// When the person proved who they are, in seconds since 1970 (UTC), where another provider said so.
    pub auth_time: Option<i64>,
}

/// What a session holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Data {
    person: Option<String>,
    visitor: String,
    created_at: i64,
    auth_time: Option<i64>,
}

/// What a session begins with.
#[derive(Clone, Debug, Default)]
pub struct New<'a> {
    pub person: Option<&'a str>,
    pub visitor: &'a str,
    pub auth_time: Option<i64>,
    /// The hint for the provider's logout.
    pub id_token: Option<&'a str>,
}

/// A session whose row [`Sessions::begin`] or [`Sessions::log_in`] wrote. Once that is committed, [`Sessions::adopt`]
/// hands it to the browser.
#[derive(Clone, Debug)]
pub struct Begun {
    pub session: Session,
    id: session::Id,
}

/// What an answer of an identity service changes about who is logged in there with this browser. It travels in the
/// answer's extensions, to a site on the same origin whose own session rests on that login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityChange {
    LoggedOut,
    /// As the person with this `sub`.
    LoggedIn(String),
}

impl Sessions {
    /// The session of a request, if it has one that is active.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn find(&self, handle: &Handle) -> Result<Option<Session>, sqlx::Error> {
        let data: Option<Data> = handle.get(DATA).await.map_err(failed)?;
        // Loading has dropped an id without a session.
        Ok(handle.id().zip(data).map(|(id, data)| Session::of(key(&id), data)))
    }

    /// The handle of a request that doesn't come through [`Self::layer`]. Two cookies of the name count as none.
    pub fn handle(&self, headers: &HeaderMap) -> Handle {
        Handle::new(self.id(headers), Arc::new(self.clone()), None)
    }

    /// The one id that a request's cookies hold.
    fn id(&self, headers: &HeaderMap) -> Option<session::Id> {
        match cookie(headers, self.cookie) {
            Cookie::One(value) => value.parse().ok(),
            Cookie::None | Cookie::Many => None,
        }
    }

    /// The sessions of all cookies of the name. Where there are several, one is the browser's and the rest are planted.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn of_all_cookies(&self, headers: &HeaderMap) -> Result<Vec<Session>, sqlx::Error> {
        let named = cookies(headers).filter(|(name, _)| *name == self.cookie).take(MOST_COOKIES);
        let ids: Vec<session::Id> = named.filter_map(|(_, value)| value.parse().ok()).collect();
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.find(&Handle::new(Some(id), Arc::new(self.clone()), None)).await?);
        }
        Ok(found)
    }

    /// Begins a session in the caller's transaction.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn begin(&self, tx: &mut AnyConnection, new: New<'_>) -> Result<Begun, sqlx::Error> {
        let id = session::Id::default();
        let data = Data {
            person: new.person.map(str::to_owned),
            visitor: new.visitor.to_owned(),
            created_at: self.clock.now(),
            auth_time: new.auth_time,
        };
        let session = Session::of(key(&id), data);
        self.insert(tx, &session, new.id_token).await?;
        Ok(Begun { session, id })
    }

    /// Hands a session that has begun to the browser: the answer carries its cookie.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn adopt(&self, handle: &Handle, begun: &Begun) -> Result<(), sqlx::Error> {
        let adopt = async {
            if handle.id().is_some() {
                handle.cycle_id().await?;
            }
            handle.insert(DATA, Data::of(&begun.session)).await?;
            handle.insert(ADOPT, begun.id.to_string()).await?;
            handle.save().await
        };
        adopt.await.map_err(failed)
    }

    async fn insert(
        &self,
        db: &mut AnyConnection,
        session: &Session,
        id_token: Option<&str>,
    ) -> Result<(), sqlx::Error> {
        let id_token = id_token.map(|token| self.sealer.seal(&place("id_token", &session.id), token));
        let row = store::New {
            id: &session.id,
            person: session.person.as_deref(),
            visitor: &session.visitor,
            data: &self.sealed(&session.id, &Data::of(session))?,
            id_token: id_token.as_deref(),
            now: session.created_at,
        };
        store::insert(db, &row).await
    }

    fn sealed(&self, id: &str, data: &impl Serialize) -> Result<String, sqlx::Error> {
        let text = serde_json::to_string(data).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        Ok(self.sealer.seal(&place("data", id), &text))
    }

    /// The id token of its login, where one was kept.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn id_token(&self, session: &Session) -> Result<Option<String>, sqlx::Error> {
        let sealed = store::id_token(&self.pool, &session.id).await?;
        Ok(sealed.and_then(|sealed| self.sealer.open(&place("id_token", &session.id), &sealed).ok()))
    }

    /// Whether the session with this id (a hash) is still active; asking doesn't prolong it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn is_active(&self, id: &str) -> Result<bool, sqlx::Error> {
        Ok(store::find(&self.pool, id, self.ends()).await?.is_some())
    }

    /// Ends a session on the server. `false`: it had ended before. The answer takes [`Self::forget`] along.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn end(&self, db: &mut AnyConnection, id: &str) -> Result<bool, sqlx::Error> {
        store::delete(db, id).await
    }

    /// Ends all sessions of a person on the server.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn end_all_of(db: &mut AnyConnection, person: &str) -> Result<u64, sqlx::Error> {
        store::delete_of_person(db, person).await
    }

    /// Ends all sessions of a visitor in which nobody is logged in; returns their ids.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn end_all_of_visitor(&self, db: &mut AnyConnection, visitor: &str) -> Result<Vec<String>, sqlx::Error> {
        store::delete_of_visitor(db, visitor).await
    }

    /// Removes the sessions that have ended by themselves.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn sweep(&self) -> Result<(), sqlx::Error> {
        store::sweep(&self.pool, self.ends()).await
    }

    fn ends(&self) -> Ends {
        let now = self.clock.now();
        Ends { seen: now - self.idle_ms, visitor_seen: now - self.visitor_ms, began: now - self.total_ms }
    }

    /// The same, but sessions of nobody end after so many hours without a request: where they only carry a login.
    #[must_use]
    pub fn visitors_for(mut self, hours: i64) -> Self {
        self.visitor_ms = hours * 3_600_000;
        self
    }

    /// The `Set-Cookie` that removes the cookie.
    pub fn forget(&self) -> HeaderValue {
        self.set_cookie(self.cookie, "", 0)
    }

    /// The anti-forgery proof that this session's forms carry.
    pub fn proof(&self, session: &Session) -> String {
        self.sealer.mac("form", &session.id)
    }

    /// Whether a form's proof is this session's.
    pub fn is_proven(&self, session: &Session, proof: &str) -> bool {
        secret::equal(&self.proof(session), proof)
    }

    fn set_cookie(&self, name: &str, value: &str, max_age: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}");
        HeaderValue::from_str(&cookie).expect("a cookie's name, base64url and digits are visible ASCII")
    }
}

impl Session {
    fn of(id: String, data: Data) -> Self {
        let Data { person, visitor, created_at, auth_time } = data;
        Self { id, person, visitor, created_at, auth_time }
    }
}

impl Data {
    fn of(session: &Session) -> Self {
        let Session { person, visitor, created_at, auth_time, .. } = session.clone();
        Self { person, visitor, created_at, auth_time }
    }
}

/// What a row is found by.
fn key(id: &session::Id) -> String {
    secret::hash(&id.to_string())
}

/// The associated data of a sealed column.
fn place(column: &str, id: &str) -> String {
    format!("session.{column}:{id}")
}

/// The library carries a store's error as text: `Backend` is a database that is away.
fn failed(error: session::Error) -> sqlx::Error {
    match error {
        session::Error::Store(session_store::Error::Backend(text)) => sqlx::Error::Protocol(text),
        other => sqlx::Error::Decode(Box::new(other)),
    }
}
