//! Client authentication (RFC 6749 §2.3): `client_secret_basic`, `client_secret_post`, or none for a public client.

use axum::http::{HeaderMap, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use foundation::secret;

use super::Client;
use crate::{error::OAuthError, params::Params, state::Identity, store};

/// The client that sent this request. Every failure has the same text, and an unknown client is compared with a secret
/// that nobody has, so that it takes as long as a known one (THREATS.md line 16).
///
/// # Errors
/// `invalid_client` (401, with `WWW-Authenticate` if Basic was used), or `invalid_request` when no client is named.
pub(crate) async fn client(identity: &Identity, headers: &HeaderMap, params: &Params) -> Result<Client, OAuthError> {
    let mut credentials = headers.get_all(header::AUTHORIZATION).iter();
    let basic = match (credentials.next(), credentials.next()) {
        (None, _) => None,
        (Some(value), None) => Some(basic(value.as_bytes()).ok_or_else(failed_basic)?),
        // Two headers: a proxy in front of this server may have read the other one.
        (Some(_), Some(_)) => return Err(failed_basic()),
    };
    let fail = || if basic.is_some() { failed_basic() } else { OAuthError::invalid_client() };
    let (id, given) = match (&basic, params.get("client_id"), params.get("client_secret")) {
        // RFC 6749 §2.3: at most one method in a request.
        (Some(_), _, Some(_)) => return Err(fail()),
        (Some((id, _)), Some(other), None) if id != other => return Err(fail()),
        (Some((id, secret)), _, None) => (id.as_str(), Some(secret.as_str())),
        (None, Some(id), secret) => (id, secret),
        (None, None, None) => return Err(OAuthError::invalid_request("client_id is missing")),
        (None, None, Some(_)) => return Err(fail()),
    };
    // RFC 7523 §2.2: no client here uses assertions.
    if params.get("client_assertion").is_some() || params.get("client_assertion_type").is_some() {
        return Err(fail());
    }
    let mut db = identity.db.pool().acquire().await?;
    let client = store::client::find(&mut db, id, identity.clock.now()).await?;
    let given = given.map(|given| secret_hash(identity, given));
    match (client, given) {
        (Some(client), given) => match (&client.secret, given) {
            (Some(expected), Some(given)) if secret::equal(expected, &given) => Ok(client),
            (None, None) => Ok(client),
            _ => Err(fail()),
        },
        (None, given) => {
            let nobody = secret_hash(identity, "nobody has this secret");
            let _ = secret::equal(&nobody, &given.unwrap_or_default());
            Err(fail())
        }
    }
}

/// The stored form of a client's secret: a keyed hash, so that a weak secret can't be guessed from the database alone.
pub(crate) fn secret_hash(identity: &Identity, secret: &str) -> String {
    identity.sealer.mac("client secret", secret)
}

fn failed_basic() -> OAuthError {
    OAuthError::invalid_client().challenge("Basic realm=\"token endpoint\"")
}

/// Id and secret of a Basic credential, each form-urlencoded (RFC 6749 §2.3.1).
fn basic(value: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(value).ok()?;
    let (scheme, credential) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || credential.len() > 4096 {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(credential.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    // Decodes a whole form pair, so that `+` is a space and `%` starts an escape, as in a body.
    let plain = |text: &str| {
        let pair = format!("v={}", text.replace('&', "%26"));
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((plain(id)?, plain(secret)?))
}
