//! The table `turn`: turns and their leases. A turn only acts while its lease is held: each of its transactions begins
//! with [`hold`], or with one of the writes below that check the owner themselves.

use foundation::lang;
use shared::chat::Open;
use sqlx::{AnyConnection, AnyExecutor, AnyPool};

use super::state::TurnState;

/// The right to run a turn until the lease is lost. `owner` is new each time a turn is claimed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Lease {
    pub(crate) turn: String,
    pub(crate) owner: String,
}

/// A turn, with the text that it answers.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Turn {
    pub(crate) id: String,
    pub(crate) thread: String,
    pub(crate) message: String,
    pub(crate) person: Option<String>,
    #[sqlx(try_from = "String")]
    pub(crate) state: TurnState,
    pub(crate) woken: i64,
    pub(crate) cancel: i64,
    pub(crate) shown: i64,
    pub(crate) part: i64,
    pub(crate) open: i64,
    /// The open end of the answer, as JSON.
    pub(crate) open_text: Option<String>,
    pub(crate) asked: i64,
    pub(crate) history: String,
    pub(crate) text: String,
}

/// A new turn: its thread, the message that it answers, the turn before it, its person, and its first event's number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct New<'a> {
    pub(crate) thread: &'a str,
    pub(crate) message: &'a str,
    pub(crate) parent: Option<&'a str>,
    pub(crate) person: Option<&'a str>,
    pub(crate) seq: i64,
}

/// Starts a turn that its owner runs at once.
pub(crate) async fn begin(
    db: &mut AnyConnection,
    lease: &Lease,
    New { thread, message, parent, person, seq }: New<'_>,
    until: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO turn (id, thread, message, person, state, owner, due_at, woken, cancel, shown, part, open,
             asked, history, seq, parent, lang)
         VALUES ($1, $2, $3, $4, 'running', $5, $6, 0, 0, 1, 0, 0, 0, '[]', $7, $8, $9)",
    )
    .bind(&lease.turn)
    .bind(thread)
    .bind(message)
    .bind(person)
    .bind(&lease.owner)
    .bind(until)
    .bind(seq)
    .bind(parent)
    .bind(lang::current().tag())
    .execute(db)
    .await?;
    Ok(())
}

/// Claims a due turn (its lease has expired, or its wait is over). Exactly one of several concurrent attempts succeeds.
pub(crate) async fn take(pool: &AnyPool, lease: &Lease, now: i64, until: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE turn SET owner = $1, state = 'running', due_at = $2
         WHERE id = $3 AND state IN ('running', 'waiting') AND due_at <= $4",
    )
    .bind(&lease.owner)
    .bind(until)
    .bind(&lease.turn)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The turns held under this instance name, which consists of hexadecimal digits.
pub(crate) async fn held_by(pool: &AnyPool, name: &str) -> Result<Vec<Lease>, sqlx::Error> {
    sqlx::query_as("SELECT id AS turn, owner FROM turn WHERE state = 'running' AND owner LIKE $1")
        .bind(format!("{name}.%"))
        .fetch_all(pool)
        .await
}

/// Reclaims a turn from a dead owner. `false` if that owner no longer holds it.
pub(crate) async fn reclaim(pool: &AnyPool, lease: &Lease, dead: &Lease, until: i64) -> Result<bool, sqlx::Error> {
    let done =
        sqlx::query("UPDATE turn SET owner = $1, due_at = $2 WHERE id = $3 AND owner = $4 AND state = 'running'")
            .bind(&lease.owner)
            .bind(until)
            .bind(&lease.turn)
            .bind(&dead.owner)
            .execute(pool)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Renews a lease. `None` if another process holds the turn now. Otherwise, whether the turn was cancelled.
pub(crate) async fn renew(pool: &AnyPool, lease: &Lease, until: i64) -> Result<Option<bool>, sqlx::Error> {
    let cancel: Option<i64> = sqlx::query_scalar(
        "UPDATE turn SET due_at = $1 WHERE id = $2 AND owner = $3 AND state = 'running' RETURNING cancel",
    )
    .bind(until)
    .bind(&lease.turn)
    .bind(&lease.owner)
    .fetch_optional(pool)
    .await?;
    Ok(cancel.map(|cancel| cancel != 0))
}

/// Locks a turn for a transaction of its owner, and stores its progress. `false` if another process holds it now: write
/// nothing then.
pub(crate) async fn hold(db: &mut AnyConnection, lease: &Lease, turn: &Turn) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE turn SET shown = $1, part = $2, open = $3, asked = $4, history = $5, open_text = $6
         WHERE id = $7 AND owner = $8 AND state = 'running'",
    )
    .bind(turn.shown)
    .bind(turn.part)
    .bind(turn.open)
    .bind(turn.asked)
    .bind(&turn.history)
    .bind(&turn.open_text)
    .bind(&lease.turn)
    .bind(&lease.owner)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Assigns a turn to the person who logged in for it.
pub(crate) async fn adopt(db: &mut AnyConnection, id: &str, person: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE turn SET person = $1 WHERE id = $2 AND person IS NULL")
        .bind(person)
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

/// Releases a turn that waits until `due_at`, or makes it due at once if it was woken since it was loaded.
pub(crate) async fn wait(db: &mut AnyConnection, turn: &Turn, due_at: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE turn SET state = 'waiting', owner = NULL, shown = $1, open_text = NULL,
             due_at = CASE WHEN woken = $2 THEN $3 ELSE 0 END
         WHERE id = $4",
    )
    .bind(turn.shown)
    .bind(turn.woken)
    .bind(due_at)
    .bind(&turn.id)
    .execute(db)
    .await?;
    Ok(())
}

/// Ends a turn, in this state.
pub(crate) async fn end(db: &mut AnyConnection, id: &str, state: TurnState) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE turn SET state = $1, owner = NULL, shown = 0, open_text = NULL WHERE id = $2")
        .bind(state.word())
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

/// Releases a turn midway, for the next process to resume.
pub(crate) async fn release(pool: &AnyPool, lease: &Lease) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE turn SET owner = NULL, due_at = 0 WHERE id = $1 AND owner = $2 AND state = 'running'")
        .bind(&lease.turn)
        .bind(&lease.owner)
        .execute(pool)
        .await?;
    Ok(())
}

/// Makes a waiting turn due. A running one checks again before it waits.
pub(crate) async fn wake(db: &mut AnyConnection, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE turn SET woken = woken + 1, due_at = CASE WHEN state = 'waiting' THEN 0 ELSE due_at END
         WHERE id = $1 AND state IN ('running', 'waiting')",
    )
    .bind(id)
    .execute(db)
    .await?;
    Ok(())
}

/// Wakes the turn that made this call, if the call is from the chat.
pub(crate) async fn wake_of_call(db: &mut AnyConnection, call: &str) -> Result<(), sqlx::Error> {
    let turn: Option<String> =
        sqlx::query_scalar("SELECT turn FROM call WHERE id = $1").bind(call).fetch_optional(&mut *db).await?;
    match turn {
        Some(turn) => wake(db, &turn).await,
        None => Ok(()),
    }
}

/// Wakes a visitor's turns before their threads become a person's. Returns them.
pub(crate) async fn wake_visitors(db: &mut AnyConnection, visitor: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE turn SET woken = woken + 1, due_at = CASE WHEN state = 'waiting' THEN 0 ELSE due_at END
         WHERE person IS NULL AND state IN ('running', 'waiting')
             AND thread IN (SELECT id FROM thread WHERE thread.visitor = $1)
         RETURNING id",
    )
    .bind(visitor)
    .fetch_all(db)
    .await
}

/// The turns that are due, longest overdue first.
pub(crate) async fn due(pool: &AnyPool, now: i64) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM turn WHERE state IN ('running', 'waiting') AND due_at <= $1 ORDER BY due_at LIMIT 64",
    )
    .bind(now)
    .fetch_all(pool)
    .await
}

/// When the next turn is due.
pub(crate) async fn next_due(pool: &AnyPool) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT MIN(due_at) FROM turn WHERE state IN ('running', 'waiting')").fetch_one(pool).await
}

/// The running turns of a thread's shown branch that show it, and their open text.
pub(crate) async fn running(
    db: impl AnyExecutor<'_>,
    thread: &str,
) -> Result<Vec<(String, Option<Open>)>, sqlx::Error> {
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT turn.id, turn.open_text FROM turn
             JOIN event ON event.thread = turn.thread AND event.item = 'e' || turn.id AND event.hidden = 0
         WHERE turn.thread = $1 AND turn.state = 'running' AND turn.shown <> 0 ORDER BY turn.seq",
    )
    .bind(thread)
    .fetch_all(db)
    .await?;
    let read = |text: String| serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(Box::new(error)));
    rows.into_iter().map(|(id, open)| Ok((id, open.map(read).transpose()?))).collect()
}

macro_rules! select {
    ($rest:literal) => {
        select!("", $rest)
    };
    ($with:literal, $rest:literal) => {
        concat!(
            $with,
            "SELECT turn.id, turn.thread, turn.message, turn.person, turn.state, turn.woken, turn.cancel, turn.shown, turn.part,
                 turn.open, turn.open_text, turn.asked, turn.history, message.text
             FROM turn JOIN message ON message.id = turn.message ",
            $rest
        )
    };
}

/// The turn with this id.
pub(crate) async fn load(pool: &AnyPool, id: &str) -> Result<Option<Turn>, sqlx::Error> {
    sqlx::query_as(select!("WHERE turn.id = $1")).bind(id).fetch_optional(pool).await
}

/// The last fifty turns of the branch that ends with this one, oldest first.
pub(crate) async fn branch(pool: &AnyPool, id: &str) -> Result<Vec<Turn>, sqlx::Error> {
    sqlx::query_as(select!(
        "WITH RECURSIVE branch (id, parent, depth) AS (
             SELECT id, parent, CAST(1 AS BIGINT) FROM turn WHERE id = $1
             UNION ALL
             SELECT turn.id, turn.parent, branch.depth + 1 FROM turn JOIN branch ON turn.id = branch.parent
             WHERE branch.depth < 50
         ) ",
        "JOIN branch ON branch.id = turn.id ORDER BY branch.depth DESC"
    ))
    .bind(id)
    .fetch_all(pool)
    .await
}

#[cfg(test)]
pub(crate) mod tests {
    use foundation::db::Db;

    use super::*;
    use crate::store;

    /// The agent's database in this folder, or with `TEST_DATABASE_URL` a new one on PostgreSQL.
    pub(crate) async fn database(folder: &std::path::Path) -> Db {
        let place = driver::database::empty(folder).await.expect("a place");
        Db::open(&place, "agent", &crate::migrator()).await.expect("it opens")
    }

    /// Begins a turn in a new thread. This owner holds it until 1,000.
    pub(crate) async fn begun(db: &mut AnyConnection, owner: &str) {
        store::thread::open(db, "thr_1", "owner", "key", "Hi", 0).await.expect("a thread");
        store::message::keep(db, "msg_1", "thr_1", "key", "Hi", 0).await.expect("a message");
        let new = New { thread: "thr_1", message: "msg_1", parent: None, person: None, seq: 1 };
        begin(db, &lease(owner), new, 1_000).await.expect("a turn");
    }

    fn lease(owner: &str) -> Lease {
        Lease { turn: "trn_1".into(), owner: owner.into() }
    }

    /// THREATS.md line 61: a claimed turn is held until its lease expires. A process that lost it holds nothing.
    #[tokio::test]
    async fn line_61_one_of_many_claims_a_turn() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(folder.path()).await;
        let mut tx = db.begin().await.expect("it begins");
        begun(&mut tx, "first").await;
        tx.commit().await.expect("it is stored");

        // While the first holds it, nobody can claim it.
        assert!(!take(db.pool(), &lease("early"), 999, 2_000).await.expect("the database"));
        let names: Vec<String> = (0..8).map(|at| format!("late {at}")).collect();
        let attempts = names.iter().map(|name| {
            let (pool, lease) = (db.pool().clone(), lease(name));
            async move { take(&pool, &lease, 1_000, 2_000).await.expect("the database") }
        });
        let won = futures::future::join_all(attempts).await;
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
        let turn = load(db.pool(), "trn_1").await.expect("the database").expect("a turn");
        for (name, won) in names.iter().zip(&won) {
            let mut tx = db.begin().await.expect("it begins");
            assert_eq!(hold(&mut tx, &lease(name), &turn).await.expect("the database"), *won, "{name}");
            drop(tx);
            assert_eq!(renew(db.pool(), &lease(name), 2_000).await.expect("the database").is_some(), *won, "{name}");
        }
        assert_eq!(renew(db.pool(), &lease("first"), 9_000).await.expect("the database"), None, "it lost it");
    }

    /// THREATS.md line 61: only one process reclaims a turn, and only from its dead owner.
    #[tokio::test]
    async fn line_61_dead_processes_lease_is_reclaimed_by_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(folder.path()).await;
        let mut tx = db.begin().await.expect("it begins");
        begun(&mut tx, "abc.1").await;
        tx.commit().await.expect("it is stored");
        let held_by = async |name: &str| held_by(db.pool(), name).await.expect("the database");
        for stranger in ["ab", "abcd", "abc.1", "1"] {
            assert!(held_by(stranger).await.is_empty(), "{stranger}");
        }
        let dead = held_by("abc").await;
        let [dead] = dead.as_slice() else { panic!("{dead:?}") };
        assert_eq!((dead.turn.as_str(), dead.owner.as_str()), ("trn_1", "abc.1"));
        // Exactly one of several attempts succeeds, and its owner then keeps the turn.
        let names: Vec<String> = (0..8).map(|at| format!("abc.new{at}")).collect();
        let attempts = names.iter().map(|name| {
            let (pool, lease) = (db.pool().clone(), lease(name));
            async move { reclaim(&pool, &lease, dead, 2_000).await.expect("the database") }
        });
        let won = futures::future::join_all(attempts).await;
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
        let mut tx = db.begin().await.expect("it begins");
        let turn = load(db.pool(), "trn_1").await.expect("the database").expect("a turn");
        assert!(!hold(&mut tx, dead, &turn).await.expect("the database"), "the dead one's last words come too late");
        // A finished turn has no owner.
        end(&mut tx, "trn_1", TurnState::Done).await.expect("it is over");
        tx.commit().await.expect("it is stored");
        assert!(held_by("abc").await.is_empty());
    }
}
