//! What is asked of sessions beyond `foundation::session`.

use crate::state::Agent;

/// Whether the session still lives; looking does not prolong it.
pub(crate) async fn lives(agent: &Agent, id: &str) -> Result<bool, sqlx::Error> {
    let now = agent.clock.now();
    let found: Option<String> =
        sqlx::query_scalar("SELECT id FROM session WHERE id = $1 AND seen_at > $2 AND created_at > $3")
            .bind(id)
            .bind(now - agent.sessions.idle_ms)
            .bind(now - agent.sessions.total_ms)
            .fetch_optional(agent.db.pool())
            .await?;
    Ok(found.is_some())
}
