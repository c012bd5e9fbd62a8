//! Computes an order's number of shares and its limit from a quantity, a total, or both. A total is never a price per
//! share.

use foundation::{lang, tr};
use shared::{
    broker::Stock,
    limit::Limit,
    money::{Money, Quantity, Side, Symbol},
};

/// The requested size. It has a quantity, a total, or both.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    pub(super) quantity: Option<Quantity>,
    /// US dollars for the whole order.
    pub(super) total: Option<Money>,
    /// US dollars a share.
    pub(super) limit: Option<Limit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) quantity: Quantity,
    pub(super) limit: Limit,
    /// Whether nobody named a limit, so that it is 2 % from the market price.
    pub(super) beside: bool,
}

impl Wanted {
    /// The size of the order at the current market price.
    ///
    /// # Errors
    /// Why there is no size, for the model.
    pub(super) fn settle(self, side: Side, stock: &Stock) -> Result<Size, String> {
        let usual = beside(side, stock.price)
            .ok_or(tr!("The price is out of range.", "Der Preis ist außerhalb des Möglichen."))?;
        match (self.quantity, self.total) {
            (Some(quantity), None) => {
                Ok(Size { quantity, limit: self.limit.unwrap_or(usual), beside: self.limit.is_none() })
            }
            (Some(quantity), Some(total)) => {
                let limit = both(side, quantity, total, self.limit)?;
                if side == Side::Buy && limit.money() < stock.price {
                    return Err(too_little(stock, quantity, total, usual));
                }
                Ok(Size { quantity, limit, beside: false })
            }
            (None, total) => {
                let total = total.unwrap_or_default();
                let limit = self.limit.unwrap_or(usual);
                // A sale at a higher market price brings in that price, so it needs no more shares than the total is
                // worth.
                let each = if side == Side::Sell { limit.money().max(stock.price) } else { limit.money() };
                let quantity = shares(total, each).map_err(|why| why.said(total, &stock.symbol, each))?;
                Ok(Size { quantity, limit, beside: self.limit.is_none() })
            }
        }
    }
}

/// The limit that follows from a total for this many shares. If the person named one too, the stricter of the two.
fn both(side: Side, quantity: Quantity, total: Money, named: Option<Limit>) -> Result<Limit, String> {
    let each = Limit::from_cents(total.cents() / i64::from(quantity.get())).ok_or_else(|| {
        let total = usd(total);
        tr!(
            format!("{total} for {quantity} shares is no price a share from 0.01 to 999,999.99 USD."),
            format!("{total} für {quantity} Stück ergibt keinen Preis je Stück von 0,01 bis 999.999,99 USD.")
        )
    })?;
    Ok(match (side, named) {
        (_, None) => each,
        (Side::Buy, Some(named)) => each.min(named),
        (Side::Sell, Some(named)) => each.max(named),
    })
}

/// A message for a purchase whose total is below the market price: how many shares it pays for.
fn too_little(stock: &Stock, quantity: Quantity, total: Money, usual: Limit) -> String {
    let (symbol, price) = (&stock.symbol, usd(stock.price));
    let enough = match shares(total, usual.money()) {
        Ok(enough) if enough < quantity => {
            let usual = usd(usual.money());
            tr!(
                format!("It pays for {enough} at up to {usual} a share. Ask for {enough}, or for a higher total."),
                format!(
                    "Er reicht für {enough} bei höchstens {usual} je Stück. Nimm {enough} oder einen höheren Betrag."
                )
            )
        }
        _ => tr!(
            format!("It doesn't pay for {quantity} at this price. Ask for fewer, or for a higher total or limit."),
            format!(
                "Er reicht zu diesem Preis nicht für {quantity}. Nimm weniger, oder einen höheren Betrag oder ein anderes Limit."
            )
        ),
    };
    let total = usd(total);
    tr!(
        format!("{total} in all is not enough for {quantity} {symbol}, which costs {price} a share now. {enough}"),
        format!("Der Betrag von {total} ist zu wenig für {quantity} {symbol} zu jetzt {price} je Stück. {enough}")
    )
}

/// Why a total gives no number of shares.
enum Off {
    TooLittle,
    TooMuch,
}

impl Off {
    fn said(self, total: Money, symbol: &Symbol, each: Money) -> String {
        let (total, each) = (usd(total), usd(each));
        match self {
            Self::TooLittle => tr!(
                format!("{total} doesn't pay for one share of {symbol} at {each} a share."),
                format!("{total} reichen nicht für eine Aktie von {symbol} zu {each} je Stück.")
            ),
            Self::TooMuch => tr!(
                format!(
                    "{total} pays for more than 10,000 shares, the most for one order, of {symbol} at {each} a share."
                ),
                format!(
                    "{total} reichen für mehr als 10.000 {symbol} zu {each} je Stück, und mehr hat ein Auftrag nicht."
                )
            ),
        }
    }
}

/// The number of whole shares that a total pays for.
fn shares(total: Money, each: Money) -> Result<Quantity, Off> {
    match total.cents().checked_div(each.cents()) {
        None | Some(..=0) => Err(Off::TooLittle),
        Some(shares) => u32::try_from(shares).ok().and_then(|shares| Quantity::new(shares).ok()).ok_or(Off::TooMuch),
    }
}

/// 2 % from the market price, rounded half up to a cent: above it for a purchase, below it for a sale, and at least one
/// cent. So the order is filled although the price moves a little, and never far from that price.
fn beside(side: Side, price: Money) -> Option<Limit> {
    let percent = match side {
        Side::Buy => 102,
        Side::Sell => 98,
    };
    Limit::from_cents(((price.cents().checked_mul(percent)? + 50) / 100).max(1))
}

fn usd(amount: Money) -> String {
    format!("{} USD", amount.grouped_in(lang::current()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(price: &str) -> Stock {
        Stock {
            symbol: "WAYNE".parse().expect("a symbol"),
            name: "Wayne Enterprises".into(),
            price: price.parse().expect("an amount"),
            open: price.parse().expect("an amount"),
            updated_at: String::new(),
            sector: String::new(),
            about: String::new(),
        }
    }

    /// Shares and limit, or the error.
    fn settled(side: Side, quantity: u32, total: &str, limit: &str) -> Result<(u32, String), String> {
        let wanted =
            Wanted { quantity: Quantity::new(quantity).ok(), total: total.parse().ok(), limit: limit.parse().ok() };
        wanted.settle(side, &stock("100.00")).map(|size| (size.quantity.get(), size.limit.to_string()))
    }

    #[test]
    fn a_limit_is_two_percent_beside_the_market() {
        let limit = |side, cents| Money::from_cents(cents).and_then(|price| beside(side, price)).map(Limit::cents);
        assert_eq!(limit(Side::Buy, 10_342), Some(10_549));
        assert_eq!(limit(Side::Sell, 10_342), Some(10_135));
        // 0.25 · 1.02 = 0.255, 0.25 · 0.98 = 0.245: half a cent goes up.
        assert_eq!(limit(Side::Buy, 25), Some(26));
        assert_eq!(limit(Side::Sell, 25), Some(25));
        assert_eq!(limit(Side::Sell, 1), Some(1));
    }

    #[test]
    fn a_total_is_for_the_whole_order() {
        let ok = |shares, limit: &str| Ok((shares, limit.to_owned()));
        // Without a quantity: the whole shares that fit.
        assert_eq!(settled(Side::Buy, 0, "500.00", ""), ok(4, "102.00"));
        assert_eq!(settled(Side::Buy, 0, "510.00", ""), ok(5, "102.00"));
        assert_eq!(settled(Side::Buy, 0, "509.99", ""), ok(4, "102.00"));
        assert_eq!(settled(Side::Buy, 0, "500.00", "125.00"), ok(4, "125.00"));
        assert_eq!(settled(Side::Sell, 0, "500.00", ""), ok(5, "98.00"));
        // With a quantity: an equal part of the total for each share, rounded down.
        assert_eq!(settled(Side::Buy, 4, "500.00", ""), ok(4, "125.00"));
        assert_eq!(settled(Side::Buy, 3, "500.00", ""), ok(3, "166.66"));
        assert_eq!(settled(Side::Sell, 3, "200.00", ""), ok(3, "66.66"));
        // With all three, both bounds apply.
        assert_eq!(settled(Side::Buy, 4, "500.00", "110.00"), ok(4, "110.00"));
        assert_eq!(settled(Side::Buy, 4, "500.00", "130.00"), ok(4, "125.00"));
        assert_eq!(settled(Side::Sell, 4, "300.00", "90.00"), ok(4, "90.00"));
        assert_eq!(settled(Side::Sell, 4, "380.00", "90.00"), ok(4, "95.00"));
    }

    #[test]
    fn too_small_total_names_the_affordable_quantity() {
        for (quantity, total, says) in [
            (5, "490.00", "It pays for 4 at up to 102.00 USD a share."),
            (5, "499.99", "499.99 USD in all is not enough for 5 WAYNE, which costs 100.00 USD a share now."),
            (0, "101.99", "101.99 USD doesn't pay for one share of WAYNE at 102.00 USD a share."),
            (2, "0.01", "no price a share"),
            (2, "50.00", "doesn't pay for 2 at this price"),
            (0, "9000000.00", "more than 10,000 shares"),
        ] {
            let wrong = settled(Side::Buy, quantity, total, "").expect_err(total);
            assert!(wrong.contains(says), "{wrong}");
        }
    }
}
