//! The table `event`: the last event of each item of a thread. Numbers grow within the thread.

use std::collections::BTreeMap;

use shared::chat::{Event, Kind, Outcome};
use sqlx::{AnyConnection, AnyExecutor, AnyPool};

use super::search::{self, Entry};
use crate::{markdown, thread::owner::Owner};

/// Number of events read at once.
pub(crate) const PAGE: i64 = 500;

/// Maximum number of items in a page of the transcript, and its size in bytes from which it gets no more.
pub(crate) const ITEMS: i64 = 60;
const BYTES: usize = 200_000;

/// The item that an event is about, and its block.
fn item(kind: &Kind) -> (String, u32) {
    match kind {
        Kind::Title { .. } => ("title".into(), 0),
        Kind::Deleted { .. } => ("deleted".into(), 0),
        Kind::Branch { .. } => ("branch".into(), 0),
        Kind::Message { id, .. } => (format!("m{id}"), 0),
        Kind::Turn { turn } | Kind::End { turn, .. } => (format!("e{turn}"), 0),
        Kind::Block { turn, part, block, .. } | Kind::Drop { turn, part, block } => (format!("t{turn}.{part}"), *block),
        Kind::Call(call) => (format!("c{}", call.call), 0),
        Kind::Card(card) => (format!("k{}", card.call), 0),
    }
}

/// The turn or message with which an item is shown. `None` if it is shown in every branch.
fn shown_with(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::Title { .. } | Kind::Deleted { .. } | Kind::Branch { .. } => None,
        Kind::Card(card) if card.body.is_of_all_branches() => None,
        Kind::Message { id, .. } => Some(id),
        Kind::Turn { turn } | Kind::End { turn, .. } | Kind::Block { turn, .. } | Kind::Drop { turn, .. } => Some(turn),
        Kind::Call(call) => Some(&call.turn),
        Kind::Card(card) => Some(&card.turn),
    }
}

/// How an event gets its position.
enum Place {
    /// It has none.
    None,
    /// The end of the transcript.
    End,
    /// Its item's, if it has one.
    Item,
}

fn place(kind: &Kind) -> Place {
    match kind {
        Kind::Title { .. } | Kind::Deleted { .. } | Kind::Turn { .. } | Kind::End { outcome: Outcome::Waiting, .. } => {
            Place::None
        }
        Kind::Message { .. } | Kind::End { .. } => Place::End,
        _ => Place::Item,
    }
}

/// Appends events to a thread in the caller's transaction, each in place of the last one of its item. The thread's row
/// stays locked until the transaction ends, so a reader who sees a number also sees all before it. A [`Kind::Drop`]
/// becomes one event for each block.
pub(crate) async fn append(
    db: &mut AnyConnection,
    thread: &str,
    now: i64,
    kinds: Vec<Kind>,
) -> Result<Appended, sqlx::Error> {
    let mut all = Vec::new();
    for kind in kinds {
        match kind {
            Kind::Drop { turn, part, block } => {
                let blocks: Vec<i64> = sqlx::query_scalar(
                    "SELECT block FROM event WHERE thread = $1 AND item = $2 AND block >= $3
                         AND kind NOT LIKE '{\"drop\"%' ORDER BY block DESC",
                )
                .bind(thread)
                .bind(format!("t{turn}.{part}"))
                .bind(i64::from(block))
                .fetch_all(&mut *db)
                .await?;
                let blocks = blocks.into_iter().map(|block| u32::try_from(block).unwrap_or_default());
                all.extend(blocks.map(|block| Kind::Drop { turn: turn.clone(), part, block }));
            }
            kind => all.push(kind),
        }
    }
    let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let (last, visitor, person): (i64, String, Option<String>) = sqlx::query_as(
        "UPDATE thread SET seq = seq + $1, updated_at = $2 WHERE id = $3
         RETURNING seq, visitor, (SELECT person FROM visitor WHERE visitor.id = thread.visitor)",
    )
    .bind(count)
    .bind(now)
    .bind(thread)
    .fetch_one(&mut *db)
    .await?;
    let mut events = Vec::with_capacity(all.len());
    for (seq, kind) in (last - count + 1..).zip(all) {
        let (item, _) = item(&kind);
        let place = match place(&kind) {
            Place::None => 0,
            Place::End => seq,
            Place::Item => {
                let known: Option<i64> = sqlx::query_scalar(
                    "SELECT place FROM event WHERE thread = $1 AND item = $2 ORDER BY block LIMIT 1",
                )
                .bind(thread)
                .bind(&item)
                .fetch_optional(&mut *db)
                .await?;
                known.unwrap_or(seq)
            }
        };
        let mut event = Event { seq, at: now, place, hidden: false, kind };
        event.hidden = put(db, thread, &event).await?;
        events.push(event);
    }
    // Groups the events by item, so that each changed item is indexed once.
    let mut changed: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
    for event in events.iter().filter(|event| is_searched(&event.kind)) {
        changed.entry(item(&event.kind).0).or_default().push(event);
    }
    for (item, events) in changed {
        let entry = Entry { thread, visitor: &visitor, item: &item, place: events[0].place, at: now };
        match events[..] {
            // Equal numbers mean that this is the item's first event, which gave it its position.
            [event] if event.place == event.seq => search::put_new(db, &entry, &said(&event.kind)).await?,
            _ => index(db, &entry).await?,
        }
    }
    Ok(Appended { events, owner: Some(person.map_or(Owner::Visitor(visitor), Owner::Person)) })
}

/// Events that were stored, and the owner of their thread.
#[derive(Debug, Default)]
pub(crate) struct Appended {
    pub(crate) events: Vec<Event>,
    /// None without any events.
    pub(crate) owner: Option<Owner>,
}

/// Whether an event changes what can be found.
fn is_searched(kind: &Kind) -> bool {
    matches!(kind, Kind::Title { .. } | Kind::Message { .. } | Kind::Block { .. } | Kind::Drop { .. })
}

/// Indexes an item as it is stored now.
async fn index(db: &mut AnyConnection, entry: &Entry<'_>) -> Result<(), sqlx::Error> {
    let text = text(&mut *db, entry.thread, entry.item).await?;
    search::put(db, entry, &text).await
}

/// The visible text of a title, a message, or a part of an answer.
pub(crate) async fn text(db: impl AnyExecutor<'_>, thread: &str, item: &str) -> Result<String, sqlx::Error> {
    let kinds: Vec<String> =
        sqlx::query_scalar("SELECT kind FROM event WHERE thread = $1 AND item = $2 ORDER BY block")
            .bind(thread)
            .bind(item)
            .fetch_all(db)
            .await?;
    kinds.iter().map(|kind| Ok(said(&read(kind)?))).collect()
}

/// The text of an event that a person reads.
fn said(kind: &Kind) -> String {
    match kind {
        Kind::Title { title: said } | Kind::Message { text: said, .. } => said.clone(),
        // Reasoning is collapsed.
        Kind::Block { html, .. } if !html.starts_with("<details") => markdown::plain(html) + "\n",
        _ => String::new(),
    }
}

/// Indexes the next items of a thread of an earlier version, after a position, which the caller has locked. Returns the
/// last one's position, or none at the end.
pub(crate) async fn index_earlier(
    db: &mut AnyConnection,
    (thread, visitor): (&str, &str),
    after: i64,
    limit: i64,
) -> Result<Option<i64>, sqlx::Error> {
    let items: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT item, place, MIN(at) FROM event
         WHERE thread = $1 AND ((place > $2 AND (item LIKE 'm%' OR item LIKE 't%')) OR ($2 = 0 AND item = 'title'))
         GROUP BY item, place ORDER BY place LIMIT $3",
    )
    .bind(thread)
    .bind(after)
    .bind(limit)
    .fetch_all(&mut *db)
    .await?;
    let last = items.last().map(|(_, place, _)| *place).filter(|_| i64::try_from(items.len()) == Ok(limit));
    for (item, place, at) in items {
        index(db, &Entry { thread, visitor, item: &item, place, at }).await?;
    }
    Ok(last)
}

/// Stores an event in place of the last one of its item. Returns whether it is hidden, as its turn is.
async fn put(db: &mut AnyConnection, thread: &str, event: &Event) -> Result<bool, sqlx::Error> {
    let (item, block) = item(&event.kind);
    let text = serde_json::to_string(&event.kind).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    let shown_with = shown_with(&event.kind);
    let hidden: i64 = sqlx::query_scalar(
        "INSERT INTO event (thread, seq, at, kind, item, block, place, shown_with, hidden)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
             COALESCE((SELECT turn.hidden FROM event AS turn WHERE turn.thread = $1 AND turn.item = $9), 0))
         ON CONFLICT (thread, item, block) DO UPDATE
             SET seq = excluded.seq, at = excluded.at, kind = excluded.kind, place = excluded.place,
                 shown_with = excluded.shown_with, hidden = excluded.hidden
         RETURNING hidden",
    )
    .bind(thread)
    .bind(event.seq)
    .bind(event.at)
    .bind(text)
    .bind(item)
    .bind(i64::from(block))
    .bind(event.place)
    .bind(shown_with)
    .bind(shown_with.map(|turn| format!("e{turn}")))
    .fetch_one(db)
    .await?;
    Ok(hidden != 0)
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    at: i64,
    place: i64,
    hidden: i64,
    kind: String,
}

impl Row {
    fn read(self) -> Result<Event, sqlx::Error> {
        let hidden = self.hidden != 0;
        Ok(Event { seq: self.seq, at: self.at, place: self.place, hidden, kind: read(&self.kind)? })
    }
}

fn read(kind: &str) -> Result<Kind, sqlx::Error> {
    serde_json::from_str(kind).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// The next events after this number, at most [`PAGE`].
pub(crate) async fn after(pool: &AnyPool, thread: &str, seq: i64) -> Result<Vec<Event>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT seq, at, place, hidden, kind FROM event
         WHERE thread = $1 AND seq > $2 AND item IS NOT NULL ORDER BY seq LIMIT $3",
    )
    .bind(thread)
    .bind(seq)
    .bind(PAGE)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// The last items of the shown branch before this position, in display order, and the position of the first one if
/// there are earlier ones.
pub(crate) async fn page(
    db: &mut AnyConnection,
    thread: &str,
    before: i64,
) -> Result<(Vec<Event>, Option<i64>), sqlx::Error> {
    // Reads one more item than a page has, to know whether there are earlier ones.
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT seq, at, place, hidden, kind FROM event
         WHERE thread = $1 AND hidden = 0 AND place < $2 AND place >= COALESCE((
             SELECT place FROM event WHERE thread = $1 AND hidden = 0 AND place < $2 AND place > 0 AND block = 0
             ORDER BY place DESC LIMIT 1 OFFSET $3
         ), 1)
         ORDER BY place DESC, block DESC",
    )
    .bind(thread)
    .bind(before)
    .bind(ITEMS)
    .fetch_all(db)
    .await?;
    let (mut items, mut bytes, mut first) = (0, 0, i64::MAX);
    let mut events = Vec::new();
    let mut more = false;
    for row in rows {
        if row.place < first {
            if items == ITEMS || (bytes > BYTES && items > 0) {
                more = true;
                break;
            }
            items += 1;
            first = row.place;
        }
        bytes += row.kind.len();
        events.push(row.read()?);
    }
    events.reverse();
    Ok((events, more.then_some(first)))
}

/// The last items of a thread's shown branch, newest first.
pub(crate) async fn last(pool: &AnyPool, thread: &str, items: i64) -> Result<Vec<Kind>, sqlx::Error> {
    let kinds: Vec<String> = sqlx::query_scalar(
        "SELECT kind FROM event WHERE thread = $1 AND hidden = 0 AND place > 0 AND block = 0
         ORDER BY place DESC LIMIT $2",
    )
    .bind(thread)
    .bind(items)
    .fetch_all(pool)
    .await?;
    kinds.iter().map(|kind| read(kind)).collect()
}

/// An item's position.
pub(crate) async fn position(pool: &AnyPool, thread: &str, item: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT place FROM event WHERE thread = $1 AND item = $2 ORDER BY block LIMIT 1")
        .bind(thread)
        .bind(item)
        .fetch_optional(pool)
        .await
}

/// The position of the item that comes this many `items` after a position.
pub(crate) async fn further(pool: &AnyPool, thread: &str, place: i64, items: i64) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT place FROM event WHERE thread = $1 AND hidden = 0 AND place > $2 AND block = 0 ORDER BY place LIMIT 1 OFFSET $3",
    )
    .bind(thread)
    .bind(place)
    .bind(items)
    .fetch_optional(pool)
    .await
}

/// Threads with events of earlier versions.
pub(crate) async fn of_earlier(pool: &AnyPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT DISTINCT thread FROM event WHERE item IS NULL LIMIT 100").fetch_all(pool).await
}

/// A thread's events of earlier versions, and the lock on the thread.
pub(crate) async fn take_earlier(db: &mut AnyConnection, thread: &str) -> Result<Vec<(i64, i64, String)>, sqlx::Error> {
    sqlx::query("UPDATE thread SET seq = seq WHERE id = $1").bind(thread).execute(&mut *db).await?;
    sqlx::query_as("SELECT seq, at, kind FROM event WHERE thread = $1 AND item IS NULL ORDER BY seq")
        .bind(thread)
        .fetch_all(db)
        .await
}

/// Replaces the events of earlier versions.
pub(crate) async fn replace_earlier(db: &mut AnyConnection, thread: &str, events: &[Event]) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM event WHERE thread = $1 AND item IS NULL").bind(thread).execute(&mut *db).await?;
    for event in events {
        put(db, thread, event).await?;
    }
    Ok(())
}
