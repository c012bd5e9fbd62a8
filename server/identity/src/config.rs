//! The configuration of an instance of the identity service.

mod approvers;
mod oauth;

use std::{collections::BTreeMap, sync::Arc};

use details::Type;
use foundation::{
    SecretString,
    jwt::Signing,
    login::{self, ClientAuthentication},
    site::Site,
    tr,
};
use serde::{Deserialize, Serialize};
use shared::scope;

use crate::page::{Accent, Render};
pub use approvers::Approvers;
pub use oauth::{AccountAt, Endpoints, OAuth};

#[derive(Clone, Debug)]
pub struct Config {
    pub site: Site,
    /// `Mandate identity` or `StockTrade`.
    pub title: String,
    pub accent: Accent,
    /// `mandate_tenant` or `mandate_broker_identity`.
    pub cookie: &'static str,
    pub login: LoginBy,
    pub clients: Vec<StaticClient>,
    pub apis: Vec<Api>,
    /// Accounts at other providers that people can connect (Mandate identity).
    pub connections: Vec<Connection>,
    /// Issuers whose statements of approval are accepted (the broker's provider).
    pub approval_issuers: Vec<ApprovalIssuer>,
    /// Whether clients may register themselves (RFC 7591).
    pub registration: bool,
    /// Demo people to create: (email, name). Their password is `mandate-demo`. Empty unless every site is loopback.
    pub demo_people: Vec<(String, String)>,
    /// Lower-case email addresses of the demo people if a site isn't loopback: those from an earlier start are locked
    /// out, and nobody can register with them.
    pub shut_out: Vec<String>,
    /// How long an approval request waits by default, in milliseconds.
    pub approval_ms: i64,
    pub retention: Retention,
    /// `RECORDINGS`: whether people may record their requests here.
    pub recordings: bool,
    /// The base URL of the steps of the agent's workshop: a step is at this, `/` and its number.
    pub workshop: String,
    pub version: Version,
    pub render: Render,
}

/// The version of the configuration, which all instances on one database must share.
#[derive(Clone, Debug, Default)]
pub struct Version {
    /// The digest of everything configured except secrets and limits.
    pub digest: String,
    /// Whether it may replace another version in the database.
    pub is_new: bool,
}

impl Config {
    /// A client of the settings. Doesn't find clients that registered themselves.
    pub(crate) fn client(&self, id: &str) -> Option<&StaticClient> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// The name and the `approvers` of an API of this service, or of the one behind a connection.
    pub(crate) fn approvers(&self, audience: Option<&str>, connection: &str) -> Option<(&str, &Approvers)> {
        match audience {
            Some(audience) => {
                self.apis.iter().find(|api| api.audience == audience).map(|api| (api.title.as_str(), &api.approvers))
            }
            None => {
                let behind = self.connections.iter().find(|it| it.name == connection);
                behind.map(|it| (it.title.as_str(), &it.approvers))
            }
        }
    }

    /// The audience of tokens for a login alone: the UserInfo endpoint.
    pub(crate) fn userinfo_audience(&self) -> String {
        self.site.at("userinfo")
    }

    /// The APIs of the settings and, if accounts can be connected, this service's own: `me/` (My Account) and `vault/`
    /// (the audience of approvals for accounts).
    pub(crate) fn all_apis(&self) -> Vec<Api> {
        let mut apis = self.apis.clone();
        let mut own = |path: &str, scopes: &[(&str, &str)], types: Vec<Arc<Type>>| {
            let audience = self.site.at(path);
            if !apis.iter().any(|api| api.audience == audience) {
                let scopes = scopes.iter().map(|(scope, words)| ((*scope).into(), (*words).into())).collect();
                let id = path.trim_end_matches('/');
                apis.push(Api { scopes, types, ..Api::new(id, &self.title, audience) });
            }
        };
        if !self.connections.is_empty() {
            own("me/", &[&scope::MY_ACCOUNT[..], &scope::MY_APPS].concat(), Vec::new());
            own("vault/", &[], self.connections.iter().flat_map(|it| it.types.clone()).collect());
        }
        apis
    }
}

/// How long ended records are kept, in milliseconds. `None` keeps them forever.
#[derive(Clone, Copy, Debug, Default)]
pub struct Retention {
    /// `KEEP_APPROVALS_DAYS`: an approval request, after it was decided or expired.
    pub approvals_ms: Option<i64>,
    /// `KEEP_AUDIT_DAYS`: an entry of the audit log.
    pub audit_ms: Option<i64>,
}

/// How people log in here.
#[derive(Clone, Debug)]
pub enum LoginBy {
    /// E-mail and password. With `signup`, anyone may register.
    Password { signup: bool },
    /// At another provider with this name (`StockTrade`). Its end-session address is discovered.
    Provider { name: String, settings: login::Settings },
}

/// A client that the operator configured.
#[derive(Clone, Debug)]
pub struct StaticClient {
    pub id: String,
    /// The name for people: `Mandate chat`.
    pub name: String,
    /// `None`: a public client, such as one that runs in a browser.
    pub secret: Option<SecretString>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub grants: Vec<Grant>,
    /// Scopes of any API that it may have (in addition to `openid profile email offline_access`).
    pub scopes: Vec<String>,
    /// Audiences that it may request.
    pub audiences: Vec<String>,
    /// First-party clients need no consent page unless they ask `prompt=consent`.
    pub first_party: bool,
    /// The API that this client serves (`A/mcp`). It may exchange that API's tokens at the vault.
    pub resource_server: Option<String>,
    /// The address of its pings (CIBA Core §10.2). Only from static configuration.
    pub ping: Option<String>,
    /// The page that its people return to: name and address.
    pub home: Option<String>,
    /// Whether its tokens for an API need an approval to change anything.
    pub approval_required: bool,
    /// Another client, whose approvals this one may exchange at the vault. One way.
    pub exchanges_for: Option<String>,
    /// Whether it serves an API and may still ask for approvals without a caller's token, from people who granted it
    /// access.
    pub asks_for_itself: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grant {
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    #[serde(rename = "refresh_token")]
    RefreshToken,
    #[serde(rename = "urn:openid:params:grant-type:ciba")]
    Ciba,
    /// Token vault exchange (Auth0's federated connection access token).
    #[serde(rename = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token")]
    Vault,
    /// RFC 8693, with a statement of approval as the actor token.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
}

impl Grant {
    pub const ALL: [Self; 5] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::Ciba, Self::Vault, Self::TokenExchange];

    /// The value of `grant_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::Ciba => "urn:openid:params:grant-type:ciba",
            Self::Vault => "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }
}

/// A resource server.
#[derive(Clone, Debug)]
pub struct Api {
    /// `calendar`: how it authenticates when it asks about tokens.
    pub id: String,
    /// For people: `Calendar`.
    pub title: String,
    /// `http://localhost:3002/api`
    pub audience: String,
    /// Each scope with a description for people.
    pub scopes: Vec<(String, String)>,
    /// The descriptions in German, by those in English.
    pub german: BTreeMap<String, String>,
    /// Registered types of `authorization_details`.
    pub types: Vec<Arc<Type>>,
    /// Whether self-registered clients may request it, and get it if they name no API.
    pub third_party: bool,
    /// The algorithm that signs its access tokens.
    pub signing: Signing,
    /// Whether people consent to it for every client, first-party ones too.
    pub consent: bool,
    /// The API's own secret at introspection, under its `id`. `None`: a client of the settings serves it, or nobody
    /// asks.
    pub introspection: Option<SecretString>,
    /// Whether approvals without details are allowed: the page then shows the scopes and the caller's message.
    pub without_details: bool,
    /// The people who may approve for it.
    pub approvers: Approvers,
}

impl Api {
    /// An API without scopes and types, for clients of the settings.
    pub fn new(id: &str, title: &str, audience: String) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            audience,
            scopes: Vec::new(),
            german: BTreeMap::new(),
            types: Vec::new(),
            third_party: false,
            signing: Signing::default(),
            consent: false,
            introspection: None,
            without_details: false,
            approvers: Approvers::default(),
        }
    }

    /// The description of each of these scopes, in the reader's language.
    pub(crate) fn in_words(&self, has: impl Fn(&str) -> bool) -> Vec<String> {
        let words = |english: &String| tr!(english, self.german.get(english).unwrap_or(english)).clone();
        self.scopes.iter().filter(|(scope, _)| has(scope)).map(|(_, english)| words(english)).collect()
    }

    pub(crate) fn offers(&self, scope: &str) -> bool {
        self.scopes.iter().any(|(offered, _)| offered == scope)
    }
}

/// An account at another provider that people can connect.
#[derive(Clone, Debug)]
pub struct Connection {
    /// `stocktrade`
    pub name: String,
    /// `StockTrade`
    pub title: String,
    /// The client `tenant-vault` at the provider. Its redirect URI is `T/connected-accounts/callback`. Without
    /// metadata, the redirect URI is the connection's own, and the token endpoint serves as the issuer.
    pub settings: login::Settings,
    /// A provider of OAuth 2 without metadata. `None`: an OpenID provider.
    pub oauth: Option<OAuth>,
    /// The provider's API: `B/api`.
    pub resource: String,
    /// The scopes that may be requested, with descriptions for people.
    pub scopes: Vec<(String, String)>,
    /// The types of the provider's API. Approvals of these types go through this connection.
    pub types: Vec<Arc<Type>>,
    /// The people who may approve for the provider's API.
    pub approvers: Approvers,
    /// Whether the provider takes statements of approval (RFC 8693). Declared, never inferred from an error.
    pub takes_approvals: bool,
    pub ways: Ways,
}

impl Connection {
    /// Whether the provider issues no refresh tokens, so that the access token is the grant, which can't be narrowed.
    pub(crate) fn keeps_access_token(&self) -> bool {
        self.oauth.as_ref().is_some_and(|oauth| !oauth.refresh_tokens)
    }
}

/// The differences between providers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    pub authentication: ClientAuthentication,
    /// Additional parameters of the authorization request, such as `access_type`.
    pub authorize: Vec<(String, String)>,
    /// Scopes requested in addition to the API's: for the account's id and name, and a refresh token.
    pub login_scopes: Vec<String>,
    /// Whether requests name the API (RFC 8707).
    pub names_resource: bool,
}

impl Default for Ways {
    fn default() -> Self {
        Self {
            authentication: ClientAuthentication::default(),
            authorize: Vec::new(),
            login_scopes: ["openid", "profile", "offline_access"].map(str::to_owned).to_vec(),
            names_resource: true,
        }
    }
}

/// An issuer of statements of approval, for one client.
#[derive(Clone, Debug)]
pub struct ApprovalIssuer {
    /// The client bound to it: `tenant-vault`.
    pub client: String,
    /// `http://localhost:3001/`
    pub issuer: String,
    /// `http://localhost:3001/.well-known/jwks.json`
    pub jwks_uri: String,
    /// `http://localhost:3001/oauth/introspect`: asked whether an approval is still active.
    pub introspection_endpoint: String,
}
