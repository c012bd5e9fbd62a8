//! The bearer token of a request (RFC 6750 §2.1).

use axum::http::{HeaderMap, header};
use headers::{Authorization, HeaderMapExt, authorization::Bearer};

/// Why a request has no bearer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBearer {
    /// No `Authorization` header.
    Missing,
    /// Another scheme.
    OtherScheme,
    /// Two headers, an empty token, or more than a token.
    NotOne,
}

/// Reads the token from the one `Authorization` header. The query and cookies are never read. Two tokens are refused,
/// because a proxy in front may have read the other one.
///
/// # Errors
/// [`NoBearer`] says why there is no token.
pub fn bearer(headers: &HeaderMap) -> Result<Authorization<Bearer>, NoBearer> {
    if headers.get_all(header::AUTHORIZATION).iter().nth(1).is_some() {
        return Err(NoBearer::NotOne);
    }
    let found = headers.typed_try_get::<Authorization<Bearer>>().map_err(|_| NoBearer::OtherScheme)?;
    let found = found.ok_or(NoBearer::Missing)?;
    if found.token().is_empty() || found.token().contains(' ') { Err(NoBearer::NotOne) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(values: &[&'static str]) -> Result<String, NoBearer> {
        let headers = values.iter().map(|value| (header::AUTHORIZATION, value.parse().expect("a header"))).collect();
        bearer(&headers).map(|found| found.token().to_owned())
    }

    #[test]
    fn one_token_in_any_case_of_its_scheme_is_read() {
        for value in ["Bearer abc", "bearer abc", "BEARER  abc"] {
            assert_eq!(token(&[value]).as_deref(), Ok("abc"), "{value}");
        }
    }

    #[test]
    fn anything_but_one_token_is_refused() {
        assert_eq!(token(&[]), Err(NoBearer::Missing));
        for value in ["Basic YTpi", "Bearer", "Bearers abc", "abc", ""] {
            assert_eq!(token(&[value]), Err(NoBearer::OtherScheme), "{value}");
        }
        for values in
            [&["Bearer "][..], &["Bearer a b"], &["Bearer a "], &["Bearer a", "Bearer a"], &["Bearer a", "Basic b"]]
        {
            assert_eq!(token(values), Err(NoBearer::NotOne), "{values:?}");
        }
    }
}
