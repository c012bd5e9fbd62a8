//! A model's endpoint that gives the answers that a test prepares, and records its requests.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use foundation::axum::{
    self, Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Semaphore};

#[derive(Clone, Default)]
pub struct Model {
    script: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Script {
    replies: VecDeque<Reply>,
    demand: Option<Demand>,
    requests: Vec<Value>,
    /// The replies to requests for titles.
    titles: VecDeque<Reply>,
    title_requests: Vec<Value>,
}

/// A check of each request's messages, with the reason for refusing them.
pub type Demand = fn(&[Value]) -> Result<(), String>;

/// One answer.
#[derive(Clone)]
pub enum Reply {
    Status(u16, &'static str),
    /// This body, unchanged, with these headers.
    Raw(u16, Vec<(&'static str, &'static str)>, String),
    Steps(Vec<Step>),
    /// Never starts to answer.
    Silence,
}

#[derive(Clone)]
pub enum Step {
    Data(String),
    /// Waits for the test to continue.
    Hold(Arc<Semaphore>),
    Forever,
}

fn delta(delta: Value, reason: Option<&str>) -> Step {
    Step::Data(json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] }).to_string())
}

pub fn piece(text: &str) -> Step {
    delta(json!({ "content": text }), None)
}

pub fn end() -> Vec<Step> {
    vec![delta(json!({}), Some("stop")), Step::Data("[DONE]".into())]
}

pub fn text(text: &str) -> Reply {
    Reply::Steps([text.split_inclusive(' ').map(piece).collect(), end()].concat())
}

/// Calls tools, all in one answer.
pub fn calls(calls: &[(&str, &str)]) -> Reply {
    let mut steps = Vec::new();
    for (index, (name, arguments)) in calls.iter().enumerate() {
        // Splits the arguments into two pieces, as endpoints stream them.
        let half = (0..=arguments.len() / 2).rev().find(|at| arguments.is_char_boundary(*at)).unwrap_or(0);
        let (one, other) = arguments.split_at(half);
        steps.push(delta(
            json!({ "tool_calls": [{ "index": index, "id": "call_0", "type": "function", "function": { "name": name, "arguments": one } }] }),
            None,
        ));
        steps.push(delta(json!({ "tool_calls": [{ "index": index, "function": { "arguments": other } }] }), None));
    }
    steps.push(delta(json!({}), Some("tool_calls")));
    steps.push(Step::Data("[DONE]".into()));
    Reply::Steps(steps)
}

pub const BUY: (&str, &str) = ("create_order", r#"{"symbol":"WAYNE","side":"BUY","quantity":5}"#);

impl Model {
    pub fn replies(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script.lock().unwrap().replies.extend(replies);
    }

    /// Replies to requests for a title. Without one, they fail.
    pub fn titles(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script.lock().unwrap().titles.extend(replies);
    }

    pub fn title_requests(&self) -> Vec<Value> {
        self.script.lock().unwrap().title_requests.clone()
    }

    /// Refuses requests whose messages fail this check.
    pub fn demand(&self, demand: Demand) {
        self.script.lock().unwrap().demand = Some(demand);
    }

    /// All requests so far, except those for titles.
    pub fn requests(&self) -> Vec<Value> {
        self.script.lock().unwrap().requests.clone()
    }

    /// The messages of the last request.
    pub fn last(&self) -> Vec<Value> {
        self.requests().last().unwrap()["messages"].as_array().unwrap().clone()
    }

    /// A running endpoint, and its base URL.
    pub async fn start() -> (Self, String) {
        let model = Self::default();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://model.localhost:{}/v1", socket.local_addr().unwrap().port());
        let routes = Router::new().route("/v1/chat/completions", post(completions)).with_state(model.clone());
        tokio::spawn(async move { axum::serve(socket, routes).await });
        (model, base_url)
    }
}

async fn completions(State(model): State<Model>, headers: HeaderMap, Json(request): Json<Value>) -> Response {
    assert_eq!(headers[header::AUTHORIZATION], "Bearer sk-test");
    assert!(request["model"].as_str().is_some_and(|name| name.ends_with("-model")));
    assert_eq!(request["stream"], true);
    let reply = {
        let mut script = model.script.lock().unwrap();
        let messages = request["messages"].as_array().unwrap().clone();
        if messages[0]["content"].as_str().is_some_and(|system| system.starts_with("Write a title")) {
            script.title_requests.push(request);
            Some(script.titles.pop_front().unwrap_or(Reply::Status(500, "no title")))
        } else {
            script.requests.push(request);
            if let Some(Err(why)) = script.demand.map(|demand| demand(&messages)) {
                return (StatusCode::BAD_REQUEST, why).into_response();
            }
            script.replies.pop_front()
        }
    };
    match reply.unwrap_or_else(|| text("I have nothing more to say.")) {
        Reply::Status(status, body) => {
            let kind = if body.starts_with('{') { "application/json" } else { "text/plain" };
            (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Reply::Raw(status, headers, body) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        }
        Reply::Silence => std::future::pending().await,
        Reply::Steps(steps) => {
            let chunks = stream::iter(steps).filter_map(|step| async move {
                match step {
                    Step::Data(data) => Some(Ok::<_, Infallible>(Bytes::from(format!("data: {data}\n\n")))),
                    Step::Hold(gate) => {
                        gate.acquire().await.unwrap().forget();
                        None
                    }
                    Step::Forever => std::future::pending().await,
                }
            });
            ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(chunks)).into_response()
        }
    }
}
