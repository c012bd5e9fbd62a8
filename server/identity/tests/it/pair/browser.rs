//! A browser: a cookie jar for each host. It follows redirects one by one, and posts forms from their own pages.

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex},
};

use reqwest::{
    Method,
    header::{self, HeaderMap},
};
use serde_json::Value;
use url::Url;

use super::render;

thread_local! {
    /// Every test has a thread of its own.
    static CLIENT: reqwest::Client = {
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        // No connection outlives a site that was restarted; and certificates take longer to read than a page.
        let builder = builder.pool_max_idle_per_host(0).tls_certs_only([]);
        let hosts = ["agent.localhost", "id.localhost", "trade.localhost", "octo.localhost"];
        let builder = hosts.iter().fold(builder, |builder, host| builder.resolve(host, ([127, 0, 0, 1], 0).into()));
        builder.build().expect("a client")
    };
}

/// A client for plain HTTP, which follows nothing.
pub(crate) fn plain() -> reqwest::Client {
    CLIENT.with(Clone::clone)
}

/// Clones share the cookies: tabs of one browser.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    /// Its IP address, 127.0.0.1 by default.
    from: Option<IpAddr>,
    cookies: Arc<Mutex<HashMap<(String, String), String>>>,
    /// The forms of the pages that it showed.
    forms: Arc<Mutex<Vec<Form>>>,
}

/// The address of a form, and the names of its fields and buttons.
type Form = (Url, BTreeSet<String>);

/// The page or answer in the browser.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) location: Option<Url>,
    pub(crate) headers: HeaderMap,
    /// JSON: the body, or the page's data, or null.
    pub(crate) page: Value,
}

impl Shown {
    pub(crate) fn param(&self, name: &str) -> Option<String> {
        let at = self.location.as_ref().unwrap_or(&self.url);
        at.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn text(&self, pointer: &str) -> String {
        self.page.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

impl Browser {
    /// A browser on another machine.
    pub(crate) fn at(address: &str) -> Self {
        Self { from: Some(address.parse().expect("an address")), ..Self::default() }
    }

    fn client(&self, host: &str) -> reqwest::Client {
        let Some(from) = self.from else { return plain() };
        let client = reqwest::Client::builder().local_address(from).redirect(reqwest::redirect::Policy::none());
        client.resolve(host, ([127, 0, 0, 1], 0).into()).build().expect("a client")
    }

    /// One request, without following redirects.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &str,
        form: Option<&[(&str, &str)]>,
        headers: &[(&str, &str)],
    ) -> Shown {
        let url: Url = url.parse().expect("a URL");
        let host = url.host_str().expect("a host").to_owned();
        let mut request = self.with_cookies(self.client(&host).request(method, url.clone()), &host);
        if let Some(form) = form {
            request = request.form(form);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("an answer");
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("a cookie");
            let key = (host.clone(), name.to_owned());
            let mut jar = self.cookies.lock().expect("a lock");
            if !attributes.contains("Path=/;") {
                continue;
            }
            if attributes.contains("Max-Age=0") {
                jar.remove(&key);
            } else {
                jar.insert(key, value.to_owned());
            }
        }
        let status = response.status().as_u16();
        let location = response.headers().get(header::LOCATION).map(|to| to.to_str().expect("text").to_owned());
        let location = location.map(|to| url.join(&to).expect("a URL"));
        let headers = response.headers().clone();
        let text = response.text().await.unwrap_or_default();
        let page = serde_json::from_str(&text).unwrap_or_else(|_| {
            self.keep_forms(&url, &text);
            render::data(&text)
        });
        Shown { url, status, location, headers, page }
    }

    fn keep_forms(&self, url: &Url, html: &str) {
        let posted = driver::html::forms(html).into_iter().filter(|form| form.method == "post").map(|form| {
            let names = form.fields.into_iter().chain(form.buttons).map(|(name, _)| name).collect();
            (url.join(&form.action).expect("an address"), names)
        });
        self.forms.lock().expect("a lock").extend(posted);
    }

    fn with_cookies(&self, request: reqwest::RequestBuilder, host: &str) -> reqwest::RequestBuilder {
        let jar = self.cookies.lock().expect("a lock");
        let own = jar.iter().filter(|((at, _), _)| at == host);
        let cookies: Vec<String> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies.join("; ")) }
    }

    /// Forgets the cookies of a host.
    pub(crate) fn forget(&self, host: &str) {
        self.cookies.lock().expect("a lock").retain(|(at, _), _| at != host);
    }

    /// Opens an event stream.
    pub(crate) async fn stream(&self, url: &str) -> reqwest::Response {
        let host = url.parse::<Url>().expect("a URL").host_str().expect("a host").to_owned();
        let request = self.with_cookies(plain().get(url), &host);
        request.send().await.expect("an answer")
    }

    pub(crate) async fn get(&self, url: &str) -> Shown {
        self.send(Method::GET, url, None, &[]).await
    }

    /// Follows a failed callback to its page, whose address holds a fixed word and no code (THREATS.md line 10).
    pub(crate) async fn error_of(&self, callback: &str) -> Shown {
        let shown = self.get(callback).await;
        assert_eq!((shown.status, &shown.page), (303, &Value::Null), "{callback}: {shown:?}");
        let to = shown.location.expect("a way on");
        let kind = to.query().and_then(|query| query.strip_prefix("kind=")).unwrap_or_default();
        assert!(!kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{to}");
        assert_eq!((to.path(), to.host_str()), ("/u/error", shown.url.host_str()), "{to}");
        let shown = self.get(to.as_str()).await;
        assert_eq!(shown.text("/view"), "error", "{to}: {shown:?}");
        shown
    }

    /// Posts a form from the site's own page without having seen it, as a script of the page could.
    pub(crate) async fn forge(&self, url: &str, form: &[(&str, &str)]) -> Shown {
        let origin = url.parse::<Url>().expect("a URL").origin().ascii_serialization();
        let headers = [("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, url, Some(form), &headers).await
    }

    /// Posts a form of a page. If it is accepted, a page that was shown has such a form.
    pub(crate) async fn post(&self, url: &str, form: &[(&str, &str)]) -> Shown {
        let shown = self.forge(url, form).await;
        if shown.status < 400 {
            let forms = self.forms.lock().expect("a lock");
            let could =
                |(action, names): &Form| action.as_str() == url && form.iter().all(|(name, _)| names.contains(*name));
            assert!(forms.iter().any(could), "no page has a form for {form:?} to {url}: {forms:?}");
        }
        shown
    }

    /// Follows links and redirects until a page needs the person, or the agent's site is reached.
    pub(crate) async fn follow(&self, url: &str) -> Shown {
        let shown = self.get(url).await;
        self.follow_on(shown).await
    }

    pub(crate) async fn follow_on(&self, mut shown: Shown) -> Shown {
        for _ in 0..20 {
            let next = match (&shown.location, shown.text("/view").as_str()) {
                (Some(next), _) => next.clone(),
                (None, "go_on") => shown.text("/href").parse().expect("a URL"),
                _ => return shown,
            };
            // These tests serve only T and B.
            if !matches!(next.host_str(), Some("id.localhost" | "trade.localhost")) {
                shown.location = Some(next);
                return shown;
            }
            shown = self.get(next.as_str()).await;
        }
        panic!("redirected in circles: {shown:?}")
    }
}
