//! The head of a card about a stock, and the change of a value.

use foundation::tr;
use leptos::prelude::*;
use shared::{broker::Stock, money::Money};

use crate::ui::money;

/// Name and price of a stock, with the change since the day began.
pub(super) fn heading(stock: &Stock) -> AnyView {
    view! {
        <div class="card-head">
            <div><p class="label">{stock.symbol.to_string()}" · "{stock.name.clone()}</p><p class="data-total">{money::usd_view(stock.price)}</p></div>
            <p class="small">{change(stock.open, stock.price)}" "<span class="muted">{tr!("today", "heute")}</span></p>
        </div>
    }
    .into_any()
}

/// `▲ 3.42 (3.42 %)`
pub(super) fn change(from: Money, to: Money) -> AnyView {
    view! { {money::change(from, to)}" ("{money::percent(from, to)}")" }.into_any()
}
