//! The table `connected_account`: people's accounts at other providers, with the grants in the vault.

use sqlx::{Any, Executor};

/// A connected account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: String,
    pub person: String,
    pub connection: String,
    pub issuer: String,
    /// The person's id at the provider.
    pub subject: String,
    /// The person's name at the provider.
    pub name: Option<String>,
    /// The granted scopes, separated by spaces.
    pub scopes: String,
    /// The grant, sealed: a refresh token, or an access token where the provider issues no refresh tokens.
    pub refresh_token: String,
    pub created_at: i64,
    /// When the grant ends, if it can't be refreshed and the provider said so.
    pub expires_at: Option<i64>,
}

impl Row {
    /// The label for people: `StockTrade · Alice`.
    pub fn label(&self, connection: &str) -> String {
        match &self.name {
            Some(name) => format!("{connection} · {name}"),
            None => connection.to_owned(),
        }
    }
}

/// `false` if the person has another account on this connection, or another person has this account.
pub async fn insert(db: impl Executor<'_, Database = Any>, row: &Row) -> Result<bool, sqlx::Error> {
    let inserted: Option<String> = sqlx::query_scalar(
        "INSERT INTO connected_account (id, person, connection, issuer, subject, name, scopes, refresh_token, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(&row.id)
    .bind(&row.person)
    .bind(&row.connection)
    .bind(&row.issuer)
    .bind(&row.subject)
    .bind(&row.name)
    .bind(&row.scopes)
    .bind(&row.refresh_token)
    .bind(row.created_at)
    .bind(row.expires_at)
    .fetch_optional(db)
    .await?;
    Ok(inserted.is_some())
}

/// A person's account on a connection.
pub async fn of_person(
    db: impl Executor<'_, Database = Any>,
    person: &str,
    connection: &str,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM connected_account WHERE person = $1 AND connection = $2")
        .bind(person)
        .bind(connection)
        .fetch_optional(db)
        .await
}

/// The account of a subject at a provider, of any person.
pub async fn of_subject(
    db: impl Executor<'_, Database = Any>,
    connection: &str,
    issuer: &str,
    subject: &str,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM connected_account WHERE connection = $1 AND issuer = $2 AND subject = $3")
        .bind(connection)
        .bind(issuer)
        .bind(subject)
        .fetch_optional(db)
        .await
}

/// At most `take` of a person's accounts after `from` (an id), ordered by id.
pub async fn list(
    db: impl Executor<'_, Database = Any>,
    person: &str,
    connection: &str,
    from: &str,
    take: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM connected_account WHERE person = $1 AND ($2 = '' OR connection = $2) AND id > $3 \
         ORDER BY id LIMIT $4",
    )
    .bind(person)
    .bind(connection)
    .bind(from)
    .bind(take)
    .fetch_all(db)
    .await
}

/// All of a person's accounts.
pub async fn all_of(db: impl Executor<'_, Database = Any>, person: &str) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM connected_account WHERE person = $1 ORDER BY id").bind(person).fetch_all(db).await
}

/// The accounts of all people.
pub async fn all(db: impl Executor<'_, Database = Any>) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM connected_account ORDER BY id").fetch_all(db).await
}

/// Reduces an account to these scopes, separated by spaces.
pub async fn narrow(db: impl Executor<'_, Database = Any>, id: &str, scopes: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE connected_account SET scopes = $1 WHERE id = $2").bind(scopes).bind(id).execute(db).await?;
    Ok(())
}

/// Deletes and returns a person's account, whose grant needs to be revoked at the provider.
pub async fn take(db: impl Executor<'_, Database = Any>, id: &str, person: &str) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("DELETE FROM connected_account WHERE id = $1 AND person = $2 RETURNING *")
        .bind(id)
        .bind(person)
        .fetch_optional(db)
        .await
}

/// Deletes an account that another one replaces, if it still has this grant.
pub async fn replace(db: impl Executor<'_, Database = Any>, former: &Row) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM connected_account WHERE id = $1 AND person = $2 AND refresh_token = $3")
        .bind(&former.id)
        .bind(&former.person)
        .bind(&former.refresh_token)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the account still exists with the same grant.
pub async fn is_live(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    refresh_token: &str,
) -> Result<bool, sqlx::Error> {
    let found: Option<String> =
        sqlx::query_scalar("SELECT id FROM connected_account WHERE id = $1 AND refresh_token = $2")
            .bind(id)
            .bind(refresh_token)
            .fetch_optional(db)
            .await?;
    Ok(found.is_some())
}

/// Replaces the refresh token after the provider rotated it (ours doesn't).
pub async fn rotate(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    former: &str,
    new: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE connected_account SET refresh_token = $1 WHERE id = $2 AND refresh_token = $3")
        .bind(new)
        .bind(id)
        .bind(former)
        .execute(db)
        .await?;
    Ok(())
}
