//! StockTrade's API, which the built-in tools call if the configuration has it.

use foundation::SecretString;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;

use crate::{
    api::{self, ApiError},
    config::Config,
    recording,
    state::Agent,
};

/// Its id in the configuration.
pub(crate) const API: &str = "stocktrade";

/// The name that people see.
pub(crate) fn name(agent: &Agent) -> &str {
    agent.config.name_of(API)
}

/// The address of the page with the person's orders; empty if StockTrade's API isn't configured.
pub(crate) fn orders_page(config: &Config) -> String {
    let page = config.api(API).and_then(|api| api.url.join("orders").ok());
    page.map(String::from).unwrap_or_default()
}

/// StockTrade's address, without a slash at the end, if its API is configured.
pub(crate) fn site(config: &Config) -> Option<String> {
    let site = config.api(API)?.url.join(".").ok()?;
    Some(site.as_str().trim_end_matches('/').to_owned())
}

/// A request to the API. Each part of the path becomes one segment, whatever it contains.
///
/// # Errors
/// [`ApiError::Trouble`] if the configuration no longer has the API.
pub(crate) fn request(
    agent: &Agent,
    method: Method,
    path: &[&str],
    query: &[(&str, &str)],
    token: Option<&SecretString>,
) -> Result<RequestBuilder, ApiError> {
    let api = agent.config.api(API);
    let api = api.ok_or_else(|| ApiError::Trouble { name: API.into(), why: "it isn't set up here".into() })?;
    let mut url = api.url.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let request = agent.http.client().request(method, url);
    Ok(match token {
        Some(token) => api::with(request, token),
        None => request,
    })
}

/// Reads something.
pub(crate) async fn get<T: DeserializeOwned>(
    agent: &Agent,
    path: &[&str],
    query: &[(&str, &str)],
    token: Option<&SecretString>,
) -> Result<T, ApiError> {
    let (request, began) = (request(agent, Method::GET, path, query, token)?, agent.clock.now());
    let got = answer(agent, request).await;
    if token.is_none() {
        recording::public(agent, path, got.as_ref().err().map(ApiError::status), began);
    }
    got
}

/// Sends a request and reads the answer.
pub(crate) async fn answer<T: DeserializeOwned>(agent: &Agent, request: RequestBuilder) -> Result<T, ApiError> {
    api::answer(agent, name(agent), request).await
}
