//! The API that tokens are for, from `audience` (Auth0's) or `resource` (RFC 8707), and the scopes that a client may
//! have there.

use axum::http::StatusCode;
use sqlx::AnyConnection;

use crate::{
    client::Client,
    config::Api,
    error::OAuthError,
    params::Params,
    resource::is_same,
    state::Identity,
    store::{authorization_grant::AuthorizationGrant, consent},
};

/// Scopes that every client may have, for any API.
pub(crate) const IDENTITY: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The target of an access token.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) audience: String,
    pub(crate) scopes: Vec<String>,
}

/// The API that a request names. `audience` takes precedence over `resource` (WIRE.md §8). A client that registered
/// itself and names none gets the API for such clients, since several of them never name one.
///
/// # Errors
/// `invalid_target` when it is unknown or not for this client.
pub(crate) fn of_request<'a>(
    identity: &'a Identity,
    client: &Client,
    params: &Params,
) -> Result<Option<&'a Api>, OAuthError> {
    match named(params) {
        Some(named) => {
            let api = identity.api(named).filter(|api| may(client, api)).ok_or_else(unknown)?;
            Ok(Some(api))
        }
        // For a login alone, the token is for the UserInfo endpoint (OpenID Connect Core §5.3).
        None if is_login_alone(params) => Ok(None),
        None if client.registered => Ok(identity.apis.iter().find(|api| api.third_party)),
        None => Ok(None),
    }
}

/// Whether a request only asks who the person is.
fn is_login_alone(params: &Params) -> bool {
    let asked: Vec<&str> = params.get("scope").unwrap_or_default().split_whitespace().collect();
    asked.contains(&"openid") && asked.iter().all(|scope| IDENTITY.contains(scope))
}

/// The target of a refresh: the grant's API, with its scopes or fewer, or for a client of the settings another API that
/// it may use. Scopes that weren't granted are omitted, and the answer lists the rest, as in Auth0's multi-resource
/// refresh. Omitted scopes are never replaced by a default.
///
/// # Errors
/// `invalid_target`, or `invalid_scope` when no scope is left (THREATS.md line 15).
pub(crate) fn of_refresh(
    identity: &Identity,
    client: &Client,
    grant: &AuthorizationGrant,
    params: &Params,
) -> Result<Target, OAuthError> {
    let (audience, allowed, usual) = match named(params) {
        None => (grant.audience.clone(), grant.scopes.clone(), grant.scopes.clone()),
        Some(named) => {
            let api = identity.api(named).ok_or_else(unknown)?;
            if api.audience == grant.audience {
                (grant.audience.clone(), grant.scopes.clone(), grant.scopes.clone())
            } else if client.registered || !may(client, api) {
                return Err(unknown());
            } else {
                let of_api = scopes_at(client, api);
                let identity = grant.scopes.iter().filter(|scope| IDENTITY.contains(&scope.as_str())).cloned();
                (api.audience.clone(), identity.chain(of_api.iter().cloned()).collect(), of_api)
            }
        }
    };
    let Some(asked) = params.get("scope") else { return Ok(Target { audience, scopes: usual }) };
    let mut scopes: Vec<String> = Vec::new();
    for scope in asked.split_whitespace() {
        if allowed.iter().any(|it| it == scope) && !scopes.iter().any(|it| it == scope) {
            scopes.push(scope.to_owned());
        }
    }
    if scopes.is_empty() {
        return Err(OAuthError::invalid_scope("None of these scopes was granted"));
    }
    Ok(Target { audience, scopes })
}

/// Narrows a target to the scopes that the person consented to for this client, if people consent to the API for every
/// client.
///
/// # Errors
/// `consent_required` if no scope of the API is left. The client then asks the person at the authorization endpoint.
pub(crate) async fn consented(
    identity: &Identity,
    db: &mut AnyConnection,
    client: &Client,
    person: &str,
    mut target: Target,
) -> Result<Target, OAuthError> {
    let Some(api) = identity.api(&target.audience).filter(|api| api.consent) else { return Ok(target) };
    let given = consent::given(db, person, &client.id, &api.audience).await?;
    target.scopes.retain(|scope| !api.offers(scope) || given.contains(scope));
    if target.scopes.iter().any(|scope| api.offers(scope)) {
        return Ok(target);
    }
    let why =
        "The person has not consented to these scopes: send them to the authorization endpoint with this audience";
    Err(OAuthError::new(StatusCode::BAD_REQUEST, "consent_required", why))
}

/// The scopes of an API that a client may have.
pub(crate) fn scopes_at(client: &Client, api: &Api) -> Vec<String> {
    let may = |scope: &String| client.scopes.contains(scope) || (client.registered && api.third_party);
    api.scopes.iter().map(|(scope, _)| scope).filter(|scope| may(scope)).cloned().collect()
}

fn may(client: &Client, api: &Api) -> bool {
    if client.registered {
        api.third_party
    } else {
        client.audiences.iter().any(|audience| is_same(audience, &api.audience))
    }
}

fn named(params: &Params) -> Option<&str> {
    params.get("audience").or_else(|| params.get("resource"))
}

fn unknown() -> OAuthError {
    OAuthError::invalid_target("This resource is unknown, or not for this client")
}
