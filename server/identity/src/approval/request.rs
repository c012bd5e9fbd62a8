//! `POST /bc-authorize`: a client asks a person for an approval (CIBA Core §7, RFC 9396; PROTOCOL.md, step 2).

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use foundation::{
    crash,
    jwt::{self, Expect},
    secret, trace,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    auth_req_id, ping,
    requested::Requested,
    target::{self, Target},
    words,
};
use crate::{
    client::{Client, authenticate},
    config::Grant,
    error::OAuthError,
    params::Params,
    state::Identity,
    store::{
        self, approval, approval_block, approval_group,
        approval_time::{self, LONGEST},
        authorization_grant,
        person::Person,
    },
    token,
};

/// The initial seconds between two polls.
const INTERVAL: i64 = 5;
/// Maximum number of one app's requests that wait for one person.
const MOST_WAITING: i64 = 20;

/// A `login_hint` in the format `iss_sub` (RFC 9493 §3.2.3).
#[derive(Deserialize)]
struct Hint {
    format: String,
    iss: String,
    sub: String,
}

/// A well-formed request that its client may make.
struct Asked<'a> {
    person: Person,
    requested: Requested,
    target: Target<'a>,
    code: String,
    /// The client's name for the group of requests that it makes together.
    group: Option<&'a str>,
    agent_message: Option<String>,
    notification_token: Option<String>,
    expiry: i64,
    /// The token of its caller, if the client serves an API.
    caller: Option<&'a str>,
}

/// The MCP client whose call led to the request.
struct Caller {
    id: String,
    name: String,
    verified: bool,
    grant: Option<String>,
}

/// `POST /bc-authorize`.
pub(super) async fn bc_authorize(
    State(identity): State<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, OAuthError> {
    let params = Params::from_body(&headers, &body?)?;
    let client = authenticate::client(&identity, &headers, &params).await?;
    client.may(Grant::Ciba)?;
    // CIBA Core §7.1.1: we would have to verify a signed request and ignore all other parameters.
    if params.get("request").is_some() || params.get("request_uri").is_some() {
        return Err(OAuthError::invalid_request("Signed requests are not supported; send the parameters themselves"));
    }
    let key = idempotency_key(&headers)?;
    let asked = read(&identity, &client, &params).await?;
    trace::person(&asked.person.id);
    let row = match earlier(&identity, &client, &key, &asked).await? {
        Some(row) => row,
        None => {
            let caller = caller(&identity, &client, &asked).await?;
            store(&identity, &client, &key, &asked, caller).await?
        }
    };
    crash::point("identity:request-stored");
    let mut answer = json!({
        "auth_req_id": auth_req_id::of(&identity.sealer, &client.id, &key),
        "expires_in": row.seconds_left(identity.clock.now()),
        "interval": row.poll_interval,
        "approval_uri": identity.config.site.at(&format!("approvals/{}", row.id)),
        "txn": row.id,
    });
    if approval_time::can_extend(&row) {
        answer["extendable_by"] = json!(approval_time::MORE / 1000);
    }
    Ok(Json(answer))
}

/// The header `Idempotency-Key`. Without it, every request is a new one.
fn idempotency_key(headers: &HeaderMap) -> Result<String, OAuthError> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(secret::token()) };
    let key = key.to_str().unwrap_or_default();
    if (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(key.to_owned())
    } else {
        Err(OAuthError::invalid_request("Idempotency-Key must hold 1 to 255 visible ASCII characters"))
    }
}

/// Parses the request, and checks that this client may make it.
async fn read<'a>(identity: &'a Identity, client: &Client, params: &'a Params) -> Result<Asked<'a>, OAuthError> {
    if !params.get("scope").is_some_and(|scope| scope.split(' ').any(|it| it == "openid")) {
        return Err(OAuthError::invalid_scope("scope must hold openid"));
    }
    let api = target::api(identity, client, params)?;
    let person = person(identity, params).await?;
    let requested = Requested::read(identity, client, api, params)?;
    let target = Target::of(identity, client, api, &requested)?;
    if !target.approvers().include(&person) {
        let why = "This person may not approve for this API";
        return Err(OAuthError::new(StatusCode::FORBIDDEN, "not_an_approver", why));
    }
    let agent_message = match params.get("agent_message") {
        None => None,
        Some(words) => Some(
            words::inert(words)
                .ok_or_else(|| OAuthError::invalid_request("agent_message is longer than 300 characters"))?,
        ),
    };
    let group = params.get("request_group");
    if group.is_some_and(|group| !(1..=64).contains(&group.len()) || !group.bytes().all(|b| (b' '..=b'~').contains(&b)))
    {
        return Err(OAuthError::invalid_request("request_group must hold 1 to 64 visible ASCII characters"));
    }
    let notification_token = params.get("client_notification_token");
    // CIBA Core §7.1: a bearer token (RFC 6750 §2.1) of at most 1024 characters.
    if notification_token.is_some_and(|token| token.len() > 1024 || !token.bytes().all(|b| b.is_ascii_graphic())) {
        return Err(OAuthError::invalid_request("client_notification_token is not a bearer token"));
    }
    let expiry =
        match params.get("requested_expiry") {
            None => identity.config.approval_ms.div_euclid(1000),
            Some(text) => text.parse().ok().filter(|seconds| (1..=LONGEST).contains(seconds)).ok_or_else(|| {
                OAuthError::invalid_request(format!("requested_expiry is a number from 1 to {LONGEST}"))
            })?,
        };
    let caller = params.get("on_behalf_of_token");
    match (&client.resource_server, caller) {
        (None, Some(_)) => {
            return Err(OAuthError::invalid_request("on_behalf_of_token is for clients that serve an API"));
        }
        (Some(_), None) if !asks_for_itself(identity, client) => {
            return Err(OAuthError::invalid_request("on_behalf_of_token is missing"));
        }
        (None, None) | (Some(_), _) => {}
    }
    Ok(Asked {
        person,
        requested,
        target,
        code: params.get("binding_message").unwrap_or_default().to_owned(),
        group,
        agent_message: agent_message.filter(|words| !words.is_empty()),
        notification_token: notification_token.map(str::to_owned),
        expiry,
        caller,
    })
}

/// Whether the settings let a client that serves an API ask without a caller's token.
fn asks_for_itself(identity: &Identity, client: &Client) -> bool {
    identity.config.client(&client.id).is_some_and(|client| client.asks_for_itself)
}

/// The person to ask: exactly one hint, in the format `iss_sub` (CIBA Core §7.1).
async fn person(identity: &Identity, params: &Params) -> Result<Person, OAuthError> {
    let others = ["login_hint_token", "id_token_hint"].iter().any(|name| params.get(name).is_some());
    let (Some(hint), false) = (params.get("login_hint"), others) else {
        return Err(OAuthError::invalid_request("exactly one hint is needed: a login_hint"));
    };
    let hint: Hint = foundation::json::read(hint.as_bytes())
        .map_err(|_| OAuthError::invalid_request("login_hint must be JSON of the format iss_sub"))?;
    if hint.format != "iss_sub" || hint.iss != identity.issuer() {
        return Err(OAuthError::invalid_request("login_hint must be of the format iss_sub, with this issuer"));
    }
    let mut db = identity.db.pool().acquire().await?;
    let found = store::person::find(&mut db, &hint.sub).await?;
    // CIBA Core §13
    let unknown = || OAuthError::new(StatusCode::BAD_REQUEST, "unknown_user_id", "There is no such person");
    found.ok_or_else(unknown)
}

/// The caller of a client that serves an API. The caller's token must be active, for that API and for the person to
/// ask, and have the scopes that it needs.
async fn caller(identity: &Identity, client: &Client, asked: &Asked<'_>) -> Result<Option<Caller>, OAuthError> {
    let (Some(api), Some(token)) = (&client.resource_server, asked.caller) else { return Ok(None) };
    let refused = |why: &'static str| OAuthError::invalid_request(format!("on_behalf_of_token: {why}"));
    // The token doesn't authenticate this request: it is a bad parameter, so there is no challenge.
    let claims = token::issue::verify(identity, token, api).await.map_err(|error| match error.error {
        "invalid_token" => refused("it is not valid for this API"),
        _ => error,
    })?;
    if claims.act.is_some() || claims.txn.is_some() {
        return Err(refused("it isn't the one that the caller was granted"));
    }
    if claims.sub != asked.person.id {
        return Err(refused("it is another person's"));
    }
    let scope = asked.requested.scope();
    if !scope.split(' ').all(|scope| claims.has_scope(scope)) {
        return Err(OAuthError::insufficient_scope(scope));
    }
    let mut db = identity.db.pool().acquire().await?;
    let caller = store::client::find(&mut db, &claims.client_id, identity.clock.now()).await?;
    let caller = caller.ok_or_else(|| refused("its client is unknown or disabled"))?;
    Ok(Some(Caller { id: caller.id, name: caller.name, verified: !caller.registered, grant: claims.grant_id }))
}

/// The client's earlier request with this key. The person may see it, so the caller's token may have expired or been
/// revoked since.
async fn earlier(
    identity: &Identity,
    client: &Client,
    key: &str,
    asked: &Asked<'_>,
) -> Result<Option<approval::Row>, OAuthError> {
    let hash = secret::hash(&auth_req_id::of(&identity.sealer, &client.id, key));
    let Some(row) = approval::by_hash(identity.db.pool(), &hash).await? else { return Ok(None) };
    let other = || OAuthError::invalid_request("this Idempotency-Key was used for another request");
    let caller = match (&client.resource_server, asked.caller) {
        (Some(api), Some(token)) => {
            let expect = Expect { iss: identity.issuer(), aud: api, typ: "at+jwt", expired_too: true };
            let claims = jwt::verify(token, &identity.keys.public(), expect, identity.clock.seconds());
            let claims: token::issue::Claims = claims.map_err(|_| other())?;
            Some(claims.client_id)
        }
        _ => None,
    };
    if row.request_digest == digest(asked, caller.as_deref())? { Ok(Some(row)) } else { Err(other()) }
}

/// Stores a new request.
async fn store(
    identity: &Identity,
    client: &Client,
    key: &str,
    asked: &Asked<'_>,
    caller: Option<Caller>,
) -> Result<approval::Row, OAuthError> {
    let pool = identity.db.pool();
    let caller = caller.as_ref();
    let now = identity.clock.now();
    let app = caller.map_or(&client.id, |caller| &caller.id);
    if approval_block::exists(pool, &asked.person.id, app, &client.id).await? {
        return Err(blocked());
    }
    let target = asked.target.stored(identity, &asked.person.id, &asked.requested).await?;
    let grant = match caller {
        Some(caller) => caller.grant.clone(),
        None if client.resource_server.is_some() => Some(own_grant(identity, client, &asked.person.id).await?),
        None => None,
    };
    let waiting = approval::count_waiting(pool, &asked.person.id, Some(app), now).await?;
    if waiting >= MOST_WAITING {
        return Err(OAuthError::too_many(60_000));
    }
    let id = secret::id("apr_");
    let detail = asked.requested.canonical();
    let seal = |token: &String| identity.sealer.seal(&ping::place(&id), token);
    let has_ping = identity.config.client(&client.id).is_some_and(|client| client.ping.is_some());
    let mut row = approval::Row {
        auth_req_hash: secret::hash(&auth_req_id::of(&identity.sealer, &client.id, key)),
        client: client.id.clone(),
        client_name: client.name.clone(),
        idempotency_key: key.to_owned(),
        request_digest: digest(asked, caller.map(|caller| caller.id.as_str()))?,
        person: asked.person.id.clone(),
        connection: target.connection,
        account: target.account,
        account_label: target.label,
        audience: target.audience,
        digest: secret::hash(&detail),
        detail,
        code: asked.code.clone(),
        agent_message: asked.agent_message.clone(),
        scope: target.scope,
        notification_token: asked.notification_token.as_ref().filter(|_| has_ping).map(seal),
        caller: caller.map(|caller| caller.id.clone()),
        caller_name: caller.map(|caller| caller.name.clone()),
        caller_verified: caller.map(|caller| i64::from(caller.verified)),
        caller_grant: grant,
        asked_at: now,
        expires_at: now + asked.expiry * 1000,
        state: "waiting".into(),
        decided_at: None,
        redeemed_at: None,
        used_at: None,
        polled_at: None,
        poll_interval: INTERVAL,
        ended_at: None,
        in_group: None,
        extended_at: None,
        id,
    };
    let mut tx = identity.db.begin().await?;
    if let Some(group) = asked.group.map(|name| group(&row, name)) {
        row.in_group = approval_group::join(&mut *tx, &group, now).await?.then_some(group);
    }
    if approval::insert(&mut *tx, &row).await? {
        // Only new requests count, not repeated ones. Over the limit, the transaction is rolled back.
        let key = format!("{} {app}", asked.person.id);
        identity.desk.limit.take_in(&mut tx, &key).await?.map_err(OAuthError::too_many)?;
        tx.commit().await?;
        identity.desk.changed(&row.person);
        return Ok(row);
    }
    tx.rollback().await?;
    // The same request arrived on two connections at once: both get the one that was stored.
    earlier(identity, client, key, asked).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
}

/// The id of the group with this name: requests of one client and caller to one person, for one account or API, with
/// one code.
fn group(row: &approval::Row, name: &str) -> String {
    let target = row.audience.as_ref().unwrap_or(&row.account);
    secret::hash(&json!([row.client, row.caller, row.person, target, row.code, name]).to_string())
}

/// The person's newest grant to a client that asks for itself. The approval ends with this grant.
async fn own_grant(identity: &Identity, client: &Client, person: &str) -> Result<String, OAuthError> {
    let of = authorization_grant::Of {
        person: Some(person.to_owned()),
        client: Some(client.id.clone()),
        ..authorization_grant::Of::default()
    };
    let mut db = identity.db.pool().acquire().await?;
    let newest = authorization_grant::all(&mut db, &of).await?.pop();
    newest.map(|grant| grant.id).ok_or_else(|| OAuthError::access_denied("The person has granted this client nothing"))
}

/// The person blocked this app's requests (THREATS.md line 32).
fn blocked() -> OAuthError {
    OAuthError::access_denied("The person has blocked this client's requests")
}

/// The SHA-256 of the whole request, including the caller but not the group, which only affects the display.
fn digest(asked: &Asked<'_>, caller: Option<&str>) -> Result<String, OAuthError> {
    let Asked { person, requested, target, code, agent_message, notification_token, expiry, group: _, caller: _ } =
        asked;
    let asked = json!([
        person.id,
        requested.json(),
        target.name(),
        code,
        agent_message,
        notification_token.as_deref().map(secret::hash),
        expiry,
        caller,
    ]);
    secret::digest_of(&asked).map_err(undigestible)
}

fn undigestible(error: serde_json::Error) -> OAuthError {
    tracing::error!(%error, "a request for approval has no canonical form");
    OAuthError::server_error()
}
