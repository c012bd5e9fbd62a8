//! Browser sessions on tower-sessions: one cookie for each site; the id is stored as a hash, the data sealed.
//!
//! A session holds the person, the visitor, and the times of the login here and of the authentication at the provider.
//! They don't change until it ends. Data that concurrent requests may change has its own rows. [`crate::cleanup`]
//! removes expired sessions.

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
    lang::Lang,
    seal::Sealer,
    secret,
    store::session::{self as store, Ends},
    trace,
};

/// A request's session as tower-sessions passes it to handlers. [`Sessions::find`] loads it. Before that, the id is
/// just the cookie's value, so nothing may use it as a key.
pub use tower_sessions::Session as Handle;

/// The only key in tower-sessions' data.
const DATA: &str = "session";
/// The key that passes the id of a row from [`Sessions::begin`] to the library.
const ADOPT: &str = "adopt";
/// The most cookies with one name to examine.
const MOST_COOKIES: usize = 16;

/// One site's sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    pub pool: AnyPool,
    pub clock: Clock,
    pub sealer: Sealer,
    /// The name of the cookie: `mandate_agent`, `mandate_tenant`, `mandate_broker`, `mandate_broker_identity`. Over TLS
    /// it starts with `__Host-`, so that a sibling host can't shadow it (RFC 6265bis §4.1.3.2).
    pub cookie: &'static str,
    /// Whether the site is served over TLS.
    pub secure: bool,
    /// A session ends after this many milliseconds without a request.
    pub idle_ms: i64,
    /// A session ends after this many milliseconds in all.
    pub total_ms: i64,
    /// Idle timeout of a session in which nobody is logged in, in milliseconds.
    pub visitor_ms: i64,
    /// Whether loading a session notes its person for the recorder.
    pub recorded: bool,
}

/// A loaded session.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The hash of the cookie's value, safe to store with the session's data.
    pub id: String,
    /// The person's id at this site, once logged in.
    pub person: Option<String>,
    /// Survives the change of the session's id at login, so that what another tab started can continue.
    pub visitor: String,
    /// Milliseconds since 1970 (UTC). A login makes a new session, so for a person this is when they logged in.
    pub created_at: i64,
    /// When the person authenticated, in seconds since 1970 (UTC), if another provider said so.
    pub auth_time: Option<i64>,
}

/// The content of a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Data {
    person: Option<String>,
    visitor: String,
    created_at: i64,
    auth_time: Option<i64>,
}

/// The initial content of a session.
#[derive(Clone, Debug, Default)]
pub struct New<'a> {
    pub person: Option<&'a str>,
    pub visitor: &'a str,
    pub auth_time: Option<i64>,
    /// The hint for the provider's logout.
    pub id_token: Option<&'a str>,
}

/// A session whose row [`Sessions::begin`] or [`Sessions::log_in`] wrote. After the commit, [`Sessions::adopt`] passes
/// it to the browser.
#[derive(Clone, Debug)]
pub struct Begun {
    pub session: Session,
    id: session::Id,
}

/// How a response of an identity service changes who is logged in there. It travels in the response's extensions to a
/// site on the same origin whose own session depends on that login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityChange {
    LoggedOut,
    /// The person with this `sub` logged in.
    LoggedIn(String),
}

impl Sessions {
    /// The active session of a request, if there is one.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn find(&self, handle: &Handle) -> Result<Option<Session>, sqlx::Error> {
        let data: Option<Data> = handle.get(DATA).await.map_err(failed)?;
        // Loading dropped the id if it has no session.
        Ok(handle.id().zip(data).map(|(id, data)| self.note(Session::of(key(&id), data))))
    }

    /// Notes the request's person and visitor, for the recorder.
    fn note(&self, session: Session) -> Session {
        if self.recorded {
            trace::browser(&session.visitor, session.person.as_deref());
        }
        session
    }

    /// The handle for a request that doesn't pass [`Self::layer`]. Two cookies with the name count as none.
    pub fn handle(&self, headers: &HeaderMap) -> Handle {
        Handle::new(self.id(headers), Arc::new(self.clone()), None)
    }

    /// The only session id in a request's cookies.
    fn id(&self, headers: &HeaderMap) -> Option<session::Id> {
        match cookie(headers, self.cookie) {
            Cookie::One(value) => value.parse().ok(),
            Cookie::None | Cookie::Many => None,
        }
    }

    /// The language that the person of a request's session chose, for sites with a table `person`. One query, and none
    /// without a session's cookie. Doesn't count as a use.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn language(&self, headers: &HeaderMap) -> Result<Option<Lang>, sqlx::Error> {
        let Some(id) = self.id(headers) else { return Ok(None) };
        let tag = store::language(&self.pool, &key(&id), self.ends()).await?;
        Ok(tag.as_deref().and_then(Lang::of_tag))
    }

    /// The sessions of all cookies with the name. If there are several, one is the browser's own and the others shadow
    /// it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn of_all_cookies(&self, headers: &HeaderMap) -> Result<Vec<Session>, sqlx::Error> {
        let named = cookies(headers).filter(|(name, _)| *name == self.cookie).take(MOST_COOKIES);
        let ids: Vec<session::Id> = named.filter_map(|(_, value)| value.parse().ok()).collect();
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.find(&Handle::new(Some(id), Arc::new(self.clone()), None)).await?);
        }
        Ok(found)
    }

    /// Starts a session in the caller's transaction.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn begin(&self, tx: &mut AnyConnection, new: New<'_>) -> Result<Begun, sqlx::Error> {
        let id = session::Id::default();
        let data = Data {
            person: new.person.map(str::to_owned),
            visitor: new.visitor.to_owned(),
            created_at: self.clock.now(),
            auth_time: new.auth_time,
        };
        let session = self.note(Session::of(key(&id), data));
        self.insert(tx, &session, new.id_token).await?;
        Ok(Begun { session, id })
    }

    /// Passes a started session to the browser: the response carries its cookie.
    ///
    /// # Errors
    /// If the database fails.
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

    /// The id token of the login, if one was stored.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn id_token(&self, session: &Session) -> Result<Option<String>, sqlx::Error> {
        let sealed = store::id_token(&self.pool, &session.id).await?;
        Ok(sealed.and_then(|sealed| self.sealer.open(&place("id_token", &session.id), &sealed).ok()))
    }

    /// Whether the session with this id (a hash) is active. Doesn't count as a use.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn is_active(&self, id: &str) -> Result<bool, sqlx::Error> {
        Ok(store::find(&self.pool, id, self.ends()).await?.is_some())
    }

    /// Ends a session on the server. `false` if it had already ended. The response needs [`Self::forget`] too.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end(&self, db: &mut AnyConnection, id: &str) -> Result<bool, sqlx::Error> {
        store::delete(db, id).await
    }

    /// Ends all sessions of a person on the server.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end_all_of(db: &mut AnyConnection, person: &str) -> Result<u64, sqlx::Error> {
        store::delete_of_person(db, person).await
    }

    /// Ends all of a visitor's sessions in which nobody is logged in; returns their ids.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end_all_of_visitor(&self, db: &mut AnyConnection, visitor: &str) -> Result<Vec<String>, sqlx::Error> {
        store::delete_of_visitor(db, visitor).await
    }

    /// Deletes expired sessions.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn clean_up(&self) -> Result<(), sqlx::Error> {
        store::clean_up(&self.pool, self.ends()).await
    }

    fn ends(&self) -> Ends {
        let now = self.clock.now();
        Ends { seen: now - self.idle_ms, visitor_seen: now - self.visitor_ms, began: now - self.total_ms }
    }

    /// The same, but sessions without a person expire after this many hours, on a site where they only carry a login.
    #[must_use]
    pub fn visitors_for(mut self, hours: i64) -> Self {
        self.visitor_ms = hours * 3_600_000;
        self
    }

    /// The same, for a site whose recorder knows people by the ids in its sessions.
    #[must_use]
    pub fn for_recorder(mut self) -> Self {
        self.recorded = true;
        self
    }

    /// A `Set-Cookie` that removes the cookie.
    pub fn forget(&self) -> HeaderValue {
        self.set_cookie(self.cookie, "", 0)
    }

    /// The CSRF token for this session's forms.
    pub fn csrf_token(&self, session: &Session) -> String {
        self.sealer.mac("form", &session.id)
    }

    /// Whether a form's CSRF token belongs to this session.
    pub fn matches_csrf_token(&self, session: &Session, csrf_token: &str) -> bool {
        secret::equal(&self.csrf_token(session), csrf_token)
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

/// The key of a session's row.
fn key(id: &session::Id) -> String {
    secret::hash(&id.to_string())
}

/// The associated data that binds a sealed column to its row.
fn place(column: &str, id: &str) -> String {
    format!("session.{column}:{id}")
}

/// The library passes a store's error as text: `Backend` means that the database is unavailable.
fn failed(error: session::Error) -> sqlx::Error {
    match error {
        session::Error::Store(session_store::Error::Backend(text)) => sqlx::Error::Protocol(text),
        other => sqlx::Error::Decode(Box::new(other)),
    }
}
