//! The table `person`: people by issuer and subject, with the identity service's refresh token, sealed.

use foundation::{ExposeSecret, SecretString, lang::Lang, login::Authenticated, secret};
use sqlx::{AnyConnection, AnyPool};

use crate::{error::Error, state::Agent};

/// A person who has logged in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Person {
    /// The id at the agent, `per_…`.
    pub(crate) id: String,
    /// The id at the identity service.
    pub(crate) subject: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// The tag of the language that they chose.
    pub(crate) lang: Option<String>,
}

/// Stores a person after a login, with the newest refresh token. Returns the person's id.
pub(crate) async fn keep(
    agent: &Agent,
    db: &mut AnyConnection,
    identity: &Authenticated,
) -> Result<String, sqlx::Error> {
    let id: String = sqlx::query_scalar(
        "INSERT INTO person (id, issuer, subject, name, email, created_at, updated_at, lang)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)
         ON CONFLICT (issuer, subject) DO UPDATE
         SET name = excluded.name, email = excluded.email, updated_at = excluded.updated_at,
             lang = COALESCE(excluded.lang, person.lang)
         RETURNING id",
    )
    .bind(secret::id("per_"))
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(&identity.name)
    .bind(&identity.email)
    .bind(agent.clock.now())
    .bind(identity.locale.map(Lang::tag))
    .fetch_one(&mut *db)
    .await?;
    if let Some(token) = &identity.refresh_token {
        sqlx::query("UPDATE person SET refresh_token = $1 WHERE id = $2")
            .bind(agent.sealer.seal(&place(&id), token.expose_secret()))
            .bind(&id)
            .execute(db)
            .await?;
    }
    Ok(id)
}

/// Everyone with this email address.
pub(crate) async fn of_email(db: &mut AnyConnection, email: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM person WHERE LOWER(email) = $1").bind(email).fetch_all(db).await
}

/// Everyone with this subject, at any identity service.
pub(crate) async fn of_subject(db: &mut AnyConnection, subject: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM person WHERE subject = $1").bind(subject).fetch_all(db).await
}

/// The person with this id.
pub(crate) async fn find(pool: &AnyPool, id: &str) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as("SELECT id, subject, name, email, lang FROM person WHERE id = $1")
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// The person with this subject at the identity service.
///
/// # Errors
/// When the database fails.
pub(crate) async fn find_subject(agent: &Agent, subject: &str) -> Result<Option<Person>, Error> {
    Ok(sqlx::query_as("SELECT id, subject, name, email, lang FROM person WHERE issuer = $1 AND subject = $2")
        .bind(agent.issuer())
        .bind(subject)
        .fetch_optional(agent.db.pool())
        .await?)
}

/// Keeps the language that a person chose.
pub(crate) async fn choose(pool: &AnyPool, id: &str, lang: Lang) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE person SET lang = $1 WHERE id = $2").bind(lang.tag()).bind(id).execute(pool).await?;
    Ok(())
}

/// The person's refresh token at the identity service, if the login provided one.
///
/// # Errors
/// When the database fails.
pub(crate) async fn refresh_token(agent: &Agent, person: &str) -> Result<Option<SecretString>, Error> {
    let sealed: Option<Option<String>> = sqlx::query_scalar("SELECT refresh_token FROM person WHERE id = $1")
        .bind(person)
        .fetch_optional(agent.db.pool())
        .await?;
    Ok(sealed.flatten().and_then(|sealed| agent.sealer.open(&place(person), &sealed).ok()).map(SecretString::from))
}

fn place(id: &str) -> String {
    format!("person.refresh_token:{id}")
}
