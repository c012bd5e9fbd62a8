//! Mandate as a client of a connection's provider: its endpoints, and requests to them.

use foundation::{
    ExposeSecret, SecretString,
    http::{Http, HttpError},
    login::{ClientAuthentication, discovery_url, is_issuer},
};
use reqwest::{RequestBuilder, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

use crate::config::Connection;

/// How a provider is reached, and as which client. It is stored (`store::provider`), and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    pub issuer: String,
    pub client_id: String,
    pub authentication: ClientAuthentication,
}

impl Reach {
    pub fn of(connection: &Connection) -> Self {
        Self {
            issuer: connection.settings.issuer.clone(),
            client_id: connection.settings.client_id.clone(),
            authentication: connection.ways.authentication,
        }
    }

    /// Whether what was granted to one is granted to the other.
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

/// The parts of its metadata that are needed here (RFC 8414 §2).
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Endpoints {
    issuer: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
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
    /// Where the provider can't be reached, or refuses.
    pub async fn revoke(&self, http: &Http, refresh_token: &SecretString) -> Result<(), HttpError> {
        let Some(endpoint) = self.endpoints(http).await?.revocation_endpoint else { return Ok(()) };
        let form = vec![("token", refresh_token.expose_secret()), ("token_type_hint", "refresh_token")];
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
        let request = http.client().post(endpoint);
        match self.reach.authentication {
            ClientAuthentication::Post => {
                form.extend([("client_id", id), ("client_secret", secret)]);
                request.form(&form)
            }
            // RFC 6749 §2.3.1: each is form-encoded first.
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
        let found: Endpoints = http.json(http.client().get(discovery_url(issuer))).await?;
        // RFC 8414 §3.3: metadata of another issuer is a mix-up, and would receive secrets.
        if !is_issuer(&found.issuer, issuer) {
            return Err(HttpError::NotJson(StatusCode::OK));
        }
        *self.endpoints.write().await = Some(found.clone());
        Ok(found)
    }
}
