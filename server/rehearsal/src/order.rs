//! Reads the orders of a message: "Buy 5 shares of WAYNE at 105.49 and 3 STARK". Other requests in it are collected, so
//! that they are answered as well.

use crate::{amount::Amounts, clause, phrase::Phrase};

/// An order, as far as the message specified it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Order {
    pub(crate) side: &'static str,
    pub(crate) quantity: Option<i64>,
    pub(crate) symbol: Option<String>,
    /// For the whole order.
    pub(crate) total: Option<String>,
    /// Per share.
    pub(crate) limit: Option<String>,
    /// Whether the order is for as many shares as the total buys.
    pub(crate) fitting: bool,
    /// The portion of the account's shares to sell, or of its cash to spend.
    pub(crate) portion: Option<Portion>,
    /// An explanation for the person of what couldn't be read.
    pub(crate) unread: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Portion {
    All,
    Half,
}

/// The orders of a message, in order, and its parts that belong to none of them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Orders {
    pub(crate) orders: Vec<Order>,
    pub(crate) rest: Vec<String>,
}

const BUY: &[&str] = &["buy", "byu", "purchase", "acquire", "order", "get", "invest", "spend", "put"];
const SELL: &[&str] = &["sell", "sel", "selll", "dump", "offload"];
const CLEAR: &[&str] = &["buy", "byu", "purchase", "acquire", "sell", "sel", "selll", "dump", "offload", "invest"];

const ALL: &[&str] = &["all", "everything", "as many", "as much", "so many"];

/// Leaves the quantity open: "You may buy WAYNE for up to 500 dollars".
const LEAVE: &[&str] = &["you may", "you can", "you could", "you might", "i allow", "allowed to", "feel free"];

/// Words that turn an order into a question or its opposite.
const NO_ORDER: &[&str] = &[
    "don't",
    "do not",
    "never",
    "not",
    "should i",
    "shall i",
    "would you",
    "what if",
    "how do i",
    "how buy i",
    "how can i",
    "how to",
    "why did",
    "did i",
    "did you",
    "have i",
    "when did",
    "what happens",
    "cancel",
    "can i",
    "stop",
    "without asking",
    "without my",
];

/// The orders in this message.
pub(crate) fn read(text: &str) -> Orders {
    let phrase = Phrase::new(text);
    if phrase.has(NO_ORDER) {
        return Orders::default();
    }
    let mut found: Vec<(&'static str, String)> = Vec::new();
    let mut rest = Vec::new();
    // Whether the previous clause belongs to an order.
    let mut open = false;
    for part in clause::split(text) {
        let words = Phrase::new(&part);
        match (side(&words), found.last_mut()) {
            // "Buy 5 WAYNE, at 105 each"
            (None, Some((_, order))) if open && clause::continues(&part) => *order = format!("{order} {part}"),
            (Some(side), _) => found.push((side, part)),
            // "Buy 5 WAYNE and 3 STARK"
            (None, Some((side, _))) if open && is_elliptical(&words) => {
                let side = *side;
                found.push((side, part));
            }
            _ => {
                open = false;
                rest.push(part);
                continue;
            }
        }
        open = true;
    }
    let orders: Vec<Order> = found.iter().map(|(side, text)| one(side, &Phrase::new(text), &phrase)).collect();
    let named: Vec<&str> = orders.iter().filter_map(|order| order.symbol.as_deref()).collect();
    rest.retain(|part| !clause::says_nothing(part, &named));
    Orders { orders, rest }
}

/// Whether the clause is a stock with at most a number: "3 STARK", "STARK".
fn is_elliptical(words: &Phrase) -> bool {
    let amounts = Amounts::read(words);
    words.symbols().len() == 1 && words.len() <= if amounts.is_empty() { 1 } else { 6 }
}

fn one(side: &'static str, ordered: &Phrase, whole: &Phrase) -> Order {
    let amounts = Amounts::read(ordered);
    let mut unread = amounts.unread;
    let symbol = match (ordered.stocks().as_slice(), ordered.symbols().into_iter().next()) {
        ([one], _) => Some(one.clone()),
        ([], Some(unknown)) => Some(unknown),
        // "WAYNE, buy 5"
        ([], None) => whole.stocks().into_iter().next().filter(|_| whole.stocks().len() == 1),
        (several, _) => {
            let why = format!("I read more than one stock: {}. One order is for one stock.", several.join(", "));
            unread.get_or_insert(why);
            None
        }
    };
    let fitting = amounts.quantity.is_none() && amounts.total.is_some() && !ordered.has(LEAVE);
    let portion = match amounts.quantity.is_none() && amounts.total.is_none() {
        true if ordered.has(&["half"]) => Some(Portion::Half),
        true if ordered.has(ALL) => Some(Portion::All),
        _ => None,
    };
    Order {
        side,
        quantity: amounts.quantity,
        total: amounts.total,
        limit: amounts.limit,
        symbol,
        fitting,
        portion,
        unread,
    }
}

/// Whether this clause asks to buy or to sell.
pub(crate) fn side(phrase: &Phrase) -> Option<&'static str> {
    let side = match (phrase.position(BUY), phrase.position(SELL)) {
        (Some(buy), Some(sell)) if sell < buy => "SELL",
        (None, Some(_)) => "SELL",
        (Some(_), _) => "BUY",
        (None, None) => return None,
    };
    // "Order 5 WAYNE" is an order. "get me my orders" and "order history" aren't.
    let clear = phrase.has(CLEAR) || !phrase.symbols().is_empty() && !Amounts::read(phrase).is_empty();
    clear.then_some(side)
}

impl Order {
    /// `buy 5 WAYNE`
    pub(crate) fn words(&self) -> String {
        let quantity = self.quantity.map(|quantity| format!("{quantity} ")).unwrap_or_default();
        format!("{} {quantity}{}", self.side.to_lowercase(), self.symbol.as_deref().unwrap_or_default())
    }

    /// Whether nothing is missing.
    pub(crate) fn is_complete(&self) -> bool {
        let amount = self.quantity.is_some() || self.fitting || self.portion.is_some();
        self.unread.is_none() && self.symbol.is_some() && amount
    }

    /// The order completed by the next message: a number of shares, a sum, a stock.
    pub(crate) fn completed_by(&self, phrase: &Phrase) -> Option<Self> {
        let amounts = Amounts::read(phrase);
        let mut order = self.clone();
        order.unread.clone_from(&amounts.unread);
        match &self.symbol {
            None => order.symbol = Some(phrase.symbols().into_iter().next()?),
            Some(_) if amounts.is_empty() => {
                let all = phrase.has(&["as many", "all", "whatever fits", "as much"]);
                order.fitting = all && self.total.is_some();
            }
            Some(_) => {}
        }
        if self.quantity.is_none() {
            order.quantity = amounts.quantity;
            order.total = amounts.total.or(order.total);
            order.limit = amounts.limit.or(order.limit);
            order.fitting |= order.quantity.is_none() && order.total != self.total;
        }
        // Nothing was missing, so the sentence means something else.
        let added = order.unread.is_some()
            || order.quantity != self.quantity
            || order.total != self.total
            || order.symbol != self.symbol
            || order.fitting != self.fitting;
        added.then_some(order)
    }

    /// The order with what the next message changes in it: "actually 3", "no, STARK", "at 90 instead".
    pub(crate) fn corrected_by(&self, phrase: &Phrase) -> Option<Self> {
        let amounts = Amounts::read(phrase);
        let mut order = self.clone();
        order.unread.clone_from(&amounts.unread);
        order.symbol = phrase.symbols().into_iter().next().or(order.symbol);
        order.limit = amounts.limit.or(order.limit);
        if amounts.quantity.is_some() || amounts.total.is_some() {
            (order.portion, order.fitting) = (None, amounts.quantity.is_none());
            (order.quantity, order.total) = (amounts.quantity, amounts.total);
        }
        (order != *self).then_some(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The only order of a message that asks for nothing else.
    fn only(text: &str) -> Option<Order> {
        let Orders { mut orders, rest } = read(text);
        assert!(orders.len() <= 1 && (orders.is_empty() || rest.is_empty()), "{text}: {orders:?} {rest:?}");
        orders.pop()
    }

    fn of(side: &'static str, quantity: Option<i64>, symbol: Option<&str>, limit: Option<&str>) -> Option<Order> {
        let (symbol, limit) = (symbol.map(str::to_owned), limit.map(str::to_owned));
        Some(Order { side, quantity, symbol, limit, ..Order::default() })
    }

    #[test]
    fn orders_are_read_in_many_words() {
        for text in [
            "Buy 5 WAYNE",
            "buy 5 wayne",
            "Please buy five shares of Wayne.",
            "Could you buy 5 shares of WAYNE for me?",
            "I want to buy 5 WAYNE shares",
            "purchase 5 WAYNE",
            "Order 5 WAYNE",
            "get me 5 WAYNE",
            "I'd like to buy 5 $WAYNE",
            "Hello, please buy 5 WAYNE. Thanks!",
            "WAYNE: buy 5",
            "WAYNE, buy 5",
            "Buy 5 shares of WAYNE NOW",
        ] {
            assert_eq!(only(text), of("BUY", Some(5), Some("WAYNE"), None), "{text}");
        }
        for text in [
            "Buy 5 WAYNE at 105.49",
            "Buy 5 WAYNE, at 105.49",
            "Buy 5 WAYNE @105.49",
            "Buy 5 WAYNE @ $105.49",
            "buy 5 shares of WAYNE with a limit of $105.49",
            "Buy 5 WAYNE for at most 105.49 USD each",
            "buy 5 wayne for up to $105.49 a share",
            "buy 5 wayne below 105.49 dollars per share",
            "buy 5 wayne, 105.49usd/share",
        ] {
            assert_eq!(only(text), of("BUY", Some(5), Some("WAYNE"), Some("105.49")), "{text}");
        }
        assert_eq!(only("Sell 1,000 STARK at 90"), of("SELL", Some(1000), Some("STARK"), Some("90.00")));
        assert_eq!(only("sell LEX"), of("SELL", None, Some("LEX"), None));
        assert_eq!(only("Buy WAYNE at 100"), of("BUY", None, Some("WAYNE"), Some("100.00")));
        assert_eq!(only("buy 5 shares"), of("BUY", Some(5), None, None));
        assert_eq!(only("Buy 5 NOPE"), of("BUY", Some(5), Some("NOPE"), None));
    }

    #[test]
    fn a_sum_is_a_total_unless_it_is_for_a_share() {
        for (text, quantity) in [
            ("Buy WAYNE for up to 500 dollars", None),
            ("Buy WAYNE for 500", None),
            ("Buy $500 of WAYNE", None),
            ("Buy 500 dollars of WAYNE", None),
            ("Invest 500 USD in WAYNE", None),
            ("Buy 5 WAYNE for 500", Some(5)),
            ("Buy 5 WAYNE for at most 500", Some(5)),
            ("Buy 5 WAYNE, but for no more than $500.00", Some(5)),
            ("Buy 5 WAYNE at 500 in all", Some(5)),
            ("Buy 5 WAYNE under 500", Some(5)),
        ] {
            let order = only(text).expect(text);
            let read = (order.quantity, order.total.as_deref(), order.limit, order.unread);
            assert_eq!(read, (quantity, Some("500.00"), None, None), "{text}");
            assert_eq!(order.fitting, quantity.is_none(), "{text}");
        }
        let may = only("You may buy WAYNE for up to 500 dollars").expect("an order");
        assert_eq!((may.fitting, may.total.as_deref()), (false, Some("500.00")));
        let five = may.completed_by(&Phrase::new("5")).expect("it is completed");
        assert_eq!((five.quantity, five.total.as_deref(), five.limit), (Some(5), Some("500.00"), None));
        assert!(may.completed_by(&Phrase::new("as many as it pays for")).is_some_and(|order| order.fitting));
    }

    #[test]
    fn line_68_numbers_that_read_two_ways_are_refused() {
        for (text, says) in [
            ("Buy 5 WAYNE at 105,49", "“105,49” could mean 105.49 or 10549."),
            ("Buy 5 WAYNE at 1.050,00", "“1.050,00” could mean 1050.00 or 105000."),
            ("Buy 5 WAYNE at 1e2", "“1e2” is not an amount"),
            ("Buy 1,05 WAYNE", "“1,05” could mean 1.05 or 105."),
            ("Buy -5 WAYNE", "“-5” is not a quantity"),
            ("Buy 5% WAYNE", "“5%” is not a quantity"),
            ("Buy 5 percent of WAYNE", "I can't read “5 percent” as a number."),
            ("Buy ٥ WAYNE", "“٥” is not a quantity"),
            ("Buy 5.5 WAYNE", "“5.5” is not a quantity"),
            ("Buy 5k WAYNE", "“5k” is not a quantity"),
            ("Buy five hundred WAYNE", "I can't read “five hundred” as a number."),
            ("Buy 5 or 6 WAYNE", "more than one number of shares"),
            ("Buy WAYNE for €500", "“€500” is not an amount"),
            ("Buy 5 WAYNE STARK", "more than one stock: WAYNE, STARK"),
        ] {
            let unread = only(text).and_then(|order| order.unread).expect(text);
            assert!(unread.contains(says), "{text}: {unread}");
        }
    }

    #[test]
    fn several_orders_and_other_requests_are_kept_apart() {
        for (text, orders, rest) in [
            ("Buy 5 WAYNE and 3 STARK", "BUY 5 WAYNE, BUY 3 STARK", ""),
            ("Buy 5 WAYNE, 3 STARK and 2 LEX", "BUY 5 WAYNE, BUY 3 STARK, BUY 2 LEX", ""),
            ("Buy 5 WAYNE at 100 and 3 STARK, at 90 each", "BUY 5 WAYNE @100.00, BUY 3 STARK @90.00", ""),
            ("Buy 5 WAYNE and STARK", "BUY 5 WAYNE, BUY ? STARK", ""),
            ("Price of WAYNE and buy 5 STARK", "BUY 5 STARK", "Price of WAYNE"),
            ("Buy 5 WAYNE, then sell 3 STARK at 90", "BUY 5 WAYNE, SELL 3 STARK @90.00", ""),
            ("Sell 3 STARK to buy 5 WAYNE", "SELL 3 STARK, BUY 5 WAYNE", ""),
            ("Show my portfolio. Buy 5 WAYNE.", "BUY 5 WAYNE", "Show my portfolio"),
            ("Buy 5 WAYNE; also tell me about LEX", "BUY 5 WAYNE", "tell me about LEX"),
            ("Buy 5 WAYNE. Is STARK any good?", "BUY 5 WAYNE", "Is STARK any good"),
        ] {
            let read = read(text);
            let words = |order: &Order| {
                let quantity = order.quantity.map_or_else(|| "?".into(), |quantity| quantity.to_string());
                let limit = order.limit.as_ref().map(|limit| format!(" @{limit}")).unwrap_or_default();
                format!("{} {quantity} {}{limit}", order.side, order.symbol.as_deref().unwrap_or("?"))
            };
            let found: Vec<String> = read.orders.iter().map(words).collect();
            assert_eq!((found.join(", ").as_str(), read.rest.join(" | ").as_str()), (orders, rest), "{text}");
        }
    }

    #[test]
    fn other_text_is_not_read_as_an_order() {
        for text in [
            "Should I buy WAYNE?",
            "Don't buy 5 WAYNE",
            "How do I buy stocks?",
            "What happens if I buy 5 WAYNE?",
            "Show my orders",
            "Get me my order history",
            "Cancel my order to buy 5 WAYNE",
            "Did you buy 5 WAYNE?",
        ] {
            assert_eq!(read(text).orders, [], "{text}");
        }
    }
}
