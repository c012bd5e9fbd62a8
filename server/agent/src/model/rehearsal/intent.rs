//! What a sentence asks for: a table of phrasings, in order.

use super::{
    Told,
    order::{self, Order},
    phrase::Phrase,
};

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Intent {
    Hello,
    Thanks,
    Bye,
    Help,
    /// How this works, in a fixed text of this name.
    About(About),
    WhoAmI,
    Price(Vec<String>),
    Info(String),
    Search(String),
    Portfolio,
    PortfolioHistory,
    Connect,
    Orders,
    OrderStatus(Option<String>),
    Order(Order),
    CancelOrder(Option<String>),
    /// What waits for the person.
    Waiting,
    /// Whether to buy or sell.
    Advice(Vec<String>),
    NoOrder,
    Task,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    You,
    Approval,
    Safety,
    Disconnect,
    Login,
    Money,
    Mcp,
}

/// Phrasings (as whole words, in lower case) and what they ask for. The first that fits counts.
const PHRASINGS: &[(&[&str], Intent)] = &[
    (
        &[
            "who am i",
            "what's my name",
            "what is my name",
            "do you know me",
            "do you know who i am",
            "my name",
            "whoami",
            "logged in as",
            "am i logged in",
            "which account am i",
            "my email",
            "my e-mail",
        ],
        Intent::WhoAmI,
    ),
    (
        &[
            "what are you waiting for",
            "what's waiting",
            "what is waiting",
            "what waits",
            "anything waiting",
            "pending approval",
            "pending approvals",
            "waiting for me",
            "what do i have to approve",
            "needs my approval",
            "is it approved",
            "did i approve",
            "where do i approve",
        ],
        Intent::Waiting,
    ),
    (
        &["don't buy", "do not buy", "don't sell", "do not sell", "never mind", "nevermind", "forget it", "no order"],
        Intent::NoOrder,
    ),
    (
        &["who are you", "what are you", "are you a bot", "are you human", "which model", "what model", "your name"],
        Intent::About(About::You),
    ),
    (
        &[
            "how do approvals work",
            "how does approval work",
            "why do i have to approve",
            "why approve",
            "how does the approval",
            "what is an approval",
            "what happens when i approve",
            "what happens if i approve",
            "what happens if i deny",
            "how do i approve",
            "what is the code",
            "what's the code",
        ],
        Intent::About(About::Approval),
    ),
    (
        &[
            "is it safe",
            "is this safe",
            "how safe",
            "is it secure",
            "can i trust",
            "can you steal",
            "who can see",
            "my password",
            "your access",
            "what can you see",
            "what can you access",
            "what access do you have",
            "without asking me",
            "without my approval",
            "without asking",
        ],
        Intent::About(About::Safety),
    ),
    (&["disconnect", "revoke", "remove access", "take away access"], Intent::About(About::Disconnect)),
    (
        &["how do i log in", "how can i log in", "log in", "login", "sign in", "log out", "logout", "sign out"],
        Intent::About(About::Login),
    ),
    (&["real money", "is this real", "is it real", "simulated", "play money", "demo"], Intent::About(About::Money)),
    (&["mcp", "claude", "cursor", "inspector"], Intent::About(About::Mcp)),
    (
        &[
            "how did my portfolio",
            "portfolio history",
            "account history",
            "how has my portfolio",
            "how have i done",
            "how am i doing",
            "my performance",
            "history of my account",
            "development of my portfolio",
        ],
        Intent::PortfolioHistory,
    ),
    (
        &[
            "connect my account",
            "connect my broker",
            "connect stocktrade",
            "connect my stocktrade",
            "connect an account",
            "link my account",
            "connect account",
        ],
        Intent::Connect,
    ),
    (
        &[
            "portfolio",
            "my positions",
            "my holdings",
            "my stocks",
            "my shares",
            "what do i own",
            "what do i have",
            "what stocks do i",
            "which stocks do i",
            "how much cash",
            "my cash",
            "my balance",
            "account balance",
            "my account",
            "how much money",
            "what am i worth",
            "my depot",
            "what's my balance",
            "balance",
        ],
        Intent::Portfolio,
    ),
    (
        &[
            "order history",
            "my orders",
            "list orders",
            "show orders",
            "past orders",
            "recent orders",
            "my trades",
            "my transactions",
            "what did i buy",
            "what did i sell",
            "what have i bought",
            "open orders",
            "all orders",
            "did you buy",
            "did you sell",
            "did i buy",
            "did i sell",
            "was it bought",
            "trades",
        ],
        Intent::Orders,
    ),
    (
        &[
            "remind me",
            "when it falls",
            "when it drops",
            "when it rises",
            "if it falls",
            "if it drops",
            "as soon as it",
            "every day",
            "every week",
            "each month",
            "watch the price",
            "alert me",
            "notify me",
        ],
        Intent::Task,
    ),
    (
        &[
            "what can you do",
            "help",
            "what can i ask",
            "what can i do",
            "how does this work",
            "how do you work",
            "what do you understand",
            "commands",
            "examples",
            "get started",
            "how do i buy",
            "how do i sell",
            "how can i buy",
            "how to buy",
        ],
        Intent::Help,
    ),
    (
        &[
            "thanks",
            "thank you",
            "thx",
            "cheers",
            "great",
            "perfect",
            "well done",
            "awesome",
            "nice",
            "cool",
            "good job",
        ],
        Intent::Thanks,
    ),
    (&["bye", "goodbye", "see you", "good night"], Intent::Bye),
    (&["hello", "hi", "hey", "good morning", "good afternoon", "good evening", "hi there", "howdy"], Intent::Hello),
];

const SEARCH: &[&str] = &[
    "search",
    "find",
    "which stocks",
    "what stocks",
    "list stocks",
    "list all stocks",
    "all stocks",
    "show stocks",
    "stocks are there",
    "available stocks",
    "stocks can i buy",
    "the market",
    "show me stocks",
    "show me all stocks",
    "look for",
    "look up",
];

const INFO: &[&str] = &[
    "about",
    "info",
    "information",
    "details",
    "tell me more",
    "what is",
    "what's",
    "describe",
    "history",
    "how did",
    "how has",
    "doing",
    "performed",
    "performance",
    "trend",
    "chart",
    "lately",
    "recently",
];

const PRICE: &[&str] = &[
    "price",
    "prices",
    "quote",
    "quotes",
    "trading at",
    "worth",
    "cost",
    "costs",
    "how much is",
    "how much are",
    "stand at",
    "stands at",
    "value of",
    "rate",
    "stock price",
];

const ADVICE: &[&str] = &[
    "should i",
    "shall i",
    "would you buy",
    "would you sell",
    "good idea",
    "recommend",
    "worth buying",
    "advice",
    "good time to",
];

/// What this text asks for, after these messages.
pub(super) fn of(text: &str, before: &[Told]) -> Intent {
    let phrase = Phrase::new(text);
    let symbols = phrase.symbols();
    if phrase.has(ADVICE) {
        return Intent::Advice(symbols);
    }
    if phrase.position(&["cancel", "withdraw"]).is_some() {
        return Intent::CancelOrder(phrase.order().map(str::to_owned));
    }
    if let Some(id) = phrase.order() {
        return Intent::OrderStatus(Some(id.to_owned()));
    }
    if !phrase.has(&["order history"])
        && phrase.has(&["last order", "latest order", "status of my order", "my order", "status of the order", "order status", "newest order"]) {
        return Intent::OrderStatus(None);
    }
    let told_not_to = phrase.has(&["don't", "do not", "never", "not"]);
    if !told_not_to && let Some(order) = order::read(&phrase) {
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
    if !symbols.is_empty() && phrase.has(PRICE) && !phrase.has(&["my"]) {
        return Intent::Price(symbols);
    }
    if let Some((_, intent)) = PHRASINGS.iter().find(|(phrasings, _)| phrase.has(phrasings)) {
        return intent.clone();
    }
    if phrase.has(SEARCH) && symbols.is_empty() {
        let at = phrase.position(&["for", "search", "find", "named", "called", "like", "up"]);
        let query = at.map(|at| phrase.after(at)).unwrap_or_default();
        let query = query.trim_start_matches("for ").trim_start_matches("stocks").trim();
        let all = ["all", "a stock", "stock", "me", "something", "there", "buy"].contains(&query) || query.len() > 30;
        return Intent::Search(if all { String::new() } else { query.to_owned() });
    }
    match symbols.as_slice() {
        [symbol] if phrase.has(INFO) => Intent::Info(symbol.clone()),
        [_, ..] => Intent::Price(symbols),
        [] if phrase.has(PRICE) => Intent::Search(String::new()),
        [] => Intent::Unknown,
    }
}

/// A number or a stock alone completes the order that the message before left open.
fn completed(phrase: &Phrase, before: &[Told]) -> Option<Order> {
    if phrase.len() > 3 {
        return None;
    }
    let last = before.iter().rfind(|message| message.role == "user")?;
    let mut order = order::read(&Phrase::new(last.content.as_deref()?))?;
    if order.quantity.is_none() {
        order.quantity = Some(phrase.number_from(0)?.1);
    }
    if order.symbol.is_none() {
        order.symbol = Some(phrase.symbols().into_iter().next()?);
    } else if !phrase.symbols().is_empty() && phrase.number_from(0).is_none() {
        return None;
    }
    // Nothing was open: the sentence means something else.
    let whole = order::read(&Phrase::new(last.content.as_deref()?))?;
    (whole != order).then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrasings_are_understood() {
        let price = |symbols: &[&str]| Intent::Price(symbols.iter().map(|symbol| (*symbol).to_owned()).collect());
        let info = |symbol: &str| Intent::Info(symbol.to_owned());
        let search = |query: &str| Intent::Search(query.to_owned());
        let mut wrong = Vec::new();
        for (text, intent) in [
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
            let understood = of(text, &[]);
            if understood != intent {
                wrong.push((text, understood));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn an_order_may_be_completed_in_the_next_message() {
        let before = |text: &str| {
            vec![Told { role: "user".into(), content: Some(text.into()), tool_calls: vec![], tool_call_id: None }]
        };
        let completed = |first: &str, then: &str| match of(then, &before(first)) {
            Intent::Order(order) => Some((order.side, order.quantity, order.symbol)),
            _ => None,
        };
        assert_eq!(completed("Buy WAYNE", "5"), Some(("BUY", Some(5), Some("WAYNE".into()))));
        assert_eq!(completed("Buy WAYNE", "5 please"), Some(("BUY", Some(5), Some("WAYNE".into()))));
        assert_eq!(completed("Sell 3", "STARK"), Some(("SELL", Some(3), Some("STARK".into()))));
        assert_eq!(completed("Buy 5 WAYNE", "5"), None);
        assert_eq!(completed("Hello", "5"), None);
    }
}
