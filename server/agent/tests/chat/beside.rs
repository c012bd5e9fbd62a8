//! Parts of an answer other than its text: members that its provider requires back, reasoning, and a refusal.

use serde_json::{Value, json};
use shared::chat::Item;

use crate::{
    browser::said,
    model::text,
    quirks::{NAME, WAYNE, body, call_deltas, called, deltas, f, is_paired},
    world::World,
};

/// Members of a call are sent back unchanged, and only to the endpoint and model that sent them.
#[tokio::test(flavor = "multi_thread")]
async fn provider_members_are_sent_back() {
    let world = World::new().await;
    // Mistral's ids have nine letters and digits.
    let (calls, sent) = called(
        &world,
        "Mistral",
        &call_deltas(&[json!({ "index": 0, "id": "D681PevKs", "function": f(NAME, WAYNE) })]),
        |messages| {
            is_paired(messages)?;
            let ids = messages.iter().flat_map(|message| message["tool_calls"].as_array().into_iter().flatten());
            let mut ids = ids.map(|call| call["id"].as_str().unwrap_or_default());
            if ids.all(|id| id.len() == 9 && id.chars().all(|c| c.is_ascii_alphanumeric())) {
                Ok(())
            } else {
                Err("the id".into())
            }
        },
    )
    .await;
    assert_eq!((calls.len(), &sent[2]["tool_calls"][0]["id"]), (1, &json!("D681PevKs")));
    // Gemini requires its signature back with each call.
    let signature = json!({ "google": { "thought_signature": "c2ln" } });
    let (_, sent) = called(
        &world,
        "Gemini",
        &call_deltas(&[json!({ "index": 0, "id": "", "extra_content": signature, "function": f(NAME, WAYNE) })]),
        |messages| {
            is_paired(messages)?;
            let lacks = |call: &Value| call["extra_content"]["google"]["thought_signature"] != "c2ln";
            let mut calls = messages.iter().flat_map(|message| message["tool_calls"].as_array().into_iter().flatten());
            if calls.any(lacks) { Err("Function call is missing a thought_signature".into()) } else { Ok(()) }
        },
    )
    .await;
    assert_eq!(sent[2]["tool_calls"][0]["extra_content"], signature);
    // DeepSeek gets its reasoning back with the calls that followed it.
    let mut answer = vec![json!({ "reasoning_content": "Hm. " }), json!({ "reasoning_content": "A price." })];
    answer.push(json!({ "tool_calls": [{ "index": 0, "id": "a", "function": f(NAME, WAYNE) }] }));
    let (_, sent) = called(&world, "DeepSeek", &deltas(&answer, "tool_calls"), |messages| {
        is_paired(messages)?;
        let lacks =
            |message: &Value| message["tool_calls"].is_array() && message["reasoning_content"] != "Hm. A price.";
        if messages.iter().any(lacks) { Err("Missing reasoning_content".into()) } else { Ok(()) }
    })
    .await;
    assert_eq!(sent[2]["reasoning_content"], "Hm. A price.");
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_members_stay_with_their_endpoint() {
    let mut world = World::new().await;
    let answer = || {
        body(&deltas(
            &[
                json!({ "signature": "S", "tool_calls": [{ "index": 0, "id": "D681PevKs", "extra": 1, "function": f("whoami", "") }] }),
            ],
            "tool_calls",
        ))
    };
    world.model.replies([answer(), text("Done.")]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    browser.settled(&thread).await;
    let sent = world.model.last();
    assert_eq!((&sent[2]["signature"], &sent[2]["tool_calls"][0]["extra"]), (&json!("S"), &json!(1)));
    // An endpoint that no longer accepts them is asked without them.
    world.model.demand(|messages| {
        let has = messages.iter().any(|message| message.get("signature").is_some());
        if has { Err("unknown member".into()) } else { Ok(()) }
    });
    browser.say(&thread, "More").await;
    browser.settled(&thread).await;
    assert_eq!(world.model.last()[2]["tool_calls"][0]["id"], "D681PevKs");
    // Another model gets none of them.
    world.kill();
    world.name_model("other-model");
    world.start();
    browser.say(&thread, "And now").await;
    browser.settled(&thread).await;
    let sent = world.model.last();
    assert!(!json!(sent).to_string().contains("D681PevKs"), "{sent:?}");
    assert!(sent[2].get("signature").is_none() && sent[2]["tool_calls"][0].get("extra").is_none(), "{sent:?}");
    is_paired(&sent).unwrap();
}

/// The page shows it collapsed. It isn't part of the answer in later requests.
#[tokio::test(flavor = "multi_thread")]
async fn reasoning_is_shown_collapsed_and_not_sent_back() {
    let rows: Vec<(&str, Vec<Value>)> = vec![
        ("reasoning_content", vec![json!({ "reasoning_content": "Hm" }), json!({ "content": "Hi." })]),
        (
            "reasoning",
            vec![json!({ "reasoning": "Hm", "reasoning_details": [{ "text": "Hm" }] }), json!({ "content": "Hi." })],
        ),
        ("both in one delta", vec![json!({ "reasoning_content": "Hm", "reasoning": "Hm", "content": "Hi." })]),
        (
            "parts",
            vec![
                json!({ "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": "Hm" }] }, { "type": "text", "text": "Hi." }] }),
            ],
        ),
        (
            "tags",
            vec![json!({ "content": "<thi" }), json!({ "content": "nk>Hm</th" }), json!({ "content": "ink>\n\nHi." })],
        ),
        (
            "no opening tag",
            vec![json!({ "content": "Hm" }), json!({ "content": "\n</think>" }), json!({ "content": "Hi." })],
        ),
    ];
    let world = World::new().await;
    for (name, answer) in rows {
        world.model.replies([body(&deltas(&answer, "stop")), text("Bye.")]);
        let mut browser = world.visitor();
        let thread = browser.open("Hi").await;
        let transcript = browser.settled(&thread).await;
        let [Item::Message { .. }, Item::Text { html: thought, .. }, Item::Text { html, .. }, Item::Done { .. }] =
            &transcript.items[..]
        else {
            panic!("{name}: {transcript:?}")
        };
        assert_eq!(thought, "<details class=\"reasoning\"><summary>Reasoning</summary><p>Hm</p>\n</details>", "{name}");
        assert_eq!(html, "<p>Hi.</p>\n", "{name}");
        browser.say(&thread, "More").await;
        browser.settled(&thread).await;
        assert!(!json!(world.model.last()).to_string().contains("Hm"), "{name}: {:?}", world.model.last());
        assert_eq!(world.model.last()[2]["content"].as_str().unwrap().trim(), "Hi.", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_is_shown_as_a_refusal() {
    let world = World::new().await;
    let refusal = body(&deltas(&[json!({ "refusal": "I can't " }), json!({ "refusal": "do <b>that</b>." })], "stop"));
    let filtered = body(&deltas(&[json!({ "content": "Well, " })], "content_filter"));
    world.model.replies([refusal, filtered]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let transcript = browser.settled(&thread).await;
    let html = said(&transcript);
    assert!(html.contains("class=\"refusal\"") && html.contains("The model refused to answer."), "{html}");
    assert!(html.contains("I can't do &lt;b&gt;that&lt;/b&gt;."), "{html}");
    assert_eq!(transcript.items.len(), 3, "{transcript:?}");
    browser.say(&thread, "More").await;
    let transcript = browser.settled(&thread).await;
    assert!(matches!(transcript.items.last(), Some(Item::Failed { message, .. }) if message.contains("withheld")));
    assert!(said(&transcript).contains("Well,"), "what was said stays: {transcript:?}");
}
