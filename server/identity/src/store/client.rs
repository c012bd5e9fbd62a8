//! The table `client`: configured and self-registered clients.

use std::collections::BTreeSet;

use sqlx::AnyConnection;

use super::{list, read_list};
use crate::{client::Client, config::Grant};

/// Lifetime of an unused registration, in milliseconds (THREATS.md line 36).
pub const UNUSED_MS: i64 = 24 * 3_600_000;

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    name: String,
    secret: Option<String>,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    grants: String,
    scopes: String,
    audiences: String,
    first_party: i64,
    registered: i64,
    resource_server: Option<String>,
    ping: Option<String>,
    home: Option<String>,
    approval_required: i64,
}

/// An active client: not disabled, and not an expired unused registration.
pub async fn find(db: &mut AnyConnection, id: &str, now: i64) -> Result<Option<Client>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, name, secret, redirect_uris, post_logout_redirect_uris, grants, scopes, audiences, first_party,
                registered, resource_server, ping, home, approval_required
         FROM client WHERE id = $1 AND disabled = 0
         AND (registered = 0 OR used_at IS NOT NULL OR created_at > $2)",
    )
    .bind(id)
    .bind(now - UNUSED_MS)
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Client {
        id: row.id,
        name: row.name,
        secret: row.secret,
        redirect_uris: read_list(&row.redirect_uris),
        post_logout_redirect_uris: read_list(&row.post_logout_redirect_uris),
        grants: read_list(&row.grants),
        scopes: read_list(&row.scopes),
        audiences: read_list(&row.audiences),
        first_party: row.first_party != 0,
        registered: row.registered != 0,
        resource_server: row.resource_server,
        ping: row.ping,
        home: row.home,
        approval_required: row.approval_required != 0,
    }))
}

/// Inserts a client, or updates the row to the settings.
pub async fn put(db: &mut AnyConnection, client: &Client, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO client (id, name, secret, redirect_uris, post_logout_redirect_uris, grants, scopes, audiences,
                             first_party, registered, resource_server, ping, home, approval_required, disabled,
                             created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15)
         ON CONFLICT (id) DO UPDATE SET
             name = excluded.name, secret = excluded.secret, redirect_uris = excluded.redirect_uris,
             post_logout_redirect_uris = excluded.post_logout_redirect_uris, grants = excluded.grants,
             scopes = excluded.scopes, audiences = excluded.audiences, first_party = excluded.first_party,
             registered = excluded.registered, resource_server = excluded.resource_server, ping = excluded.ping,
             home = excluded.home, approval_required = excluded.approval_required, disabled = 0",
    )
    .bind(&client.id)
    .bind(&client.name)
    .bind(&client.secret)
    .bind(list(&client.redirect_uris))
    .bind(list(&client.post_logout_redirect_uris))
    .bind(list(&client.grants))
    .bind(list(&client.scopes))
    .bind(list(&client.audiences))
    .bind(i64::from(client.first_party))
    .bind(i64::from(client.registered))
    .bind(&client.resource_server)
    .bind(&client.ping)
    .bind(&client.home)
    .bind(i64::from(client.approval_required))
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// A client as the operator sees it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: String,
    pub name: String,
    pub registered: bool,
    pub disabled: bool,
    pub first_party: bool,
    pub grants: Vec<Grant>,
    pub scopes: Vec<String>,
    pub audiences: Vec<String>,
    /// The API that it serves.
    pub resource_server: Option<String>,
    pub redirect_uris: Vec<String>,
    pub created_at: i64,
    pub used_at: Option<i64>,
}

/// All clients: first the configured ones, then the self-registered ones, oldest first.
pub async fn all(db: &mut AnyConnection) -> Result<Vec<Listed>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: String,
        name: String,
        registered: i64,
        disabled: i64,
        first_party: i64,
        grants: String,
        scopes: String,
        audiences: String,
        resource_server: Option<String>,
        redirect_uris: String,
        created_at: i64,
        used_at: Option<i64>,
    }
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, name, registered, disabled, first_party, grants, scopes, audiences, resource_server, redirect_uris,
                created_at, used_at
         FROM client ORDER BY registered, created_at, id",
    )
    .fetch_all(db)
    .await?;
    let read = |row: Row| Listed {
        id: row.id,
        name: row.name,
        registered: row.registered != 0,
        disabled: row.disabled != 0,
        first_party: row.first_party != 0,
        grants: read_list(&row.grants),
        scopes: read_list(&row.scopes),
        audiences: read_list(&row.audiences),
        resource_server: row.resource_server,
        redirect_uris: read_list(&row.redirect_uris),
        created_at: row.created_at,
        used_at: row.used_at,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The ids of the clients that came from the settings and aren't disabled.
pub async fn configured(db: &mut AnyConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM client WHERE registered = 0 AND disabled = 0").fetch_all(db).await
}

/// The ids of the clients that registered themselves.
pub async fn registered(db: &mut AnyConnection) -> Result<BTreeSet<String>, sqlx::Error> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM client WHERE registered = 1").fetch_all(db).await?;
    Ok(ids.into_iter().collect())
}

/// Disables or enables a client.
pub async fn disable(db: &mut AnyConnection, id: &str, disabled: bool) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE client SET disabled = $1 WHERE id = $2").bind(i64::from(disabled)).bind(id).execute(db).await?;
    Ok(())
}

/// Records that a client was used, so that its registration no longer expires.
pub async fn used(db: &mut AnyConnection, id: &str, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE client SET used_at = $1 WHERE id = $2 AND used_at IS NULL")
        .bind(now)
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes expired unused registrations.
pub async fn clean_up(db: &mut AnyConnection, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM client WHERE registered = 1 AND used_at IS NULL AND created_at <= $1")
        .bind(now - UNUSED_MS)
        .execute(db)
        .await?;
    Ok(())
}
