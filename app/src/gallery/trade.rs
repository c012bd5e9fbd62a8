//! Made-up pages of StockTrade, and their tests.

use broker::page::{Dashboard, Frame, Message, OrdersPage, Review, StockPage};
use shared::{
    broker::{Holding, Order, PlacedBy, Point, Portfolio, Status, Stock},
    money::{Money, Quantity, Side, Symbol},
};

use super::clock::{MINUTE, NOW};
use crate::{
    broker::{dashboard, orders, render, stock},
    ui::time,
};

fn money(text: &str) -> Money {
    text.parse().expect("an amount")
}

fn symbol(text: &str) -> Symbol {
    text.parse().expect("a symbol")
}

fn frame(person: Option<&str>) -> Frame {
    Frame { person: person.map(str::to_owned), host: "localhost:3002".into(), csrf_token: "csrf-token".into() }
}

fn stocks() -> Vec<Stock> {
    [
        ("WAYNE", "Wayne Enterprises", "106.11", "103.42"),
        ("STARK", "Stark Industries", "100.70", "101.20"),
        ("LEX", "LexCorp", "88.14", "88.14"),
        ("OSC", "Oscorp", "1214.03", "1190.00"),
        ("ACME", "Acme Corporation of America", "42.00", "43.11"),
        ("HOOLI", "Hooli", "9.87", "9.80"),
    ]
    .into_iter()
    .map(|(sign, name, price, open)| Stock {
        symbol: symbol(sign),
        name: name.into(),
        price: money(price),
        open: money(open),
        updated_at: time::iso(NOW),
        sector: "Industry".into(),
        about: format!("{name} makes what everybody needs, and some things that nobody asked for."),
    })
    .collect()
}

fn message(person: Option<&str>) -> Message {
    Message {
        frame: frame(person),
        status: 404,
        title: "Not found".into(),
        text: "There is no stock called «WAYNNE». Nothing was changed.".into(),
        back: ("/".into(), "Back to StockTrade".into()),
    }
}

/// A rising or falling wave.
fn history(start: i64, rise: i64) -> Vec<Point> {
    (0..96_i64)
        .map(|step| {
            let wave = [0, 7, 12, 14, 10, 4, -5, -9, -6, 2, 9, 15][usize::try_from(step / 3 % 12).expect("small")];
            Point {
                at: time::iso(NOW - (96 - step) * 5 * MINUTE),
                value: Money::from_cents(start + step * rise + wave * rise * 2).expect("an amount"),
            }
        })
        .collect()
}

fn order(id: &str, side: Side, sign: &str, quantity: u32, price: &str, status: Status, by: PlacedBy) -> Order {
    Order {
        id: id.into(),
        symbol: symbol(sign),
        side,
        quantity: Quantity::new(quantity).expect("a quantity"),
        price: money(price),
        amount: (status == Status::Filled).then(|| money(price).times(Quantity::new(quantity).expect("a quantity"))),
        limit: Some(money(price)),
        status,
        reason: (status == Status::Rejected).then(|| "WAYNE costs 103.42 now, more than the limit of 102.00.".into()),
        placed_by: by,
        cancelled_by: None,
        created_at: time::iso(NOW - 2 * MINUTE),
        updated_at: time::iso(NOW - 2 * MINUTE),
    }
}

fn you() -> PlacedBy {
    PlacedBy { who: "you".into(), name: None, asked_by: None, txn: None, code: None, approved_at: None }
}

fn agent(name: &str) -> PlacedBy {
    PlacedBy {
        who: "agent".into(),
        name: Some(name.into()),
        asked_by: None,
        txn: Some("apr_1".into()),
        code: Some("K7 QD".into()),
        approved_at: Some(time::iso(NOW - 2 * MINUTE)),
    }
}

fn some_orders() -> Vec<Order> {
    let mut unapproved = agent("Workshop agent");
    (unapproved.approved_at, unapproved.code) = (None, None);
    let mut through = agent("Mandate chat");
    through.asked_by = Some("Claude Code".into());
    vec![
        order("ord_1", Side::Buy, "WAYNE", 5, "103.42", Status::Filled, agent("Mandate chat")),
        order("ord_2", Side::Buy, "STARK", 2, "101.20", Status::Filled, you()),
        order("ord_3", Side::Sell, "OSC", 1200, "1300.00", Status::Rejected, through),
        order("ord_4", Side::Sell, "LEX", 1, "88.00", Status::Cancelled, unapproved),
    ]
}

fn portfolio() -> Portfolio {
    let holding = |sign: &str, name: &str, shares, price: &str, cost: &str, value: &str| Holding {
        symbol: symbol(sign),
        name: name.into(),
        shares,
        price: money(price),
        cost: money(cost),
        value: money(value),
    };
    Portfolio {
        cash_balance: money("9280.50"),
        total_value: money("10012.45"),
        holdings: vec![
            holding("WAYNE", "Wayne Enterprises", 5, "106.11", "517.10", "530.55"),
            holding("STARK", "Stark Industries", 2, "100.70", "202.40", "201.40"),
        ],
    }
}

fn stock_page(person: bool, review: Option<Review>, wrong: Option<&str>) -> StockPage {
    StockPage {
        frame: frame(person.then_some("Alice")),
        stock: stocks().remove(0),
        history: history(10_800, -3),
        cash: person.then(|| money("9280.50")),
        shares: 5,
        review,
        placed: None,
        key: "key".into(),
        now: NOW,
        wrong: wrong.map(str::to_owned),
        typed: ("SELL".into(), if wrong.is_some() { "5.5".into() } else { String::new() }, String::new()),
    }
}

fn review(side: Side, blocked: Option<&str>) -> Review {
    Review {
        side,
        quantity: Quantity::new(5).expect("a quantity"),
        limit: "108.23".parse().expect("a limit"),
        estimate: money("530.55"),
        bound: money("541.15"),
        key: "key".into(),
        blocked: blocked.map(str::to_owned),
    }
}

fn board(portfolio: Option<Portfolio>, orders: Vec<Order>, history: Vec<Point>) -> Dashboard {
    let person = portfolio.is_some().then_some("Alice");
    Dashboard { frame: frame(person), portfolio, history, orders, stocks: stocks(), now: NOW }
}

fn all_orders(orders: Vec<Order>, placed: Option<&str>) -> OrdersPage {
    OrdersPage { frame: frame(Some("Alice")), orders, placed: placed.map(str::to_owned), now: NOW }
}

pub(super) fn pages() -> Vec<(String, String)> {
    let fresh = Portfolio { cash_balance: money("10000.00"), total_value: money("10000.00"), holdings: vec![] };
    [
        ("landing", dashboard::page(&board(None, vec![], vec![]))),
        ("portfolio", dashboard::page(&board(Some(portfolio()), some_orders(), history(1_000_000, 13)))),
        ("portfolio-new", dashboard::page(&board(Some(fresh), vec![], vec![]))),
        ("stock", stock::page(&stock_page(true, None, None))),
        ("stock-visitor", stock::page(&stock_page(false, None, None))),
        ("stock-wrong", stock::page(&stock_page(true, None, Some("The quantity is a whole number from 1 to 10,000.")))),
        ("review", stock::page(&stock_page(true, Some(review(Side::Buy, None)), None))),
        (
            "review-placed",
            stock::page(&StockPage { placed: some_orders().into_iter().next(), ..stock_page(true, None, None) }),
        ),
        (
            "review-blocked",
            stock::page(&stock_page(
                true,
                Some(review(Side::Sell, Some("You hold 5 shares of WAYNE, so you can’t sell 50."))),
                None,
            )),
        ),
        ("orders", orders::page(&all_orders(some_orders(), None))),
        ("orders-placed", orders::page(&all_orders(some_orders(), Some("ord_2")))),
        ("orders-rejected", orders::page(&all_orders(some_orders(), Some("ord_3")))),
        ("orders-none", orders::page(&all_orders(vec![], None))),
        ("trade-error", render(&message(Some("Alice")))),
        ("trade-error-visitor", render(&message(None))),
    ]
    .into_iter()
    .map(|(name, html)| (name.to_owned(), html))
    .collect()
}

fn page(name: &str) -> String {
    pages().into_iter().find(|(known, _)| known == name).map(|(_, html)| html).expect("a page")
}

#[test]
fn every_order_says_who_placed_it() {
    let html = page("orders");
    assert!(html.contains("Mandate chat</bdi>, approved by you <time datetime=\"2026-11-24T14:01:10Z\""), "{html}");
    assert!(html.contains("code <span class=\"code-inline\">K7 QD</span>"));
    assert!(html.contains("You, <time"));
    // The relative time, with the exact time on hover.
    assert!(html.contains("title=\"24 November 2026, 14:01:10 UTC\" data-ago"), "{html}");
    assert!(html.contains("<bdi>Claude Code</bdi> through <bdi>Mandate chat</bdi>"), "{html}");
    assert!(html.contains(", without an approval"));
}

#[test]
fn placed_order_is_confirmed_or_its_refusal_shown() {
    assert!(page("orders-placed").contains("You bought 2 shares of STARK at 101.20 USD, 202.40 USD in all."));
    assert!(page("orders-rejected").contains("more than the limit of 102.00. Nothing was traded."));
    assert!(!page("orders").contains("role=\"status\""));
}

#[test]
fn an_order_is_placed_only_from_its_review() {
    assert!(!page("stock").contains("action=\"/orders\""));
    assert!(!page("review-blocked").contains("action=\"/orders\""));
    let html = page("review");
    for field in ["name=\"key\" value=\"key\"", "name=\"price\" value=\"108.23\"", "name=\"quantity\" value=\"5\""] {
        assert!(html.contains(field), "{field}");
    }
    assert!(html.contains("At most") && html.contains("541.15 USD"));
}
