//! The published JSON Schema of a type, in an independent validator, agrees with the service's own reader.

use jsonschema::Validator;
use serde_json::Value;

use crate::{
    another_type::TYPES,
    pair::{
        Change, Instance, Pair,
        config::{change_types, types_in},
    },
};

const ORDER: &str =
    r#"{"type":"stock_order","symbol":"WAYNE","side":"BUY","quantity":5,"limit":"105.49","currency":"USD"}"#;
const BOOKING: &str = r#"{"type":"room_booking","room":"Blue room","from":"2026-12-04","to":"2026-12-06","price":"1290.00","currency":"EUR"}"#;

/// Both instances, with a type that no code names.
async fn start() -> Pair {
    let types = types_in(TYPES);
    let at_b = types.clone();
    let change = Change {
        t: Some(Box::new(move |config| change_types(config, |known| known.extend(types)))),
        b: Some(Box::new(move |config| config.apis[0].types.extend(at_b))),
    };
    Pair::with(change).await
}

async fn get(pair: &Pair, url: &str) -> Value {
    let answer = pair.http().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    answer.json().await.unwrap()
}

/// The metadata of the types, from the address that discovery names.
async fn metadata(pair: &Pair, instance: &Instance) -> Value {
    let document = get(pair, &instance.at(".well-known/openid-configuration")).await;
    let types = get(pair, document["authorization_details_types_metadata_endpoint"].as_str().unwrap()).await;
    let names: Vec<&str> = types.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["room_booking", "stock_order", "stock_order_cancellation"]);
    assert_eq!(document["authorization_details_types_supported"], serde_json::json!(names));
    types
}

fn validator(types: &Value, name: &str) -> Validator {
    let schema = &types[name]["schema"];
    assert_eq!(schema["properties"]["type"]["const"], name);
    jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap()
}

#[tokio::test]
async fn published_schemas_accept_what_the_service_accepts() {
    let pair = start().await;
    let types = metadata(&pair, &pair.t).await;
    assert_eq!(types, metadata(&pair, &pair.b).await, "both publish the same");
    assert_eq!(types["stock_order"]["description"], "Approval of one order. Needs the scope trade:write.");
    let order = |from: &str, to: &str| ORDER.replace(from, to);
    let booking = |from: &str, to: &str| BOOKING.replace(from, to);
    let texts = [
        (true, ORDER.to_owned()),
        (true, order("BUY", "SELL")),
        (true, order("105.49", "0.01")),
        (true, order("105.49", "999999.99")),
        (true, order(":5", ":10000")),
        (false, order("105.49", "0.00")),
        (false, order("105.49", "-0.01")),
        (false, order("105.49", "1000000.00")),
        (false, order("105.49", "0105.49")),
        (false, order("105.49", "105.4")),
        (false, order("\"105.49\"", "105.49")),
        (false, order(":5", ":0")),
        (false, order(":5", ":10001")),
        (false, order(":5", ":5.5")),
        (false, order(":5", ":\"5\"")),
        (false, order("BUY", "Buy")),
        (false, order("WAYNE", "wayne")),
        (false, order("WAYNE", "WAYNEWAYN")),
        (false, order("USD", "EUR")),
        (false, order("\"quantity\":5,", "")),
        (false, order("\"USD\"", "\"USD\",\"note\":\"free\"")),
        (false, order("stock_order", "payment")),
        (true, BOOKING.to_owned()),
        (true, booking("1290.00", "0.00")),
        (true, booking("Blue room", "Größe 5")),
        (false, booking("1290.00", "-0.00")),
        (false, booking("1290.00", "100000.00")),
        (false, booking("Blue room", "")),
        (false, booking("Blue room", "Blue  room")),
        (false, booking("Blue room", &"x".repeat(61))),
        (false, booking("2026-12-06", "2026-13-06")),
        (false, booking("2026-12-06", "2027-02-29")),
        (false, booking("2026-12-06", "2026-12-6")),
        (false, booking("EUR", "GBP")),
    ];
    let api = &pair.b.identity.apis[0];
    let accepts = |text: &str| {
        let find = |name: &str| api.types.iter().find(|kind| kind.name == name).cloned();
        details::read::read_one(&format!("[{text}]"), find).is_ok()
    };
    let validators = [validator(&types, "stock_order"), validator(&types, "room_booking")];
    for (right, text) in texts {
        let schema = &validators[usize::from(text.contains("\"room\""))];
        assert_eq!(accepts(&text), right, "the reader: {text}");
        assert_eq!(schema.is_valid(&serde_json::from_str(&text).unwrap()), right, "the schema: {text}");
    }
    // Faults that no schema can express.
    for text in [
        order(":5", ":5.0"),
        order(":5", ":5,\"quantity\":5"),
        booking("Blue", "Bl\u{443}e"),
        booking("2026-12-06", "2026-12-03"),
    ] {
        assert!(!accepts(&text), "{text}");
        let schema = &validators[usize::from(text.contains("\"room\""))];
        assert!(schema.is_valid(&serde_json::from_str(&text).unwrap()), "WIRE.md says so: {text}");
    }
}
