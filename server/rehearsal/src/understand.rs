//! Recognises what a sentence asks for, by rules and a table of phrasings, in order.

use crate::{
    clause, context,
    conversation::Message,
    intent::Intent,
    order,
    phrase::Phrase,
    phrasings::{ADVICE, INFO, PHRASINGS, PRICE, RANGES, SEARCH},
};

/// Maximum number of orders from one message. The agent asks for no more of them at once.
const ORDERS: usize = 4;

/// The requests of a message, in order, and the parts of it that aren't understood.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Asked {
    pub(crate) intents: Vec<Intent>,
    pub(crate) left_out: Vec<String>,
    /// Whether it changes an earlier order.
    pub(crate) changes: bool,
}

/// The requests of this text, given the earlier messages.
pub(crate) fn asked(text: &str, before: &[Message]) -> Asked {
    let text = &*context::resolved(text, before);
    let first = intent(text, before);
    let changes = context::changed(&Phrase::new(text), before).is_some();
    let mut asked = Asked { changes, ..Asked::default() };
    let parts = match &first {
        Intent::Order(_) if !changes => {
            let read = order::read(text);
            asked.intents.extend(read.orders.into_iter().map(Intent::Order));
            let over = asked.intents.split_off(asked.intents.len().min(ORDERS));
            asked.left_out.extend(over.into_iter().filter_map(|order| match order {
                Intent::Order(order) => Some(order.words()),
                _ => None,
            }));
            read.rest
        }
        Intent::Order(_) | Intent::Task | Intent::Unknown | Intent::Advice(_) => {
            asked.intents.push(first);
            return asked;
        }
        _ => {
            let parts = clause::split(text);
            // Otherwise the part yields it, in its place.
            if !parts.iter().any(|part| intent(part, &[]) == first) {
                asked.intents.push(first);
            }
            parts
        }
    };
    for part in parts {
        match intent(&part, &[]) {
            Intent::Unknown if clause::says_nothing(&part, &[]) || is_remark(&part) => {}
            Intent::Unknown => asked.left_out.push(part),
            other if asked.intents.iter().any(|one| covers(one, &other)) => {}
            other => asked.intents.push(other),
        }
    }
    // "Hi, what is the price of WAYNE? Thanks!"
    if !asked.intents.iter().all(is_courtesy) {
        asked.intents.retain(|intent| !is_courtesy(intent));
    }
    asked
}

fn is_courtesy(intent: &Intent) -> bool {
    matches!(intent, Intent::Hello | Intent::Thanks | Intent::Bye)
}

/// Whether this part of a message is a remark, not a request: "I'm new here", a word or two.
fn is_remark(part: &str) -> bool {
    let phrase = Phrase::new(part);
    phrase.len() < 3 || matches!(phrase.word(0), "i'm" | "im" | "i" | "my" | "because" | "since" | "as" | "it" | "that")
}

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
    if let Some(order) = context::changed(&phrase, before) {
        return Intent::Order(order);
    }
    if !told_not_to && let Some(order) = order::read(text).orders.into_iter().next() {
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
    let is_price = phrase.has_one_of(PRICE) || phrase.word(phrase.len().saturating_sub(1)) == "at";
    if !symbols.is_empty() && is_price && !phrase.has(&["my"]) {
        return Intent::Price(symbols);
    }
    if let Some((_, known)) = PHRASINGS.iter().find(|(phrasings, _)| phrase.has_one_of(phrasings)) {
        return match known {
            Intent::PortfolioHistory(_) => Intent::PortfolioHistory(range(&phrase)),
            known => known.clone(),
        };
    }
    if phrase.has_one_of(SEARCH) && symbols.is_empty() {
        let at = phrase.position(&["for", "search", "find", "named", "called", "like", "up"]);
        let query = at.map(|at| phrase.after(at)).unwrap_or_default();
        let query = query.trim_start_matches("for ").trim_start_matches("stocks").trim();
        let all = ["all", "a stock", "stock", "me", "something", "there", "buy"].contains(&query) || query.len() > 30;
        return Intent::Search(if all { String::new() } else { query.to_owned() });
    }
    match symbols.as_slice() {
        [symbol] if phrase.has_one_of(INFO) || range(&phrase).is_some() => Intent::Info(symbol.clone(), range(&phrase)),
        [_, ..] => Intent::Price(symbols),
        [] if phrase.has_one_of(PRICE) => Intent::Search(String::new()),
        [] => Intent::Unknown,
    }
}

/// The range of the requested history.
fn range(phrase: &Phrase) -> Option<&'static str> {
    RANGES.iter().find(|(_, words)| phrase.has_one_of(words)).map(|(range, _)| *range)
}

/// Whether the answer to `asked` also answers `part`, or `part` asks for nothing.
fn covers(asked: &Intent, part: &Intent) -> bool {
    match (asked, part) {
        (
            _,
            Intent::WhoAmI
            | Intent::Portfolio
            | Intent::PortfolioHistory(_)
            | Intent::Orders
            | Intent::OrderStatus(_)
            | Intent::Order(_)
            | Intent::CancelOrder(_),
        ) => std::mem::discriminant(asked) == std::mem::discriminant(part),
        (Intent::Price(all) | Intent::Advice(all), Intent::Price(some)) => some.iter().all(|one| all.contains(one)),
        (Intent::Price(all) | Intent::Advice(all), Intent::Info(one, _)) => all.contains(one),
        (Intent::Info(one, _), Intent::Price(some)) => some.iter().all(|other| other == one),
        (_, Intent::Price(_) | Intent::Info(..)) => asked == part,
        (one, Intent::Hello | Intent::Thanks | Intent::Bye | Intent::NoOrder) => *one != Intent::Unknown,
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::About;

    #[test]
    fn phrasings_are_understood() {
        let price = |symbols: &[&str]| Intent::Price(symbols.iter().map(|symbol| (*symbol).to_owned()).collect());
        let info = |symbol: &str| Intent::Info(symbol.to_owned(), None);
        let over = |symbol: &str, range| Intent::Info(symbol.to_owned(), Some(range));
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
            ("How has WAYNE performed this year?", over("WAYNE", "year")),
            ("Show WAYNE over the last 7 days", over("WAYNE", "week")),
            ("How did STARK do today?", over("STARK", "day")),
            ("Which stocks are there?", search("")),
            ("List all stocks", search("")),
            ("Search for umbrella", search("umbrella")),
            ("Find wayn", search("wayn")),
            ("Show my portfolio", Intent::Portfolio),
            ("What do I own?", Intent::Portfolio),
            ("How much cash do I have?", Intent::Portfolio),
            ("What's my balance?", Intent::Portfolio),
            ("my positions please", Intent::Portfolio),
            ("How has my portfolio developed?", Intent::PortfolioHistory(None)),
            ("Show my portfolio history", Intent::PortfolioHistory(None)),
            ("How has my portfolio developed this month?", Intent::PortfolioHistory(Some("month"))),
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
