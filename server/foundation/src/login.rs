//! Login as a client of an OpenID provider (OpenID Connect Core §3.1): the agent at Mandate identity, and Mandate
//! identity and StockTrade at the broker's provider. Connecting an account uses the same flow with other scopes.

mod error;
pub mod handler;
mod provider;

use std::sync::Arc;

use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, CsrfToken, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RequestTokenError, Scope, SignatureVerificationError, TokenResponse,
    core::CoreAuthenticationFlow,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sqlx::AnyPool;
use url::Url;

use crate::{
    clock::Clock,
    http::Http,
    lang::{self, Lang},
    one_time::OneTime,
    secret,
};
pub use error::LoginError;
pub use provider::{ClientAuthentication, Settings, discovery_url, is_issuer};
use provider::{Provider, Transport};

/// A client of one provider. Clones share the discovered metadata.
#[derive(Clone, Debug)]
pub struct Login {
    provider: Arc<Provider>,
    clock: Clock,
    one_time: OneTime,
}

/// The query of the redirect back (RFC 6749 §4.1.2, RFC 9207).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Callback {
    pub code: Option<String>,
    pub state: Option<String>,
    pub iss: Option<String>,
    pub error: Option<String>,
}

/// The person who logged in, and the tokens that the provider issued.
#[derive(Debug)]
pub struct Authenticated {
    pub issuer: String,
    pub subject: String,
    pub name: Option<String>,
    pub email: Option<String>,
    /// Whether the provider says that it verified the e-mail address.
    pub email_verified: bool,
    /// The language that the person chose at the provider.
    pub locale: Option<Lang>,
    /// For `id_token_hint` at logout.
    pub id_token: SecretString,
    pub access_token: SecretString,
    pub refresh_token: Option<SecretString>,
    /// The scopes granted.
    pub scopes: Vec<String>,
    /// The value that was passed to [`Login::begin`].
    pub carry: serde_json::Value,
    /// The id that began the login, one of those that the browser presented.
    pub browser: String,
}

#[derive(Serialize, Deserialize)]
struct Begun {
    nonce: String,
    verifier: String,
    #[serde(default)]
    asked: Vec<String>,
    #[serde(default)]
    resource: Option<String>,
    carry: serde_json::Value,
}

impl Login {
    /// How long a person may take at the provider, in milliseconds.
    const LIFETIME: i64 = 30 * 60 * 1000;

    pub fn new(settings: Settings, http: Http, clock: Clock, one_time: OneTime) -> Self {
        Self::authenticated_by(ClientAuthentication::default(), settings, http, clock, one_time)
    }

    /// As [`Self::new`], for a provider that takes this client authentication.
    pub fn authenticated_by(
        authentication: ClientAuthentication,
        settings: Settings,
        http: Http,
        clock: Clock,
        one_time: OneTime,
    ) -> Self {
        Self { provider: Arc::new(Provider::new(settings, authentication, http)), clock, one_time }
    }

    pub fn settings(&self) -> &Settings {
        &self.provider.settings
    }

    /// Begins a login. Returns the provider's address to send this browser to. `extra` is added to the query (`prompt`,
    /// `resource`, `login_hint`), as is a language that the person chose; [`Authenticated`] returns `carry`. `state`
    /// and the PKCE verifier are stored here, sealed and bound to the browser ([`crate::session::Session::visitor`]).
    /// Holds no database connection while the provider is asked.
    ///
    /// # Errors
    /// When the provider can't be discovered or the database fails.
    pub async fn begin(
        &self,
        pool: &AnyPool,
        browser: &str,
        scopes: &[&str],
        extra: &[(&str, &str)],
        carry: serde_json::Value,
    ) -> Result<Url, LoginError> {
        let client = self.provider.client().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = Nonce::new(secret::token());
        let asked = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let resource = extra.iter().find(|(name, _)| *name == "resource").map(|(_, value)| (*value).to_owned());
        let begun = Begun { nonce: nonce.secret().clone(), verifier: verifier.into_secret(), asked, resource, carry };
        let mut db = pool.acquire().await?;
        let state = self.one_time.put(&mut db, &self.kind(), browser, &begun, Self::LIFETIME).await?;
        drop(db);
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), || nonce)
            .set_pkce_challenge(challenge);
        // `openid` is already in the request.
        for scope in scopes.iter().filter(|scope| **scope != "openid") {
            request = request.add_scope(Scope::new((*scope).to_owned()));
        }
        if let Some(lang) = lang::chosen() {
            request = request.add_extra_param("ui_locales", lang.tag());
        }
        for (name, value) in extra {
            request = request.add_extra_param((*name).to_owned(), (*value).to_owned());
        }
        Ok(request.url().0)
    }

    /// Finishes a login: consumes the state of one of these ids, all of which belong to this browser, exchanges the
    /// authorization code, and verifies the ID token. Holds no database connection while the provider is asked, so a
    /// slow one blocks nobody else.
    ///
    /// # Errors
    /// See [`LoginError`]. The state is used up, and nothing else has changed.
    pub async fn finish(
        &self,
        pool: &AnyPool,
        browsers: &[String],
        callback: Callback,
    ) -> Result<Authenticated, LoginError> {
        let state = callback.state.ok_or(LoginError::NotYours)?;
        let mut db = pool.acquire().await?;
        let mut found: Option<(&String, Begun)> = None;
        for browser in browsers {
            if let Some(begun) = self.one_time.take(&mut db, &self.kind(), browser, &state).await? {
                found = Some((browser, begun));
                break;
            }
        }
        drop(db);
        let (browser, begun) = found.ok_or(LoginError::NotYours)?;
        // RFC 9207 §2.4: an answer that names another issuer is a mix-up attack, and so is one without an issuer if the
        // provider says that it always sends one.
        let metadata = self.provider.metadata().await?;
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
        let invalid = || LoginError::Invalid(self.provider.host());
        let mut client = self.provider.client().await?;
        let http = self.provider.transport();
        let mut exchange = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| invalid())?
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier));
        if let Some(resource) = begun.resource {
            // RFC 8707 §2.2: without it, some providers issue a token for no API, and list none of its scopes.
            exchange = exchange.add_extra_param("resource", resource);
        }
        let tokens = exchange.request_async(&http).await.map_err(|error| {
            // The provider's own text isn't logged (THREATS.md line 65).
            let (why, error) = match error {
                RequestTokenError::Request(Transport(cause)) => (cause, LoginError::Unreachable(self.provider.host())),
                RequestTokenError::ServerResponse(_) => ("it was refused".into(), invalid()),
                _ => ("the answer isn't one of a token endpoint".into(), invalid()),
            };
            tracing::warn!(issuer, why, "a code couldn't be exchanged");
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
            // The provider has rotated its keys since they were fetched.
            self.provider.forget().await;
            client = self.provider.client().await?;
        }
        let verifier = client.id_token_verifier().set_time_fn(now);
        let claims = match id_token.claims(&verifier, &nonce) {
            Ok(claims) => claims,
            Err(error) => {
                // The keys may have changed since discovery, so the next attempt fetches them again.
                self.provider.forget().await;
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
        // RFC 6749 §5.1: an answer without scopes grants those that were asked for.
        let granted = tokens.scopes().map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect());
        let scopes = granted.unwrap_or(begun.asked);
        Ok(Authenticated {
            issuer,
            subject: claims.subject().to_string(),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified().unwrap_or_default(),
            locale: claims.locale().and_then(|locale| Lang::of_tag(locale.as_str())),
            id_token: id_token.to_string().into(),
            access_token: tokens.access_token().secret().clone().into(),
            refresh_token: tokens.refresh_token().map(|token| token.secret().clone().into()),
            scopes,
            carry: begun.carry,
            browser: browser.clone(),
        })
    }

    fn kind(&self) -> String {
        let Settings { client_id, redirect_uri, .. } = self.settings();
        format!("login {client_id} {redirect_uri}")
    }

    /// The error for a kind, for the page that shows it. `None` for an unknown kind.
    pub fn error_of(&self, kind: &str) -> Option<LoginError> {
        Some(match kind {
            "unreachable" => LoginError::Unreachable(self.provider.host()),
            "access_denied" => LoginError::Refused("access_denied".into()),
            "refused" => LoginError::Refused(format!("refused by {}", self.provider.host())),
            "not_yours" => LoginError::NotYours,
            "invalid" => LoginError::Invalid(self.provider.host()),
            // The page can't show more. The log has the details.
            "internal" => LoginError::Unreachable("This site’s database".into()),
            _ => return None,
        })
    }
}
