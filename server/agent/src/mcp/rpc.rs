//! JSON-RPC around the transport: validation of bodies before anything else reads them, and refusals as errors that
//! clients show (MCP, "Streamable HTTP" and "Error Responses").

use axum::{
    Json,
    body::{Bytes, to_bytes},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use foundation::limit::whole_seconds;
use rmcp::model::ErrorCode;
use serde_json::{Value, json};

use super::server;

/// Maximum length of a request, in bytes.
pub(super) const MOST: usize = 64 * 1024;

/// Maximum length of a refusal that is passed on, in bytes.
const LONGEST: usize = 4096;

/// The single message of a request, or null unless it is a POST.
///
/// # Errors
/// The refusal of a body that isn't a single message: invalid JSON, a batch, or a message whose parts aren't objects
/// (which a later reader could read differently from the checks here).
pub(super) fn read(method: &Method, body: &Bytes) -> Result<Value, Refusal> {
    if method != Method::POST {
        return Ok(Value::Null);
    }
    let invalid = |id, text| Err(refused(StatusCode::BAD_REQUEST, id, ErrorCode::INVALID_REQUEST, text));
    let message: Value = match serde_json::from_slice(body) {
        Ok(message) => message,
        Err(error) => {
            let text = format!("The body isn't JSON: {error}");
            return Err(refused(StatusCode::BAD_REQUEST, None, ErrorCode::PARSE_ERROR, text));
        }
    };
    if message.is_array() {
        let text = "Batches aren't supported (MCP removed them in 2025-06-18). Send one message in each request.";
        return invalid(None, text);
    }
    if !message.is_object() || message["jsonrpc"] != "2.0" {
        return invalid(id(&message), "The body is not one JSON-RPC 2.0 message.");
    }
    if message.get("method").is_some_and(|method| !method.is_string()) {
        return invalid(id(&message), "method must be a text.");
    }
    if message.get("id").is_some_and(|given| !given.is_string() && !given.is_number()) {
        return invalid(None, "id must be a text or a number.");
    }
    if message.get("params").is_some_and(|params| !params.is_object()) {
        return invalid(id(&message), "params must be an object.");
    }
    Ok(message)
}

/// The message, unless its request's header names an unsupported revision. `initialize` negotiates instead.
///
/// # Errors
/// The refusal, with the supported revisions.
pub(super) fn spoken(headers: &HeaderMap, message: Value) -> Result<Value, Refusal> {
    let is_spoken =
        |named: &HeaderValue| server::SPOKEN.iter().any(|version| version.as_str().as_bytes() == named.as_bytes());
    let unknown = headers.get_all("mcp-protocol-version").iter().find(|named| !is_spoken(named));
    let Some(unknown) = unknown.filter(|_| message["method"] != "initialize") else { return Ok(message) };
    let unknown = String::from_utf8_lossy(unknown.as_bytes());
    let supported = server::SPOKEN.map(|version| version.to_string());
    let text = format!("Unsupported protocol version {unknown}. Supported: {}.", supported.join(", "));
    let data = json!({ "requested": unknown, "supported": supported });
    let code = ErrorCode::UNSUPPORTED_PROTOCOL_VERSION;
    Err(Refusal { data: Some(data), ..refused(StatusCode::BAD_REQUEST, id(&message), code, text) })
}

/// The id of a request, for its answer. A notification has none.
fn id(message: &Value) -> Option<Value> {
    message.get("id").filter(|id| id.is_string() || id.is_number()).cloned()
}

/// A refusal in the protocol's form, without an id if that can't be read.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    id: Option<Value>,
    code: ErrorCode,
    text: String,
    data: Option<Value>,
}

pub(super) fn refused(status: StatusCode, id: Option<Value>, code: ErrorCode, text: impl Into<String>) -> Refusal {
    Refusal { status, id, code, text: text.into(), data: None }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "jsonrpc": "2.0", "error": { "code": self.code.0, "message": self.text } });
        if let Some(id) = self.id {
            body["id"] = id;
        }
        if let Some(data) = self.data {
            body["error"]["data"] = data;
        }
        (self.status, Json(body)).into_response()
    }
}

/// The answer to a client over its rate limit. A tool call gets a result that tells the model when to continue.
pub(super) fn limited(message: &Value, wait_ms: i64) -> Response {
    let seconds = whole_seconds(wait_ms);
    let unit = if seconds == 1 { "second" } else { "seconds" };
    let text = format!(
        "Too many requests: an app may make 60 at once for a person, and 2 a second after that. Nothing was done. Try \
         again in {seconds} {unit}."
    );
    let mut response = match id(message) {
        Some(id) if message["method"] == "tools/call" => {
            let mut result = json!({ "content": [{ "type": "text", "text": text }], "isError": true });
            if message["params"]["_meta"].get("io.modelcontextprotocol/protocolVersion").is_some() {
                result["resultType"] = "complete".into();
            }
            Json(json!({ "jsonrpc": "2.0", "id": id, "result": result })).into_response()
        }
        id => refused(StatusCode::TOO_MANY_REQUESTS, id, ErrorCode::INVALID_REQUEST, text).into_response(),
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Turns the transport's own refusals, which are plain text, into errors of the protocol.
pub(super) async fn in_json(response: Response, message: &Value) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if !(status.is_client_error() || status.is_server_error()) || kind.starts_with(b"application/json") {
        return response;
    }
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, LONGEST).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let id = id(message);
    let refusal = if text.starts_with("fail to deserialize") {
        let text = "The body is not a request, notification or answer that MCP knows.";
        refused(StatusCode::BAD_REQUEST, id, ErrorCode::INVALID_REQUEST, text)
    } else if status.is_server_error() {
        refused(status, id, ErrorCode::INTERNAL_ERROR, "Something failed here. Try again in a moment.")
    } else {
        let text = if text.is_empty() { status.canonical_reason().unwrap_or("Refused") } else { &*text };
        refused(status, id, ErrorCode::INVALID_REQUEST, text)
    };
    let mut refusal = refusal.into_response();
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = parts.headers.get(&name) {
            refusal.headers_mut().insert(name, value.clone());
        }
    }
    refusal
}
