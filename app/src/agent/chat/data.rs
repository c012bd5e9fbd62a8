//! Renders a tool's result as a card, from typed data, so the card is the same each time.

mod heading;
mod orders;
mod portfolio;
mod quote;
mod ranges;

use foundation::tr;
use leptos::prelude::*;
use shared::{broker::Stock, chat::View};

use crate::ui::{money, usd};

/// The figures of a quote, which replace the summary in the call's line.
pub(super) fn line(view: &View) -> Option<AnyView> {
    let (View::Quote { stock, .. } | View::Prices { stock, .. }) = view else { return None };
    let change = money::change_percent(stock.open, stock.price);
    Some(view! { {stock.symbol.to_string()}" · "{usd(stock.price)}" "{change} }.into_any())
}

/// The part below the line of this call.
pub(super) fn below(view: &View, call: &str, now: i64) -> Option<AnyView> {
    match view {
        View::Quote { stock, day } => quote::quote(stock, day, now),
        View::Stocks { stocks } if stocks.is_empty() => None,
        View::Stocks { stocks } => Some(stocks_table(stocks)),
        View::Prices { stock, asked, ranges } => ranges::prices(stock, *asked, ranges, call),
        View::Portfolio { portfolio, month } => Some(portfolio::portfolio(portfolio, month)),
        View::Values { asked, ranges } => ranges::values(*asked, ranges, call),
        View::Orders { orders } => orders::orders(orders, now),
        View::Table { columns, rows, more } => Some(table(columns, rows, *more)),
    }
}

/// The list that a configured tool got from its API.
fn table(columns: &[String], rows: &[Vec<String>], more: usize) -> AnyView {
    let heads = columns.iter().map(|name| view! { <th scope="col">{name.clone()}</th> });
    let rows = rows.iter().map(|row| {
        let cells = row.iter().map(|cell| view! { <td dir="auto">{cell.clone()}</td> });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    let more = (more > 0).then(
        || view! { <p class="muted small">{tr!(format!("And {more} more."), format!("Und {more} weitere."))}</p> },
    );
    view! {
        <div class="card data">
            <div class="table-scroll" role="group" aria-label=tr!("Results", "Ergebnisse") tabindex="0">
                <table class="table">
                    <thead><tr>{heads.collect_view()}</tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
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
                <td class="number">{money::amount(stock.price)}</td>
                <td class="number">{money::change_percent(stock.open, stock.price)}</td>
            </tr>
        }
    });
    view! {
        <div class="card data">
            <table class="table">
                <caption class="visually-hidden">{tr!("Stocks", "Aktien")}</caption>
                <thead><tr><th scope="col">{tr!("Stock", "Aktie")}</th><th scope="col" class="number">{tr!("Price, USD", "Preis, USD")}</th><th scope="col" class="number">{tr!("Today", "Heute")}</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::shell::fragment;

    const NOW: i64 = 1_795_507_200_000;

    fn stock() -> Value {
        json!({
            "symbol": "WAYNE", "name": "Wayne <b>Enterprises</b>", "price": "103.42", "open": "100.00",
            "updatedAt": "2026-11-24T08:00:00.000Z",
        })
    }

    fn points() -> Value {
        json!([[NOW - 7_200_000, "100.00"], [NOW - 3_600_000, "99.00"], [NOW, "103.00"]])
    }

    fn shown(view: Value) -> Option<String> {
        let view: View = serde_json::from_value(view).expect("a view as it is stored");
        below(&view, "call_1", NOW).map(fragment)
    }

    #[test]
    fn quote_shows_its_day_as_line_range_and_table() {
        let html = shown(json!({ "quote": { "stock": stock(), "day": points() } })).expect("a card");
        assert!(html.contains("aria-label=\"Price of WAYNE\""), "{html}");
        assert!(html.contains("Price of WAYNE, last 24 hours, from 100.00 USD on"), "{html}");
        // The current price is the highest, since the line ends before it.
        assert!(html.contains("Lowest </span>99.00<") && html.contains("Highest </span>103.42<"), "{html}");
        assert!(html.contains("M1000 5h.01"), "{html}");
        assert_eq!(html.matches("<tr>").count(), 4, "{html}");
        assert!(html.contains("Wayne &lt;b&gt;") && !html.contains(" style="), "{html}");
    }

    #[test]
    fn prices_show_the_range_that_was_asked_for() {
        let ranges = json!([["day", points()], ["week", points()], ["month", []], ["year", points()]]);
        let html = shown(json!({ "prices": { "stock": stock(), "asked": "week", "ranges": ranges } })).expect("a card");
        assert_eq!(html.matches("name=\"range-call_1\"").count(), 4, "{html}");
        let checked: Vec<_> = html.split("<input").skip(1).filter(|input| input.contains("checked")).collect();
        assert!(checked.len() == 1 && checked[0].contains("value=\"week\""), "{html}");
        assert!(html.contains("Price of WAYNE, last year, from") && html.contains("in the last week"), "{html}");
        assert!(html.contains("The chart begins with the next price."), "{html}");
        // Each chart has its table.
        assert_eq!(html.matches("As a table").count(), 3, "{html}");
        let values = shown(json!({ "values": { "asked": "hour", "ranges": [["day", points()]] } })).expect("a card");
        assert!(values.contains("Total value of your account, last day"), "{values}");
        assert_eq!(shown(json!({ "values": { "asked": "day", "ranges": [] } })), None);
    }

    #[test]
    fn portfolio_shows_parts_that_add_up() {
        let holding = |symbol: &str, value: &str| json!({ "symbol": symbol, "name": symbol, "shares": 1, "price": value, "cost": value, "value": value });
        let symbols = ["ACME", "CYBER", "HOOLI", "LEX", "OSC", "STARK", "WAYNE"];
        let holdings: Vec<_> =
            symbols.iter().zip(1..).map(|(symbol, n)| holding(symbol, &format!("{n}0.00"))).collect();
        let portfolio = json!({ "cashBalance": "720.00", "totalValue": "1000.00", "holdings": holdings });
        let html = shown(json!({ "portfolio": { "portfolio": portfolio, "month": points() } })).expect("a card");
        let words =
            "Allocation: WAYNE 7.0 %, STARK 6.0 %, OSC 5.0 %, LEX 4.0 %, HOOLI 3.0 %, Others 3.0 %, Cash 72.0 %.";
        assert!(html.contains(words), "{html}");
        assert!(html.contains("720.00<span class=\"cell-more\">72.0 %"), "{html}");
        assert!(
            html.contains("Total value, last month, from 100.00 USD") && html.contains("in the last month"),
            "{html}"
        );
        let empty = json!({ "cashBalance": "0.00", "totalValue": "0.00", "holdings": [] });
        let html = shown(json!({ "portfolio": { "portfolio": empty } })).expect("a card");
        assert!(!html.contains("<svg") && html.contains("No positions yet"), "{html}");
    }

    #[test]
    fn results_of_earlier_versions_are_shown_without_charts() {
        let quote: View = serde_json::from_value(json!({ "quote": { "stock": stock() } })).expect("as it was stored");
        assert!(below(&quote, "c", NOW).is_none());
        assert!(line(&quote).is_some_and(|line| line.to_html().contains("103.42 USD")));
        let portfolio = json!({ "cashBalance": "1.00", "totalValue": "1.00", "holdings": [] });
        let html = shown(json!({ "portfolio": { "portfolio": portfolio } })).expect("a table");
        assert!(html.contains("<table") && !html.contains("over time"), "{html}");
    }
}
