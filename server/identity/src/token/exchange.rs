//! Token exchange at the account's provider (RFC 8693; PROTOCOL.md, step 8): a grant and a statement of approval become
//! a token that allows exactly what the person approved.

use axum::Json;
use details::{Detail, read};
use foundation::{
    crash,
    jwt::{Expect, JwtError},
};
use serde_json::{Map, Value, json};
use shared::{
    act::Act,
    token_type::{ACCESS_TOKEN, REFRESH_TOKEN},
};

use super::{
    issue::{self, AccessToken},
    refresh_token,
};
use crate::{
    approval::statement::{DEEPEST, LIFE, Statement, TYP},
    audit::{self, Event},
    client::Client,
    config::{Api, Grant},
    error::OAuthError,
    params::Params,
    state::Identity,
    store::statement_jti,
};

const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
/// How long the token is valid, in seconds.
const TTL: i64 = 120;

/// # Errors
/// `invalid_grant` for any fault of the grant or the statement; `invalid_target`, `invalid_scope`. An error consumes
/// neither.
pub async fn grant(identity: &Identity, client: &Client, params: &Params) -> Result<Json<Value>, OAuthError> {
    client.may(Grant::TokenExchange)?;
    for (name, only) in [("subject_token_type", REFRESH_TOKEN), ("actor_token_type", JWT)] {
        if params.required(name)? != only {
            return Err(OAuthError::invalid_request(format!("This {name} is not supported")));
        }
    }
    if params.get("requested_token_type").is_some_and(|asked| asked != ACCESS_TOKEN) {
        return Err(OAuthError::invalid_request("This requested_token_type is not supported"));
    }
    let api = target(identity, client, params)?;
    let statement = match verified(identity, client, params, api).await {
        Ok(statement) => statement,
        Err(error) => {
            let mut db = identity.db.pool().acquire().await?;
            let detail = json!({ "error": error.error, "why": error.description });
            let event = Event { event: "statement_refused", client: Some(&client.id), detail, ..Event::default() };
            audit::record(identity, &mut db, event).await?;
            return Err(error);
        }
    };
    issued(identity, client, params, api, statement).await
}

/// The API that the token is for (RFC 8693 §2.2.2).
pub(super) fn target<'a>(identity: &'a Identity, client: &Client, params: &Params) -> Result<&'a Api, OAuthError> {
    let unknown = || OAuthError::invalid_target("This resource is unknown, or not for this client");
    let named = params.get("audience").or_else(|| params.get("resource")).ok_or_else(unknown)?;
    identity.api(named).filter(|api| client.audiences.contains(&api.audience)).ok_or_else(unknown)
}

/// Verifies the statement: signed by the issuer bound to this client, for this provider, fresh, with exactly one
/// readable entry.
async fn verified(
    identity: &Identity,
    client: &Client,
    params: &Params,
    api: &Api,
) -> Result<(Statement, Detail), OAuthError> {
    let refused = |why: &'static str| OAuthError::invalid_grant(format!("actor_token: {why}"));
    let bound = identity.config.approval_issuers.iter().find(|issuer| issuer.client == client.id);
    let bound = bound.ok_or_else(|| refused("no issuer of approvals is bound to this client"))?;
    let keys = identity.issuers.keys(&bound.jwks_uri).ok_or_else(OAuthError::server_error)?;
    let expect = Expect { iss: &bound.issuer, aud: identity.issuer(), typ: TYP, expired_too: false };
    let now = identity.clock.seconds();
    let statement: Statement =
        keys.verify(params.required("actor_token")?, expect, now).await.map_err(|error| match error {
            // The sender is an authenticated client, so the issuer probably hasn't published its key yet. The client
            // can try again, with the same grant.
            JwtError::UnknownKey => OAuthError::temporarily_unavailable(
                "The issuer of approvals has published no such key; if the key is new, try again",
            ),
            JwtError::NoKeys => {
                OAuthError::temporarily_unavailable("The keys of the issuer of approvals can't be fetched; try again")
            }
            // The issuer compares this time with its own: if it signed the statement just now, the clocks differ.
            JwtError::Expired => refused("it has expired").with("server_time", now),
            JwtError::Early => refused("it is dated in the future").with("server_time", now),
            JwtError::Invalid => refused("it is not a valid statement of approval"),
        })?;
    if statement.act.depth() > DEEPEST {
        return Err(OAuthError::invalid_request("actor_token: its chain of actors is too deep"));
    }
    if !(1..=LIFE).contains(&(statement.exp - statement.iat)) {
        return Err(refused("it lives too long"));
    }
    if statement.act.sub != statement.sub || statement.txn.is_empty() || statement.jti.is_empty() {
        return Err(refused("its claims contradict one another"));
    }
    let read = |text| read::read_one(text, |name| api.types.iter().find(|kind| kind.name == name).cloned());
    let detail = read(statement.authorization_details.get())
        .map_err(|_| refused("it isn't about exactly one thing of a type that is known here"))?;
    // RFC 9396 §6: details sent in addition to the statement must equal those in it.
    if params.get("authorization_details").is_some_and(|said| read(said).as_ref() != Ok(&detail)) {
        return Err(refused("it is about something else"));
    }
    if statement.on_behalf_of.iss != identity.issuer() {
        return Err(refused("its person is not one of this provider"));
    }
    Ok((statement, detail))
}

/// Issues the token: within the grant, for the statement's person, with an unused statement.
async fn issued(
    identity: &Identity,
    client: &Client,
    params: &Params,
    api: &Api,
    (statement, detail): (Statement, Detail),
) -> Result<Json<Value>, OAuthError> {
    let mut db = identity.db.pool().acquire().await?;
    let subject = refresh_token::live(identity, &mut db, params.required("subject_token")?, client).await?;
    drop(db);
    if subject.person != statement.on_behalf_of.sub {
        return Err(OAuthError::invalid_grant("actor_token: it is about another person"));
    }
    if subject.audience != api.audience {
        return Err(OAuthError::invalid_target("This grant is for another resource"));
    }
    let scope = params.get("scope").unwrap_or(&detail.kind().scope);
    if !scope.split(' ').all(|scope| subject.scopes.iter().any(|granted| granted == scope)) {
        return Err(OAuthError::invalid_scope("A scope was asked for that was not granted"));
    }
    // Until the statement could no longer be accepted, including clock skew.
    let forget_at = (statement.exp + 120) * 1000;
    let now = identity.clock.now();
    let mut tx = identity.db.begin().await?;
    if !statement_jti::take(&mut tx, &statement.iss, &statement.jti, forget_at, now).await? {
        return Err(OAuthError::invalid_grant("actor_token: it was used before"));
    }
    let act = Act { iss: Some(statement.iss.clone()), ..statement.act.clone() };
    let event = Event {
        event: "order_token_issued",
        person: Some(&subject.person),
        client: Some(&client.id),
        detail: json!({ "txn": statement.txn, "issuer": statement.iss, "details": detail, "act": act }),
    };
    audit::record(identity, &mut tx, event).await?;
    tx.commit().await?;
    let mut extra = Map::new();
    extra.insert("txn".into(), statement.txn.as_str().into());
    extra.insert("authorization_details".into(), json!([detail]));
    extra.insert("auth_time".into(), statement.auth_time.into());
    extra.insert("binding_message".into(), statement.binding_message.as_str().into());
    extra.insert("act".into(), json!(act));
    let token = AccessToken {
        sub: &subject.person,
        audience: &api.audience,
        client,
        scope,
        ttl: TTL,
        grant: Some(&subject.grant.id),
        extra,
    };
    let access_token = issue::access_token(identity, token)?;
    // A crash here uses up the statement: the agent asks again, and its identity service signs another one with the
    // same `txn`.
    crash::point("provider:exchanged");
    Ok(Json(json!({
        "access_token": access_token,
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": TTL,
        "scope": scope,
        "txn": statement.txn,
        "authorization_details": [detail],
        "act": act,
    })))
}
