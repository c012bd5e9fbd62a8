//! The table `approval_block`: apps that a person has blocked from requesting approvals.

use sqlx::{Any, Executor};

/// Blocks a client for a person.
pub async fn insert(
    db: impl Executor<'_, Database = Any>,
    person: &str,
    client: &str,
    client_name: &str,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO approval_block (person, client, client_name, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (person, client) DO NOTHING",
    )
    .bind(person)
    .bind(client)
    .bind(client_name)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Removes a block.
pub async fn delete(db: impl Executor<'_, Database = Any>, person: &str, client: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM approval_block WHERE person = $1 AND client = $2")
        .bind(person)
        .bind(client)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether the person has blocked the app, or the client through which it asks.
pub async fn exists(
    db: impl Executor<'_, Database = Any>,
    person: &str,
    app: &str,
    client: &str,
) -> Result<bool, sqlx::Error> {
    let found: i64 = sqlx::query_scalar(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM approval_block WHERE person = $1 AND client IN ($2, $3)",
    )
    .bind(person)
    .bind(app)
    .bind(client)
    .fetch_one(db)
    .await?;
    Ok(found > 0)
}

/// The clients that a person has blocked: id and name.
pub async fn list(db: impl Executor<'_, Database = Any>, person: &str) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as("SELECT client, client_name FROM approval_block WHERE person = $1 ORDER BY client_name, client")
        .bind(person)
        .fetch_all(db)
        .await
}
