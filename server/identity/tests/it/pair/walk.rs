//! Common sequences: log in, connect an account, ask for an approval, decide.

use foundation::secret;
use serde_json::{Value, json};

use super::{
    CALLBACK, Pair,
    browser::{Browser, Shown},
    secret_of,
};

pub(crate) const CIBA: &str = "urn:openid:params:grant-type:ciba";
pub(crate) const VAULT: &str = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
pub(crate) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
pub(crate) const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
pub(crate) const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
pub(crate) const ORDER: &str =
    r#"[{"type":"stock_order","symbol":"WAYNE","side":"BUY","quantity":5,"limit":"105.49","currency":"USD"}]"#;

/// A person: their browser, their id at T, and the token that the agent has.
pub(crate) struct Person {
    pub(crate) browser: Browser,
    /// Their id at T.
    pub(crate) id: String,
    /// The agent's refresh token for this person.
    pub(crate) refresh_token: String,
}

/// An approval request, as its client sees it.
#[derive(Clone, Debug)]
pub(crate) struct Requested {
    pub(crate) auth_req_id: String,
    pub(crate) txn: String,
}

impl Pair {
    /// Logs in at the agent, through T, at B.
    pub(crate) async fn person(&self, name: &str) -> Person {
        let browser = Browser::default();
        let (tokens, _) = self.log_in(&browser, name).await;
        let id_token = tokens["id_token"].as_str().expect("an id token");
        Person {
            browser,
            id: claims(id_token)["sub"].as_str().expect("a subject").to_owned(),
            refresh_token: tokens["refresh_token"].as_str().expect("a refresh token").to_owned(),
        }
    }

    /// The agent's login, in this browser.
    pub(crate) async fn log_in(&self, browser: &Browser, name: &str) -> (Value, Shown) {
        let verifier = secret::token();
        let query = [
            ("client_id", "agent"),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile email offline_access"),
            ("state", "s"),
            ("code_challenge", &secret::hash(&verifier)),
            ("code_challenge_method", "S256"),
        ];
        let url = url::Url::parse_with_params(&self.t.at("authorize"), query).expect("a URL");
        let shown = browser.follow(url.as_str()).await;
        let shown = self.at_login(browser, shown, name).await;
        let code = shown.param("code").unwrap_or_else(|| panic!("no code: {shown:?}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "agent"),
            ("client_secret", &secret_of("agent")),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", &verifier),
        ];
        let (status, tokens) = self.form(&self.t.at("oauth/token"), &form).await;
        assert_eq!(status, 200, "{tokens}");
        (tokens, shown)
    }

    /// Logs in on B's login page, if it is shown, and follows the redirects.
    pub(crate) async fn at_login(&self, browser: &Browser, shown: Shown, name: &str) -> Shown {
        if shown.text("/view") != "login" {
            return shown;
        }
        let email = format!("{}@example.com", name.to_lowercase());
        let (csrf_token, request) = (shown.text("/csrf_token"), shown.text("/request"));
        let form =
            [("csrf_token", &*csrf_token), ("request", &request), ("email", &email), ("password", "mandate-demo")];
        let shown = browser.post(&self.b.at("u/login"), &form).await;
        assert!(shown.status < 400, "{shown:?}");
        browser.follow_on(shown).await
    }

    /// The agent's token for the My Account API.
    pub(crate) async fn account_token(&self, person: &Person) -> String {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "agent"),
            ("client_secret", &secret_of("agent")),
            ("refresh_token", &person.refresh_token),
            ("audience", &self.t.at("me/")),
        ];
        let (status, tokens) = self.form(&self.t.at("oauth/token"), &form).await;
        assert_eq!(status, 200, "{tokens}");
        tokens["access_token"].as_str().expect("a token").to_owned()
    }

    /// A request to the My Account API.
    pub(crate) async fn my_account(
        &self,
        method: reqwest::Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let url = self.t.at(&format!("me/v1/connected-accounts/{path}"));
        let mut request = self.http().request(method, url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    /// Starts a connection: returns `auth_session`, the URL with the ticket, and the PKCE verifier.
    pub(crate) async fn begin_connect(&self, token: &str, scopes: Value) -> (String, String, String) {
        self.begin_connect_to("stocktrade", token, scopes).await
    }

    /// As [`Self::begin_connect`], with another connection.
    pub(crate) async fn begin_connect_to(
        &self,
        connection: &str,
        token: &str,
        scopes: Value,
    ) -> (String, String, String) {
        let verifier = secret::token();
        let body = json!({
            "connection": connection,
            "redirect_uri": CALLBACK,
            "state": "my state",
            "code_challenge": secret::hash(&verifier),
            "code_challenge_method": "S256",
            "scopes": scopes,
        });
        let (status, answer) = self.my_account(reqwest::Method::POST, "connect", token, Some(body)).await;
        assert_eq!(status, 201, "{answer}");
        let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned();
        let url = format!("{}?ticket={}", text("/connect_uri"), text("/connect_params/ticket"));
        assert!(text("/auth_session").len() <= 64);
        (text("/auth_session"), url, verifier)
    }

    /// The person's part: goes to B's consent page and back; returns where the browser ends, at the agent.
    pub(crate) async fn consent(&self, browser: &Browser, url: &str, name: &str, decision: &str) -> Shown {
        let shown = browser.follow(url).await;
        let shown = self.at_login(browser, shown, name).await;
        assert_eq!(shown.text("/view"), "consent", "{shown:?}");
        let (csrf_token, request) = (shown.text("/csrf_token"), shown.text("/request"));
        let form = [("csrf_token", &*csrf_token), ("request", &request), ("decision", decision)];
        let shown = browser.post(&self.b.at("u/consent"), &form).await;
        browser.follow_on(shown).await
    }

    pub(crate) async fn complete(&self, token: &str, auth_session: &str, code: &str, verifier: &str) -> (u16, Value) {
        let body = json!({
            "auth_session": auth_session,
            "connect_code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        });
        self.my_account(reqwest::Method::POST, "complete", token, Some(body)).await
    }

    /// Connects the person's own account at B, with these scopes.
    pub(crate) async fn connect(&self, person: &Person, name: &str, scopes: Value) -> Value {
        let token = self.account_token(person).await;
        let (auth_session, url, verifier) = self.begin_connect(&token, scopes).await;
        let shown = self.consent(&person.browser, &url, name, "allow").await;
        let code = shown.param("connect_code").unwrap_or_else(|| panic!("no code: {shown:?}"));
        let (status, account) = self.complete(&token, &auth_session, &code, &verifier).await;
        assert_eq!(status, 201, "{account}");
        account
    }

    /// A person with a connected account.
    pub(crate) async fn connected(&self, name: &str) -> Person {
        let person = self.person(name).await;
        self.connect(&person, name, json!(["portfolio:read", "trade:read", "trade:write"])).await;
        person
    }

    /// The parameters of the agent's approval request.
    pub(crate) fn asking(&self, person: &Person) -> Vec<(&'static str, String)> {
        let hint = json!({ "format": "iss_sub", "iss": self.t.site.issuer(), "sub": person.id });
        vec![
            ("client_id", "agent".into()),
            ("client_secret", secret_of("agent")),
            ("scope", "openid".into()),
            ("audience", self.t.at("vault/")),
            ("login_hint", hint.to_string()),
            ("binding_message", "K7 QD".into()),
            ("agent_message", "You asked me to buy 5 WAYNE.".into()),
            ("authorization_details", ORDER.into()),
            ("client_notification_token", "notify-me-with-this-token".into()),
        ]
    }

    pub(crate) async fn bc_authorize(&self, params: &[(&'static str, String)], key: Option<&str>) -> (u16, Value) {
        let form: Vec<(&str, &str)> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let headers: Vec<_> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
        self.form_with(&self.t.at("bc-authorize"), &form, &headers).await
    }

    /// The agent asks for a usual order.
    pub(crate) async fn ask(&self, person: &Person) -> Requested {
        self.ask_with(self.asking(person)).await
    }

    pub(crate) async fn ask_with(&self, params: Vec<(&'static str, String)>) -> Requested {
        let (status, body) = self.bc_authorize(&params, Some(&secret::token())).await;
        assert_eq!(status, 200, "{body}");
        Requested {
            auth_req_id: body["auth_req_id"].as_str().expect("an auth_req_id").to_owned(),
            txn: body["txn"].as_str().expect("a txn").to_owned(),
        }
    }

    /// Opens the page of a request, and decides what it shows.
    pub(crate) async fn decide(&self, person: &Person, txn: &str, decision: &str) -> Shown {
        let url = self.t.at(&format!("approvals/{txn}"));
        let shown = person.browser.get(&url).await;
        assert_eq!(shown.text("/view"), "approval", "{shown:?}");
        let (csrf_token, digest) = (shown.text("/csrf_token"), shown.text("/approval/shown"));
        person.browser.post(&url, &[("csrf_token", &csrf_token), ("shown", &digest), ("decision", decision)]).await
    }

    pub(crate) async fn poll_as(&self, client: &str, auth_req_id: &str) -> (u16, Value) {
        let form = [
            ("grant_type", CIBA),
            ("client_id", client),
            ("client_secret", &secret_of(client)),
            ("auth_req_id", auth_req_id),
        ];
        self.form(&self.t.at("oauth/token"), &form).await
    }

    pub(crate) async fn poll(&self, auth_req_id: &str) -> (u16, Value) {
        self.poll_as("agent", auth_req_id).await
    }

    /// The client withdraws its request.
    pub(crate) async fn withdraw(&self, client: &str, auth_req_id: &str) -> (u16, Value) {
        let form = [
            ("client_id", client),
            ("client_secret", &secret_of(client)),
            ("token", auth_req_id),
            ("token_type_hint", "urn:mandate:params:oauth:token-type:auth-req-id"),
        ];
        self.form(&self.t.at("oauth/revoke"), &form).await
    }

    /// Logs in again in the same browser, although its session is active.
    pub(crate) async fn log_in_again(&self, person: &Person, name: &str) {
        let query = [
            ("client_id", "agent"),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("prompt", "login"),
            ("code_challenge", &secret::hash(&secret::token())),
            ("code_challenge_method", "S256"),
        ];
        let url = url::Url::parse_with_params(&self.t.at("authorize"), query).expect("a URL");
        let shown = person.browser.follow(url.as_str()).await;
        let shown = self.at_login(&person.browser, shown, name).await;
        assert!(shown.param("code").is_some(), "{shown:?}");
    }

    /// Asks, approves and redeems; returns the approval token.
    pub(crate) async fn approval_token(&self, person: &Person) -> (Requested, String) {
        let requested = self.ask(person).await;
        self.decide(person, &requested.txn, "approve").await;
        let (status, tokens) = self.poll(&requested.auth_req_id).await;
        assert_eq!(status, 200, "{tokens}");
        (requested, tokens["access_token"].as_str().expect("a token").to_owned())
    }

    pub(crate) async fn vault_as(&self, client: &str, token: &str, token_type: &str) -> (u16, Value) {
        self.vault_of("stocktrade", client, token, token_type).await
    }

    /// As [`Self::vault_as`], with another connection.
    pub(crate) async fn vault_of(&self, connection: &str, client: &str, token: &str, token_type: &str) -> (u16, Value) {
        let form = [
            ("grant_type", VAULT),
            ("client_id", client),
            ("client_secret", &secret_of(client)),
            ("subject_token", token),
            ("subject_token_type", token_type),
            ("requested_token_type", "http://auth0.com/oauth/token-type/federated-connection-access-token"),
            ("connection", connection),
        ];
        self.form(&self.t.at("oauth/token"), &form).await
    }

    /// An MCP client registers itself and gets a token for the agent's MCP server.
    pub(crate) async fn mcp_token(&self, person: &Person, scope: &str) -> (String, String) {
        let redirect_uri = "http://127.0.0.1:5555/callback";
        let registration = json!({
            "client_name": "Claude Code",
            "redirect_uris": [redirect_uri],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        });
        let request = self.http().post(self.t.at("oidc/register")).json(&registration);
        let client: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        let client_id = client["client_id"].as_str().unwrap_or_else(|| panic!("{client}")).to_owned();
        let verifier = secret::token();
        let query = [
            ("client_id", &*client_id),
            ("response_type", "code"),
            ("redirect_uri", redirect_uri),
            ("scope", scope),
            ("state", "s"),
            ("resource", &format!("{}mcp", super::AGENT)),
            ("code_challenge", &secret::hash(&verifier)),
            ("code_challenge_method", "S256"),
        ];
        let url = url::Url::parse_with_params(&self.t.at("authorize"), query).expect("a URL");
        let shown = person.browser.follow(url.as_str()).await;
        assert_eq!(shown.text("/view"), "consent", "{shown:?}");
        let (csrf_token, request) = (shown.text("/csrf_token"), shown.text("/request"));
        let form = [("csrf_token", &*csrf_token), ("request", &request), ("decision", "allow")];
        let shown = person.browser.post(&self.t.at("u/consent"), &form).await;
        let back: url::Url = match &shown.location {
            Some(location) => location.clone(),
            None => shown.text("/href").parse().unwrap_or_else(|_| panic!("no way back: {shown:?}")),
        };
        let code = back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &client_id),
            ("code", &code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", &verifier),
        ];
        let (status, tokens) = self.form(&self.t.at("oauth/token"), &form).await;
        assert_eq!(status, 200, "{tokens}");
        (client_id, tokens["access_token"].as_str().expect("a token").to_owned())
    }

    /// Waits until this holds.
    pub(crate) async fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        world::until(what, async || holds().then_some(())).await;
    }
}

/// A JWT's claims, unverified.
pub(crate) fn claims(token: &str) -> Value {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let payload = token.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}
