//! The cookies of a request.

use axum::http::{HeaderMap, header};

/// A site's cookie in a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    None,
    One(String),
    /// Two cookies of the same name. One of them shadows the other, so neither counts (THREATS.md line 52).
    Many,
}

/// The cookies of a request, name and value.
pub(crate) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim()))
}

/// The cookie of this name.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Cookie {
    let mut found = cookies(headers).filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    match (found.next(), found.next()) {
        (None, _) => Cookie::None,
        (Some(value), None) => Cookie::One(value),
        (Some(_), Some(_)) => Cookie::Many,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[&'static str]) -> HeaderMap {
        pairs.iter().map(|value| (header::COOKIE, HeaderValue::from_static(value))).collect()
    }

    /// THREATS.md line 52.
    #[test]
    fn line_52_two_cookies_of_one_name_count_as_none() {
        assert_eq!(cookie(&headers(&["a=1; mandate_agent=x; b=2"]), "mandate_agent"), Cookie::One("x".into()));
        assert_eq!(cookie(&headers(&["mandate_agent=x; mandate_agent=y"]), "mandate_agent"), Cookie::Many);
        assert_eq!(cookie(&headers(&["mandate_agent=x", "mandate_agent=x"]), "mandate_agent"), Cookie::Many);
        // A name that other parsers would also accept.
        assert_eq!(cookie(&headers(&["mandate_agent =x; mandate_agent=y"]), "mandate_agent"), Cookie::Many);
        assert_eq!(cookie(&headers(&["mandate_agent_x=1"]), "mandate_agent"), Cookie::None);
    }
}
