//! A portfolio: its total and history, its allocation, and a table of positions and cash that add up to the total.

use foundation::{lang, tr};
use leptos::prelude::*;
use shared::{
    broker::{Holding, Portfolio},
    chat::Line,
    money::Money,
};

use super::heading::change;
use crate::ui::{
    chart::{chart, spark},
    money,
};

/// Number of parts that the allocation shows by name, without cash. The rest is one part.
const PARTS: usize = 5;

/// Width of the bar, in the drawing's own units, and the gap between two parts.
const WIDTH: i64 = 1000;
const GAP: i64 = 4;

/// `month` is the total value over the last 30 days.
pub(super) fn portfolio(portfolio: &Portfolio, month: &Line) -> AnyView {
    let total = portfolio.total_value;
    let rows = portfolio.holdings.iter().map(|one| holding(one, total));
    let none = portfolio.holdings.is_empty().then_some(tr!("No positions yet", "Noch keine Positionen"));
    view! {
        <div class="card data">
            <div class="card-head">
                <div><p class="label">{tr!("Total value", "Gesamtwert")}</p><p class="data-total">{money::usd_view(portfolio.total_value)}</p></div>
                {moved(month)}
            </div>
            {allocation(portfolio)}
            <table class="table">
                <caption class="visually-hidden">{tr!("Portfolio", "Depot")}</caption>
                <thead><tr>
                    <th scope="col">{tr!("Stock", "Aktie")}</th>
                    <th scope="col" class="number narrow-drops">{tr!("Shares", "Stück")}</th>
                    <th scope="col" class="number narrow-drops">{tr!("Average", "Schnitt")}</th>
                    <th scope="col" class="number narrow-drops">{tr!("Price", "Preis")}</th>
                    <th scope="col" class="number">{tr!("Value, USD", "Wert, USD")}</th>
                    <th scope="col" class="number">{tr!("Gain", "Gewinn")}</th>
                </tr></thead>
                <tbody>
                    {rows.collect_view()}
                    <tr>
                        <th scope="row"><span class="cell-title">{tr!("Cash", "Guthaben")}</span><span class="cell-more">{none}</span></th>
                        <td class="narrow-drops"></td>
                        <td class="narrow-drops"></td>
                        <td class="narrow-drops"></td>
                        <td class="number">{money::amount(portfolio.cash_balance)}<span class="cell-more">{share(portfolio.cash_balance, total)}</span></td>
                        <td></td>
                    </tr>
                </tbody>
            </table>
            {over_time(month)}
        </div>
    }
    .into_any()
}

fn holding(holding: &Holding, total: Money) -> AnyView {
    let average = match i64::from(holding.shares) {
        0 => Money::default(),
        shares => Money::from_cents((holding.cost.cents() + shares / 2) / shares).unwrap_or_default(),
    };
    let shares = lang::count(holding.shares, tr!("share", "Stück"), tr!("shares", "Stück"));
    view! {
        <tr>
            <th scope="row">
                <span class="cell-title">{holding.symbol.to_string()}</span>
                <span class="cell-more">{holding.name.clone()}</span>
                <span class="cell-more narrow-shows">{shares}</span>
            </th>
            <td class="number narrow-drops">{money::whole(holding.shares)}</td>
            <td class="number narrow-drops">{money::amount(average)}</td>
            <td class="number narrow-drops">{money::amount(holding.price)}</td>
            <td class="number">{money::amount(holding.value)}<span class="cell-more">{share(holding.value, total)}</span></td>
            <td class="number">
                {money::change(holding.cost, holding.value)}
                <span class="cell-more">{money::percent(holding.cost, holding.value)}</span>
            </td>
        </tr>
    }
    .into_any()
}

fn moved(month: &Line) -> Option<AnyView> {
    let ((_, first), (_, last)) = month.first().zip(month.last())?;
    Some(
        view! { <p class="small">{change(*first, *last)}" "<span class="muted">{tr!("in the last month", "im letzten Monat")}</span></p> }
            .into_any(),
    )
}

fn over_time(month: &Line) -> Option<AnyView> {
    // Without points to draw, the card has no chart.
    spark("", month)?;
    let chart = chart(tr!("Total value, last month", "Gesamtwert, letzter Monat"), month, None);
    Some(
        view! { <div class="card-part over-time"><p class="label">{tr!("Total value over time", "Verlauf des Gesamtwerts")}</p>{chart}</div> }.into_any(),
    )
}

/// The parts as a bar, with their names and shares below it. The table has the same figures.
fn allocation(portfolio: &Portfolio) -> Option<AnyView> {
    let total = portfolio.total_value;
    if portfolio.holdings.is_empty() || total.cents() <= 0 {
        return None;
    }
    let parts = parts(portfolio);
    let mut from = 0;
    let class = |number: usize| if number + 1 == parts.len() { "part-cash".into() } else { format!("part-{number}") };
    let bars = parts.iter().zip(0..).map(|((_, value), number)| {
        let start = from * WIDTH / total.cents();
        from += value.cents();
        let end = from * WIDTH / total.cents();
        let width = (end - start - GAP).max(1).to_string();
        view! { <rect class=class(number) x=start.to_string() y="0" width=width height="12"></rect> }
    });
    let bars = bars.collect_view();
    let named = |(name, value): &(String, Money)| format!("{name} {}", share(*value, total));
    let list = parts.iter().map(named).collect::<Vec<_>>().join(tr!(", ", "; "));
    let words = tr!(format!("Allocation: {list}."), format!("Aufteilung: {list}."));
    let legend = parts.iter().zip(0..).map(|((name, value), number)| {
        view! {
            <li>
                <svg viewBox="0 0 12 12" width="12" height="12"><rect class=class(number) width="12" height="12"></rect></svg>
                {name.clone()}" "<span class="muted">{share(*value, total)}</span>
            </li>
        }
    });
    let bar = view! {
        <div class="card-part allocation">
            <svg viewBox=format!("0 0 {WIDTH} 12") preserveAspectRatio="none" role="img" aria-label=words>{bars}</svg>
            <ul aria-hidden="true">{legend.collect_view()}</ul>
        </div>
    };
    Some(bar.into_any())
}

/// The largest positions by name, the others together, and cash.
fn parts(portfolio: &Portfolio) -> Vec<(String, Money)> {
    let mut holdings: Vec<_> = portfolio.holdings.iter().map(|one| (one.symbol.to_string(), one.value)).collect();
    holdings.sort_by_key(|(_, value)| std::cmp::Reverse(*value));
    let rest = holdings.split_off(holdings.len().min(PARTS));
    let rest = rest.iter().fold(0_i64, |sum, (_, value)| sum.saturating_add(value.cents()));
    let rest =
        Money::from_cents(rest).filter(|rest| rest.cents() > 0).map(|rest| (tr!("Others", "Andere").to_owned(), rest));
    holdings.into_iter().chain(rest).chain([(tr!("Cash", "Guthaben").to_owned(), portfolio.cash_balance)]).collect()
}

/// `23.4 %`
fn share(part: Money, whole: Money) -> String {
    let thousandths = (part.cents().max(0) * 2_000 / whole.cents().max(1) + 1) / 2;
    lang::current().decimal(&format!("{}.{} %", thousandths / 10, thousandths % 10))
}
