//! The tables of `mandate.toml` as written. docs/CONFIGURATION.md explains each key. The crate `details` reads an API's
//! types.

use std::collections::BTreeMap;

use details::ApiTable;
use serde::Deserialize;
use toml::Spanned;

use super::secret::SecretRef;

/// `[demo]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoTable {
    /// Whether this instance has StockTrade: its account, its API, and the login at its provider.
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

/// `[login]`: passwords here, unless it names a provider.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginTable {
    /// Whether anyone may sign up with a password.
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
    /// `None` for a public client.
    pub secret: Option<Spanned<SecretRef>>,
    #[serde(default)]
    pub callbacks: Vec<Spanned<String>>,
    #[serde(default)]
    pub logout: Vec<Spanned<String>>,
    #[serde(default)]
    pub grants: Vec<GrantName>,
    /// The ids of the APIs that it may ask for.
    #[serde(default)]
    pub apis: Vec<Spanned<String>>,
    /// `None` for all scopes of its APIs.
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
    /// The issuer whose approval statements it may present.
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

/// A client's `approvals_from`: an issuer of approval statements.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalsFromTable {
    pub issuer: Spanned<String>,
    pub jwks_uri: Spanned<String>,
    pub introspection_endpoint: Spanned<String>,
}

/// `[[api]]`: the registration (read by `details`) and the service's keys.
#[derive(Clone, Debug)]
pub struct WholeApiTable {
    pub registered: ApiTable,
    pub service: ServiceTable,
}

/// The keys of `[[api]]` that [`ApiTable`] doesn't have.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceTable {
    /// Whether self-registered apps may ask for it.
    #[serde(default)]
    pub third_party: bool,
    pub signing: Option<SigningName>,
    pub introspection: Option<IntrospectionTable>,
    /// Whether people consent to it for every client, first-party ones too. None: they do.
    pub consent: Option<bool>,
    /// Whether a client may ask for an approval without details.
    #[serde(default)]
    pub without_details: bool,
    /// Who may approve for it: people's ids, e-mail addresses, or domains with an @ in front. None: everyone who logs
    /// in.
    pub approvers: Option<Vec<Spanned<String>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum SigningName {
    ES256,
    RS256,
}

/// An API's `introspection`: it authenticates with its id and this secret.
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
    /// An OpenID provider, whose metadata is discovered; with `endpoints`, what the provider calls itself (RFC 9207).
    pub issuer: Option<Spanned<String>>,
    /// The endpoints of an OAuth 2 provider without metadata.
    pub endpoints: Option<Spanned<EndpointsTable>>,
    /// Where to read from such a provider whose account it is.
    pub account: Option<Spanned<AccountTable>>,
    pub pkce: Option<Spanned<bool>>,
    pub scope_separator: Option<Spanned<String>>,
    pub refresh_tokens: Option<Spanned<bool>>,
    pub client_id: String,
    pub client_secret: Spanned<SecretRef>,
    /// Whether the provider accepts approval statements.
    #[serde(default)]
    pub takes_approvals: bool,
    pub client_authentication: Option<AuthenticationName>,
    /// Parameters of the authorization request in addition to the standard ones.
    #[serde(default)]
    pub authorize: BTreeMap<String, String>,
    /// The scopes requested in addition to the API's.
    pub login_scopes: Option<Vec<String>>,
    /// Whether requests name the API (RFC 8707).
    pub resource: Option<bool>,
}

/// A connection's `endpoints`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointsTable {
    pub authorization: Spanned<String>,
    pub token: Spanned<String>,
    pub revocation: Option<Spanned<String>>,
    pub introspection: Option<Spanned<String>>,
}

/// A connection's `account`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountTable {
    /// `None`: the token endpoint's answer says it.
    pub url: Option<Spanned<String>>,
    /// JSON pointers.
    pub id: Spanned<String>,
    pub name: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationName {
    ClientSecretPost,
    ClientSecretBasic,
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
