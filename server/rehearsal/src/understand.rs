//! Recognises what a sentence asks for, by rules and a table of phrasings, in order.

use crate::{
    clause,
    conversation::Message,
    intent::Intent,
    order::{self, Order},
    phrase::Phrase,
    phrasings::{ADVICE, INFO, PHRASINGS, PRICE, SEARCH},
};

/// The intent of this text, given the earlier messages.
pub(crate) fn intent(text: &str, before: &[Message]) -> Intent {
    let phrase = Phrase::new(text);
    let symbols = phrase.symbols();
    if phrase.has_one_of(ADVICE) {
        return Intent::Advice(symbols);
    }
    if phrase.position(&["cancel", "withdraw"]).is_some() {
        return Intent::CancelOrder(phrase.order().map(str::to_owned));
    }
    if let Some(id) = phrase.order() {
        return Intent::OrderStatus(Some(id.to_owned()));
    }
    if !phrase.has(&["order history"])
        && phrase.has(&[
            "last order",
            "latest order",
            "status of my order",
            "my order",
            "status of the order",
            "order status",
            "newest order",
        ])
    {
        return Intent::OrderStatus(None);
    }
    let told_not_to = phrase.has(&["don't", "do not", "never", "not"]);
    if !told_not_to && let Some(order) = order::read(text) {
        let later = phrase.has(&[
            "when it",
            "if it",
            "once it",
            "as soon as",
            "every day",
            "every week",
            "every month",
            "tomorrow",
        ]);
        return if later { Intent::Task } else { Intent::Order(order) };
    }
    if let Some(order) = completed(&phrase, before) {
        return Intent::Order(order);
    }
    if !symbols.is_empty() && phrase.has_one_of(PRICE) && !phrase.has(&["my"]) {
        return Intent::Price(symbols);
    }
    if let Some((_, known)) = PHRASINGS.iter().find(|(phrasings, _)| phrase.has_one_of(phrasings)) {
        return known.clone();
    }
    if phrase.has_one_of(SEARCH) && symbols.is_empty() {
        let at = phrase.position(&["for", "search", "find", "named", "called", "like", "up"]);
        let query = at.map(|at| phrase.after(at)).unwrap_or_default();
        let query = query.trim_start_matches("for ").trim_start_matches("stocks").trim();
        let all = ["all", "a stock", "stock", "me", "something", "there", "buy"].contains(&query) || query.len() > 30;
        return Intent::Search(if all { String::new() } else { query.to_owned() });
    }
    match symbols.as_slice() {
        [symbol] if phrase.has_one_of(INFO) => Intent::Info(symbol.clone()),
        [_, ..] => Intent::Price(symbols),
        [] if phrase.has_one_of(PRICE) => Intent::Search(String::new()),
        [] => Intent::Unknown,
    }
}

/// The parts of this text that ask for something other than what is done. An order lists its own.
pub(crate) fn left_out(text: &str, asked: &Intent) -> Vec<String> {
    if matches!(asked, Intent::Order(_) | Intent::Task | Intent::Unknown) {
        return Vec::new();
    }
    let mut parts = clause::split(text);
    if parts.len() < 2 {
        return Vec::new();
    }
    parts.retain(|part| !covers(asked, &intent(part, &[])));
    parts
}

/// Whether the answer to one also answers the other, or the other asks for nothing.
fn covers(asked: &Intent, part: &Intent) -> bool {
    match (asked, part) {
        (
            _,
            Intent::WhoAmI
            | Intent::Portfolio
            | Intent::PortfolioHistory
            | Intent::Orders
            | Intent::OrderStatus(_)
            | Intent::Order(_)
            | Intent::CancelOrder(_),
        ) => std::mem::discriminant(asked) == std::mem::discriminant(part),
        (Intent::Price(all) | Intent::Advice(all), Intent::Price(some)) => some.iter().all(|one| all.contains(one)),
        (Intent::Price(all) | Intent::Advice(all), Intent::Info(one)) => all.contains(one),
        (Intent::Info(one), Intent::Price(some)) => some.iter().all(|other| other == one),
        (_, Intent::Price(_) | Intent::Info(_)) => asked == part,
        _ => true,
    }
}

/// A few words complete the order that the previous message left open: a number, a sum, a stock.
fn completed(phrase: &Phrase, before: &[Message]) -> Option<Order> {
    if phrase.len() > 6 {
        return None;
    }
    let last = before.iter().rfind(|message| message.role == "user")?;
    order::read(last.content.as_deref()?)?.completed_by(phrase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::About;

    #[test]
    fn phrasings_are_understood() {
        let price = |symbols: &[&str]| Intent::Price(symbols.iter().map(|symbol| (*symbol).to_owned()).collect());
        let info = |symbol: &str| Intent::Info(symbol.to_owned());
        let search = |query: &str| Intent::Search(query.to_owned());
        let mut wrong = Vec::new();
        for (text, expected) in [
            ("Hello!", Intent::Hello),
            ("Hi there", Intent::Hello),
            ("Good morning", Intent::Hello),
            ("Thanks!", Intent::Thanks),
            ("Thank you very much.", Intent::Thanks),
            ("Perfect, bye", Intent::Thanks),
            ("Goodbye", Intent::Bye),
            ("Help", Intent::Help),
            ("What can you do?", Intent::Help),
            ("What can I ask?", Intent::Help),
            ("How does this work?", Intent::Help),
            ("How do I buy stocks?", Intent::Help),
            ("Who are you?", Intent::About(About::You)),
            ("How do approvals work?", Intent::About(About::Approval)),
            ("Why do I have to approve this?", Intent::About(About::Approval)),
            ("Is it safe?", Intent::About(About::Safety)),
            ("Can you buy without asking me?", Intent::About(About::Safety)),
            ("How do I disconnect my account?", Intent::About(About::Disconnect)),
            ("How do I log in?", Intent::About(About::Login)),
            ("Is this real money?", Intent::About(About::Money)),
            ("Can I use this from Claude over MCP?", Intent::About(About::Mcp)),
            ("Who am I?", Intent::WhoAmI),
            ("What's my name?", Intent::WhoAmI),
            ("What’s my name?", Intent::WhoAmI),
            ("Do you know who I am?", Intent::WhoAmI),
            ("What is the price of WAYNE?", price(&["WAYNE"])),
            ("what's wayne trading at", price(&["WAYNE"])),
            ("How much is a share of Stark?", price(&["STARK"])),
            ("Quote for LEX", price(&["LEX"])),
            ("Prices of WAYNE, STARK and LEX", price(&["WAYNE", "STARK", "LEX"])),
            ("WAYNE?", price(&["WAYNE"])),
            ("wayne", price(&["WAYNE"])),
            ("Tell me about WAYNE", info("WAYNE")),
            ("How is STARK doing?", info("STARK")),
            ("How has WAYNE performed lately?", info("WAYNE")),
            ("WAYNE history", info("WAYNE")),
            ("Which stocks are there?", search("")),
            ("List all stocks", search("")),
            ("Search for umbrella", search("umbrella")),
            ("Find wayn", search("wayn")),
            ("Show my portfolio", Intent::Portfolio),
            ("What do I own?", Intent::Portfolio),
            ("How much cash do I have?", Intent::Portfolio),
            ("What's my balance?", Intent::Portfolio),
            ("my positions please", Intent::Portfolio),
            ("How has my portfolio developed?", Intent::PortfolioHistory),
            ("Show my portfolio history", Intent::PortfolioHistory),
            ("Connect my account", Intent::Connect),
            ("Show my orders", Intent::Orders),
            ("Get me my order history", Intent::Orders),
            ("What did I buy?", Intent::Orders),
            ("Did you buy 5 WAYNE?", Intent::Orders),
            ("What is the status of my last order?", Intent::OrderStatus(None)),
            ("Status of ord_abc123", Intent::OrderStatus(Some("ord_abc123".into()))),
            ("Cancel my order", Intent::CancelOrder(None)),
            ("Cancel ord_abc123", Intent::CancelOrder(Some("ord_abc123".into()))),
            ("What are you waiting for?", Intent::Waiting),
            ("Is it approved?", Intent::Waiting),
            ("Should I buy WAYNE?", Intent::Advice(vec!["WAYNE".into()])),
            ("Don't buy anything", Intent::NoOrder),
            ("Never mind", Intent::NoOrder),
            ("Buy 10 WAYNE when it falls below 70", Intent::Task),
            ("What is the meaning of life?", Intent::Unknown),
            ("Wie geht es dir?", Intent::Unknown),
        ] {
            let understood = intent(text, &[]);
            if understood != expected {
                wrong.push((text, understood));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn an_order_may_be_completed_in_the_next_message() {
        let before = |text: &str| {
            vec![Message { role: "user".into(), content: Some(text.into()), tool_calls: vec![], tool_call_id: None }]
        };
        let completed = |first: &str, then: &str| match intent(then, &before(first)) {
            Intent::Order(order) => Some((order.side, order.quantity, order.symbol)),
            _ => None,
        };
        assert_eq!(completed("Buy WAYNE", "5"), Some(("BUY", Some(5), Some("WAYNE".into()))));
        assert_eq!(completed("Buy WAYNE", "5 please"), Some(("BUY", Some(5), Some("WAYNE".into()))));
        assert_eq!(completed("Sell 3", "STARK"), Some(("SELL", Some(3), Some("STARK".into()))));
        assert_eq!(completed("Buy WAYNE for up to 500 dollars", "5"), Some(("BUY", Some(5), Some("WAYNE".into()))));
        assert_eq!(completed("Buy 5 WAYNE", "5"), None);
        assert_eq!(completed("Buy 5 WAYNE", "Show my portfolio"), None);
        assert_eq!(completed("Hello", "5"), None);
    }
}
