//! The accounts API of the identity service that does what a test tells it.

use std::collections::HashMap;

use foundation::{
    axum::{
        Json, Router,
        extract::{Path, Query, State},
        http::{HeaderMap, StatusCode},
        response::{IntoResponse, Response},
        routing::{delete, get, post},
    },
    secret,
};
use serde_json::{Value, json};

use super::{Identity, error, trouble};

pub fn routes() -> Router<Identity> {
    Router::new()
        .route("/me/v1/connected-accounts/connect", post(connect))
        .route("/me/v1/connected-accounts/complete", post(complete))
        .route("/me/v1/connected-accounts/accounts", get(accounts))
        .route("/me/v1/connected-accounts/accounts/{id}", delete(disconnect))
}

fn is_alice(headers: &HeaderMap) -> bool {
    headers.get("authorization").is_some_and(|value| value == "Bearer account-alice")
}

async fn connect(State(identity): State<Identity>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if !is_alice(&headers) {
        return error(401, "invalid_token");
    }
    let mut state = identity.state();
    state.connects.push(body);
    let uri = state.connect_uri.clone().unwrap_or_else(|| identity.site.at("connected-accounts/connect"));
    let answer = json!({
        "connect_uri": uri,
        "auth_session": "session-1",
        "connect_params": { "ticket": "ticket-1" },
        "expires_in": 300,
    });
    (StatusCode::CREATED, Json(answer)).into_response()
}

async fn complete(State(identity): State<Identity>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if !is_alice(&headers) {
        return error(401, "invalid_token");
    }
    let mut state = identity.state();
    let challenge = state.connects.last().map(|connect| connect["code_challenge"].clone()).unwrap_or_default();
    let proven = secret::hash(body["code_verifier"].as_str().unwrap()) == challenge;
    state.completes.push(body.clone());
    if let Some(status) = state.complete {
        return error(status, "no");
    }
    if !proven || body["auth_session"] != "session-1" || body["connect_code"] != "code-1" {
        return error(400, "invalid_request");
    }
    state.connected = Some("portfolio:read trade:read trade:write".into());
    (StatusCode::CREATED, Json(json!({ "id": "cac_1", "connection": "stocktrade" }))).into_response()
}

async fn accounts(
    State(identity): State<Identity>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if !is_alice(&headers) {
        return error(401, "invalid_token");
    }
    let state = identity.state();
    if let Some(wanted) = state.trouble {
        return trouble(wanted);
    }
    let account = |id: &str, connection: &str, scopes: &str| {
        json!({
            "id": id,
            "connection": connection,
            "access_type": "offline",
            "scopes": scopes.split(' ').collect::<Vec<_>>(),
            "created_at": "2026-11-24T08:00:00.000Z",
        })
    };
    // Two pages.
    let page = match (&state.connected, query.get("from").map(String::as_str)) {
        (None, _) => json!({ "accounts": [] }),
        (Some(scopes), None) => json!({ "accounts": [account("cac_1", "stocktrade", scopes)], "next": "more" }),
        (Some(_), Some(_)) => json!({ "accounts": [account("cac_2", "elsewhere", "other:read")] }),
    };
    Json(page).into_response()
}

async fn disconnect(State(identity): State<Identity>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !is_alice(&headers) {
        return error(401, "invalid_token");
    }
    let mut state = identity.state();
    state.disconnected.push(id.clone());
    if id != "cac_1" {
        return error(404, "not_found");
    }
    state.connected = None;
    StatusCode::NO_CONTENT.into_response()
}
