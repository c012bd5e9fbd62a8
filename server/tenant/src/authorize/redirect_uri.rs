//! Redirect URIs: compared as the texts that they are (RFC 9700 §2.1), but for the port of a loopback one of a
//! client that registered itself (RFC 8252 §7.3).

use url::Url;

use crate::client::Client;

/// Whether a redirect URI is one of the client's.
pub(crate) fn is_registered(client: &Client, uri: &str) -> bool {
    client.redirect_uris.iter().any(|known| {
        known == uri
            || (client.registered
                && matches!((loopback(known), loopback(uri)), (Some(known), Some(other)) if known == other))
    })
}

/// Whether it leads to a program on the person's own machine.
pub(crate) fn is_loopback(uri: &str) -> bool {
    loopback(uri).is_some()
}

/// Host and what follows the port of an `http` loopback URI, as they are written.
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

/// Where the browser goes with the code, as people read it: `127.0.0.1:51234`; for a scheme of its own that.
pub(crate) fn host(uri: &str) -> String {
    let Ok(url) = Url::parse(uri) else { return uri.to_owned() };
    match (url.scheme(), url.host_str(), url.port()) {
        ("http" | "https", Some(host), Some(port)) => format!("{host}:{port}"),
        ("http" | "https", Some(host), None) => host.to_owned(),
        (scheme, host, _) => format!("{scheme}://{}", host.unwrap_or_default()),
    }
}

/// What consent is remembered for: the host, without the port where any port will do.
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

    /// security.md line 1.
    #[test]
    fn line_1_nothing_but_the_registered_text_is_the_clients() {
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
        // A client of the settings has no port to choose.
        assert!(!is_registered(&self::client(false, "http://127.0.0.1:1/cb"), "http://127.0.0.1:2/cb"));
    }

    /// security.md line 1: native clients on loopback.
    #[test]
    fn line_1_a_loopback_client_may_choose_its_port_and_nothing_else() {
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

    #[test]
    fn consent_is_remembered_for_a_place() {
        assert_eq!(place("http://127.0.0.1:51234/cb"), "127.0.0.1");
        assert_eq!(place("https://app.example:8443/cb"), "app.example:8443");
        assert_eq!(host("http://127.0.0.1:51234/cb"), "127.0.0.1:51234");
        assert_eq!(host("cursor://anysphere.mcp/cb"), "cursor://anysphere.mcp");
    }
}
