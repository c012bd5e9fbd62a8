//! A browser: its cookie, its requests, and its view of a thread.

use std::time::Duration;

use foundation::{secret, site::Site};
use futures::{StreamExt, stream::BoxStream};
use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use shared::chat::{
    Accepted, ApiError, Approval, ApprovalState, CardBody, Event, Item, Open, ThreadSummary, Transcript,
};
use url::Url;

use crate::world::{World, until};

#[derive(Clone)]
pub struct Browser {
    pub site: Site,
    pub cookie: Option<String>,
    pub signed_in: bool,
    /// Its address according to the proxy. `None` for this machine.
    address: Option<&'static str>,
    http: reqwest::Client,
}

impl Browser {
    pub fn new(site: &Site) -> Self {
        // A new connection for each request, because the test may kill the agent.
        let address = ([127, 0, 0, 1], site.url().port().unwrap()).into();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .resolve(site.url().host_str().unwrap(), address)
            .pool_max_idle_per_host(0);
        Self { site: site.clone(), cookie: None, signed_in: false, address: None, http: http.build().unwrap() }
    }

    /// The same browser at this address.
    pub fn at(self, address: &'static str) -> Self {
        Self { address: Some(address), ..self }
    }

    fn with_cookie(&self, request: RequestBuilder) -> RequestBuilder {
        let request = self.address.iter().fold(request, |request, address| request.header("x-forwarded-for", *address));
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Response {
        until("the agent answers", || async { self.with_cookie(self.http.get(self.site.at(path))).send().await.ok() })
            .await
    }

    /// Posts as the page's script does.
    pub async fn post(&mut self, path: &str, body: &Value) -> Response {
        let request = self.http.post(self.site.at(path)).json(body).header("origin", self.site.origin());
        let response = self.with_cookie(request).send().await.unwrap();
        self.keep_cookie(&response);
        response
    }

    /// Posts a form as the page does.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let own = self.site.origin().to_owned();
        self.submit_from(&[("origin", &own)], path, fields).await
    }

    pub async fn submit_from(&mut self, headers: &[(&str, &str)], path: &str, fields: &[(&str, &str)]) -> Response {
        let request = self.http.post(self.site.at(path)).form(fields);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = self.with_cookie(request).send().await.unwrap();
        self.keep_cookie(&response);
        response
    }

    pub fn keep_cookie(&mut self, response: &Response) {
        let set = response.headers().get_all(header::SET_COOKIE).iter();
        let mut cookies: Vec<&str> = set.map(|value| value.to_str().unwrap().split(';').next().unwrap()).collect();
        // Puts the session's cookie first.
        cookies.sort_by_key(|cookie| !cookie.starts_with("mandate_agent="));
        if let Some(cookie) = cookies.first() {
            let kept: Vec<&str> = cookies.iter().copied().filter(|cookie| !cookie.ends_with('=')).collect();
            self.cookie = (!cookie.ends_with('=')).then(|| kept.join("; "));
        }
    }

    pub fn message(&self, text: &str) -> Value {
        json!({ "text": text, "key": secret::id("key"), "signed_in": self.signed_in })
    }

    /// Opens a thread with this message.
    pub async fn open(&mut self, text: &str) -> String {
        let body = self.message(text);
        let response = self.post("api/threads", &body).await;
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        response.json::<Accepted>().await.unwrap().thread
    }

    pub async fn say(&mut self, thread: &str, text: &str) {
        let body = self.message(text);
        let response = self.post(&format!("api/threads/{thread}/messages"), &body).await;
        assert_eq!(response.status(), StatusCode::ACCEPTED);
    }

    pub async fn transcript(&self, thread: &str) -> Transcript {
        let response = self.get(&format!("api/threads/{thread}")).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    pub async fn threads(&self) -> Vec<ThreadSummary> {
        self.get("api/threads").await.json().await.unwrap()
    }

    /// Waits until nothing runs in the thread, and returns it.
    pub async fn settled(&self, thread: &str) -> Transcript {
        until("the turn is over or waits", || async { self.transcript(thread).await.running.is_empty().then_some(()) })
            .await;
        // Reads it again, because a turn may have ended after that transcript's events were read.
        self.transcript(thread).await
    }

    /// Waits until an order's card in the thread has a matching state, and returns it.
    pub async fn approval(&self, thread: &str, what: &str, is: impl Fn(&ApprovalState) -> bool) -> Approval {
        until(what, || async {
            let transcript = self.transcript(thread).await;
            approvals(&transcript).into_iter().rfind(|approval| is(&approval.state))
        })
        .await
    }

    /// The thread's events after this number, as a stream.
    pub async fn events(&self, thread: &str, after: i64) -> Events {
        let response = self.get(&format!("api/threads/{thread}/events?after={after}")).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        let chunks = response.bytes_stream().map(|chunk| chunk.map(|bytes| bytes.to_vec()).unwrap_or_default());
        Events { chunks: chunks.boxed(), buffer: String::new(), open: Vec::new() }
    }

    /// Logs in at the identity service and returns to the site; `returnTo` names the expected page.
    pub async fn log_in(&mut self, world: &World, person: &str, return_to: &str) -> String {
        let callback = self.begin_login(world, person, return_to).await;
        let response = self.get(&callback).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{}", response.text().await.unwrap());
        self.keep_cookie(&response);
        self.signed_in = true;
        response.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// Follows a failed callback to its page, whose address holds a fixed word and no code.
    pub async fn error_of(&self, callback: &str) -> Response {
        let response = self.get(callback).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let location = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
        assert!(response.text().await.unwrap().is_empty(), "no page");
        let kind = location.strip_prefix("/auth/error?kind=").unwrap_or_else(|| panic!("{location}"));
        assert!(kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{location}");
        self.get(location.trim_start_matches('/')).await
    }

    /// Starts a login; returns the path to which the identity service sends the browser back.
    pub async fn begin_login(&mut self, world: &World, person: &str, return_to: &str) -> String {
        let response = self.get(&format!("auth/login?returnTo={return_to}")).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        self.keep_cookie(&response);
        let location: Url = response.headers()[header::LOCATION].to_str().unwrap().parse().unwrap();
        assert!(location.as_str().starts_with(&world.identity_site().at("authorize?")), "{location}");
        let callback = world.person(person).goes(location.as_str(), &self.site.at("auth/callback")).await;
        self.path(&callback)
    }

    /// Connects Alice's account, beginning at this path; returns the path to which that returns.
    pub async fn connect(&self, world: &World, path: &str) -> String {
        let begun = self.get(path).await;
        assert_eq!(begun.status(), StatusCode::SEE_OTHER);
        let location = begun.headers()[header::LOCATION].to_str().unwrap();
        let callback = world.alice.consents(location, "allow", &self.site.at("accounts/callback")).await;
        let done = self.get(&self.path(&callback)).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER);
        done.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// An address of the site as a path.
    fn path(&self, url: &Url) -> String {
        url.as_str().strip_prefix(self.site.issuer()).unwrap().to_owned()
    }
}

pub async fn error(response: Response) -> (StatusCode, String) {
    (response.status(), response.json::<ApiError>().await.unwrap().error)
}

/// The text of all answers, as HTML and as the open end.
pub fn said(transcript: &Transcript) -> String {
    let texts = transcript.items.iter().filter_map(|item| match item {
        Item::Text { html, tail, .. } => Some(format!("{html}{tail}")),
        _ => None,
    });
    texts.collect()
}

pub fn approvals(transcript: &Transcript) -> Vec<Approval> {
    let cards = transcript.items.iter().filter_map(|item| match item {
        Item::Card(card) => Some(&card.body),
        _ => None,
    });
    let approvals = cards.filter_map(|body| match body {
        CardBody::Approval(approval) => Some(approval.clone()),
        _ => None,
    });
    approvals.collect()
}

pub struct Events {
    chunks: BoxStream<'static, Vec<u8>>,
    buffer: String,
    /// Open text that was read.
    pub open: Vec<Open>,
}

impl Events {
    /// The next event; `None` at the end of the stream. Open text on the way is kept.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.next_news().await? {
                Ok(event) => return Some(event),
                Err(open) => self.open.push(open),
            }
        }
    }

    /// The next open text; skips events.
    pub async fn next_open(&mut self) -> Open {
        loop {
            if let Err(open) = self.next_news().await.expect("the stream goes on") {
                return open;
            }
        }
    }

    /// The next event or open text; `None` at the end of the stream.
    pub async fn next_news(&mut self) -> Option<Result<Event, Open>> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.buffer = rest;
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let Some(data) = field("data:") else { continue };
                if field("event:") == Some("text") {
                    assert_eq!(field("id:"), None, "it has no number");
                    return Some(Err(serde_json::from_str(data).unwrap()));
                }
                let parsed: Event = serde_json::from_str(data).unwrap();
                assert_eq!(field("id:"), Some(parsed.seq.to_string().as_str()));
                return Some(Ok(parsed));
            }
            let chunk = tokio::time::timeout(Duration::from_secs(60), self.chunks.next()).await;
            let chunk = chunk.expect("the stream goes on or ends")?;
            if chunk.is_empty() {
                return None;
            }
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Reads events until one matches; returns all of them.
    pub async fn until(&mut self, is: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await.expect("the stream goes on");
            let found = is(&event);
            events.push(event);
            if found {
                return events;
            }
        }
    }
}
