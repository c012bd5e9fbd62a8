//! A value over several ranges, of which one is shown at a time: radio buttons and the style sheet choose it, no script.

use leptos::prelude::*;
use shared::{
    broker::{Range, Stock},
    chat::Line,
};

use super::heading::{change, heading};
use crate::ui::chart::chart;

/// A stock's price.
pub(super) fn prices(stock: &Stock, asked: Range, ranges: &[(Range, Line)], call: &str) -> Option<AnyView> {
    let what = format!("Price of {}", stock.symbol);
    let ranged = ranged(&what, asked, ranges, call)?;
    let card = view! { <div class="card data" role="group" aria-label=what>{heading(stock)}{ranged}</div> };
    Some(card.into_any())
}

/// The account's total value.
pub(super) fn values(asked: Range, ranges: &[(Range, Line)], call: &str) -> Option<AnyView> {
    let what = "Total value of your account";
    let ranged = ranged(what, asked, ranges, call)?;
    Some(view! { <div class="card data" role="group" aria-label=what>{ranged}</div> }.into_any())
}

fn ranged(what: &str, asked: Range, ranges: &[(Range, Line)], call: &str) -> Option<AnyView> {
    let shown = ranges.iter().find(|(range, _)| *range == asked).or(ranges.first())?.0;
    let buttons = ranges.iter().map(|(range, _)| {
        let name = format!("range-{call}");
        view! {
            <label>
                <input type="radio" name=name value=range.as_str() checked=*range == shown />
                <span>{word(*range)}</span>
            </label>
        }
    });
    let panels = ranges.iter().map(|(range, line)| {
        let over = format!("{what}, last {}", range.as_str());
        let moved = line.first().zip(line.last()).map(|((_, first), (_, last))| {
            view! { <p class="small">{change(*first, *last)}<span class="muted">{format!(" in the last {}", range.as_str())}</span></p> }
        });
        view! { <div data-range=range.as_str()>{moved}{chart(&over, line, None)}</div> }
    });
    let ranged = view! {
        <div class="card-part ranged">
            <fieldset class="ranges">
                <legend class="visually-hidden">"Range"</legend>
                {buttons.collect_view()}
            </fieldset>
            {panels.collect_view()}
        </div>
    };
    Some(ranged.into_any())
}

fn word(range: Range) -> &'static str {
    match range {
        Range::Hour => "Hour",
        Range::Day => "Day",
        Range::Week => "Week",
        Range::Month => "Month",
        Range::Year => "Year",
    }
}
