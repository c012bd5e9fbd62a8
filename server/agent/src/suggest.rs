//! Suggestions for the next message, and the commands that can be asked for by name. Both come from typed data and the
//! tools' phrases, never from the model.

use foundation::tr;
use shared::{
    chat::{ApprovalState, Call, CallState, CardBody, Kind, View},
    money::Symbol,
};

use crate::{config::Config, mcp::prompts, state::Agent};

/// Maximum number of suggestions.
const MOST: usize = 3;

/// Number of a thread's last items on which suggestions are based.
pub(crate) const ITEMS: i64 = 12;

/// The built-in tools by name, each with its title and a phrase that uses it. The person fills in a word in braces.
fn built_in() -> [(&'static str, &'static str, &'static str); 10] {
    [
        ("whoami", tr!("Who am I", "Wer bin ich"), tr!("Who am I?", "Wer bin ich?")),
        (
            "get_stock_price",
            tr!("Stock price", "Preis einer Aktie"),
            tr!("What is the price of {stock}?", "Was kostet {Aktie}?"),
        ),
        (
            "get_stock_info",
            tr!("Stock details", "Über eine Aktie"),
            tr!("Tell me about {stock}", "Erzähl mir von {Aktie}"),
        ),
        (
            "search_stocks",
            tr!("Find stocks", "Aktien finden"),
            tr!("Which stocks are there for {company}?", "Welche Aktien gibt es von {Firma}?"),
        ),
        ("get_portfolio", tr!("Portfolio", "Depot"), portfolio()),
        (
            "get_portfolio_history",
            tr!("Portfolio history", "Verlauf des Depots"),
            tr!("How did my portfolio change?", "Wie hat sich mein Depot entwickelt?"),
        ),
        ("get_order_history", tr!("Orders", "Aufträge"), orders()),
        (
            "get_order_status",
            tr!("One order", "Ein Auftrag"),
            tr!("What became of order {order}?", "Was wurde aus Auftrag {Auftrag}?"),
        ),
        (
            "create_order",
            tr!("Place an order", "Auftrag aufgeben"),
            tr!("Buy {number} {stock}", "Kauf {Anzahl} {Aktie}"),
        ),
        (
            "cancel_order",
            tr!("Cancel an order", "Auftrag stornieren"),
            tr!("Cancel order {order}", "Storniere Auftrag {Auftrag}"),
        ),
    ]
}

fn portfolio() -> &'static str {
    tr!("Show my portfolio", "Zeig mein Depot")
}

fn orders() -> &'static str {
    tr!("Show my orders", "Zeig meine Aufträge")
}

fn price(symbol: &Symbol) -> String {
    tr!(format!("What is the price of {symbol}?"), format!("Was kostet {symbol}?"))
}

/// A tool or prompt that a person can ask for by its name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) title: String,
    /// The message. The person fills in a word in braces.
    pub(crate) text: String,
}

/// All tools with a phrase, and the prompts.
pub(crate) fn commands(agent: &Agent) -> Vec<Command> {
    let tools = agent.tools().iter().filter_map(|tool| {
        let of_ours = built_in().into_iter().find(|(name, ..)| *name == tool.name);
        let (title, text) = match of_ours {
            Some((_, title, text)) => (title.to_owned(), text.to_owned()),
            None => (tool.title.clone(), phrases(&agent.config, &tool.name).into_iter().next()?),
        };
        Some(Command { name: tool.name.clone(), title, text })
    });
    let prompts = prompts::texts(agent).into_iter();
    tools.chain(prompts.map(|(name, title, text)| Command { name, title, text })).collect()
}

/// Phrases for a configured tool, as configured.
fn phrases(config: &Config, tool: &str) -> Vec<String> {
    let configured = config.tools.iter().filter(|known| known.name == tool);
    configured.flat_map(|tool| tool.rehearsed().phrases).map(|phrase| sentence(&phrase)).collect()
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
                    all.extend([portfolio().into(), orders().into()]);
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
            let symbol = &stock.symbol;
            vec![tr!(format!("Buy 5 {symbol}"), format!("Kauf 5 {symbol}")), portfolio().into()]
        }
        View::Stocks { stocks } => stocks.iter().take(MOST).map(|stock| price(&stock.symbol)).collect(),
        View::Values { .. } => vec![portfolio().into(), orders().into()],
        View::Portfolio { portfolio, .. } => {
            let own = portfolio.holdings.first().map(|holding| price(&holding.symbol));
            own.into_iter().chain([self::orders().into()]).collect()
        }
        View::Orders { orders } => {
            let last = orders.first().map(|order| price(&order.symbol));
            last.into_iter().chain([portfolio().into()]).collect()
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
        let has_phrase = |name: &str| built_in().iter().any(|(known, ..)| *known == name);
        let names = crate::tools::compiled("").into_iter().map(|tool| tool.name);
        let lacking: Vec<_> = names.filter(|name| !has_phrase(name)).collect();
        assert_eq!(lacking, Vec::<String>::new());
        assert_eq!(sentence("book the {room}"), "Book the {room}");
        assert_eq!(sentence("über uns"), "Über uns");
    }
}
