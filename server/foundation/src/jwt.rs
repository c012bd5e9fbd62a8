//! JSON Web Tokens: signing with an instance's key, verifying with an issuer's (RFC 7519, RFC 8725).
//!
//! RS256, or ES256 if an API requires it. Only the issuer's key determines how a token is verified. The token's header
//! never chooses an algorithm or a key.

mod remote;
mod signing;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm},
};
use serde::{Deserialize, de::DeserializeOwned};

pub use remote::RemoteKeys;
pub use signing::{KeyError, Signing, SigningKey};

/// How far clocks may differ, in seconds.
const SKEW: i64 = 60;
/// The requirements on a token.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    pub iss: &'a str,
    /// An audience that the token must have. Empty accepts any, which is only for an `id_token_hint`.
    pub aud: &'a str,
    pub typ: &'a str,
    /// Whether an expired token is accepted, which is only for an `id_token_hint`.
    pub expired_too: bool,
}

/// Why a token was refused. The texts don't help to forge a better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    #[error("the token is not valid here")]
    Invalid,
    #[error("the token has expired")]
    Expired,
    #[error("the token is dated in the future: the clocks here and at its issuer differ")]
    Early,
    /// None of the issuer's keys has the token's `kid`.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    #[error("the issuer's keys can't be fetched")]
    NoKeys,
}

#[derive(Deserialize)]
struct Times {
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
}

/// Reads a token's header and its `kid`. Refuses keys and critical parameters in the header, and a wrong type, before
/// any key is fetched (RFC 8725 §3.10, §3.11).
fn header_of(token: &str, expect: Expect<'_>) -> Result<(Header, String), JwtError> {
    if token.len() > 16 * 1024 {
        return Err(JwtError::Invalid);
    }
    let mut header = jsonwebtoken::decode_header(token).map_err(|_| JwtError::Invalid)?;
    if header.typ.as_deref() != Some(expect.typ)
        || header.crit.is_some()
        || header.jku.is_some()
        || header.jwk.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some()
    {
        return Err(JwtError::Invalid);
    }
    let kid = header.kid.take().ok_or(JwtError::Invalid)?;
    Ok((header, kid))
}

/// Verifies a token. Reads its claims from the signed text, so that the claims' type can refuse a duplicate claim.
///
/// # Errors
/// When the header, signature, issuer, audience, type or a time is wrong.
pub fn verify<T: DeserializeOwned>(token: &str, keys: &JwkSet, expect: Expect<'_>, now: i64) -> Result<T, JwtError> {
    let (header, kid) = header_of(token, expect)?;
    let jwk = keys.find(&kid).ok_or(JwtError::UnknownKey)?;
    // RFC 8725 §3.1: the key's own algorithm.
    let algorithm = algorithm_of(jwk).ok_or(JwtError::Invalid)?;
    if header.alg != algorithm {
        return Err(JwtError::Invalid);
    }
    let key = DecodingKey::from_jwk(jwk).map_err(|_| JwtError::Invalid)?;
    let mut validation = Validation::new(algorithm);
    // Times are checked below, with this program's clock.
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
        let ahead = times.nbf.max(times.iat).unwrap_or_default() - now;
        tracing::error!(
            issuer = expect.iss,
            ahead,
            "a token is dated in the future: the clocks differ by `ahead` seconds"
        );
        return Err(JwtError::Early);
    }
    if !expect.expired_too && times.exp + SKEW <= now {
        return Err(JwtError::Expired);
    }
    let payload = token.split('.').nth(1).ok_or(JwtError::Invalid)?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).map_err(|_| JwtError::Invalid)?;
    crate::json::read(&payload).map_err(|_| JwtError::Invalid)
}

/// The algorithm of an issuer's key: RS256 for RSA, ES256 for P-256.
fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        _ => return None,
    };
    jwk.common.key_algorithm.is_none_or(|it| it == named).then_some(algorithm)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::EncodingKey;
    use serde_json::{Value, json};

    use super::*;

    pub(super) const NOW: i64 = 1_800_000_000;

    pub(super) const EXPECT: Expect<'static> =
        Expect { iss: "http://localhost:3001/", aud: "http://localhost:3000/mcp", typ: "at+jwt", expired_too: false };

    pub(super) fn claims() -> Value {
        json!({"iss": EXPECT.iss, "aud": EXPECT.aud, "sub": "usr_1", "iat": NOW, "exp": NOW + 3600})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    /// A key, with its private half for forging tokens.
    fn made(signing: Signing) -> (SigningKey, EncodingKey) {
        let (key, text) = SigningKey::generate_for(signing).expect("a key");
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        let private = match signing {
            Signing::Rs256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
            Signing::Es256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        };
        (key, private.expect("a key"))
    }

    pub(super) fn set(key: &SigningKey) -> JwkSet {
        JwkSet { keys: vec![key.public().clone()] }
    }

    fn encode(text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    /// THREATS.md line 19.
    #[test]
    fn line_19_other_issuer_audience_type_or_time_is_refused() {
        for signing in [Signing::Rs256, Signing::Es256] {
            only_of_this_issuer(&made(signing).0);
        }
    }

    fn only_of_this_issuer(key: &SigningKey) {
        let keys = set(key);
        let good = key.sign("at+jwt", &claims()).expect("a token");
        assert!(verify::<Value>(&good, &keys, EXPECT, NOW).is_ok());
        for (typ, claims) in [
            ("JWT", claims()),
            ("approval+jwt", claims()),
            ("at+jwt", with("aud", json!("http://localhost:3002/api"))),
            ("at+jwt", with("aud", json!(["http://localhost:3002/api"]))),
            ("at+jwt", with("iss", json!("http://localhost:3002/"))),
            ("at+jwt", with("iss", json!("http://localhost:3001"))),
            ("at+jwt", with("nbf", json!(NOW + 61))),
            ("at+jwt", with("iat", json!(NOW + 61))),
            ("at+jwt", with("exp", json!(NOW - 61))),
            ("at+jwt", with("exp", json!("soon"))),
            ("at+jwt", with("exp", Value::Null)),
        ] {
            let token = key.sign(typ, &claims).expect("a token");
            assert!(verify::<Value>(&token, &keys, EXPECT, NOW).is_err(), "{typ} {claims}");
        }
        // A token of another type is refused as invalid, even when another key signed it.
        let other = made(Signing::Rs256).0.sign("JWT", &claims()).expect("a token");
        assert!(matches!(verify::<Value>(&other, &keys, EXPECT, NOW), Err(JwtError::Invalid)));
        // Within the skew.
        let skewed = key.sign("at+jwt", &with("exp", json!(NOW - 59))).expect("a token");
        assert!(verify::<Value>(&skewed, &keys, EXPECT, NOW).is_ok());
    }

    /// THREATS.md line 19.
    #[test]
    fn line_19_the_header_chooses_neither_algorithm_nor_key() {
        let ((key, private), (other, foreign)) = (made(Signing::Rs256), made(Signing::Rs256));
        let keys = set(&key);
        let kid = key.public().common.key_id.clone().expect("a kid");
        let payload = encode(&claims().to_string());
        // alg none, with and without a signature.
        for end in ["", "AAAA"] {
            let header = encode(&json!({"alg": "none", "typ": "at+jwt", "kid": kid}).to_string());
            assert!(verify::<Value>(&format!("{header}.{payload}.{end}"), &keys, EXPECT, NOW).is_err());
        }
        // HS256 with the public key as the secret.
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some("at+jwt".into());
        header.kid = Some(kid.clone());
        let public = serde_json::to_vec(key.public()).expect("JSON");
        let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&public)).expect("a token");
        assert!(verify::<Value>(&forged, &keys, EXPECT, NOW).is_err());
        // Another key under our `kid`, unusual `kid`s, and keys and algorithms named in the header.
        let sign = |change: &dyn Fn(&mut Header), key: &EncodingKey| {
            let mut header = Header::new(Algorithm::RS256);
            header.typ = Some("at+jwt".into());
            header.kid = Some(kid.clone());
            change(&mut header);
            jsonwebtoken::encode(&header, &claims(), key).expect("a token")
        };
        assert!(verify::<Value>(&sign(&|_| {}, &private), &keys, EXPECT, NOW).is_ok());
        let wrong = [
            sign(&|_| {}, &foreign),
            sign(&|header| header.kid = None, &private),
            sign(&|header| header.kid = Some("../../etc/passwd".into()), &private),
            sign(&|header| header.kid = Some("' OR 1=1 --".into()), &private),
            sign(&|header| header.jku = Some("http://evil.example/keys".into()), &private),
            sign(&|header| header.x5u = Some("http://evil.example/cert".into()), &private),
            sign(&|header| header.jwk = Some(other.public().clone()), &foreign),
            sign(&|header| header.crit = Some(vec!["exp".into()]), &private),
            sign(&|header| header.typ = None, &private),
        ];
        for token in wrong {
            assert!(verify::<Value>(&token, &keys, EXPECT, NOW).is_err(), "{token}");
        }
        // A changed payload, a shortened token and a lengthened one.
        let good = sign(&|_| {}, &private);
        let parts: Vec<&str> = good.split('.').collect();
        let other_person = encode(&with("sub", json!("usr_2")).to_string());
        assert!(verify::<Value>(&format!("{}.{other_person}.{}", parts[0], parts[2]), &keys, EXPECT, NOW).is_err());
        assert!(verify::<Value>(&good[..good.len() - 4], &keys, EXPECT, NOW).is_err());
        assert!(verify::<Value>(&format!("{good}AAAA"), &keys, EXPECT, NOW).is_err());
        assert!(verify::<Value>(&"a".repeat(20_000), &keys, EXPECT, NOW).is_err());
    }

    #[test]
    fn stored_key_is_read_again() {
        for signing in [Signing::Rs256, Signing::Es256] {
            let (key, stored) = SigningKey::generate_for(signing).expect("a key");
            let again = SigningKey::from_pkcs8(&stored).expect("the same key");
            assert_eq!(key.public(), again.public());
            let token = again.sign("at+jwt", &claims()).expect("a token");
            assert!(verify::<Value>(&token, &set(&key), EXPECT, NOW).is_ok());
            assert!(!format!("{key:?}").contains(&stored));
        }
        assert!(SigningKey::from_pkcs8("AAAA").is_err());
    }

    /// A key verifies only its own algorithm, whatever a header or a key set claims (RFC 8725 §3.1).
    #[test]
    fn line_19_key_verifies_only_its_own_algorithm() {
        let ((rsa, rsa_private), (p256, p256_private)) = (made(Signing::Rs256), made(Signing::Es256));
        let both = JwkSet { keys: vec![rsa.public().clone(), p256.public().clone()] };
        let token = |algorithm, kid: &SigningKey, key: &EncodingKey| {
            let mut header = Header::new(algorithm);
            header.typ = Some("at+jwt".into());
            header.kid = kid.public().common.key_id.clone();
            jsonwebtoken::encode(&header, &claims(), key).expect("a token")
        };
        let is_good = |token: &str, keys: &JwkSet| verify::<Value>(token, keys, EXPECT, NOW).is_ok();
        assert!(is_good(&token(Algorithm::RS256, &rsa, &rsa_private), &both));
        assert!(is_good(&token(Algorithm::ES256, &p256, &p256_private), &both));
        for (algorithm, kid, key) in [
            (Algorithm::RS256, &p256, &rsa_private),
            (Algorithm::ES256, &rsa, &p256_private),
            (Algorithm::RS384, &rsa, &rsa_private),
            (Algorithm::PS256, &rsa, &rsa_private),
        ] {
            assert!(!is_good(&token(algorithm, kid, key), &both), "{algorithm:?}");
        }
        let mut other = p256.public().clone();
        other.common.key_algorithm = Some(KeyAlgorithm::ES384);
        assert!(!is_good(&token(Algorithm::ES256, &p256, &p256_private), &JwkSet { keys: vec![other] }));
        let mut unnamed = rsa.public().clone();
        unnamed.common.key_algorithm = None;
        assert!(is_good(&token(Algorithm::RS256, &rsa, &rsa_private), &JwkSet { keys: vec![unnamed] }));
    }

    /// The claims' type refuses a duplicate claim.
    #[test]
    fn claims_are_read_from_the_signed_text() {
        #[derive(Debug, Deserialize)]
        struct Claims {
            #[allow(dead_code)]
            sub: String,
        }
        let (key, _) = SigningKey::generate().expect("a key");
        let text = claims().to_string().replacen("{", "{\"sub\":\"usr_2\",", 1);
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str(&text).expect("JSON");
        let token = key.sign("at+jwt", &raw).expect("a token");
        assert_eq!(verify::<Claims>(&token, &set(&key), EXPECT, NOW).err(), Some(JwtError::Invalid));
    }
}
