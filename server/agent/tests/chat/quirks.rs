//! Providers' quirks: what an endpoint streams, and what it requires in the next request. To add a quirk, add a row.

use serde_json::{Value, json};
use shared::chat::{CallState, Item};

use crate::{
    browser::said,
    model::{Demand, Reply, text},
    world::World,
};

/// An event stream with these chunks.
fn stream(chunks: &[Value]) -> String {
    let chunks: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    chunks + "data: [DONE]\n\n"
}

/// An event stream with these deltas, and a finish reason at its end.
pub fn deltas(deltas: &[Value], reason: &str) -> String {
    let mut chunks: Vec<_> =
        deltas.iter().map(|delta| json!({ "choices": [{ "index": 0, "delta": delta }] })).collect();
    chunks.push(json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }));
    stream(&chunks)
}

pub fn call_deltas(entries: &[Value]) -> String {
    let list: Vec<_> = entries.iter().map(|entry| json!({ "tool_calls": [entry] })).collect();
    deltas(&list, "tool_calls")
}

pub fn body(body: &str) -> Reply {
    Reply::Raw(200, vec![("content-type", "text/event-stream")], body.to_owned())
}

pub const NAME: &str = "get_stock_price";
pub const WAYNE: &str = r#"{"symbol":"WAYNE"}"#;
const STARK: &str = r#"{"symbol":"STARK"}"#;

pub fn f(name: &str, arguments: impl Into<Value>) -> Value {
    json!({ "name": name, "arguments": arguments.into() })
}

/// Checks that every call has its result, under a unique id.
pub fn is_paired(messages: &[Value]) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        if message["role"] == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            let Some(at) = open.iter().position(|known| *known == id) else { return Err(format!("no call {id}")) };
            open.remove(at);
            continue;
        }
        if !open.is_empty() {
            return Err(format!("no answer to {open:?}"));
        }
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let id = call["id"].as_str().unwrap_or_default();
            if id.is_empty() || open.contains(&id) {
                return Err(format!("the id {id:?}"));
            }
            open.push(id);
            let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
            if !serde_json::from_str::<Value>(arguments).is_ok_and(|arguments| arguments.is_object()) {
                return Err(format!("the arguments {arguments}"));
            }
            let name = call["function"]["name"].as_str().unwrap_or_default();
            if name.is_empty() || name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-') {
                return Err(format!("the name {name}"));
            }
        }
    }
    Ok(())
}

/// A call: tool, arguments, and whether it succeeded.
pub type Made = (String, Value, bool);

/// The calls of the turn, and the next request to the model.
pub async fn called(world: &World, name: &str, answer: &str, demand: Demand) -> (Vec<Made>, Vec<Value>) {
    world.model.demand(demand);
    world.model.replies([body(answer), text("Done.")]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let transcript = browser.settled(&thread).await;
    assert!(said(&transcript).ends_with("<p>Done.</p>\n"), "{name}: {transcript:?}");
    let calls = transcript.items.iter().filter_map(|item| match item {
        Item::Call(call) => Some((
            call.tool.clone(),
            serde_json::from_str(&call.input).unwrap(),
            matches!(call.state, CallState::Done { .. }),
        )),
        _ => None,
    });
    (calls.collect(), world.model.last())
}

/// The answer's other calls run, and the model learns which ones didn't.
#[tokio::test(flavor = "multi_thread")]
async fn too_many_or_too_long_calls_cost_only_themselves() {
    let world = World::new().await;
    let long = call_deltas(&[
        json!({ "index": 0, "id": "a", "function": f(NAME, format!(r#"{{"symbol":"{}"}}"#, "X".repeat(17_000))) }),
        json!({ "index": 1, "id": "b", "function": f(NAME, WAYNE) }),
    ]);
    let (made, messages) = called(&world, "long arguments", &long, is_paired).await;
    assert_eq!(made.iter().map(|call| call.2).collect::<Vec<_>>(), [false, true]);
    assert!(messages.iter().any(|message| message["content"].as_str().is_some_and(|it| it.contains("16 kB"))));
    let calls = (0..10).map(|at| json!({ "index": at, "id": format!("c{at}"), "function": f(NAME, WAYNE) }));
    let (made, messages) = called(&world, "ten calls", &call_deltas(&calls.collect::<Vec<_>>()), is_paired).await;
    let done: Vec<bool> = made.iter().map(|call| call.2).collect();
    assert_eq!(done, [[true; 8].as_slice(), &[false; 2]].concat());
    assert!(messages.iter().any(|message| message["content"].as_str().is_some_and(|it| it.contains("eight calls"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_read_as_endpoints_stream_them() {
    let wayne = || (NAME.to_owned(), json!({ "symbol": "WAYNE" }), true);
    let stark = || (NAME.to_owned(), json!({ "symbol": "STARK" }), true);
    let whoami = || ("whoami".to_owned(), json!({}), true);
    let (half, rest) = WAYNE.split_at(8);
    let one = |function: Value| call_deltas(&[json!({ "index": 0, "id": "a", "function": function })]);
    let rows: Vec<(&str, String, Vec<Made>)> = vec![
        (
            "the name repeated in every delta",
            call_deltas(&[
                json!({ "index": 0, "id": "a", "function": f(NAME, "") }),
                json!({ "index": 0, "id": "a", "function": f(NAME, half) }),
                json!({ "index": 0, "function": f(NAME, rest) }),
            ]),
            vec![wayne()],
        ),
        (
            "several calls without an index",
            call_deltas(&[
                json!({ "id": "a", "function": f(NAME, half) }),
                json!({ "function": { "arguments": rest } }),
                json!({ "id": "b", "function": f(NAME, STARK) }),
            ]),
            vec![wayne(), stark()],
        ),
        (
            "several calls in one delta, without index and id",
            deltas(&[json!({ "tool_calls": [{ "function": f(NAME, WAYNE) }, { "function": f(NAME, STARK) }, { "function": f("whoami", "") }] })], "stop"),
            vec![wayne(), stark(), whoami()],
        ),
        (
            "all at index 0 with different ids",
            call_deltas(&[
                json!({ "index": 0, "id": "a", "function": f(NAME, WAYNE) }),
                json!({ "index": 0, "id": "b", "function": f(NAME, half) }),
                json!({ "index": 0, "id": "b", "function": { "arguments": r#"":"STARK"}"# } }),
            ]),
            vec![wayne(), stark()],
        ),
        (
            "all at index 0 without ids",
            call_deltas(&[json!({ "index": 0, "function": f(NAME, WAYNE) }), json!({ "index": 0, "function": f(NAME, STARK) })]),
            vec![wayne(), stark()],
        ),
        (
            "an index that is null or text",
            call_deltas(&[
                json!({ "index": null, "id": "a", "function": f(NAME, WAYNE) }),
                json!({ "index": "1", "id": "b", "function": f(NAME, "{\"symbol\":") }),
                json!({ "index": 1, "id": "", "function": { "name": null, "arguments": "\"STARK\"}" } }),
            ]),
            vec![wayne(), stark()],
        ),
        (
            "calls whose deltas alternate",
            call_deltas(&[
                json!({ "index": 0, "id": "a", "function": f(NAME, half) }),
                json!({ "index": 1, "id": "b", "function": f("whoami", "") }),
                json!({ "index": 0, "function": { "arguments": rest } }),
            ]),
            vec![wayne(), whoami()],
        ),
        (
            "function: null",
            call_deltas(&[json!({ "index": 0, "id": "a", "function": f(NAME, WAYNE) }), json!({ "index": 0, "function": null })]),
            vec![wayne()],
        ),
        ("arguments as an object", one(f(NAME, json!({ "symbol": "WAYNE" }))), vec![wayne()]),
        ("no arguments", one(json!({ "name": "whoami" })), vec![whoami()]),
        ("empty arguments", one(f("whoami", "")), vec![whoami()]),
        ("null for arguments", one(f("whoami", Value::Null)), vec![whoami()]),
        ("null as text for arguments", one(f("whoami", "null")), vec![whoami()]),
        ("a trailing comma", one(f(NAME, r#"{"symbol":"WAYNE",}"#)), vec![wayne()]),
        ("a code fence", one(f(NAME, format!("```json\n{WAYNE}\n```"))), vec![wayne()]),
        ("encoded twice", one(f(NAME, Value::String(WAYNE.into()).to_string())), vec![wayne()]),
        ("an empty object first", one(f(NAME, format!("{{}}{WAYNE}"))), vec![wayne()]),
        ("the prefix functions.", one(f("functions.get_stock_price", WAYNE)), vec![wayne()]),
        ("the prefix default_api:", one(f("default_api:get_stock_price", WAYNE)), vec![wayne()]),
        ("a padded name in other case", one(f(" Get_Stock_Price\n", WAYNE)), vec![wayne()]),
        (
            "the name in pieces",
            call_deltas(&[
                json!({ "index": 0, "id": "a", "function": { "name": "get_stock" } }),
                json!({ "index": 0, "function": f("_price", WAYNE) }),
            ]),
            vec![wayne()],
        ),
        (
            "legacy function_call",
            deltas(&[json!({ "function_call": { "name": NAME } }), json!({ "function_call": { "arguments": WAYNE } })], "function_call"),
            vec![wayne()],
        ),
        (
            "no stream but a whole answer",
            serde_json::to_string_pretty(&json!({ "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": { "role": "assistant", "content": null, "tool_calls": [{ "id": "a", "type": "function", "function": f(NAME, WAYNE) }] } }] })).unwrap(),
            vec![wayne()],
        ),
        // An unreadable call gets an error, and the good calls beside it run.
        (
            "a tool that doesn't exist",
            call_deltas(&[
                json!({ "index": 0, "id": "a", "function": f("transfer money!", "{\"all\":true}") }),
                json!({ "index": 1, "id": "b", "function": f(NAME, WAYNE) }),
            ]),
            vec![("transfermoney".into(), json!({}), false), wayne()],
        ),
        ("no name at all", one(f("", WAYNE)), vec![("unknown".into(), json!({}), false)]),
        (
            "arguments that aren't an object",
            call_deltas(&[
                json!({ "index": 0, "id": "a", "function": f(NAME, WAYNE) }),
                json!({ "index": 1, "id": "b", "function": f(NAME, "[1]") }),
            ]),
            vec![wayne(), (NAME.into(), json!({}), false)],
        ),
        (
            "arguments that are cut off",
            deltas(&[json!({ "tool_calls": [{ "index": 0, "id": "a", "function": f("create_order", r#"{"symbol":"WAYNE","side":"BUY","quantity":5"#) }] })], "length"),
            vec![("create_order".into(), json!({}), false)],
        ),
        (
            "arguments that were never begun",
            deltas(&[json!({ "tool_calls": [{ "index": 0, "id": "a", "function": f("whoami", "") }] })], "length"),
            vec![("whoami".into(), json!({}), false)],
        ),
        (
            "a chunk lost between two",
            format!("data: {}\n\ndata: {{\"choices\n\n{}", json!({ "choices": [{ "delta": { "content": "Well. " } }] }), one(f(NAME, WAYNE))),
            vec![],
        ),
    ];
    let world = World::new().await;
    for (name, answer, expected) in rows {
        // A damaged answer's calls don't run: a piece of their arguments may be missing.
        if expected.is_empty() {
            world.model.replies([body(&answer)]);
            let mut browser = world.visitor();
            let thread = browser.open("Hi").await;
            let transcript = browser.settled(&thread).await;
            assert!(
                matches!(transcript.items.last(), Some(Item::Failed { continues: true, .. })),
                "{name}: {transcript:?}"
            );
            assert_eq!(said(&transcript), "<p>Well.</p>\n", "{name}");
            assert!(!transcript.items.iter().any(|item| matches!(item, Item::Call(_))), "{name}: {transcript:?}");
            continue;
        }
        let (calls, sent) = called(&world, name, &answer, is_paired).await;
        assert_eq!(calls, expected, "{name}");
        for ((_, _, is_good), result) in calls.iter().zip(sent.iter().filter(|message| message["role"] == "tool")) {
            let result = result["content"].as_str().unwrap();
            assert_eq!(result.contains("The tools are: whoami, get_stock_price"), !is_good, "{name}: {result}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_never_cost_the_text_they_came_with() {
    let content = |content: Value| json!({ "choices": [{ "index": 0, "delta": { "content": content } }] });
    let rows: Vec<(&str, String)> = vec![
        (
            "null choices",
            stream(&[content("Hi ".into()), json!({ "choices": null, "usage": {} }), content("there".into())]),
        ),
        (
            "missing choices",
            stream(&[json!({ "id": "x" }), content("Hi there".into()), json!({ "usage": { "total_tokens": 3 } })]),
        ),
        ("empty choices", stream(&[json!({ "choices": [] }), content("Hi there".into())])),
        (
            "null delta",
            stream(&[content("Hi there".into()), json!({ "choices": [{ "delta": null, "finish_reason": "stop" }] })]),
        ),
        ("missing delta", stream(&[content("Hi there".into()), json!({ "choices": [{ "finish_reason": "eos" }] })])),
        ("null content", stream(&[content(Value::Null), content("Hi there".into())])),
        (
            "parts for content",
            stream(&[content(
                json!([{ "type": "text", "text": "Hi " }, { "type": "reference", "ids": [1] }, "there"]),
            )]),
        ),
        ("a part alone", stream(&[content(json!({ "type": "text", "text": "Hi there" }))])),
        (
            "unknown types beside",
            stream(&[
                json!({ "choices": [{ "index": 0, "logprobs": 7, "delta": { "content": "Hi there", "tool_calls": "none", "role": 5, "refusal": false } }] }),
            ]),
        ),
        (
            "choices out of order",
            stream(&[
                json!({ "choices": [{ "index": 1, "delta": { "content": "No" } }, { "index": 0, "delta": { "content": "Hi there" } }] }),
            ]),
        ),
        (
            "a choice of another index alone",
            stream(&[json!({ "choices": [{ "index": 1, "delta": { "content": "No" } }] }), content("Hi there".into())]),
        ),
        ("an index as text", stream(&[json!({ "choices": [{ "index": "0", "delta": { "content": "Hi there" } }] })])),
        (
            "text in a failing chunk",
            stream(&[
                json!({ "choices": [{ "delta": { "content": "Hi there" }, "finish_reason": "stop" }], "error": null }),
            ]),
        ),
        (
            "no empty lines between",
            format!("data: {}\ndata: {}\ndata: [DONE]\n", content("Hi ".into()), content("there".into())),
        ),
        (
            "comments and pings",
            format!(
                ": OPENROUTER PROCESSING\n\ndata: ping\n\ndata: \n\nevent: x\nid: 1\ndata: {}\n\ndata: [DONE]",
                content("Hi there".into())
            ),
        ),
        (
            "no [DONE]",
            format!(
                "data: {}\n\n",
                json!({ "choices": [{ "delta": { "content": "Hi there" }, "finish_reason": "end_turn" }] })
            ),
        ),
        (
            "the whole message at the end again",
            stream(&[
                content("Hi there".into()),
                json!({ "choices": [{ "message": { "content": "Hi there" }, "finish_reason": "stop" }] }),
            ]),
        ),
        (
            "a chunk per line",
            format!(
                "{}\n{}\n",
                content("Hi ".into()),
                json!({ "choices": [{ "delta": { "content": "there" }, "finish_reason": "stop" }] })
            ),
        ),
        ("a list of chunks", stream(&[json!([content("Hi ".into()), content("there".into())])])),
    ];
    let world = World::new().await;
    for (name, answer) in rows {
        world.model.replies([body(&answer)]);
        let mut browser = world.visitor();
        let thread = browser.open("Hi").await;
        let transcript = browser.settled(&thread).await;
        assert_eq!(said(&transcript), "<p>Hi there</p>\n", "{name}: {transcript:?}");
        assert_eq!(transcript.items.len(), 3, "{name}: {transcript:?}");
    }
}
