//! The tables of `mandate.toml` as they are written. docs/CONFIGURATION.md explains each key. An API's types are in
//! the crate `details`.

use details::ApiTable;
use serde::Deserialize;
use toml::Spanned;

use super::secret::SecretRef;

/// `[demo]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoTable {
    /// Whether StockTrade is there: its account, its API, and the login at its provider.
    #[serde(default = "yes")]
    pub stocktrade: bool,
}

/// `[registration]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationTable {
    /// Whether apps may register themselves (RFC 7591).
    pub open: bool,
}

/// `[login]`: with own passwords, unless a provider is named.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginTable {
    /// Whether anyone may make an account with a password.
    #[serde(default)]
    pub signup: bool,
    pub provider: Option<ProviderTable>,
}

/// `[login.provider]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderTable {
    pub name: String,
    pub issuer: Spanned<String>,
    pub client_id: String,
    pub client_secret: Spanned<SecretRef>,
}

/// `[[client]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTable {
    pub id: Spanned<String>,
    pub name: String,
    /// None: a public client.
    pub secret: Option<Spanned<SecretRef>>,
    #[serde(default)]
    pub callbacks: Vec<Spanned<String>>,
    #[serde(default)]
    pub logout: Vec<Spanned<String>>,
    #[serde(default)]
    pub grants: Vec<GrantName>,
    /// The APIs that it may ask for, by their ids.
    #[serde(default)]
    pub apis: Vec<Spanned<String>>,
    /// None: all scopes of its APIs.
    pub scopes: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub first_party: bool,
    /// The API that it serves.
    pub serves: Option<Spanned<String>>,
    pub ping: Option<Spanned<String>>,
    pub home: Option<Spanned<String>>,
    #[serde(default)]
    pub approval_required: bool,
    pub exchanges_for: Option<Spanned<String>>,
    #[serde(default)]
    pub asks_for_itself: bool,
    /// Whose statements of approval it brings.
    pub approvals_from: Option<ApprovalsFromTable>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantName {
    AuthorizationCode,
    RefreshToken,
    Ciba,
    Vault,
    TokenExchange,
}

/// `approvals_from` of a client: an issuer of statements of approval.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalsFromTable {
    pub issuer: Spanned<String>,
    pub jwks_uri: Spanned<String>,
    pub introspection_endpoint: Spanned<String>,
}

/// `[[api]]`: what is registered (`details`), and what the service needs besides.
#[derive(Clone, Debug)]
pub struct WholeApiTable {
    pub registered: ApiTable,
    pub service: ServiceTable,
}

/// The keys of `[[api]]` that aren't of [`ApiTable`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceTable {
    /// Whether apps that registered themselves may ask for it.
    #[serde(default)]
    pub third_party: bool,
    pub signing: Option<SigningName>,
    pub introspection: Option<IntrospectionTable>,
    /// Whether an approval may be asked for without details.
    #[serde(default)]
    pub without_details: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum SigningName {
    ES256,
    RS256,
}

/// `introspection` of an API: it asks about its tokens, by its id and this secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntrospectionTable {
    pub secret: Spanned<SecretRef>,
}

/// `[[connection]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionTable {
    pub id: Spanned<String>,
    pub name: String,
    /// The API that its tokens are for.
    pub api: Spanned<String>,
    pub issuer: Spanned<String>,
    pub client_id: String,
    pub client_secret: Spanned<SecretRef>,
    /// Whether the provider takes statements of approval.
    #[serde(default)]
    pub takes_approvals: bool,
}

/// `[[person]]`: a demo person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonTable {
    pub email: Spanned<String>,
    pub name: String,
}

fn yes() -> bool {
    true
}
