//! Prompts that a client offers its person: a briefing, and the outcome of the last order.

use rmcp::model::{GetPromptResult, Prompt, PromptMessage, Role};

use crate::{broker, state::Agent};

/// Name, title, what it does, and what it asks the model.
const ALL: [(&str, &str, &str, &str); 2] = [
    (
        "briefing",
        "Briefing",
        "Where my {account} account stands: value, positions, what changed and what is open.",
        "Give me a short briefing on my {account} account. Use get_portfolio, get_portfolio_history and \
         get_order_history. Say in this order: the total value and how it changed, each position with its value now and \
         what it cost, the orders that wait at the market, and anything that stands out. Use the numbers that the tools \
         gave, in US dollars. Place no order.",
    ),
    (
        "explain_last_order",
        "Explain my last order",
        "What my newest order at {account} was, who placed it, and what became of it.",
        "Explain my last order at {account}. Use get_order_history with limit 1, and get_stock_price for the stock's \
         price now. Say what was ordered, by whom and under which approval code, at which price, what became of it and \
         why, and how the price stands against it now. Place no order.",
    ),
];

/// The prompts about StockTrade's account, if it is configured.
pub(super) fn all(agent: &Agent) -> Vec<Prompt> {
    let offered = ALL.iter().filter(|_| agent.config.api(broker::API).is_some());
    offered
        .map(|(name, title, what, _)| Prompt::new(*name, Some(named(agent, what)), None).with_title(*title))
        .collect()
}

/// Name, title and text of each.
pub(crate) fn texts(agent: &Agent) -> Vec<(String, String, String)> {
    let offered = ALL.iter().filter(|_| agent.config.api(broker::API).is_some());
    offered.map(|(name, title, _, text)| ((*name).to_owned(), (*title).to_owned(), named(agent, text))).collect()
}

/// The prompt with this name.
pub(super) fn find(agent: &Agent, name: &str) -> Option<GetPromptResult> {
    agent.config.api(broker::API)?;
    let (_, _, what, text) = ALL.iter().find(|(known, ..)| *known == name)?;
    let message = PromptMessage::new_text(Role::User, named(agent, text));
    Some(GetPromptResult::new(vec![message]).with_description(named(agent, what)))
}

/// Inserts the account's name.
fn named(agent: &Agent, text: &str) -> String {
    text.replace("{account}", broker::name(agent))
}
