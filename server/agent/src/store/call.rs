//! The table `call`: the tool calls of turns.

use sqlx::{AnyConnection, AnyPool};

use super::state::CallState;

/// A tool call. Its state determines which columns are set.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) turn: String,
    pub(crate) position: i64,
    pub(crate) tool: String,
    pub(crate) arguments: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: CallState,
    pub(crate) scopes: Option<String>,
    pub(crate) due_at: i64,
    pub(crate) notified: i64,
    pub(crate) shown: Option<String>,
    pub(crate) answer: Option<String>,
    pub(crate) created_at: i64,
}

/// Inserts a new call. An unreadable one is answered already.
pub(crate) async fn announce(db: &mut AnyConnection, call: &Call) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO call (id, turn, position, tool, arguments, state, answer, due_at, notified, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)",
    )
    .bind(&call.id)
    .bind(&call.turn)
    .bind(call.position)
    .bind(&call.tool)
    .bind(&call.arguments)
    .bind(call.state.word())
    .bind(&call.answer)
    .bind(call.created_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Stores the changes of a call in progress, except `notified`, which is set from outside.
pub(crate) async fn save(db: &mut AnyConnection, call: &Call) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE call SET state = $1, scopes = $2, due_at = $3, shown = $4, answer = $5 WHERE id = $6")
        .bind(call.state.word())
        .bind(&call.scopes)
        .bind(call.due_at)
        .bind(&call.shown)
        .bind(&call.answer)
        .bind(&call.id)
        .execute(db)
        .await?;
    Ok(())
}

/// Acknowledges the notification. One that arrives later is kept.
pub(crate) async fn acknowledge(pool: &AnyPool, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE call SET notified = 0 WHERE id = $1 AND notified <> 0").bind(id).execute(pool).await?;
    Ok(())
}

/// The calls of a turn, in the order in which the model made them.
pub(crate) async fn of_turn(pool: &AnyPool, turn: &str) -> Result<Vec<Call>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM call WHERE turn = $1 ORDER BY position").bind(turn).fetch_all(pool).await
}

/// A call of a thread.
pub(crate) async fn of_thread(pool: &AnyPool, thread: &str, id: &str) -> Result<Option<Call>, sqlx::Error> {
    sqlx::query_as("SELECT call.* FROM call JOIN turn ON turn.id = call.turn WHERE call.id = $1 AND turn.thread = $2")
        .bind(id)
        .bind(thread)
        .fetch_optional(pool)
        .await
}

/// Notifies a call of an outside change. Wake its turn first, in the same transaction, since all writers of both lock
/// the turn first.
pub(crate) async fn notify(db: &mut AnyConnection, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE call SET notified = 1 WHERE id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// A person's calls that wait in this state, each with its turn.
pub(crate) async fn waiting(
    db: &mut AnyConnection,
    person: &str,
    state: CallState,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT call.id, call.turn FROM call JOIN turn ON turn.id = call.turn
         WHERE turn.person = $1 AND turn.state IN ('running', 'waiting') AND call.state = $2",
    )
    .bind(person)
    .bind(state.word())
    .fetch_all(db)
    .await
}
