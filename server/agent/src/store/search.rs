//! The table `search_entry`, and the index of its words: an FTS5 table in SQLite, a `tsvector` in PostgreSQL. The words
//! come from [`words`], and the visitor who owns the thread is one of them, so that a search reads its owner's entries.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use foundation::db::Db;
use sqlx::{AnyConnection, AnyPool};

use crate::{
    search::words::{self, Query},
    thread::owner::Owner,
};

/// Number of bits of an entry's id below the time.
const BELOW_TIME: u32 = 20;

/// Creates the index where it is missing.
pub(crate) async fn prepare(db: &Db) -> Result<(), sqlx::Error> {
    let mut tx = db.begin().await?;
    if !is_postgres(&tx) {
        // Without positions and texts, which are read from the events.
        let create = "CREATE VIRTUAL TABLE IF NOT EXISTS search_words USING fts5(
            words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3', tokenize = 'ascii'
        )";
        sqlx::query(create).execute(&mut *tx).await?;
        return tx.commit().await;
    }
    let is_there: i64 = sqlx::query_scalar(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name = 'search_entry' AND column_name = 'words'",
    )
    .fetch_one(&mut *tx)
    .await?;
    if is_there == 0 {
        // The first statement locks the table, so of two processes one does it.
        for create in [
            "ALTER TABLE search_entry ADD COLUMN IF NOT EXISTS words tsvector",
            "CREATE INDEX IF NOT EXISTS search_entry_words ON search_entry USING gin (words)",
        ] {
            sqlx::query(create).execute(&mut *tx).await?;
        }
    }
    tx.commit().await
}

fn is_postgres(db: &AnyConnection) -> bool {
    db.backend_name() == "PostgreSQL"
}

/// An item of a thread that can be found.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) thread: &'a str,
    pub(crate) visitor: &'a str,
    pub(crate) item: &'a str,
    pub(crate) place: i64,
    pub(crate) at: i64,
}

/// Indexes an item's text in place of its earlier one. The caller holds the lock on the thread.
pub(crate) async fn put(db: &mut AnyConnection, entry: &Entry<'_>, text: &str) -> Result<(), sqlx::Error> {
    let known: Option<i64> = sqlx::query_scalar("SELECT id FROM search_entry WHERE thread = $1 AND item = $2")
        .bind(entry.thread)
        .bind(entry.item)
        .fetch_optional(&mut *db)
        .await?;
    store(db, entry, known, text).await
}

/// Indexes the text of an item that is new.
pub(crate) async fn put_new(db: &mut AnyConnection, entry: &Entry<'_>, text: &str) -> Result<(), sqlx::Error> {
    store(db, entry, None, text).await
}

async fn store(db: &mut AnyConnection, entry: &Entry<'_>, known: Option<i64>, text: &str) -> Result<(), sqlx::Error> {
    let words = words::index(text);
    let id = match known {
        Some(id) => id,
        None if words.is_empty() => return Ok(()),
        None => add(db, entry).await?,
    };
    let words = format!("{} {words}", words::of_id(entry.visitor));
    if is_postgres(db) {
        let update = "UPDATE search_entry SET words = array_to_tsvector(string_to_array($2, ' ')) WHERE id = $1";
        sqlx::query(update).bind(id).bind(words.trim()).execute(db).await?;
        return Ok(());
    }
    if known.is_some() {
        sqlx::query("DELETE FROM search_words WHERE rowid = $1").bind(id).execute(&mut *db).await?;
    }
    sqlx::query("INSERT INTO search_words (rowid, words) VALUES ($1, $2)").bind(id).bind(words).execute(db).await?;
    Ok(())
}

/// A new entry, under a free id of its moment.
async fn add(db: &mut AnyConnection, entry: &Entry<'_>) -> Result<i64, sqlx::Error> {
    let mut attempt = 0;
    loop {
        let id = id(entry, attempt);
        let insert = "INSERT INTO search_entry (id, thread, item) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
        let done = sqlx::query(insert).bind(id).bind(entry.thread).bind(entry.item).execute(&mut *db).await?;
        if done.rows_affected() == 1 {
            return Ok(id);
        }
        attempt += 1;
    }
}

/// An entry's id: by its position in the thread, and if that is taken, anywhere in its moment. Trying one id after the
/// other would take longer with each entry of the same moment.
fn id(entry: &Entry<'_>, attempt: u32) -> i64 {
    let low = if attempt == 0 {
        entry.place
    } else {
        BuildHasherDefault::<DefaultHasher>::default().hash_one((entry.thread, entry.item, attempt)).cast_signed()
    };
    (entry.at << BELOW_TIME) + (low & ((1 << BELOW_TIME) - 1))
}

/// Removes a thread from the index.
pub(crate) async fn forget(db: &mut AnyConnection, thread: &str) -> Result<(), sqlx::Error> {
    if !is_postgres(db) {
        sqlx::query("DELETE FROM search_words WHERE rowid IN (SELECT id FROM search_entry WHERE thread = $1)")
            .bind(thread)
            .execute(&mut *db)
            .await?;
    }
    sqlx::query("DELETE FROM search_entry WHERE thread = $1").bind(thread).execute(db).await?;
    Ok(())
}

/// An entry that a search found.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Found {
    pub(crate) id: i64,
    pub(crate) thread: String,
    pub(crate) item: String,
    pub(crate) title: String,
}

impl Found {
    /// When it was written, in milliseconds since 1970 (UTC).
    pub(crate) fn at(&self) -> i64 {
        self.id >> BELOW_TIME
    }
}

/// The owner's entries with all of these words, before this id, newest first, from the shown branches only.
pub(crate) async fn find(
    pool: &AnyPool,
    owner: &Owner,
    query: &Query,
    before: i64,
    limit: i64,
) -> Result<Vec<Found>, sqlx::Error> {
    let (person, visitor) = owner.ids();
    let own: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM visitor WHERE (person = $1 OR (id = $2 AND person IS NULL))
             AND EXISTS (SELECT 1 FROM thread WHERE thread.visitor = visitor.id)",
    )
    .bind(person)
    .bind(visitor)
    .fetch_all(pool)
    .await?;
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let mut db = pool.acquire().await?;
    // Checks the visitors again, since a login may have claimed one meanwhile.
    let (sql, text) = if is_postgres(&db) {
        (
            "WITH hit AS MATERIALIZED (
                 SELECT id, thread, item FROM search_entry WHERE words @@ CAST($1 AS tsquery) AND id < $2
             )
             SELECT hit.id, hit.thread, hit.item, thread.title
             FROM hit JOIN thread ON thread.id = hit.thread AND thread.deleted_at IS NULL
             WHERE thread.visitor IN (SELECT id FROM visitor WHERE person = $3 OR (id = $4 AND person IS NULL))
                 AND NOT EXISTS (
                     SELECT 1 FROM event WHERE event.thread = hit.thread AND event.item = hit.item AND event.hidden = 1
                 )
             ORDER BY hit.id DESC LIMIT $5",
            tsquery(&own, query),
        )
    } else {
        (
            "SELECT search_entry.id, search_entry.thread, search_entry.item, thread.title
             FROM search_words JOIN search_entry ON search_entry.id = search_words.rowid
                 JOIN thread ON thread.id = search_entry.thread AND thread.deleted_at IS NULL
             WHERE search_words MATCH $1 AND search_words.rowid < $2
                 AND thread.visitor IN (SELECT id FROM visitor WHERE person = $3 OR (id = $4 AND person IS NULL))
                 AND NOT EXISTS (
                     SELECT 1 FROM event WHERE event.thread = search_entry.thread AND event.item = search_entry.item
                         AND event.hidden = 1
                 )
             ORDER BY search_words.rowid DESC LIMIT $5",
            fts5(&own, query),
        )
    };
    sqlx::query_as(sql).bind(text).bind(before).bind(person).bind(visitor).bind(limit).fetch_all(&mut *db).await
}

/// Words consist of letters, digits and `§`, so nothing in them needs to be escaped.
fn fts5(own: &[String], query: &Query) -> String {
    let own: Vec<String> = own.iter().map(|id| format!("\"{}\"", words::of_id(id))).collect();
    let whole: String = query.whole.iter().map(|word| format!("\"{word}\" AND ")).collect();
    format!("({}) AND {whole}\"{}\" *", own.join(" OR "), query.prefix)
}

fn tsquery(own: &[String], query: &Query) -> String {
    let own: Vec<String> = own.iter().map(|id| format!("'{}'", words::of_id(id))).collect();
    let whole: String = query.whole.iter().map(|word| format!("'{word}' & ")).collect();
    format!("({}) & {whole}'{}':*", own.join(" | "), query.prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{self, turn::tests::database};
    use shared::chat::Kind;

    async fn thread(db: &Db, id: &str, visitor: &str, now: i64, texts: &[&str]) {
        let mut tx = db.begin().await.expect("it begins");
        store::visitor::hold(&mut tx, visitor, 0).await.expect("a visitor");
        store::thread::open(&mut tx, id, visitor, id, "Title", now).await.expect("a thread");
        let of = |(at, text): (usize, &&str)| Kind::Message { id: format!("{id}_{at}"), text: (*text).to_owned() };
        let kinds = texts.iter().enumerate().map(of).collect();
        store::event::append(&mut tx, id, now, kinds).await.expect("it is stored");
        tx.commit().await.expect("it is stored");
    }

    async fn found(db: &Db, owner: &Owner, text: &str) -> Vec<String> {
        let query = Query::of(text).expect("words");
        let found = find(db.pool(), owner, &query, i64::MAX, 50).await.expect("an answer");
        found.into_iter().map(|found| found.item).collect()
    }

    #[test]
    fn entries_of_a_moment_do_not_queue_for_its_ids() {
        let of =
            |thread: &'static str, attempt| id(&Entry { thread, visitor: "vis", item: "m1", place: 7, at: 3 }, attempt);
        assert_eq!((of("one", 0), of("two", 0)), (of("one", 0), of("one", 0)), "by their position");
        let ids: std::collections::BTreeSet<i64> =
            ["one", "two", "three"].iter().flat_map(|thread| (1..100).map(|attempt| of(thread, attempt))).collect();
        assert!(ids.len() > 290, "{}", ids.len());
        assert!(ids.iter().all(|id| id >> BELOW_TIME == 3), "they are still of their moment");
    }

    #[tokio::test]
    async fn words_are_found_newest_first_in_both_databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(folder.path()).await;
        for _ in 0..2 {
            prepare(&db).await.expect("it is there");
        }
        thread(&db, "a", "vis_1", 5, &["Buy five shares of WAYNE", "Käufe 東京 and", "don't <b>sell</b> 50% \0x' --"])
            .await;
        thread(&db, "b", "vis_1", 5, &["Buy more sharing", "§vis§2 vis_2"]).await;
        thread(&db, "c", "vis_2", 5, &["Buy it all"]).await;
        let me = Owner::Visitor("vis_1".into());
        for (text, expected) in [
            ("buy", &["mb_0", "ma_0"][..]),
            ("WAYNE buy", &["ma_0"]),
            ("buy shar", &["mb_0", "ma_0"]),
            ("shar buy", &[]),
            ("kaufe and", &["ma_1"]),
            ("京", &["ma_1"]),
            ("sell 50%", &["ma_2"]),
            ("and OR or", &[]),
            ("vis_2", &["mb_1"]),
            ("all", &[]),
        ] {
            assert_eq!(found(&db, &me, text).await, expected, "{text}");
        }
        assert!(found(&db, &Owner::Visitor("vis_3".into()), "buy").await.is_empty());
    }

    #[tokio::test]
    async fn search_finds_the_changed_item_and_no_deleted_thread() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(folder.path()).await;
        prepare(&db).await.expect("it is there");
        let me = Owner::Visitor("vis_1".into());
        thread(&db, "a", "vis_1", 5, &["Hi"]).await;
        let block = |block, html: &str| Kind::Block { turn: "t".into(), part: 0, block, html: html.into() };
        for (kind, text, is_found) in [
            (block(0, "<h2>Portfolio</h2>"), "portfolio", true),
            // Words in two blocks of one answer, and in two cells.
            (block(1, "<table><td>WAYNE</td><td>5</td></table>"), "portfolio wayne 5", true),
            (block(1, "<p>STARK</p>"), "wayne", false),
            (Kind::Drop { turn: "t".into(), part: 0, block: 1 }, "stark", false),
            (Kind::Drop { turn: "t".into(), part: 0, block: 0 }, "portfolio", false),
            (block(0, "<details><p>Hidden</p></details>"), "hidden", false),
            (block(0, "<p>Shown</p>"), "shown", true),
        ] {
            let mut tx = db.begin().await.expect("it begins");
            store::event::append(&mut tx, "a", 6, vec![kind]).await.expect("it is stored");
            tx.commit().await.expect("it is stored");
            assert_eq!(!found(&db, &me, text).await.is_empty(), is_found, "{text}");
        }
        // Deleted, and undone.
        for (deleted_at, is_found) in [(Some(1_i64), false), (None, true)] {
            let update = sqlx::query("UPDATE thread SET deleted_at = $1").bind(deleted_at);
            update.execute(db.pool()).await.expect("it is stored");
            assert_eq!(!found(&db, &me, "shown").await.is_empty(), is_found);
        }
        let mut tx = db.begin().await.expect("it begins");
        assert!(store::thread::remove(&mut tx, "a", true, 1_000).await.expect("an answer"));
        tx.commit().await.expect("it is gone");
        thread(&db, "z", "vis_1", 7, &["Other"]).await;
        assert!(found(&db, &me, "shown").await.is_empty() && found(&db, &me, "hi").await.is_empty());
        if !is_postgres(&db.pool().acquire().await.expect("a connection")) {
            let rows: i64 =
                sqlx::query_scalar("SELECT COUNT(*) FROM search_words").fetch_one(db.pool()).await.expect("a number");
            assert_eq!(rows, 1);
        }
    }

    /// Each login in another browser is another visitor.
    #[tokio::test]
    async fn person_who_was_many_visitors_finds_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(folder.path()).await;
        prepare(&db).await.expect("it is there");
        for visitor in 0..400 {
            let (visitor, id) = (format!("vis_{visitor}"), format!("thr_{visitor:03}"));
            thread(&db, &id, &visitor, visitor.len() as i64, &["Buy WAYNE"]).await;
            let mut tx = db.begin().await.expect("it begins");
            assert!(store::visitor::claim(&mut tx, &visitor, "per_1", 0).await.expect("it is claimed"));
            tx.commit().await.expect("it is stored");
        }
        let me = Owner::Person("per_1".into());
        let query = Query::of("wayne").expect("a word");
        let all = find(db.pool(), &me, &query, i64::MAX, 1_000).await.expect("an answer");
        assert_eq!((all.len(), all[0].at()), (400, 7));
        assert!(found(&db, &Owner::Visitor("vis_7".into()), "wayne").await.is_empty());
    }
}
