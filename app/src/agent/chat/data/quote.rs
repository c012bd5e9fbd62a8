//! A stock's current price, the line of its last 24 hours, and its position between their lowest and highest price.

use foundation::tr;
use leptos::prelude::*;
use shared::{broker::Stock, chat::Line, money::Symbol};

use super::heading::heading;
use crate::ui::{chart, money::amount, time};

/// Width of the drawing of the range, in its own units.
const WIDTH: i64 = 1000;

/// `None` without a line, as in quotes of earlier versions.
pub(super) fn quote(stock: &Stock, day: &Line, now: i64) -> Option<AnyView> {
    let what = price_of(&stock.symbol);
    let spark = chart::spark(&format!("{what}{}", tr!(", last 24 hours", ", letzte 24 Stunden")), day)?;
    let values = || day.iter().map(|(_, value)| *value).chain([stock.price]);
    let (low, high) = (values().min()?, values().max()?);
    let span = (high.cents() - low.cents()).max(1);
    let at = (stock.price.cents() - low.cents()) * WIDTH / span;
    let when = time::parse(&stock.updated_at)
        .map(|at| view! { <p class="muted tiny">{tr!("As of ", "Stand ")}{time::clock_view(now, at)}</p> });
    let card = view! {
        <div class="card data" role="group" aria-label=what>
            {heading(stock)}
            <div class="card-part quote">
                {spark}
                <div class="quote-range">
                    <span class="label">{tr!("24 hours", "24 Stunden")}</span>
                    <span><span class="visually-hidden">{tr!("Lowest ", "Tiefster ")}</span>{amount(low)}</span>
                    <svg viewBox=format!("0 0 {WIDTH} 10") preserveAspectRatio="none" aria-hidden="true">
                        <path class="track" d=format!("M0 5H{WIDTH}")></path>
                        <path class="here" d=format!("M{at} 5h.01")></path>
                    </svg>
                    <span><span class="visually-hidden">{tr!("Highest ", "Höchster ")}</span>{amount(high)}</span>
                </div>
                {when}
                {chart::table(tr!("Price", "Preis"), day)}
            </div>
        </div>
    };
    Some(card.into_any())
}

/// The title of a card about a stock's price.
pub(super) fn price_of(symbol: &Symbol) -> String {
    tr!(format!("Price of {symbol}"), format!("Preis von {symbol}"))
}
