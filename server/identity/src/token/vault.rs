//! The token vault exchange (WIRE.md §2): exchanges one of our tokens for a token of a connected account's provider.
//! Scopes and people named in the request have no effect (THREATS.md line 25): both come from the subject token and the
//! connection.

use axum::Json;
use foundation::{ExposeSecret, crash, secret};
use serde_json::{Value, json};
use shared::token_type::{ACCESS_TOKEN, REFRESH_TOKEN};

use super::{
    issue::{self, Claims},
    refresh_token,
};
use crate::{
    approval::{active, statement},
    audit::{self, Event},
    client::Client,
    config::{Connection, Grant},
    error::OAuthError,
    params::Params,
    state::Identity,
    store::{approval as approvals, approval_block, connected_account},
    vault::{
        error::not_connected,
        token::{self, UpstreamToken},
    },
};

const ISSUED: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";

/// # Errors
/// The errors of WIRE.md §2.
pub async fn grant(identity: &Identity, client: &Client, params: &Params) -> Result<Json<Value>, OAuthError> {
    client.may(Grant::Vault)?;
    if !client.first_party {
        return Err(OAuthError::unauthorized_client("The vault is for first-party clients"));
    }
    if params.get("requested_token_type").is_some_and(|asked| asked != ISSUED) {
        return Err(OAuthError::invalid_request("This requested_token_type is not supported"));
    }
    let name = params.required("connection")?;
    let connection = identity.config.connections.iter().find(|connection| connection.name == name);
    let connection = connection.ok_or_else(|| OAuthError::invalid_request("This connection does not exist"))?;
    let subject_token = params.required("subject_token")?;
    let token = match params.required("subject_token_type")? {
        REFRESH_TOKEN => {
            let mut db = identity.db.pool().acquire().await?;
            let person = refresh_token::live(identity, &mut db, subject_token, client).await?.person;
            drop(db);
            let account = account(identity, &person, connection, params).await?;
            token::read(identity, &account, &account.scopes).await?
        }
        ACCESS_TOKEN => of_access_token(identity, client, connection, subject_token, params).await?,
        _ => return Err(OAuthError::invalid_request("This subject_token_type is not supported")),
    };
    let left = (token.expires_at - identity.clock.now()).max(0).div_euclid(1000);
    Ok(Json(json!({
        "access_token": token.token.expose_secret(),
        "token_type": "Bearer",
        "expires_in": left,
        "scope": token.scopes,
        "issued_token_type": ISSUED,
    })))
}

/// An approval token gives a token for this one order. The token that called a client's API gives a read-only one
/// within its scopes.
async fn of_access_token(
    identity: &Identity,
    client: &Client,
    connection: &Connection,
    subject_token: &str,
    params: &Params,
) -> Result<UpstreamToken, OAuthError> {
    match issue::verify(identity, subject_token, &identity.config.site.at("vault/")).await {
        Ok(claims) => return of_approval(identity, client, connection, &claims).await,
        Err(error) if error.error == "invalid_token" => {}
        Err(error) => return Err(error),
    }
    let unknown = || OAuthError::invalid_grant("The subject token is not valid, or not for an API of this client");
    let api = client.resource_server.as_ref().ok_or_else(unknown)?;
    let claims = issue::verify(identity, subject_token, api).await.map_err(|error| match error.error {
        "invalid_token" => unknown(),
        _ => error,
    })?;
    if claims.txn.is_some() {
        return Err(unknown());
    }
    let account = account(identity, &claims.sub, connection, params).await?;
    let both: Vec<&str> = account.scopes.split(' ').filter(|scope| claims.has_scope(scope)).collect();
    if both.is_empty() {
        return Err(OAuthError::access_denied("The subject token has none of this connection's scopes"));
    }
    Ok(token::read(identity, &account, &both.join(" ")).await?)
}

/// Checks everything again: client, person, connection and approval (PROTOCOL.md, step 7; THREATS.md line 56).
async fn of_approval(
    identity: &Identity,
    client: &Client,
    connection: &Connection,
    claims: &Claims,
) -> Result<UpstreamToken, OAuthError> {
    let pool = identity.db.pool();
    let now = identity.clock.now();
    let invalid = || OAuthError::invalid_grant("This approval is not this client's, or it is no longer active");
    let txn = claims.txn.as_ref().ok_or_else(invalid)?;
    let row = approvals::by_id(pool, txn).await?.ok_or_else(invalid)?;
    let details = claims.authorization_details.as_ref().and_then(|details| secret::digest_of(&details[0]).ok());
    let exchanges = client.id == row.client || exchanges_for(identity, client, &row);
    let is_active = exchanges
        && row.client == claims.client_id
        && row.person == claims.sub
        && row.connection == connection.name
        && row.state == "approved"
        && approvals::redeemable_until(&row).is_some_and(|until| until > now)
        && details.is_some_and(|digest| digest == row.digest);
    if !is_active {
        return Err(invalid());
    }
    if approval_block::exists(pool, &row.person, &client.id, &client.id).await? {
        return Err(OAuthError::access_denied("The person has blocked this client"));
    }
    let account = active::check(identity, &row).await?;
    if !connection.takes_approvals {
        return Ok(token::read(identity, &account, &account.scopes).await?);
    }
    let (statement, detail) = statement::sign(identity, &account, &row)?;
    let token = token::order(identity, &account, &statement, &detail.kind().scope).await?;
    crash::point("identity:exchanged");
    let mut tx = identity.db.begin().await?;
    if !approvals::mark_used(&mut *tx, &row.id, now).await? {
        return Err(invalid());
    }
    let event = Event {
        event: "approval_exchanged",
        person: Some(&row.person),
        client: Some(&client.id),
        detail: json!({ "txn": row.id, "digest": row.digest }),
    };
    audit::record(identity, &mut tx, event).await?;
    tx.commit().await?;
    identity.desk.changed(&row.person);
    Ok(token)
}

/// Whether the settings let this client exchange the approvals of the client that asked for them.
fn exchanges_for(identity: &Identity, client: &Client, row: &approvals::Row) -> bool {
    identity.config.client(&client.id).is_some_and(|it| it.exchanges_for.as_ref() == Some(&row.client))
}

/// The person's account on this connection; `login_hint` may name it by its id at the provider.
async fn account(
    identity: &Identity,
    person: &str,
    connection: &Connection,
    params: &Params,
) -> Result<connected_account::Row, OAuthError> {
    let found = connected_account::of_person(identity.db.pool(), person, &connection.name).await?;
    let account = found.ok_or_else(not_connected)?;
    match params.get("login_hint") {
        Some(hint) if hint != account.subject => {
            Err(OAuthError::new(axum::http::StatusCode::UNAUTHORIZED, "user_not_found", "Identity User not found."))
        }
        _ => Ok(account),
    }
}
