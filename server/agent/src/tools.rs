//! The tools: each is defined once, for the model and for MCP. The caller's token decides what a tool may do, never a
//! prompt or an argument.

use details::{Apis, Wrong};

use crate::{broker, config::Config, state::Agent};

pub(crate) mod access;
mod answer;
pub(crate) mod caller;
pub(crate) mod configured;
pub(crate) mod definition;
mod input;
mod market;
pub mod order;
mod orders;
pub(crate) mod output;
mod portfolio;
mod prepared;
pub(crate) mod schema;
pub(crate) mod scope;
mod series;
mod trade;
mod whoami;

pub use answer::{Answer, Stop};
pub use caller::Caller;
pub use configured::{
    table::{CallTable, NeedsTable, QuoteTable, ToolTable},
    tool::Tool,
};
pub use definition::Definition;
pub use prepared::Prepared;

/// All tools of a configuration, in the order of the list.
pub(crate) fn all(config: &Config) -> Vec<Definition> {
    let mut all = match config.api(broker::API) {
        Some(_) => compiled(config.name_of(broker::API)),
        None => vec![whoami::definition()],
    };
    all.extend(config.tools.iter().map(Tool::definition));
    all
}

/// Reads the tools of a configuration file.
///
/// # Errors
/// The first error in the tables.
pub fn read(tables: Vec<ToolTable>, apis: &Apis) -> Result<Vec<Tool>, Wrong> {
    let own = compiled("").into_iter().map(|tool| tool.name);
    configured::read::read(tables, apis, &own.chain(["get_request".to_owned()]).collect::<Vec<_>>())
}

/// The built-in tools; those for StockTrade use the name that people see.
pub fn compiled(name: &str) -> Vec<Definition> {
    vec![
        whoami::definition(),
        market::price(name),
        market::info(name),
        market::search(name),
        portfolio::portfolio(name),
        portfolio::history(name),
        orders::history(name),
        orders::status(name),
        trade::create(name),
        trade::cancel(name),
    ]
}

impl Agent {
    /// All tools, in the order of the list.
    pub fn tools(&self) -> &[Definition] {
        &self.tools
    }

    /// The tool with this name.
    pub fn tool(&self, name: &str) -> Option<&Definition> {
        self.tools.iter().find(|definition| definition.name == name)
    }
}

/// Calls a tool. `arguments` is JSON text from the model or the client.
///
/// # Errors
/// See [`Stop`].
pub async fn call(agent: &Agent, caller: &Caller, name: &str, arguments: &str) -> Result<Answer, Stop> {
    let Some(definition) = agent.tool(name) else {
        let names: Vec<_> = agent.tools().iter().map(|definition| definition.name.as_str()).collect();
        return Err(Stop::Failed { message: format!("There is no such tool. The tools are: {}.", names.join(", ")) });
    };
    access::allowed(caller, definition)?;
    let called = run(agent, caller, &definition.name, arguments).await;
    called.map_err(|stop| access::lacking(agent, definition, stop))
}

async fn run(agent: &Agent, caller: &Caller, name: &str, arguments: &str) -> Result<Answer, Stop> {
    match name {
        "whoami" => whoami::whoami(agent, caller, arguments).await,
        "get_stock_price" => market::price_of(agent, caller, arguments).await,
        "get_stock_info" => market::info_of(agent, caller, arguments).await,
        "search_stocks" => market::search_for(agent, arguments).await,
        "get_portfolio" => portfolio::portfolio_of(agent, caller, arguments).await,
        "get_portfolio_history" => portfolio::history_of(agent, caller, arguments).await,
        "get_order_history" => orders::list(agent, caller, arguments).await,
        "get_order_status" => orders::one(agent, caller, arguments).await,
        "create_order" => trade::prepare(agent, caller, arguments).await,
        "cancel_order" => trade::prepare_cancellation(agent, caller, arguments).await,
        name => match configured::call::find(agent, name) {
            Some(tool) => configured::call::run(agent, caller, tool, arguments).await,
            None => Err(input::wrong("There is no such tool.")),
        },
    }
}

/// The result of an order, for the model and the MCP client, as [`Definition::output`] of the trading tools describes
/// it.
pub fn placed(order: &shared::broker::Order) -> Answer {
    trade::placed(order)
}
