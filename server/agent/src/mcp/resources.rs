//! Resources that a client can read without a tool call: the portfolio, prices, an order. Each is a tool's output under
//! an address, with the same scopes.

use rmcp::{
    ErrorData,
    model::{CacheScope, MetaObject, ReadResourceResult, Resource, ResourceContents, ResourceTemplate},
};
use serde_json::{Value, json};

use super::text::explained;
use crate::{
    broker,
    state::Agent,
    tools::{self, Caller, Stop},
};

const JSON: &str = "application/json";

/// The tool behind an address, with its arguments.
fn behind(uri: &str) -> Option<(&'static str, Value)> {
    let path = uri.strip_prefix("mandate://")?;
    match path.split_once('/') {
        None if path == "portfolio" => Some(("get_portfolio", json!({}))),
        None if path == "prices" => Some(("search_stocks", json!({}))),
        Some(("prices", symbol)) => Some(("get_stock_price", json!({ "symbol": symbol }))),
        Some(("orders", order)) => Some(("get_order_status", json!({ "order": order }))),
        _ => None,
    }
}

/// The scopes that reading it needs.
pub(super) fn scopes<'a>(agent: &'a Agent, uri: &str) -> &'a [String] {
    behind(uri).and_then(|(tool, _)| agent.tool(tool)).map_or(&[], |tool| &tool.scopes)
}

fn needs(agent: &Agent, uri: &str) -> MetaObject {
    let mut meta = MetaObject::new();
    meta.0.insert("mandate/requiredScopes".into(), scopes(agent, uri).into());
    meta
}

/// Whether the tool behind an address is configured.
fn is_offered(agent: &Agent, uri: &str) -> bool {
    behind(uri).is_some_and(|(tool, _)| agent.tool(tool).is_some())
}

pub(super) fn all(agent: &Agent) -> Vec<Resource> {
    let at = broker::name(agent);
    let one = |uri: &str, name: &str, title: &str, description: String| {
        let resource = Resource::new(uri, name).with_title(title).with_description(description);
        resource.with_mime_type(JSON).with_meta(needs(agent, uri))
    };
    let position = format!("The person's cash and positions at {at}, now.");
    let mut all = vec![
        one("mandate://portfolio", "portfolio", "Portfolio", position),
        one("mandate://prices", "prices", "Prices", format!("All stocks at {at} with their prices now.")),
    ];
    all.retain(|resource| is_offered(agent, &resource.uri));
    all
}

pub(super) fn templates(agent: &Agent) -> Vec<ResourceTemplate> {
    let at = broker::name(agent);
    let one = |uri: &str, name: &str, title: &str, description: String| {
        let template = ResourceTemplate::new(uri, name).with_title(title).with_description(description);
        template.with_mime_type(JSON).with_meta(needs(agent, uri))
    };
    let order = "What became of one of the person's orders, by its id.".to_owned();
    let mut all = vec![
        one("mandate://orders/{order}", "order", "One order", order),
        one("mandate://prices/{symbol}", "price", "One price", format!("The price of one stock at {at} now.")),
    ];
    all.retain(|template| is_offered(agent, &template.uri_template));
    all
}

pub(super) async fn read(agent: &Agent, caller: &Caller, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let missing = |why: String| ErrorData::resource_not_found(why, Some(json!({ "uri": uri })));
    let Some((tool, arguments)) = behind(uri) else { return Err(missing("There is no such resource.".into())) };
    match tools::call(agent, caller, tool, &arguments.to_string()).await {
        Ok(answer) => {
            let contents = ResourceContents::text(answer.output.to_string(), uri).with_mime_type(JSON);
            Ok(ReadResourceResult::new(vec![contents]).with_ttl_ms(0).with_cache_scope(CacheScope::Private))
        }
        Err(Stop::Failed { message }) => Err(missing(message)),
        Err(stop) => Err(ErrorData::internal_error(explained(agent, stop), None)),
    }
}
