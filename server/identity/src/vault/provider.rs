//! The provider of a connection: tokens from its grants.

use foundation::{
    ExposeSecret, SecretString,
    http::{Http, HttpError},
    jwt::{Expect, JwtError, RemoteKeys},
    login::Login,
    parts::Parts,
};
use reqwest::StatusCode;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use shared::token_type::{ACCESS_TOKEN, REFRESH_TOKEN};
use tokio::sync::OnceCell;

use super::client::{ProviderClient, Reach};
use crate::config::Connection;

/// A provider of accounts that people can connect.
#[derive(Debug)]
pub struct Provider {
    pub connection: Connection,
    /// The login flow that connects an account.
    pub login: Login,
    pub client: ProviderClient,
    keys: OnceCell<RemoteKeys>,
}

/// The token endpoint's answer (RFC 6749 §5.1).
#[derive(Debug, Deserialize)]
#[serde(from = "Plain")]
pub struct Answer {
    pub access_token: SecretString,
    pub expires_in: Option<i64>,
    /// Separated by spaces.
    pub scope: Option<String>,
    pub refresh_token: Option<SecretString>,
}

/// The wire form of [`Answer`].
#[derive(Deserialize)]
struct Plain {
    access_token: String,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<i64>,
    scope: Option<String>,
    refresh_token: Option<String>,
}

/// Reads a number, which some providers send as a string.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok())))
}

impl From<Plain> for Answer {
    fn from(plain: Plain) -> Self {
        Self {
            access_token: plain.access_token.into(),
            expires_in: plain.expires_in,
            scope: plain.scope,
            refresh_token: plain.refresh_token.map(Into::into),
        }
    }
}

impl Provider {
    pub fn new(connection: Connection, parts: &Parts) -> Self {
        // Unused where the connection has `oauth`.
        let (settings, by) = (connection.settings.clone(), connection.ways.authentication);
        let login = Login::authenticated_by(by, settings, parts.http.clone(), parts.clock.clone(), parts.one_time());
        let client = ProviderClient::new(Reach::of(&connection), connection.settings.client_secret.clone());
        Self { connection, login, client, keys: OnceCell::new() }
    }

    /// An ordinary refresh (RFC 6749 §6), for the provider's API (RFC 8707).
    pub async fn refresh(&self, http: &Http, refresh_token: &SecretString, scope: &str) -> Result<Answer, HttpError> {
        let scope = self
            .connection
            .oauth
            .as_ref()
            .map_or_else(|| scope.to_owned(), |oauth| oauth.join(&scope.split_whitespace().collect::<Vec<_>>()));
        let form =
            vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose_secret()), ("scope", &scope)];
        Ok(self.token(http, form).await?.0)
    }

    /// Exchanges an authorization code (RFC 6749 §4.1.3). Also returns the raw answer.
    pub async fn code(&self, http: &Http, code: &str, verifier: Option<&str>) -> Result<(Answer, Value), HttpError> {
        let redirect_uri = &self.connection.settings.redirect_uri;
        let mut form = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        self.token(http, form).await
    }

    /// Exchanges the grant and a statement of approval for a token (RFC 8693 §2.1).
    pub async fn exchange(
        &self,
        http: &Http,
        refresh_token: &SecretString,
        statement: &SecretString,
        scope: &str,
    ) -> Result<Answer, HttpError> {
        let form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", refresh_token.expose_secret()),
            ("subject_token_type", REFRESH_TOKEN),
            ("actor_token", statement.expose_secret()),
            ("actor_token_type", "urn:ietf:params:oauth:token-type:jwt"),
            ("requested_token_type", ACCESS_TOKEN),
            ("scope", scope),
        ];
        Ok(self.token(http, form).await?.0)
    }

    /// Whether an access token is active (RFC 7662), if the provider supports introspection.
    pub async fn is_active(&self, http: &Http, token: &SecretString) -> Result<bool, HttpError> {
        let Some(endpoint) = self.client.endpoints(http).await?.introspection_endpoint else { return Ok(true) };
        let form = vec![("token", token.expose_secret()), ("token_type_hint", "access_token")];
        http.is_active(self.client.request(http, &endpoint, form)).await
    }

    /// Verifies a token that this provider signed for an audience, at a time in seconds since 1970.
    pub async fn verify<T: DeserializeOwned>(
        &self,
        http: &Http,
        token: &str,
        (aud, typ): (&str, &str),
        now: i64,
    ) -> Result<T, JwtError> {
        let found = async {
            let url = self.client.endpoints(http).await?.jwks_uri.ok_or(HttpError::NotJson(StatusCode::OK))?;
            Ok::<_, HttpError>(RemoteKeys::new(http.clone(), url))
        };
        let keys = self.keys.get_or_try_init(|| found).await.map_err(|_| JwtError::NoKeys)?;
        let iss = &self.connection.settings.issuer;
        let expect = Expect { iss, aud, typ, expired_too: false };
        keys.verify(token, expect, now).await
    }

    async fn token(&self, http: &Http, mut form: Vec<(&str, &str)>) -> Result<(Answer, Value), HttpError> {
        let endpoint = self.client.endpoints(http).await?.token_endpoint;
        if self.connection.ways.names_resource {
            form.push(("resource", &self.connection.resource));
        }
        let body = http.token_answer(self.client.request(http, &endpoint, form)).await?;
        let mut answer = Answer::deserialize(&body).map_err(|_| HttpError::NotJson(StatusCode::OK))?;
        if let (Some(oauth), Some(scope)) = (&self.connection.oauth, &answer.scope) {
            answer.scope = Some(oauth.split(scope).join(" "));
        }
        Ok((answer, body))
    }
}
