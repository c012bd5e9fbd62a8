//! The facts of a request: from the typed details alone, in the order and words of their type (THREATS.md line 54).
//! Beside them stands what the account's own API says of what they name, marked as its word.

use identity::page::{Approval, COMPANY, PRICE_NOW, Said, Same};
use leptos::prelude::*;
use shared::{
    details::{Detail, StockOrder},
    money::{Money, Side},
};

use crate::ui::{Fact, Tone, facts, money::usd, note, plain, time};

/// The table, and whose word what isn't approved is.
pub(super) fn table(approval: &Approval, now: i64) -> AnyView {
    match &approval.detail {
        Detail::StockOrder(order) => stock_order(order, &approval.said, now),
        Detail::StockOrderCancellation(cancellation) => facts([
            Fact::new("What happens", "An order that waits at the market is cancelled"),
            Fact::new("Order", view! { <code>{cancellation.order.as_str().to_owned()}</code> }.into_any()).strong(),
        ]),
    }
}

fn stock_order(order: &StockOrder, said: &Said, now: i64) -> AnyView {
    let (worst, bound) = match order.side {
        Side::Buy => ("You pay at most", "In all at most"),
        Side::Sell => ("You get at least", "In all at least"),
    };
    let price = price(said);
    let stock = match said.fact(COMPANY) {
        Some(company) => view! { <bdi>{plain(company)}</bdi>{format!(" ({})", order.symbol)} }.into_any(),
        None => order.symbol.to_string().into_any(),
    };
    let price_now = match (said, price) {
        (Said::NotAsked, _) => None,
        (Said::Facts { at, .. }, Some(price)) => {
            Some(view! { {usd(price)}" a share, at "{time::clock_view(now, *at)} }.into_any())
        }
        (Said::Facts { by, .. } | Said::Nothing { by }, _) => Some(format!("{by} didn’t say").into_any()),
    };
    let beside = price.map(|price| format!(", {}", beside(order.limit.money(), price)));
    let limit = view! { {usd(order.limit.money())}" a share"<span class="muted">{beside}</span> };
    let whose = match said {
        Said::Facts { by, facts, .. } if !facts.is_empty() => Some(view! {
            <p class="tiny muted">{format!("The company’s name and the price now are {by}’s word. They are not part of what you approve.")}</p>
        }),
        _ => None,
    };
    let rows = [Some(Fact::new("Stock", stock)), Some(Fact::new("Shares", thousands(order.quantity.get())))]
        .into_iter()
        .chain([price_now.map(|price| Fact::new("Price now", price))])
        .chain([Some(Fact::new(worst, limit.into_any())), Some(Fact::new(bound, usd(order.bound())).strong())]);
    view! { {facts(rows.flatten())}{whose} }.into_any()
}

/// The price that the API says, where it is one.
fn price(said: &Said) -> Option<Money> {
    said.fact(PRICE_NOW)?.parse().ok().filter(|price: &Money| price.cents() > 0)
}

/// How far the limit is from the price now: `2 % above`.
fn beside(limit: Money, price: Money) -> String {
    let apart = limit.cents() - price.cents();
    // In tenths of a percent, rounded half up.
    let tenths = (apart.unsigned_abs().saturating_mul(2_000) / price.cents().unsigned_abs().max(1)).div_ceil(2);
    match (tenths, tenths % 10) {
        (0, _) => "the price now".into(),
        (_, 0) => format!("{}\u{a0}% {}", tenths / 10, if apart > 0 { "above" } else { "below" }),
        (_, rest) => format!("{}.{rest}\u{a0}% {}", tenths / 10, if apart > 0 { "above" } else { "below" }),
    }
}

/// Warnings before the decision: a limit far worse than the market, the same order waiting or approved lately.
pub(super) fn warnings(approval: &Approval, now: i64) -> Vec<AnyView> {
    let worse = match &approval.detail {
        Detail::StockOrder(order) => price(&approval.said).and_then(|price| order.worse_than(price)),
        Detail::StockOrderCancellation(_) => None,
    };
    let same = approval.same.iter().map(|same| match same {
        Same::Approved(at) => {
            format!("You approved the same order {}. This would be another one.", time::ago(now, *at))
        }
        Same::Waits(code) => format!("The same order waits for you a second time (code {code})."),
    });
    worse.into_iter().chain(same).map(|words| note(Tone::Waiting, words)).collect()
}

/// With thousands separators: `1,200`.
pub(super) fn thousands(number: u32) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", number / 1000, number % 1000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_so_many_percent_from_the_price() {
        let said = |limit: &str, price: &str| beside(limit.parse().expect("one"), price.parse().expect("one"));
        assert_eq!(said("101.81", "99.81"), "2\u{a0}% above");
        assert_eq!(said("95.00", "100.00"), "5\u{a0}% below");
        assert_eq!(said("100.25", "100.00"), "0.3\u{a0}% above");
        assert_eq!(said("100.00", "100.00"), "the price now");
        assert_eq!(said("500.00", "100.09"), "399.6\u{a0}% above");
    }
}
