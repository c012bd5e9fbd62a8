//! The table `audit`: entries of the audit log.

use foundation::secret;
use serde_json::Value;
use sqlx::{AnyConnection, AnyPool};

use super::remove_in_batches;

pub async fn insert(
    db: &mut AnyConnection,
    at: i64,
    event: &str,
    person: Option<&str>,
    client: Option<&str>,
    detail: &Value,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO audit (id, at, event, person, client, detail) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(secret::id("aud_"))
        .bind(at)
        .bind(event)
        .bind(person)
        .bind(client)
        .bind(detail.to_string())
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes entries that strangers can create: registrations from before `registered` whose client is gone, and failed
/// logins from before `failed`.
pub async fn clean_up(db: &mut AnyConnection, registered: i64, failed: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM audit WHERE (event = 'login_failed' AND at < $1) OR (event = 'client_registered' AND at < $2
         AND NOT EXISTS (SELECT 1 FROM client c WHERE c.id = audit.client))",
    )
    .bind(failed)
    .bind(registered)
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes entries from before this time.
pub async fn remove_before(pool: &AnyPool, time: i64) -> Result<(), sqlx::Error> {
    const SQL: &str = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 LIMIT $2)";
    remove_in_batches(pool, SQL, time).await
}

/// Removes names from a person's entries, such as a decision's account (`StockTrade · Alice`).
pub(super) async fn forget_names(db: &mut AnyConnection, person: &str) -> Result<(), sqlx::Error> {
    let sql = "SELECT id, detail FROM audit WHERE person = $1 AND event = 'approval_decided'";
    let entries: Vec<(String, String)> = sqlx::query_as(sql).bind(person).fetch_all(&mut *db).await?;
    for (id, detail) in entries {
        let mut detail: Value = serde_json::from_str(&detail).unwrap_or_default();
        if let Some(members) = detail.as_object_mut() {
            members.remove("for");
        }
        let sql = "UPDATE audit SET detail = $1 WHERE id = $2";
        sqlx::query(sql).bind(detail.to_string()).bind(id).execute(&mut *db).await?;
    }
    Ok(())
}

/// Selects entries within a time, after one that was read.
#[derive(Clone, Debug, Default)]
pub struct Of {
    /// The first time and the end (exclusive), in milliseconds since 1970.
    pub since: i64,
    pub until: i64,
    pub person: Option<String>,
    /// Time and id of the last entry that was read.
    pub after: (i64, String),
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Entry {
    pub id: String,
    pub at: i64,
    pub event: String,
    pub person: Option<String>,
    pub client: Option<String>,
    /// JSON.
    pub detail: String,
}

/// Up to 500 entries, oldest first.
pub async fn page(db: &mut AnyConnection, of: &Of) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, at, event, person, client, detail FROM audit
         WHERE at >= $1 AND at < $2 AND ($3 = '' OR person = $3) AND (at > $4 OR (at = $4 AND id > $5))
         ORDER BY at, id LIMIT 500",
    )
    .bind(of.since.max(of.after.0))
    .bind(of.until)
    .bind(of.person.clone().unwrap_or_default())
    .bind(of.after.0)
    .bind(&of.after.1)
    .fetch_all(db)
    .await
}

/// The number of entries of an event, for tests and operators.
pub async fn count(db: &mut AnyConnection, event: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT COUNT(*) FROM audit WHERE event = $1").bind(event).fetch_one(db).await
}
