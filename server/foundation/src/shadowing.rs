//! Defence against cookie shadowing (THREATS.md line 52). All of our cookies have the path `/`. A cookie of the same
//! name that a sibling port or another page set for a narrower path is sent next to ours, so both would count as none
//! on that path forever. When a browser sends two, the answer expires those of narrower paths.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::cookie::cookies;

/// The prefix of all our cookies. Over TLS they also have the prefix `__Host-`, which prevents shadowing.
const OURS: &str = "mandate_";

/// Deeper paths are ignored: no site has any.
const DEPTH: usize = 16;

/// The middleware in front of every answer of a site.
pub(crate) async fn expire(request: Request, next: Next) -> Response {
    let cookies = expired(request.headers(), request.uri().path());
    let mut response = next.run(request).await;
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The `Set-Cookie` values that expire, for each of our names that came twice, the cookies of narrower paths.
fn expired(headers: &HeaderMap, path: &str) -> Vec<HeaderValue> {
    let mut names: Vec<&str> = cookies(headers).map(|(name, _)| name).filter(|name| is_ours(name)).collect();
    names.sort_unstable();
    let twice = |name: &str| names.iter().filter(|other| **other == name).count() > 1;
    let mut shadowed: Vec<&str> = names.iter().copied().filter(|name| twice(name)).collect();
    shadowed.dedup();
    if shadowed.is_empty() {
        return Vec::new();
    }
    let set = |(name, path): (&str, &str)| {
        HeaderValue::from_str(&format!("{name}=; Path={path}; HttpOnly; SameSite=Lax; Max-Age=0")).ok()
    };
    let paths = narrower(path);
    shadowed.iter().flat_map(|name| paths.iter().map(move |path| (*name, *path))).filter_map(set).collect()
}

fn is_ours(name: &str) -> bool {
    name.starts_with(OURS) && name.len() < 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The paths other than `/` for which a browser sends a cookie here (RFC 6265 §5.1.4): this one and those above it,
/// each with and without a trailing slash.
fn narrower(path: &str) -> Vec<&str> {
    // A cookie's path can't contain a semicolon.
    let path = path.split(';').next().unwrap_or_default();
    let slashes = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).take(DEPTH);
    let mut found: Vec<&str> = slashes.flat_map(|at| [&path[..at], &path[..=at]]).filter(|path| *path != "/").collect();
    if found.last() != Some(&path) && path.len() > 1 && found.len() < 2 * DEPTH {
        found.push(path);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expires(cookie: &'static str, path: &str) -> Vec<String> {
        let headers = [(header::COOKIE, HeaderValue::from_static(cookie))].into_iter().collect();
        let text =
            |value: HeaderValue| value.to_str().expect("text").replace("; HttpOnly; SameSite=Lax; Max-Age=0", "");
        expired(&headers, path).into_iter().map(text).collect()
    }

    /// THREATS.md line 52.
    #[test]
    fn line_52_every_path_of_a_shadowing_cookie_is_named() {
        assert_eq!(narrower("/"), Vec::<&str>::new());
        assert_eq!(narrower("/accounts"), ["/accounts"]);
        assert_eq!(narrower("/accounts/"), ["/accounts", "/accounts/"]);
        assert_eq!(narrower("/api/threads/1"), ["/api", "/api/", "/api/threads", "/api/threads/", "/api/threads/1"]);
        assert_eq!(narrower("/a;b/c"), ["/a"]);
        assert_eq!(narrower("//a"), ["//", "//a"]);
        assert!(narrower(&"/a".repeat(10_000)).len() <= 2 * DEPTH);
    }

    /// THREATS.md line 52.
    #[test]
    fn line_52_shadowing_cookies_of_narrower_paths_are_expired() {
        assert_eq!(
            expires("mandate_agent=a; x=1; mandate_agent=b", "/api/threads"),
            ["mandate_agent=; Path=/api", "mandate_agent=; Path=/api/", "mandate_agent=; Path=/api/threads"]
        );
        // For the cookies of every site, since a browser sends them to all sites of a host.
        assert_eq!(
            expires("mandate_tenant=a; mandate_agent=b; mandate_tenant=c; mandate_agent=d; mandate_tenant=e", "/u"),
            ["mandate_agent=; Path=/u", "mandate_tenant=; Path=/u"]
        );
        for one in ["mandate_agent=a", "mandate_agent=a; mandate_tenant=b; x=1; x=2", "__Host-mandate_agent=a", ""] {
            assert_eq!(expires(one, "/accounts"), Vec::<String>::new(), "{one}");
        }
        assert_eq!(expires("mandate_agent=a; mandate_agent=b", "/"), Vec::<String>::new());
    }
}
