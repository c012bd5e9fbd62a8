//! Whether a token that is valid still stands (THREATS.md line 56): its grant, its client and its person may have
//! ended since it was signed. A person who disconnects an account is obeyed at once, not when the token runs out.

use foundation::ExposeSecret;

use crate::{error::Error, state::Broker};

/// Asks the provider, as the client that serves this API (RFC 7662 §2.1). Each request asks again: what was true a
/// second ago is what an attacker lives on, and the provider is in the same process.
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
            // The code tells, for one, where the two disagree about the secret (`invalid_client`).
            foundation::sparsely!(error, %error, code = error.oauth_error(), "the provider doesn't answer whether a token is active");
            Err(Error::NotChecked)
        }
    }
}
