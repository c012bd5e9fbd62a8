//! The store in which tower-sessions loads and saves sessions.

use async_trait::async_trait;
use tower_sessions::{
    SessionStore,
    cookie::time::OffsetDateTime,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::{ADOPT, DATA, Data, Session, Sessions, key, place};
use crate::{db, store::session as store};

/// An active session's row is touched at most once in this many milliseconds.
const TOUCH: i64 = 60_000;

#[async_trait]
impl SessionStore for Sessions {
    /// Adopts a row that a transaction has already written ([`Sessions::begin`]), or writes one. An id has 128 random
    /// bits, so a conflict is an error and never a reason to retry.
    async fn create(&self, record: &mut Record) -> Result<()> {
        if let Some(id) = record.data.remove(ADOPT) {
            record.id = id.as_str().and_then(|id| id.parse().ok()).ok_or_else(|| Error::Encode("an id".into()))?;
            return Ok(());
        }
        let data = record.data.get(DATA).cloned().unwrap_or_default();
        let data: Data = serde_json::from_value(data).map_err(|error| Error::Encode(error.to_string()))?;
        let mut db = self.pool.acquire().await.map_err(failed)?;
        self.insert(&mut db, &Session::of(key(&record.id), data), None).await.map_err(failed)
    }

    /// Only updates an existing row: an upsert would undo a logout, and adopt an id that a stranger chose.
    async fn save(&self, record: &Record) -> Result<()> {
        let id = key(&record.id);
        let data = self.sealed(&id, &record.data.get(DATA)).map_err(failed)?;
        store::save(&self.pool, &id, &data).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let (key, now) = (key(id), self.clock.now());
        let Some(row) = store::find(&self.pool, &key, self.ends()).await.map_err(failed)? else { return Ok(None) };
        if now - row.seen_at > TOUCH {
            store::touch(&self.pool, &key, now).await.map_err(failed)?;
        }
        // Data sealed under another master key or by another version counts as missing.
        let text = self.sealer.open(&place("data", &key), &row.data).ok();
        let Some(data) = text.and_then(|text| serde_json::from_str(&text).ok()) else { return Ok(None) };
        // The library doesn't check this time: our clock ends our sessions.
        let expiry_date = OffsetDateTime::UNIX_EPOCH;
        Ok(Some(Record { id: *id, data: [(DATA.to_owned(), data)].into(), expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut db = self.pool.acquire().await.map_err(failed)?;
        store::delete(&mut db, &key(id)).await.map_err(failed)?;
        Ok(())
    }
}

/// The library passes errors as text. `Backend` means that the database is unavailable, see [`super::failed`].
fn failed(error: sqlx::Error) -> Error {
    let text = error.to_string();
    if db::is_away(&error) { Error::Backend(text) } else { Error::Decode(text) }
}
