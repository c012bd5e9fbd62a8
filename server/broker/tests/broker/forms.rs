//! Manual orders: review, place once, and explain errors.

use axum::http::StatusCode;
use broker::{Error, StockQuery, page::StockPage};
use foundation::axum;

use crate::{
    login::Browser,
    stage::{Stage, body, details},
};

async fn review(stage: &Stage, browser: &Browser<'_>, side: &str, quantity: &str, price: &str) -> StockPage {
    let some = |text: &str| Some(text.to_owned());
    let query = StockQuery { side: some(side), quantity: some(quantity), price: some(price), ..StockQuery::default() };
    stage.broker.stock_page(&browser.handle(), "WAYNE", query).await.unwrap()
}

fn form<'a>(csrf_token: &'a str, key: &'a str, quantity: &'a str, price: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("csrf_token", csrf_token),
        ("key", key),
        ("symbol", "WAYNE"),
        ("side", "BUY"),
        ("quantity", quantity),
        ("price", price),
    ]
}

#[tokio::test]
async fn second_click_on_a_review_places_nothing() {
    let stage = Stage::start().await;
    let mut browser = Browser::logged_in(&stage, "alice").await;
    let page = review(&stage, &browser, "BUY", "5", "").await;
    let reviewed = page.review.unwrap();
    assert_eq!((reviewed.limit.to_string(), reviewed.estimate.to_string()), ("102.00".into(), "500.00".into()));
    assert_eq!((reviewed.bound.to_string(), reviewed.blocked, page.wrong), ("510.00".into(), None, None));
    assert_eq!(stage.orders().await, 0, "a review places nothing");
    // Back on the form, it holds what was typed.
    let back = StockQuery {
        side: Some("BUY".into()),
        quantity: Some("5".into()),
        price: Some("102.00".into()),
        edit: Some("1".into()),
        ..StockQuery::default()
    };
    let page = stage.broker.stock_page(&browser.handle(), "WAYNE", back).await.unwrap();
    assert_eq!((page.review.is_none(), page.wrong), (true, None));
    assert_eq!(page.typed, ("BUY".into(), "5".into(), "102.00".into()));

    let csrf_token = browser.csrf_token().await;
    let first = browser.post("/orders", &form(&csrf_token, &reviewed.key, "5", "102.00")).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{first:?}");
    let second = browser.post("/orders", &form(&csrf_token, &reviewed.key, "5", "102.00")).await;
    assert_eq!(second.header("location"), first.header("location"));
    assert_eq!(stage.orders().await, 1);
    let id = first.header("location").strip_prefix("/orders?placed=").unwrap();
    let page = stage.broker.orders_page(&browser.handle(), Some(id.to_owned())).await.unwrap();
    assert_eq!(page.placed.as_deref(), Some(id));
    assert_eq!((page.orders.len(), page.orders[0].placed_by.who.as_str()), (1, "you"));
    assert_eq!(page.orders[0].status.as_str(), "FILLED");
    // Another order with the same review's key places nothing.
    let other = browser.post("/orders", &form(&csrf_token, &reviewed.key, "6", "102.00")).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "{other:?}");
    assert!(other.text.contains("nothing more was placed"), "{other:?}");
    assert_eq!((stage.orders().await, stage.cash("alice").await.as_str()), (1, "9500.00"));
    // Another person's order isn't shown as just placed.
    let bob = Browser::logged_in(&stage, "bob").await;
    let page = stage.broker.orders_page(&bob.handle(), Some(id.to_owned())).await.unwrap();
    assert_eq!((page.placed, page.orders), (None, Vec::new()));
}

#[tokio::test]
async fn back_to_a_placed_review_shows_the_order() {
    let stage = Stage::start().await;
    let mut browser = Browser::logged_in(&stage, "alice").await;
    let key = review(&stage, &browser, "BUY", "5", "").await.key;
    let query = |quantity: &str, price: &str| StockQuery {
        side: Some("BUY".into()),
        quantity: Some(quantity.to_owned()),
        price: Some(price.to_owned()),
        review: Some(key.clone()),
        ..StockQuery::default()
    };
    let page = stage.broker.stock_page(&browser.handle(), "WAYNE", query("5", "")).await.unwrap();
    let reviewed = page.review.unwrap();
    assert_eq!((reviewed.key.as_str(), page.placed.is_none()), (key.as_str(), true), "the review keeps the form's key");
    let csrf_token = browser.csrf_token().await;
    browser.post("/orders", &form(&csrf_token, &key, "5", "102.00")).await;
    assert_eq!(stage.orders().await, 1);

    for price in ["", "102.00"] {
        let page = stage.broker.stock_page(&browser.handle(), "WAYNE", query("5", price)).await.unwrap();
        assert!(page.review.is_none(), "the page offers no second placing");
        let placed = page.placed.unwrap();
        assert_eq!((placed.quantity.get(), placed.status.as_str()), (5, "FILLED"));
        assert_ne!(page.key, key, "the next order has another key");
    }
    // Another order from the same form, resent by a browser that kept the form, starts a new review.
    for (quantity, price) in [("6", ""), ("5", "103.00")] {
        let page = stage.broker.stock_page(&browser.handle(), "WAYNE", query(quantity, price)).await.unwrap();
        assert!(page.placed.is_none());
        assert_ne!(page.review.unwrap().key, key);
    }
    // The same holds for another person, who doesn't learn what was placed under the key.
    let bob = Browser::logged_in(&stage, "bob").await;
    let page = stage.broker.stock_page(&bob.handle(), "WAYNE", query("5", "")).await.unwrap();
    assert_eq!((page.placed.is_none(), page.review.is_some()), (true, true));
}

#[tokio::test]
async fn two_clicks_at_once_are_one_order() {
    let stage = Stage::start().await;
    let browser = Browser::logged_in(&stage, "alice").await;
    let (csrf_token, key) = (browser.csrf_token().await, foundation::secret::id(""));
    let clicks = (0..6).map(|_| {
        let (stage, csrf_token, key, cookie) = (&stage, csrf_token.clone(), key.clone(), browser.cookie.clone());
        async move {
            let mut tab = Browser::new(stage);
            tab.cookie = cookie;
            tab.post("/orders", &form(&csrf_token, &key, "5", "102.00")).await.header("location").to_owned()
        }
    });
    let locations = futures::future::join_all(clicks).await;
    assert!(locations.iter().all(|location| location == &locations[0] && location.contains("placed=ord_")));
    assert_eq!(stage.orders().await, 1);
    stage.assert_ledger().await;
}

#[tokio::test]
async fn line_9_manual_order_needs_origin_and_csrf_token() {
    let stage = Stage::start().await;
    let mut browser = Browser::logged_in(&stage, "alice").await;
    let (csrf_token, key) = (browser.csrf_token().await, foundation::secret::id(""));
    let right = form(&csrf_token, &key, "5", "102.00");
    let own = stage.config.site.origin().to_owned();
    for headers in [
        vec![],
        vec![("origin", "null")],
        vec![("origin", "http://localhost:3000")],
        vec![("origin", own.as_str()), ("sec-fetch-site", "same-site")],
        vec![("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
    ] {
        assert_eq!(browser.post_from(&headers, "/orders", &right).await.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let bobs = Browser::logged_in(&stage, "bob").await.csrf_token().await;
    for wrong in ["", "x", bobs.as_str()] {
        let answer = browser.post("/orders", &form(wrong, &key, "5", "102.00")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    }
    let visitor = Browser::new(&stage).post("/orders", &right).await;
    assert_eq!(visitor.status, StatusCode::UNAUTHORIZED);
    assert!(visitor.text.contains("/auth/login?returnTo=%2Fstocks%2FWAYNE"), "{visitor:?}");
    let incomplete = browser.post("/orders", &right[..5]).await;
    assert_eq!(incomplete.status, StatusCode::BAD_REQUEST);
    // A GET changes nothing, whatever its query (line 53).
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(right).finish();
    assert_eq!(browser.get(&format!("/orders?{query}")).await.status, StatusCode::OK);
    assert_eq!(stage.orders().await, 0);
}

#[tokio::test]
async fn wrong_order_is_explained_before_it_is_placed() {
    let stage = Stage::start().await;
    let mut browser = Browser::logged_in(&stage, "alice").await;
    for (side, quantity, price, word) in [
        ("HOLD", "5", "", "Choose whether to buy or to sell."),
        ("BUY", "0", "", "from 1 to 10,000"),
        ("BUY", "5.5", "", "from 1 to 10,000"),
        ("BUY", "5", "cheap", "such as 105.49"),
    ] {
        let page = review(&stage, &browser, side, quantity, price).await;
        assert!(page.wrong.is_some_and(|wrong| wrong.contains(word)), "{side} {quantity} {price}");
        assert!(page.review.is_none());
        assert_eq!(page.typed, (side.into(), quantity.into(), price.into()));
    }
    for (side, quantity, price, word) in [
        ("BUY", "101", "", "This costs 10,100.00 USD now, and you have 10,000.00 USD."),
        ("BUY", "5", "99", "WAYNE costs 100.00 USD now, more than your limit of 99.00 USD."),
        ("SELL", "5", "101", "WAYNE brings 100.00 USD now, less than your limit of 101.00 USD."),
        ("SELL", "5", "", "You hold no WAYNE to sell."),
    ] {
        let page = review(&stage, &browser, side, quantity, price).await;
        let review = page.review.unwrap();
        assert_eq!(review.blocked.as_deref(), Some(word));
    }
    let token = stage.approved("alice", "apr_1", &details("BUY", 2, "WAYNE", "102.00"));
    stage.order(&token, body("BUY", 2, "WAYNE", "102.00")).await;
    let page = review(&stage, &browser, "SELL", "3", "").await;
    assert_eq!(page.review.unwrap().blocked.as_deref(), Some("You hold 2 WAYNE, fewer than 3."));
    assert_eq!(page.shares, 2);

    // A form that skips the review is sent back to it.
    let (csrf_token, key) = (browser.csrf_token().await, foundation::secret::id(""));
    for (key, quantity, price) in [(key.as_str(), "0", "102.00"), (key.as_str(), "5", ""), ("short", "5", "102.00")] {
        let answer = browser.post("/orders", &form(&csrf_token, key, quantity, price)).await;
        let back = format!("/stocks/WAYNE?side=BUY&quantity={quantity}&price={price}&review={key}");
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, back.as_str()));
    }
    assert_eq!(stage.orders().await, 1);
}

#[tokio::test]
async fn pages_for_visitors_show_the_market_and_the_way_in() {
    let stage = Stage::start().await;
    let visitor = Browser::new(&stage);
    let page = stage.broker.dashboard(&visitor.handle()).await.unwrap();
    assert_eq!((page.stocks.len(), page.portfolio, page.orders.len()), (12, None, 0));
    assert_eq!(page.frame.csrf_token.as_str(), "");
    assert_eq!(page.frame.host, stage.config.site.host());
    let page = stage.broker.stock_page(&visitor.handle(), "WAYNE", StockQuery::default()).await.unwrap();
    assert_eq!((page.cash, page.shares, page.review.is_none(), page.wrong), (None, 0, true, None));
    assert_eq!(page.typed.0, "BUY");
    let error = stage.broker.orders_page(&visitor.handle(), None).await.unwrap_err();
    assert!(matches!(error, Error::NotLoggedIn(_)));
    let message = stage.broker.message(&visitor.handle(), &error).await;
    assert_eq!((message.status, message.back.0.as_str()), (401, "/auth/login?returnTo=%2Forders"));
    let error = stage.broker.stock_page(&visitor.handle(), "NOPE", StockQuery::default()).await.unwrap_err();
    let message = stage.broker.message(&visitor.handle(), &error).await;
    assert_eq!((message.status, message.text.as_str()), (404, "There is no stock «NOPE» here."));
    assert_eq!(stage.count("SELECT COUNT(*) FROM session").await, 0, "reading makes no session");
}
