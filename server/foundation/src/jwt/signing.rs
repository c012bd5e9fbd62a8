//! The signing keys of an instance: RSA with 2048 bits (RS256), or P-256 (ES256) if an API requires it.

use std::sync::Arc;

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256},
};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use serde::Serialize;

/// How a token is signed (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signing {
    #[default]
    Rs256,
    Es256,
}

impl Signing {
    fn algorithm(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
        }
    }
}

/// A key that an instance signs with.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    signing: Signing,
    private: Private,
    public: Jwk,
}

/// Parsed once: parsing an RSA key takes a good part of the time of a signature.
#[derive(Clone)]
enum Private {
    Rsa(Arc<KeyPair>),
    P256(Arc<EcdsaKeyPair>),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

/// The key can't be generated, read or used.
#[derive(Debug, thiserror::Error)]
#[error("the signing key can't be used")]
pub struct KeyError;

impl SigningKey {
    /// Generates a key for RS256. Also returns its PKCS #8 form in base64, which the caller stores sealed.
    ///
    /// # Errors
    /// When the operating system provides no randomness.
    pub fn generate() -> Result<(Self, String), KeyError> {
        Self::generate_for(Signing::Rs256)
    }

    /// As [`Self::generate`], for the given algorithm.
    ///
    /// # Errors
    /// As [`Self::generate`].
    pub fn generate_for(signing: Signing) -> Result<(Self, String), KeyError> {
        let text = match signing {
            Signing::Rs256 => {
                let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
                let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| KeyError)?;
                BASE64_STANDARD.encode(der.as_ref())
            }
            Signing::Es256 => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
                BASE64_STANDARD.encode(made.map_err(|_| KeyError)?.as_ref())
            }
        };
        Ok((Self::from_pkcs8(&text)?, text))
    }

    /// Reads what [`Self::generate`] or [`Self::generate_for`] returned. The text itself determines the algorithm.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn from_pkcs8(text: &str) -> Result<Self, KeyError> {
        let der = BASE64_STANDARD.decode(text).map_err(|_| KeyError)?;
        // As PEM, because only this constructor unwraps the PKCS #8 envelope.
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        let (signing, private, key) = if let Ok(pair) = KeyPair::from_pkcs8(&der) {
            (Signing::Rs256, Private::Rsa(Arc::new(pair)), EncodingKey::from_rsa_pem(pem.as_bytes()))
        } else {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).map_err(|_| KeyError)?;
            (Signing::Es256, Private::P256(Arc::new(pair)), EncodingKey::from_ec_pem(pem.as_bytes()))
        };
        let key = key.map_err(|_| KeyError)?;
        let mut public = Jwk::from_encoding_key(&key, signing.algorithm()).map_err(|_| KeyError)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyError)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { kid, signing, private, public })
    }

    /// The algorithm that this key signs with.
    pub fn signing(&self) -> Signing {
        self.signing
    }

    /// The public half, for `/.well-known/jwks.json`.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// Signs claims under a `typ` (`at+jwt`, `JWT`, `approval+jwt`) (RFC 7515 §5.1).
    ///
    /// # Errors
    /// When the claims don't serialize.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        let mut header = Header::new(self.signing.algorithm());
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.kid.clone());
        let header = serde_json::to_vec(&header).map_err(|_| KeyError)?;
        let claims = serde_json::to_vec(claims).map_err(|_| KeyError)?;
        let mut token = BASE64_URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    fn signature(&self, text: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        match &self.private {
            Private::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).map_err(|_| KeyError)?;
                Ok(signature)
            }
            Private::P256(pair) => Ok(pair.sign(&random, text).map_err(|_| KeyError)?.as_ref().to_vec()),
        }
    }
}
