//! Suggestions for the next message, and the commands that can be asked for by name. Both come from typed data and the
//! tools' phrases, never from the model.

use shared::chat::{ApprovalState, Call, CallState, CardBody, Kind, View};

use crate::{config::Config, mcp::prompts, state::Agent};

/// Maximum number of suggestions.
const MOST: usize = 3;

/// Number of items of a thread that are looked at.
pub(crate) const ITEMS: i64 = 12;

/// Phrases that use the built-in tools. A word in braces is theirs to fill in.
const PHRASES: [(&str, &str); 10] = [
    ("whoami", "Who am I?"),
    ("get_stock_price", "What is the price of {stock}?"),
    ("get_stock_info", "Tell me about {stock}"),
    ("search_stocks", "Which stocks are there for {company}?"),
    ("get_portfolio", "Show my portfolio"),
    ("get_portfolio_history", "How did my portfolio change?"),
    ("get_order_history", "Show my orders"),
    ("get_order_status", "What became of order {order}?"),
    ("create_order", "Buy {number} {stock}"),
    ("cancel_order", "Cancel order {order}"),
];

/// Something that can be asked for by name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) title: String,
    /// The message. A word in braces is the person's to fill in.
    pub(crate) text: String,
}

/// All tools with a phrase, and the prompts.
pub(crate) fn commands(agent: &Agent) -> Vec<Command> {
    let tools = agent.tools().iter().filter_map(|tool| {
        let text = phrases(&agent.config, &tool.name).into_iter().next()?;
        Some(Command { name: tool.name.clone(), title: tool.title.clone(), text })
    });
    let prompts = prompts::texts(agent).into_iter();
    tools.chain(prompts.map(|(name, title, text)| Command { name, title, text })).collect()
}

fn phrases(config: &Config, tool: &str) -> Vec<String> {
    let built_in = PHRASES.iter().filter(|(name, _)| *name == tool).map(|(_, phrase)| (*phrase).to_owned());
    let configured = config.tools.iter().filter(|known| known.name == tool);
    built_in.chain(configured.flat_map(|tool| tool.rehearsed().phrases).map(|phrase| sentence(&phrase))).collect()
}

/// A phrase with a capital letter, as people write it.
fn sentence(phrase: &str) -> String {
    let mut characters = phrase.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Suggestions after the last items of a thread, newest first. None while something waits for the person.
pub(crate) fn fitting(config: &Config, items: &[Kind]) -> Vec<String> {
    let mut all = Vec::new();
    for kind in items {
        match kind {
            Kind::Message { .. } => break,
            Kind::Card(card) => match &card.body {
                CardBody::Approval(approval) if approval.state == ApprovalState::Denied => {}
                CardBody::Approval(approval) if approval.state.is_over() => {
                    all.extend(["Show my portfolio".into(), "Show my orders".into()]);
                }
                CardBody::Login { done: true, .. } => {}
                CardBody::Connect { state, .. } if *state != shared::chat::ConnectState::Waiting => {}
                _ => return Vec::new(),
            },
            Kind::Call(Call { tool, state: CallState::Done { view, .. }, .. }) => match view {
                Some(view) => all.extend(after(view, config, tool)),
                None => all.extend(beside(config, tool)),
            },
            _ => {}
        }
    }
    let mut seen = Vec::new();
    for text in all {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen.truncate(MOST);
    seen
}

fn after(view: &View, config: &Config, tool: &str) -> Vec<String> {
    match view {
        View::Quote { stock, .. } | View::Prices { stock, .. } => {
            vec![format!("Buy 5 {}", stock.symbol), "Show my portfolio".into()]
        }
        View::Stocks { stocks } => {
            stocks.iter().take(MOST).map(|stock| format!("What is the price of {}?", stock.symbol)).collect()
        }
        View::Values { .. } => vec!["Show my portfolio".into(), "Show my orders".into()],
        View::Portfolio { portfolio, .. } => {
            let first = portfolio.holdings.first().map(|holding| holding.symbol.to_string());
            let own = first.map(|symbol| format!("What is the price of {symbol}?"));
            own.into_iter().chain(["Show my orders".into()]).collect()
        }
        View::Orders { orders } => {
            let last = orders.first().map(|order| format!("What is the price of {}?", order.symbol));
            last.into_iter().chain(["Show my portfolio".into()]).collect()
        }
        View::Table { .. } => beside(config, tool),
    }
}

/// Phrases of the other tools of the same API that need nothing filled in.
fn beside(config: &Config, tool: &str) -> Vec<String> {
    let Some(api) = config.tools.iter().find(|known| known.name == tool).map(|known| known.api.as_str()) else {
        return Vec::new();
    };
    let others = config.tools.iter().filter(|known| known.api == api && known.name != tool);
    let phrases = others.flat_map(|tool| tool.rehearsed().phrases);
    phrases.filter(|phrase| !phrase.contains('{')).map(|phrase| sentence(&phrase)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_tool_has_a_phrase() {
        let has_phrase = |name: &str| PHRASES.iter().any(|(known, _)| *known == name);
        let names = crate::tools::compiled("").into_iter().map(|tool| tool.name);
        let lacking: Vec<_> = names.filter(|name| !has_phrase(name)).collect();
        assert_eq!(lacking, Vec::<String>::new());
        assert_eq!(sentence("book the {room}"), "Book the {room}");
        assert_eq!(sentence("über uns"), "Über uns");
    }
}
