//! The table `consent`: what a person consented to, for a client, an API and the place that the code goes to.

use sqlx::AnyConnection;

use super::{list, read_list};

/// The scopes consented to before. Empty where nothing was.
pub async fn find(
    db: &mut AnyConnection,
    person: &str,
    client: &str,
    audience: &str,
    redirect_host: &str,
) -> Result<Vec<String>, sqlx::Error> {
    let scopes: Option<String> = sqlx::query_scalar(
        "SELECT scopes FROM consent WHERE person = $1 AND client = $2 AND audience = $3 AND redirect_host = $4",
    )
    .bind(person)
    .bind(client)
    .bind(audience)
    .bind(redirect_host)
    .fetch_optional(db)
    .await?;
    Ok(scopes.map(|scopes| read_list(&scopes)).unwrap_or_default())
}

pub async fn put(
    db: &mut AnyConnection,
    person: &str,
    client: &str,
    audience: &str,
    redirect_host: &str,
    scopes: &[String],
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO consent (person, client, audience, redirect_host, scopes, given_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (person, client, audience, redirect_host)
         DO UPDATE SET scopes = excluded.scopes, given_at = excluded.given_at",
    )
    .bind(person)
    .bind(client)
    .bind(audience)
    .bind(redirect_host)
    .bind(list(scopes))
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}
