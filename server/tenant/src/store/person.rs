//! The table `person`. A disabled person is not found.

use base::secret;
use sqlx::AnyConnection;

/// A person. Keyed by (issuer, subject), never by e-mail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    /// `usr_…`: the subject of the tokens issued here.
    pub id: String,
    /// Who vouches for them: this instance, or the provider where they log in.
    pub issuer: String,
    /// Their id there.
    pub subject: String,
    pub name: String,
    pub email: Option<String>,
}

#[derive(sqlx::FromRow)]
struct WithPassword {
    id: String,
    issuer: String,
    subject: String,
    name: String,
    email: Option<String>,
    password: Option<String>,
}

pub async fn find(db: &mut AnyConnection, id: &str) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as("SELECT id, issuer, subject, name, email FROM person WHERE id = $1 AND disabled = 0")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// The person of a login name (an e-mail in lower case), with the hash of their password.
pub async fn by_login(db: &mut AnyConnection, login: &str) -> Result<Option<(Person, String)>, sqlx::Error> {
    let row: Option<WithPassword> = sqlx::query_as(
        "SELECT id, issuer, subject, name, email, password FROM person WHERE login = $1 AND disabled = 0",
    )
    .bind(login)
    .fetch_optional(db)
    .await?;
    Ok(row.and_then(|row| {
        let WithPassword { id, issuer, subject, name, email, password } = row;
        password.map(|password| (Person { id, issuer, subject, name, email }, password))
    }))
}

/// The person whom a provider vouches for, made or brought up to date. `None` where they are disabled here.
pub async fn vouched(
    db: &mut AnyConnection,
    issuer: &str,
    subject: &str,
    name: &str,
    email: Option<&str>,
    now: i64,
) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO person (id, issuer, subject, name, email, disabled, created_at)
         VALUES ($1, $2, $3, $4, $5, 0, $6)
         ON CONFLICT (issuer, subject) DO UPDATE SET name = excluded.name, email = excluded.email
         WHERE person.disabled = 0
         RETURNING id, issuer, subject, name, email",
    )
    .bind(secret::id("usr_"))
    .bind(issuer)
    .bind(subject)
    .bind(name)
    .bind(email)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// Makes a person who logs in here with a password. `None` where the login name is taken.
pub async fn with_password(
    db: &mut AnyConnection,
    issuer: &str,
    name: &str,
    email: &str,
    password: &str,
    now: i64,
) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO person (id, issuer, subject, login, password, name, email, disabled, created_at)
         VALUES ($1, $2, $1, $3, $4, $5, $6, 0, $7)
         ON CONFLICT (login) DO NOTHING
         RETURNING id, issuer, subject, name, email",
    )
    .bind(secret::id("usr_"))
    .bind(issuer)
    .bind(email.to_lowercase())
    .bind(password)
    .bind(name)
    .bind(email)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// Disables a person, or enables them again.
pub async fn disable(db: &mut AnyConnection, id: &str, disabled: bool) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE person SET disabled = $1 WHERE id = $2").bind(i64::from(disabled)).bind(id).execute(db).await?;
    Ok(())
}
