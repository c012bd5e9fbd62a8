//! Login as a client of an OpenID provider (OpenID Connect Core §3.1): the agent at Mandate identity, Mandate identity and
//! StockTrade at the broker's provider. Connecting an account is the same walk with other scopes.

use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthorizationCode, ClaimsVerificationError, Client, ClientId,
    ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
        CoreGrantType, CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
        CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sqlx::AnyPool;
use tokio::sync::RwLock;
use url::Url;

use crate::{
    clock::Clock,
    http::{self, Http, HttpError},
    once::Once,
    secret,
};

/// What a client needs to know to log people in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// As an operator typed it: the discovered one decides whether a slash ends it (see [`is_issuer`]).
    pub issuer: String,
    pub client_id: String,
    pub client_secret: SecretString,
    pub redirect_uri: String,
}

/// A client of one provider. Clones share what was discovered.
#[derive(Clone, Debug)]
pub struct Login {
    settings: Settings,
    http: Http,
    clock: Clock,
    once: Once,
    provider: Arc<RwLock<Option<Metadata>>>,
    /// The provider's issuer, as it was first discovered.
    issuer: Arc<OnceLock<String>>,
}

/// Why a login came to nothing. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error("{0} can't be reached right now. Nothing was changed; try again in a moment.")]
    Unreachable(String),
    /// The provider sent the person back with an error (RFC 6749 §4.1.2.1): `access_denied` and the like.
    #[error("The login was not finished ({0}).")]
    Refused(String),
    /// Unknown, used, expired or another browser's `state`; another provider's `iss` (RFC 9207).
    #[error("This login doesn't belong to this browser, or it took too long. Start again.")]
    NotYours,
    #[error("The answer of {0} isn't valid, so nobody was logged in. Start again.")]
    Invalid(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl LoginError {
    /// The kind of error, as a fixed word. The page that tells it has an address of its own with this word in it: the
    /// callback's address holds a code, and a page's address is seen by all that it loads (THREATS.md line 10).
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Refused(error) if error == "access_denied" => "access_denied",
            Self::Refused(_) => "refused",
            Self::NotYours => "not_yours",
            Self::Invalid(_) => "invalid",
            Self::Database(_) => "internal",
        }
    }
}

/// The query of the redirect back (RFC 6749 §4.1.2, RFC 9207).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Callback {
    pub code: Option<String>,
    pub state: Option<String>,
    pub iss: Option<String>,
    pub error: Option<String>,
}

/// Who logged in, and what the provider gave.
#[derive(Debug)]
pub struct Authenticated {
    pub issuer: String,
    pub subject: String,
    pub name: Option<String>,
    pub email: Option<String>,
    /// Whether the provider says that it verified the e-mail address.
    pub email_verified: bool,
    /// For `id_token_hint` at logout.
    pub id_token: SecretString,
    pub access_token: SecretString,
    pub refresh_token: Option<SecretString>,
    /// The scopes granted.
    pub scopes: Vec<String>,
    /// What was given to [`Login::begin`].
    pub carry: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
struct Begun {
    nonce: String,
    verifier: String,
    carry: serde_json::Value,
}

type Ready =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// A provider's metadata (OpenID Connect Discovery §3), with what of RFC 9207 §3 matters here.
type Metadata = ProviderMetadata<
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
struct Advertised {
    /// Whether every authorization response of the provider names it.
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    names_itself: bool,
}

impl AdditionalProviderMetadata for Advertised {}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Transport(String);

impl Login {
    /// How long a person may take at the provider, in milliseconds.
    const PATIENCE: i64 = 30 * 60 * 1000;

    pub fn new(settings: Settings, http: Http, clock: Clock, once: Once) -> Self {
        Self { settings, http, clock, once, provider: Arc::default(), issuer: Arc::default() }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Begins: the address at the provider to send this browser to. `extra` goes into the query
    /// (`prompt`, `resource`, `login_hint`), `carry` comes back in [`Authenticated`]. `state` and PKCE verifier stay
    /// here, sealed, bound to the browser ([`crate::session::Session::browser`]). Holds no connection to the database
    /// while the provider is asked.
    ///
    /// # Errors
    /// Where the provider can't be discovered or the database fails.
    pub async fn begin(
        &self,
        pool: &AnyPool,
        browser: &str,
        scopes: &[&str],
        extra: &[(&str, &str)],
        carry: serde_json::Value,
    ) -> Result<Url, LoginError> {
        let client = self.client().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = Nonce::new(secret::token());
        let begun = Begun { nonce: nonce.secret().clone(), verifier: verifier.into_secret(), carry };
        let mut db = pool.acquire().await?;
        let state = self.once.put(&mut db, &self.kind(), browser, &begun, Self::PATIENCE).await?;
        drop(db);
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), || nonce)
            .set_pkce_challenge(challenge);
        // `openid` is there already.
        for scope in scopes.iter().filter(|scope| **scope != "openid") {
            request = request.add_scope(Scope::new((*scope).to_owned()));
        }
        for (name, value) in extra {
            request = request.add_extra_param((*name).to_owned(), (*value).to_owned());
        }
        Ok(request.url().0)
    }

    /// Finishes: takes the state (once, of one of these browsers, which are all this one), exchanges the code,
    /// verifies the id token. Holds no connection to the database while the provider is asked: a slow one keeps nobody
    /// else from it.
    ///
    /// # Errors
    /// See [`LoginError`]; nothing was changed but that the state is used up.
    pub async fn finish(
        &self,
        pool: &AnyPool,
        browsers: &[String],
        callback: Callback,
    ) -> Result<Authenticated, LoginError> {
        let state = callback.state.ok_or(LoginError::NotYours)?;
        let mut db = pool.acquire().await?;
        let mut begun: Option<Begun> = None;
        for browser in browsers {
            begun = self.once.take(&mut db, &self.kind(), browser, &state).await?;
            if begun.is_some() {
                break;
            }
        }
        drop(db);
        let begun = begun.ok_or(LoginError::NotYours)?;
        // RFC 9207 §2.4: an answer of another issuer is a mix-up, and so is one without a name where the provider
        // says that it always gives it.
        let metadata = self.metadata().await?;
        let issuer = metadata.issuer().as_str().to_owned();
        let of_the_provider = match callback.iss {
            Some(iss) => iss == issuer,
            None => !metadata.additional_metadata().names_itself,
        };
        if !of_the_provider {
            return Err(LoginError::NotYours);
        }
        if let Some(error) = callback.error {
            let plain = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
            return Err(LoginError::Refused(plain));
        }
        let code = callback.code.ok_or(LoginError::NotYours)?;
        let invalid = || LoginError::Invalid(self.host());
        let mut client = self.client().await?;
        let http = self.transport();
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| invalid())?
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier))
            .request_async(&http)
            .await
            .map_err(|error| {
                // What the provider says of it isn't logged (THREATS 65).
                let (why, error) = match error {
                    RequestTokenError::Request(Transport(cause)) => (cause, LoginError::Unreachable(self.host())),
                    RequestTokenError::ServerResponse(_) => ("it was refused".into(), invalid()),
                    _ => ("the answer isn't one of a token endpoint".into(), invalid()),
                };
                tracing::warn!(issuer, why, "a code could not be exchanged");
                error
            })?;
        let id_token = tokens.id_token().ok_or_else(invalid)?;
        let now = self.clock.seconds();
        let nonce = Nonce::new(begun.nonce);
        let now = move || chrono::DateTime::from_timestamp(now, 0).unwrap_or_default();
        let is_unknown = |error: &ClaimsVerificationError| {
            let unknown = SignatureVerificationError::NoMatchingKey;
            matches!(error, ClaimsVerificationError::SignatureVerification(found) if *found == unknown)
        };
        let read = id_token.claims(&client.id_token_verifier().set_time_fn(now), &nonce);
        if read.is_err_and(|error| is_unknown(&error)) {
            // The provider has changed its keys since they were fetched.
            *self.provider.write().await = None;
            client = self.client().await?;
        }
        let verifier = client.id_token_verifier().set_time_fn(now);
        let claims = match id_token.claims(&verifier, &nonce) {
            Ok(claims) => claims,
            Err(error) => {
                // Its keys may have been changed since they were discovered: the next attempt asks again.
                *self.provider.write().await = None;
                tracing::warn!(issuer, %error, "an id token was refused");
                return Err(invalid());
            }
        };
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(|_| invalid())?;
            let key = id_token.signing_key(&verifier).map_err(|_| invalid())?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(|_| invalid())?;
            if actual != *expected {
                return Err(invalid());
            }
        }
        let scopes =
            tokens.scopes().map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect()).unwrap_or_default();
        Ok(Authenticated {
            issuer,
            subject: claims.subject().to_string(),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified().unwrap_or_default(),
            id_token: id_token.to_string().into(),
            access_token: tokens.access_token().secret().clone().into(),
            refresh_token: tokens.refresh_token().map(|token| token.secret().clone().into()),
            scopes,
            carry: begun.carry,
        })
    }

    async fn metadata(&self) -> Result<Metadata, LoginError> {
        if let Some(known) = self.provider.read().await.clone() {
            return Ok(known);
        }
        let typed = &self.settings.issuer;
        let fetch = async || -> Result<Metadata, HttpError> {
            let found: Metadata = self.http.json(self.http.client().get(discovery_url(typed))).await?;
            let keys: CoreJsonWebKeySet = self.http.json(self.http.client().get(found.jwks_uri().as_str())).await?;
            Ok(found.set_jwks(keys))
        };
        let metadata = fetch().await.map_err(|error| {
            let error = http::causes(&error);
            crate::sparsely!(warn, issuer = typed, error, "the provider can't be discovered");
            LoginError::Unreachable(self.host())
        })?;
        // RFC 8414 §3.3: metadata of another issuer is a mix-up, and the client's secret would go to it.
        let found = metadata.issuer().as_str();
        if !is_issuer(found, typed) || self.issuer.get_or_init(|| found.to_owned()) != found {
            tracing::error!(issuer = typed, "the provider's metadata names another issuer, so it isn't used");
            return Err(LoginError::Invalid(self.host()));
        }
        *self.provider.write().await = Some(metadata.clone());
        Ok(metadata)
    }

    async fn client(&self) -> Result<Ready, LoginError> {
        let metadata = self.metadata().await?;
        let redirect = RedirectUrl::new(self.settings.redirect_uri.clone()).map_err(|_| LoginError::NotYours)?;
        let client: Client<_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _> = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(self.settings.client_id.clone()),
            Some(ClientSecret::new(self.settings.client_secret.expose_secret().to_owned())),
        )
        .set_auth_type(openidconnect::AuthType::RequestBody)
        .set_redirect_uri(redirect);
        Ok(client)
    }

    /// What openidconnect sends its requests with. Its futures own what they need: one that borrows `self` is not
    /// `Send` in the eyes of a handler.
    fn transport(&self) -> impl Fn(openidconnect::HttpRequest) -> Call + use<> {
        let http = self.http.clone();
        move |request| Box::pin(call(http.clone(), request))
    }

    fn kind(&self) -> String {
        format!("login {} {}", self.settings.client_id, self.settings.redirect_uri)
    }

    /// The error of a kind, for the page that tells it; `None` where there is no such kind.
    pub fn error_of(&self, kind: &str) -> Option<LoginError> {
        Some(match kind {
            "unreachable" => LoginError::Unreachable(self.host()),
            "access_denied" => LoginError::Refused("access_denied".into()),
            "refused" => LoginError::Refused(format!("refused by {}", self.host())),
            "not_yours" => LoginError::NotYours,
            "invalid" => LoginError::Invalid(self.host()),
            // The log knows more; whoever failed here can't be asked again.
            "internal" => LoginError::Unreachable("This site's database".into()),
            _ => return None,
        })
    }

    fn host(&self) -> String {
        Url::parse(&self.settings.issuer).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

type Call = BoxFuture<'static, Result<openidconnect::HttpResponse, Transport>>;

async fn call(http: Http, request: openidconnect::HttpRequest) -> Result<openidconnect::HttpResponse, Transport> {
    let request = reqwest::Request::try_from(request).map_err(|error| Transport(error.to_string()))?;
    let builder = reqwest::RequestBuilder::from_parts(http.client().clone(), request);
    let (status, headers, body) = http.send(builder).await.map_err(|error| Transport(http::causes(&error)))?;
    let mut response = axum::http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// Where the metadata of an issuer is, typed with or without the slash at its end (OpenID Connect Discovery §4).
pub fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// Whether a discovered issuer is the one that the settings name, where one of them may lack the slash at its end. What
/// was discovered is what is compared from then on, byte for byte (RFC 8414 §3.3).
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
    fn line_26_an_issuer_differs_from_the_typed_one_by_a_slash_at_most() {
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
