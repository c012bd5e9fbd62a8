//! Public facts shown beside a request's details, such as a company's name and current price, from the account's own
//! API. They help the person decide, but are neither approved nor signed.

use std::time::Duration;

use foundation::http::HttpError;
use serde_json::Value;
use shared::details::Detail;
use url::Url;

use super::words;
use crate::{
    page::{Said, State},
    state::Identity,
    store::approval,
};

/// How long the page waits for them.
const PATIENCE: Duration = Duration::from_secs(1);

/// The API's current facts about a waiting request.
pub(super) async fn of(identity: &Identity, row: &approval::Row, detail: &Detail, state: State) -> Said {
    let connection = identity.config.connections.iter().find(|connection| connection.name == row.connection);
    let declared = connection.and_then(|connection| {
        let facts = connection.facts.iter().find(|facts| facts.kind == detail.kind())?;
        Some((connection.title.clone(), facts))
    });
    let (by, facts) = match declared {
        Some(declared) if state == State::Waiting => declared,
        _ => return Said::NotAsked,
    };
    let url = serde_json::to_value(detail).ok().and_then(|detail| facts.url.fill(&detail));
    let Some(url) = url else { return Said::Nothing { by } };
    match tokio::time::timeout(PATIENCE, get(identity, url)).await {
        Ok(Ok(answer)) => {
            let told = facts.show.iter().filter_map(|(label, at)| Some((label.clone(), text(answer.pointer(at)?)?)));
            Said::Facts { by, at: identity.clock.now(), facts: told.collect() }
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "the facts beside a request can't be read");
            Said::Nothing { by }
        }
        Err(_) => {
            tracing::warn!("the facts beside a request took too long");
            Said::Nothing { by }
        }
    }
}

/// Sends no token, follows no redirect, and stays within the HTTP client's limits.
async fn get(identity: &Identity, url: Url) -> Result<Value, HttpError> {
    identity.http.json(identity.http.client().get(url)).await
}

/// A string or a number, cleaned and cut like the agent's message.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.chars().take(80).collect(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    words::inert(&text).filter(|text| !text.is_empty())
}
