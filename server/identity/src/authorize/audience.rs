//! Which API the tokens are for: `audience` (Auth0's) or `resource` (RFC 8707), and the scopes that a client may
//! have there.

use crate::{
    client::Client, config::Api, error::OAuthError, params::Params, resource::is_same, state::Identity,
    store::authorization_grant::AuthorizationGrant,
};

/// Scopes that every client may have, whatever the API.
pub(crate) const IDENTITY: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// What an access token is for.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) audience: String,
    pub(crate) scopes: Vec<String>,
}

/// The API that a request names; `audience` wins over `resource` (WIRE.md §8). A client that registered itself
/// and names none gets the API that such clients are for, since several of them never name it.
///
/// # Errors
/// `invalid_target` where it is unknown or not for this client.
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
        // A login alone: its token is for the UserInfo endpoint (OpenID Connect Core §5.3).
        None if is_login_alone(params) => Ok(None),
        None if client.registered => Ok(identity.apis.iter().find(|api| api.third_party)),
        None => Ok(None),
    }
}

/// Whether a request asks who the person is, and for nothing else.
fn is_login_alone(params: &Params) -> bool {
    let asked: Vec<&str> = params.get("scope").unwrap_or_default().split_whitespace().collect();
    asked.contains(&"openid") && asked.iter().all(|scope| IDENTITY.contains(scope))
}

/// What a refresh is for: what the grant is for, with its scopes or fewer; or, for a client of the settings,
/// another API that the settings allow it. Scopes that weren't granted are left out, and the answer says which are in,
/// as Auth0's multi-resource refresh does; what is left out is never replaced by a default.
///
/// # Errors
/// `invalid_target`; `invalid_scope` where nothing is left (THREATS.md line 15).
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
