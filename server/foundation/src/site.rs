//! A site's public URL and everything derived from it.

use url::Url;

/// The public URL of a site, an origin without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    url: Url,
}

/// Whether a path is a file of the pages: the bundle, a style sheet, a script or a picture.
pub(crate) fn is_file(path: &str) -> bool {
    ["/pkg/", "/style/", "/public/"].iter().any(|folder| path.starts_with(folder))
}

impl Site {
    /// # Errors
    /// When the URL isn't `http` or `https` with a host and nothing after it.
    pub fn new(url: Url) -> Result<Self, &'static str> {
        let origin_only = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        if origin_only { Ok(Self { url }) } else { Err("a public URL is http(s)://host[:port] and nothing more") }
    }

    /// The issuer and base of every address, with a trailing slash.
    pub fn issuer(&self) -> &str {
        self.url.as_str()
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    /// As a browser writes it in `Origin`, without a trailing slash.
    pub fn origin(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// An address on this site: `at("api/orders")`.
    pub fn at(&self, path: &str) -> String {
        format!("{}{}", self.issuer(), path.trim_start_matches('/'))
    }

    /// As people read it and browsers write it in `Host`: `localhost:3001`.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether only this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }

    /// A path on this site to return to, or `/` if the text is anything else: it may have no scheme, host, backslash,
    /// control character or anything that a browser would read as another origin. Its length is limited, because it is
    /// stored for anyone who asks.
    pub fn return_to(&self, text: &str) -> String {
        let suspicious = !text.starts_with('/')
            || text.len() > 2048
            || text.starts_with("//")
            || text.chars().any(|c| c == '\\' || c.is_control() || c.is_whitespace());
        if suspicious {
            return "/".into();
        }
        match self.url.join(text) {
            Ok(url) if url.origin() == self.url.origin() && !url.path().starts_with("//") => {
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                format!("{}{query}", url.path())
            }
            _ => "/".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site::new(Url::parse("http://localhost:3000").expect("a URL")).expect("a site")
    }

    /// THREATS.md line 41.
    #[test]
    fn line_41_only_own_paths_are_returned_to() {
        assert_eq!(site().return_to("/t/1?a=b"), "/t/1?a=b");
        for evil in [
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https:evil.example",
            "https://evil.example",
            "http://localhost:3000@evil.example/",
            "\\\\evil.example",
            "javascript:alert(1)",
            "",
            "evil",
            "/\n/evil",
            "http://localhost:3001/",
            " //evil.example",
            "/ /evil",
            &format!("/{}", "x".repeat(2048)),
        ] {
            assert_eq!(site().return_to(evil), "/", "{evil:?}");
        }
        // Encoded forms are still paths of this site.
        assert_eq!(site().return_to("/%2f%2fevil.example"), "/%2f%2fevil.example");
        assert_eq!(site().return_to("/..//evil.example"), "/");
    }

    #[test]
    fn a_site_is_an_origin_and_nothing_more() {
        assert_eq!(
            (site().issuer(), site().origin(), site().host().as_str()),
            ("http://localhost:3000/", "http://localhost:3000", "localhost:3000")
        );
        for wrong in ["http://localhost:3000/path", "ftp://localhost", "http://u@localhost/", "http://localhost/?q"] {
            assert!(Site::new(Url::parse(wrong).expect("a URL")).is_err(), "{wrong}");
        }
    }
}
