//! The table `event`: the events of threads, with consecutive numbers. The deltas of finished turns are merged.

use shared::chat::{Event, Kind};
use sqlx::{AnyConnection, AnyPool};

use crate::event::fold::Folded;

/// Number of events read at once.
pub(crate) const PAGE: i64 = 500;

/// Appends events to a thread in the caller's transaction. The thread's row stays locked until the transaction ends, so
/// a reader who sees a number also sees all before it.
pub(crate) async fn append(
    db: &mut AnyConnection,
    thread: &str,
    now: i64,
    kinds: Vec<Kind>,
) -> Result<Vec<Event>, sqlx::Error> {
    let count = i64::try_from(kinds.len()).unwrap_or(i64::MAX);
    let last: i64 = sqlx::query_scalar("UPDATE thread SET seq = seq + $1, updated_at = $2 WHERE id = $3 RETURNING seq")
        .bind(count)
        .bind(now)
        .bind(thread)
        .fetch_one(&mut *db)
        .await?;
    let mut events = Vec::with_capacity(kinds.len());
    for (seq, kind) in (last - count + 1..).zip(kinds) {
        let text = serde_json::to_string(&kind).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        sqlx::query("INSERT INTO event (thread, seq, at, kind) VALUES ($1, $2, $3, $4)")
            .bind(thread)
            .bind(seq)
            .bind(now)
            .bind(text)
            .execute(&mut *db)
            .await?;
        events.push(Event { seq, at: now, kind });
    }
    Ok(events)
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    at: i64,
    kind: String,
}

impl Row {
    fn read(self) -> Result<Event, sqlx::Error> {
        let kind = serde_json::from_str(&self.kind).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Event { seq: self.seq, at: self.at, kind })
    }
}

/// The next events after this number, at most [`PAGE`].
pub(crate) async fn after(pool: &AnyPool, thread: &str, seq: i64) -> Result<Vec<Event>, sqlx::Error> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT seq, at, kind FROM event WHERE thread = $1 AND seq > $2 ORDER BY seq LIMIT $3")
            .bind(thread)
            .bind(seq)
            .bind(PAGE)
            .fetch_all(pool)
            .await?;
    rows.into_iter().map(Row::read).collect()
}

/// The same in a transaction, without the limit.
pub(crate) async fn from(db: &mut AnyConnection, thread: &str, seq: i64) -> Result<Vec<Event>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT seq, at, kind FROM event WHERE thread = $1 AND seq >= $2 ORDER BY seq")
        .bind(thread)
        .bind(seq)
        .fetch_all(db)
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Stores the merged events of a turn. The caller has marked the turn as merged in the same transaction, so nobody else
/// writes them.
pub(crate) async fn fold(db: &mut AnyConnection, thread: &str, folded: &Folded) -> Result<(), sqlx::Error> {
    for run in folded.gone.chunk_by(|seq, next| seq + 1 == *next) {
        sqlx::query("DELETE FROM event WHERE thread = $1 AND seq BETWEEN $2 AND $3")
            .bind(thread)
            .bind(run.first())
            .bind(run.last())
            .execute(&mut *db)
            .await?;
    }
    for (seq, kind) in &folded.kept {
        let text = serde_json::to_string(kind).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        sqlx::query("UPDATE event SET kind = $1 WHERE thread = $2 AND seq = $3")
            .bind(text)
            .bind(thread)
            .bind(seq)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// All events of a thread.
pub(crate) async fn all(pool: &AnyPool, thread: &str) -> Result<Vec<Event>, sqlx::Error> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let more = after(pool, thread, events.last().map_or(0, |event| event.seq)).await?;
        let last_page = i64::try_from(more.len()).unwrap_or(PAGE) < PAGE;
        events.extend(more);
        if last_page {
            return Ok(events);
        }
    }
}
