//! The rehearsal model's answers: its words and tool calls for a request, and for the results of its tools.

use serde_json::{Value, json};
use shared::money::Money;

use crate::{
    conversation::{Found, Message, Plan},
    intent::{About, Intent},
    order::Order,
};

pub(crate) const HELP: &str = "I'm the **rehearsal model**: I understand what this demo can do, and call its real tools. Try:\n\n- *What is the price of WAYNE?* · *Tell me about STARK* · *Which stocks are there?*\n- *Who am I?*\n- *Show my portfolio* · *How has my portfolio developed?* (asks you to connect your account)\n- *Show my orders* · *What is the status of my last order?*\n- *Buy 5 WAYNE* · *Sell 2 STARK at 90* · *Cancel my order* (you approve each one)\n- *How do approvals work?* · *Is it safe?*\n\nSet `OPENAI_API_KEY` or `OPENAI_BASE_URL` to talk to a real model instead.";

/// Maximum number of prices for one message.
const PRICES: usize = 6;

/// The first step, before any tool call.
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
        Intent::Info(symbol) => Plan::call("get_stock_info", json!({ "symbol": symbol })),
        Intent::Search(query) => Plan::call("search_stocks", json!({ "query": query })),
        Intent::Portfolio | Intent::Connect => Plan::call("get_portfolio", json!({})),
        Intent::PortfolioHistory => Plan::call("get_portfolio_history", json!({})),
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

/// The call for an order, or a question about what is missing.
fn ordering(order: &Order) -> Plan {
    if let Some(unread) = &order.unread {
        return Plan::say(format!("{} Nothing was asked for; please write the order again.", inert(unread)));
    }
    let verb = if order.side == "BUY" { "buy" } else { "sell" };
    let Some(symbol) = &order.symbol else {
        return Plan::say(match order.quantity {
            Some(_) => "Of which stock? *Which stocks are there?* lists them all.",
            None => "Which stock, and how many shares? For example: *Buy 5 WAYNE*.",
        });
    };
    let mut arguments = json!({ "symbol": symbol, "side": order.side });
    let what = match (order.quantity, &order.total) {
        (Some(quantity), None) => format!("{verb} {quantity} {symbol}"),
        (Some(quantity), Some(total)) => format!("{verb} {quantity} {symbol} for {} USD in all", money(total)),
        (None, Some(total)) if order.fitting => format!("{verb} {symbol} for {} USD in all", money(total)),
        (None, Some(total)) => {
            let total = money(total);
            let question =
                format!("How many shares of {symbol}, for {total} USD in all? Or say *as many as it pays for*.");
            return Plan::say(question);
        }
        (None, None) => return Plan::say(format!("How many shares of {symbol}?")),
    };
    for (name, value) in
        [("quantity", order.quantity.map(Value::from)), ("total", text(&order.total)), ("limit", text(&order.limit))]
    {
        if let Some(value) = value {
            arguments[name] = value;
        }
    }
    arguments["reason"] = format!("You wrote in the chat that you want to {what}.").into();
    let mut first = format!("I'll ask for your approval to {what}.");
    if !order.left_out.is_empty() {
        first = format!("{first} {}", left_out(&order.left_out));
    }
    Plan::call("create_order", arguments).first(first)
}

/// A note about the parts of a message that were left out.
pub(crate) fn left_out(parts: &[String]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("“{}”", inert(part))).collect();
    format!("I do one thing a message, so I left out {}. Write that on its own.", parts.join(" and "))
}

fn text(value: &Option<String>) -> Option<Value> {
    value.as_deref().map(Value::from)
}

/// The next step, after tools have answered.
pub(crate) fn go_on(asked: &Intent, found: &[Found<'_>]) -> Plan {
    let Some(last) = found.last() else { return Plan::say(HELP) };
    // "Cancel my order": the list of orders was the first step.
    if matches!(asked, Intent::CancelOrder(None)) && last.tool == "get_order_history" && last.status == "ok" {
        let waits = |order: &&Value| order["status"] == "PENDING";
        let pending = last.data["orders"].as_array().and_then(|orders| orders.iter().find(waits));
        return match pending.and_then(|order| order["id"].as_str()) {
            Some(id) => Plan::call("cancel_order", json!({ "order": id })),
            None => Plan::say("None of your orders waits any more, so there is nothing to cancel."),
        };
    }
    if matches!(asked, Intent::OrderStatus(None)) && last.tool == "get_order_history" && last.status == "ok" {
        return Plan::say(match last.data["orders"].as_array().and_then(|orders| orders.first()) {
            Some(order) => format!("Your last order: {}.", line(order)),
            None => "You have no orders yet.".into(),
        });
    }
    let mut texts: Vec<String> = Vec::new();
    for found in found {
        let text = said(found);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let mut text = texts.join("\n\n");
    if matches!(asked, Intent::Advice(_)) {
        text.push_str("\n\nWhether to buy or sell is yours to decide: I give no advice.");
    }
    Plan::say(text)
}

/// The meaning of a tool's answer, in words.
fn said(found: &Found<'_>) -> String {
    let data = &found.data;
    let text = |member: &str| data[member].as_str().unwrap_or("?").to_owned();
    match (found.status.as_str(), found.tool) {
        ("ok", "whoami") => match (data["loggedIn"].as_bool(), data["name"].as_str(), data["email"].as_str()) {
            (Some(true), Some(name), Some(email)) => format!("You are **{}** ({}).", inert(name), inert(email)),
            (Some(true), Some(name), None) => format!("You are **{}**.", inert(name)),
            (Some(true), None, Some(email)) => {
                format!("You are logged in as {}; I don't know your name.", inert(email))
            }
            (Some(true), ..) => "You are logged in, but I was not told your name.".into(),
            _ => "I don't know: nobody is logged in. Log in, and I'll know your name.".into(),
        },
        ("ok", "get_stock_price") => format!(
            "**{}** ({}) stands at **{} USD**, {} % since the day began.",
            text("symbol"),
            inert(&text("name")),
            money(&text("price")),
            text("changePercent")
        ),
        ("ok", "get_stock_info") => {
            let history = &data["history"];
            let member = |name: &str| history[name].as_str().unwrap_or("?").to_owned();
            format!(
                "**{}** ({}) stands at **{} USD**, {} % since the day began. Lately it moved between {} and {} USD, {} % from first to last.",
                text("symbol"),
                inert(&text("name")),
                money(&text("price")),
                text("changePercent"),
                member("lowest"),
                member("highest"),
                member("changePercent"),
            )
        }
        ("ok", "search_stocks") => match data["stocks"].as_array().map(Vec::as_slice) {
            None | Some([]) => "I found no stock like that. *Which stocks are there?* lists them all.".into(),
            Some([stock]) => format!(
                "I found **{}**, {}, at {} USD.",
                word(stock, "symbol"),
                inert(word(stock, "name")),
                money(word(stock, "price"))
            ),
            Some(stocks) => format!("I found {} stocks.", stocks.len()),
        },
        ("ok", "get_portfolio") => portfolio(data),
        ("ok", "get_portfolio_history") => {
            match data["points"].as_array().and_then(|points| Some((points.first()?, points.last()?))) {
                Some((first, last)) => format!(
                    "Your account went from {} to **{} USD** ({} %).",
                    money(word(first, "value")),
                    money(word(last, "value")),
                    text("changePercent")
                ),
                None => "There is no history of your account yet.".into(),
            }
        }
        ("ok", "get_order_history") => match data["orders"].as_array().map(Vec::as_slice) {
            None | Some([]) => "You have no orders yet.".into(),
            Some([order]) => format!("You have one order: {}.", line(order)),
            Some(orders @ [newest, ..]) => format!("You have {} orders. The newest: {}.", orders.len(), line(newest)),
        },
        ("ok", "get_order_status") => format!("This order: {}.", line(data)),
        ("ok", _) => listed(&data["result"]),
        ("done", _) => format!("You approved it, and it is done: {}{}.", inert(&text("receipt")), code(found)),
        ("placed", "cancel_order") => {
            format!("You approved it, and the order is cancelled: {}{}.", line(data), code(found))
        }
        ("placed", _) => format!("You approved it, and it is done: {}{}.", line(data), code(found)),
        ("rejected", _) => format!(
            "You approved {}, but StockTrade rejected it ({}). Nothing was bought or sold.",
            which(found),
            inert(word(data, "reason"))
        ),
        ("denied", tool) => {
            format!("You denied {}, so {}. I won't ask again unless you name it yourself.", which(found), nothing(tool))
        }
        ("expired", tool) => format!(
            "Nobody approved {} in time, so {}. If you still want it, write it again.",
            which(found),
            nothing(tool)
        ),
        ("withdrawn", tool) => format!("You withdrew {}, so {}.", which(found), nothing(tool)),
        ("unknown", _) => {
            format!("I can't tell what became of {}. {}", which(found), inert(&found.message))
        }
        ("not_asked", _) => format!(
            "You didn't approve {0} when I asked, so I don't ask again by myself. If you want it after all, name it: \
             *{1}*.",
            which(found),
            inert(&found.request)
        ),
        ("waiting", _) => "That still waits for you.".into(),
        _ if found.message.is_empty() => "That didn't work, and I was not told why.".into(),
        _ => format!("That didn't work. {}", inert(&found.message)),
    }
}

/// What a tool of the configuration found; the chat shows a list as a table.
fn listed(result: &Value) -> String {
    let result = match result {
        Value::Object(members) if members.len() == 1 => members.values().next().unwrap_or(result),
        other => other,
    };
    match result.as_array().map(Vec::len) {
        Some(0) => "I found nothing.".into(),
        Some(1) => "I found one.".into(),
        Some(many) => format!("I found {many}."),
        None => "Done.".into(),
    }
}

/// The request that the person was asked to approve: `**Buy 5 WAYNE** (code H7 4X)`. A thread may have several.
fn which(found: &Found<'_>) -> String {
    if found.request.is_empty() { "it".into() } else { format!("**{}**{}", inert(&found.request), code(found)) }
}

fn code(found: &Found<'_>) -> String {
    if found.code.is_empty() { String::new() } else { format!(" (code {})", inert(&found.code)) }
}

fn nothing(tool: &str) -> &'static str {
    if tool == "cancel_order" { "nothing was cancelled" } else { "nothing was placed" }
}

fn portfolio(data: &Value) -> String {
    let (total, cash) = (money(word(data, "totalValue")), money(word(data, "cashBalance")));
    let Some(holdings) = data["holdings"].as_array().filter(|holdings| !holdings.is_empty()) else {
        return format!("Your account is worth **{total} USD**, all of it in cash.");
    };
    let names: Vec<String> =
        holdings.iter().map(|holding| format!("{} {}", holding["shares"], word(holding, "symbol"))).take(6).collect();
    let positions = if holdings.len() == 1 { "one position" } else { "positions" };
    format!("Your account is worth **{total} USD**: {cash} USD in cash, and {positions}: {}.", names.join(", "))
}

/// An amount for people, `10,000.00`. Any other text is made inert.
fn money(text: &str) -> String {
    text.parse::<Money>().map_or_else(|_| inert(text), Money::grouped)
}

/// `bought 5 WAYNE at 103.42 USD`
fn line(order: &Value) -> String {
    let buy = order["side"] == "BUY";
    let what = format!("{} {}", order["quantity"], word(order, "symbol"));
    let price = money(word(order, "price"));
    match (word(order, "status"), buy) {
        ("FILLED", true) => format!("bought {what} at **{price} USD** a share"),
        ("FILLED", false) => format!("sold {what} at **{price} USD** a share"),
        (status, _) => {
            let verb = if buy { "buy" } else { "sell" };
            let state = match status {
                "PENDING" => "waits at the market",
                "CANCELLED" => "was cancelled",
                "REJECTED" => "was rejected",
                _ => "is in a state that I don't know",
            };
            format!("the order to {verb} {what} at {price} USD {state}")
        }
    }
}

fn waiting(before: &[Message]) -> String {
    let waits = before
        .iter()
        .filter(|message| message.role == "tool")
        .filter_map(|message| serde_json::from_str::<Value>(message.content.as_deref()?).ok())
        .filter(|content| content["status"] == "waiting")
        .count();
    match waits {
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
            "When you ask for an order, I prepare it and ask for your approval on a **page of its own**, at another address, where I have no access. The page shows exactly what would happen, from the details alone. The same short code stands there and on the card here, so you know that they belong together. Approve, and it is placed once, as shown; deny it or let it run out, and nothing happens."
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
        About::Money => {
            "All money here is simulated: every account opens with 10,000.00 USD, and the prices are a random walk."
        }
        About::Mcp => {
            "Yes: the same tools are at `/mcp` of this site, for Claude, Cursor, the MCP Inspector or any other client. It registers by itself, you log in and agree, and orders still wait for your approval."
        }
    }
}

fn word<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or("?")
}

/// Escapes untrusted text, so that none of it becomes Markdown.
fn inert(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars().take(300) {
        if matches!(c, '*' | '_' | '[' | ']' | '`' | '<' | '>' | '!' | '#' | '|' | '\\') {
            plain.push('\\');
        }
        plain.push(if c.is_control() { ' ' } else { c });
    }
    plain
}
