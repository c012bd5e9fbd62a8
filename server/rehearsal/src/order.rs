//! Reads an order from a message: "Buy 5 shares of WAYNE at 105.49". A message is one order. Other requests in it are
//! collected, so that the model can say that it left them out.

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
    /// An explanation for the person of what couldn't be read.
    pub(crate) unread: Option<String>,
    /// Parts of the message that don't belong to this order.
    pub(crate) left_out: Vec<String>,
}

const BUY: &[&str] = &["buy", "purchase", "acquire", "order", "get", "invest", "spend"];
const SELL: &[&str] = &["sell", "dump", "offload"];
const CLEAR: &[&str] = &["buy", "purchase", "acquire", "sell", "dump", "offload", "invest"];

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

/// The order in this message.
pub(crate) fn read(text: &str) -> Option<Order> {
    let phrase = Phrase::new(text);
    if phrase.has(NO_ORDER) {
        return None;
    }
    let mut clauses = clause::split(text);
    let at = clauses.iter().position(|clause| side(&Phrase::new(clause)).is_some())?;
    // "Buy 5 WAYNE, at 105 each": the next clause may belong to the order.
    while clauses.get(at + 1).is_some_and(|next| clause::continues(next)) {
        let more = clauses.remove(at + 1);
        clauses[at] = format!("{} {more}", clauses[at]);
    }
    let ordered = Phrase::new(&clauses.remove(at));
    let amounts = Amounts::read(&ordered);
    let mut unread = amounts.unread;
    let symbol = match (ordered.stocks().as_slice(), ordered.symbols().into_iter().next()) {
        ([one], _) => Some(one.clone()),
        ([], Some(unknown)) => Some(unknown),
        // "WAYNE, buy 5"
        ([], None) => phrase.stocks().into_iter().next(),
        (several, _) => {
            let why = format!("I read more than one stock: {}. One order is for one stock.", several.join(", "));
            unread.get_or_insert(why);
            None
        }
    };
    clauses.retain(|left| !clause::says_nothing(left, symbol.as_deref()));
    Some(Order {
        side: side(&ordered)?,
        quantity: amounts.quantity,
        fitting: amounts.quantity.is_none() && amounts.total.is_some() && !ordered.has(LEAVE),
        total: amounts.total,
        limit: amounts.limit,
        symbol,
        unread,
        left_out: clauses,
    })
}

/// Whether this clause asks to buy or to sell.
fn side(phrase: &Phrase) -> Option<&'static str> {
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
    /// The order completed by the next message: a number of shares, a sum, a stock.
    pub(crate) fn completed_by(&self, phrase: &Phrase) -> Option<Self> {
        let amounts = Amounts::read(phrase);
        let mut order = self.clone();
        // The rest of that message was already commented on.
        order.left_out.clear();
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(read(text), of("BUY", Some(5), Some("WAYNE"), None), "{text}");
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
            assert_eq!(read(text), of("BUY", Some(5), Some("WAYNE"), Some("105.49")), "{text}");
        }
        assert_eq!(read("Sell 1,000 STARK at 90"), of("SELL", Some(1000), Some("STARK"), Some("90.00")));
        assert_eq!(read("sell LEX"), of("SELL", None, Some("LEX"), None));
        assert_eq!(read("Buy WAYNE at 100"), of("BUY", None, Some("WAYNE"), Some("100.00")));
        assert_eq!(read("buy 5 shares"), of("BUY", Some(5), None, None));
        assert_eq!(read("Buy 5 NOPE"), of("BUY", Some(5), Some("NOPE"), None));
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
            let order = read(text).expect(text);
            let read = (order.quantity, order.total.as_deref(), order.limit, order.unread, order.left_out);
            assert_eq!(read, (quantity, Some("500.00"), None, None, vec![]), "{text}");
            assert_eq!(order.fitting, quantity.is_none(), "{text}");
        }
        let may = read("You may buy WAYNE for up to 500 dollars").expect("an order");
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
            let unread = read(text).and_then(|order| order.unread).expect(text);
            assert!(unread.contains(says), "{text}: {unread}");
        }
    }

    #[test]
    fn text_beside_the_order_is_kept_apart() {
        for (text, order, left_out) in [
            ("Buy 5 WAYNE and 3 STARK", "BUY 5 WAYNE", "3 STARK"),
            ("Price of WAYNE and buy 5 STARK", "BUY 5 STARK", "Price of WAYNE"),
            ("Buy 5 WAYNE, then sell 3 STARK at 90", "BUY 5 WAYNE", "sell 3 STARK at 90"),
            ("Sell 3 STARK to buy 5 WAYNE", "SELL ", ""),
            ("Show my portfolio. Buy 5 WAYNE.", "BUY 5 WAYNE", "Show my portfolio"),
            ("Buy 5 WAYNE; also tell me about LEX", "BUY 5 WAYNE", "tell me about LEX"),
        ] {
            let read = read(text).expect(text);
            let quantity = read.quantity.filter(|_| read.unread.is_none()).map(|quantity| format!("{quantity} "));
            let symbol = read.symbol.unwrap_or_default();
            let said = format!("{} {}{symbol}", read.side, quantity.unwrap_or_default());
            assert_eq!((said.as_str(), read.left_out.join(" | ").as_str()), (order, left_out), "{text}");
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
            assert_eq!(read(text), None, "{text}");
        }
    }
}
