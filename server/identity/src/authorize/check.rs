//! The checks of every authorization request, one function for each parameter. They run after the redirect URI is known
//! to be the client's, so each failure is redirected there as an error (RFC 6749 §4.1.2.1).

use axum::http::StatusCode;
use foundation::jwt::{self, Expect, JwtError};
use serde::Deserialize;

use super::audience::{self, IDENTITY};
use crate::{
    client::Client,
    config::{Api, Grant, LoginBy},
    error::OAuthError,
    params::Params,
    state::Identity,
};

/// THREATS.md line 4: no working client sends longer parameters.
pub(super) fn lengths(params: &Params) -> Result<(), OAuthError> {
    let limits = [("state", 2048), ("scope", 4096), ("nonce", 1024), ("login_hint", 1024), ("id_token_hint", 8192)];
    for (name, most) in limits {
        if params.get(name).is_some_and(|value| value.len() > most) {
            return Err(OAuthError::invalid_request(format!("{name} is longer than {most} bytes")));
        }
    }
    Ok(())
}

/// Request objects (OpenID Connect Core §6) are refused, and never fetched.
pub(super) fn request_object(params: &Params) -> Result<(), OAuthError> {
    let refused = |error, text: &'static str| Err(OAuthError::new(StatusCode::BAD_REQUEST, error, text));
    if params.get("request").is_some() {
        return refused("request_not_supported", "Request objects are not supported");
    }
    if params.get("request_uri").is_some() {
        return refused("request_uri_not_supported", "Request objects are not supported");
    }
    if params.get("authorization_details").is_some() {
        return refused("invalid_authorization_details", "Details are approved through the backchannel");
    }
    Ok(())
}

/// Only the authorization code: no implicit or hybrid grant (RFC 9700 §2.1.2).
pub(super) fn response_type(params: &Params) -> Result<(), OAuthError> {
    match params.get("response_type") {
        Some("code") => Ok(()),
        Some(_) => {
            Err(OAuthError::new(StatusCode::BAD_REQUEST, "unsupported_response_type", "Only response_type=code"))
        }
        None => Err(OAuthError::invalid_request("response_type is missing")),
    }
}

pub(super) fn response_mode(params: &Params) -> Result<(), OAuthError> {
    match params.get("response_mode") {
        None | Some("query") => Ok(()),
        Some(_) => Err(OAuthError::invalid_request("Only response_mode=query")),
    }
}

/// `connection` (Auth0's) names the way to log in. There is only one, which needs no name. Any other is refused rather
/// than replaced.
pub(super) fn connection(identity: &Identity, params: &Params) -> Result<(), OAuthError> {
    let Some(asked) = params.get("connection").filter(|asked| !asked.is_empty()) else { return Ok(()) };
    let here = match &identity.config.login {
        // Auth0's name for each tenant's own password database.
        LoginBy::Password { .. } => "Username-Password-Authentication",
        LoginBy::Provider { name, .. } => name,
    };
    if asked.eq_ignore_ascii_case(here) {
        Ok(())
    } else {
        Err(OAuthError::invalid_request(format!("The connection was not found: people log in here by {here}")))
    }
}

pub(super) fn grant(client: &Client) -> Result<(), OAuthError> {
    client.may(Grant::AuthorizationCode)
}

/// PKCE (RFC 7636) with `S256` is required from every client (RFC 9700 §2.1.1). A missing method means `plain` (§4.3),
/// which is refused.
pub(super) fn code_challenge(params: &Params) -> Result<String, OAuthError> {
    let challenge = params.required("code_challenge")?;
    if params.get("code_challenge_method") != Some("S256") {
        return Err(OAuthError::invalid_request("Only code_challenge_method=S256"));
    }
    let is_digest = challenge.len() == 43 && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if is_digest {
        Ok(challenge.to_owned())
    } else {
        Err(OAuthError::invalid_request("code_challenge is not the base64url of a SHA-256"))
    }
}

/// The requested scopes that the client may have. Others are omitted, and the token's answer lists the rest (RFC 6749
/// §3.3, THREATS.md line 12). Without `scope`, a client that registered itself gets all scopes of its API.
pub(super) fn scope(client: &Client, api: Option<&Api>, params: &Params) -> Result<Vec<String>, OAuthError> {
    let of_api = api.map(|api| audience::scopes_at(client, api)).unwrap_or_default();
    let may_refresh = client.may(Grant::RefreshToken).is_ok();
    let mut scopes: Vec<String> = Vec::new();
    match params.get("scope") {
        Some(asked) => {
            for scope in asked.split(' ').filter(|scope| !scope.is_empty()) {
                // RFC 6749, appendix A.4
                if !scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\') {
                    return Err(OAuthError::invalid_scope("A scope holds characters that no scope has"));
                }
                let identity = IDENTITY.contains(&scope) && (scope != "offline_access" || may_refresh);
                let allowed = identity || of_api.iter().any(|it| it == scope);
                if allowed && !scopes.iter().any(|it| it == scope) {
                    scopes.push(scope.to_owned());
                }
            }
            if scopes.is_empty() {
                return Err(OAuthError::invalid_scope("None of these scopes is for this client"));
            }
        }
        None if client.registered => scopes = of_api,
        None => {}
    }
    // A client that registered itself for refresh tokens gets one without asking, because several of them never request
    // `offline_access`. The consent page says so.
    if client.registered && may_refresh && !scopes.iter().any(|it| it == "offline_access") {
        scopes.push("offline_access".into());
    }
    Ok(scopes)
}

/// `prompt` (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prompt {
    pub(super) none: bool,
    pub(super) login: bool,
    pub(super) consent: bool,
}

pub(super) fn prompt(params: &Params) -> Result<Prompt, OAuthError> {
    let mut prompt = Prompt::default();
    for value in params.get("prompt").unwrap_or_default().split(' ').filter(|value| !value.is_empty()) {
        match value {
            "none" => prompt.none = true,
            // The login page asks which person to use.
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            _ => return Err(OAuthError::invalid_request("prompt is none, login, consent or select_account")),
        }
    }
    if prompt.none && (prompt.login || prompt.consent) {
        return Err(OAuthError::invalid_request("prompt=none can't be combined with another prompt"));
    }
    Ok(prompt)
}

/// In seconds.
pub(super) fn max_age(params: &Params) -> Result<Option<i64>, OAuthError> {
    let Some(text) = params.get("max_age") else { return Ok(None) };
    match text.parse::<u32>() {
        Ok(seconds) => Ok(Some(i64::from(seconds))),
        Err(_) => Err(OAuthError::invalid_request("max_age is a number of seconds")),
    }
}

/// The person of an ID token issued here, expired or not (OpenID Connect Core §3.1.2.1).
pub(super) fn id_token_hint(identity: &Identity, params: &Params) -> Result<Option<String>, OAuthError> {
    let Some(hint) = params.get("id_token_hint") else { return Ok(None) };
    match read_id_token_hint(identity, hint) {
        Ok(hint) => Ok(Some(hint.sub)),
        Err(_) => Err(OAuthError::invalid_request("id_token_hint is no id token of this issuer")),
    }
}

/// The claims of an ID token issued here.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct IdTokenHint {
    pub(crate) sub: String,
    pub(crate) aud: String,
    pub(crate) sid: Option<String>,
}

/// # Errors
/// [`JwtError::UnknownKey`] when it isn't from this issuer, or its key has expired.
pub(crate) fn read_id_token_hint(identity: &Identity, hint: &str) -> Result<IdTokenHint, JwtError> {
    let expect = Expect { iss: identity.issuer(), aud: "", typ: "JWT", expired_too: true };
    jwt::verify(hint, &identity.keys.public(), expect, identity.clock.seconds())
}
