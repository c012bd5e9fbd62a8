//! Mandate as a client of a connection's provider: its endpoints, and requests to them.

use foundation::{
    ExposeSecret, SecretString,
    http::{Http, HttpError},
    login::{ClientAuthentication, discovery_url, is_issuer},
};
use reqwest::{RequestBuilder, StatusCode, header::ACCEPT};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

use crate::config::{self, Connection};

/// How to reach a provider, and as which client. It is stored (`store::provider`), and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    pub issuer: String,
    pub client_id: String,
    pub authentication: ClientAuthentication,
    /// The endpoints of a provider without metadata.
    #[serde(default)]
    pub endpoints: Option<config::Endpoints>,
    /// Whether access tokens are kept, and revoked, in place of refresh tokens.
    #[serde(default)]
    pub keeps_access_token: bool,
}

impl Reach {
    pub fn of(connection: &Connection) -> Self {
        Self {
            issuer: connection.settings.issuer.clone(),
            client_id: connection.settings.client_id.clone(),
            authentication: connection.ways.authentication,
            endpoints: connection.oauth.as_ref().map(|oauth| oauth.endpoints.clone()),
            keeps_access_token: connection.keeps_access_token(),
        }
    }

    /// Whether both are the same client at the same issuer, so that a grant to one is valid for the other.
    pub fn is_same(&self, other: &Self) -> bool {
        is_issuer(&self.issuer, &other.issuer) && self.client_id == other.client_id
    }
}

/// A client of a provider. Discovers its endpoints once.
#[derive(Debug)]
pub struct ProviderClient {
    reach: Reach,
    secret: SecretString,
    endpoints: RwLock<Option<Endpoints>>,
}

/// The parts of its metadata that are needed here (RFC 8414 §2), discovered or configured.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Endpoints {
    issuer: String,
    pub token_endpoint: String,
    pub jwks_uri: Option<String>,
    pub revocation_endpoint: Option<String>,
    pub introspection_endpoint: Option<String>,
}

impl ProviderClient {
    pub fn new(reach: Reach, secret: SecretString) -> Self {
        Self { reach, secret, endpoints: RwLock::default() }
    }

    /// Revokes a grant (RFC 7009).
    ///
    /// # Errors
    /// If the provider can't be reached, or refuses.
    pub async fn revoke(&self, http: &Http, grant: &SecretString) -> Result<(), HttpError> {
        let Some(endpoint) = self.endpoints(http).await?.revocation_endpoint else { return Ok(()) };
        let kind = if self.reach.keeps_access_token { "access_token" } else { "refresh_token" };
        let form = vec![("token", grant.expose_secret()), ("token_type_hint", kind)];
        let (status, ..) = http.send(self.request(http, &endpoint, form)).await?;
        if status.is_success() { Ok(()) } else { Err(HttpError::Refused(status, serde_json::Value::Null)) }
    }

    /// A request of this client.
    pub(super) fn request<'a>(
        &'a self,
        http: &Http,
        endpoint: &str,
        mut form: Vec<(&'a str, &'a str)>,
    ) -> RequestBuilder {
        let (id, secret) = (self.reach.client_id.as_str(), self.secret.expose_secret());
        // Some providers answer in another format unless the request asks for JSON.
        let request = http.client().post(endpoint).header(ACCEPT, "application/json");
        match self.reach.authentication {
            ClientAuthentication::Post => {
                form.extend([("client_id", id), ("client_secret", secret)]);
                request.form(&form)
            }
            // RFC 6749 §2.3.1: id and secret are form-encoded first.
            ClientAuthentication::Basic => {
                let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                request.basic_auth(encoded(id), Some(encoded(secret))).form(&form)
            }
        }
    }

    pub(super) async fn endpoints(&self, http: &Http) -> Result<Endpoints, HttpError> {
        if let Some(known) = self.endpoints.read().await.clone() {
            return Ok(known);
        }
        let issuer = &self.reach.issuer;
        if let Some(given) = self.reach.endpoints.clone() {
            return Ok(Endpoints {
                issuer: issuer.clone(),
                token_endpoint: given.token,
                jwks_uri: None,
                revocation_endpoint: given.revocation,
                introspection_endpoint: given.introspection,
            });
        }
        let found: Endpoints = http.json(http.client().get(discovery_url(issuer))).await?;
        // RFC 8414 §3.3: metadata of another issuer is a mix-up, and would receive secrets.
        if !is_issuer(&found.issuer, issuer) {
            return Err(HttpError::NotJson(StatusCode::OK));
        }
        *self.endpoints.write().await = Some(found.clone());
        Ok(found)
    }
}
