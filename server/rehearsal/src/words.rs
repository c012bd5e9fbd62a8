//! Tools' results in the rehearsal model's words.

use foundation::{lang, tr};
use serde_json::Value;
use shared::{broker::reason_in, money::Money};

use crate::conversation::Found;

/// The meaning of a tool's answer, in words.
pub(crate) fn said(found: &Found<'_>) -> String {
    let data = &found.data;
    let text = |member: &str| data[member].as_str().unwrap_or("?").to_owned();
    match (found.status.as_str(), found.tool) {
        ("ok", "whoami") => match (data["loggedIn"].as_bool(), data["name"].as_str(), data["email"].as_str()) {
            (Some(true), Some(name), Some(email)) => tr!(
                format!("You are **{}** ({}).", inert(name), inert(email)),
                format!("Du bist **{}** ({}).", inert(name), inert(email))
            ),
            (Some(true), Some(name), None) => {
                tr!(format!("You are **{}**.", inert(name)), format!("Du bist **{}**.", inert(name)))
            }
            (Some(true), None, Some(email)) => {
                tr!(
                    format!("You are logged in as {}; I don't know your name.", inert(email)),
                    format!("Du bist als {} angemeldet; deinen Namen kenne ich nicht.", inert(email))
                )
            }
            (Some(true), ..) => tr!(
                "You are logged in, but I was not told your name.",
                "Du bist angemeldet, aber deinen Namen kenne ich nicht."
            )
            .into(),
            _ => tr!(
                "I don't know: nobody is logged in. Log in, and I'll know your name.",
                "Das weiß ich nicht: Niemand ist angemeldet. Melde dich an, dann kenne ich deinen Namen."
            )
            .into(),
        },
        ("ok", "get_stock_price") => {
            let (symbol, name) = (text("symbol"), inert(&text("name")));
            let (price, change) = (money(&text("price")), decimal(&text("changePercent")));
            tr!(
                format!("**{symbol}** ({name}) stands at **{price} USD**, {change} % since the day began."),
                format!("**{symbol}** ({name}) steht bei **{price} USD**, {change} % seit Tagesbeginn.")
            )
        }
        ("ok", "get_stock_info") => {
            let history = &data["history"];
            let member = |name: &str| history[name].as_str().unwrap_or("?").to_owned();
            let [range, lowest, highest, moved] = ["range", "lowest", "highest", "changePercent"].map(member);
            let (symbol, name, price) = (text("symbol"), inert(&text("name")), money(&text("price")));
            let [lowest, highest] = [lowest, highest].map(|amount| money(&amount));
            let [moved, change] = [moved, text("changePercent")].map(|number| decimal(&number));
            tr!(
                format!(
                    "**{symbol}** ({name}) stands at **{price} USD**, {change} % since the day began. In the last {range} it moved between {lowest} and {highest} USD, {moved} % from first to last."
                ),
                format!(
                    "**{symbol}** ({name}) steht bei **{price} USD**, {change} % seit Tagesbeginn. {} lag der Preis zwischen {lowest} und {highest} USD, {moved} % vom ersten zum letzten.",
                    in_german(&range)
                )
            )
        }
        ("ok", "search_stocks") => match data["stocks"].as_array().map(Vec::as_slice) {
            None | Some([]) => tr!(
                "I found no stock like that. *Which stocks are there?* lists them all.",
                "So eine Aktie habe ich nicht gefunden. *Welche Aktien gibt es?* zeigt alle."
            )
            .into(),
            Some([stock]) => tr!(
                format!(
                    "I found **{}**, {}, at {} USD.",
                    word(stock, "symbol"),
                    inert(word(stock, "name")),
                    money(word(stock, "price"))
                ),
                format!(
                    "Ich habe **{}** gefunden, {}, zu {} USD.",
                    word(stock, "symbol"),
                    inert(word(stock, "name")),
                    money(word(stock, "price"))
                )
            ),
            Some(stocks) => {
                tr!(format!("I found {} stocks.", stocks.len()), format!("Ich habe {} Aktien gefunden.", stocks.len()))
            }
        },
        ("ok", "get_portfolio") => portfolio(data),
        ("ok", "get_portfolio_history") => {
            match data["points"].as_array().and_then(|points| Some((points.first()?, points.last()?))) {
                Some((first, last)) => tr!(
                    format!(
                        "Your account went from {} to **{} USD** ({} %) in the last {}.",
                        money(word(first, "value")),
                        money(word(last, "value")),
                        text("changePercent"),
                        text("range")
                    ),
                    format!(
                        "{} ging dein Konto von {} auf **{} USD** ({} %).",
                        in_german(&text("range")),
                        money(word(first, "value")),
                        money(word(last, "value")),
                        decimal(&text("changePercent"))
                    )
                ),
                None => tr!("There is no history of your account yet.", "Dein Konto hat noch keinen Verlauf.").into(),
            }
        }
        ("ok", "get_order_history") => match data["orders"].as_array().map(Vec::as_slice) {
            None | Some([]) => tr!("You have no orders yet.", "Du hast noch keine Aufträge.").into(),
            Some([order]) => {
                tr!(format!("You have one order: {}.", line(order)), format!("Du hast einen Auftrag: {}.", line(order)))
            }
            Some(orders @ [newest, ..]) => tr!(
                format!("You have {} orders. The newest: {}.", orders.len(), line(newest)),
                format!("Du hast {} Aufträge. Der neueste: {}.", orders.len(), line(newest))
            ),
        },
        ("ok", "get_order_status") => {
            tr!(format!("This order: {}.", line(data)), format!("Dieser Auftrag: {}.", line(data)))
        }
        ("ok", _) => listed(&data["result"]),
        ("done", _) => tr!(
            format!("You approved it, and it is done: {}{}.", inert(&text("receipt")), code(found)),
            format!("Du hast es freigegeben, und es ist erledigt: {}{}.", inert(&text("receipt")), code(found))
        ),
        ("placed", "cancel_order") => {
            tr!(
                format!("You approved it, and the order is cancelled: {}{}.", line(data), code(found)),
                format!("Du hast es freigegeben, und der Auftrag ist storniert: {}{}.", line(data), code(found))
            )
        }
        ("placed", _) => tr!(
            format!("You approved it, and it is done: {}{}.", line(data), code(found)),
            format!("Du hast es freigegeben, und es ist erledigt: {}{}.", line(data), code(found))
        ),
        ("rejected", _) => tr!(
            format!(
                "You approved {}, but StockTrade rejected it ({}). Nothing was bought or sold.",
                which(found),
                inert(word(data, "reason"))
            ),
            format!(
                "Du hast {} freigegeben, aber StockTrade hat es zurückgewiesen ({}). Nichts wurde gekauft oder verkauft.",
                which(found),
                inert(reason_in(lang::current(), word(data, "reason")).trim_end_matches('.'))
            )
        ),
        ("denied", _) => tr!(
            format!(
                "You denied {}. {} I won't ask again unless you name it yourself.",
                which(found),
                inert(&found.undone)
            ),
            format!(
                "Du hast {} abgelehnt. {} Ich frage nicht wieder, außer du nennst es selbst.",
                which(found),
                inert(&found.undone)
            )
        ),
        ("expired", _) => tr!(
            format!(
                "Nobody approved {} in time. {} If you still want it, write it again.",
                which(found),
                inert(&found.undone)
            ),
            format!(
                "Niemand hat {} rechtzeitig freigegeben. {} Wenn du es noch willst, schreib es noch einmal.",
                which(found),
                inert(&found.undone)
            )
        ),
        ("withdrawn", _) => tr!(
            format!("You withdrew {}. {}", which(found), inert(&found.undone)),
            format!("Du hast {} zurückgezogen. {}", which(found), inert(&found.undone))
        ),
        ("unknown", _) => {
            tr!(
                format!("I can't tell what became of {}. {}", which(found), inert(&found.message)),
                format!("Ich weiß nicht, was aus {} wurde. {}", which(found), inert(&found.message))
            )
        }
        ("not_asked", _) => {
            let (it, request) = (which(found), inert(&found.request));
            tr!(
                format!(
                    "You didn't approve {it} when I asked, so I don't ask again by myself. If you want it after all, name it: \
                     *{request}*."
                ),
                format!(
                    "Du hast {it} nicht freigegeben, als ich gefragt habe, deshalb frage ich nicht von selbst noch einmal. \
                     Wenn du es doch willst, nenn es: *{request}*."
                )
            )
        }
        ("waiting", _) => tr!("That still waits for you.", "Das wartet noch auf dich.").into(),
        _ if found.message.is_empty() => {
            tr!("That didn't work, and I was not told why.", "Das ging nicht, und ich weiß nicht, warum.").into()
        }
        _ => tr!(
            format!("That didn't work. {}", inert(&found.message)),
            format!("Das ging nicht. {}", inert(&found.message))
        ),
    }
}

/// The range of a history, as a German sentence begins.
fn in_german(range: &str) -> &'static str {
    match range {
        "day" => "Am letzten Tag",
        "week" => "In der letzten Woche",
        "month" => "Im letzten Monat",
        "year" => "Im letzten Jahr",
        _ => "Zuletzt",
    }
}

/// The result of a configured tool; the chat shows a list as a table.
fn listed(result: &Value) -> String {
    let result = match result {
        Value::Object(members) if members.len() == 1 => members.values().next().unwrap_or(result),
        other => other,
    };
    match result.as_array().map(Vec::len) {
        Some(0) => tr!("I found nothing.", "Ich habe nichts gefunden.").into(),
        Some(1) => tr!("I found one.", "Ich habe eines gefunden.").into(),
        Some(many) => tr!(format!("I found {many}."), format!("Ich habe {many} gefunden.")),
        None => tr!("Done.", "Erledigt.").into(),
    }
}

/// The request that the person was asked to approve: `**Buy 5 WAYNE** (code H7 4X)`. A thread may have several.
fn which(found: &Found<'_>) -> String {
    if found.request.is_empty() {
        tr!("it", "es").into()
    } else {
        format!("**{}**{}", inert(&found.request), code(found))
    }
}

fn code(found: &Found<'_>) -> String {
    if found.code.is_empty() { String::new() } else { format!(" ({} {})", tr!("code", "Code"), inert(&found.code)) }
}

fn portfolio(data: &Value) -> String {
    let (total, cash) = (money(word(data, "totalValue")), money(word(data, "cashBalance")));
    let Some(holdings) = data["holdings"].as_array().filter(|holdings| !holdings.is_empty()) else {
        return tr!(
            format!("Your account is worth **{total} USD**, all of it in cash."),
            format!("Dein Konto ist **{total} USD** wert, alles als Guthaben.")
        );
    };
    let names: Vec<String> =
        holdings.iter().map(|holding| format!("{} {}", holding["shares"], word(holding, "symbol"))).take(6).collect();
    let (is_one, names) = (holdings.len() == 1, names.join(", "));
    tr!(
        {
            let positions = if is_one { "one position" } else { "positions" };
            format!("Your account is worth **{total} USD**: {cash} USD in cash, and {positions}: {names}.")
        },
        {
            let positions = if is_one { "eine Position" } else { "Positionen" };
            format!("Dein Konto ist **{total} USD** wert: {cash} USD Guthaben, und {positions}: {names}.")
        }
    )
}

/// An amount for people, `10,000.00`. Any other text is made inert.
pub(crate) fn money(text: &str) -> String {
    text.parse::<Money>().map_or_else(|_| inert(text), |money| money.grouped_in(lang::current()))
}

/// A number as people write it.
fn decimal(text: &str) -> String {
    lang::current().decimal(text)
}

/// `bought 5 WAYNE at 103.42 USD`
pub(crate) fn line(order: &Value) -> String {
    let buy = order["side"] == "BUY";
    let what = format!("{} {}", order["quantity"], word(order, "symbol"));
    let price = money(word(order, "price"));
    match (word(order, "status"), buy) {
        ("FILLED", true) => tr!(
            format!("bought {what} at **{price} USD** a share"),
            format!("{what} gekauft zu **{price} USD** je Stück")
        ),
        ("FILLED", false) => tr!(
            format!("sold {what} at **{price} USD** a share"),
            format!("{what} verkauft zu **{price} USD** je Stück")
        ),
        (status, _) => {
            let verb = if buy { tr!("buy", "kaufen") } else { tr!("sell", "verkaufen") };
            let state = match status {
                "PENDING" => tr!("waits at the market", "wartet an der Börse"),
                "CANCELLED" => tr!("was cancelled", "wurde storniert"),
                "REJECTED" => tr!("was rejected", "wurde zurückgewiesen"),
                _ => tr!("is in a state that I don't know", "ist in einem Zustand, den ich nicht kenne"),
            };
            tr!(
                format!("the order to {verb} {what} at {price} USD {state}"),
                format!("der Auftrag, {what} zu {price} USD zu {verb}, {state}")
            )
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
