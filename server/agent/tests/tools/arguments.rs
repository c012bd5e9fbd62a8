//! The tools' schemas, and arguments as models and clients write them.

use agent::tools::Stop;
use serde_json::{Value, json};

use world::Fault;

use crate::sites::{World, definitions, message};

/// Keywords that every model provider and every MCP client accepts.
const TAKEN: [&str; 8] = ["type", "description", "properties", "required", "items", "enum", "minimum", "maximum"];

fn assert_plain(schema: &Value, at: &str) {
    let members = schema.as_object().unwrap_or_else(|| panic!("{at}: {schema}"));
    for name in members.keys() {
        assert!(TAKEN.contains(&name.as_str()), "{at}: {name}");
    }
    assert!(schema["type"].is_string(), "{at}: one type, {}", schema["type"]);
    match schema["type"].as_str().unwrap() {
        "object" => {
            let properties = schema["properties"].as_object().unwrap_or_else(|| panic!("{at}: no properties"));
            assert!(!properties.is_empty(), "{at}");
            properties.iter().for_each(|(name, schema)| assert_plain(schema, &format!("{at}.{name}")));
        }
        "array" => assert_plain(&schema["items"], &format!("{at}[]")),
        "string" | "integer" | "boolean" => {}
        other => panic!("{at}: {other}"),
    }
}

#[test]
fn schemas_are_the_subset_that_all_providers_take() {
    for tool in definitions() {
        assert_plain(&tool.input, &tool.name);
        assert_plain(&tool.output, &tool.name);
        assert_eq!(tool.input["type"], "object");
    }
    let create = definitions().iter().find(|tool| tool.name == "create_order").unwrap();
    assert_eq!(create.input["properties"]["side"]["enum"], json!(["BUY", "SELL"]));
}

/// The smallest call that the schema allows, and the arguments it omits.
fn optional(tool: &str) -> (Value, Vec<&'static str>) {
    let tool = definitions().iter().find(|definition| definition.name == tool).unwrap();
    let required: Vec<&str> = match tool.input.get("required") {
        Some(names) => names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect(),
        None => vec![],
    };
    let mut arguments = json!({});
    for name in &required {
        arguments[name] = match *name {
            "symbol" => "WAYNE".into(),
            "side" => "BUY".into(),
            "order" => "ord_1".into(),
            other => panic!("{other}"),
        };
    }
    if tool.name == "create_order" {
        // One of the two is required, which the common subset of JSON Schema can't express.
        arguments["quantity"] = 5.into();
    }
    let properties = tool.input["properties"].as_object().unwrap();
    (
        arguments,
        properties.keys().map(String::as_str).filter(|name| !required.contains(name) && *name != "quantity").collect(),
    )
}

#[tokio::test]
async fn an_optional_argument_may_be_empty_or_null() {
    let (world, alice) = World::connected().await;
    // Keeps only the first point, since later ones depend on the time of the call.
    let first = Fault::changed(|history| history["points"] = json!([history["points"][0]]));
    world.at_broker.fails("GET /api/portfolio/history", first.clone());
    world.at_broker.fails("GET /api/stocks/WAYNE/history", first);
    for tool in definitions() {
        let (least, left_out) = optional(&tool.name);
        let plain = format!("{:?}", world.call(&alice, &tool.name, least.clone()).await);
        for name in left_out {
            for empty in [json!(""), json!(" "), Value::Null] {
                let mut arguments = least.clone();
                arguments[name] = empty.clone();
                let called = format!("{:?}", world.call(&alice, &tool.name, arguments).await);
                assert_eq!(called, plain, "{} {name}: {empty}", tool.name);
            }
        }
    }
}

#[tokio::test]
async fn tools_without_arguments_accept_any_clients_input() {
    let (world, alice) = World::connected().await;
    for tool in ["whoami", "get_portfolio"] {
        for arguments in [
            json!({}),
            json!({ "random_string": "dummy" }),
            json!({ "random_string": "" }),
            json!({ "dummy": "" }),
            json!({ "_placeholder": true }),
            json!({ "note": "" }),
            json!({ "note": "", "random_string": "x" }),
        ] {
            let called = world.call(&alice, tool, arguments.clone()).await;
            assert!(called.is_ok(), "{tool} {arguments}: {called:?}");
        }
        let said = message(world.call(&alice, tool, json!({ "account": "cac_bob" })).await);
        assert!(said.contains("unknown field `account`. Send one JSON object"), "{said}");
    }
    // No other tool accepts an unknown argument.
    let order = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5, "random_string": "dummy" });
    assert!(matches!(world.call(&alice, "create_order", order).await, Err(Stop::Failed { .. })));
}
