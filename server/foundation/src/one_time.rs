//! One-time values: stored under a token and consumed by whoever presents it first. Login state, connect tickets and
//! the like.
//!
//! The table, in the first migration of every instance: `CREATE TABLE once (id TEXT PRIMARY KEY, kind TEXT NOT NULL,
//! holder TEXT NOT NULL, value TEXT NOT NULL, expires_at BIGINT NOT NULL)`, with an index over `expires_at`.
//! [`crate::cleanup`] deletes expired values.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{AnyConnection, AnyPool};

use crate::{clock::Clock, seal::Sealer, secret};

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
        sqlx::query("INSERT INTO once (id, kind, holder, value, expires_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(&id)
            .bind(kind)
            .bind(holder)
            .bind(self.sealer.seal(&format!("once.value:{id}"), &text))
            .bind(now + ttl_ms)
            .execute(&mut *db)
            .await?;
        Ok(())
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
        let taking = "DELETE FROM once WHERE id = $1 AND kind = $2 AND holder = $3 AND expires_at > $4 RETURNING value";
        self.read(db, taking, kind, holder, token).await
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
        let looking = "SELECT value FROM once WHERE id = $1 AND kind = $2 AND holder = $3 AND expires_at > $4";
        self.read(db, looking, kind, holder, token).await
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
        sqlx::query("UPDATE once SET holder = $1 WHERE id = $2 AND kind = $3 AND holder = $4")
            .bind(next)
            .bind(secret::hash(token))
            .bind(kind)
            .bind(holder)
            .execute(db)
            .await?;
        Ok(())
    }

    /// Deletes expired values.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clean_up(&self, pool: &AnyPool) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM once WHERE expires_at <= $1").bind(self.clock.now()).execute(pool).await?;
        Ok(())
    }

    async fn read<T: DeserializeOwned>(
        &self,
        db: &mut AnyConnection,
        sql: &'static str,
        kind: &str,
        holder: &str,
        token: &str,
    ) -> Result<Option<T>, sqlx::Error> {
        let id = secret::hash(token);
        let value: Option<String> =
            sqlx::query_scalar(sql).bind(&id).bind(kind).bind(holder).bind(self.clock.now()).fetch_optional(db).await?;
        // A value sealed under another master key, or stored by another version, counts as missing.
        let text = value.and_then(|value| self.sealer.open(&format!("once.value:{id}"), &value).ok());
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}
