//! A stock's price now, with the line of its last 24 hours and where in them it stands.

use leptos::prelude::*;
use shared::{broker::Stock, chat::Line};

use super::heading::heading;
use crate::ui::{chart, time};

/// Width of the drawing of the range, in its own units.
const WIDTH: i64 = 1000;

/// `None` without a line, as in quotes of earlier versions.
pub(super) fn quote(stock: &Stock, day: &Line, now: i64) -> Option<AnyView> {
    let symbol = stock.symbol.to_string();
    let spark = chart::spark(&format!("Price of {symbol}, last 24 hours"), day)?;
    let values = || day.iter().map(|(_, value)| *value).chain([stock.price]);
    let (low, high) = (values().min()?, values().max()?);
    let span = (high.cents() - low.cents()).max(1);
    let at = (stock.price.cents() - low.cents()) * WIDTH / span;
    let when = time::parse(&stock.updated_at)
        .map(|at| view! { <p class="muted tiny">"As of "{time::clock_view(now, at)}</p> });
    let card = view! {
        <div class="card data" role="group" aria-label=format!("Price of {symbol}")>
            {heading(stock)}
            <div class="card-part quote">
                {spark}
                <div class="quote-range">
                    <span class="label">"24 hours"</span>
                    <span><span class="visually-hidden">"Lowest "</span>{low.grouped()}</span>
                    <svg viewBox=format!("0 0 {WIDTH} 10") preserveAspectRatio="none" aria-hidden="true">
                        <path class="track" d=format!("M0 5H{WIDTH}")></path>
                        <path class="here" d=format!("M{at} 5h.01")></path>
                    </svg>
                    <span><span class="visually-hidden">"Highest "</span>{high.grouped()}</span>
                </div>
                {when}
                {chart::table("Price", day)}
            </div>
        </div>
    };
    Some(card.into_any())
}
