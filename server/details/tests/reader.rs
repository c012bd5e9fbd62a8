//! The reader: texts that it accepts, how it shows them, and texts that it refuses.

mod support;

use details::{Apis, Detail, Refused};
use support::apis;

const ORDER: &str =
    r#"{"type":"stock_order","symbol":"WAYNE","side":"BUY","quantity":5,"limit":"1105.49","currency":"USD"}"#;
const BOOKING: &str = r#"{"type":"room_booking","room":"Blue room – 2","from":"2026-12-04","to":"2026-12-06","at":"14:30","price":"90.00","currency":"EUR"}"#;

fn read(apis: &Apis, entry: &str) -> Result<Detail, Refused> {
    details::read::read_one(&format!("[{entry}]"), |name| apis.of_type(name).map(|(_, kind)| kind.clone()))
}

#[test]
fn a_request_is_shown_as_its_type_says() {
    let apis = apis();
    let order = read(&apis, ORDER).expect("an order");
    assert_eq!(order.title(), "Buy 5 WAYNE");
    assert_eq!(order.amount().expect("an amount").to_string(), "5,527.45 USD");
    let rows = order.rows();
    let rows: Vec<_> = rows.iter().map(|(label, words)| (*label, words.as_str())).collect();
    assert_eq!(rows, [("Stock", "WAYNE"), ("Shares", "5"), ("You pay at most", "1,105.49 USD a share")]);
    let canonical =
        r#"{"currency":"USD","limit":"1105.49","quantity":5,"side":"BUY","symbol":"WAYNE","type":"stock_order"}"#;
    assert_eq!(order.canonical(), canonical);
    let booking = read(&apis, BOOKING).expect("a booking");
    assert_eq!(booking.title(), "Blue room – 2, Fri 4 Dec 2026 to Sun 6 Dec 2026");
    assert_eq!(booking.amount().expect("an amount").to_string(), "90.00 EUR");
}

/// THREATS.md line 31, and the end of line 33.
#[test]
fn line_31_33_other_spellings_are_refused() {
    let apis = apis();
    let order = |from: &str, to: &str| ORDER.replace(from, to);
    let booking = |from: &str, to: &str| BOOKING.replace(from, to);
    let wrong = [
        order("\"quantity\":5", "\"quantity\":5.0"),
        order("\"quantity\":5", "\"quantity\":5e0"),
        order("\"quantity\":5", "\"quantity\":\"5\""),
        order("\"quantity\":5", "\"quantity\":5,\"quantity\":6"),
        order("\"quantity\":5", "\"quantity\":5,\"quantity\":5"),
        order("\"quantity\":5", "\"quantity\":5,\"qu\\u0061ntity\":6"),
        order("\"quantity\":5", "\"quantity\":0"),
        order("\"quantity\":5", "\"quantity\":-0"),
        order("\"quantity\":5", "\"quantity\":10001"),
        order("\"quantity\":5", "\"quantity\":18446744073709551621"),
        order("\"quantity\":5", "\"quantity\":[5]"),
        order("\"quantity\":5", "\"quantity\":null"),
        order("\"quantity\":5,", ""),
        order("1105.49", "100.000"),
        order("1105.49", "0100.00"),
        order("1105.49", "1,105.49"),
        order("\"1105.49\"", "1105.49"),
        order("1105.49", "0.00"),
        order("1105.49", "-5.00"),
        order("1105.49", "1000000.00"),
        order("WAYNE", "WAYNΕ"),
        order("WAYNE", "WAYNE\\u202e"),
        order("WAYNE", "wayne"),
        order("WAYNE", ""),
        order("\"BUY\"", "\"Buy\""),
        order("\"USD\"", "\"USD\",\"note\":\"free\""),
        order("\"USD\"", "\"EUR\""),
        order("stock_order", "payment"),
        order("\"type\":\"stock_order\",", ""),
        order("\"type\":\"stock_order\",", "\"type\":\"stock_order\",\"type\":\"stock_order\","),
        booking("Blue room", "Blue  room"),
        booking("Blue room", "Bluе room"),
        booking("Blue room", "Blue\\u00a0room"),
        booking("Blue room", "Blue\\u200broom"),
        booking("2026-12-04", "2026-12-4"),
        booking("2026-12-04", "20261204"),
        booking("2026-12-04", "2026-12-32"),
        booking("2026-12-04", "2026-12-04T00:00"),
        booking("2026-12-06", "2026-12-03"),
        booking("2026-12-06", "2026-12-19"),
        booking("14:30", "14:30:00"),
        booking("14:30", "24:00"),
        booking("14:30", "2:30"),
    ];
    for text in wrong {
        assert!(text != ORDER && text != BOOKING);
        assert!(read(&apis, &text).is_err(), "{text}");
    }
    for (text, most) in [("[]", 2), ("", 2), ("{}", 2), ("[1]", 2), ("[[]]", 2)] {
        assert!(text.len() < 5 && read(&apis, &text[..text.len().min(most)]).is_err());
        assert!(details::read::read_one(text, |_| None).is_err(), "{text}");
    }
    let find = |name: &str| apis.of_type(name).map(|(_, kind)| kind.clone());
    assert!(details::read::read_one(&format!("[{ORDER},{ORDER}]"), find).is_err());
    let list = r#"[["stock_order","WAYNE","BUY",5,"105.49","USD"]]"#;
    assert!(details::read::read_one(list, find).is_err());
    assert!(details::read::read_one(&format!("[{ORDER}{}]", " ".repeat(17_000)), find).is_err());
    assert!(apis.iter().nth(1).expect("bookings").read_one(&format!("[{ORDER}]")).is_err(), "another API's type");
}

#[test]
fn refusal_names_the_expected_value() {
    let apis = apis();
    for (from, to, words) in [
        ("\"quantity\":5", "\"quantity\":5.0", "`quantity` must be an integer from 1 to 10000"),
        ("1105.49", "1.5", "`limit` must be a string with 2 decimal places, from \"0.01\" to \"999999.99\""),
        ("\"BUY\"", "\"HOLD\"", "`side` must be one of BUY, SELL"),
        ("\"side\":\"BUY\",", "", "`side` is missing"),
        ("\"side\"", "\"sides\":1,\"side\"", "has no member \"sides\""),
    ] {
        let refused = read(&apis, &ORDER.replace(from, to)).expect_err(words).to_string();
        assert!(refused.contains(words), "{refused}");
    }
}
