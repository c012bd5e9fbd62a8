//! A value over several ranges, shown one at a time. Radio buttons and the style sheet switch them, without a script.

use foundation::tr;
use leptos::prelude::*;
use shared::{
    broker::{Range, Stock},
    chat::Line,
};

use super::{
    heading::{change, heading},
    quote::price_of,
};
use crate::ui::chart::chart;

/// A stock's price.
pub(super) fn prices(stock: &Stock, asked: Range, ranges: &[(Range, Line)], call: &str) -> Option<AnyView> {
    let what = price_of(&stock.symbol);
    let ranged = ranged(&what, asked, ranges, call)?;
    let card = view! { <div class="card data" role="group" aria-label=what>{heading(stock)}{ranged}</div> };
    Some(card.into_any())
}

/// The account's total value.
pub(super) fn values(asked: Range, ranges: &[(Range, Line)], call: &str) -> Option<AnyView> {
    let what = tr!("Total value of your account", "Gesamtwert deines Kontos");
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
        let (last, in_last) = last(*range);
        let over = format!("{what}, {last}");
        let moved = line.first().zip(line.last()).map(|((_, first), (_, last))| {
            view! { <p class="small">{change(*first, *last)}<span class="muted">" "{in_last}</span></p> }
        });
        view! { <div data-range=range.as_str()>{moved}{chart(&over, line, None)}</div> }
    });
    let ranged = view! {
        <div class="card-part ranged">
            <fieldset class="ranges">
                <legend class="visually-hidden">{tr!("Range", "Zeitraum")}</legend>
                {buttons.collect_view()}
            </fieldset>
            {panels.collect_view()}
        </div>
    };
    Some(ranged.into_any())
}

fn word(range: Range) -> &'static str {
    match range {
        Range::Hour => tr!("Hour", "Stunde"),
        Range::Day => tr!("Day", "Tag"),
        Range::Week => tr!("Week", "Woche"),
        Range::Month => tr!("Month", "Monat"),
        Range::Year => tr!("Year", "Jahr"),
    }
}

/// The range up to now as a title, and in a sentence.
fn last(range: Range) -> (&'static str, &'static str) {
    match range {
        Range::Hour => tr!(("last hour", "in the last hour"), ("letzte Stunde", "in der letzten Stunde")),
        Range::Day => tr!(("last day", "in the last day"), ("letzter Tag", "am letzten Tag")),
        Range::Week => tr!(("last week", "in the last week"), ("letzte Woche", "in der letzten Woche")),
        Range::Month => tr!(("last month", "in the last month"), ("letzter Monat", "im letzten Monat")),
        Range::Year => tr!(("last year", "in the last year"), ("letztes Jahr", "im letzten Jahr")),
    }
}
