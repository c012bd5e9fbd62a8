//! Values that are handed out under a token and taken back once: login state, connect tickets and the like.
//!
//! The table, in the first migration of every instance:
//! `CREATE TABLE once (id TEXT PRIMARY KEY, kind TEXT NOT NULL, holder TEXT NOT NULL, value TEXT NOT NULL,
//! expires_at BIGINT NOT NULL)`, with an index over `expires_at`. [`crate::housekeeping`] removes what was not taken.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{AnyConnection, AnyPool};

use crate::{clock::Clock, seal::Sealer, secret};

/// Puts and takes values. Clones share everything.
#[derive(Clone, Debug)]
pub struct Once {
    pub clock: Clock,
    pub sealer: Sealer,
}

impl Once {
    /// Keeps a value, sealed, for `ttl_ms`; returns the token that takes it, whose hash alone is stored.
    /// `holder` is who may take it (a session, a client).
    ///
    /// # Errors
    /// Where the database fails.
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

    /// Keeps a value under a token that was handed out already: a fresh one of [`secret::token`].
    ///
    /// # Errors
    /// Where the database fails.
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

    /// Takes a value: of any number of attempts at once exactly one gets it.
    ///
    /// # Errors
    /// Where the database fails. `None` where it is unknown, of another kind, another holder's, used or expired.
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

    /// Reads a value and leaves it there, for a page that is shown before it is acted on.
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

    /// Forgets what was not taken in time.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn sweep(&self, pool: &AnyPool) -> Result<(), sqlx::Error> {
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
        // Sealed under another master key, or of another version: as if it were not there.
        let text = value.and_then(|value| self.sealer.open(&format!("once.value:{id}"), &value).ok());
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}
