//! The typed data of the chat's cards, and the summaries that models read instead.

use serde_json::json;
use shared::chat::View;

use world::Fault;

use crate::sites::{World, message};

/// Cards get whole lines as typed data; what the model reads stays short.
#[tokio::test]
async fn cards_get_lines_and_the_model_a_summary() {
    let (world, alice) = World::connected().await;
    let wayne = json!({ "symbol": "WAYNE" });
    let quote = world.call(&alice, "get_stock_price", wayne.clone()).await.unwrap();
    let Some(View::Quote { stock, day }) = quote.view else { panic!("{quote:?}") };
    assert!((20..=64).contains(&day.len()) && day.is_sorted(), "{day:?}");
    assert_eq!(day.last().unwrap().1, stock.price);
    assert!(!quote.output.to_string().contains("points"), "{}", quote.output);
    for (range, days) in [("day", 1), ("week", 7), ("month", 30), ("year", 365)] {
        let info = world.call(&alice, "get_stock_info", json!({ "symbol": "WAYNE", "range": range })).await.unwrap();
        let Some(View::Prices { asked, ranges, .. }) = &info.view else { panic!("{info:?}") };
        assert_eq!((asked.as_str(), &info.output["history"]["range"]), (range, &json!(range)));
        assert_eq!(
            ranges.iter().map(|(range, _)| range.as_str()).collect::<Vec<_>>(),
            ["day", "week", "month", "year"]
        );
        let (_, line) = ranges.iter().find(|(range, _)| range == asked).unwrap();
        let span = line.last().unwrap().0 - line.first().unwrap().0;
        // The line was thinned out, so it may be a little shorter.
        let whole = days * 24 * 60 * 60_000;
        assert!((whole / 100 * 95..=whole).contains(&span), "{range}: {span}");
        assert!(info.output["history"]["points"].as_array().unwrap().len() <= 24);
        assert!(info.output.to_string().len() < 2_500, "{}", info.output);
        // The line includes the lowest value of the model's summary.
        let lowest = line.iter().map(|(_, value)| *value).min().unwrap();
        assert_eq!(info.output["history"]["lowest"], lowest.to_string());
        let past = world.call(&alice, "get_portfolio_history", json!({ "range": range })).await.unwrap();
        assert!(matches!(past.view, Some(View::Values { .. })), "{past:?}");
    }
    let portfolio = world.call(&alice, "get_portfolio", json!({})).await.unwrap();
    let Some(View::Portfolio { portfolio, month }) = portfolio.view else { panic!() };
    assert_eq!(month.last().unwrap().1, portfolio.total_value);
    for wrong in ["hour", "century"] {
        let said = message(world.call(&alice, "get_stock_info", json!({ "symbol": "WAYNE", "range": wrong })).await);
        assert_eq!(said, "The range must be day, week, month or year.");
    }
    // A failed history leaves the price and the portfolio without a line.
    for history in ["/api/stocks/WAYNE/history", "/api/portfolio/history"] {
        world.at_broker.fails(history, Fault::Answer(500, json!({ "error": "down" })));
    }
    let quote = world.call(&alice, "get_stock_price", wayne).await.unwrap();
    assert!(matches!(&quote.view, Some(View::Quote { day, .. }) if day.is_empty()), "{quote:?}");
    let portfolio = world.call(&alice, "get_portfolio", json!({})).await.unwrap();
    assert!(matches!(&portfolio.view, Some(View::Portfolio { month, .. }) if month.is_empty()), "{portfolio:?}");
}

/// An app at `/mcp` shows no cards, so their histories aren't requested.
#[tokio::test]
async fn call_at_mcp_asks_only_for_what_it_answers() {
    let (world, _) = World::connected().await;
    let app = world.mcp_caller("portfolio:read");
    let asked = || ["/api/stocks/WAYNE/history", "/api/portfolio/history"].map(|path| world.at_broker.seen(path).len());
    let (wayne, week) = (json!({ "symbol": "WAYNE" }), json!({ "symbol": "WAYNE", "range": "week" }));
    for (tool, arguments, histories) in
        [("get_stock_price", wayne, 0), ("get_portfolio", json!({}), 0), ("get_stock_info", week, 1)]
    {
        let before: usize = asked().iter().sum();
        world.call(&app, tool, arguments).await.unwrap();
        assert_eq!(asked().iter().sum::<usize>() - before, histories, "{tool}");
    }
}
