//! Tools' results in the rehearsal model's words.

use serde_json::Value;
use shared::money::Money;

use crate::conversation::Found;

/// The meaning of a tool's answer, in words.
pub(crate) fn said(found: &Found<'_>) -> String {
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
                "**{}** ({}) stands at **{} USD**, {} % since the day began. In the last {} it moved between {} and {} USD, {} % from first to last.",
                text("symbol"),
                inert(&text("name")),
                money(&text("price")),
                text("changePercent"),
                member("range"),
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
                    "Your account went from {} to **{} USD** ({} %) in the last {}.",
                    money(word(first, "value")),
                    money(word(last, "value")),
                    text("changePercent"),
                    text("range")
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
        ("denied", _) => format!(
            "You denied {}. {} I won't ask again unless you name it yourself.",
            which(found),
            inert(&found.undone)
        ),
        ("expired", _) => format!(
            "Nobody approved {} in time. {} If you still want it, write it again.",
            which(found),
            inert(&found.undone)
        ),
        ("withdrawn", _) => format!("You withdrew {}. {}", which(found), inert(&found.undone)),
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
pub(crate) fn money(text: &str) -> String {
    text.parse::<Money>().map_or_else(|_| inert(text), Money::grouped)
}

/// `bought 5 WAYNE at 103.42 USD`
pub(crate) fn line(order: &Value) -> String {
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

pub(crate) fn word<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or("?")
}

/// Escapes untrusted text, so that none of it becomes Markdown.
pub(crate) fn inert(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars().take(300) {
        if matches!(c, '*' | '_' | '[' | ']' | '`' | '<' | '>' | '!' | '#' | '|' | '\\') {
            plain.push('\\');
        }
        plain.push(if c.is_control() { ' ' } else { c });
    }
    plain
}
