//! Cookies of our names that somebody else planted (THREATS.md line 52). All of ours are for `/`; one that a sibling
//! port or another page set for a narrower path comes beside it, so that both count as none, on that path for ever: so
//! whoever sends two is told to drop those of narrower paths.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::cookie::cookies;

/// What the names of all our cookies begin with. Over TLS there is `__Host-` before it, and nobody can plant one.
const OURS: &str = "mandate_";

/// Paths with more parts than that are nobody's.
const DEPTH: usize = 16;

/// The layer, in front of everything that a site answers.
pub(crate) async fn expire(request: Request, next: Next) -> Response {
    let cookies = expired(request.headers(), request.uri().path());
    let mut response = next.run(request).await;
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The `Set-Cookie`s that take away, of each of our names that came twice, those of narrower paths.
fn expired(headers: &HeaderMap, path: &str) -> Vec<HeaderValue> {
    let mut names: Vec<&str> = cookies(headers).map(|(name, _)| name).filter(|name| is_ours(name)).collect();
    names.sort_unstable();
    let twice = |name: &str| names.iter().filter(|other| **other == name).count() > 1;
    let mut planted: Vec<&str> = names.iter().copied().filter(|name| twice(name)).collect();
    planted.dedup();
    if planted.is_empty() {
        return Vec::new();
    }
    let set = |(name, path): (&str, &str)| {
        HeaderValue::from_str(&format!("{name}=; Path={path}; HttpOnly; SameSite=Lax; Max-Age=0")).ok()
    };
    let paths = narrower(path);
    planted.iter().flat_map(|name| paths.iter().map(move |path| (*name, *path))).filter_map(set).collect()
}

fn is_ours(name: &str) -> bool {
    name.starts_with(OURS) && name.len() < 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The paths but `/` for which a browser sends a cookie here (RFC 6265 §5.1.4): this one and those above it, each with
/// and without a slash at its end.
fn narrower(path: &str) -> Vec<&str> {
    // No cookie's path holds a semicolon.
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

    fn told(cookie: &'static str, path: &str) -> Vec<String> {
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
            told("mandate_agent=a; x=1; mandate_agent=b", "/api/threads"),
            ["mandate_agent=; Path=/api", "mandate_agent=; Path=/api/", "mandate_agent=; Path=/api/threads"]
        );
        // Of each site's, since all come to all sites of one host.
        assert_eq!(
            told("mandate_tenant=a; mandate_agent=b; mandate_tenant=c; mandate_agent=d; mandate_tenant=e", "/u"),
            ["mandate_agent=; Path=/u", "mandate_tenant=; Path=/u"]
        );
        for one in ["mandate_agent=a", "mandate_agent=a; mandate_tenant=b; x=1; x=2", "__Host-mandate_agent=a", ""] {
            assert_eq!(told(one, "/accounts"), Vec::<String>::new(), "{one}");
        }
        assert_eq!(told("mandate_agent=a; mandate_agent=b", "/"), Vec::<String>::new());
    }
}
