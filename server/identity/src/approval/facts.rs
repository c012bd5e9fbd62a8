//! Public facts shown next to a request's details, such as a company's name and current price, from the account's own
//! API. They help the person decide, but are neither approved nor signed.

use std::time::Duration;

use details::{Answer, Detail};
use foundation::http::HttpError;
use serde_json::Value;
use url::Url;

use crate::{
    page::{Said, State},
    state::Identity,
};

/// How long the page waits for them.
const TIMEOUT: Duration = Duration::from_secs(1);

/// The request as shown. While it waits, includes the current facts from its type's API, named `by`.
pub(super) async fn beside(identity: &Identity, detail: &Detail, by: &str, state: State) -> (details::Sheet, Said) {
    if state != State::Waiting || !detail.kind().has_facts() {
        return (detail.sheet(Answer::NotAsked), Said::NotAsked);
    }
    let answer = match detail.facts_url() {
        Some(url) => asked(identity, url).await,
        None => None,
    };
    let sheet = detail.sheet(answer.as_ref().map_or(Answer::Nothing, Answer::This));
    (sheet, Said::By { by: by.to_owned(), at: identity.clock.now() })
}

async fn asked(identity: &Identity, url: Url) -> Option<Value> {
    match tokio::time::timeout(TIMEOUT, get(identity, url)).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            foundation::sparsely!(warn, %error, "the facts beside a request can't be read");
            None
        }
        Err(_) => {
            foundation::sparsely!(warn, "the facts beside a request took too long");
            None
        }
    }
}

/// Sends no token, follows no redirect, and stays within the HTTP client's limits.
async fn get(identity: &Identity, url: Url) -> Result<Value, HttpError> {
    identity.http.json(identity.http.client().get(url)).await
}
