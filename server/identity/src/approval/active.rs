//! Whether an approval is still active, for both sides (THREATS.md line 56). Before the account's provider calls a
//! token active, it asks the issuer of the approval behind it. The person may have blocked the client or been disabled
//! since; then an issued token can no longer place an order.
//! The question is an introspection (RFC 7662) of the approval's `txn`. The provider authenticates with an assertion
//! (RFC 7523 §2.2), signed with the key that signs its tokens. The issuer knows that key, so the two need no other
//! secret.

use foundation::{jwt::JwtError, secret, trace};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::requested::Requested;
use crate::{
    config::{ApprovalIssuer, Approvers},
    error::OAuthError,
    params::Params,
    state::Identity,
    store::{self, approval, approval_block, connected_account},
    token::issue::Claims,
    vault::error::not_connected,
};

/// The header's `typ`, so that no other token from the provider passes for an assertion (RFC 8725 §3.11).
pub(crate) const TYP: &str = "client-authentication+jwt";
/// RFC 7523 §2.2.
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion is valid, in seconds.
const LIFE: i64 = 60;

/// RFC 7523 §3. Its issuer and audience are verified with its signature.
#[derive(Serialize, Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Whether the approval behind a token from this instance is active: asks the issuer bound to the client, or looks it
/// up here. `by_api`: the API of the token asks, so it has received the approval.
///
/// # Errors
/// `temporarily_unavailable` if the issuer can't be asked: an unknown state never counts as active.
pub(crate) async fn behind_token(
    identity: &Identity,
    claims: &Claims,
    txn: &str,
    by_api: bool,
) -> Result<bool, OAuthError> {
    if let Some(issuer) = identity.config.approval_issuers.iter().find(|issuer| issuer.client == claims.client_id) {
        return ask(identity, issuer, txn).await;
    }
    let row = approval::by_id(identity.db.pool(), txn).await?;
    let is_of = |row: &approval::Row| {
        row.client == claims.client_id && row.person == claims.sub && audience(identity, row) == claims.aud
    };
    let row = row.filter(is_of);
    if row.as_ref().is_some_and(|row| is_to_read(identity, claims, row)) {
        return Ok(true);
    }
    let received = row.clone().filter(|row| by_api && row.audience.is_some() && row.used_at.is_none());
    let is_active = is_active_here(identity, row).await?;
    if let Some(row) = received.filter(|_| is_active)
        && approval::mark_used(&mut *identity.db.writer().await?, &row.id, identity.clock.now()).await?
    {
        identity.desk.changed(&row.person);
    }
    Ok(is_active)
}

/// Whether this is the token with which the page reads an approval's receipt (`receipt.rs`). It has no details, unlike
/// the client's token of the same approval, and it works after the approval has ended.
fn is_to_read(identity: &Identity, claims: &Claims, row: &approval::Row) -> bool {
    claims.authorization_details.is_none() && Requested::of(identity, row).is_ok_and(|it| it.detail().is_some())
}

/// The audience of an approval's token.
pub(crate) fn audience(identity: &Identity, row: &approval::Row) -> String {
    row.audience.clone().unwrap_or_else(|| identity.config.site.at("vault/"))
}

async fn ask(identity: &Identity, issuer: &ApprovalIssuer, txn: &str) -> Result<bool, OAuthError> {
    let (me, now) = (identity.issuer().to_owned(), identity.clock.seconds());
    let assertion = Assertion {
        iss: me.clone(),
        sub: me,
        aud: issuer.issuer.clone(),
        iat: now,
        exp: now + LIFE,
        jti: secret::id(""),
    };
    let assertion = identity.keys.sign(TYP, &assertion)?;
    let request = identity.http.client().post(&issuer.introspection_endpoint).form(&[
        ("token", txn),
        ("client_assertion_type", ASSERTION),
        ("client_assertion", &assertion),
    ]);
    match identity.http.is_active(request).await {
        Ok(active) => Ok(active),
        Err(error) => {
            foundation::sparsely!(error, %error, code = error.oauth_error(), "the issuer of an approval doesn't answer whether it is active");
            Err(OAuthError::temporarily_unavailable("The identity service that issued the approval doesn't answer"))
        }
    }
}

/// The issuer's side. `None` if the request has no assertion, so it isn't from a provider.
///
/// # Errors
/// `invalid_client` if no provider that accepts our approvals signed the assertion.
pub(crate) async fn answer(identity: &Identity, params: &Params) -> Result<Option<Value>, OAuthError> {
    let Some(assertion) = params.get("client_assertion") else { return Ok(None) };
    if params.get("client_assertion_type") != Some(ASSERTION) {
        return Err(OAuthError::invalid_client());
    }
    let provider = authenticate(identity, assertion).await?;
    let row = approval::by_id(identity.db.pool(), params.required("token")?).await?;
    // A provider may only ask about approvals for its own accounts (THREATS.md line 22).
    let concerns = |row: &approval::Row| {
        let at = identity.config.connections.iter().find(|connection| connection.name == row.connection);
        at.is_some_and(|connection| connection.settings.issuer == provider)
    };
    let active = is_active_here(identity, row.filter(concerns)).await?;
    Ok(Some(json!({ "active": active })))
}

/// The issuer of the provider that signed the assertion.
async fn authenticate(identity: &Identity, assertion: &str) -> Result<String, OAuthError> {
    for connection in identity.config.connections.iter().filter(|connection| connection.takes_approvals) {
        let Some(provider) = identity.vault.provider(&connection.name) else { continue };
        match provider
            .verify::<Assertion>(&identity.http, assertion, (identity.issuer(), TYP), identity.clock.seconds())
            .await
        {
            Ok(claims) if claims.sub == claims.iss && claims.exp - claims.iat <= LIFE => return Ok(claims.iss),
            Ok(_) | Err(JwtError::Invalid | JwtError::Early | JwtError::Expired | JwtError::UnknownKey) => {}
            Err(JwtError::NoKeys) => {
                return Err(OAuthError::temporarily_unavailable("The provider's keys can't be fetched; try again"));
            }
        }
    }
    Err(OAuthError::invalid_client())
}

async fn is_active_here(identity: &Identity, row: Option<approval::Row>) -> Result<bool, OAuthError> {
    let Some(row) = row.filter(|row| row.state == "approved") else { return Ok(false) };
    match active(identity, &row).await {
        Ok(()) => Ok(true),
        Err(error) if error.status.is_client_error() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Checks that everything an approval depends on is active (THREATS.md line 56): its person, their account, its client,
/// and the calling client with its grant; and that the person has neither blocked them nor revoked the approval.
///
/// # Errors
/// `invalid_grant`, `access_denied`, or that the account is not connected.
pub(crate) async fn active(identity: &Identity, row: &approval::Row) -> Result<(), OAuthError> {
    match &row.audience {
        None => check(identity, row).await.map(drop),
        Some(audience) if is_registered(identity, row, audience) => rests(identity, row).await,
        Some(_) => Err(OAuthError::invalid_grant("The API of this approval is not for its client any more")),
    }
}

/// As [`active`], for an account behind the vault, which is returned.
///
/// # Errors
/// As [`active`].
pub(crate) async fn check(identity: &Identity, row: &approval::Row) -> Result<connected_account::Row, OAuthError> {
    rests(identity, row).await?;
    account(identity, row).await
}

/// The `approvers` of the request's API, or of the API behind its connection.
pub(crate) fn approvers<'a>(identity: &'a Identity, row: &approval::Row) -> &'a Approvers {
    const NOBODY: &Approvers = &Approvers::Of(Vec::new());
    let found = identity.config.approvers(row.audience.as_deref(), &row.connection);
    found.map_or(NOBODY, |(_, approvers)| approvers)
}

/// Whether the API still takes approvals of this kind for the client.
fn is_registered(identity: &Identity, row: &approval::Row, audience: &str) -> bool {
    let client = identity.config.client(&row.client);
    client.is_some_and(|client| client.audiences.iter().any(|it| it == audience))
        && identity.apis.iter().any(|api| api.audience == audience)
        && Requested::of(identity, row).is_ok()
}

/// The account that the page named, not one connected since.
async fn account(identity: &Identity, row: &approval::Row) -> Result<connected_account::Row, OAuthError> {
    let account = connected_account::of_person(identity.db.pool(), &row.person, &row.connection).await?;
    account.filter(|account| account.id == row.account).ok_or_else(not_connected)
}

async fn rests(identity: &Identity, row: &approval::Row) -> Result<(), OAuthError> {
    trace::person(&row.person);
    let pool = identity.db.pool();
    if approval_block::exists(pool, &row.person, row.app(), &row.client).await? {
        return Err(OAuthError::access_denied("The person has blocked this client"));
    }
    let mut db = pool.acquire().await?;
    let Some(person) = store::person::find(&mut db, &row.person).await? else {
        return Err(OAuthError::invalid_grant("The person's account is no longer there"));
    };
    if !approvers(identity, row).include(&person) {
        return Err(OAuthError::access_denied("The person may no longer approve for this API"));
    }
    for client in std::iter::once(&row.client).chain(&row.caller) {
        if store::client::find(&mut db, client, identity.clock.now()).await?.is_none() {
            return Err(OAuthError::invalid_grant("A client that this approval is for was disabled"));
        }
    }
    if let Some(grant) = &row.caller_grant
        && store::authorization_grant::is_revoked(&mut db, grant).await?
    {
        return Err(OAuthError::invalid_grant("What the person granted the client behind this approval was revoked"));
    }
    if row.ended_at.is_some() {
        return Err(OAuthError::access_denied("The person has taken this approval back"));
    }
    Ok(())
}
