//! What a client can read without calling a tool: the portfolio, prices, an order. Each is a tool's output under an
//! address, with the same scopes.

use rmcp::{
    ErrorData,
    model::{CacheScope, MetaObject, ReadResourceResult, Resource, ResourceContents, ResourceTemplate},
};
use serde_json::{Value, json};

use super::text::explained;
use crate::{
    state::Agent,
    tools::{self, Caller, Stop},
};

const JSON: &str = "application/json";

/// The tool that answers for an address, and its arguments.
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
pub(super) fn scopes(uri: &str) -> &'static [&'static str] {
    behind(uri).and_then(|(tool, _)| tools::find(tool)).map_or(&[], |tool| tool.scopes)
}

fn needs(uri: &str) -> MetaObject {
    let mut meta = MetaObject::new();
    meta.0.insert("mandate/requiredScopes".into(), scopes(uri).into());
    meta
}

pub(super) fn all() -> Vec<Resource> {
    let one = |uri: &str, name: &str, title: &str, description: &str| {
        let resource = Resource::new(uri, name).with_title(title).with_description(description);
        resource.with_mime_type(JSON).with_meta(needs(uri))
    };
    vec![
        one("mandate://portfolio", "portfolio", "Portfolio", "The person's cash and positions at StockTrade, now."),
        one("mandate://prices", "prices", "Prices", "All stocks at StockTrade with their prices now."),
    ]
}

pub(super) fn templates() -> Vec<ResourceTemplate> {
    let one = |uri: &str, name: &str, title: &str, description: &str| {
        let template = ResourceTemplate::new(uri, name).with_title(title).with_description(description);
        template.with_mime_type(JSON).with_meta(needs(uri))
    };
    vec![
        one("mandate://orders/{order}", "order", "One order", "What became of one of the person's orders, by its id."),
        one("mandate://prices/{symbol}", "price", "One price", "The price of one stock at StockTrade now."),
    ]
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
