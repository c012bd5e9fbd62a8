//! The table `approval`. A worker claims a row (`owner`, until `due_at`), and stores nothing after it lost the claim.

use shared::chat::MoreTime;
use sqlx::{AnyConnection, AnyPool};

use super::state::{ApprovalState, Withdrawal};
use crate::thread::owner::Owner;

/// How long requests from /mcp are kept after their end, in milliseconds: a week.
pub(crate) const KEPT: i64 = 7 * 24 * 3_600_000;

/// An approval request, from before the person is asked until its end. Its state decides which columns are filled.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub(crate) struct Approval {
    pub(crate) id: String,
    pub(crate) asker: String,
    pub(crate) person: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) same: Option<String>,
    pub(crate) call: Option<String>,
    pub(crate) prepared: String,
    pub(crate) key: String,
    pub(crate) code: String,
    pub(crate) ping_hash: String,
    pub(crate) ping_token: String,
    pub(crate) asked_at: i64,
    pub(crate) auth_req_id: Option<String>,
    pub(crate) txn: Option<String>,
    pub(crate) page: Option<String>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) interval_ms: i64,
    #[sqlx(try_from = "String")]
    pub(crate) state: ApprovalState,
    pub(crate) result: Option<String>,
    pub(crate) ended_at: Option<i64>,
    #[sqlx(try_from = "String")]
    pub(crate) withdrawal: Withdrawal,
    pub(crate) owner: Option<String>,
    pub(crate) due_at: i64,
    pub(crate) woken: i64,
    #[sqlx(try_from = "String")]
    pub(crate) more_time: MoreTime,
}

/// The number of requests in the chat that wait for this person.
pub(crate) async fn count_waiting(pool: &AnyPool, person: &str, now: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM approval WHERE person = $1 AND state = 'waiting' AND expires_at > $2",
    )
    .bind(person)
    .bind(now)
    .fetch_one(pool)
    .await
}

/// A request that the person refused.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct NotWanted {
    /// The stored request.
    pub(crate) prepared: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: ApprovalState,
    pub(crate) ended_at: i64,
}

/// Stores a new row, claimed by its owner; `false` if the same call already has one.
pub(crate) async fn begin(db: &mut AnyConnection, new: &Approval) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO approval (id, asker, person, subject, client, token, same, call, prepared, key, code, ping_hash,
             ping_token, asked_at, interval_ms, state, owner, due_at, woken, more_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, $19)
         ON CONFLICT (same) DO NOTHING",
    )
    .bind(&new.id)
    .bind(&new.asker)
    .bind(&new.person)
    .bind(&new.subject)
    .bind(&new.client)
    .bind(&new.token)
    .bind(&new.same)
    .bind(&new.call)
    .bind(&new.prepared)
    .bind(&new.key)
    .bind(&new.code)
    .bind(&new.ping_hash)
    .bind(&new.ping_token)
    .bind(new.asked_at)
    .bind(new.interval_ms)
    .bind(new.state.word())
    .bind(&new.owner)
    .bind(new.due_at)
    .bind(new.more_time.word())
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Claims a due row: exactly one of several concurrent attempts succeeds.
pub(crate) async fn take(
    pool: &AnyPool,
    id: &str,
    owner: &str,
    now: i64,
    until: i64,
) -> Result<Option<Approval>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE approval SET owner = $1, due_at = $2 WHERE id = $3 AND ended_at IS NULL AND due_at <= $4 RETURNING *",
    )
    .bind(owner)
    .bind(until)
    .bind(id)
    .bind(now)
    .fetch_optional(pool)
    .await
}

/// Stores the row's progress and keeps the claim until `due_at`; `false` if another worker has claimed it.
pub(crate) async fn save(db: &mut AnyConnection, held: &Approval) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE approval SET state = $1, result = $2, auth_req_id = $3, txn = $4, page = $5, expires_at = $6,
             interval_ms = $7, ended_at = $8, token = $9, same = $10, due_at = $11, more_time = $12
         WHERE id = $13 AND owner = $14 AND ended_at IS NULL",
    )
    .bind(held.state.word())
    .bind(&held.result)
    .bind(&held.auth_req_id)
    .bind(&held.txn)
    .bind(&held.page)
    .bind(held.expires_at)
    .bind(held.interval_ms)
    .bind(held.ended_at)
    .bind(&held.token)
    .bind(&held.same)
    .bind(held.due_at)
    .bind(held.more_time.word())
    .bind(&held.id)
    .bind(&held.owner)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Releases a row until `due_at`; it is due at once if it was woken since the claim.
pub(crate) async fn release(db: &mut AnyConnection, held: &Approval, due_at: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE approval SET owner = NULL, interval_ms = $1, due_at = CASE WHEN woken = $2 THEN $3 ELSE 0 END
         WHERE id = $4 AND owner = $5",
    )
    .bind(held.interval_ms)
    .bind(held.woken)
    .bind(due_at)
    .bind(&held.id)
    .bind(&held.owner)
    .execute(db)
    .await?;
    Ok(())
}

/// Releases the rows that dead processes with this name had claimed. The name consists of hexadecimal digits.
pub(crate) async fn reclaim(pool: &AnyPool, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE approval SET owner = NULL, due_at = 0 WHERE owner LIKE $1 AND ended_at IS NULL")
        .bind(format!("{name}.%"))
        .execute(pool)
        .await?;
    Ok(())
}

/// The due rows, the longest overdue first.
pub(crate) async fn due(pool: &AnyPool, now: i64) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM approval WHERE ended_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT 64")
        .bind(now)
        .fetch_all(pool)
        .await
}

/// When the next row becomes due.
pub(crate) async fn next_due(pool: &AnyPool) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT MIN(due_at) FROM approval WHERE ended_at IS NULL").fetch_one(pool).await
}

/// Makes the request with this notification token due, since it was decided at the identity service. Returns the
/// person's id at the agent or the identity service; `None` if there is no such request.
pub(crate) async fn wake(pool: &AnyPool, ping_hash: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE approval SET woken = woken + 1, due_at = CASE WHEN owner IS NULL THEN 0 ELSE due_at END
         WHERE ping_hash = $1 RETURNING COALESCE(person, subject, '')",
    )
    .bind(ping_hash)
    .fetch_optional(pool)
    .await
}

/// Withdraws a turn's requests because the person continued from an earlier message. That doesn't count as a refusal.
pub(crate) async fn supersede(pool: &AnyPool, turn: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE approval SET withdrawal = $2, woken = woken + 1,
             due_at = CASE WHEN owner IS NULL THEN 0 ELSE due_at END
         WHERE id IN (SELECT id FROM call WHERE turn = $1) AND state IN ('asking', 'waiting') AND withdrawal = 'none'",
    )
    .bind(turn)
    .bind(Withdrawal::Superseded.word())
    .execute(pool)
    .await?;
    Ok(())
}

macro_rules! withdraw {
    () => {
        "UPDATE approval SET withdrawal = $2, woken = woken + 1,
             due_at = CASE WHEN owner IS NULL THEN 0 ELSE due_at END
         WHERE id = $1 AND state IN ('asking', 'waiting')"
    };
}

/// Marks a request as withdrawn; `false` if it has been decided.
pub(crate) async fn withdraw(pool: &AnyPool, id: &str) -> Result<bool, sqlx::Error> {
    let asked = Withdrawal::Asked.word();
    Ok(sqlx::query(withdraw!()).bind(id).bind(asked).execute(pool).await?.rows_affected() == 1)
}

/// Like [`withdraw`], unless it was already withdrawn.
pub(crate) async fn withdraw_once(pool: &AnyPool, id: &str) -> Result<(), sqlx::Error> {
    let asked = Withdrawal::Asked.word();
    sqlx::query(concat!(withdraw!(), " AND withdrawal = 'none'")).bind(id).bind(asked).execute(pool).await?;
    Ok(())
}

pub(crate) async fn load(pool: &AnyPool, id: &str) -> Result<Option<Approval>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM approval WHERE id = $1").bind(id).fetch_optional(pool).await
}

/// The approvals of a turn's calls, waiting or ended.
pub(crate) async fn of_turn(pool: &AnyPool, turn: &str) -> Result<Vec<Approval>, sqlx::Error> {
    sqlx::query_as("SELECT approval.* FROM approval JOIN call ON call.id = approval.id WHERE call.turn = $1")
        .bind(turn)
        .fetch_all(pool)
        .await
}

/// The approval that identical calls at /mcp find.
pub(crate) async fn of_same(pool: &AnyPool, same: &str) -> Result<Option<Approval>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM approval WHERE same = $1").bind(same).fetch_optional(pool).await
}

/// Identical calls no longer find the approval that ended before this time.
pub(crate) async fn forget_same(db: &mut AnyConnection, same: &str, ended: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE approval SET same = NULL WHERE same = $1 AND ended_at <= $2")
        .bind(same)
        .bind(ended)
        .execute(db)
        .await?;
    Ok(())
}

/// Stores the client's id of the call at /mcp that waits for it.
pub(crate) async fn name_call(pool: &AnyPool, id: &str, call: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE approval SET call = $1 WHERE id = $2 AND ended_at IS NULL")
        .bind(call)
        .bind(id)
        .execute(pool)
        .await?;
    Ok(())
}

/// Removes the id of this call, which no longer waits.
pub(crate) async fn forget_call(pool: &AnyPool, id: &str, call: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE approval SET call = NULL WHERE id = $1 AND call = $2")
        .bind(id)
        .bind(call)
        .execute(pool)
        .await?;
    Ok(())
}

/// The undecided request that this call at /mcp waits for, unless the client's id fits several.
pub(crate) async fn of_call(pool: &AnyPool, asker: &str, call: &str) -> Result<Option<String>, sqlx::Error> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM approval WHERE asker = $1 AND call = $2 AND state IN ('asking', 'waiting') LIMIT 2",
    )
    .bind(asker)
    .bind(call)
    .fetch_all(pool)
    .await?;
    Ok(<[String; 1]>::try_from(found).ok().map(|[id]| id))
}

/// Deletes requests from /mcp that ended before this time, and those about which nobody was asked.
pub(crate) async fn remove_ended(pool: &AnyPool, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM approval WHERE client IS NOT NULL
             AND (ended_at < $1 OR (ended_at IS NOT NULL AND expires_at IS NULL))",
    )
    .bind(before)
    .execute(pool)
    .await?;
    Ok(())
}

/// This asker's denied, withdrawn or expired requests since then, newest first.
pub(crate) async fn not_wanted(pool: &AnyPool, asker: &str, since: i64) -> Result<Vec<NotWanted>, sqlx::Error> {
    sqlx::query_as(
        "SELECT prepared, state, ended_at FROM approval
         WHERE asker = $1 AND state IN ('denied', 'withdrawn', 'expired') AND withdrawal <> 'superseded' AND ended_at > $2
         ORDER BY ended_at DESC",
    )
    .bind(asker)
    .bind(since)
    .fetch_all(pool)
    .await
}

/// The owner's thread that asked for this approval.
pub(crate) async fn thread(pool: &AnyPool, owner: &Owner, txn: &str) -> Result<Option<String>, sqlx::Error> {
    let (person, visitor) = owner.ids();
    sqlx::query_scalar(
        "SELECT thread.id FROM thread JOIN approval ON approval.asker = thread.id
         WHERE thread.visitor IN (SELECT id FROM visitor WHERE person = $1 OR (id = $2 AND person IS NULL))
             AND approval.txn = $3",
    )
    .bind(person)
    .bind(visitor)
    .bind(txn)
    .fetch_optional(pool)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::turn::tests::database;

    fn held(id: &str, owner: &str) -> Approval {
        Approval {
            id: id.into(),
            asker: "thr_1".into(),
            person: Some("per_1".into()),
            same: Some("same".into()),
            ping_hash: id.into(),
            owner: Some(owner.into()),
            due_at: 1_000,
            ..Approval::default()
        }
    }

    /// THREATS.md line 61: one worker holds an approval until its claim expires, and a worker that lost it stores
    /// nothing.
    #[tokio::test]
    async fn line_61_one_of_many_claims_an_approval() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(folder.path()).await;
        let pool = db.pool();
        let save = async |held: &Approval| {
            let mut tx = db.begin().await.expect("it begins");
            let saved = save(&mut tx, held).await.expect("the database");
            tx.commit().await.expect("it is stored");
            saved
        };
        let mut tx = db.begin().await.expect("it begins");
        let first = held("req_1", "abc.first");
        assert!(begin(&mut tx, &first).await.expect("the database"));
        assert!(!begin(&mut tx, &held("req_2", "abc.second")).await.expect("the database"), "the same call");
        tx.commit().await.expect("it is stored");

        assert!(take(pool, "req_1", "early", 999, 2_000).await.expect("the database").is_none());
        let names: Vec<String> = (0..8).map(|at| format!("late {at}")).collect();
        let attempts = names.iter().map(|name| take(pool, "req_1", name, 1_000, 2_000));
        let taken = futures::future::join_all(attempts).await;
        let taken: Vec<_> = taken.into_iter().filter_map(|taken| taken.expect("the database")).collect();
        let [mut second] = <[Approval; 1]>::try_from(taken).expect("one gets it");
        assert!(!save(&first).await, "the first has lost it");

        // Woken during the claim, it is due at once after the release, and not before.
        assert_eq!(wake(pool, "req_1").await.expect("the database").as_deref(), Some("per_1"));
        assert!(due(pool, 1_999).await.expect("the database").is_empty());
        let mut tx = db.begin().await.expect("it begins");
        release(&mut tx, &second, 9_000).await.expect("the database");
        tx.commit().await.expect("it is stored");
        assert_eq!(due(pool, 0).await.expect("the database"), ["req_1"]);
        assert!(!save(&second).await, "it has let go of it");

        // A dead process's row is due at once, and nobody claims an ended one.
        second = take(pool, "req_1", "abc.third", 0, 5_000).await.expect("the database").expect("it is due");
        for stranger in ["ab", "abcd"] {
            reclaim(pool, stranger).await.expect("the database");
        }
        assert!(due(pool, 0).await.expect("the database").is_empty());
        reclaim(pool, "abc").await.expect("the database");
        assert!(!save(&second).await, "the dead one's last words come too late");
        let mut last = take(pool, "req_1", "last", 0, 5_000).await.expect("the database").expect("it is due");
        assert!(withdraw(pool, "req_1").await.expect("the database"), "it is undecided");
        (last.state, last.ended_at) = (ApprovalState::Denied, Some(1));
        assert!(save(&last).await);
        assert!(!withdraw(pool, "req_1").await.expect("the database"), "it is decided");
        assert!(take(pool, "req_1", "late", i64::MAX, i64::MAX).await.expect("the database").is_none());
    }
}
