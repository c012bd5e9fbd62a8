//! The faults that a front causes.

use std::{fmt, io, sync::Arc};

use axum::{
    Json,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderValue, StatusCode},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// The longest answer that a fault can change, in bytes.
const LONGEST: usize = 1 << 20;

#[derive(Clone)]
pub enum Fault {
    /// Answers with this instead.
    Answer(u16, Value),
    /// A crashed program: status 500, and no JSON.
    ServerError,
    /// An HTML page with status 200.
    NotJson,
    /// Redirects elsewhere.
    Redirect,
    /// More than any client reads.
    Huge,
    /// Truncated JSON.
    BadJson,
    /// Accepts the request and never answers.
    Silent,
    /// Answers later: one request for each permit.
    Held(Arc<Semaphore>),
    /// Processes the request and loses the answer.
    Lost,
    /// Breaks the connection in the middle of the answer.
    Cut,
    /// A changed JSON answer.
    Changed(Arc<dyn Fn(&mut Value) + Send + Sync>),
}

/// An OAuth error with only `error`; 429 also says how long to wait.
pub fn refusal(status: u16, error: &str) -> Fault {
    Fault::Answer(status, json!({ "error": error }))
}

impl Fault {
    /// Changes the answer before sending it.
    pub fn changed(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Changed(Arc::new(change))
    }

    pub(crate) async fn answer(self, request: Request, next: Next) -> Response {
        match self {
            Self::Answer(status, body) => {
                let mut response = (StatusCode::from_u16(status).unwrap(), Json(body)).into_response();
                if status == 429 {
                    response.headers_mut().insert("retry-after", HeaderValue::from_static("40"));
                }
                response
            }
            Self::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, "oops").into_response(),
            Self::NotJson => Html("<h1>Welcome</h1>").into_response(),
            Self::Redirect => Redirect::temporary("http://evil.localhost:1/").into_response(),
            Self::Huge => Json(json!({ "access_token": "x".repeat(3 << 20) })).into_response(),
            Self::BadJson => ([("content-type", "application/json")], "{\"access_token\":").into_response(),
            Self::Silent => std::future::pending().await,
            Self::Held(gate) => {
                gate.acquire().await.unwrap().forget();
                next.run(request).await
            }
            Self::Lost => {
                let _done = next.run(request).await;
                (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": "lost" }))).into_response()
            }
            Self::Cut => {
                let chunks = [Ok(Bytes::from("{")), Err(io::Error::other("cut"))];
                ([("content-type", "application/json")], Body::from_stream(stream::iter(chunks))).into_response()
            }
            Self::Changed(change) => changed(next.run(request).await, &*change).await,
        }
    }
}

async fn changed(response: Response, change: &(dyn Fn(&mut Value) + Send + Sync)) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, LONGEST).await.unwrap();
    let mut json: Value = serde_json::from_slice(&bytes).expect("only JSON can be changed");
    change(&mut json);
    parts.headers.remove("content-length");
    Response::from_parts(parts, Body::from(json.to_string()))
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Answer(status, body) => return write!(f, "Answer({status}, {body})"),
            Self::ServerError => "ServerError",
            Self::NotJson => "NotJson",
            Self::Redirect => "Redirect",
            Self::Huge => "Huge",
            Self::BadJson => "BadJson",
            Self::Silent => "Silent",
            Self::Held(_) => "Held",
            Self::Lost => "Lost",
            Self::Cut => "Cut",
            Self::Changed(_) => "Changed",
        };
        f.write_str(name)
    }
}
