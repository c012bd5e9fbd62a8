//! The parameters of a request: a form or a JSON object, without duplicates or overlong values.

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::error::OAuthError;

/// Maximum length of a value, in bytes: that of `authorization_details` (THREATS.md line 4).
const LONGEST: usize = 16 * 1024;
/// Maximum number of parameters.
const MOST: usize = 64;

/// Parameters by name. A parameter without a value counts as absent (RFC 6749 §3.1).
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a body by its content type (WIRE.md: the token endpoint accepts both).
    ///
    /// # Errors
    /// `invalid_request` when the body is neither, a parameter is duplicated, or anything is too long.
    pub fn from_body(headers: &HeaderMap, body: &Bytes) -> Result<Self, OAuthError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/json" => {
                let Members(members) = serde_json::from_slice(body)
                    .map_err(|_| OAuthError::invalid_request("The body is not a JSON object"))?;
                let text = |value| match value {
                    Value::String(text) => text,
                    Value::Null => String::new(),
                    other => other.to_string(),
                };
                Self::from_pairs(members.into_iter().map(|(name, value)| (name, text(value))))
            }
            "application/x-www-form-urlencoded" => {
                Self::from_pairs(url::form_urlencoded::parse(body).map(|(name, value)| (name.into(), value.into())))
            }
            _ => Err(OAuthError::invalid_request("The body must be a form or a JSON object")),
        }
    }

    /// From pairs, such as a query's.
    ///
    /// # Errors
    /// `invalid_request` when a parameter is duplicated, or anything is too long.
    pub fn from_pairs(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, OAuthError> {
        let mut params = Vec::new();
        for (name, value) in pairs {
            if name.len() > 256 || value.len() > LONGEST || params.len() == MOST {
                return Err(OAuthError::invalid_request("A parameter is too long, or there are too many"));
            }
            if params.iter().any(|(known, _)| *known == name) {
                // The name comes from the client, so the answer repeats it only if it is a plain word.
                let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                let name = if plain { name } else { "A parameter".into() };
                return Err(OAuthError::invalid_request(format!("{name} is there twice")));
            }
            params.push((name, value));
        }
        Ok(Self(params))
    }

    /// A parameter's value, unless it is absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A required parameter.
    ///
    /// # Errors
    /// `invalid_request` with its name.
    pub fn required(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::invalid_request(format!("{name} is missing")))
    }
}

/// The members of a JSON object in order, including duplicates.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn parse(kind: &'static str, body: &str) -> Result<Params, OAuthError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        Params::from_body(&headers, &Bytes::from(body.to_owned()))
    }

    #[test]
    fn form_and_json_parameters_are_equal() {
        let form = parse("application/x-www-form-urlencoded; charset=utf-8", "a=b%20c&empty=&n=5").expect("a form");
        let json = parse("application/json", r#"{"a":"b c","empty":"","n":5,"none":null}"#).expect("JSON");
        for params in [form, json] {
            assert_eq!(params.get("a"), Some("b c"));
            assert_eq!(params.get("n"), Some("5"));
            assert_eq!((params.get("empty"), params.get("none")), (None, None));
            assert!(params.required("other").is_err());
        }
    }

    /// THREATS.md line 4.
    #[test]
    fn line_4_a_parameter_twice_or_too_long_is_refused() {
        let long = "x".repeat(17_000);
        for (kind, body) in [
            ("application/x-www-form-urlencoded", "code=a&code=a".to_owned()),
            ("application/x-www-form-urlencoded", "code=&code=a".to_owned()),
            ("application/json", r#"{"code":"a","code":"b"}"#.to_owned()),
            ("application/x-www-form-urlencoded", format!("a={long}")),
            ("application/json", "[]".to_owned()),
            ("application/json", "{".to_owned()),
            ("text/plain", "a=b".to_owned()),
        ] {
            let error = parse(kind, &body).expect_err(&body);
            assert_eq!(error.error, "invalid_request");
        }
    }
}
