//! Parses an order as a person typed it, and explains mistakes.

use foundation::{tr, typed};
use shared::{
    limit::Limit,
    money::{Money, Quantity, Side},
};

/// Distance of the default limit from the market price, in percent.
const BESIDE: i64 = 2;

/// A typed order, parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) side: Side,
    pub(crate) quantity: Quantity,
    pub(crate) limit: Limit,
}

/// Reads side, quantity and price. Without a price, the limit is 2 % away from the market price.
///
/// # Errors
/// An explanation for the person.
pub(crate) fn read(side: &str, quantity: &str, price: &str, market: Money) -> Result<Typed, String> {
    let side = side.parse().map_err(|_| {
        tr!("Choose whether to buy or to sell.", "Wähle, ob du kaufen oder verkaufen willst.").to_owned()
    })?;
    let quantity = match quantity.trim() {
        "" => {
            return Err(tr!(
                "Write how many shares: a whole number, from 1 to 10,000.",
                "Schreib, wie viele Aktien: eine ganze Zahl, von 1 bis 10000."
            )
            .into());
        }
        text => typed::quantity(text)?,
    };
    let limit = match price.trim() {
        "" => beside(side, market).ok_or(tr!(
            "The market’s price is out of range. Write a limit of your own.",
            "Der Preis am Markt ist außerhalb der Grenzen. Schreib ein eigenes Limit."
        ))?,
        text => typed::limit(text)?,
    };
    Ok(Typed { side, quantity, limit })
}

fn beside(side: Side, market: Money) -> Option<Limit> {
    let room = market.cents() * BESIDE;
    let cents = match side {
        // Rounded away from the market, so that the margin is never below 2 %.
        Side::Buy => (market.cents() * 100 + room + 99) / 100,
        Side::Sell => ((market.cents() * 100 - room) / 100).max(1),
    };
    Limit::from_cents(cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market() -> Money {
        Money::from_cents(10_342).expect("an amount")
    }

    #[test]
    fn typed_order_is_read() {
        for (text, cents) in [("105", 10_500), ("105.4", 10_540), ("$1,105.49", 110_549), (" 0.01 ", 1), ("007", 700)] {
            let typed = read("BUY", " 5 ", text, market()).expect(text);
            assert_eq!((typed.limit.cents(), typed.quantity.get()), (cents, 5), "{text}");
        }
    }

    #[test]
    fn without_a_limit_it_is_two_percent_beside_the_market() {
        let limit = |side| read(side, "5", "", market()).map(|typed| typed.limit.to_string());
        assert_eq!(limit("BUY"), Ok("105.49".into()));
        assert_eq!(limit("SELL"), Ok("101.35".into()));
    }

    #[test]
    fn wrong_input_is_explained() {
        for (side, quantity, price, word) in [
            ("HOLD", "5", "", "buy or to sell"),
            ("BUY", "0", "", "from 1 to 10,000"),
            ("BUY", "10001", "", "from 1 to 10,000"),
            ("BUY", "5.5", "", "whole number"),
            ("BUY", "five", "", "whole number"),
            ("BUY", "", "", "whole number"),
            ("BUY", "5", "0", "amount"),
            ("BUY", "5", "-1", "amount"),
            ("BUY", "5", "1.005", "could mean 1005."),
            ("BUY", "5", "1e3", "amount"),
            ("BUY", "5", "105,49", "105.49 or 10549"),
            ("BUY", "1,05", "", "1.05 or 105"),
            ("BUY", "-5", "", "whole number"),
            ("BUY", "5", "9999999999999999", "amount"),
        ] {
            let wrong = read(side, quantity, price, market()).expect_err(price);
            assert!(wrong.contains(word), "{wrong}");
        }
    }
}
