//! Tools: each defined once, offered to the model and over MCP alike. What a tool may do comes from the caller's
//! token, never from what a prompt or an argument says.

use std::sync::LazyLock;

use foundation::SecretString;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use shared::{chat::View, details::Detail};

use crate::Agent;

mod access;
mod input;
mod market;
mod orders;
mod output;
mod portfolio;
mod schema;
pub mod scope;
mod trade;
mod whoami;

/// Who a tool works for.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Somebody who has not logged in.
    Visitor,
    /// A person in the chat. `person` is their id at the agent, `subject` the one at the identity service.
    Person { person: String, subject: String, name: Option<String>, email: Option<String> },
    /// A call at `/mcp`, with the caller's own token.
    Mcp { token: SecretString, subject: String, client: String, scopes: Vec<String> },
}

/// How a tool is run: with whom it works for, and the arguments as they came.
type Run = for<'a> fn(&'a Agent, &'a Caller, &'a str) -> BoxFuture<'a, Result<Answer, Stop>>;

/// A tool, as it is offered.
#[derive(Clone, Debug)]
pub struct Definition {
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    /// JSON schemas of the arguments and of the output.
    pub input: serde_json::Value,
    pub output: serde_json::Value,
    /// The scopes needed at the broker. None: public.
    pub scopes: &'static [&'static str],
    /// Whether a person approves each call.
    pub approval: bool,
    pub read_only: bool,
    /// Whether what it changes can't simply be undone.
    pub destructive: bool,
    /// Whether calling it again with the same arguments changes nothing more.
    pub idempotent: bool,
    /// Whether it reaches beyond this program's own data.
    pub open_world: bool,
    run: Run,
}

/// What a tool found.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// One line for people.
    pub summary: String,
    /// For the model and the MCP client.
    pub output: serde_json::Value,
    /// For the chat's tables.
    pub view: Option<View>,
}

/// Why a tool did not answer (yet).
#[derive(Clone, Debug)]
pub enum Stop {
    /// It needs to know who the person is.
    Login,
    /// It needs an account connected with these scopes.
    Connect { scopes: Vec<String> },
    /// It needs the person's approval.
    Approval(Box<Prepared>),
    /// It was called wrongly, or cannot do this: the model is told.
    Failed { message: String },
    /// What it needs can't be reached: the model is told.
    Unavailable { message: String },
}

/// An order that is ready to be asked for. Stored with the turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    pub detail: Detail,
    /// `Buy 5 WAYNE`
    pub title: String,
    /// Label and value for the chat's card, in the order shown. The estimate is among them.
    pub facts: Vec<(String, String)>,
    /// The agent's own words for the approval page, 300 characters at most.
    pub agent_message: Option<String>,
    /// What people call what it is about: the stock's symbol and name, the order's id.
    #[serde(default)]
    pub names: Vec<String>,
}

impl Prepared {
    /// What is asked for, at whatever limit: who said no to it said no to it at another limit too.
    pub fn what(&self) -> String {
        match &self.detail {
            Detail::StockOrder(_) => self.detail.title(),
            Detail::StockOrderCancellation(cancellation) => format!("Cancel {}", cancellation.order.as_str()),
        }
    }
}

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
