//! Octo, a made-up provider of OAuth 2 without OpenID, metadata or (by default) refresh tokens. Like real ones, it
//! answers as a form unless asked for JSON, sends errors with status 200, and separates scopes by commas.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    extract::{Form, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use foundation::{secret, site::Site};
use identity::config::{AccountAt, Approvers, Connection, Endpoints, OAuth, Ways};
use serde_json::{Value, json};

use crate::pair::{Change, Pair, config::mcp_api, listen, secret_of, serve};

type Params = HashMap<String, String>;

#[derive(Clone)]
pub(crate) struct Octo {
    pub(crate) site: Site,
    state: Arc<Mutex<Habits>>,
}

/// How it behaves, and the requests that it received.
pub(crate) struct Habits {
    /// It answers as a form even when it is asked for JSON.
    pub(crate) always_form: bool,
    /// The person declines.
    pub(crate) declines: bool,
    /// It issues refresh tokens, each for one use.
    pub(crate) rotates: bool,
    pub(crate) expires_in: Option<i64>,
    pub(crate) iss: Option<String>,
    /// The answer of its account address.
    pub(crate) account: Value,
    pub(crate) authorized: Vec<Params>,
    /// `accept`, and the form.
    pub(crate) asked: Vec<(String, Params)>,
    /// Codes with their requests.
    codes: HashMap<String, Params>,
    /// Tokens with their scopes.
    pub(crate) tokens: HashMap<String, String>,
    pub(crate) revoked: Vec<Params>,
}

impl Octo {
    pub(crate) async fn start() -> Self {
        let (listener, site) = listen("octo").await;
        let habits = Habits {
            always_form: false,
            declines: false,
            rotates: false,
            expires_in: None,
            iss: None,
            account: json!({ "user": { "id": 583_231, "login": "octo-alice" } }),
            authorized: Vec::new(),
            asked: Vec::new(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            revoked: Vec::new(),
        };
        let octo = Self { site, state: Arc::new(Mutex::new(habits)) };
        let routes = Router::new()
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/account", get(account))
            .route("/revoke", post(revoke))
            .with_state(octo.clone());
        serve(listener, routes);
        octo
    }

    pub(crate) fn habits(&self) -> MutexGuard<'_, Habits> {
        self.state.lock().expect("a lock")
    }

    /// T's connection `octo`.
    pub(crate) fn connection(&self, callback: String) -> Connection {
        let at = |path: &str| self.site.at(path);
        Connection {
            name: "octo".into(),
            title: "Octo".into(),
            settings: foundation::login::Settings {
                issuer: at("token"),
                client_id: "mandate-at-octo".into(),
                client_secret: secret_of("octo").into(),
                redirect_uri: callback,
            },
            oauth: Some(OAuth {
                authorization_endpoint: at("authorize?theme=dark"),
                endpoints: Endpoints { token: at("token"), revocation: Some(at("revoke")), introspection: None },
                account: AccountAt {
                    url: Some(at("account")),
                    id: "/user/id".into(),
                    name: Some("/user/login".into()),
                },
                iss: None,
                pkce: true,
                scope_separator: ',',
                refresh_tokens: false,
            }),
            resource: at("api"),
            scopes: vec![("repo".into(), "See repositories".into()), ("gist".into(), "See gists".into())],
            types: Vec::new(),
            approvers: Approvers::default(),
            takes_approvals: false,
            ways: Ways { login_scopes: Vec::new(), names_resource: false, ..Ways::default() },
        }
    }

    /// T and B, with this connection at T in addition to StockTrade's.
    pub(crate) async fn pair(&self, change: impl FnOnce(&mut Connection) + Send + 'static) -> Pair {
        let octo = self.clone();
        let settings: crate::pair::Settings = Box::new(move |config| {
            let mut connection = octo.connection(config.site.at("connected-accounts/callback/octo"));
            change(&mut connection);
            mcp_api(config).scopes.extend(connection.scopes.clone());
            config.connections.push(connection);
        });
        Pair::with(Change { t: Some(settings), ..Change::default() }).await
    }
}

async fn authorize(State(octo): State<Octo>, Query(params): Query<Params>) -> Redirect {
    let mut habits = octo.habits();
    let code = secret::token();
    let mut back: url::Url = params["redirect_uri"].parse().expect("a URL");
    let answer = if habits.declines { ("error", "access_denied") } else { ("code", code.as_str()) };
    back.query_pairs_mut().append_pair(answer.0, answer.1).append_pair("state", &params["state"]);
    if let Some(iss) = &habits.iss {
        back.query_pairs_mut().append_pair("iss", iss);
    }
    habits.codes.insert(code, params.clone());
    habits.authorized.push(params);
    Redirect::to(back.as_str())
}

async fn token(State(octo): State<Octo>, headers: HeaderMap, Form(params): Form<Params>) -> Response {
    let mut habits = octo.habits();
    let accept = headers.get(header::ACCEPT).map(|it| it.to_str().expect("text").to_owned()).unwrap_or_default();
    let is_json = accept.contains("application/json") && !habits.always_form;
    habits.asked.push((accept, params.clone()));
    let is_client = params["client_id"] == "mandate-at-octo" && params["client_secret"] == secret_of("octo");
    let scope = match params["grant_type"].as_str() {
        "authorization_code" => habits.codes.remove(&params["code"]).and_then(|asked| {
            let challenge = params.get("code_verifier").map(|it| secret::hash(it));
            let proved = challenge.as_ref() == asked.get("code_challenge");
            (proved && params["redirect_uri"] == asked["redirect_uri"]).then(|| asked["scope"].clone())
        }),
        // Each refresh token works once.
        _ => habits.tokens.remove(&params["refresh_token"]).map(|_| params["scope"].clone()),
    };
    let Some(scope) = scope.filter(|_| is_client) else {
        let is_code = params["grant_type"] == "authorization_code";
        let error = if is_code { "bad_verification_code" } else { "bad_refresh_token" };
        return written(is_json, &[("error", error), ("error_description", "It is incorrect or expired.")]);
    };
    let (access, refresh) = (secret::id("octo_"), secret::id("octr_"));
    habits.tokens.insert(access.clone(), scope.clone());
    let mut answer = vec![("access_token", &*access), ("token_type", "bearer"), ("scope", &*scope)];
    if habits.rotates {
        habits.tokens.insert(refresh.clone(), scope.clone());
        answer.push(("refresh_token", &refresh));
    }
    let seconds = habits.expires_in.map(|it| it.to_string());
    answer.extend(seconds.iter().map(|it| ("expires_in", it.as_str())));
    written(is_json, &answer)
}

/// An answer with status 200, even for an error.
fn written(is_json: bool, answer: &[(&str, &str)]) -> Response {
    if is_json {
        let members = answer.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        return Json(Value::Object(members.collect())).into_response();
    }
    Form(answer).into_response()
}

async fn account(State(octo): State<Octo>, headers: HeaderMap) -> Response {
    let habits = octo.habits();
    let bearer = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
    match bearer.and_then(|token| habits.tokens.get(token)) {
        Some(_) => Json(habits.account.clone()).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn revoke(State(octo): State<Octo>, Form(params): Form<Params>) -> StatusCode {
    let mut habits = octo.habits();
    habits.tokens.remove(&params["token"]);
    habits.revoked.push(params);
    StatusCode::OK
}
