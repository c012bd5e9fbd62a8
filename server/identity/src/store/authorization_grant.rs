//! The table `authorization_grant`: a person's grants to clients, one for each authorization.

use sqlx::AnyConnection;

use super::{list, read_list};

/// A grant: the origin of every token from one authorization.
#[derive(Clone, Debug)]
pub struct AuthorizationGrant {
    pub id: String,
    pub person: String,
    pub client: String,
    pub audience: String,
    pub scopes: Vec<String>,
    pub sid: String,
    /// When the person authenticated, in seconds since 1970.
    pub auth_time: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    person: String,
    client: String,
    audience: String,
    scopes: String,
    sid: String,
    auth_time: i64,
}

impl From<Row> for AuthorizationGrant {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            person: row.person,
            client: row.client,
            audience: row.audience,
            scopes: read_list(&row.scopes),
            sid: row.sid,
            auth_time: row.auth_time,
        }
    }
}

pub async fn insert(db: &mut AnyConnection, grant: &AuthorizationGrant, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO authorization_grant (id, person, client, audience, scopes, sid, auth_time, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&grant.id)
    .bind(&grant.person)
    .bind(&grant.client)
    .bind(&grant.audience)
    .bind(list(&grant.scopes))
    .bind(&grant.sid)
    .bind(grant.auth_time)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// An active grant: not revoked, with a person who isn't disabled.
pub async fn find_active(db: &mut AnyConnection, id: &str) -> Result<Option<AuthorizationGrant>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT g.id, g.person, g.client, g.audience, g.scopes, g.sid, g.auth_time
         FROM authorization_grant g JOIN person p ON p.id = g.person
         WHERE g.id = $1 AND g.revoked_at IS NULL AND p.disabled = 0",
    )
    .bind(id)
    .fetch_optional(db)
    .await?;
    Ok(row.map(AuthorizationGrant::from))
}

/// All grants that aren't revoked.
pub async fn active(db: &mut AnyConnection) -> Result<Vec<AuthorizationGrant>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, person, client, audience, scopes, sid, auth_time FROM authorization_grant WHERE revoked_at IS NULL",
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(AuthorizationGrant::from).collect())
}

/// Reduces a grant to these scopes.
pub async fn narrow(db: &mut AnyConnection, id: &str, scopes: &[String]) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE authorization_grant SET scopes = $1 WHERE id = $2")
        .bind(list(scopes))
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

/// The person of a grant, revoked or not.
pub async fn person(db: &mut AnyConnection, id: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT person FROM authorization_grant WHERE id = $1").bind(id).fetch_optional(db).await
}

/// Revokes a grant, and with it all of its tokens. `true` if it was active until now.
pub async fn revoke(db: &mut AnyConnection, id: &str, now: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE authorization_grant SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
        .bind(now)
        .bind(id)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes all grants of a person. Returns how many were active until now.
pub async fn revoke_all_of(db: &mut AnyConnection, person: &str, now: i64) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("UPDATE authorization_grant SET revoked_at = $1 WHERE person = $2 AND revoked_at IS NULL")
        .bind(now)
        .bind(person)
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

/// Revokes all grants of a person to a client. Returns how many were active until now.
pub async fn revoke_all(db: &mut AnyConnection, person: &str, client: &str, now: i64) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE authorization_grant SET revoked_at = $1 WHERE person = $2 AND client = $3 AND revoked_at IS NULL",
    )
    .bind(now)
    .bind(person)
    .bind(client)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// A person's grants to a client, combined.
#[derive(Clone, Debug)]
pub struct Granted {
    pub client: String,
    /// The client's name, and whether it registered itself.
    pub name: String,
    pub registered: bool,
    pub audience: String,
    pub scopes: Vec<String>,
    pub created_at: i64,
    /// When one of its tokens was last used.
    pub used_at: Option<i64>,
}

/// A person's active grants to clients that aren't first-party.
pub async fn of_person(db: &mut AnyConnection, person: &str) -> Result<Vec<Granted>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        client: String,
        name: String,
        registered: i64,
        audience: String,
        scopes: String,
        created_at: i64,
        used_at: Option<i64>,
        refreshed_at: Option<i64>,
    }
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT g.client, c.name, c.registered, g.audience, g.scopes, MAX(g.created_at) AS created_at,
                MAX(g.used_at) AS used_at, MAX(r.used_at) AS refreshed_at
         FROM authorization_grant g JOIN client c ON c.id = g.client
         LEFT JOIN refresh_token r ON r.authorization_grant = g.id
         WHERE g.person = $1 AND g.revoked_at IS NULL AND c.first_party = 0
         GROUP BY g.client, c.name, c.registered, g.audience, g.scopes",
    )
    .bind(person)
    .fetch_all(db)
    .await?;
    let read = |row: Row| Granted {
        client: row.client,
        name: row.name,
        registered: row.registered != 0,
        audience: row.audience,
        scopes: read_list(&row.scopes),
        created_at: row.created_at,
        used_at: row.used_at.max(row.refreshed_at),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Selects grants. `None` matches every value.
#[derive(Clone, Debug, Default)]
pub struct Of {
    pub id: Option<String>,
    pub person: Option<String>,
    pub client: Option<String>,
    /// Whether to include revoked grants.
    pub revoked: bool,
}

/// A grant as the operator sees it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: String,
    pub person: String,
    /// The person's e-mail.
    pub email: Option<String>,
    pub client: String,
    /// The client's name.
    pub name: String,
    pub audience: String,
    pub scopes: Vec<String>,
    pub created_at: i64,
    pub used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

/// The grants, oldest first.
pub async fn all(db: &mut AnyConnection, of: &Of) -> Result<Vec<Listed>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: String,
        person: String,
        email: Option<String>,
        client: String,
        name: String,
        audience: String,
        scopes: String,
        created_at: i64,
        used_at: Option<i64>,
        refreshed_at: Option<i64>,
        revoked_at: Option<i64>,
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT g.id, g.person, p.email, g.client, c.name, g.audience, g.scopes, g.created_at, g.used_at,
                (SELECT MAX(r.used_at) FROM refresh_token r WHERE r.authorization_grant = g.id) AS refreshed_at,
                g.revoked_at
         FROM authorization_grant g JOIN client c ON c.id = g.client JOIN person p ON p.id = g.person
         WHERE ($1 = '' OR g.id = $1) AND ($2 = '' OR g.person = $2) AND ($3 = '' OR g.client = $3)
         AND ($4 = 1 OR g.revoked_at IS NULL) ORDER BY g.created_at, g.id",
    )
    .bind(text(&of.id))
    .bind(text(&of.person))
    .bind(text(&of.client))
    .bind(i64::from(of.revoked))
    .fetch_all(db)
    .await?;
    let read = |row: Row| Listed {
        id: row.id,
        person: row.person,
        email: row.email,
        client: row.client,
        name: row.name,
        audience: row.audience,
        scopes: read_list(&row.scopes),
        created_at: row.created_at,
        used_at: row.used_at.max(row.refreshed_at),
        revoked_at: row.revoked_at,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Records that an access token of a grant was used, at most once a minute.
pub async fn touch(db: &mut AnyConnection, id: &str, now: i64) -> Result<(), sqlx::Error> {
    let due: Option<String> =
        sqlx::query_scalar("SELECT id FROM authorization_grant WHERE id = $1 AND (used_at IS NULL OR used_at < $2)")
            .bind(id)
            .bind(now - 60_000)
            .fetch_optional(&mut *db)
            .await?;
    if due.is_some() {
        sqlx::query("UPDATE authorization_grant SET used_at = $1 WHERE id = $2").bind(now).bind(id).execute(db).await?;
    }
    Ok(())
}

/// Whether a grant was revoked. A grant whose tokens have all expired wasn't.
pub async fn is_revoked(db: &mut AnyConnection, id: &str) -> Result<bool, sqlx::Error> {
    let found: Option<String> =
        sqlx::query_scalar("SELECT id FROM authorization_grant WHERE id = $1 AND revoked_at IS NOT NULL")
            .bind(id)
            .fetch_optional(db)
            .await?;
    Ok(found.is_some())
}

/// Deletes grants from before this time that have no tokens or codes left.
pub async fn clean_up(db: &mut AnyConnection, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM authorization_grant WHERE created_at < $1
         AND NOT EXISTS (SELECT 1 FROM refresh_token r WHERE r.authorization_grant = authorization_grant.id)
         AND NOT EXISTS (SELECT 1 FROM authorization_code c WHERE c.authorization_grant = authorization_grant.id)",
    )
    .bind(before)
    .execute(db)
    .await?;
    Ok(())
}
