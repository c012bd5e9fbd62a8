//! `ISSUER`, `CLIENT_ID`, `CLIENT_SECRET`: an external provider that replaces Mandate identity.

use foundation::SecretString;
use url::Url;

use super::{Given, Wrong, text, wrong};

/// An external provider that replaces Mandate identity.
#[derive(Clone, Debug)]
pub struct External {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: SecretString,
}

pub(super) fn external(given: Given<'_>) -> Result<Option<External>, Wrong> {
    let Some(issuer) = text(given, "ISSUER") else { return Ok(None) };
    check(&issuer)?;
    let needed = |name| text(given, name).ok_or_else(|| wrong(name, "needed when ISSUER is set"));
    let (client_id, client_secret) = (needed("CLIENT_ID")?, needed("CLIENT_SECRET")?.into());
    Ok(Some(External { issuer, client_id, client_secret }))
}

/// An issuer is a URL without query or fragment (OpenID Connect Discovery §3).
fn check(issuer: &str) -> Result<(), Wrong> {
    let url = Url::parse(issuer).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    match url.filter(|url| url.query().is_none() && url.fragment().is_none() && !url.path().contains("/.well-known/")) {
        Some(_) => Ok(()),
        None => Err(wrong("ISSUER", "expected the address of a provider, such as https://tenant.eu.auth0.com/")),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn an_issuer_is_an_address() {
        for right in ["https://id.example", "https://id.example/", "https://id.example/realms/a", "http://localhost:9"]
        {
            assert!(check(right).is_ok(), "{right}");
        }
        let document = "https://id.example/.well-known/openid-configuration";
        for wrong in ["id.example", "https://", "ftp://id.example", document, "https://a/?b"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
