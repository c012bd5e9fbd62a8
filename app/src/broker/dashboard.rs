//! `/`: a person's portfolio, or the market and how to open an account for a visitor.

use broker::page::Dashboard;
use foundation::tr;
use leptos::prelude::*;
use shared::{
    broker::{Holding, Order, Portfolio, Stock},
    money::Money,
};

use super::{
    frame::{Way, document, head},
    orders,
};
use crate::{
    shell,
    ui::{
        Glyph,
        chart::{self, chart},
        icon,
        money::{amount, direction, percent},
        time,
    },
};

pub(crate) fn page(page: &Dashboard) -> String {
    let title = if page.portfolio.is_some() {
        tr!("Portfolio", "Depot")
    } else {
        tr!("Simulated trading", "Handel mit Spielgeld")
    };
    shell::html(&head(title), || {
        let content = match &page.portfolio {
            Some(portfolio) => mine(page, portfolio),
            None => landing(page),
        };
        document(&page.frame, Way::Portfolio, content)
    })
}

/// The page for a visitor.
fn landing(page: &Dashboard) -> AnyView {
    view! {
        <div class="page wide landing">
            <div class="landing-words">
                <h1>{tr!("Trade with money that isn’t real", "Handeln, aber mit Spielgeld")}</h1>
                <p class="muted">
                    {tr!(
                        "StockTrade is a small brokerage to try things on. Every account begins with 10,000.00 USD of simulated \
                         money, and prices move by themselves. By hand or through an agent: every order says who placed it.",
                        "StockTrade ist ein kleiner Broker zum Ausprobieren. Jedes Konto beginnt mit 10.000,00 USD Spielgeld, \
                         und die Preise bewegen sich von selbst. Von Hand oder durch einen Agenten: Jeder Auftrag sagt, wer ihn \
                         aufgegeben hat."
                    )}
                </p>
                <div class="row">
                    <a class="button primary decide" href="/auth/login?returnTo=%2F&screen_hint=signup">{tr!("Open an account", "Konto eröffnen")}</a>
                    <a class="button decide" href="/auth/login?returnTo=%2F">{tr!("Log in", "Anmelden")}</a>
                </div>
            </div>
            {market(&page.stocks)}
        </div>
    }
    .into_any()
}

/// The page for a logged-in person.
fn mine(page: &Dashboard, portfolio: &Portfolio) -> AnyView {
    view! {
        <h1 class="visually-hidden">{tr!("Portfolio", "Depot")}</h1>
        <div class="page wide columns">
            <div class="column">
                {total(page, portfolio)}
                {positions(portfolio)}
                {recent(&page.orders, page.now)}
            </div>
            <div class="column">{market(&page.stocks)}</div>
        </div>
    }
    .into_any()
}

fn total(page: &Dashboard, portfolio: &Portfolio) -> AnyView {
    let start = page.history.first().map_or(portfolio.total_value, |point| point.value);
    let since = page.history.first().and_then(|point| time::parse(&point.at));
    let (class, mark, word) = direction(start, portfolio.total_value);
    let size = Money::from_cents((portfolio.total_value.cents() - start.cents()).abs()).unwrap_or_default();
    view! {
        <section class="card" aria-labelledby="total">
            <div class="card-part">
                <h2 id="total" class="label">{tr!("Total value", "Gesamtwert")}</h2>
                <p class="total">
                    <span data-total="" data-cash=portfolio.cash_balance.to_string()>{amount(portfolio.total_value)}</span>
                    <span class="currency">"USD"</span>
                </p>
                {since.map(|at| view! { <p class=format!("{class} gain") data-gain="" data-from=start.to_string()>
                    <span class="mark" aria-hidden="true">{mark}</span>
                    <span class="visually-hidden" data-word="">{format!("{word} ")}</span>
                    <span data-amount="">{amount(size)}</span>
                    " ("<span data-percent="">{percent(start, portfolio.total_value)}</span>") "
                    <span class="muted">{tr!("compared with ", "verglichen mit ")}{time::ago_view(page.now, at)}</span>
                </p> })}
                {chart(tr!("Total value", "Gesamtwert"), &chart::line(&page.history), None)}
            </div>
        </section>
    }
    .into_any()
}

fn positions(portfolio: &Portfolio) -> AnyView {
    let content = if portfolio.holdings.is_empty() {
        view! {
            <div class="empty">
                {icon(Glyph::Trend)}
                <p><strong>{tr!("No shares yet", "Noch keine Aktien")}</strong></p>
                <p>{tr!("Choose a stock and buy your first ones, or ask your agent to.", "Wähle eine Aktie und kaufe deine ersten, oder bitte deinen Agenten darum.")}</p>
                <a class="button" href="#market">{tr!("See the market", "Zum Markt")}</a>
            </div>
        }
        .into_any()
    } else {
        let rows: Vec<_> = portfolio.holdings.iter().map(position).collect();
        view! {
            <table class="table">
                <caption class="visually-hidden">{tr!("Positions, prices in USD", "Positionen, Preise in USD")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{tr!("Stock", "Aktie")}</th>
                        <th scope="col" class="number">{tr!("Shares", "Stück")}</th>
                        <th scope="col" class="number wide-only">{tr!("Average", "Schnitt")}</th>
                        <th scope="col" class="number wide-only">{tr!("Price", "Preis")}</th>
                        <th scope="col" class="number">{tr!("Value", "Wert")}</th>
                        <th scope="col" class="number">{tr!("Gain", "Gewinn")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <section class="card tables" aria-labelledby="positions">
            <div class="card-head">
                <h2 id="positions">{tr!("Positions", "Positionen")}</h2>
                <span class="small muted">{tr!("Cash ", "Guthaben ")}{amount(portfolio.cash_balance)}" USD"</span>
            </div>
            {content}
        </section>
    }
    .into_any()
}

fn position(holding: &Holding) -> AnyView {
    let symbol = holding.symbol.to_string();
    let average = Money::from_cents(holding.cost.cents() / i64::from(holding.shares.max(1))).unwrap_or_default();
    view! {
        <tr data-holding=symbol.clone() data-shares=holding.shares.to_string() data-cost=holding.cost.to_string()>
            <th scope="row">
                <a class="cell-title" href=format!("/stocks/{symbol}")>{symbol.clone()}</a>
                <span class="cell-more">{holding.name.clone()}</span>
            </th>
            <td class="number">{holding.shares.to_string()}</td>
            <td class="number wide-only">{amount(average)}</td>
            <td class="number wide-only" data-price=symbol.clone()>{amount(holding.price)}</td>
            <td class="number" data-value="">{amount(holding.value)}</td>
            <td class="number" data-gain="" data-from=holding.cost.to_string()>
                {change_cell(holding.cost, holding.value)}
            </td>
        </tr>
    }
    .into_any()
}

/// A gain: the amount, with the percentage below it.
fn change_cell(from: Money, to: Money) -> AnyView {
    let (class, mark, word) = direction(from, to);
    let size = Money::from_cents((to.cents() - from.cents()).abs()).unwrap_or_default();
    view! {
        <span class=class data-delta="">
            <span class="mark" aria-hidden="true">{mark}</span>
            <span class="visually-hidden" data-word="">{format!("{word} ")}</span>
            <span data-amount="">{amount(size)}</span>
        </span>
        <span class="cell-more" data-percent="">{percent(from, to)}</span>
    }
    .into_any()
}

fn recent(orders: &[Order], now: i64) -> AnyView {
    if orders.is_empty() {
        return view! {
            <section class="card" aria-labelledby="recent">
                <div class="card-head"><h2 id="recent">{tr!("Recent orders", "Letzte Aufträge")}</h2></div>
                <p class="card-part muted">{tr!("Your orders appear here, each with who placed it.", "Hier stehen deine Aufträge, und wer sie aufgegeben hat.")}</p>
            </section>
        }
        .into_any();
    }
    view! {
        <section class="card" aria-labelledby="recent">
            <div class="card-head">
                <h2 id="recent">{tr!("Recent orders", "Letzte Aufträge")}</h2>
                <a class="small target" href="/orders">{tr!("All orders", "Alle Aufträge")}</a>
            </div>
            {orders::list(&orders[..orders.len().min(5)], now)}
        </section>
    }
    .into_any()
}

/// All stocks with their live prices.
fn market(stocks: &[Stock]) -> AnyView {
    let rows: Vec<_> = stocks.iter().map(stock).collect();
    view! {
        <section class="card tables" aria-labelledby="market" id="market-card">
            <div class="card-head">
                <h2 id="market">{tr!("Market", "Markt")}</h2>
                <span class="small muted">{tr!("Prices in USD", "Preise in USD")}</span>
            </div>
            <table class="table">
                <caption class="visually-hidden">{tr!("All stocks with their price and today’s change", "Alle Aktien mit Preis und Veränderung von heute")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{tr!("Stock", "Aktie")}</th>
                        <th scope="col" class="number">{tr!("Price", "Preis")}</th>
                        <th scope="col" class="number">{tr!("Today", "Heute")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn stock(stock: &Stock) -> AnyView {
    let symbol = stock.symbol.to_string();
    view! {
        <tr>
            <th scope="row">
                <a class="cell-title" href=format!("/stocks/{symbol}")>{symbol.clone()}</a>
                <span class="cell-more">{stock.name.clone()}</span>
            </th>
            <td class="number" data-price=symbol.clone()>{amount(stock.price)}</td>
            <td class="number" data-today=symbol data-from=stock.open.to_string()>{today(stock.open, stock.price)}</td>
        </tr>
    }
    .into_any()
}

/// The change since the start of the day, in percent.
pub(super) fn today(open: Money, price: Money) -> AnyView {
    let (class, mark, word) = direction(open, price);
    view! {
        <span class=class data-delta="">
            <span class="mark" aria-hidden="true">{mark}</span>
            <span class="visually-hidden" data-word="">{format!("{word} ")}</span>
            <span data-percent="">{percent(open, price)}</span>
        </span>
    }
    .into_any()
}
