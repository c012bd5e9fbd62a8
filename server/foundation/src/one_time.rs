//! One-time values: stored under a token and consumed by whoever presents it first. Login state, connect tickets and
//! the like.
//!
//! The table, in the first migration of every instance: `CREATE TABLE once (id TEXT PRIMARY KEY, kind TEXT NOT NULL,
//! holder TEXT NOT NULL, value TEXT NOT NULL, expires_at BIGINT NOT NULL)`, with an index over `expires_at`.
//! [`crate::cleanup`] deletes expired values.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{AnyConnection, AnyPool};

use crate::{
    clock::Clock,
    seal::Sealer,
    secret,
    store::one_time::{self as store, Key},
};

/// Stores and consumes values. Clones share everything.
#[derive(Clone, Debug)]
pub struct OneTime {
    pub clock: Clock,
    pub sealer: Sealer,
}

impl OneTime {
    /// Stores a sealed value for `ttl_ms` and returns its token. Only the token's hash is stored. Only `holder` (a
    /// session, a client) may consume the value.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put(
        &self,
        db: &mut AnyConnection,
        kind: &str,
        holder: &str,
        value: &impl Serialize,
        ttl_ms: i64,
    ) -> Result<String, sqlx::Error> {
        let token = secret::token();
        self.put_under(db, &token, kind, holder, value, ttl_ms).await?;
        Ok(token)
    }

    /// Stores a value under a token that was handed out already: a fresh one of [`secret::token`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_under(
        &self,
        db: &mut AnyConnection,
        token: &str,
        kind: &str,
        holder: &str,
        value: &impl Serialize,
        ttl_ms: i64,
    ) -> Result<(), sqlx::Error> {
        let id = secret::hash(token);
        let text = serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let now = self.clock.now();
        let sealed = self.sealer.seal(&place(&id), &text);
        store::insert(db, Key { id: &id, kind, holder }, &sealed, now + ttl_ms).await
    }

    /// Consumes a value. Of any number of concurrent attempts, exactly one gets it. `None` if the value is unknown, of
    /// another kind, another holder's, used or expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take<T: DeserializeOwned>(
        &self,
        db: &mut AnyConnection,
        kind: &str,
        holder: &str,
        token: &str,
    ) -> Result<Option<T>, sqlx::Error> {
        let id = secret::hash(token);
        let sealed = store::take(db, Key { id: &id, kind, holder }, self.clock.now()).await?;
        Ok(self.open(&id, sealed))
    }

    /// Reads a value without consuming it, for a page that is shown before the person acts.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub async fn look<T: DeserializeOwned>(
        &self,
        db: &mut AnyConnection,
        kind: &str,
        holder: &str,
        token: &str,
    ) -> Result<Option<T>, sqlx::Error> {
        let id = secret::hash(token);
        let sealed = store::look(db, Key { id: &id, kind, holder }, self.clock.now()).await?;
        Ok(self.open(&id, sealed))
    }

    /// Passes a value on to another holder.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hand_over(
        &self,
        db: &mut AnyConnection,
        kind: &str,
        (holder, next): (&str, &str),
        token: &str,
    ) -> Result<(), sqlx::Error> {
        store::hand_over(db, Key { id: &secret::hash(token), kind, holder }, next).await
    }

    /// Deletes expired values.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clean_up(&self, pool: &AnyPool) -> Result<(), sqlx::Error> {
        store::remove_expired(pool, self.clock.now()).await
    }

    /// A value sealed under another master key, or stored by another version, counts as missing.
    fn open<T: DeserializeOwned>(&self, id: &str, sealed: Option<String>) -> Option<T> {
        let text = self.sealer.open(&place(id), &sealed?).ok()?;
        serde_json::from_str(&text).ok()
    }
}

/// The associated data of a value.
fn place(id: &str) -> String {
    format!("once.value:{id}")
}
