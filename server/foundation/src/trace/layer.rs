//! The layer that records requests to a site's routes, and their answers.

use std::time::Instant;

use axum::{
    Router,
    body::{Body, HttpBody, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use shared::recording::Party;
use url::form_urlencoded::parse;

use super::{
    current::Current,
    record::Record,
    recorder::Recorder,
    shown::{self, Named},
};
use crate::site::is_file;

/// W3C Trace Context §3.3: `mandate=chat` names the site that sends the request.
pub(crate) const STATE: HeaderName = HeaderName::from_static("tracestate");
pub(crate) const VENDOR: &str = "mandate=";

/// The longest body that is read for a record, in bytes.
const MOST: u64 = 64 * 1024;

/// Paths that read a recording, which are never recorded.
const OWN: [&str; 3] = ["/recording", "/oauth/recording", "/me/v1/recording"];

/// Paths are cut to this length, in characters.
const PATH: usize = 200;

/// Records requests to a site's routes, for the people who turned recording on.
pub fn recorded(routes: Router, recorder: &Recorder) -> Router {
    routes.layer(from_fn_with_state(recorder.clone(), record))
}

async fn record(State(recorder): State<Recorder>, request: Request, next: Next) -> Response {
    // Takes over the caller's trace, but not its person, who is noted for each site separately.
    let current = Current::new(Current::of_task().map(|outer| outer.trace().to_owned()), Some(recorder.site()));
    let path: String = request.uri().path().chars().take(PATH).collect();
    if !recorder.is_on() || is_file(&path) || OWN.contains(&path.as_str()) {
        return current.scope(next.run(request)).await;
    }
    let (began, at) = (Instant::now(), recorder.now());
    let (method, from) = (request.method().clone(), sender(request.headers()));
    let is_listed = shown::is_listed(&method, &path);
    let (request, asked) = if is_listed {
        match of_request(request).await {
            Ok(read) => read,
            Err(refusal) => return refusal,
        }
    } else {
        (request, Vec::new())
    };
    let response = current.clone().scope(next.run(request)).await;
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (response, answered) = if is_listed { of_answer(response).await } else { (response, Vec::new()) };
    let (method, status) = (method.to_string(), response.status().as_u16());
    let (to, trace) = (recorder.site(), current.trace().to_owned());
    recorder.put(
        &current,
        Record { number: 0, at, from, to, method, path, status, ms, trace, asked, answered, model: None },
    );
    response
}

/// The site that claims to send the request. Anybody can claim it, so it is only displayed.
fn sender(headers: &HeaderMap) -> Party {
    let state = headers.get(STATE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = state.split(',').find_map(|member| member.trim().strip_prefix(VENDOR));
    named.and_then(|name| Party::ALL.into_iter().find(|party| party.as_str() == name)).unwrap_or(Party::You)
}

async fn of_request(request: Request) -> Result<(Request, Vec<Named>), Response> {
    let (parts, body) = request.into_parts();
    let mut named = shown::headers(&parts.headers);
    named.extend(shown::pairs(parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned()));
    let Some(length) = length(&body) else { return Ok((Request::from_parts(parts, body), named)) };
    let Ok(bytes) = to_bytes(body, length).await else {
        return Err((StatusCode::BAD_REQUEST, "The request ended too early.\n").into_response());
    };
    named.extend(read(&parts.headers, &bytes));
    Ok((Request::from_parts(parts, Body::from(bytes)), named))
}

/// The parts of a JSON answer that may be shown. Leaves a stream alone, which has no length.
async fn of_answer(response: Response) -> (Response, Vec<Named>) {
    let (parts, body) = response.into_parts();
    let Some(length) = length(&body) else { return (Response::from_parts(parts, body), Vec::new()) };
    // A body of known length is complete.
    let bytes = to_bytes(body, length).await.unwrap_or_default();
    let named = read(&parts.headers, &bytes);
    (Response::from_parts(parts, Body::from(bytes)), named)
}

fn length(body: &Body) -> Option<usize> {
    let length = body.size_hint().exact().filter(|length| *length <= MOST)?;
    usize::try_from(length).ok()
}

fn read(headers: &HeaderMap, body: &[u8]) -> Vec<Named> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim() {
        "application/x-www-form-urlencoded" => shown::pairs(parse(body).into_owned()),
        "application/json" => shown::members(body),
        _ => Vec::new(),
    }
}
