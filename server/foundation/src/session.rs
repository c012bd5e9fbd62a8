//! Sessions: one cookie per site, its id stored as a hash, its data sealed.
//!
//! Our own rather than tower-sessions, because the person who logs in gets a new id in the same transaction that
//! hands over what the visitor had, because ids are stored hashed, and because two cookies of one name count as
//! none (THREATS.md lines 11 and 52). The table, in the first migration of every instance:
//! `CREATE TABLE session (id TEXT PRIMARY KEY, person TEXT, data TEXT NOT NULL, created_at BIGINT NOT NULL,
//! seen_at BIGINT NOT NULL)`, with an index over `seen_at`. [`crate::housekeeping`] removes those that have ended.

use axum::http::{HeaderMap, HeaderValue, header};
use sqlx::{AnyConnection, AnyPool};

use crate::{
    clock::Clock,
    guard::{Cookie, cookie},
    seal::Sealer,
    secret,
};

/// How long a login that began without a session may take, in seconds.
const LOGIN_SECONDS: i64 = 3600;
/// How many of these are looked at.
const MOST_LOGINS: usize = 16;

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
    /// A session ends after so many milliseconds without a request,
    pub idle_ms: i64,
    /// and after so many in all.
    pub total_ms: i64,
    /// One of nobody, which anybody can begin, after so many without a request.
    pub visitor_ms: i64,
}

/// A browser's session.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The hash of what is in the cookie: safe to store beside what belongs to the session.
    pub id: String,
    /// The person's id at this site, once logged in.
    pub person: Option<String>,
    /// What the site keeps with it (sealed at rest).
    pub data: serde_json::Value,
    /// Milliseconds since 1970 (UTC). A login makes a new session, so for a person this is when they logged in.
    pub created_at: i64,
}

impl Session {
    /// What stays the same when a login changes the session's id, so that what another tab began goes on after it.
    pub fn browser(&self) -> &str {
        self.data["browser"].as_str().unwrap_or(&self.id)
    }
}

/// What an answer of an identity service changes about who is logged in there with this browser. It travels in the
/// answer's extensions, to a site on the same origin whose own session rests on that login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityChange {
    LoggedOut,
    /// As the person with this `sub`.
    LoggedIn(String),
}

#[derive(sqlx::FromRow)]
struct Row {
    person: Option<String>,
    data: String,
    created_at: i64,
    seen_at: i64,
}

impl Sessions {
    /// The session of a request, if it has one that lives. Two cookies of the site's name count as none.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn find(&self, headers: &HeaderMap) -> Result<Option<Session>, sqlx::Error> {
        let Cookie::One(value) = cookie(headers, self.cookie) else { return Ok(None) };
        let id = secret::hash(&value);
        let now = self.clock.now();
        let row: Option<Row> = sqlx::query_as(
            "SELECT person, data, created_at, seen_at FROM session WHERE id = $1 AND seen_at > $2 AND created_at > $3 \
             AND (person IS NOT NULL OR seen_at > $4)",
        )
        .bind(&id)
        .bind(now - self.idle_ms)
        .bind(now - self.total_ms)
        .bind(now - self.visitor_ms)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        if now - row.seen_at > 60_000 {
            sqlx::query("UPDATE session SET seen_at = $1 WHERE id = $2")
                .bind(now)
                .bind(&id)
                .execute(&self.pool)
                .await?;
        }
        let Some(data) =
            self.sealer.open(&place(&id), &row.data).ok().and_then(|text| serde_json::from_str(&text).ok())
        else {
            return Ok(None);
        };
        Ok(Some(Session { id, person: row.person, data, created_at: row.created_at }))
    }

    /// Starts a session under a fresh id; returns it with the `Set-Cookie` that hands it over. Call it in the
    /// transaction of what comes with it (a login), and [`Self::end`] the old one there too.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn start(
        &self,
        db: &mut AnyConnection,
        person: Option<&str>,
        data: serde_json::Value,
    ) -> Result<(Session, HeaderValue), sqlx::Error> {
        let value = secret::token();
        let id = secret::hash(&value);
        let now = self.clock.now();
        sqlx::query("INSERT INTO session (id, person, data, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)")
            .bind(&id)
            .bind(person)
            .bind(self.sealer.seal(&place(&id), &data.to_string()))
            .bind(now)
            .execute(&mut *db)
            .await?;
        let session = Session { id, person: person.map(str::to_owned), data, created_at: now };
        Ok((session, self.set_cookie(&value, self.total_ms / 1000)))
    }

    /// The same for a browser that comes without a session to log in. Of two that do so at once the second takes the
    /// cookie of the first away: a second cookie, whose name is nobody else's, keeps both ([`Self::browsers`]).
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn start_for_login(&self, db: &mut AnyConnection) -> Result<(Session, [HeaderValue; 2]), sqlx::Error> {
        let value = secret::token();
        let browser = secret::hash(&value);
        let name = format!("{}{}", self.login_cookie(), &browser.replace(['-', '_'], "0")[..12]);
        let (session, cookie) = self.start(db, None, serde_json::json!({ "browser": browser })).await?;
        Ok((session, [cookie, self.set(&name, &value, LOGIN_SECONDS)]))
    }

    /// The browsers ([`Session::browser`]) that a request proves to be: by its session, and by the cookies of logins
    /// that it began without one.
    pub fn browsers(&self, headers: &HeaderMap, session: &Session) -> Vec<String> {
        let prefix = self.login_cookie();
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let begun = pairs.filter(|(name, _)| name.starts_with(&prefix)).map(|(_, value)| secret::hash(value));
        std::iter::once(session.browser().to_owned()).chain(begun.take(MOST_LOGINS)).collect()
    }

    fn login_cookie(&self) -> String {
        format!("{}_login_", self.cookie)
    }

    /// Stores a session's changed data.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn save(&self, db: &mut AnyConnection, session: &Session) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE session SET data = $1 WHERE id = $2")
            .bind(self.sealer.seal(&place(&session.id), &session.data.to_string()))
            .bind(&session.id)
            .execute(db)
            .await?;
        Ok(())
    }

    /// Ends a session on the server. `false`: it had ended before.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn end(&self, db: &mut AnyConnection, id: &str) -> Result<bool, sqlx::Error> {
        let done = sqlx::query("DELETE FROM session WHERE id = $1").bind(id).execute(db).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends all sessions of a person on the server.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn end_all_of(&self, db: &mut AnyConnection, person: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM session WHERE person = $1").bind(person).execute(db).await?;
        Ok(())
    }

    /// Removes the sessions that have ended by themselves.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn sweep(&self) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        sqlx::query("DELETE FROM session WHERE seen_at <= $1 OR (seen_at <= $2 AND person IS NULL)")
            .bind(now - self.idle_ms)
            .bind(now - self.visitor_ms)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The same, but sessions of nobody end after so many hours without a request: where they only carry a login.
    #[must_use]
    pub fn visitors_for(mut self, hours: i64) -> Self {
        self.visitor_ms = hours * 3_600_000;
        self
    }

    /// The `Set-Cookie` that takes the cookie away.
    pub fn forget(&self) -> HeaderValue {
        self.set_cookie("", 0)
    }

    /// The anti-forgery proof that this session's forms carry.
    pub fn proof(&self, session: &Session) -> String {
        self.sealer.mac("form", &session.id)
    }

    /// Whether a form's proof is this session's.
    pub fn is_proven(&self, session: &Session, proof: &str) -> bool {
        secret::equal(&self.proof(session), proof)
    }

    /// The proof that a form carries by which this browser ([`Session::browser`]) logs in.
    pub fn login_proof(&self, browser: &str) -> String {
        self.sealer.mac("login form", browser)
    }

    /// Whether a form's proof is this browser's.
    pub fn is_login_proven(&self, browser: &str, proof: &str) -> bool {
        secret::equal(&self.login_proof(browser), proof)
    }

    fn set_cookie(&self, value: &str, max_age: i64) -> HeaderValue {
        self.set(self.cookie, value, max_age)
    }

    fn set(&self, name: &str, value: &str, max_age: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}");
        HeaderValue::from_str(&cookie).expect("a cookie's name, base64url and digits are visible ASCII")
    }
}

fn place(id: &str) -> String {
    format!("session.data:{id}")
}
