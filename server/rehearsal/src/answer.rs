//! The rehearsal model's answers: its words and tool calls for a request, and for the results of its tools.

use serde_json::{Value, json};

use crate::{
    conversation::{Found, Message, Plan},
    intent::{About, Intent},
    ordering::ordering,
    second::{first_step, second_step},
    understand::Asked,
    words::{inert, said},
};

/// The answer to a request that offers no tools, where one would be needed.
pub(crate) const NOTHING_TO_CALL: &str = "I can't know that. This request holds your question and nothing else: no tool that I could ask for, and nothing about you. A larger model might invent an answer here.";

pub(crate) const HELP: &str = "I'm the **rehearsal model**: I understand what this demo can do, and call its real tools. Try:\n\n- *What is the price of WAYNE?* · *Tell me about STARK* · *Which stocks are there?*\n- *Who am I?*\n- *Show my portfolio* · *How has my portfolio developed?* (asks you to connect your account)\n- *Show my orders* · *What is the status of my last order?*\n- *Buy 5 WAYNE and 3 STARK* · *Sell 2 STARK at 90* · *Cancel my order* (you approve each one)\n- *How do approvals work?* · *Is it safe?*\n\nSet `OPENAI_API_KEY` or `OPENAI_BASE_URL` to talk to a real model instead.";

/// Maximum number of prices for one message.
const PRICES: usize = 6;

/// The first step for all that a message asks for, before any tool call.
pub(crate) fn begin_all(asked: &Asked, before: &[Message]) -> Plan {
    let mut plan = Plan::default();
    let mut texts = Vec::new();
    for intent in &asked.intents {
        let step = begin(intent, before);
        texts.extend(Some(step.text).filter(|text| !text.is_empty()));
        // One look at the portfolio serves several orders.
        plan.calls.extend(step.calls.into_iter().filter(|call| !plan.calls.contains(call)).collect::<Vec<_>>());
    }
    if asked.changes && count_waiting(before) > 0 {
        texts.push("What I asked for before still waits: withdraw it on its card if this is instead of it.".into());
    }
    if !asked.left_out.is_empty() {
        texts.push(left_out(&asked.left_out));
    }
    plan.first(texts.join("\n\n"))
}

/// The first step for one of them.
pub(crate) fn begin(asked: &Intent, before: &[Message]) -> Plan {
    match asked {
        Intent::Hello => Plan::say(
            "Hello! Ask me for a price, your portfolio, or an order. *What can you do?* lists what I understand.",
        ),
        Intent::Thanks => Plan::say("You're welcome."),
        Intent::Bye => Plan::say("Goodbye. Whatever still waits for you stays until you decide, or its time runs out."),
        Intent::Help => Plan::say(HELP),
        Intent::About(about) => Plan::say(about_text(*about)),
        Intent::WhoAmI => Plan::call("whoami", json!({})),
        Intent::Price(symbols) => Plan {
            text: if symbols.len() > PRICES { left_out(&symbols[PRICES..]) } else { String::new() },
            calls: symbols
                .iter()
                .take(PRICES)
                .map(|symbol| ("get_stock_price".into(), json!({ "symbol": symbol })))
                .collect(),
        },
        Intent::Info(symbol, None) => Plan::call("get_stock_info", json!({ "symbol": symbol })),
        Intent::Info(symbol, Some(range)) => Plan::call("get_stock_info", json!({ "symbol": symbol, "range": range })),
        Intent::Search(query) => Plan::call("search_stocks", json!({ "query": query })),
        Intent::Portfolio | Intent::Connect => Plan::call("get_portfolio", json!({})),
        Intent::PortfolioHistory(None) => Plan::call("get_portfolio_history", json!({})),
        Intent::PortfolioHistory(Some(range)) => Plan::call("get_portfolio_history", json!({ "range": range })),
        Intent::Orders | Intent::OrderStatus(None) => Plan::call("get_order_history", json!({})),
        Intent::OrderStatus(Some(id)) => Plan::call("get_order_status", json!({ "order": id })),
        Intent::CancelOrder(Some(id)) => Plan::call("cancel_order", json!({ "order": id })),
        Intent::CancelOrder(None) => {
            Plan::call("get_order_history", json!({})).first("I'll look for an order that still waits. ")
        }
        Intent::Order(order) => ordering(order),
        Intent::Waiting => Plan::say(waiting(before)),
        Intent::Advice(symbols) if symbols.is_empty() => {
            Plan::say("I give no advice. I can tell you prices and how they moved: *Tell me about WAYNE*.")
        }
        Intent::Advice(symbols) => Plan::call("get_stock_info", json!({ "symbol": symbols[0] })),
        Intent::NoOrder => Plan::say(
            "All right, I ask for nothing. What waits for your approval already, you can withdraw on its card.",
        ),
        Intent::Task => Plan::say(
            "I can't watch prices for you yet. I can tell you the price now, or ask for an order at the price now: *Buy 10 WAYNE*.",
        ),
        Intent::Unknown => Plan::say(format!(
            "I don't understand that: I'm a rehearsal model, which knows this demo and nothing else.\n\n{HELP}"
        )),
    }
}

/// A note about the parts of a message that nothing was done about.
fn left_out(parts: &[String]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("“{}”", inert(part))).collect();
    format!("I did nothing about {}. Write that again in other words, on its own.", parts.join(" and "))
}

/// The next step, after tools have answered.
pub(crate) fn go_on(asked: &[Intent], found: &[Found<'_>]) -> Plan {
    let next: Vec<Plan> = asked.iter().filter_map(|intent| second_step(intent, found)).collect();
    let calls: Vec<_> = next.iter().flat_map(|plan| plan.calls.clone()).collect();
    let mut texts: Vec<String> = next.into_iter().map(|plan| plan.text).filter(|text| !text.is_empty()).collect();
    if !calls.is_empty() {
        return Plan { text: texts.join("\n\n"), calls };
    }
    // These say it themselves.
    let used = |found: &&Found<'_>| {
        asked.iter().any(|intent| first_step(intent).is_some_and(|tool| tool == found.tool && found.status == "ok"))
    };
    for found in found.iter().filter(|found| !used(found)) {
        let text = said(found);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let mut text = texts.join("\n\n");
    if asked.iter().any(|intent| matches!(intent, Intent::Advice(_))) {
        text.push_str("\n\nWhether to buy or sell is yours to decide: I give no advice.");
    }
    Plan::say(text)
}

fn count_waiting(before: &[Message]) -> usize {
    before
        .iter()
        .filter(|message| message.role == "tool")
        .filter_map(|message| serde_json::from_str::<Value>(message.content.as_deref()?).ok())
        .filter(|content| content["status"] == "waiting")
        .count()
}

fn waiting(before: &[Message]) -> String {
    match count_waiting(before) {
        0 => "Nothing in this thread waits for you.".into(),
        1 => "One thing waits for you: its card above says what, and leads to where you decide.".into(),
        many => format!("{many} things wait for you: their cards above say what, and lead to where you decide."),
    }
}

fn about_text(about: About) -> &'static str {
    match about {
        About::You => {
            "I'm Mandate, an agent that acts for you within what you allow. Just now a small **rehearsal model** speaks for me: it recognises what people ask in this demo and calls the real tools."
        }
        About::Approval => {
            "When you ask for an order, or for anything else that changes something, I prepare it and ask for your approval on a **page of its own**, at another address, where I have no access. The page shows exactly what would happen, from the details alone. The same short code stands there and on the card here, so you know that they belong together. Approve, and it is done once, as shown; deny it or let it run out, and nothing happens."
        }
        About::Safety => {
            "I can read what you connected, within the scopes you agreed to, and I can *ask* for orders. I can't place one: the broker takes an order only with a token for exactly the details that you approved. Your password and the tokens never pass through me."
        }
        About::Disconnect => {
            "On the page [Connected accounts](/accounts) you see what I may access, and disconnect it. That revokes it at the broker too."
        }
        About::Login => {
            "Use *Log in* at the edge of this page. You log in once, at the broker's page, and I learn your name. *Log out* ends it at all three sites."
        }
        About::Tokens => {
            "For you I hold an access token and a refresh token of Mandate identity, in this site's database, encrypted. StockTrade's tokens are in the **token vault** of Mandate identity; I get one for a few minutes when I read your account, and for an order one that says exactly what you approved. No token ever reaches this page or the model."
        }
        About::Access => {
            "You connect your StockTrade account once, at StockTrade's own page. Mandate identity keeps that access in its **token vault** and gives me a token for a few minutes when a question needs it, with the scopes that you agreed to. [Connected accounts](/accounts) shows and ends it."
        }
        About::Money => {
            "All money here is simulated: every account opens with 10,000.00 USD, and the prices are a random walk."
        }
        About::Mcp => {
            "Yes: the same tools are at `/mcp` of this site, for Claude, Cursor, the MCP Inspector or any other client. It registers by itself, you log in and agree, and orders still wait for your approval."
        }
    }
}
