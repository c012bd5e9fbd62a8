//! The browser's client of the agent's REST API.

use leptos::prelude::window;
use serde::de::DeserializeOwned;
use shared::chat::{Accepted, Act, ApiError, NewMessage};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use super::words::{Word, word};

/// Why a request failed.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The site couldn't be reached, or its answer couldn't be read.
    Network,
    Refused(ApiError),
}

impl Fault {
    /// Whether the login has expired, and with it the page's content.
    pub(super) fn is_login(&self) -> bool {
        matches!(self, Self::Refused(error) if error.error == "login_expired")
    }

    /// The text for people.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Network => word(Word::Unreachable),
            Self::Refused(error) => error.message.clone(),
        }
    }
}

/// Sends a message to a thread, or starts a new thread with it.
pub(super) async fn send(thread: Option<&str>, message: &NewMessage) -> Result<Accepted, Fault> {
    let path = match thread {
        Some(thread) => format!("/api/threads/{thread}/messages"),
        None => "/api/threads".into(),
    };
    let body = serde_json::to_string(message).map_err(|_| Fault::Network)?;
    read(&call("POST", &path, Some(&body)).await?)
}

/// Whether this browser lost access to a thread, because the login ended here or in another tab.
pub(super) async fn is_gone(thread: &str) -> bool {
    // A page before the first position, which is empty.
    let path = format!("/api/threads/{thread}?before=0");
    matches!(call("GET", &path, None).await, Err(Fault::Refused(error)) if error.error == "not_found")
}

/// The HTML of the messages before this position.
pub(super) async fn earlier(thread: &str, before: &str) -> Result<String, Fault> {
    call("GET", &format!("/api/threads/{thread}?html&before={before}"), None).await
}

/// Acts on a turn or a call of a thread: `turns/⟨id⟩/retry`, `turns/⟨id⟩/cancel`, `calls/⟨id⟩/withdraw`. `signed_in`:
/// whether the page was loaded for a logged-in person.
pub(super) async fn act(thread: &str, what: &str, signed_in: bool) -> Result<(), Fault> {
    let body = serde_json::to_string(&Act { signed_in }).map_err(|_| Fault::Network)?;
    call("POST", &format!("/api/threads/{thread}/{what}"), Some(&body)).await.map(drop)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|_| Fault::Network)
}

async fn call(method: &str, path: &str, body: Option<&str>) -> Result<String, Fault> {
    let (status, text) = fetch(method, path, body).await.map_err(|_| Fault::Network)?;
    if (200..300).contains(&status) {
        return Ok(text);
    }
    // An answer that isn't the API's, such as a proxy's page, counts as none.
    Err(serde_json::from_str(&text).map_or(Fault::Network, Fault::Refused))
}

async fn fetch(method: &str, path: &str, body: Option<&str>) -> Result<(u16, String), JsValue> {
    let request = RequestInit::new();
    request.set_method(method);
    if let Some(body) = body {
        let headers = Headers::new()?;
        headers.set("Content-Type", "application/json")?;
        request.set_headers(&headers);
        request.set_body(&JsValue::from_str(body));
    }
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await?;
    let response: Response = response.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}
