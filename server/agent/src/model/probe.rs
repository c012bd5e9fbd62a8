//! Checks at the start whether the model answers, so that an operator who mistyped an address or a key learns it before
//! the first person does.

use std::time::Duration;

use foundation::http::HttpError;

use super::{Client, Fault, fault};

/// How long an endpoint may take to list its models.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The endpoint's error, in words for the operator; `None` if it answers, whatever models it lists.
pub(crate) async fn trouble(client: &Client) -> Option<String> {
    let request = client.with_key(client.http.client().get(format!("{}/models", client.base)).timeout(TIMEOUT));
    let unreachable = || Some("it can't be reached; check OPENAI_BASE_URL".to_owned());
    let Ok(request) = request.build() else { return unreachable() };
    let response = match client.http.execute(request).await {
        Ok(response) => response,
        Err(HttpError::TimedOut) => return Some("it didn't answer within 3 seconds".into()),
        Err(_) => return unreachable(),
    };
    match (response.status(), fault::refused(response.status(), response.headers(), b"")) {
        (_, Fault::Key) => Some("it refused the key; check OPENAI_API_KEY".into()),
        (status, _) if status.is_server_error() => Some(format!("it answered with an error ({})", status.as_u16())),
        _ => None,
    }
}
