//! The table `login_address`: the addresses that people have logged in from, as hashes.

use foundation::secret;
use sqlx::AnyConnection;

/// Whether the person with this login name (a lower-case email address) has logged in from this address before.
pub async fn is_known(db: &mut AnyConnection, login: &str, address: &str) -> Result<bool, sqlx::Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT login_address.seen_at FROM login_address JOIN person ON person.id = login_address.person
         WHERE person.login = $1 AND login_address.address = $2",
    )
    .bind(login)
    .bind(secret::hash(address))
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

/// Records the address after a login.
pub async fn remember(db: &mut AnyConnection, person: &str, address: &str, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO login_address (person, address, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (person, address) DO UPDATE SET seen_at = excluded.seen_at",
    )
    .bind(person)
    .bind(secret::hash(address))
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes addresses without a login since `before`.
pub async fn clean_up(db: &mut AnyConnection, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM login_address WHERE seen_at < $1").bind(before).execute(db).await?;
    Ok(())
}
