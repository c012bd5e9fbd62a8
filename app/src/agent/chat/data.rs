//! A tool's result as tables.

use leptos::prelude::*;
use shared::{
    broker::{Holding, Order, Portfolio, Status, Stock},
    chat::View,
    money::Money,
};

use crate::ui::{Tone, money, pill, time, usd};

/// The figures of a quote, which replace the summary in the call's line.
pub(super) fn line(view: &View) -> Option<AnyView> {
    let View::Quote { stock } = view else { return None };
    let change = money::change_percent(stock.open, stock.price);
    Some(view! { {stock.symbol.to_string()}" · "{usd(stock.price)}" "{change} }.into_any())
}

/// The part below the call's line.
pub(super) fn below(view: &View, now: i64) -> Option<AnyView> {
    Some(match view {
        View::Quote { .. } => return None,
        View::Stocks { stocks } if stocks.is_empty() => return None,
        View::Stocks { stocks } => stocks_table(stocks),
        View::Portfolio { portfolio } => portfolio_card(portfolio),
        View::Orders { orders } => orders_list(orders, now),
        View::Table { columns, rows, more } => table(columns, rows, *more),
    })
}

/// The list that a configured tool got from its API.
fn table(columns: &[String], rows: &[Vec<String>], more: usize) -> AnyView {
    let heads = columns.iter().map(|name| view! { <th scope="col">{name.clone()}</th> });
    let rows = rows.iter().map(|row| {
        let cells = row.iter().map(|cell| view! { <td dir="auto">{cell.clone()}</td> });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    let more = (more > 0).then(|| view! { <p class="muted small">{format!("And {more} more.")}</p> });
    view! {
        <div class="card data">
            <table class="table">
                <caption class="visually-hidden">"Results"</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            {more}
        </div>
    }
    .into_any()
}

fn stocks_table(stocks: &[Stock]) -> AnyView {
    let rows = stocks.iter().map(|stock| {
        view! {
            <tr>
                <th scope="row"><span class="cell-title">{stock.symbol.to_string()}</span><span class="cell-more">{stock.name.clone()}</span></th>
                <td class="number">{stock.price.grouped()}</td>
                <td class="number">{money::change_percent(stock.open, stock.price)}</td>
            </tr>
        }
    });
    view! {
        <div class="card data">
            <table class="table">
                <caption class="visually-hidden">"Stocks"</caption>
                <thead><tr><th scope="col">"Stock"</th><th scope="col" class="number">"Price, USD"</th><th scope="col" class="number">"Today"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Positions and cash, which add up to the total.
fn portfolio_card(portfolio: &Portfolio) -> AnyView {
    let rows = portfolio.holdings.iter().map(holding);
    let none = portfolio.holdings.is_empty().then_some("No positions yet");
    view! {
        <div class="card data">
            <div class="card-head">
                <div><p class="label">"Total value"</p><p class="data-total">{money::usd_view(portfolio.total_value)}</p></div>
            </div>
            <table class="table">
                <caption class="visually-hidden">"Portfolio"</caption>
                <thead><tr>
                    <th scope="col">"Position"</th>
                    <th scope="col" class="number narrow-drops">"Shares"</th>
                    <th scope="col" class="number narrow-drops">"Average"</th>
                    <th scope="col" class="number narrow-drops">"Price"</th>
                    <th scope="col" class="number">"Value, USD"</th>
                    <th scope="col" class="number">"Gain"</th>
                </tr></thead>
                <tbody>
                    {rows.collect_view()}
                    <tr>
                        <th scope="row"><span class="cell-title">"Cash"</span><span class="cell-more">{none}</span></th>
                        <td class="narrow-drops"></td>
                        <td class="narrow-drops"></td>
                        <td class="narrow-drops"></td>
                        <td class="number">{portfolio.cash_balance.grouped()}</td>
                        <td></td>
                    </tr>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

fn holding(holding: &Holding) -> AnyView {
    let average = match i64::from(holding.shares) {
        0 => Money::default(),
        shares => Money::from_cents((holding.cost.cents() + shares / 2) / shares).unwrap_or_default(),
    };
    let shares = if holding.shares == 1 { "1 share".to_owned() } else { format!("{} shares", holding.shares) };
    view! {
        <tr>
            <th scope="row">
                <span class="cell-title">{holding.symbol.to_string()}</span>
                <span class="cell-more">{holding.name.clone()}</span>
                <span class="cell-more narrow-shows">{shares}</span>
            </th>
            <td class="number narrow-drops">{holding.shares}</td>
            <td class="number narrow-drops">{average.grouped()}</td>
            <td class="number narrow-drops">{holding.price.grouped()}</td>
            <td class="number">{holding.value.grouped()}</td>
            <td class="number">
                {money::change(holding.cost, holding.value)}
                <span class="cell-more">{money::percent(holding.cost, holding.value)}</span>
            </td>
        </tr>
    }
    .into_any()
}

fn orders_list(orders: &[Order], now: i64) -> AnyView {
    if orders.is_empty() {
        return ().into_any();
    }
    let rows = orders.iter().map(|order| order_row(order, now));
    view! { <ul class="card data data-list" aria-label="Orders">{rows.collect_view()}</ul> }.into_any()
}

fn order_row(order: &Order, now: i64) -> AnyView {
    let (tone, word) = match order.status {
        Status::Filled => (Tone::Good, "Filled"),
        Status::Pending => (Tone::Waiting, "At the market"),
        Status::Cancelled => (Tone::Quiet, "Cancelled"),
        Status::Rejected => (Tone::Bad, "Rejected"),
    };
    let title = format!("{} {} {}", order.side.word(), order.quantity, order.symbol);
    let placed_by = &order.placed_by;
    let who = match (&placed_by.name, placed_by.who.as_str()) {
        (_, "you") => "You".to_owned(),
        (Some(name), _) => name.clone(),
        (None, who) => who.to_owned(),
    };
    let who = match &placed_by.asked_by {
        Some(client) => format!("{client} through {who}"),
        None => who,
    };
    let code = placed_by.code.clone().map(|code| view! { ", code "<span class="code-inline">{code}</span> });
    let when = time::parse(&order.created_at).map(|at| view! { " · "{time::ago_view(now, at)} });
    let amount = match order.status {
        Status::Filled => usd(order.price.times(order.quantity)),
        _ => format!("limit {}", usd(order.price)),
    };
    view! {
        <li>
            <div><span class="cell-title">{title}</span><span class="cell-more">{who}{code}{when}</span></div>
            <div class="data-end">{pill(tone, word)}<span class="cell-more">{amount}</span></div>
        </li>
    }
    .into_any()
}
