//! Every tool: its answers, who may call it, and its error messages.

use agent::tools::{Caller, Prepared, Stop, order::Detail};
use serde_json::{Value, json};
use shared::chat::View;

use world::{grant, refusal};

use crate::{
    schema,
    sites::{World, definitions, find, message},
};

/// Calls every reading tool, and checks each answer against the offered schema.
#[tokio::test]
async fn each_tool_answers_as_its_schema_says() {
    let (world, alice) = World::connected().await;
    world.has_order("ord_1", "FILLED", Some("apr_1")).await;
    world.has_order("ord_2", "PENDING", None).await;
    for (tool, arguments, summary) in [
        ("whoami", json!({}), "Alice"),
        ("get_stock_price", json!({ "symbol": " wayne" }), "WAYNE · 103.42 USD (+3.42 %)"),
        ("get_stock_info", json!({ "symbol": "WAYNE" }), "WAYNE · 103.42 USD (+3.42 %)"),
        ("search_stocks", json!({ "query": "wayne" }), "WAYNE · 103.42 USD (+3.42 %)"),
        ("search_stocks", json!({}), "12 stocks"),
        ("search_stocks", json!({ "query": "nothing" }), "No stocks found"),
        ("get_portfolio", json!({}), "10,000.00 USD: 9,482.90 USD in cash, 1 position"),
        ("get_portfolio_history", json!({}), "10,000.00 USD now (+0.17 %)"),
        ("get_order_history", json!({ "limit": 1 }), "the newest 1 of 2 orders"),
        ("get_order_status", json!({ "order": "ord_1" }), "Bought 5 WAYNE at 103.42 USD"),
        ("get_order_status", json!({ "order": "ord_2" }), "Buy 5 WAYNE at 103.42 USD: waiting at the market"),
    ] {
        let answer = world.call(&alice, tool, arguments).await.unwrap();
        assert_eq!(answer.summary, summary, "{tool}");
        let definition = find(tool).unwrap();
        assert_eq!(schema::fault(&definition.output, &answer.output, tool), None);
    }
    let whoami = world.call(&alice, "whoami", json!({})).await.unwrap();
    assert_eq!(
        whoami.output,
        json!({ "loggedIn": true, "name": "Alice", "email": "alice@example.com", "subject": world.subject })
    );
    let Some(View::Orders { orders }) = world.call(&alice, "get_order_history", json!({})).await.unwrap().view else {
        panic!("the chat shows orders as a table");
    };
    assert_eq!(orders.len(), 2);
}

#[tokio::test]
async fn tool_list_is_fixed_with_scopes() {
    let listed: Vec<_> = definitions()
        .iter()
        .map(|tool| {
            let scopes: Vec<_> = tool.scopes.iter().map(String::as_str).collect();
            (tool.name.as_str(), scopes, tool.approval, tool.read_only, tool.destructive)
        })
        .collect();
    let (none, portfolio, read, write) =
        (|| vec![], || vec!["portfolio:read"], || vec!["trade:read"], || vec!["trade:read", "trade:write"]);
    assert_eq!(
        listed,
        [
            ("whoami", none(), false, true, false),
            ("get_stock_price", none(), false, true, false),
            ("get_stock_info", none(), false, true, false),
            ("search_stocks", none(), false, true, false),
            ("get_portfolio", portfolio(), false, true, false),
            ("get_portfolio_history", portfolio(), false, true, false),
            ("get_order_history", read(), false, true, false),
            ("get_order_status", read(), false, true, false),
            ("create_order", write(), true, false, true),
            ("cancel_order", write(), true, false, true),
        ]
    );
    for tool in definitions() {
        assert_eq!(tool.input["type"], "object", "{}", tool.name);
        assert_eq!(tool.output["type"], "object", "{}", tool.name);
        let text = format!("{} {}", tool.input, tool.output);
        for noise in ["user_id", "userId"] {
            assert!(!text.contains(noise), "{}: {noise}", tool.name);
        }
    }
}

#[tokio::test]
async fn a_visitor_gets_prices_and_is_asked_to_log_in_for_the_rest() {
    let world = World::new().await;
    let visitor = Caller::Visitor;
    let whoami = world.call(&visitor, "whoami", json!({})).await.unwrap();
    assert_eq!((whoami.summary.as_str(), whoami.output), ("Not logged in", json!({ "loggedIn": false })));
    assert!(world.call(&visitor, "get_stock_price", json!({ "symbol": "WAYNE" })).await.is_ok());
    for tool in definitions().iter().filter(|tool| !tool.scopes.is_empty()) {
        let stop = world.call(&visitor, &tool.name, json!({})).await;
        assert!(matches!(stop, Err(Stop::Login)), "{}: {stop:?}", tool.name);
    }
    assert!(world.at_identity.seen("/oauth/token").is_empty());
}

fn only_the_market(world: &World) {
    let asked = world.at_broker.seen("/api");
    assert!(asked.iter().all(|seen| seen.path.contains("/stocks/") && seen.header("authorization").is_empty()));
}

#[tokio::test]
async fn missing_account_or_scope_asks_to_connect() {
    let world = World::new().await;
    let alice = world.alice();
    let create = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5 });
    let (read, order) = (vec!["trade:read"], vec!["trade:read", "trade:write"]);
    let all = vec!["portfolio:read", "trade:read", "trade:write"];
    for (connected, tool, arguments, asked) in [
        // The tool's scopes plus those already granted, which a new connection would otherwise lose.
        (None, "get_portfolio", json!({}), vec!["portfolio:read"]),
        (None, "create_order", create.clone(), order),
        (None, "get_order_history", json!({}), read),
        (Some("trade:read"), "get_portfolio", json!({}), vec!["portfolio:read", "trade:read"]),
        (Some("portfolio:read"), "get_order_history", json!({}), vec!["portfolio:read", "trade:read"]),
        (Some("portfolio:read trade:read"), "create_order", create.clone(), all.clone()),
        // A prefix of a scope's name isn't a scope.
        (Some("portfolio:read trade:read trade:writ"), "create_order", create, all),
    ] {
        if let Some(scopes) = connected {
            if world.waits_for_account().await {
                only_the_market(&world);
                world.connect().await;
            }
            world.vault_gives(scopes);
        }
        match world.call(&alice, tool, arguments).await {
            Err(Stop::Connect { api, scopes }) => {
                assert_eq!((api.as_str(), scopes), ("stocktrade", asked.iter().map(|it| (*it).to_owned()).collect()))
            }
            other => panic!("{tool}: {other:?}"),
        }
    }
    // The broker was never asked for anything but the market.
    only_the_market(&world);
    // The identity service's own token for StockTrade is invalid: the person must connect again.
    world.at_identity.fails(
        grant("federated-connection-access-token"),
        refusal(401, "federated_connection_refresh_token_flow_failed"),
    );
    assert!(matches!(world.call(&alice, "get_portfolio", json!({})).await, Err(Stop::Connect { .. })));
}

#[tokio::test]
async fn expired_login_and_missing_account_differ() {
    let (world, alice) = World::connected().await;
    world.at_identity.fails(grant("federated-connection-access-token"), refusal(400, "invalid_grant"));
    assert!(matches!(world.call(&alice, "get_portfolio", json!({})).await, Err(Stop::Login)));
    let Caller::Person { subject, name, email, .. } = alice else { panic!() };
    let unknown = Caller::Person { person: "per_gone".into(), subject, name, email };
    assert!(matches!(world.call(&unknown, "get_portfolio", json!({})).await, Err(Stop::Login)));
}

async fn prepared(world: &World, caller: &Caller, arguments: Value) -> Prepared {
    match world.call(caller, "create_order", arguments).await {
        Err(Stop::Approval(prepared)) => *prepared,
        other => panic!("{other:?}"),
    }
}

/// THREATS.md line 44: ordering leads to an approval request and nothing else.
#[tokio::test]
async fn line_44_order_is_prepared_at_the_market_and_not_placed() {
    let (world, alice) = World::connected().await;
    let buy = prepared(&world, &alice, json!({ "symbol": "wayne ", "side": "buy", "quantity": 5 })).await;
    assert_eq!(buy.title, "Buy 5 WAYNE");
    assert_eq!(
        serde_json::to_value(&buy.detail).unwrap(),
        json!({ "type": "stock_order", "symbol": "WAYNE", "side": "BUY", "quantity": 5, "limit": "105.49",
                "currency": "USD" })
    );
    let facts: Vec<(&str, &str)> = buy.facts.iter().map(|(label, value)| (label.as_str(), value.as_str())).collect();
    assert_eq!(
        facts,
        [
            ("Stock", "Wayne Enterprises (WAYNE)"),
            ("Shares", "5"),
            ("Price now", "103.42 USD"),
            ("Estimated cost", "about 517.10 USD"),
            ("Limit", "105.49 USD or less a share, 2\u{a0}% above the market"),
            ("At most", "527.45 USD"),
            ("Account", "StockTrade"),
        ]
    );
    assert_eq!(buy.agent_message, None);
    let sell = json!({ "symbol": "WAYNE", "side": "SELL", "quantity": 2, "reason": "You\nasked \u{202e}for it" });
    let sell = prepared(&world, &alice, sell).await;
    let Some(Detail::StockOrder(order)) = &sell.order() else { panic!() };
    assert_eq!(order.limit.to_string(), "101.35");
    assert_eq!(sell.agent_message.as_deref(), Some("You asked for it"));
    assert!(sell.facts.contains(&("At least".into(), "202.70 USD".into())));
    let named = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5, "limit": "110.5" });
    let named = prepared(&world, &alice, named).await;
    let Some(Detail::StockOrder(order)) = &named.order() else { panic!() };
    assert_eq!(order.limit.to_string(), "110.50");
    assert!(named.facts.contains(&("Limit".into(), "110.50 USD or less a share".into())));
    // The broker got only reads, and the identity service no approval request.
    assert_eq!(world.posts(), 0);
    assert!(world.at_identity.seen("/bc-authorize").is_empty());
}

/// The prepared order: shares, limit, and the bound.
async fn asked(world: &World, caller: &Caller, mut arguments: Value) -> (u32, String, String) {
    arguments["symbol"] = "WAYNE".into();
    let prepared = prepared(world, caller, arguments).await;
    let Some(Detail::StockOrder(order)) = prepared.order() else { panic!() };
    (order.quantity.get(), order.limit.to_string(), order.bound().to_string())
}

#[tokio::test]
async fn a_total_is_not_a_price_a_share() {
    let (world, alice) = World::connected().await;
    let of = |shares: u32, limit: &str, bound: &str| (shares, limit.to_owned(), bound.to_owned());
    for (arguments, order) in [
        (json!({ "side": "BUY", "total": "600.00" }), of(5, "105.49", "527.45")),
        (json!({ "side": "BUY", "total": 600, "quantity": 5 }), of(5, "120.00", "600.00")),
        (json!({ "side": "BUY", "total": "$1,000", "limit": 110 }), of(9, "110.00", "990.00")),
        (json!({ "side": "BUY", "total": "600", "quantity": "5", "limit": "" }), of(5, "120.00", "600.00")),
        (json!({ "side": "SELL", "total": "300", "quantity": 4 }), of(4, "75.00", "300.00")),
        (json!({ "side": "SELL", "total": "300" }), of(2, "101.35", "202.70")),
    ] {
        assert_eq!(asked(&world, &alice, arguments.clone()).await, order, "{arguments}");
    }
    for (arguments, says) in [
        (
            json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5, "total": "500.00" }),
            "500.00 USD in all is not enough for 5 WAYNE, which costs 103.42 USD a share now. It pays for 4",
        ),
        (json!({ "symbol": "WAYNE", "side": "BUY", "total": "50" }), "50.00 USD doesn't pay for one share of WAYNE"),
    ] {
        let said = message(world.call(&alice, "create_order", arguments.clone()).await);
        assert!(said.contains(says), "{arguments}: {said}");
    }
    // The schema explains this to models.
    let schema = find("create_order").unwrap().input["properties"].clone();
    assert!(schema["total"]["description"].as_str().unwrap().contains("amount of the whole order"), "{schema}");
    assert!(schema["limit"]["description"].as_str().unwrap().contains("price per share"), "{schema}");
}

#[tokio::test]
async fn a_limit_far_from_the_market_is_marked() {
    let (world, alice) = World::connected().await;
    for (side, limit, words) in [
        ("BUY", "113.76", None),
        ("BUY", "113.77", Some("This lets it pay up to 113.77 USD a share. The price now is 103.42 USD.")),
        ("SELL", "93.08", None),
        ("SELL", "93.07", Some("This lets it sell for as little as 93.07 USD a share. The price now is 103.42 USD.")),
    ] {
        let order = json!({ "symbol": "WAYNE", "side": side, "quantity": 2, "limit": limit });
        let facts = prepared(&world, &alice, order).await.facts;
        let marked = facts.iter().find(|(label, _)| label == shared::chat::WORSE).map(|(_, words)| words.as_str());
        assert_eq!(marked, words, "{side} {limit}");
    }
}

#[tokio::test]
async fn impossible_order_is_refused_before_asking() {
    let (world, alice) = World::connected().await;
    let order = |side: &str, quantity: u32, limit: &str| json!({ "symbol": "WAYNE", "side": side, "quantity": quantity, "limit": limit });
    // The account has 9,482.90 USD in cash, and 5 WAYNE at 103.42.
    assert!(matches!(world.call(&alice, "create_order", order("BUY", 91, "")).await, Err(Stop::Approval(_))));
    assert!(matches!(world.call(&alice, "create_order", order("SELL", 5, "")).await, Err(Stop::Approval(_))));
    world.lists_evil();
    let not_held = json!({ "symbol": "EVIL", "side": "SELL", "quantity": 1 });
    for (arguments, says) in [
        (
            order("BUY", 92, ""),
            "92 WAYNE cost 9,514.64 USD now, and the account has 9,482.90 USD in cash, enough for 91.",
        ),
        (order("SELL", 6, ""), "The account holds 5 WAYNE, fewer than the 6 to be sold."),
        (not_held, "The account holds no EVIL"),
        (order("BUY", 1, "103.41"), "WAYNE costs 103.42 USD a share now, more than the limit of 103.41 USD."),
        (order("SELL", 1, "103.43"), "WAYNE brings 103.42 USD a share now, less than the limit of 103.43 USD."),
    ] {
        let said = message(world.call(&alice, "create_order", arguments.clone()).await);
        assert!(said.contains(says) && said.ends_with("The person was not asked."), "{arguments}: {said}");
    }
    // Over MCP, a token that may not see the account still has its limit checked.
    let caller = world.mcp_caller("trade:read trade:write");
    assert!(matches!(world.call(&caller, "create_order", order("BUY", 92, "")).await, Err(Stop::Approval(_))));
    let said = message(world.call(&caller, "create_order", order("BUY", 1, "1")).await);
    assert!(said.contains("more than the limit of 1.00 USD"), "{said}");
    assert!(world.at_identity.seen("/bc-authorize").is_empty());
}

/// The identity service may still have a token that StockTrade no longer accepts.
#[tokio::test]
async fn revoked_grant_is_reported_before_asking() {
    let (world, alice) = World::connected().await;
    world.has_order("ord_2", "PENDING", None).await;
    let end = sqlx::query("UPDATE authorization_grant SET revoked_at = 1 WHERE client = 'tenant-vault'");
    end.execute(world.pool("broker_identity")).await.unwrap();
    for scopes in ["portfolio:read trade:read trade:write", "trade:read trade:write"] {
        world.vault_gives(scopes);
        for (tool, arguments) in [
            ("create_order", json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5 })),
            ("create_order", json!({ "symbol": "WAYNE", "side": "SELL", "quantity": 5 })),
            ("cancel_order", json!({ "order": "ord_2" })),
        ] {
            let stop = world.call(&alice, tool, arguments).await;
            assert!(matches!(stop, Err(Stop::Connect { .. })), "{tool}: {stop:?}");
        }
    }
}

#[tokio::test]
async fn only_a_waiting_order_can_be_cancelled() {
    let (world, alice) = World::connected().await;
    world.has_order("ord_1", "FILLED", None).await;
    world.has_order("ord_2", "PENDING", None).await;
    match world.call(&alice, "cancel_order", json!({ "order": "ord_2" })).await {
        Err(Stop::Approval(prepared)) => {
            assert_eq!(prepared.title, "Cancel: Buy 5 WAYNE");
            let detail = json!({ "type": "stock_order_cancellation", "order": "ord_2" });
            assert_eq!(serde_json::to_value(&prepared.detail).unwrap(), detail);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        message(world.call(&alice, "cancel_order", json!({ "order": "ord_1" })).await),
        "This order no longer waits, so there is nothing to cancel: Bought 5 WAYNE at 103.42 USD."
    );
    assert_eq!(world.posts(), 0);
}

/// The error messages that a model reads: each says what to do.
#[tokio::test]
async fn wrong_arguments_are_explained() {
    let (world, alice) = World::connected().await;
    let order = |change: (&str, Value)| {
        let mut order = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5 });
        order[change.0] = change.1;
        order
    };
    for (tool, arguments, says) in [
        ("get_stock_price", json!({}), "missing field `symbol`"),
        ("get_stock_price", json!({ "symbol": 5 }), "invalid type: integer `5`, expected a string"),
        ("get_stock_price", json!({ "symbol": "WAYNΕ" }), "is not a stock's symbol"),
        ("get_stock_price", json!({ "symbol": "../portfolio" }), "is not a stock's symbol"),
        ("get_stock_price", json!({ "symbol": "NOPE" }), "StockTrade has no stock NOPE. search_stocks finds"),
        ("get_order_status", json!({ "order": "1" }), "Ids begin with \"ord_\""),
        ("get_order_status", json!({ "order": "ord_9" }), "The person has no order ord_9."),
        ("get_order_history", json!({ "limit": 51 }), "a whole number from 1 to 50"),
        ("create_order", order(("side", "HOLD".into())), "\"BUY\" or \"SELL\""),
        ("create_order", order(("quantity", 0.into())), "from 1 to 10,000"),
        ("create_order", order(("quantity", 10_001.into())), "from 1 to 10,000"),
        ("create_order", order(("quantity", json!(5.5))), "quantity: “5.5” is not a quantity"),
        ("create_order", order(("quantity", json!(-5))), "quantity: “-5” is not a quantity"),
        ("create_order", order(("quantity", json!(true))), "a number is expected, or a string"),
        ("create_order", order(("quantity", json!([5]))), "a number is expected, or a string"),
        ("create_order", order(("quantity", "1,05".into())), "“1,05” could mean 1.05 or 105."),
        ("create_order", order(("quantity", Value::Null)), "Say how many shares (quantity), or how much money"),
        ("create_order", order(("limit", "cheap".into())), "such as 105.49"),
        ("create_order", order(("limit", "0".into())), "above zero, such as 105.49"),
        ("create_order", order(("limit", "100.000".into())), "limit: “100.000” could mean 100.00 or 100000."),
        ("create_order", order(("limit", "105,49".into())), "limit: “105,49” could mean 105.49 or 10549."),
        ("create_order", order(("total", "1.050,00".into())), "total: “1.050,00” could mean 1050.00 or 105000."),
        ("create_order", order(("total", json!(0))), "total: “0” is not an amount"),
        ("create_order", order(("symbol", "NOPE".into())), "StockTrade has no stock NOPE."),
        ("nonsense", json!({}), "The tools are: whoami, get_stock_price"),
    ] {
        let said = message(world.call(&alice, tool, arguments.clone()).await);
        assert!(said.contains(says), "{tool} {arguments}: {said}");
    }
    for text in ["{", "[]", "5", "\"x\"", "{\"symbol\":\"WAYNE\",\"symbol\":\"STARK\"}"] {
        let said = message(agent::tools::call(&world.agent, &alice, "get_stock_price", text).await);
        assert!(said.starts_with("The arguments don't fit this tool"), "{text}: {said}");
    }
    // Some models write no arguments as an empty text.
    assert!(agent::tools::call(&world.agent, &alice, "whoami", "").await.is_ok());
}
