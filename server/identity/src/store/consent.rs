//! The table `consent`: a person's consent, for a client, an API and a redirect host.

use sqlx::AnyConnection;

use super::{list, read_list};

/// A person's consent for a client, an API and a redirect host.
#[derive(Clone, Debug)]
pub struct Consent {
    pub client: String,
    /// The client's name, and whether it registered itself.
    pub name: String,
    pub registered: bool,
    pub first_party: bool,
    pub audience: String,
    pub redirect_host: String,
    pub scopes: Vec<String>,
    pub given_at: i64,
}

/// All consents of a person.
pub async fn of_person(db: &mut AnyConnection, person: &str) -> Result<Vec<Consent>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        client: String,
        name: String,
        registered: i64,
        first_party: i64,
        audience: String,
        redirect_host: String,
        scopes: String,
        given_at: i64,
    }
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT t.client, c.name, c.registered, c.first_party, t.audience, t.redirect_host, t.scopes, t.given_at
         FROM consent t JOIN client c ON c.id = t.client WHERE t.person = $1",
    )
    .bind(person)
    .fetch_all(db)
    .await?;
    let read = |row: Row| Consent {
        client: row.client,
        name: row.name,
        registered: row.registered != 0,
        first_party: row.first_party != 0,
        audience: row.audience,
        redirect_host: row.redirect_host,
        scopes: read_list(&row.scopes),
        given_at: row.given_at,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// A consent's key and scopes.
#[derive(Clone, Debug)]
pub struct Given {
    pub person: String,
    pub client: String,
    pub audience: String,
    pub redirect_host: String,
    pub scopes: Vec<String>,
}

/// The consents of all people.
pub async fn all(db: &mut AnyConnection) -> Result<Vec<Given>, sqlx::Error> {
    let rows: Vec<(String, String, String, String, String)> =
        sqlx::query_as("SELECT person, client, audience, redirect_host, scopes FROM consent").fetch_all(db).await?;
    let read = |(person, client, audience, redirect_host, scopes): (String, String, String, String, String)| Given {
        person,
        client,
        audience,
        redirect_host,
        scopes: read_list(&scopes),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Reduces a consent to these scopes, or deletes it if there are none.
pub async fn narrow(db: &mut AnyConnection, given: &Given, scopes: &[String]) -> Result<(), sqlx::Error> {
    const KEY: &str = " WHERE person = $1 AND client = $2 AND audience = $3 AND redirect_host = $4";
    let sql = if scopes.is_empty() {
        format!("DELETE FROM consent{KEY}")
    } else {
        format!("UPDATE consent SET scopes = $5{KEY}")
    };
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&given.person).bind(&given.client).bind(&given.audience);
    let query = query.bind(&given.redirect_host);
    let query = if scopes.is_empty() { query } else { query.bind(list(scopes)) };
    query.execute(db).await?;
    Ok(())
}

/// Deletes all of a person's consents for a client, which then has to ask again. Returns how many there were.
pub async fn delete(db: &mut AnyConnection, person: &str, client: &str) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM consent WHERE person = $1 AND client = $2")
        .bind(person)
        .bind(client)
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

/// The scopes consented to for a client and an API, at any redirect host.
pub async fn given(
    db: &mut AnyConnection,
    person: &str,
    client: &str,
    audience: &str,
) -> Result<Vec<String>, sqlx::Error> {
    let scopes: Vec<String> =
        sqlx::query_scalar("SELECT scopes FROM consent WHERE person = $1 AND client = $2 AND audience = $3")
            .bind(person)
            .bind(client)
            .bind(audience)
            .fetch_all(db)
            .await?;
    Ok(scopes.iter().flat_map(|scopes| read_list::<String>(scopes)).collect())
}

/// The scopes consented to before, or none.
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

/// Whether the person consented to anything for a client at this redirect host.
pub async fn is_any(
    db: &mut AnyConnection,
    person: &str,
    client: &str,
    redirect_host: &str,
) -> Result<bool, sqlx::Error> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM consent WHERE person = $1 AND client = $2 AND redirect_host = $3")
            .bind(person)
            .bind(client)
            .bind(redirect_host)
            .fetch_one(db)
            .await?;
    Ok(count > 0)
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
