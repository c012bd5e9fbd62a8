//! Requests that an agent makes together (THREATS.md line 55): one page, a tick at each, one decision.

use serde_json::json;

use crate::{
    decision::state,
    pair::{
        Pair,
        browser::Shown,
        walk::{Person, Requested},
    },
};

/// Asks to buy a stock, under the client's name for the group.
async fn ask(pair: &Pair, person: &Person, group: &str, code: &str, symbol: &str) -> Requested {
    let details = json!([{ "type": "stock_order", "symbol": symbol, "side": "BUY", "quantity": 5, "limit": "101.81",
        "currency": "USD" }]);
    let mut params = pair.asking(person);
    params.retain(|(name, _)| !["authorization_details", "binding_message"].contains(name));
    params.push(("authorization_details", details.to_string()));
    params.push(("binding_message", code.into()));
    params.push(("request_group", group.into()));
    pair.ask_with(params).await
}

async fn open(pair: &Pair, person: &Person, requested: &Requested) -> Shown {
    person.browser.get(&pair.t.at(&format!("approvals/{}", requested.txn))).await
}

/// The ids that a page shows: its own, then the others of the group.
fn ids(page: &Shown) -> Vec<String> {
    let mut ids = vec![page.text("/approval/id")];
    let together = page.page["together"].as_array().cloned().unwrap_or_default();
    ids.extend(together.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)));
    ids
}

/// Sends the page's form with these ticks.
async fn post(pair: &Pair, person: &Person, page: &Shown, ticks: &[&Requested], decision: &str) -> Shown {
    let csrf_token = page.text("/csrf_token");
    let mut shown = vec![page.text("/approval/shown")];
    let together = page.page["together"].as_array().cloned().unwrap_or_default();
    shown.extend(together.iter().filter_map(|one| one["shown"].as_str().map(str::to_owned)));
    let mut form = vec![("csrf_token", csrf_token.as_str()), ("decision", decision)];
    form.extend(shown.iter().map(|shown| ("shown", shown.as_str())));
    form.extend(ticks.iter().map(|ticked| ("approve", ticked.txn.as_str())));
    person.browser.post(&pair.t.at(&format!("approvals/{}", page.text("/approval/id"))), &form).await
}

async fn states(pair: &Pair, person: &Person, all: &[&Requested]) -> Vec<String> {
    let mut states = Vec::new();
    for one in all {
        states.push(state(pair, person, &one.txn).await);
    }
    states
}

#[tokio::test]
async fn line_55_ticked_requests_are_approved_and_the_others_denied() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let one = ask(&pair, &alice, "turn", "K7 QD", "WAYNE").await;
    let two = ask(&pair, &alice, "turn", "K7 QD", "STARK").await;
    let three = ask(&pair, &alice, "turn", "K7 QD", "ACME").await;
    let alone = pair.ask(&alice).await;
    let page = open(&pair, &alice, &two).await;
    assert_eq!(ids(&page), [&two.txn, &one.txn, &three.txn].map(String::clone));
    assert_eq!(page.page["totals"], json!(["at most 1,527.15 USD"]));
    // Without a tick, nothing is decided.
    let shown = post(&pair, &alice, &page, &[], "approve").await;
    assert_eq!(shown.status, 409);
    assert!(shown.text("/notice").contains("Nothing is ticked"), "{shown:?}");
    // A tick at a request that the form doesn't name doesn't decide it.
    let shown = post(&pair, &alice, &page, &[&one, &three, &alone], "approve").await;
    assert_eq!(shown.status, 303, "{shown:?}");
    assert_eq!(
        states(&pair, &alice, &[&one, &two, &three, &alone]).await,
        ["Approved", "Denied", "Approved", "Waiting"]
    );
    for (requested, approved) in [(&one, true), (&two, false), (&three, true)] {
        let (status, answer) = pair.poll(&requested.auth_req_id).await;
        assert_eq!(status == 200, approved, "{answer}");
        let pings = || pair.pings_of(&requested.auth_req_id);
        pair.until("a ping", || pings() > 0).await;
        assert_eq!(pings(), 1);
    }
    // The page of one request shows the outcome of the others.
    assert_eq!(ids(&open(&pair, &alice, &one).await).len(), 3);
}

#[tokio::test]
async fn line_55_a_group_is_decided_whole_or_not_at_all() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    // In either order of the two requests.
    for (turn, last_is_withdrawn) in [("first", true), ("second", false)] {
        let one = ask(&pair, &alice, turn, "K7 QD", "WAYNE").await;
        let two = ask(&pair, &alice, turn, "K7 QD", "STARK").await;
        let (left, gone) = if (one.txn < two.txn) == last_is_withdrawn { (one, two) } else { (two, one) };
        let page = open(&pair, &alice, &left).await;
        pair.withdraw("agent", &gone.auth_req_id).await;
        for decision in ["approve", "deny"] {
            let shown = post(&pair, &alice, &page, &[&left, &gone], decision).await;
            assert_eq!(shown.status, 409);
            let notice = shown.text("/notice");
            assert!(
                notice.starts_with("Nothing was decided") && notice.contains("has withdrawn the request ‘Buy 5"),
                "{notice}"
            );
        }
        assert_eq!(states(&pair, &alice, &[&left, &gone]).await, ["Waiting", "Withdrawn"]);
        // The remaining request can be decided on the current page.
        let shown = pair.decide(&alice, &left.txn, "approve").await;
        assert_eq!(shown.status, 303);
        assert_eq!(states(&pair, &alice, &[&left]).await, ["Approved"]);
    }
}

#[tokio::test]
async fn line_55_nothing_joins_a_group_that_was_shown() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let one = ask(&pair, &alice, "turn", "K7 QD", "WAYNE").await;
    let two = ask(&pair, &alice, "turn", "K7 QD", "STARK").await;
    assert_eq!(ids(&open(&pair, &alice, &one).await).len(), 2);
    let late = ask(&pair, &alice, "turn", "K7 QD", "ACME").await;
    assert_eq!(ids(&open(&pair, &alice, &late).await), std::slice::from_ref(&late.txn));
    assert_eq!(ids(&open(&pair, &alice, &one).await).len(), 2);
    // A request belongs to another group if its code, person or name differs, or if it has no name.
    pair.clock.advance(60_000);
    let bob = pair.connected("Bob").await;
    let first = ask(&pair, &alice, "next", "K7 QD", "WAYNE").await;
    let code = ask(&pair, &alice, "next", "M4 XR", "STARK").await;
    let name = ask(&pair, &alice, "other", "K7 QD", "STARK").await;
    let person = ask(&pair, &bob, "next", "K7 QD", "STARK").await;
    let none = pair.ask(&alice).await;
    for (who, requested) in [(&alice, &first), (&alice, &code), (&alice, &name), (&bob, &person), (&alice, &none)] {
        assert_eq!(ids(&open(&pair, who, requested).await), std::slice::from_ref(&requested.txn));
    }
    assert_eq!(states(&pair, &alice, &[&two]).await, ["Waiting"]);
}

/// Many concurrent forms name the same two requests: one of them decides both.
#[tokio::test]
async fn line_55_61_of_group_decisions_at_once_one_counts() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let one = ask(&pair, &alice, "turn", "K7 QD", "WAYNE").await;
    let two = ask(&pair, &alice, "turn", "K7 QD", "STARK").await;
    let pages = [open(&pair, &alice, &one).await, open(&pair, &alice, &two).await];
    let posts = pages.iter().flat_map(|page| [(page, &one), (page, &two)]);
    let shown = futures::future::join_all(posts.map(|(page, tick)| {
        let (pair, alice) = (&pair, &alice);
        async move { (post(pair, alice, page, &[tick], "approve").await.status, &tick.txn) }
    }));
    let taken: Vec<_> = shown.await.into_iter().filter(|(status, _)| *status == 303).collect();
    let [(_, ticked)] = taken.as_slice() else { panic!("{taken:?}") };
    let expected = [&one, &two].map(|it| if it.txn == **ticked { "Approved" } else { "Denied" });
    assert_eq!(states(&pair, &alice, &[&one, &two]).await, expected);
}

#[tokio::test]
async fn line_55_more_time_is_for_the_whole_group_or_none_of_it() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let one = ask(&pair, &alice, "turn", "K7 QD", "WAYNE").await;
    let two = ask(&pair, &alice, "turn", "K7 QD", "STARK").await;
    pair.clock.advance(280_000);
    let page = open(&pair, &alice, &one).await;
    assert_eq!(post(&pair, &alice, &page, &[], "later").await.status, 303);
    for requested in [&one, &two] {
        let (_, answer) = pair.poll(&requested.auth_req_id).await;
        assert!((301..=320).contains(&answer["expires_in"].as_i64().unwrap()), "{answer}");
    }
    pair.clock.advance(100_000);
    assert_eq!(states(&pair, &alice, &[&one, &two]).await, ["Waiting", "Waiting"]);
    assert_eq!(post(&pair, &alice, &page, &[], "later").await.status, 409, "once");
    let page = open(&pair, &alice, &one).await;
    assert_eq!(post(&pair, &alice, &page, &[&two], "approve").await.status, 303);
    assert_eq!(states(&pair, &alice, &[&one, &two]).await, ["Denied", "Approved"]);
    // A request of another group is withdrawn while its page is open.
    let left = ask(&pair, &alice, "next", "M4 XR", "WAYNE").await;
    let gone = ask(&pair, &alice, "next", "M4 XR", "STARK").await;
    let page = open(&pair, &alice, &left).await;
    pair.withdraw("agent", &gone.auth_req_id).await;
    assert_eq!(post(&pair, &alice, &page, &[], "later").await.status, 409);
    assert_eq!(open(&pair, &alice, &left).await.page["approval"]["more_time"], true, "none was added");
}

#[tokio::test]
async fn a_groups_name_is_checked() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    for name in ["", "ä", "a\tb", &"x".repeat(65)] {
        let mut params = pair.asking(&alice);
        params.push(("request_group", name.into()));
        let (status, answer) = pair.bc_authorize(&params, None).await;
        // An empty parameter counts as left out (RFC 6749 §3.1).
        if name.is_empty() {
            assert_eq!(status, 200, "{answer}");
        } else {
            assert_eq!((status, &answer["error"]), (400, &json!("invalid_request")), "{name:?} {answer}");
        }
    }
    // A repeated request stays in the group in which it was made.
    let mut params = pair.asking(&alice);
    params.push(("request_group", "turn".into()));
    let (_, first) = pair.bc_authorize(&params, Some("one-key")).await;
    params.pop();
    let (_, again) = pair.bc_authorize(&params, Some("one-key")).await;
    assert_eq!(first["txn"], again["txn"]);
}
