//! Tools: each defined once, offered to the model and over MCP alike. What a tool may do comes from the caller's
//! token, never from what a prompt or an argument says.

use std::sync::LazyLock;

use crate::state::Agent;

mod access;
mod answer;
pub(crate) mod caller;
mod definition;
mod input;
mod market;
mod orders;
pub(crate) mod output;
mod portfolio;
mod prepared;
pub(crate) mod schema;
pub mod scope;
mod trade;
mod whoami;

pub use answer::{Answer, Stop};
pub use caller::Caller;
pub use definition::Definition;
pub use prepared::Prepared;

/// All tools, in the order they are listed.
pub fn definitions() -> &'static [Definition] {
    static ALL: LazyLock<Vec<Definition>> = LazyLock::new(|| {
        vec![
            whoami::definition(),
            market::price(),
            market::info(),
            market::search(),
            portfolio::portfolio(),
            portfolio::history(),
            orders::history(),
            orders::status(),
            trade::create(),
            trade::cancel(),
        ]
    });
    &ALL
}

/// The tool of this name.
pub fn find(name: &str) -> Option<&'static Definition> {
    definitions().iter().find(|definition| definition.name == name)
}

/// Calls a tool. `arguments` is JSON as the model or the client wrote it.
///
/// # Errors
/// See [`Stop`].
pub async fn call(agent: &Agent, caller: &Caller, name: &str, arguments: &str) -> Result<Answer, Stop> {
    let Some(definition) = find(name) else {
        let names: Vec<_> = definitions().iter().map(|definition| definition.name).collect();
        return Err(Stop::Failed { message: format!("There is no such tool. The tools are: {}.", names.join(", ")) });
    };
    access::allowed(caller, definition)?;
    (definition.run)(agent, caller, arguments).await
}

/// The result of an order, for the model and the MCP client: what [`Definition::output`] of the trading tools
/// describes.
pub fn placed(order: &shared::broker::Order) -> Answer {
    trade::placed(order)
}
