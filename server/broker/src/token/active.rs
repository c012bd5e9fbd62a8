//! Checks whether a valid token is still active (THREATS.md line 56): its grant, client or person may have ended since
//! it was signed. Disconnecting an account takes effect at once, not when the token expires.

use foundation::ExposeSecret;

use crate::{error::Error, state::Broker};

/// Asks the provider, as the client that serves this API (RFC 7662 §2.1). Nothing is cached: an attacker would use even
/// one second, and the provider is in the same process.
pub(super) async fn check(broker: &Broker, token: &str) -> Result<(), Error> {
    let login = &broker.inner.config.login;
    let http = &broker.inner.parts.http;
    let request = http.client().post(format!("{}oauth/introspect", login.issuer)).form(&[
        ("token", token),
        ("token_type_hint", "access_token"),
        ("client_id", login.client_id.as_str()),
        ("client_secret", login.client_secret.expose_secret()),
    ]);
    match http.is_active(request).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::Revoked),
        Err(error) => {
            // The code shows, for example, that the two disagree about the client secret (`invalid_client`).
            foundation::sparsely!(error, %error, code = error.oauth_error(), "the provider can't be asked whether a token is active");
            Err(Error::NotChecked)
        }
    }
}
