//! Manual orders: the form, the review before an order is placed, and the page for someone who returns to the review
//! afterwards.

use broker::page::{Review, StockPage};
use foundation::{lang, tr};
use leptos::prelude::*;
use shared::{
    broker::{Order, Status},
    money::Side,
};

use crate::ui::{
    Fact, Tone, csrf_field, escaped, facts,
    money::{amount, usd},
    note, order, time,
};

/// The card beside a stock: a login for a visitor, the form, or the review.
pub(super) fn card(page: &StockPage) -> AnyView {
    let Some(cash) = page.cash else { return visitor(page) };
    match (&page.placed, &page.review) {
        (Some(order), _) => placed(page, order),
        (None, Some(review)) => self::review(page, review),
        (None, None) => form(page, cash),
    }
}

fn visitor(page: &StockPage) -> AnyView {
    let symbol = page.stock.symbol.to_string();
    view! {
        <section class="card" aria-labelledby="trade">
            <div class="card-part stack">
                <h2 id="trade">{tr!(format!("Trade {symbol}"), format!("{symbol} handeln"))}</h2>
                <p class="muted">{tr!("Log in to buy and sell with simulated money. Opening an account takes a minute.", "Melde dich an, um mit Spielgeld zu kaufen und zu verkaufen. Ein Konto ist in einer Minute eröffnet.")}</p>
                <a class="button primary wide" href=format!("/auth/login?returnTo=%2Fstocks%2F{symbol}")>{tr!("Log in", "Anmelden")}</a>
            </div>
        </section>
    }
    .into_any()
}

fn form(page: &StockPage, cash: shared::money::Money) -> AnyView {
    let symbol = page.stock.symbol.to_string();
    let (side, quantity, limit) = page.typed.clone();
    let selling = side == Side::Sell.as_str();
    let invalid = page.wrong.as_ref().map(|_| "true");
    let described = page.wrong.as_ref().map(|_| "wrong");
    view! {
        <section class="card" aria-labelledby="trade">
            <form class="card-part form" method="get" action=format!("/stocks/{symbol}") data-trade=symbol.clone()>
                <input type="hidden" name="review" value=page.key.clone() />
                <h2 id="trade">{tr!(format!("Trade {symbol}"), format!("{symbol} handeln"))}</h2>
                {page.wrong.clone().map(|wrong| view! { <div id="wrong">{note(Tone::Bad, wrong)}</div> })}
                <fieldset>
                    <legend class="visually-hidden">{tr!("Side", "Richtung")}</legend>
                    <div class="choice sides">
                        <label class="buy"><input type="radio" name="side" value="BUY" checked=!selling />{tr!("Buy", "Kaufen")}</label>
                        <label class="sell"><input type="radio" name="side" value="SELL" checked=selling />{tr!("Sell", "Verkaufen")}</label>
                    </div>
                </fieldset>
                <div class="field">
                    <label for="quantity">{tr!("Quantity", "Anzahl")}</label>
                    <div class="suffixed">
                        <input
                            class="input" id="quantity" name="quantity" value=quantity inputmode="numeric" pattern="[0-9]*"
                            autocomplete="off" required autofocus=page.wrong.is_some() aria-invalid=invalid aria-describedby=described
                        />
                        <span class="suffix" aria-hidden="true">{tr!("shares", "Stück")}</span>
                    </div>
                </div>
                <div class="field">
                    <label for="price">{tr!("Limit a share ", "Limit je Stück ")}<span class="faint">{tr!("(optional)", "(wenn du willst)")}</span></label>
                    <div class="suffixed">
                        <input
                            class="input" id="price" name="price" value=limit inputmode="decimal" autocomplete="off"
                            placeholder=tr!("2 % from the price", "2 % vom Preis") aria-describedby="price-hint"
                        />
                        <span class="suffix" aria-hidden="true">"USD"</span>
                    </div>
                    <p class="hint" id="price-hint">{tr!("The worst price that you accept.", "Der schlechteste Preis, den du annimmst.")}</p>
                </div>
                {facts([
                    Fact::new(tr!("Price", "Preis"), view! { <span><span data-price=symbol.clone()>{amount(page.stock.price)}</span>" USD"</span> }.into_any()),
                    Fact::new(tr!("Buying power", "Kaufkraft"), usd(cash)),
                    Fact::new(tr!("You hold", "Du hast"), lang::count(page.shares, tr!("share", "Aktie"), tr!("shares", "Aktien"))),
                ])}
                <button class="button primary">{tr!("Review order", "Auftrag prüfen")}</button>
            </form>
        </section>
    }
    .into_any()
}

/// The address of the form with the same input.
fn change(page: &StockPage) -> String {
    let (side, quantity, limit) = &page.typed;
    let [side, quantity, limit] = [side, quantity, limit].map(|text| escaped(text));
    format!("/stocks/{}?side={side}&quantity={quantity}&price={limit}&edit=1", page.stock.symbol)
}

/// The card for going back to a review whose order is placed: its outcome, and no button to place it again.
fn placed(page: &StockPage, order: &Order) -> AnyView {
    let title = order::title(order.side, order.quantity, &order.symbol);
    let when =
        time::parse(&order.created_at).map(|at| Fact::new(tr!("Placed", "Aufgegeben"), time::ago_view(page.now, at)));
    let price = match order.status {
        Status::Filled => [
            Some(Fact::new(
                tr!("Price", "Preis"),
                view! { {usd(order.price)}" "<span class="muted">{tr!("a share", "je Stück")}</span> }.into_any(),
            )),
            Some(Fact::new(tr!("In all", "Insgesamt"), usd(order.price.times(order.quantity))).strong()),
        ],
        _ => [
            order.limit.map(|limit| Fact::new("Limit", usd(limit))),
            order.why(lang::current()).map(|why| Fact::new(tr!("Why", "Warum"), why)),
        ],
    };
    view! {
        <section class="card" aria-labelledby="placed">
            <div class="card-part">
                <p class="label" role="status">{tr!("You have placed this order already", "Diesen Auftrag hast du schon aufgegeben")}</p>
                <div class="row"><h2 id="placed" class="review-title">{title}</h2>{order::state(order.status)}</div>
            </div>
            <div class="card-part">{facts(when.into_iter().chain(price.into_iter().flatten()))}</div>
            <div class="card-part stack">
                <a class="button primary decide wide" href=format!("/orders#{}", order.id)>{tr!("See your orders", "Zu deinen Aufträgen")}</a>
                <a class="button wide" href=change(page)>{tr!("Prepare another one", "Noch einen vorbereiten")}</a>
                <p class="good-for">{tr!("Coming back here placed no other order.", "Deine Rückkehr hierher hat keinen weiteren Auftrag aufgegeben.")}</p>
            </div>
        </section>
    }
    .into_any()
}

fn review(page: &StockPage, review: &Review) -> AnyView {
    let symbol = page.stock.symbol.to_string();
    let (estimate, bound) = match review.side {
        Side::Buy => (tr!("Estimated cost", "Kosten etwa"), tr!("At most", "Höchstens")),
        Side::Sell => (tr!("Estimated proceeds", "Erlös etwa"), tr!("At least", "Mindestens")),
    };
    let change = change(page);
    let place = match review.blocked.clone() {
        Some(why) => view! {
            {note(Tone::Bad, why)}
            <a class="button primary decide wide" href=change>{tr!("Change the order", "Auftrag ändern")}</a>
        }
        .into_any(),
        None => view! {
            <form method="post" action="/orders">
                {csrf_field(&page.frame.csrf_token)}
                <input type="hidden" name="key" value=review.key.clone() />
                <input type="hidden" name="symbol" value=symbol.clone() />
                <input type="hidden" name="side" value=review.side.as_str() />
                <input type="hidden" name="quantity" value=review.quantity.to_string() />
                <input type="hidden" name="price" value=review.limit.to_string() />
                <button class="button primary decide wide">{tr!("Place order", "Auftrag aufgeben")}</button>
            </form>
            <a class="button wide" href=change>{tr!("Change", "Ändern")}</a>
        }
        .into_any(),
    };
    view! {
        <section class="card" aria-labelledby="review">
            <div class="card-part">
                <p class="label">{tr!("Review your order", "Prüfe deinen Auftrag")}</p>
                <h2 id="review" class="review-title">{order::title(review.side, review.quantity, &symbol)}</h2>
            </div>
            <div class="card-part">
                {facts([
                    Fact::new(tr!("Price now", "Preis jetzt"), view! { <span><span data-price=symbol.clone()>{amount(page.stock.price)}</span>" USD"</span> }.into_any()),
                    Fact::new("Limit", view! { {usd(review.limit.money())}" "<span class="muted">{tr!("a share", "je Stück")}</span> }.into_any()),
                    Fact::new(estimate, view! {
                        <span data-worth=symbol.clone() data-shares=review.quantity.to_string()>{usd(review.estimate)}</span>
                    }.into_any()),
                    Fact::new(bound, usd(review.bound)).strong(),
                ])}
            </div>
            <div class="card-part stack">
                {place}
                <p class="good-for">{tr!("Filled at the market’s price within your limit, or not at all.", "Zum Preis der Börse innerhalb deines Limits ausgeführt, oder gar nicht.")}</p>
            </div>
        </section>
    }
    .into_any()
}
