//! JSON Web Tokens: signing with an instance's key, verifying with another's (RFC 7519, RFC 8725).
//!
//! RS256 alone: what a header says about algorithm or key never chooses how it is verified.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::sync::Mutex;

use crate::http::{Http, HttpError};

/// How far clocks may differ, in seconds.
const SKEW: i64 = 60;

/// The key that an instance signs with.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    key: EncodingKey,
    public: Jwk,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

/// The key can't be made, read or used.
#[derive(Debug, thiserror::Error)]
#[error("the signing key can't be used")]
pub struct KeyError;

impl SigningKey {
    /// Makes an RSA key of 2048 bits. Returns it with its PKCS #8 form in base64, to be stored sealed.
    ///
    /// # Errors
    /// Where the operating system gives no randomness.
    pub fn generate() -> Result<(Self, String), KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| KeyError)?;
        let text = BASE64_STANDARD_NO_PAD.encode(der.as_ref());
        Ok((Self::from_pkcs8(&text)?, text))
    }

    /// From what [`Self::generate`] returned.
    ///
    /// # Errors
    /// Where it is anything else.
    pub fn from_pkcs8(text: &str) -> Result<Self, KeyError> {
        let der = BASE64_STANDARD_NO_PAD.decode(text).map_err(|_| KeyError)?;
        KeyPair::from_pkcs8(&der).map_err(|_| KeyError)?;
        let key = EncodingKey::from_rsa_der(&der);
        let mut public = Jwk::from_encoding_key(&key, Algorithm::RS256).map_err(|_| KeyError)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyError)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { kid, key, public })
    }

    /// The public half, for `/.well-known/jwks.json`.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// Signs claims under a `typ` (`at+jwt`, `JWT`, `approval+jwt`).
    ///
    /// # Errors
    /// Where the claims don't serialize.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        let mut header = Header::new(Algorithm::RS256);
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key).map_err(|_| KeyError)
    }
}

/// What a token must be.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    pub iss: &'a str,
    /// One of the token's audiences. Empty: any (for an `id_token_hint` alone).
    pub aud: &'a str,
    pub typ: &'a str,
    /// Whether an expired one will do (for an `id_token_hint` alone).
    pub expired_too: bool,
}

/// Why a token was refused. It says nothing that helps to forge a better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    #[error("the token is not valid here")]
    Invalid,
    #[error("the token has expired")]
    Expired,
    #[error("the issuer's keys can't be fetched")]
    NoKeys,
}

#[derive(Deserialize)]
struct Times {
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
}

/// Verifies a token and reads its claims from the text that was signed (so that a claim that is there twice can
/// be refused by its type).
///
/// # Errors
/// Any fault of header, signature, issuer, audience, type or time.
pub fn verify<T: DeserializeOwned>(token: &str, keys: &JwkSet, expect: Expect<'_>, now: i64) -> Result<T, JwtError> {
    if token.len() > 16 * 1024 {
        return Err(JwtError::Invalid);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| JwtError::Invalid)?;
    // RFC 8725 §3.1, §3.10, §3.11: one algorithm, no key from the header, an explicit type, nothing critical unknown.
    if header.alg != Algorithm::RS256
        || header.typ.as_deref() != Some(expect.typ)
        || header.crit.is_some()
        || header.jku.is_some()
        || header.jwk.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some()
    {
        return Err(JwtError::Invalid);
    }
    let kid = header.kid.ok_or(JwtError::Invalid)?;
    let jwk = keys.find(&kid).ok_or(JwtError::Invalid)?;
    let key = DecodingKey::from_jwk(jwk).map_err(|_| JwtError::Invalid)?;
    let mut validation = Validation::new(Algorithm::RS256);
    // Times are checked below, against our own clock.
    validation.validate_exp = false;
    validation.set_issuer(&[expect.iss]);
    if expect.aud.is_empty() {
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp", "iss"]);
    } else {
        validation.set_audience(&[expect.aud]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    }
    let times = jsonwebtoken::decode::<Times>(token, &key, &validation).map_err(|_| JwtError::Invalid)?.claims;
    let early = |time: Option<i64>| time.is_some_and(|time| time > now + SKEW);
    if early(times.nbf) || early(times.iat) {
        return Err(JwtError::Invalid);
    }
    if !expect.expired_too && times.exp + SKEW <= now {
        return Err(JwtError::Expired);
    }
    let payload = token.split('.').nth(1).ok_or(JwtError::Invalid)?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).map_err(|_| JwtError::Invalid)?;
    serde_json::from_slice(&payload).map_err(|_| JwtError::Invalid)
}

/// Another issuer's keys, fetched when needed and kept.
#[derive(Clone, Debug)]
pub struct RemoteKeys {
    http: Http,
    url: String,
    cache: Arc<Mutex<Option<(JwkSet, std::time::Instant)>>>,
}

impl RemoteKeys {
    /// Keys at this address (`…/.well-known/jwks.json`), which comes from the settings.
    pub fn new(http: Http, url: String) -> Self {
        Self { http, url, cache: Arc::default() }
    }

    /// Verifies with these keys. A `kid` that isn't known fetches them again, at most every ten seconds: so an
    /// attacker's invented `kid`s start no storm.
    ///
    /// # Errors
    /// As [`verify`]; [`JwtError::NoKeys`] where they can't be fetched.
    pub async fn verify<T: DeserializeOwned>(&self, token: &str, expect: Expect<'_>, now: i64) -> Result<T, JwtError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| JwtError::Invalid)?;
        let kid = header.kid.ok_or(JwtError::Invalid)?;
        let keys = self.keys(&kid).await.map_err(|error| {
            tracing::warn!(url = self.url, %error, "keys can't be fetched");
            JwtError::NoKeys
        })?;
        verify(token, &keys, expect, now)
    }

    async fn keys(&self, kid: &str) -> Result<JwkSet, HttpError> {
        let mut cache = self.cache.lock().await;
        if let Some((keys, fetched)) = &*cache {
            let known = keys.find(kid).is_some() && fetched.elapsed() < Duration::from_secs(3600);
            if known || fetched.elapsed() < Duration::from_secs(10) {
                return Ok(keys.clone());
            }
        }
        let keys: JwkSet = self.http.json(self.http.client().get(&self.url)).await?;
        *cache = Some((keys.clone(), std::time::Instant::now()));
        Ok(keys)
    }
}
