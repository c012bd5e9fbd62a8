//! The rehearsal model's answers: its words and tool calls for a request, and for the results of its tools.

use foundation::tr;
use serde_json::{Value, json};

use crate::{
    conversation::{Found, Message, Plan},
    intent::{About, Intent},
    ordering::ordering,
    second::{first_step, second_step},
    understand::Asked,
    words::{inert, said},
};

/// The answer to a request that offers no tools but would need one. `name`: the one that the person gave, if any.
pub(crate) fn nothing_to_call(name: Option<&str>) -> String {
    if let Some(name) = name.map(inert) {
        return tr!(
            format!(
                "You wrote that you are {name}. I read it in this chat, and can't know whether it is true: this request holds no tool that I could ask for, and nothing else about you."
            ),
            format!(
                "Du hast geschrieben, dass du {name} bist. Das habe ich in diesem Chat gelesen und kann nicht wissen, ob es stimmt: Diese Anfrage enthält kein Werkzeug, um das ich bitten könnte, und sonst nichts über dich."
            )
        );
    }
    tr!(
        "I can't know that. This request holds your question and nothing else: no tool that I could ask for, and nothing about you. A larger model might invent an answer here.",
        "Das kann ich nicht wissen. Diese Anfrage enthält deine Frage und sonst nichts: kein Werkzeug, um das ich bitten könnte, und nichts über dich. Ein größeres Modell würde hier vielleicht eine Antwort erfinden."
    )
    .to_owned()
}

pub(crate) fn help() -> &'static str {
    tr!(
        "I'm the **rehearsal model**: I understand what this demo can do, and call its real tools. Try:\n\n- *What is the price of WAYNE?* · *Tell me about STARK* · *Which stocks are there?*\n- *Who am I?*\n- *Show my portfolio* · *How has my portfolio developed?* (asks you to connect your account)\n- *Show my orders* · *What is the status of my last order?*\n- *Buy 5 WAYNE and 3 STARK* · *Sell 2 STARK at 90* · *Cancel my order* (you approve each one)\n- *How do approvals work?* · *Is it safe?*\n\nSet `OPENAI_API_KEY` or `OPENAI_BASE_URL` to talk to a real model instead.",
        "Ich bin das **Probemodell**: Ich verstehe, was diese Demo kann, und rufe ihre echten Werkzeuge auf. Versuch es mit:\n\n- *Was kostet WAYNE?* · *Erzähl mir von STARK* · *Welche Aktien gibt es?*\n- *Wer bin ich?*\n- *Zeig mein Depot* · *Wie hat sich mein Depot entwickelt?* (bittet dich, dein Konto zu verbinden)\n- *Zeig meine Aufträge* · *Was wurde aus meinem letzten Auftrag?*\n- *Kauf 5 WAYNE und 3 STARK* · *Verkauf 2 STARK zu 90* · *Storniere meinen Auftrag* (jeden gibst du frei)\n- *Wie funktionieren Freigaben?* · *Ist das sicher?*\n\nMit `OPENAI_API_KEY` oder `OPENAI_BASE_URL` redest du stattdessen mit einem echten Modell."
    )
}

/// Maximum number of prices for one message.
const PRICES: usize = 6;

/// The first step for all that a message asks for, before any tool call.
pub(crate) fn begin_all(asked: &Asked, before: &[Message]) -> Plan {
    let mut plan = Plan::default();
    let mut texts = Vec::new();
    for intent in &asked.intents {
        let step = begin(intent, before);
        texts.extend(Some(step.text).filter(|text| !text.is_empty()));
        // Several orders share one call of get_portfolio.
        plan.calls.extend(step.calls.into_iter().filter(|call| !plan.calls.contains(call)).collect::<Vec<_>>());
    }
    if asked.changes && count_waiting(before) > 0 {
        let text = tr!(
            "What I asked for before still waits: withdraw it on its card if this is instead of it.",
            "Worum ich vorher gebeten habe, wartet noch: Zieh es auf seiner Karte zurück, wenn das hier es ersetzt."
        );
        texts.push(text.into());
    }
    if !asked.left_out.is_empty() {
        texts.push(left_out(&asked.left_out));
    }
    plan.first(texts.join("\n\n"))
}

/// The first step for one request.
pub(crate) fn begin(asked: &Intent, before: &[Message]) -> Plan {
    match asked {
        Intent::Hello => Plan::say(tr!(
            "Hello! Ask me for a price, your portfolio, or an order. *What can you do?* lists what I understand.",
            "Hallo! Frag mich nach einem Preis, deinem Depot oder einem Auftrag. *Was kannst du?* zeigt, was ich verstehe."
        )),
        Intent::Thanks => Plan::say(tr!("You're welcome.", "Gern.")),
        Intent::Bye => Plan::say(tr!(
            "Goodbye. Whatever still waits for you stays until you decide, or its time runs out.",
            "Bis bald. Was noch auf dich wartet, bleibt, bis du entscheidest oder die Zeit abläuft."
        )),
        Intent::Help => Plan::say(help()),
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
        Intent::CancelOrder(None) => Plan::call("get_order_history", json!({}))
            .first(tr!("I'll look for an order that still waits. ", "Ich suche einen Auftrag, der noch wartet. ")),
        Intent::Order(order) => ordering(order),
        Intent::Waiting => Plan::say(waiting(before)),
        Intent::Advice(symbols) if symbols.is_empty() => Plan::say(tr!(
            "I give no advice. I can tell you prices and how they moved: *Tell me about WAYNE*.",
            "Ich gebe keinen Rat. Ich kann dir Preise sagen und wie sie sich bewegt haben: *Erzähl mir von WAYNE*."
        )),
        Intent::Advice(symbols) => Plan::call("get_stock_info", json!({ "symbol": symbols[0] })),
        Intent::NoOrder => Plan::say(tr!(
            "All right, I ask for nothing. What waits for your approval already, you can withdraw on its card.",
            "Gut, ich bitte um nichts. Was schon auf deine Freigabe wartet, kannst du auf seiner Karte zurückziehen."
        )),
        Intent::Task => Plan::say(tr!(
            "I can't watch prices for you yet. I can tell you the price now, or ask for an order at the price now: *Buy 10 WAYNE*.",
            "Preise beobachten kann ich noch nicht. Ich kann dir den Preis jetzt sagen, oder um einen Auftrag zum Preis von jetzt bitten: *Kauf 10 WAYNE*."
        )),
        Intent::Unknown => {
            let help = help();
            Plan::say(tr!(
                format!(
                    "I don't understand that: I'm a rehearsal model, which knows this demo and nothing else.\n\n{help}"
                ),
                format!(
                    "Das verstehe ich nicht: Ich bin ein Probemodell, das diese Demo kennt und sonst nichts.\n\n{help}"
                )
            ))
        }
    }
}

/// A note about the parts of a message that weren't understood.
fn left_out(parts: &[String]) -> String {
    let parts: Vec<String> =
        parts.iter().map(|part| tr!(format!("“{}”", inert(part)), format!("„{}“", inert(part)))).collect();
    tr!(
        format!("I did nothing about {}. Write that again in other words, on its own.", parts.join(" and ")),
        format!(
            "Zu {} habe ich nichts getan. Schreib das noch einmal mit anderen Worten, allein.",
            parts.join(" und ")
        )
    )
}

/// The next step, after tools have answered.
pub(crate) fn go_on(asked: &[Intent], found: &[Found<'_>]) -> Plan {
    let next: Vec<Plan> = asked.iter().filter_map(|intent| second_step(intent, found)).collect();
    let calls: Vec<_> = next.iter().flat_map(|plan| plan.calls.clone()).collect();
    let mut texts: Vec<String> = next.into_iter().map(|plan| plan.text).filter(|text| !text.is_empty()).collect();
    if !calls.is_empty() {
        return Plan { text: texts.join("\n\n"), calls };
    }
    // The second step has already answered these.
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
        text.push_str(tr!(
            "\n\nWhether to buy or sell is yours to decide: I give no advice.",
            "\n\nOb du kaufst oder verkaufst, entscheidest du: Ich gebe keinen Rat."
        ));
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
        0 => tr!("Nothing in this thread waits for you.", "In diesem Chat wartet nichts auf dich.").into(),
        1 => tr!(
            "One thing waits for you: its card above says what, and leads to where you decide.",
            "Eines wartet auf dich: Seine Karte oben sagt, was, und führt dorthin, wo du entscheidest."
        )
        .into(),
        many => tr!(
            format!("{many} things wait for you: their cards above say what, and lead to where you decide."),
            format!("{many} warten auf dich: Ihre Karten oben sagen, was, und führen dorthin, wo du entscheidest.")
        ),
    }
}

fn about_text(about: About) -> &'static str {
    match about {
        About::You => {
            tr!(
                "I'm Mandate, an agent that acts for you within what you allow. Just now a small **rehearsal model** speaks for me: it recognises what people ask in this demo and calls the real tools.",
                "Ich bin Mandate, ein Agent, der für dich handelt, in dem, was du erlaubst. Gerade spricht ein kleines **Probemodell** für mich: Es erkennt, was in dieser Demo gefragt wird, und ruft die echten Werkzeuge auf."
            )
        }
        About::Approval => {
            tr!(
                "When you ask for an order, or for anything else that changes something, I prepare it and ask for your approval on a **page of its own**, at another address, where I have no access. The page shows exactly what would happen, from the details alone. The same short code stands there and on the card here, so you know that they belong together. Approve, and it is done once, as shown; deny it or let it run out, and nothing happens.",
                "Wenn du einen Auftrag willst, oder etwas anderes, das etwas ändert, bereite ich ihn vor und bitte um deine Freigabe auf einer **eigenen Seite**, unter einer anderen Adresse, auf die ich keinen Zugriff habe. Die Seite zeigt genau, was geschehen würde, allein aus den Einzelheiten. Derselbe kurze Code steht dort und hier auf der Karte, damit du weißt, dass sie zusammengehören. Gib frei, und es geschieht einmal, wie gezeigt; lehne ab oder lass die Zeit ablaufen, und nichts geschieht."
            )
        }
        About::Safety => {
            tr!(
                "I can read what you connected, within the scopes you agreed to, and I can *ask* for orders. I can't place one: the broker takes an order only with a token for exactly the details that you approved. Your password and the tokens never pass through me.",
                "Ich kann lesen, was du verbunden hast, im Rahmen dessen, was du erlaubt hast, und ich kann um Aufträge *bitten*. Aufgeben kann ich keinen: Der Broker nimmt einen Auftrag nur mit einem Token für genau das, was du freigegeben hast. Dein Passwort und die Token kommen nie bei mir vorbei."
            )
        }
        About::Disconnect => {
            tr!(
                "On the page [Connected accounts](/accounts) you see what I may access, and disconnect it. That revokes it at the broker too.",
                "Auf der Seite [Verbundene Konten](/accounts) siehst du, worauf ich Zugriff habe, und kannst es trennen. Das widerruft ihn auch beim Broker."
            )
        }
        About::Login => {
            tr!(
                "Use *Log in* at the edge of this page. You log in once, at the broker's page, and I learn your name. *Log out* ends it at all three sites.",
                "Klick auf *Anmelden* am Rand dieser Seite. Du meldest dich einmal an, auf der Seite des Brokers, und ich erfahre deinen Namen. *Abmelden* beendet es auf allen drei Seiten."
            )
        }
        About::Tokens => {
            tr!(
                "For you I hold an access token and a refresh token of Mandate identity, in this site's database, encrypted. StockTrade's tokens are in the **token vault** of Mandate identity; I get one for a few minutes when I read your account, and for an order one that says exactly what you approved. No token ever reaches this page or the model.",
                "Für dich habe ich ein Access Token und ein Refresh Token von Mandate identity, in der Datenbank dieser Seite, verschlüsselt. Die Token von StockTrade liegen im **Token Vault** von Mandate identity; ich bekomme eines für ein paar Minuten, wenn ich dein Konto lese, und für einen Auftrag eines, das genau sagt, was du freigegeben hast. Kein Token erreicht je diese Seite oder das Modell."
            )
        }
        About::Access => {
            tr!(
                "You connect your StockTrade account once, at StockTrade's own page. Mandate identity keeps that access in its **token vault** and gives me a token for a few minutes when a question needs it, with the scopes that you agreed to. [Connected accounts](/accounts) shows and ends it.",
                "Du verbindest dein Konto bei StockTrade einmal, auf der Seite von StockTrade. Mandate identity behält diesen Zugriff in seinem **Token Vault** und gibt mir ein Token für ein paar Minuten, wenn eine Frage es braucht, mit dem, was du erlaubt hast. [Verbundene Konten](/accounts) zeigt und beendet ihn."
            )
        }
        About::Money => {
            tr!(
                "All money here is simulated: every account opens with 10,000.00 USD, and the prices are a random walk.",
                "Alles Geld hier ist Spielgeld: Jedes Konto beginnt mit 10.000,00 USD, und die Preise bewegen sich zufällig."
            )
        }
        About::Mcp => {
            tr!(
                "Yes: the same tools are at `/mcp` of this site, for Claude, Cursor, the MCP Inspector or any other client. It registers by itself, you log in and agree, and orders still wait for your approval.",
                "Ja: Dieselben Werkzeuge gibt es unter `/mcp` dieser Seite, für Claude, Cursor, den MCP Inspector oder jede andere App. Sie meldet sich selbst an, du meldest dich an und stimmst zu, und Aufträge warten weiterhin auf deine Freigabe."
            )
        }
    }
}
