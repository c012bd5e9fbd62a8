//! The provider at which a site logs people in: its metadata, its keys, and the calls to it.

use std::sync::OnceLock;

use futures::future::BoxFuture;
use openidconnect::{
    AdditionalProviderMetadata, Client, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    ProviderMetadata, RedirectUrl,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
        CoreResponseType, CoreSubjectIdentifierType,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;
use url::Url;

use super::error::LoginError;
use crate::{
    http::{Http, HttpError},
    log,
};

/// A client's settings for login.
#[derive(Clone, Debug)]
pub struct Settings {
    /// As the operator typed it. Discovery decides whether it ends in a slash (see [`is_issuer`]).
    pub issuer: String,
    pub client_id: String,
    pub client_secret: SecretString,
    pub redirect_uri: String,
}

/// How a client proves to its provider who it is (RFC 6749 §2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientAuthentication {
    /// `client_secret_post`: in the body.
    #[default]
    #[serde(rename = "client_secret_post")]
    Post,
    /// `client_secret_basic`: in the `Authorization` header.
    #[serde(rename = "client_secret_basic")]
    Basic,
}

/// The provider and its discovered metadata.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) settings: Settings,
    authentication: ClientAuthentication,
    http: Http,
    known: RwLock<Option<Metadata>>,
    /// The provider's issuer as first discovered.
    issuer: OnceLock<String>,
}

pub(super) type Ready =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// A provider's metadata (OpenID Connect Discovery §3), with the parameter of RFC 9207 §3 that is used here.
pub(super) type Metadata = ProviderMetadata<
    Advertised,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Advertised {
    /// Whether the provider names itself in every authorization response.
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    pub(super) names_itself: bool,
}

impl AdditionalProviderMetadata for Advertised {}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Transport(pub(super) String);

impl Provider {
    pub(super) fn new(settings: Settings, authentication: ClientAuthentication, http: Http) -> Self {
        Self { settings, authentication, http, known: RwLock::default(), issuer: OnceLock::new() }
    }

    /// Makes the next call discover the provider again, because it may have rotated its keys.
    pub(super) async fn forget(&self) {
        *self.known.write().await = None;
    }

    pub(super) async fn metadata(&self) -> Result<Metadata, LoginError> {
        if let Some(known) = self.known.read().await.clone() {
            return Ok(known);
        }
        let typed = &self.settings.issuer;
        let fetch = async || -> Result<Metadata, HttpError> {
            let found: Metadata = self.http.json(self.http.client().get(discovery_url(typed))).await?;
            let keys: CoreJsonWebKeySet = self.http.json(self.http.client().get(found.jwks_uri().as_str())).await?;
            Ok(found.set_jwks(keys))
        };
        let metadata = fetch().await.map_err(|error| {
            let error = log::causes(&error);
            crate::sparsely!(warn, issuer = typed, error, "the provider can't be discovered");
            LoginError::Unreachable(self.host())
        })?;
        // RFC 8414 §3.3: metadata of another issuer is a mix-up, and would receive the client's secret.
        let found = metadata.issuer().as_str();
        if !is_issuer(found, typed) || self.issuer.get_or_init(|| found.to_owned()) != found {
            tracing::error!(issuer = typed, "the provider's metadata names another issuer, so it isn't used");
            return Err(LoginError::Invalid(self.host()));
        }
        *self.known.write().await = Some(metadata.clone());
        Ok(metadata)
    }

    pub(super) async fn client(&self) -> Result<Ready, LoginError> {
        let metadata = self.metadata().await?;
        let redirect = RedirectUrl::new(self.settings.redirect_uri.clone()).map_err(|_| LoginError::NotYours)?;
        let client: Client<_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _> = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(self.settings.client_id.clone()),
            Some(ClientSecret::new(self.settings.client_secret.expose_secret().to_owned())),
        )
        .set_auth_type(match self.authentication {
            ClientAuthentication::Post => openidconnect::AuthType::RequestBody,
            ClientAuthentication::Basic => openidconnect::AuthType::BasicAuth,
        })
        .set_redirect_uri(redirect);
        Ok(client)
    }

    /// The HTTP transport for openidconnect. Its futures own their data, because one that borrows `self` isn't `Send`
    /// for a handler.
    pub(super) fn transport(&self) -> impl Fn(openidconnect::HttpRequest) -> Call + use<> {
        let http = self.http.clone();
        move |request| Box::pin(call(http.clone(), request))
    }

    pub(super) fn host(&self) -> String {
        Url::parse(&self.settings.issuer).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

type Call = BoxFuture<'static, Result<openidconnect::HttpResponse, Transport>>;

async fn call(http: Http, request: openidconnect::HttpRequest) -> Result<openidconnect::HttpResponse, Transport> {
    let request = reqwest::Request::try_from(request).map_err(|error| Transport(error.to_string()))?;
    let builder = reqwest::RequestBuilder::from_parts(http.client().clone(), request);
    let (status, headers, body) = http.send(builder).await.map_err(|error| Transport(log::causes(&error)))?;
    let mut response = axum::http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// The metadata address of an issuer, typed with or without a trailing slash (OpenID Connect Discovery §4).
pub fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// Whether a discovered issuer is the configured one, apart from a trailing slash. From then on the discovered issuer
/// is compared byte for byte (RFC 8414 §3.3).
pub fn is_issuer(found: &str, typed: &str) -> bool {
    fn bare(issuer: &str) -> &str {
        issuer.strip_suffix('/').unwrap_or(issuer)
    }
    found == typed || (bare(found) == bare(typed) && !bare(found).ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::is_issuer;

    #[test]
    fn line_26_discovered_issuer_differs_by_a_slash_at_most() {
        let (bare, slash) = ("https://id.example", "https://id.example/");
        for (found, typed) in [(bare, bare), (slash, slash), (bare, slash), (slash, bare)] {
            assert!(is_issuer(found, typed), "{found} {typed}");
        }
        for (found, typed) in [
            ("https://id.example//", bare),
            ("https://id.example//", slash),
            ("https://ID.example/", slash),
            ("http://id.example/", slash),
            ("https://id.example/tenant", bare),
            ("https://id.example.evil.example/", bare),
            ("", bare),
        ] {
            assert!(!is_issuer(found, typed), "{found} {typed}");
        }
    }
}
