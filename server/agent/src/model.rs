//! The model: any endpoint with OpenAI's chat completions API, read as a stream.

mod answer;
mod arguments;
mod calls;
mod chunk;
mod deadline;
mod fault;
mod kept;
mod piece;
pub(crate) mod probe;
mod request;
mod sse;
mod think;

use foundation::{ExposeSecret, SecretString, clock::Clock, http::Http, secret, streaming::Streaming};
use reqwest::{RequestBuilder, StatusCode, header::ACCEPT};
use serde_json::Value;

pub(crate) use answer::Answer;
pub(crate) use calls::{Called, Read};
pub(crate) use chunk::Finish;
pub(crate) use deadline::sleep_until;
pub(crate) use fault::Fault;
pub(crate) use kept::Kept;
pub(crate) use piece::Piece;
pub(crate) use request::{Asked, Message, Tool, plain_name};

use crate::config::{self, Timeouts};

/// How much of an error answer is read, in bytes.
const REFUSAL: usize = 64 * 1024;

/// The client of the configured model. Clones share connections.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: Streaming,
    /// The endpoint's base URL, without a slash at its end.
    base: String,
    key: SecretString,
    /// The names of the models. The first is asked unless the person chose another.
    names: Vec<String>,
    /// Whether to ask the endpoint for the number of tokens.
    counts: bool,
    timeouts: Timeouts,
    clock: Clock,
}

impl Client {
    /// `counts`: whether to ask the endpoint for the number of tokens, which some refuse.
    pub(crate) fn new(model: &config::Model, counts: bool, http: Http, clock: Clock) -> Self {
        // A key that can't be a header's value is no endpoint's key.
        let key: String = model.api_key.expose_secret().chars().filter(char::is_ascii_graphic).collect();
        let base = model.base_url.trim_end_matches('/');
        Self {
            http: Streaming::new(http, &model.base_url),
            key: key.into(),
            names: model.names().cloned().collect(),
            counts,
            base: base.to_owned(),
            timeouts: model.timeouts,
            clock,
        }
    }

    /// Asks the model to answer these messages, with these tools to call. `chosen`: the model that the person chose.
    pub(crate) async fn ask(
        &self,
        chosen: Option<&str>,
        messages: &[Message],
        tools: &[Tool<'_>],
    ) -> Result<Answer, Fault> {
        let chosen = self.names.iter().find(|name| chosen == Some(name.as_str()));
        let name = chosen.or(self.names.first()).map(String::as_str).unwrap_or_default();
        // An endpoint and model only get back what they handed out themselves.
        let from = &secret::hash(&format!("{}\n{name}", self.base));
        let names: Vec<_> = tools.iter().map(|tool| tool.name.to_owned()).collect();
        let (mut body, has_members) = request::body(name, messages, tools, (from, true));
        if self.counts {
            body["stream_options"] = serde_json::json!({ "include_usage": true });
        }
        match self.post(&body, from, names.clone()).await {
            // The endpoint (or a gateway in between) rejects members that it handed out, so retry without them.
            Err(Fault::Refused(StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY))
                if has_members || self.counts =>
            {
                self.post(&request::body(name, messages, tools, (from, false)).0, from, names).await
            }
            answer => answer,
        }
    }

    /// Adds the key, if there is one.
    fn with_key(&self, request: RequestBuilder) -> RequestBuilder {
        match self.key.expose_secret() {
            "" => request,
            key => request.bearer_auth(key),
        }
    }

    async fn post(&self, body: &Value, from: &str, tools: Vec<String>) -> Result<Answer, Fault> {
        let began = self.clock.now();
        let end = began + self.timeouts.first;
        let url = format!("{}/chat/completions", self.base);
        let request = self.with_key(self.http.client().post(url).header(ACCEPT, "text/event-stream").json(body));
        // The reason is not kept: it may name the address, and with it what an operator wrote into it.
        let request = request.build().map_err(|_| Fault::Unreachable)?;
        let response = deadline::until(&self.clock, end, self.http.execute(request)).await.ok_or(Fault::Silent)?;
        let mut response = response.map_err(|_| Fault::Unreachable)?;
        if response.status().is_success() {
            return Ok(Answer::new(response, self.clock.clone(), self.timeouts, (began, from), tools));
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(Ok(Some(bytes))) = deadline::until(&self.clock, end, response.chunk()).await {
            body.extend_from_slice(&bytes);
            if body.len() > REFUSAL {
                break;
            }
        }
        Err(fault::refused(status, &headers, &body))
    }
}
