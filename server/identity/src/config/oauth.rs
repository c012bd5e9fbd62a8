//! A provider of OAuth 2 without OpenID: settings in place of its metadata and ID token.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth {
    pub authorization_endpoint: String,
    pub endpoints: Endpoints,
    pub account: AccountAt,
    /// The `iss` of its authorization responses (RFC 9207). `None`: it isn't compared.
    pub iss: Option<String>,
    /// Whether it knows PKCE (RFC 7636).
    pub pkce: bool,
    /// Separates two scopes, in requests and answers.
    pub scope_separator: char,
    /// Whether it issues refresh tokens. Otherwise the access token is the grant.
    pub refresh_tokens: bool,
}

/// The endpoints that Mandate calls itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    pub token: String,
    pub revocation: Option<String>,
    pub introspection: Option<String>,
}

/// Where the provider identifies the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountAt {
    /// Called with the access token. `None`: the token endpoint's answer identifies the account.
    pub url: Option<String>,
    /// JSON pointers into the answer (RFC 6901).
    pub id: String,
    pub name: Option<String>,
}

impl OAuth {
    /// The scopes of an answer.
    pub(crate) fn split(&self, scopes: &str) -> Vec<String> {
        let parts = scopes.split(|c: char| c == self.scope_separator || c.is_ascii_whitespace());
        parts.filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
    }

    /// The scopes of a request.
    pub(crate) fn join(&self, scopes: &[&str]) -> String {
        scopes.join(&self.scope_separator.to_string())
    }
}
