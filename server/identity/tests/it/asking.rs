//! Builds an authorization request for a test, with usual values by default.

use foundation::secret;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::pair::{
    AGENT, CALLBACK, Pair,
    browser::{Browser, Shown},
    secret_of,
};

/// The redirect URI of a self-registered client.
pub(crate) const LOOPBACK: &str = "http://127.0.0.1:5555/callback";

#[derive(Clone)]
pub(crate) struct Asking {
    endpoint: String,
    params: Vec<(String, String)>,
    pub(crate) verifier: String,
}

impl Asking {
    /// The agent's login at T.
    pub(crate) fn agent(pair: &Pair) -> Self {
        Self::new(pair, "agent", CALLBACK).with("scope", "openid profile email offline_access")
    }

    /// A self-registered client, for the MCP server.
    pub(crate) fn mcp(pair: &Pair, client_id: &str) -> Self {
        Self::new(pair, client_id, LOOPBACK)
            .with("scope", "openid portfolio:read")
            .with("resource", &format!("{AGENT}mcp"))
    }

    pub(crate) fn new(pair: &Pair, client_id: &str, redirect_uri: &str) -> Self {
        let verifier = secret::token();
        let asking = Self { endpoint: pair.t.at("authorize"), params: Vec::new(), verifier };
        let challenge = secret::hash(&asking.verifier);
        asking
            .with("client_id", client_id)
            .with("response_type", "code")
            .with("redirect_uri", redirect_uri)
            .with("state", "my state")
            .with("code_challenge", &challenge)
            .with("code_challenge_method", "S256")
    }

    /// Sets a parameter.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).twice(name, value)
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.params.retain(|(known, _)| known != name);
        self
    }

    /// Adds another value for a parameter.
    pub(crate) fn twice(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    pub(crate) fn url(&self) -> String {
        Url::parse_with_params(&self.endpoint, &self.params).expect("a URL").into()
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The parameters that redeem a code of this request.
    pub(crate) fn redeeming(&self, code: &str) -> Vec<(&'static str, String)> {
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("client_id", self.get("client_id").to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", self.get("redirect_uri").to_owned()),
            ("code_verifier", self.verifier.clone()),
        ];
        if self.get("client_id") == "agent" {
            form.push(("client_secret", secret_of("agent")));
        }
        form
    }
}

impl Pair {
    /// Makes the request in this browser, logs in as alice, and allows everything asked.
    pub(crate) async fn code(&self, browser: &Browser, asking: &Asking) -> String {
        let shown = self.walk(browser, asking, "Alice").await;
        shown.param("code").unwrap_or_else(|| panic!("no code: {shown:?}"))
    }

    /// Like [`Self::code`], but returns the final page or redirect.
    pub(crate) async fn walk(&self, browser: &Browser, asking: &Asking, name: &str) -> Shown {
        let shown = browser.follow(&asking.url()).await;
        let shown = self.at_login(browser, shown, name).await;
        self.allow(browser, shown).await
    }

    pub(crate) async fn allow(&self, browser: &Browser, shown: Shown) -> Shown {
        if shown.text("/view") != "consent" {
            return shown;
        }
        let (csrf_token, request) = (shown.text("/csrf_token"), shown.text("/request"));
        let form = [("csrf_token", &*csrf_token), ("request", &request), ("decision", "allow")];
        let shown = browser.post(&self.t.at("u/consent"), &form).await;
        browser.follow_on(shown).await
    }

    pub(crate) async fn token(&self, form: &[(&'static str, String)]) -> (u16, Value) {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.form(&self.t.at("oauth/token"), &form).await
    }

    /// Redeems a code for this request.
    pub(crate) async fn tokens(&self, browser: &Browser, asking: &Asking) -> Value {
        let code = self.code(browser, asking).await;
        let (status, tokens) = self.token(&asking.redeeming(&code)).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    /// Opens the database's connections, so that concurrent requests really run concurrently.
    pub(crate) async fn warm(&self) {
        let pool = self.t.identity.db.pool();
        let most = pool.options().get_max_connections();
        let connections = futures::future::join_all((0..most).map(|_| pool.acquire())).await;
        assert!(connections.iter().all(Result::is_ok));
    }

    pub(crate) async fn register(&self, metadata: Value) -> (u16, Value) {
        let request = self.http().post(self.t.at("oidc/register")).json(&metadata);
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    /// A client that registers itself.
    pub(crate) async fn mcp_client(&self) -> String {
        let metadata = json!({
            "client_name": "Claude Code",
            "redirect_uris": [LOOPBACK],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let (status, client) = self.register(metadata).await;
        assert_eq!(status, 201, "{client}");
        client["client_id"].as_str().expect("a client_id").to_owned()
    }

    pub(crate) async fn refresh(&self, client_id: &str, token: &str, more: &[(&'static str, &str)]) -> (u16, Value) {
        let mut form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", client_id.to_owned()),
            ("refresh_token", token.to_owned()),
        ];
        if client_id == "agent" {
            form.push(("client_secret", secret_of("agent")));
        }
        form.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        self.token(&form).await
    }

    /// T's answer when this client introspects a token.
    pub(crate) async fn introspect(&self, client_id: &str, token: &str) -> Value {
        let secret = secret_of(client_id);
        let mut form = vec![("client_id", client_id), ("token", token)];
        if !client_id.starts_with("tpc_") {
            form.push(("client_secret", &secret));
        }
        let (status, answer) = self.form(&self.t.at("oauth/introspect"), &form).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The status for a bearer token at one of T's addresses.
    pub(crate) async fn bearer(&self, method: Method, path: &str, token: &str) -> u16 {
        let request = self.http().request(method, self.t.at(path)).bearer_auth(token);
        request.send().await.expect("an answer").status().as_u16()
    }

    pub(crate) async fn audited(&self, event: &str) -> i64 {
        let mut db = self.t.identity.db.pool().acquire().await.expect("a connection");
        identity::store::audit::count(&mut db, event).await.expect("a count")
    }
}

/// A text member of a JSON object.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}"))
}
