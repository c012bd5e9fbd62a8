//! Reads an order out of a sentence: "Buy 5 shares of WAYNE at 105.49 at most".

use super::phrase::Phrase;

/// An order as far as it was said.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    pub(super) side: &'static str,
    pub(super) quantity: Option<i64>,
    pub(super) symbol: Option<String>,
    pub(super) limit: Option<String>,
}

const BUY: &[&str] = &["buy", "purchase", "acquire", "order", "get"];
const SELL: &[&str] = &["sell", "dump", "offload"];

/// Before the limit.
const LIMIT: &[&str] = &["at", "limit", "below", "under", "for", "max", "most", "above", "over", "least", "than"];

/// What makes an order of a sentence a question about one, or its opposite.
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

pub(super) fn read(phrase: &Phrase) -> Option<Order> {
    if phrase.has(NO_ORDER) {
        return None;
    }
    let symbols = phrase.symbols();
    let (side, at) = match (phrase.position(SELL), phrase.position(BUY)) {
        (Some(at), _) => ("SELL", at),
        (None, Some(at)) => ("BUY", at),
        (None, None) => return None,
    };
    let verb_alone = phrase.has(&["buy", "purchase", "acquire", "sell", "dump", "offload"]);
    // "Order 5 WAYNE" is an order, "get me my orders" and "order history" are not.
    if !verb_alone && (symbols.is_empty() || phrase.number_from(at).is_none()) {
        return None;
    }
    let quantity = phrase.number_from(at + 1);
    let limit = phrase.price_after(LIMIT);
    // "Buy WAYNE at 100": the number is the limit, not how many.
    let limit_at = phrase.position(LIMIT).filter(|_| limit.is_some());
    let quantity = quantity.filter(|(at, _)| limit_at.is_none_or(|limit_at| *at < limit_at)).map(|(_, number)| number);
    Some(Order { side, quantity, symbol: symbols.into_iter().next(), limit })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(text: &str) -> Option<Order> {
        read(&Phrase::new(text))
    }

    fn of(side: &'static str, quantity: Option<i64>, symbol: Option<&str>, limit: Option<&str>) -> Option<Order> {
        Some(Order { side, quantity, symbol: symbol.map(str::to_owned), limit: limit.map(str::to_owned) })
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
        ] {
            assert_eq!(order(text), of("BUY", Some(5), Some("WAYNE"), None), "{text}");
        }
        for text in [
            "Buy 5 WAYNE at 105.49",
            "buy 5 shares of WAYNE with a limit of $105.49",
            "Buy 5 WAYNE for at most 105.49 USD each",
            "buy 5 wayne below 105.49",
        ] {
            assert_eq!(order(text), of("BUY", Some(5), Some("WAYNE"), Some("105.49")), "{text}");
        }
        assert_eq!(order("Sell 1,000 STARK at 90"), of("SELL", Some(1000), Some("STARK"), Some("90.00")));
        assert_eq!(order("sell LEX"), of("SELL", None, Some("LEX"), None));
        assert_eq!(order("Buy WAYNE at 100"), of("BUY", None, Some("WAYNE"), Some("100.00")));
        assert_eq!(order("buy 5 shares"), of("BUY", Some(5), None, None));
    }

    #[test]
    fn what_is_no_order_is_not_read_as_one() {
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
            assert_eq!(order(text), None, "{text}");
        }
    }
}
