//! Manual orders: the form, the review before an order is placed, and the page for someone who returns to the review
//! afterwards.

use broker::page::{Review, StockPage};
use leptos::prelude::*;
use shared::{
    broker::{Order, Status},
    money::Side,
};

use super::orders;
use crate::ui::{Fact, Tone, csrf_field, escaped, facts, money::usd, note, time};

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
                <h2 id="trade">{format!("Trade {symbol}")}</h2>
                <p class="muted">"Log in to buy and sell with simulated money. Opening an account takes a minute."</p>
                <a class="button primary wide" href=format!("/auth/login?returnTo=%2Fstocks%2F{symbol}")>"Log in"</a>
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
                <h2 id="trade">{format!("Trade {symbol}")}</h2>
                {page.wrong.clone().map(|wrong| view! { <div id="wrong">{note(Tone::Bad, wrong)}</div> })}
                <fieldset>
                    <legend class="visually-hidden">"Side"</legend>
                    <div class="choice sides">
                        <label class="buy"><input type="radio" name="side" value="BUY" checked=!selling />"Buy"</label>
                        <label class="sell"><input type="radio" name="side" value="SELL" checked=selling />"Sell"</label>
                    </div>
                </fieldset>
                <div class="field">
                    <label for="quantity">"Quantity"</label>
                    <div class="suffixed">
                        <input
                            class="input" id="quantity" name="quantity" value=quantity inputmode="numeric" pattern="[0-9]*"
                            autocomplete="off" required autofocus=page.wrong.is_some() aria-invalid=invalid aria-describedby=described
                        />
                        <span class="suffix" aria-hidden="true">"shares"</span>
                    </div>
                </div>
                <div class="field">
                    <label for="price">"Limit a share "<span class="faint">"(optional)"</span></label>
                    <div class="suffixed">
                        <input
                            class="input" id="price" name="price" value=limit inputmode="decimal" autocomplete="off"
                            placeholder="2 % from the price" aria-describedby="price-hint"
                        />
                        <span class="suffix" aria-hidden="true">"USD"</span>
                    </div>
                    <p class="hint" id="price-hint">"The worst price that you accept."</p>
                </div>
                {facts([
                    Fact::new("Price", view! { <span><span data-price=symbol.clone()>{page.stock.price.grouped()}</span>" USD"</span> }.into_any()),
                    Fact::new("Buying power", usd(cash)),
                    Fact::new("You hold", format!("{} shares", page.shares)),
                ])}
                <button class="button primary">"Review order"</button>
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

/// For someone who goes back to a review whose order is placed: its outcome, and no button that places it again.
fn placed(page: &StockPage, order: &Order) -> AnyView {
    let title = format!("{} {} {}", order.side.word(), order.quantity, order.symbol);
    let when = time::parse(&order.created_at).map(|at| Fact::new("Placed", time::ago_view(page.now, at)));
    let price = match order.status {
        Status::Filled => [
            Some(Fact::new("Price", view! { {usd(order.price)}" "<span class="muted">"a share"</span> }.into_any())),
            Some(Fact::new("In all", usd(order.price.times(order.quantity))).strong()),
        ],
        _ => [
            order.limit.map(|limit| Fact::new("Limit", usd(limit))),
            order.reason.clone().map(|why| Fact::new("Why", why)),
        ],
    };
    view! {
        <section class="card" aria-labelledby="placed">
            <div class="card-part">
                <p class="label" role="status">"You have placed this order already"</p>
                <div class="row"><h2 id="placed" class="review-title">{title}</h2>{orders::status(order.status)}</div>
            </div>
            <div class="card-part">{facts(when.into_iter().chain(price.into_iter().flatten()))}</div>
            <div class="card-part stack">
                <a class="button primary decide wide" href=format!("/orders#{}", order.id)>"See your orders"</a>
                <a class="button wide" href=change(page)>"Prepare another one"</a>
                <p class="good-for">"Coming back here placed nothing more."</p>
            </div>
        </section>
    }
    .into_any()
}

fn review(page: &StockPage, review: &Review) -> AnyView {
    let symbol = page.stock.symbol.to_string();
    let (estimate, bound) = match review.side {
        Side::Buy => ("Estimated cost", "At most"),
        Side::Sell => ("Estimated proceeds", "At least"),
    };
    let change = change(page);
    let place = match review.blocked.clone() {
        Some(why) => view! {
            {note(Tone::Bad, why)}
            <a class="button primary decide wide" href=change>"Change the order"</a>
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
                <button class="button primary decide wide">"Place order"</button>
            </form>
            <a class="button wide" href=change>"Change"</a>
        }
        .into_any(),
    };
    view! {
        <section class="card" aria-labelledby="review">
            <div class="card-part">
                <p class="label">"Review your order"</p>
                <h2 id="review" class="review-title">{format!("{} {} {symbol}", review.side.word(), review.quantity)}</h2>
            </div>
            <div class="card-part">
                {facts([
                    Fact::new("Price now", view! { <span><span data-price=symbol.clone()>{page.stock.price.grouped()}</span>" USD"</span> }.into_any()),
                    Fact::new("Limit", view! { {usd(review.limit.money())}" "<span class="muted">"a share"</span> }.into_any()),
                    Fact::new(estimate, view! {
                        <span data-worth=symbol.clone() data-shares=review.quantity.to_string()>{usd(review.estimate)}</span>
                    }.into_any()),
                    Fact::new(bound, usd(review.bound)).strong(),
                ])}
            </div>
            <div class="card-part stack">
                {place}
                <p class="good-for">"Filled at the market’s price within your limit, or not at all."</p>
            </div>
        </section>
    }
    .into_any()
}
