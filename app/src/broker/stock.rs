//! `/stocks/{symbol}`: the price and its chart, the person's holding, and the form for manual orders.

use broker::page::StockPage;
use foundation::tr;
use leptos::prelude::*;
use shared::money::Quantity;

use super::{
    dashboard::today,
    frame::{Way, document, head},
    trade,
};
use crate::{
    shell,
    ui::{
        Fact, Glyph,
        chart::{self, chart},
        facts, icon,
        money::{amount, usd},
        order,
    },
};

pub(crate) fn page(page: &StockPage) -> String {
    let symbol = page.stock.symbol.to_string();
    let title = match (&page.review, &page.placed) {
        (Some(review), _) => {
            format!("{}: {}", tr!("Review", "Prüfen"), order::title(review.side, review.quantity, &symbol))
        }
        (None, Some(order)) => {
            let title = order::title(order.side, order.quantity, &symbol);
            format!("{}: {title}", tr!("Placed already", "Schon aufgegeben"))
        }
        (None, None) => format!("{symbol} {}", amount(page.stock.price)),
    };
    shell::html(&head(&title), || document(&page.frame, Way::None, content(page)))
}

fn content(page: &StockPage) -> AnyView {
    let stock = &page.stock;
    let symbol = stock.symbol.to_string();
    // On a phone, an order in progress comes above the chart.
    let trades = page.review.is_some() || page.placed.is_some() || page.wrong.is_some() || !page.typed.1.is_empty();
    view! {
        <div class="page wide">
            <a class="way-back" href="/#market">{icon(Glyph::Back)}{tr!("Market", "Markt")}</a>
            <div class=if trades { "columns reviewing" } else { "columns" }>
                <div class="column">
                    <section class="card" aria-labelledby="stock">
                        <div class="card-part">
                            <h1 id="stock" class="stock-name">{symbol.clone()}" "<span class="muted">{stock.name.clone()}</span></h1>
                            <p class="total">
                                <span data-price=symbol.clone()>{amount(stock.price)}</span>
                                <span class="currency">"USD"</span>
                            </p>
                            <p class="gain">
                                <span data-today=symbol.clone() data-from=stock.open.to_string()>{today(stock.open, stock.price)}</span>
                                " "<span class="muted">{tr!("today", "heute")}</span>
                            </p>
                            {chart(tr!("Price", "Preis"), &chart::line(&page.history), Some(stock.open))}
                        </div>
                    </section>
                    {held(page)}
                    {about(page)}
                </div>
                <div class="column">{trade::card(page)}</div>
            </div>
        </div>
    }
    .into_any()
}

/// The person's holding in this stock.
fn held(page: &StockPage) -> Option<AnyView> {
    let cash = page.cash?;
    let symbol = page.stock.symbol.to_string();
    let worth = match Quantity::new(page.shares) {
        Ok(shares) => usd(page.stock.price.times(shares)),
        Err(_) => usd(shared::money::Money::default()),
    };
    Some(
        view! {
            <section class="card later" aria-labelledby="held">
                <div class="card-head"><h2 id="held">{tr!("What you have", "Was du hast")}</h2></div>
                <div class="card-part">
                    {facts([
                        Fact::new(tr!("Shares", "Stück"), page.shares.to_string()),
                        Fact::new(tr!("Worth now", "Wert jetzt"), view! {
                            <span data-worth=symbol data-shares=page.shares.to_string()>{worth}</span>
                        }.into_any()),
                        Fact::new(tr!("Cash", "Guthaben"), usd(cash)),
                    ])}
                </div>
            </section>
        }
        .into_any(),
    )
}

/// A description of the company.
fn about(page: &StockPage) -> Option<AnyView> {
    let stock = &page.stock;
    (!stock.about.is_empty()).then(|| {
        view! {
            <section class="card later" aria-labelledby="about">
                <div class="card-head">
                    <h2 id="about">{tr!(format!("About {}", stock.name), format!("Über {}", stock.name))}</h2>
                    {(!stock.sector.is_empty()).then(|| view! { <span class="small muted">{stock.sector.clone()}</span> })}
                </div>
                <p class="card-part">{stock.about.clone()}</p>
            </section>
        }
        .into_any()
    })
}
