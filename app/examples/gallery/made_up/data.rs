//! Cards of tools' results.

use shared::{
    broker::{Holding, Portfolio, Range, Stock},
    chat::{Line, View},
    money::Money,
};

use super::{Chat, called, chat, done, money, now, order, stock, text, wrote};

pub(crate) fn data() -> Chat {
    let holding = |symbol: &str, name: &str, shares: u32, price: &str, cost: &str| Holding {
        symbol: symbol.parse().expect("a symbol"),
        name: name.into(),
        shares,
        price: money(price),
        cost: money(cost),
        value: Money::from_cents(money(price).cents() * i64::from(shares)).expect("in range"),
    };
    let portfolio = Portfolio {
        cash_balance: money("9482.90"),
        total_value: money("10214.86"),
        holdings: vec![
            holding("WAYNE", "Wayne Enterprises", 5, "106.11", "517.10"),
            holding("STARK", "Stark Industries", 2, "100.70", "202.40"),
        ],
    };
    let other =
        Stock { symbol: "LEX".parse().expect("a symbol"), name: "LexCorp".into(), price: money("98.10"), ..stock() };
    chat(
        "data",
        vec![
            wrote("1", "What is in my portfolio?"),
            called(
                "p",
                "get_portfolio",
                done("2 positions, 10,214.86 USD in all", View::Portfolio { portfolio, month: line(30 * 24, 10_000) }),
            ),
            text(
                "a",
                "<p>You have two positions, and 9,482.90 USD in cash.</p>\n<ul><li><strong>WAYNE</strong> is up</li><li><strong>STARK</strong> is down a little</li></ul>",
            ),
            wrote("2", "Which stocks are there?"),
            called("s", "search_stocks", done("2 stocks", View::Stocks { stocks: vec![stock(), other] })),
            wrote("h", "How has WAYNE done this month?"),
            called("h", "get_stock_info", done("WAYNE: 103.42 USD", prices())),
            wrote("v", "And my portfolio, this year?"),
            called("v", "get_portfolio_history", done("10,214.86 USD", values())),
            wrote("3", "And my orders?"),
            called("o", "get_order_history", done("1 order", View::Orders { orders: vec![order()] })),
            text(
                "b",
                "<p>Here is a table:</p><table><thead><tr><th>Stock</th><th>Price</th></tr></thead><tbody><tr><td>WAYNE</td><td>103.42</td></tr></tbody></table><p>And some <code>code</code>:</p><pre data-language=\"Rust\"><code><span class=\"hl-k\">let</span> a = <span class=\"hl-s\">\"a line that is rather long and does not fit into the column, so it wraps\"</span>; <span class=\"hl-c\">// Yes.</span>\n</code></pre><p>See <a href=\"https://evil.example\">your bank <span class=\"host\">(evil.example)</span></a>.</p><blockquote><p>A quotation.</p></blockquote>",
            ),
        ],
    )
}

/// A line over the last hours, around an amount of dollars.
pub(crate) fn line(hours: i64, dollars: i64) -> Line {
    let value = |n: i64| Money::from_cents(dollars * (10_000 + (n * n * 37) % 211 - n * 3) / 100).expect("in range");
    (0..=48).map(|n| (now() - (48 - n) * hours * 75_000, value(n))).collect()
}

const RANGES: [(Range, i64); 4] =
    [(Range::Day, 24), (Range::Week, 7 * 24), (Range::Month, 30 * 24), (Range::Year, 365 * 24)];

fn prices() -> View {
    let ranges = RANGES.map(|(range, hours)| (range, line(hours, 103))).into();
    View::Prices { stock: stock(), asked: Range::Month, ranges }
}

fn values() -> View {
    View::Values { asked: Range::Year, ranges: RANGES.map(|(range, hours)| (range, line(hours, 10_000))).into() }
}
