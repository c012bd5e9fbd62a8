//! A headless browser: follows HTTP redirects and refreshing pages, keeps cookies by host name (as browsers do, not by
//! port), and submits forms with a browser's headers.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode, header};
use serde_json::Value;
use url::Url;

use crate::{
    html::{self, Form},
    outcome::{Outcome, in_query},
    secrets::Secrets,
    sites::{Sites, client, client_at},
};

/// URL parameters that are secrets while they are valid.
const SECRET_PARAMETERS: [&str; 6] = ["code", "connect_code", "ticket", "id_token_hint", "access_token", "auth_req_id"];

#[derive(Debug)]
pub struct Browser {
    client: reqwest::Client,
    /// By host name, then by cookie name.
    jar: BTreeMap<String, BTreeMap<String, String>>,
    page: Option<Page>,
    /// Collects the secrets that must not appear in a log.
    secrets: Secrets,
}

/// The page that the browser shows.
#[derive(Clone, Debug)]
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: String,
}

impl Page {
    pub fn text(&self) -> String {
        html::text(&self.body)
    }

    /// The form that has this field.
    ///
    /// # Errors
    /// When there is none. Includes the page's text.
    pub fn form_with(&self, field: &str) -> Outcome<Form> {
        html::forms(&self.body)
            .into_iter()
            .find(|form| form.has(field))
            .ok_or_else(|| format!("no form with a field {field} at {}: {}", self.url, self.text()).into())
    }

    /// The form with a button of this name and value.
    ///
    /// # Errors
    /// When there is none. Includes the page's text.
    pub fn form_to(&self, button: (&str, &str)) -> Outcome<Form> {
        html::forms(&self.body)
            .into_iter()
            .find(|form| form.buttons.iter().any(|(name, value)| (name.as_str(), value.as_str()) == button))
            .ok_or_else(|| format!("no button {button:?} at {}: {}", self.url, self.text()).into())
    }
}

impl Browser {
    /// A browser without cookies. Resolves `hosts`, which end in `.localhost`, to this machine.
    ///
    /// # Errors
    /// When the TLS backend can't start.
    pub fn new(secrets: Secrets, hosts: &[&str]) -> Outcome<Self> {
        Ok(Self { client: client(hosts)?, jar: BTreeMap::new(), page: None, secrets })
    }

    /// Resolves the sites to another address of this machine, as if a load balancer chose another instance.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn turn_to(&mut self, sites: &Sites, address: [u8; 4]) -> Outcome {
        self.client = client_at(&sites.hosts(), address)?;
        Ok(())
    }

    /// The current page.
    ///
    /// # Errors
    /// Before the first page.
    pub fn page(&self) -> Outcome<&Page> {
        self.page.as_ref().ok_or_else(|| "no page was opened yet".into())
    }

    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// A cookie that the browser would send to this URL.
    pub fn cookie(&self, url: &Url, name: &str) -> Option<&str> {
        self.jar.get(url.host_str()?)?.get(name).map(String::as_str)
    }

    /// Sets a cookie.
    pub fn set_cookie(&mut self, url: &Url, name: &str, value: &str) {
        let host = url.host_str().unwrap_or_default().to_owned();
        self.jar.entry(host).or_default().insert(name.to_owned(), value.to_owned());
    }

    /// Opens an address and follows it to a page.
    ///
    /// # Errors
    /// When a site can't be reached, or redirects in a loop.
    pub async fn open(&mut self, url: &str) -> Outcome<&Page> {
        self.go(Method::GET, Url::parse(url)?, None, None).await
    }

    /// As [`Self::open`], but stops before an address that begins with `until`, and returns it.
    ///
    /// # Errors
    /// As [`Self::open`], and when it ends elsewhere.
    pub async fn open_until(&mut self, url: &str, until: &str) -> Outcome<Url> {
        self.go(Method::GET, Url::parse(url)?, None, Some(until)).await?;
        self.stopped_at(until)
    }

    /// Fills in a form and submits it with the given button.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn submit(&mut self, form: &Form, fill: &[(&str, &str)], button: Option<(&str, &str)>) -> Outcome<&Page> {
        self.send(form, fill, button, None).await
    }

    /// As [`Self::submit`], but stops before an address that begins with `until`, and returns it.
    ///
    /// # Errors
    /// As [`Self::submit`], and when it ends elsewhere.
    pub async fn submit_until(
        &mut self,
        form: &Form,
        fill: &[(&str, &str)],
        button: Option<(&str, &str)>,
        until: &str,
    ) -> Outcome<Url> {
        self.send(form, fill, button, Some(until)).await?;
        self.stopped_at(until)
    }

    fn stopped_at(&self, until: &str) -> Outcome<Url> {
        let page = self.page()?;
        if page.url.as_str().starts_with(until) {
            Ok(page.url.clone())
        } else {
            Err(format!("expected to get to {until}, but {} says: {}", page.url, page.text()).into())
        }
    }

    async fn send(
        &mut self,
        form: &Form,
        fill: &[(&str, &str)],
        button: Option<(&str, &str)>,
        until: Option<&str>,
    ) -> Outcome<&Page> {
        let mut url = self.page()?.url.join(&form.action)?;
        let mut fields: Vec<(String, String)> = form.fields.clone();
        for (name, value) in fill {
            match fields.iter_mut().find(|(known, _)| known == name) {
                Some(field) => field.1 = (*value).to_owned(),
                None => return Err(format!("the form at {url} has no field {name}").into()),
            }
            if *name == "password" {
                self.secrets.keep(value);
            }
        }
        if let Some((name, value)) = button {
            fields.push((name.to_owned(), value.to_owned()));
        }
        if form.method == "post" {
            self.go(Method::POST, url, Some(fields), until).await
        } else {
            url.query_pairs_mut().clear().extend_pairs(fields);
            self.go(Method::GET, url, None, until).await
        }
    }

    async fn go(
        &mut self,
        method: Method,
        url: Url,
        fields: Option<Vec<(String, String)>>,
        until: Option<&str>,
    ) -> Outcome<&Page> {
        let (mut method, mut url, mut fields) = (method, url, fields);
        // A login through three sites takes some ten steps.
        for _ in 0..30 {
            for name in SECRET_PARAMETERS {
                if let Some(value) = in_query(&url, name) {
                    self.secrets.keep(&value);
                }
            }
            if until.is_some_and(|until| url.as_str().starts_with(until)) {
                let page = Page { url, status: StatusCode::OK, headers: header::HeaderMap::new(), body: String::new() };
                return Ok(self.page.insert(page));
            }
            let mut request = self.client.request(method.clone(), url.clone()).header(header::ACCEPT, "text/html");
            if let Some(cookies) = self.cookies(&url) {
                request = request.header(header::COOKIE, cookies);
            }
            if method != Method::GET {
                request = request
                    .header(header::ORIGIN, url.origin().ascii_serialization())
                    .header("sec-fetch-site", "same-origin");
            }
            if let Some(fields) = &fields {
                request = request.form(fields);
            }
            let response = request.send().await.map_err(|error| format!("{url}: {error:?}"))?;
            self.take_cookies(&url, response.headers());
            let (status, headers) = (response.status(), response.headers().clone());
            let location = headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
            let body = response.text().await?;
            let next = match location {
                Some(to) if status.is_redirection() => Some(to),
                _ if status.is_success() => html::refresh(&body),
                _ => None,
            };
            match next {
                Some(to) => {
                    url = url.join(&to)?;
                    // RFC 9110 §15.4: 307 and 308 keep the method.
                    if !matches!(status.as_u16(), 307 | 308) {
                        (method, fields) = (Method::GET, None);
                    }
                }
                None => return Ok(self.page.insert(Page { url, status, headers, body })),
            }
        }
        Err(format!("sent in circles, at last to {url}").into())
    }

    /// A request like one from a script of the site's own page. Returns the status and the body (null unless it is
    /// JSON).
    ///
    /// # Errors
    /// When the site can't be reached.
    pub async fn fetch(&mut self, method: Method, url: &str, body: Option<Value>) -> Outcome<(StatusCode, Value)> {
        let url = Url::parse(url)?;
        let mut request = self
            .client
            .request(method, url.clone())
            .header(header::ORIGIN, url.origin().ascii_serialization())
            .header("sec-fetch-site", "same-origin");
        if let Some(cookies) = self.cookies(&url) {
            request = request.header(header::COOKIE, cookies);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.map_err(|error| format!("{url}: {error:?}"))?;
        self.take_cookies(&url, response.headers());
        let status = response.status();
        Ok((status, serde_json::from_slice(&response.bytes().await?).unwrap_or_default()))
    }

    /// Opens a stream, such as a thread's events.
    ///
    /// # Errors
    /// When the site can't be reached or refuses.
    pub async fn stream(&self, url: &str) -> Outcome<reqwest::Response> {
        let url = Url::parse(url)?;
        let mut request = self.client.get(url.clone()).header(header::ACCEPT, "text/event-stream");
        if let Some(cookies) = self.cookies(&url) {
            request = request.header(header::COOKIE, cookies);
        }
        Ok(request.send().await?.error_for_status()?)
    }

    fn cookies(&self, url: &Url) -> Option<String> {
        let cookies = self.jar.get(url.host_str()?)?;
        (!cookies.is_empty())
            .then(|| cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "))
    }

    fn take_cookies(&mut self, url: &Url, headers: &header::HeaderMap) {
        let jar = self.jar.entry(url.host_str().unwrap_or_default().to_owned()).or_default();
        for cookie in headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let mut parts = cookie.split(';');
            let Some((name, value)) = parts.next().and_then(|pair| pair.trim().split_once('=')) else { continue };
            let gone = parts.any(|part| part.trim().eq_ignore_ascii_case("max-age=0")) || value.is_empty();
            if gone {
                jar.remove(name);
            } else {
                self.secrets.keep(value);
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
