//! Redirect URIs. They are compared as text (RFC 9700 §2.1), except for the port of a loopback URI of a client that
//! registered itself (RFC 8252 §7.3). Also decides which URIs may be registered, and which the consent page warns
//! about.

mod scheme;

use url::{Host, Url};

use crate::client::Client;

/// Whether a redirect URI is registered for the client.
pub(crate) fn is_registered(client: &Client, uri: &str) -> bool {
    client.redirect_uris.iter().any(|known| {
        known == uri
            || (client.registered
                && matches!((loopback(known), loopback(uri)), (Some(known), Some(other)) if known == other))
    })
}

/// Whether a client that registers itself may use this URI (THREATS.md line 36).
///
/// # Errors
/// An explanation for the client's developer.
pub(crate) fn check(uri: &str) -> Result<(), &'static str> {
    if uri.len() > 512 || !uri.bytes().all(|b| b.is_ascii_graphic()) || uri.contains(['#', '*', '\\', '"', '<', '>']) {
        return Err("A redirect URI is plain ASCII without a fragment or a wildcard");
    }
    let url = Url::parse(uri).map_err(|_| "A redirect URI is an absolute address")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("A redirect URI has no user name");
    }
    // URIs are compared as text, so a spelling that a browser would change is refused.
    let plain_path = !uri.split(['?']).next().unwrap_or_default().split('/').any(|part| part == ".." || part == ".");
    match url.scheme() {
        "https" if plain_path && is_plain_origin(uri, &url) => Ok(()),
        // A program on the person's machine, which has no certificate (RFC 8252 §7.3). Only the three names that mean
        // this machine everywhere are allowed.
        "http" if plain_path && loopback(uri).is_some() => Ok(()),
        "https" | "http" => Err(
            "A redirect URI is https://host/path, or http:// at 127.0.0.1, [::1] or localhost, as a browser writes it",
        ),
        scheme if scheme::is_own(scheme) => Ok(()),
        _ => {
            Err("A redirect URI's scheme is https, http at 127.0.0.1, [::1] or localhost, or one of the program's own")
        }
    }
}

/// Whether scheme, host and port are spelled as a browser would: no `https:host`, no `2130706433`.
fn is_plain_origin(uri: &str, url: &Url) -> bool {
    let rest = uri.strip_prefix(url.origin().ascii_serialization().as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// Whether the URI leads to a program on the person's own machine, under any name, scheme or certificate. Any program
/// there can intercept the code (THREATS.md line 38; RFC 8252 §8.6).
pub(crate) fn stays_here(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return true };
    if !matches!(url.scheme(), "http" | "https") {
        return true;
    }
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => {
            let mapped = ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback() || ip.is_unspecified());
            ip.is_loopback() || ip.is_unspecified() || mapped
        }
        None => true,
    }
}

/// The host, and the part after the port, of an `http` loopback URI, as written.
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = match authority.strip_prefix("[::1]") {
        Some(port) => ("[::1]", port),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_port = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port));
    (matches!(host, "127.0.0.1" | "localhost" | "[::1]") && is_port).then_some((host, path))
}

/// The destination of the code, for people: `127.0.0.1:51234`, or the program's own scheme.
pub(crate) fn host(uri: &str) -> String {
    let Ok(url) = Url::parse(uri) else { return uri.to_owned() };
    match (url.scheme(), url.host_str(), url.port()) {
        ("http" | "https", Some(host), Some(port)) => format!("{host}:{port}"),
        ("http" | "https", Some(host), None) => host.to_owned(),
        (scheme, host, _) => format!("{scheme}://{}", host.unwrap_or_default()),
    }
}

/// The place that consent is remembered for: the host, without the port if any port is allowed.
pub(crate) fn place(uri: &str) -> String {
    loopback(uri).map_or_else(|| host(uri), |(host, _)| host.to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn client(registered: bool, uri: &str) -> Client {
        Client {
            id: "c".into(),
            name: "c".into(),
            secret: None,
            redirect_uris: vec![uri.into()],
            post_logout_redirect_uris: Vec::new(),
            grants: Vec::new(),
            scopes: Vec::new(),
            audiences: Vec::new(),
            first_party: false,
            registered,
            resource_server: None,
            ping: None,
            home: None,
            approval_required: false,
        }
    }

    /// THREATS.md line 1.
    #[test]
    fn line_1_redirect_uri_equals_the_registered_text() {
        let uri = "https://app.example/callback";
        let client = client(false, uri);
        assert!(is_registered(&client, uri));
        for wrong in [
            "https://App.example/callback",
            "HTTPS://app.example/callback",
            "https://app.example:443/callback",
            "https://app.example/callback/",
            "https://app.example/callback?x",
            "https://app.example/callback#x",
            "https://app.example/x/../callback",
            "https://app.example/%63allback",
            "https://u@app.example/callback",
            "https://app.example@evil.example/callback",
            "https://app.example/callback/more",
            "https://app.example/call",
            "https://evil.example/https://app.example/callback",
            "https://app.example.evil.example/callback",
            " https://app.example/callback",
            "",
        ] {
            assert!(!is_registered(&client, wrong), "{wrong}");
        }
        // A client of the settings can't choose its port.
        assert!(!is_registered(&self::client(false, "http://127.0.0.1:1/cb"), "http://127.0.0.1:2/cb"));
    }

    /// THREATS.md line 1: native clients on loopback.
    #[test]
    fn line_1_loopback_client_chooses_only_its_port() {
        let native = client(true, "http://127.0.0.1:3000/cb?a=b");
        for right in ["http://127.0.0.1:3000/cb?a=b", "http://127.0.0.1:51234/cb?a=b", "http://127.0.0.1/cb?a=b"] {
            assert!(is_registered(&native, right), "{right}");
        }
        for wrong in [
            "http://127.0.0.1:51234/cb",
            "http://127.0.0.1:51234/cb?a=b#c",
            "http://127.0.0.1:51234/CB?a=b",
            "http://localhost:51234/cb?a=b",
            "https://127.0.0.1:51234/cb?a=b",
            "http://127.0.0.1:0/cb?a=b",
            "http://127.0.0.1:080/cb?a=b",
            "http://127.0.0.1:99999/cb?a=b",
            "http://127.0.0.1:80@evil.example/cb?a=b",
            "http://127.0.0.1:@evil.example/cb?a=b",
            "http://127.0.0.1.evil.example/cb?a=b",
            "http://127.0.0.1:/cb?a=b",
            "http://u@127.0.0.1:3000/cb?a=b",
            "http://127.0.0.2:3000/cb?a=b",
            "http://127.1:3000/cb?a=b",
        ] {
            assert!(!is_registered(&native, wrong), "{wrong}");
        }
        assert!(is_registered(&client(true, "http://[::1]:1/cb"), "http://[::1]:2/cb"));
        assert!(!is_registered(&client(true, "https://app.example:1/cb"), "https://app.example:2/cb"));
    }

    /// THREATS.md line 36.
    #[test]
    fn line_36_only_safe_redirect_uris_register() {
        for right in [
            "http://127.0.0.1:33418/callback",
            "http://localhost/cb",
            "http://[::1]:1/cb",
            "https://claude.ai/api/mcp/auth_callback",
            "https://app.example:8443",
            "https://app.example?a=b",
            "https://localhost:9/cb",
            "https://127.0.0.1:9/cb",
            "cursor://anysphere.cursor-retrieval/oauth/callback",
            "com.example.app:/cb",
            "vscode://vscode.github-authentication/did-authenticate",
            "goose:/oauth",
            "my-app+mcp.2://cb",
        ] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        for wrong in [
            "javascript:alert(1)",
            "JavaScript://x.y/%0aalert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "about:blank",
            "blob:https://x.y/z",
            "mailto:a@x.y",
            "tel:112",
            "ws://x.y/z",
            "view-source:https://x.y/",
            "intent://x.y/z",
            "shell:startup",
            "search-ms:query=x",
            "MS-Word:ofe|u|https://x.y/z",
            "ms-settings:privacy",
            "chrome://settings",
            "chrome-extension://x/y",
            "https://app.example/cb#x",
            "https://*.app.example/cb",
            "https://app.example/*",
            "http://app.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost@evil.example/cb",
            "https://u:p@app.example/cb",
            "https://app.example/a/../cb",
            "https://app.example/c b",
            "https://app.example\\@evil.example/cb",
            "/cb",
            "",
            "https://",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }

    /// THREATS.md line 36: plain `http` only under three names, and only in a browser's spelling.
    #[test]
    fn line_36_loopback_has_three_names_in_one_spelling() {
        for wrong in [
            "http://app.localhost:9/cb",
            "http://localhost.:9/cb",
            "http://LOCALHOST:9/cb",
            "http://127.0.0.2:9/cb",
            "http://127.1:9/cb",
            "http://2130706433:9/cb",
            "http://0x7f.0.0.1:9/cb",
            "http://0.0.0.0:9/cb",
            "http://[::]:9/cb",
            "http://[0:0:0:0:0:0:0:1]:9/cb",
            "http://[::ffff:127.0.0.1]:9/cb",
            "HTTP://127.0.0.1:9/cb",
            "http:127.0.0.1:9/cb",
            "http:/127.0.0.1:9/cb",
            "http:///127.0.0.1:9/cb",
            "HTTPS://app.example/cb",
            "https:app.example/cb",
            "https:/app.example/cb",
            "https:///app.example/cb",
            "https://App.example/cb",
            "https://2130706433:9/cb",
            "https://127.1:9/cb",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }

    /// THREATS.md line 38: every address that may be registered without a certificate gets a warning, and some more.
    #[test]
    fn line_38_redirects_to_this_machine_are_recognized() {
        for here in [
            "http://127.0.0.1:9/cb",
            "http://[::1]:9/cb",
            "http://localhost:9/cb",
            "https://127.0.0.1:9/cb",
            "https://127.8.9.1/cb",
            "https://localhost/cb",
            "https://localhost./cb",
            "https://app.localhost:9/cb",
            "https://[::1]/cb",
            "https://[::]/cb",
            "https://[::ffff:127.0.0.1]/cb",
            "https://0.0.0.0/cb",
            "cursor://anysphere.mcp/cb",
            "com.example.app:/cb",
        ] {
            assert!(stays_here(here), "{here}");
        }
        for away in ["https://claude.ai/cb", "https://localhost.evil.example/cb", "https://128.0.0.1/cb"] {
            assert!(!stays_here(away), "{away}");
        }
    }

    #[test]
    fn consent_is_remembered_for_a_redirect_host() {
        assert_eq!(place("http://127.0.0.1:51234/cb"), "127.0.0.1");
        assert_eq!(place("https://app.example:8443/cb"), "app.example:8443");
        assert_eq!(host("http://127.0.0.1:51234/cb"), "127.0.0.1:51234");
        assert_eq!(host("cursor://anysphere.mcp/cb"), "cursor://anysphere.mcp");
    }
}
