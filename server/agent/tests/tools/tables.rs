//! A restaurant's API and its configuration file: an API of the identity service that only this file describes.

use std::sync::{Arc, Mutex, MutexGuard};

use foundation::axum::{
    self, Json, Router,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use world::claims;

/// A call: method, path with query, bearer token, body.
pub type Call = (Method, String, String, Value);

#[derive(Default)]
pub struct Answers {
    pub calls: Vec<Call>,
    /// Reservations, each with the id of its approval.
    pub reservations: Vec<(String, Value)>,
    /// Whether the next reservation is made and its answer lost.
    pub loses_answer: bool,
    /// The status and error with which reservations are refused.
    pub refuses: Option<(u16, &'static str)>,
    /// The answer to every reading call.
    pub says: Option<Value>,
    /// Whether every call is redirected.
    pub redirects: bool,
}

#[derive(Clone)]
pub struct Tables {
    url: String,
    state: Arc<Mutex<Answers>>,
}

impl Tables {
    pub async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://tables.localhost:{}/v1", socket.local_addr().unwrap().port());
        let tables = Self { url, state: Arc::default() };
        let routes = Router::new().fallback(answer).with_state(tables.clone());
        tokio::spawn(async move { axum::serve(socket, routes).await });
        tables
    }

    pub fn state(&self) -> MutexGuard<'_, Answers> {
        self.state.lock().unwrap()
    }

    /// The configuration file with this API.
    pub fn file(&self) -> String {
        FILE.replace("{url}", &self.url)
    }
}

async fn answer(
    State(tables): State<Tables>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Option<Json<Value>>,
) -> Response {
    let mut state = tables.state();
    let bearer = headers.get("authorization").map_or("", |value| value.to_str().unwrap());
    let bearer = bearer.trim_start_matches("Bearer ").to_owned();
    let body = body.map(|Json(body)| body).unwrap_or_default();
    let path = uri.path_and_query().unwrap().as_str().to_owned();
    state.calls.push((method.clone(), path.clone(), bearer.clone(), body.clone()));
    if state.redirects {
        return Redirect::temporary("/v1/elsewhere").into_response();
    }
    if let Some(says) = state.says.clone() {
        return Json(says).into_response();
    }
    if method == Method::POST {
        if let Some((status, error)) = state.refuses {
            return (StatusCode::from_u16(status).unwrap(), Json(json!({ "error": error }))).into_response();
        }
        let txn = claims(&bearer).unwrap()["txn"].as_str().unwrap().to_owned();
        let found = state.reservations.iter().find(|(known, _)| *known == txn).map(|(_, made)| made.clone());
        let made = found.unwrap_or_else(|| {
            let made = json!({ "approval": txn, "table": body["table"], "status": "confirmed" });
            state.reservations.push((txn, made.clone()));
            made
        });
        if std::mem::take(&mut state.loses_answer) {
            return StatusCode::BAD_GATEWAY.into_response();
        }
        return (StatusCode::CREATED, Json(made)).into_response();
    }
    if path.starts_with("/v1/reservations") {
        let found = state.reservations.iter().filter(|(txn, _)| path.ends_with(&format!("txn={txn}")));
        return Json(found.map(|(_, made)| made.clone()).collect::<Vec<_>>()).into_response();
    }
    if path.starts_with("/v1/tables/") {
        return Json(json!({ "deposit": "15.00" })).into_response();
    }
    Json(json!([{ "table": "blue", "seats": 4, "view": "Sea\u{202e}" }, { "table": "round", "seats": 10 }]))
        .into_response()
}

const FILE: &str = r#"
[[api]]
id = "tables"
name = "Tables"
audience = "https://tables.example"
url = "{url}"
scopes = { "tables:read" = "See free tables", "tables:reserve" = "Reserve tables" }

[[api.type]]
name = "table_reservation"
scope = "tables:reserve"
title = "{table} on {day}"
receipt = { url = "{url}/reservations?txn={approval}", title = "{table} is {status}" }

[[api.type.member]]
name = "table"
kind = "choice"
words = { blue = "Blue table", round = "Big round table" }
label = "Table"

[[api.type.member]]
name = "day"
kind = "date"
label = "Day"

[[api.type.member]]
name = "guests"
kind = "integer"
range = [1, 12]
label = "Guests"

[[api.type.member]]
name = "deposit"
kind = "decimal"
places = 2
range = ["0.00", "999.99"]
label = "Deposit"

[[api.type.member]]
name = "currency"
kind = "constant"
value = "EUR"

# Tools
[[tool]]
name = "list_tables"
title = "Free tables"
says = "Lists the tables that are free."
api = "tables"
call = { method = "GET", path = "/tables", query = { day = "{day}", kind = "indoors" } }
needs = { scope = "tables:read" }
optional = ["day"]
phrases = ["which tables are free", "which tables are free on {day}"]

[[tool.input]]
name = "day"
kind = "date"
label = "Day"

[[tool]]
name = "table_menu"
says = "The menu of a table."
api = "tables"
call = { method = "GET", path = "/menus/{name}" }

[[tool.input]]
name = "name"
kind = "text"
length = [1, 60]
label = "Name"

[[tool]]
name = "reserve_table"
title = "Reserve a table"
says = "Reserves a table."
api = "tables"
call = { method = "POST", path = "/reservations", body = "detail" }
needs = { approval = "table_reservation" }
default = { guests = 2 }
quote = { path = "/tables/{table}", members = { deposit = "/deposit" } }
phrases = ["reserve the {table} on {day}"]
"#;
