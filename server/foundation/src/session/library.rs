//! The store that tower-sessions loads and saves sessions by.

use async_trait::async_trait;
use tower_sessions::{
    SessionStore,
    cookie::time::OffsetDateTime,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::{ADOPT, DATA, Data, Session, Sessions, key, place};
use crate::{db, store::session as store};

/// A session that is in use is written once in so many milliseconds.
const TOUCH: i64 = 60_000;

#[async_trait]
impl SessionStore for Sessions {
    /// Adopts the row that a transaction wrote already ([`Sessions::begin`]), or writes one. An id is 128 random bits:
    /// one that is taken is an error, never a reason to try again.
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

    /// Writes to a row that is there, and to no other: an upsert would bring back what a logout ended, and adopt an id
    /// that a stranger chose.
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
        // Sealed under another master key, or of another version: as if it weren't there.
        let text = self.sealer.open(&place("data", &key), &row.data).ok();
        let Some(data) = text.and_then(|text| serde_json::from_str(&text).ok()) else { return Ok(None) };
        // The library doesn't look at this time: ours end by our clock.
        let expiry_date = OffsetDateTime::UNIX_EPOCH;
        Ok(Some(Record { id: *id, data: [(DATA.to_owned(), data)].into(), expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut db = self.pool.acquire().await.map_err(failed)?;
        store::delete(&mut db, &key(id)).await.map_err(failed)?;
        Ok(())
    }
}

/// The library carries errors as text. `Backend` stands for a database that is away, see [`super::failed`].
fn failed(error: sqlx::Error) -> Error {
    let text = error.to_string();
    if db::is_away(&error) { Error::Backend(text) } else { Error::Decode(text) }
}
