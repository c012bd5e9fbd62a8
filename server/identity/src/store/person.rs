//! The table `person`. Disabled people aren't found: `disabled` is 1 if they were disabled individually, and 2 if they
//! are locked out as demo people.

use foundation::{lang::Lang, secret};
use sqlx::AnyConnection;

/// A person, identified by issuer and subject, never by email address.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    /// `usr_…`: the subject of tokens issued here.
    pub id: String,
    /// The issuer that authenticates them: this instance, or their login provider.
    pub issuer: String,
    /// Their id at the issuer.
    pub subject: String,
    pub name: String,
    pub email: Option<String>,
    /// Whether their login provider verified the email address. This instance doesn't verify any yet.
    #[sqlx(try_from = "i64")]
    pub email_verified: Verified,
    /// The tag of the language that they chose.
    pub lang: Option<String>,
}

impl Person {
    pub fn lang(&self) -> Option<Lang> {
        self.lang.as_deref().and_then(Lang::of_tag)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified(pub bool);

impl From<i64> for Verified {
    fn from(value: i64) -> Self {
        Self(value == 1)
    }
}

#[derive(sqlx::FromRow)]
struct WithPassword {
    id: String,
    issuer: String,
    subject: String,
    name: String,
    email: Option<String>,
    #[sqlx(try_from = "i64")]
    email_verified: Verified,
    lang: Option<String>,
    password: Option<String>,
}

pub async fn find(db: &mut AnyConnection, id: &str) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, issuer, subject, name, email, email_verified, lang FROM person
         WHERE id = $1 AND disabled = 0",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// The person with this login name (a lower-case email address), with the hash of their password.
pub async fn by_login(db: &mut AnyConnection, login: &str) -> Result<Option<(Person, String)>, sqlx::Error> {
    let row: Option<WithPassword> = sqlx::query_as(
        "SELECT id, issuer, subject, name, email, email_verified, lang, password FROM person WHERE login = $1 AND disabled = 0",
    )
    .bind(login)
    .fetch_optional(db)
    .await?;
    Ok(row.and_then(|row| {
        let WithPassword { id, issuer, subject, name, email, email_verified, lang, password } = row;
        password.map(|password| (Person { id, issuer, subject, name, email, email_verified, lang }, password))
    }))
}

/// Creates or updates a person authenticated by a provider. `None` if they are disabled here.
pub async fn vouched(
    db: &mut AnyConnection,
    issuer: &str,
    subject: &str,
    name: &str,
    email: Option<&str>,
    email_verified: Verified,
    now: i64,
) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO person (id, issuer, subject, name, email, email_verified, disabled, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7)
         ON CONFLICT (issuer, subject) DO UPDATE SET name = excluded.name, email = excluded.email,
             email_verified = excluded.email_verified
         WHERE person.disabled = 0
         RETURNING id, issuer, subject, name, email, email_verified, lang",
    )
    .bind(secret::id("usr_"))
    .bind(issuer)
    .bind(subject)
    .bind(name)
    .bind(email)
    .bind(i64::from(email_verified.0))
    .bind(now)
    .fetch_optional(db)
    .await
}

/// Creates a person with a password. `None` if the login name is taken.
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
         RETURNING id, issuer, subject, name, email, email_verified, lang",
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

/// Stores the language that a person chose.
pub async fn choose(db: &mut AnyConnection, id: &str, lang: Lang) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE person SET lang = $1 WHERE id = $2").bind(lang.tag()).bind(id).execute(db).await?;
    Ok(())
}

/// Stores the language chosen in the person's browser or reported by another site, unless they chose one here.
pub async fn suggest(db: &mut AnyConnection, id: &str, lang: Lang) -> Result<(), sqlx::Error> {
    let sql = "UPDATE person SET lang = $1 WHERE id = $2 AND lang IS NULL";
    sqlx::query(sql).bind(lang.tag()).bind(id).execute(db).await?;
    Ok(())
}

/// Replaces the hash of a password, unless it changed in the meantime.
pub async fn replace_password(db: &mut AnyConnection, id: &str, old: &str, new: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE person SET password = $1 WHERE id = $2 AND password = $3")
        .bind(new)
        .bind(id)
        .bind(old)
        .execute(db)
        .await?;
    Ok(())
}

/// Locks out the people with this email address, whether they log in here or at a provider. Returns their ids. People
/// who are already disabled stay as they are.
pub async fn shut_out(db: &mut AnyConnection, login: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE person SET disabled = 2 WHERE disabled = 0
         AND (login = $1 OR (login IS NULL AND LOWER(email) = $1)) RETURNING id",
    )
    .bind(login)
    .fetch_all(db)
    .await
}

/// Unlocks everyone who was locked out and wasn't disabled otherwise since.
pub async fn let_in(db: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE person SET disabled = 0 WHERE disabled = 2").execute(db).await?;
    Ok(())
}

/// The people who are locked out.
pub async fn out(db: &mut AnyConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM person WHERE disabled = 2").fetch_all(db).await
}

/// Disables a person, or enables them again. `false` if nothing changed. A demo person who is locked out can't be
/// enabled.
pub async fn disable(db: &mut AnyConnection, id: &str, disabled: bool) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE person SET disabled = $1 WHERE id = $2 AND (($1 = 1 AND disabled <> 1) OR ($1 = 0 AND disabled = 1))",
    )
    .bind(i64::from(disabled))
    .bind(id)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Locks the person's row until the transaction ends. `false` if there is no such person.
pub async fn lock(db: &mut AnyConnection, id: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE person SET id = id WHERE id = $1").bind(id).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// A person as the operator sees them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listed {
    pub id: String,
    pub issuer: String,
    pub subject: String,
    /// Their e-mail address in lower case, if they log in here with a password.
    pub login: Option<String>,
    pub name: String,
    pub email: Option<String>,
    /// 0: active, 1: disabled, 2: a demo person who is locked out.
    pub disabled: i64,
    pub created_at: i64,
    pub sessions: i64,
    pub grants: i64,
}

macro_rules! listed {
    ($rest:literal) => {
        concat!(
            "SELECT id, issuer, subject, login, name, email, disabled, created_at,
                 CAST((SELECT COUNT(*) FROM session s WHERE s.person = person.id) AS BIGINT) AS sessions,
                 CAST((SELECT COUNT(*) FROM authorization_grant g
                      WHERE g.person = person.id AND g.revoked_at IS NULL) AS BIGINT) AS grants
             FROM person ",
            $rest
        )
    };
}

/// All people, oldest first.
pub async fn all(db: &mut AnyConnection) -> Result<Vec<Listed>, sqlx::Error> {
    sqlx::query_as(listed!("ORDER BY created_at, id")).fetch_all(db).await
}

/// The people with this id, login name or e-mail address.
pub async fn named(db: &mut AnyConnection, name: &str) -> Result<Vec<Listed>, sqlx::Error> {
    sqlx::query_as(listed!("WHERE id = $1 OR login = LOWER($1) OR LOWER(email) = LOWER($1) ORDER BY created_at, id"))
        .bind(name)
        .fetch_all(db)
        .await
}
