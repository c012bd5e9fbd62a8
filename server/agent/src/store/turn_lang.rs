//! The table `turn`: the language in which a turn is answered. Texts stored for the person while it runs, such as the
//! reasons of its approvals, are in this language.

use foundation::lang::Lang;
use sqlx::AnyPool;

/// The language in which a turn is answered: that of the page on which its message was written.
pub(crate) async fn of(pool: &AnyPool, turn: &str) -> Result<Lang, sqlx::Error> {
    let sql = "SELECT lang FROM turn WHERE id = $1";
    let tag: Option<String> = sqlx::query_scalar(sql).bind(turn).fetch_optional(pool).await?;
    Ok(tag.as_deref().and_then(Lang::of_tag).unwrap_or_default())
}

/// The language of the turn that made this call. English for a call at `/mcp`, which no turn made.
pub(crate) async fn of_call(pool: &AnyPool, call: &str) -> Result<Lang, sqlx::Error> {
    let sql = "SELECT turn.lang FROM turn JOIN call ON call.turn = turn.id WHERE call.id = $1";
    let tag: Option<String> = sqlx::query_scalar(sql).bind(call).fetch_optional(pool).await?;
    Ok(tag.as_deref().and_then(Lang::of_tag).unwrap_or_default())
}
