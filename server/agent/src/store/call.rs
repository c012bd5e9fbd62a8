//! Tool calls of turns, and the approvals that they wait for.

use sqlx::{AnyConnection, AnyPool};

/// A tool call. Which columns are filled follows from its state.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) turn: String,
    pub(crate) position: i64,
    pub(crate) tool: String,
    pub(crate) arguments: String,
    pub(crate) state: String,
    pub(crate) scopes: Option<String>,
    pub(crate) due_at: i64,
    pub(crate) poked: i64,
    pub(crate) answer: Option<String>,
    pub(crate) outcome: Option<String>,
    pub(crate) prepared: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) ping_hash: Option<String>,
    pub(crate) ping_token: Option<String>,
    pub(crate) auth_req_id: Option<String>,
    pub(crate) txn: Option<String>,
    pub(crate) page: Option<String>,
    pub(crate) asked_at: Option<i64>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) interval_ms: Option<i64>,
    pub(crate) withdraw: i64,
    pub(crate) created_at: i64,
    pub(crate) ended_at: Option<i64>,
}

/// A request for approval that the person did not want.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct NotWanted {
    /// What was asked for, as it is stored.
    pub(crate) prepared: String,
    pub(crate) outcome: String,
    pub(crate) ended_at: i64,
}

/// A new call, announced and not yet answered.
pub(crate) async fn announce(db: &mut AnyConnection, call: &Call) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO call (id, turn, position, tool, arguments, state, due_at, poked, withdraw, created_at)
         VALUES ($1, $2, $3, $4, $5, 'called', 0, 0, 0, $6)",
    )
    .bind(&call.id)
    .bind(&call.turn)
    .bind(call.position)
    .bind(&call.tool)
    .bind(&call.arguments)
    .bind(call.created_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Stores what changes while a call goes on. `withdraw` and `poked` are set from outside and stay.
pub(crate) async fn save(db: &mut AnyConnection, call: &Call) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE call SET state = $1, scopes = $2, due_at = $3, answer = $4, outcome = $5, prepared = $6, key = $7,
             code = $8, ping_hash = $9, ping_token = $10, auth_req_id = $11, txn = $12, page = $13, asked_at = $14,
             expires_at = $15, interval_ms = $16, ended_at = $17
         WHERE id = $18",
    )
    .bind(&call.state)
    .bind(&call.scopes)
    .bind(call.due_at)
    .bind(&call.answer)
    .bind(&call.outcome)
    .bind(&call.prepared)
    .bind(&call.key)
    .bind(&call.code)
    .bind(&call.ping_hash)
    .bind(&call.ping_token)
    .bind(&call.auth_req_id)
    .bind(&call.txn)
    .bind(&call.page)
    .bind(call.asked_at)
    .bind(call.expires_at)
    .bind(call.interval_ms)
    .bind(call.ended_at)
    .bind(&call.id)
    .execute(db)
    .await?;
    Ok(())
}

/// What happened outside is looked at from here on: what happens later counts anew.
pub(crate) async fn look(pool: &AnyPool, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE call SET poked = 0 WHERE id = $1 AND poked <> 0").bind(id).execute(pool).await?;
    Ok(())
}

/// The calls of a turn in the order the model made them.
pub(crate) async fn of_turn(pool: &AnyPool, turn: &str) -> Result<Vec<Call>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM call WHERE turn = $1 ORDER BY position").bind(turn).fetch_all(pool).await
}

/// What the person was asked for in this thread and denied, withdrew or let run out, the last first.
pub(crate) async fn not_wanted(pool: &AnyPool, thread: &str) -> Result<Vec<NotWanted>, sqlx::Error> {
    sqlx::query_as(
        "SELECT call.prepared, call.outcome,
             COALESCE(call.ended_at, call.expires_at, call.asked_at, call.created_at) AS ended_at
         FROM call JOIN turn ON turn.id = call.turn
         WHERE turn.thread = $1 AND call.prepared IS NOT NULL AND call.outcome IN ('denied', 'withdrawn', 'expired')
         ORDER BY ended_at DESC",
    )
    .bind(thread)
    .fetch_all(pool)
    .await
}

/// A call of a thread.
pub(crate) async fn of_thread(pool: &AnyPool, thread: &str, id: &str) -> Result<Option<Call>, sqlx::Error> {
    sqlx::query_as("SELECT call.* FROM call JOIN turn ON turn.id = call.turn WHERE call.id = $1 AND turn.thread = $2")
        .bind(id)
        .bind(thread)
        .fetch_optional(pool)
        .await
}

/// The owner's thread in which this approval was asked for.
pub(crate) async fn thread_of_approval(pool: &AnyPool, owner: &str, txn: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT thread.id FROM thread JOIN turn ON turn.thread = thread.id JOIN call ON call.turn = turn.id
         WHERE thread.owner = $1 AND call.txn = $2",
    )
    .bind(owner)
    .bind(txn)
    .fetch_optional(pool)
    .await
}

/// The call and the turn that a notification token belongs to, by its hash.
pub(crate) async fn find_by_ping(pool: &AnyPool, hash: &str) -> Result<Option<(String, String)>, sqlx::Error> {
    sqlx::query_as("SELECT id, turn FROM call WHERE ping_hash = $1").bind(hash).fetch_optional(pool).await
}

/// Something happened outside: the call is looked at next. Wake its turn before, in the same transaction (who
/// writes both locks the turn first).
pub(crate) async fn poke(db: &mut AnyConnection, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE call SET poked = 1 WHERE id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// The person withdraws what they are asked; `false` where that call no longer waits.
pub(crate) async fn withdraw(db: &mut AnyConnection, id: &str) -> Result<bool, sqlx::Error> {
    let done =
        sqlx::query("UPDATE call SET withdraw = 1, poked = 1 WHERE id = $1 AND state IN ('prepared', 'requested')")
            .bind(id)
            .execute(db)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// A person's calls that wait in this state (`login`, `connect`), each with its turn.
pub(crate) async fn waiting(
    db: &mut AnyConnection,
    person: &str,
    state: &str,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT call.id, call.turn FROM call JOIN turn ON turn.id = call.turn
         WHERE turn.person = $1 AND turn.state IN ('running', 'waiting') AND call.state = $2",
    )
    .bind(person)
    .bind(state)
    .fetch_all(db)
    .await
}
