//! The people who have approved for each API, from the tables `approval` and `person`.

use sqlx::AnyConnection;

use super::person::Person;

/// The API for which somebody approved.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct At {
    /// The API. `None`: the one behind the connection.
    pub audience: Option<String>,
    pub connection: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    at: At,
    #[sqlx(flatten)]
    person: Person,
}

/// Everybody with a stored approval, once for each API.
pub async fn all(db: &mut AnyConnection) -> Result<Vec<(At, Person)>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT DISTINCT a.audience, a.connection, p.id, p.issuer, p.subject, p.name, p.email, p.email_verified, p.lang
         FROM approval a JOIN person p ON p.id = a.person WHERE a.state = 'approved' AND p.disabled = 0",
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.at, row.person)).collect())
}
