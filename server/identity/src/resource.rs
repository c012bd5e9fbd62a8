//! Identifiers of resource servers (RFC 8707).

use url::Url;

/// Whether two resource identifiers are the same URL (RFC 8707 §2, RFC 3986 §6.2.2 and §6.2.3), ignoring the case of
/// scheme and host, the default port, and trailing slashes.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    fn plain(text: &str) -> Option<Url> {
        let mut url = Url::parse(text).ok().filter(Url::has_host)?;
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Some(url)
    }
    one == other || plain(one).is_some_and(|one| plain(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_resource_is_compared_as_a_url() {
        let mcp = "http://agent.example/mcp";
        for same in [mcp, "http://agent.example/mcp/", "HTTP://Agent.Example/mcp", "http://agent.example:80/mcp//"] {
            assert!(is_same(mcp, same), "{same}");
        }
        assert!(is_same("http://localhost:3000", "http://LOCALHOST:3000/"));
        for other in [
            "https://agent.example/mcp",
            "http://agent.example:8080/mcp",
            "http://agent.example/MCP",
            "http://agent.example/mcp2",
            "http://agent.example/mcp/more",
            "http://agent.example/",
            "http://agent.example/mcp?x",
            "http://agent.example/mcp#x",
            "http://user@agent.example/mcp",
            "http://evil.example/mcp",
            "agent.example/mcp",
            "",
        ] {
            assert!(!is_same(mcp, other), "{other}");
        }
        assert!(is_same("urn:a:b", "urn:a:b") && !is_same("urn:a:b", "urn:a:b/"));
    }
}
