//! Configured tools: offered and called like the built-in ones, at an API that is known only from the configuration.

use agent::{
    approval::{self, ApprovalError, Outcome},
    tools::{Caller, Prepared, Stop, ToolTable},
};
use foundation::{ExposeSecret, axum::http::Method};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::chat::View;

use world::{Setup, claims, grant, refusal};

use crate::{
    approvals::approved,
    mcp::{messages, request},
    sites::{World, message},
    tables::{Call, Tables},
};

pub const SCOPES: &str = "tables:read tables:reserve";
const AUDIENCE: &str = "https://tables.example";

/// The API, and Alice, who hasn't given the agent access to it.
async fn before_consent() -> (World, Tables, Caller) {
    let tables = Tables::start().await;
    let world = World::with(Setup::default().file(tables.file())).await;
    let alice = world.alice();
    (world, tables, alice)
}

/// The API, and Alice, who has given the agent all of its scopes.
pub async fn arranged() -> (World, Tables, Caller) {
    let (world, tables, alice) = before_consent().await;
    let connect = world.url("accounts/connect?api=tables&scopes=tables:read+tables:reserve");
    world.person.browser.lock().await.consent(&world.sites(), &connect).await.unwrap();
    world.forget();
    (world, tables, alice)
}

/// The agent's calls of the API, without their tokens. Asserts that each token is for this scope of the API.
fn calls(tables: &Tables, scope: &str) -> Vec<(Method, String, Value)> {
    let call = |(method, path, bearer, body): &Call| {
        let token = claims(bearer).unwrap();
        assert_eq!((&token["aud"], &token["scope"]), (&json!(AUDIENCE), &json!(scope)));
        (method.clone(), path.clone(), body.clone())
    };
    tables.state().calls.iter().map(call).collect()
}

pub fn reservation() -> Value {
    json!({ "table": "blue", "day": "2026-12-04" })
}

async fn prepared(world: &World, caller: &Caller) -> Prepared {
    match world.call(caller, "reserve_table", reservation()).await {
        Err(Stop::Approval(prepared)) => *prepared,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn configured_tools_are_offered_like_the_compiled_ones() {
    let (world, _, _) = arranged().await;
    let names: Vec<_> = world.agent.tools().iter().skip(10).map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["list_tables", "table_menu", "reserve_table"]);
    let token = world.mcp_token(SCOPES);
    let response = request(&world, &token, "2025-11-25", "tools/list", json!({})).send().await.unwrap();
    let result = messages(response).await.remove(0)["result"].clone();
    let tool = |name: &str| {
        let tools = result["tools"].as_array().unwrap();
        tools.iter().find(|tool| tool["name"] == name).unwrap().clone()
    };
    let reserve = tool("reserve_table");
    assert_eq!(
        reserve["annotations"],
        json!({ "title": "Reserve a table", "readOnlyHint": false, "destructiveHint": true, "idempotentHint": false,
                "openWorldHint": true })
    );
    assert_eq!(
        reserve["_meta"],
        json!({ "mandate/requiredScopes": ["tables:reserve"], "mandate/approval": true,
                "anthropic/requiresUserInteraction": true })
    );
    // Quoted members and constants aren't arguments; members with a default are optional.
    let members: Vec<_> = reserve["inputSchema"]["properties"].as_object().unwrap().keys().collect();
    assert_eq!(members, ["again", "day", "guests", "reason", "table"]);
    assert_eq!(reserve["inputSchema"]["required"], json!(["table", "day"]));
    assert_eq!(reserve["inputSchema"]["properties"]["table"]["enum"], json!(["blue", "round"]));
    let list = tool("list_tables");
    assert_eq!(list["annotations"]["readOnlyHint"], true);
    assert_eq!(list["_meta"], json!({ "mandate/requiredScopes": ["tables:read"], "mandate/approval": false }));
    assert_eq!(list["inputSchema"]["required"], json!([]));
}

#[tokio::test]
async fn reading_needs_a_login_and_consent() {
    let (world, tables, alice) = before_consent().await;
    assert!(matches!(world.call(&Caller::Visitor, "list_tables", json!({})).await, Err(Stop::Login)));
    for (tool, arguments, scope) in
        [("list_tables", json!({}), "tables:read"), ("reserve_table", reservation(), "tables:reserve")]
    {
        match world.call(&alice, tool, arguments).await {
            Err(Stop::Connect { api, scopes }) => {
                assert_eq!((api.as_str(), scopes), ("tables", vec![scope.to_owned()]))
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(tables.state().calls.is_empty());
    // Leads to the identity service's consent page, for that API.
    let (cookie, _) = world.session(true).await;
    let begun = world.get("accounts/connect?api=tables&scopes=tables:read&returnTo=%2Ft%2Fthr_1", &cookie).await;
    assert_eq!(begun.status(), StatusCode::SEE_OTHER);
    let to: url::Url = begun.headers()["location"].to_str().unwrap().parse().unwrap();
    assert_eq!(to.as_str().split('?').next(), Some(world.identity_site().at("authorize").as_str()));
    let of = |name: &str| to.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(of("audience").as_deref(), Some(AUDIENCE));
    assert_eq!(of("prompt").as_deref(), Some("consent"));
    assert_eq!(of("scope").as_deref(), Some("openid profile email offline_access tables:read"));
    assert_eq!(of("code_challenge_method").as_deref(), Some("S256"));
    // An unknown API.
    let nothing = world.get("accounts/connect?api=nothing", &cookie).await;
    assert_eq!(nothing.headers()["location"], "/accounts");
}

#[tokio::test]
async fn a_list_is_a_table_and_an_optional_member_is_left_out() {
    let (world, tables, alice) = arranged().await;
    let found = world.call(&alice, "list_tables", json!({})).await.unwrap();
    assert_eq!(found.summary, "2 results");
    assert_eq!(found.output["result"][1]["seats"], 10);
    let Some(View::Table { columns, rows, more: 0 }) = found.view else { panic!("{found:?}") };
    assert_eq!(columns, ["seats", "table", "view"]);
    assert_eq!(rows, [["4", "blue", "Sea"], ["10", "round", ""]]);
    world.call(&alice, "list_tables", json!({ "day": "2026-12-04" })).await.unwrap();
    let call = |path: &str| (Method::GET, path.to_owned(), Value::Null);
    assert_eq!(
        calls(&tables, "tables:read"),
        [call("/v1/tables?kind=indoors"), call("/v1/tables?day=2026-12-04&kind=indoors")]
    );
    let refresh = world.at_identity.grants("refresh_token")[0].form();
    assert_eq!((refresh["audience"].as_str(), refresh["scope"].as_str()), (AUDIENCE, "tables:read"));
    for wrong in [json!({ "day": "Friday" }), json!({ "day": 5 }), json!({ "day": "2026-12-04", "user": "bob" })] {
        let said = message(world.call(&alice, "list_tables", wrong).await);
        assert!(said.starts_with("The arguments don't fit this tool: "), "{said}");
    }
    assert_eq!(tables.state().calls.len(), 2);
}

/// THREATS.md line 44: whatever a configured API answers, it is shown as a table or not at all, never as another API's
/// card.
#[tokio::test]
async fn line_44_answer_of_another_api_is_no_card() {
    let (world, tables, alice) = arranged().await;
    let quote = world.call(&alice, "get_stock_price", json!({ "symbol": "WAYNE" })).await.unwrap();
    let quote = serde_json::to_value(quote.view.expect("a card")).unwrap();
    let order =
        json!({ "id": "ord_1", "symbol": "WAYNE", "side": "BUY", "quantity": 5, "price": "1.00", "status": "FILLED" });
    for says in [quote.clone(), json!([quote]), json!({ "view": quote }), json!({ "orders": { "orders": [order] } })] {
        tables.state().says = Some(says.clone());
        let found = world.call(&alice, "list_tables", json!({})).await.unwrap();
        assert_eq!(found.view, None, "{says}");
    }
    // A flat list becomes a table of plain text.
    tables.state().says = Some(json!({ "orders": [order] }));
    let found = world.call(&alice, "list_tables", json!({})).await.unwrap();
    assert!(matches!(found.view, Some(View::Table { .. })), "{found:?}");
}

/// THREATS.md line 20: the caller's token is exchanged for one of the API, with the scopes of both.
#[tokio::test]
async fn line_20_a_configured_api_never_sees_the_callers_token() {
    let (world, tables, _) = arranged().await;
    world.grant("grt_1", "tables:read tables:reserve").await;
    let mut own = world.mcp_claims("tables:read");
    own["grant_id"] = "grt_1".into();
    let caller = world.mcp_caller_with(&own);
    world.call(&caller, "list_tables", json!({})).await.unwrap();
    let Caller::Mcp { token, .. } = &caller else { panic!() };
    let token = token.expose_secret();
    let exchange = world.at_identity.grants("token-exchange")[0].form();
    assert_eq!(exchange["grant_type"], "urn:ietf:params:oauth:grant-type:token-exchange");
    assert_eq!(exchange["subject_token"], *token);
    assert_eq!((exchange["client_id"].as_str(), exchange["audience"].as_str()), ("agent-mcp", AUDIENCE));
    assert_eq!(exchange["scope"], "tables:read");
    assert!(tables.state().calls.iter().all(|(_, _, bearer, _)| !bearer.contains(token)));
    assert_eq!(calls(&tables, "tables:read").len(), 1);
    // The caller's token has no scope for the other tool, so nothing is exchanged.
    let said = message(world.call(&caller, "reserve_table", reservation()).await);
    assert!(said.contains("its token lacks tables:reserve"), "{said}");
    assert_eq!(world.at_identity.seen("/oauth/token").len(), 1);
}

/// THREATS.md line 37: a value stays in its segment of the address, and redirects aren't followed.
#[tokio::test]
async fn line_37_a_configured_tool_calls_its_own_api_alone() {
    let (world, tables, alice) = arranged().await;
    for (name, path) in [
        ("a/../../x", "/v1/menus/a%2F..%2F..%2Fx"),
        ("x?y=1#z", "/v1/menus/x%3Fy=1%23z"),
        ("//evil.example", "/v1/menus/%2F%2Fevil.example"),
    ] {
        world.call(&alice, "table_menu", json!({ "name": name })).await.unwrap();
        assert_eq!(tables.state().calls.last().unwrap().1, path);
        // The tool needs no scope, so no token is sent.
        assert_eq!(tables.state().calls.last().unwrap().2, "");
    }
    let calls = tables.state().calls.len();
    for name in ["..", ".", "%2e%2E", "", "a\u{202e}b"] {
        let said = message(world.call(&alice, "table_menu", json!({ "name": name })).await);
        assert!(said.contains("The arguments don't fit this tool"), "{name:?}: {said}");
    }
    assert_eq!(tables.state().calls.len(), calls);
    tables.state().redirects = true;
    let said = message(world.call(&alice, "table_menu", json!({ "name": "x" })).await);
    assert!(said.starts_with("Tables can’t be reached right now"), "{said}");
    assert_eq!(tables.state().calls.len(), calls + 1, "a redirect isn't followed");
}

#[tokio::test]
async fn what_is_approved_is_read_strictly_and_quoted_by_the_api() {
    let (world, tables, alice) = arranged().await;
    let asked = prepared(&world, &alice).await;
    assert_eq!(asked.title, "Blue table on Fri 4 Dec 2026");
    assert_eq!(
        asked.detail,
        json!({ "type": "table_reservation", "table": "blue", "day": "2026-12-04", "guests": 2, "deposit": "15.00",
                "currency": "EUR" })
    );
    let facts: Vec<_> = asked.facts.iter().map(|(label, words)| (label.as_str(), words.as_str())).collect();
    assert_eq!(
        facts,
        [
            ("Table", "Blue table"),
            ("Day", "Fri 4 Dec 2026"),
            ("Guests", "2"),
            ("Deposit", "15.00"),
            ("Where", "Tables")
        ]
    );
    assert_eq!(calls(&tables, "tables:reserve"), [(Method::GET, "/v1/tables/blue".into(), Value::Null)]);
    for (wrong, why) in [
        (json!({ "table": "blue", "day": "2026-12-04", "deposit": "0.01" }), "unknown field `\"deposit\"`"),
        (json!({ "table": "blue", "day": "2026-12-04", "currency": "USD" }), "unknown field"),
        (json!({ "table": "green", "day": "2026-12-04" }), "`table` must be one of blue, round"),
        (json!({ "table": "blue", "day": "2026-12-04", "guests": 5.0 }), "`guests` must be an integer"),
        (json!({ "table": "blue", "day": "2026-12-04", "guests": 13 }), "`guests` must be an integer from 1 to 12"),
        (json!({ "table": "blue" }), "`day` is missing"),
    ] {
        let said = message(world.call(&alice, "reserve_table", wrong).await);
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(tables.state().calls.len(), 1, "nothing is quoted for what isn't read");
}

#[tokio::test]
async fn approved_call_uses_its_own_token_once() {
    let (world, tables, alice) = arranged().await;
    let asked = prepared(&world, &alice).await;
    let (token, txn) = approved(&world, &alice, &asked, "key-1").await;
    let fields = world.asked()[0].form();
    assert_eq!(fields["audience"], AUDIENCE);
    let details: Value = serde_json::from_str(&fields["authorization_details"]).unwrap();
    assert_eq!(details, json!([asked.detail]));

    let place = async || approval::place(&world.agent, &alice, &token, &txn, &asked).await;
    // The reservation is made and the answer lost; the next attempt gets the same record.
    tables.state().loses_answer = true;
    assert!(matches!(place().await, Err(ApprovalError::Retry(_))));
    for _ in 0..2 {
        let Ok(Outcome::Done { receipt, data }) = place().await else { panic!() };
        assert_eq!(receipt, "Blue table is confirmed");
        assert_eq!(data["approval"], txn);
    }
    let state = tables.state();
    let posts: Vec<_> = state.calls.iter().filter(|(method, ..)| *method == Method::POST).collect();
    assert_eq!(posts.len(), 3);
    for (_, path, bearer, body) in posts {
        assert_eq!((path.as_str(), bearer.as_str(), body), ("/v1/reservations", token.expose_secret(), &asked.detail));
    }
    assert_eq!(state.reservations.len(), 1);
    // The vault wasn't used.
    assert!(world.at_identity.grants("federated-connection-access-token").is_empty());
}

#[tokio::test]
async fn not_done_is_said_only_when_the_api_says_so() {
    let (world, tables, alice) = arranged().await;
    let asked = prepared(&world, &alice).await;
    let (token, txn) = approved(&world, &alice, &asked, "key-1").await;
    let place = async || approval::place(&world.agent, &alice, &token, &txn, &asked).await.unwrap();
    tables.state().refuses = Some((409, "The table is taken"));
    let Outcome::Refused { reason, approved: true } = place().await else { panic!() };
    assert_eq!(reason, "Tables refused it: The table is taken.");
    // A record of another approval doesn't count; one of this approval does.
    let record = |txn: &str| (txn.to_owned(), json!({ "approval": txn, "table": "blue", "status": "confirmed" }));
    tables.state().reservations = vec![record("apr_2")];
    assert!(matches!(place().await, Outcome::Refused { .. }));
    tables.state().reservations.push(record(&txn));
    assert!(matches!(place().await, Outcome::Done { receipt, .. } if receipt == "Blue table is confirmed"));
    // The API can't be asked any more.
    world.at_identity.fails(grant("refresh_token"), refusal(400, "invalid_scope"));
    let Outcome::Unknown(reason) = place().await else { panic!() };
    assert!(reason.contains("Tables can’t be asked any more whether it did it"), "{reason}");
}

#[derive(Deserialize)]
struct File {
    tool: Vec<ToolTable>,
}

#[tokio::test]
async fn a_wrong_tool_is_refused_when_it_is_read() {
    let tables = Tables::start().await;
    let file = tables.file();
    let (apis, tools) = file.split_once("# Tools").unwrap();
    let takes_again = details::Apis::parse(&apis.replace("\"guests\"", "\"again\"")).unwrap();
    let apis = details::Apis::parse(apis).unwrap();
    let read_with = |text: &str, apis: &details::Apis| -> Result<usize, String> {
        let file: File = toml::from_str(text).map_err(|wrong| wrong.message().to_owned())?;
        agent::tools::read(file.tool, apis).map(|tools| tools.len()).map_err(|wrong| wrong.message)
    };
    let read = |text: &str| read_with(text, &apis);
    assert_eq!(read(tools), Ok(3));
    assert!(read_with(tools, &takes_again).unwrap_err().contains("`again` is what a client writes"));
    for (right, wrong, why) in [
        ("says = \"The menu", "say = \"The menu", "unknown field `say`"),
        ("name = \"table_menu\"", "name = \"get_portfolio\"", "there is one of this name already"),
        ("name = \"table_menu\"", "name = \"get_request\"", "there is one of this name already"),
        ("name = \"table_menu\"", "name = \"list_tables\"", "there is one of this name already"),
        ("name = \"table_menu\"", "name = \"Menu\"", "a name has 1 to 40 small letters"),
        ("scope = \"tables:read\"", "scope = \"tables:write\"", "none of the API's"),
        ("approval = \"table_reservation\"", "approval = \"stock_order\"", "none of the API's"),
        ("approval = \"table_reservation\"", "scope = \"tables:reserve\"", "`method` is GET, or with an approval"),
        ("method = \"POST\"", "method = \"GET\"", "`method` is GET, or with an approval"),
        ("path = \"/menus/{name}\"", "path = \"/menus/{nobody}\"", "an address names \"nobody\""),
        ("path = \"/menus/{name}\"", "path = \"/../{name}\"", "must be one {member} alone"),
        ("path = \"/menus/{name}\"", "path = \"//evil.example/{name}\"", "must be one {member} alone"),
        ("path = \"/menus/{name}\"", "path = \"https://evil.example/{name}\"", "`path`"),
        ("path = \"/menus/{name}\"", "path = \"/menus/x{name}\"", "must be one {member} alone"),
        ("path = \"/menus/{name}\"", "path = \"/menus?x={name}\"", "has no query"),
        ("day = \"{day}\"", "day = \"on {day}\"", "is a literal, or one {member} alone"),
        ("body = \"detail\"", "body = \"all\"", "`body` is \"detail\""),
        ("optional = [\"day\"]", "optional = [\"night\"]", "`optional` names \"night\""),
        ("default = { guests = 2 }", "default = { nights = 2 }", "`default` names \"nights\""),
        ("default = { guests = 2 }", "default = { guests = 2.5 }", "is a text or an integer"),
        ("{ deposit = \"/deposit\" }", "{ deposit = \"deposit\" }", "JSON pointer"),
        ("{ deposit = \"/deposit\" }", "{ table = \"/deposit\" }", "which it is to say"),
        ("{ deposit = \"/deposit\" }", "{ currency = \"/deposit\" }", "JSON pointer"),
        ("reserve the {table} on {day}", "reserve the {chair}", "`phrases` names \"chair\""),
    ] {
        assert!(tools.contains(right), "{right}");
        let refused = read(&tools.replacen(right, wrong, 1)).unwrap_err();
        assert!(refused.contains(why), "{wrong}: {refused}");
    }
}
