//! `ISSUER`: the address of another company's provider.

use url::Url;

use super::{Wrong, wrong};

/// An issuer is an address without a query or a fragment (OpenID Connect Discovery §3).
pub(super) fn check(issuer: &str) -> Result<(), Wrong> {
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
