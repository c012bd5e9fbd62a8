//! A compromised agent: it holds the agent's client secrets and the tokens that these obtain, and sends what the real
//! agent never would. The answers show what broker and identity service enforce.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::{
    browser::Browser,
    outcome::{Outcome, in_query},
    person::Credentials,
    secrets::Secrets,
    sites::{Sites, client_at},
};

const CIBA: &str = "urn:openid:params:grant-type:ciba";
const VAULT: &str = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
const VAULTED: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// A site's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Answer {
    /// A member of a successful answer.
    ///
    /// # Errors
    /// When the request failed or the member is missing. Includes the answer.
    pub fn get(&self, member: &str) -> Outcome<String> {
        match self.body[member].as_str() {
            Some(text) if self.status.is_success() => Ok(text.to_owned()),
            _ => Err(format!("expected {member}, got {} {}", self.status, self.body).into()),
        }
    }

    /// The `error` member.
    pub fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }
}

/// A confidential client of one of the identity services, with stolen credentials.
#[derive(Clone, Debug)]
pub struct Agent {
    http: reqwest::Client,
    pub sites: Sites,
    pub client_id: String,
    client_secret: String,
    secrets: Secrets,
}

impl Agent {
    /// # Errors
    /// When the TLS backend can't start.
    pub fn new(sites: &Sites, client_id: &str, client_secret: String, secrets: Secrets) -> Outcome<Self> {
        secrets.keep(&client_secret);
        Ok(Self { http: sites.client()?, sites: sites.clone(), client_id: client_id.into(), client_secret, secrets })
    }

    /// Resolves the sites to another address of this machine.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn turn_to(&mut self, address: [u8; 4]) -> Outcome {
        self.http = client_at(&self.sites.hosts(), address)?;
        Ok(())
    }

    /// The same as a public client, which sends no secret.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.client_secret.clear();
        self
    }

    /// Gets an authorization code with the person's browser, and takes it before the real client sees it. `issuer` is
    /// the identity service. The person logs in and allows if asked.
    ///
    /// # Errors
    /// When the identity service refuses.
    pub async fn authorize(
        &self,
        browser: &mut Browser,
        issuer: &Url,
        redirect_uri: &str,
        extra: &[(&str, &str)],
        person: Credentials,
    ) -> Outcome<Answer> {
        let verifier = foundation::secret::token();
        let state = foundation::secret::token();
        let mut url = issuer.join("authorize")?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", &state)
            .append_pair("nonce", &foundation::secret::token())
            .append_pair("code_challenge", &foundation::secret::hash(&verifier))
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(extra);
        let mut back = browser.open_until(url.as_str(), redirect_uri).await;
        // A login, then a consent page, if asked for each.
        for _ in 0..2 {
            if back.is_ok() {
                break;
            }
            let page = browser.page()?.clone();
            let allow = ("decision", "allow");
            back = if let Ok(form) = page.form_with("password") {
                let typed = [("email", person.email), ("password", person.password)];
                browser.submit_until(&form, &typed, None, redirect_uri).await
            } else if let Ok(form) = page.form_to(allow) {
                browser.submit_until(&form, &[], Some(allow), redirect_uri).await
            } else {
                break;
            };
        }
        let back = back?;
        if in_query(&back, "state").as_deref() != Some(&state) {
            return Err(format!("the answer has another state: {}", back.path()).into());
        }
        let code = in_query(&back, "code").ok_or_else(|| {
            format!("no code: {:?}", in_query(&back, "error_description").or(in_query(&back, "error")))
        })?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier.as_str()),
        ];
        self.token(issuer, &form).await
    }

    /// The person's refresh token at the identity service, as the chat would hold it.
    ///
    /// # Errors
    /// When the identity service refuses.
    pub async fn refresh_token(&self, browser: &mut Browser, person: Credentials) -> Outcome<String> {
        let redirect_uri = self.sites.agent.join("auth/callback")?;
        let scope = [("scope", "openid profile email offline_access")];
        let issuer = self.sites.identity.clone();
        self.authorize(browser, &issuer, redirect_uri.as_str(), &scope, person).await?.get("refresh_token")
    }

    /// A request to the token endpoint of an identity service, with this client's credentials.
    ///
    /// # Errors
    /// When it can't be reached.
    pub async fn token(&self, issuer: &Url, form: &[(&str, &str)]) -> Outcome<Answer> {
        let mut form = form.to_vec();
        form.push(("client_id", &self.client_id));
        if !self.client_secret.is_empty() {
            form.push(("client_secret", &self.client_secret));
        }
        let answer = self.answer(self.http.post(issuer.join("oauth/token")?).form(&form)).await?;
        for member in ["access_token", "refresh_token", "id_token"] {
            if let Some(token) = answer.body[member].as_str() {
                self.secrets.keep(token);
            }
        }
        Ok(answer)
    }

    /// The vault exchange with a person's refresh token, for a token that reads.
    ///
    /// # Errors
    /// When the identity service can't be reached.
    pub async fn vault_by_refresh_token(&self, refresh_token: &str) -> Outcome<Answer> {
        self.vault(refresh_token, REFRESH_TOKEN).await
    }

    /// The vault exchange with an access token: an approval, or the caller's token at `/mcp`.
    ///
    /// # Errors
    /// When the identity service can't be reached.
    pub async fn vault_by_access_token(&self, access_token: &str) -> Outcome<Answer> {
        self.vault(access_token, ACCESS_TOKEN).await
    }

    async fn vault(&self, subject_token: &str, kind: &str) -> Outcome<Answer> {
        let form = [
            ("grant_type", VAULT),
            ("connection", "stocktrade"),
            ("subject_token", subject_token),
            ("subject_token_type", kind),
            ("requested_token_type", VAULTED),
        ];
        let issuer = self.sites.identity.clone();
        self.token(&issuer, &form).await
    }

    /// Requests approval of these details (CIBA Core §7.1) from the person with this subject.
    ///
    /// # Errors
    /// When the identity service can't be reached.
    pub async fn ask(&self, subject: &str, details: &Value, extra: &[(&str, &str)]) -> Outcome<Answer> {
        let hint = json!({"format": "iss_sub", "iss": self.sites.identity.as_str(), "sub": subject}).to_string();
        let details = json!([details]).to_string();
        let audience = self.sites.identity.join("vault/")?;
        let notification = foundation::secret::token();
        let code = foundation::secret::binding_code();
        let mut form = vec![
            ("scope", "openid"),
            ("audience", audience.as_str()),
            ("login_hint", hint.as_str()),
            ("binding_message", code.as_str()),
            ("authorization_details", details.as_str()),
            ("client_notification_token", notification.as_str()),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.as_str()),
        ];
        form.extend(extra);
        let request = self
            .http
            .post(self.sites.identity.join("bc-authorize")?)
            .header("idempotency-key", foundation::secret::token())
            .form(&form);
        self.answer(request).await
    }

    /// Polls for the result of an approval request (CIBA Core §10.1).
    ///
    /// # Errors
    /// When the identity service can't be reached.
    pub async fn poll(&self, auth_req_id: &str) -> Outcome<Answer> {
        self.secrets.keep(auth_req_id);
        let issuer = self.sites.identity.clone();
        self.token(&issuer, &[("grant_type", CIBA), ("auth_req_id", auth_req_id)]).await
    }

    /// Requests an approval and has the person give it. Returns the approval token and its `txn`.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn approved(
        &self,
        browser: &mut Browser,
        refresh_token: &str,
        details: &Value,
    ) -> Outcome<(String, String)> {
        let issuer = self.sites.identity.clone();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("scope", "openid")];
        let refreshed = self.token(&issuer, &form).await?;
        let id_or_access = if refreshed.body["id_token"].is_string() { "id_token" } else { "access_token" };
        let subject = refreshed.claims(id_or_access)?["sub"].as_str().unwrap_or_default().to_owned();
        let asked = self.ask(&subject, details, &[("agent_message", "One share, please.")]).await?;
        let request = asked.get("auth_req_id")?;
        let page = asked.get("approval_uri")?;
        browser.decide(&page, "approve").await?;
        let answer = self.poll(&request).await?;
        Ok((answer.get("access_token")?, asked.get("txn")?))
    }

    /// Token exchange at the broker's provider with a statement of approval (RFC 8693). Only accepted with the secret
    /// of `tenant-vault`.
    ///
    /// # Errors
    /// When the provider can't be reached.
    pub async fn exchange(&self, refresh_token: &str, statement: &str) -> Outcome<Answer> {
        self.secrets.keep(statement);
        let resource = self.sites.broker.join("api")?;
        let form = [
            ("grant_type", EXCHANGE),
            ("resource", resource.as_str()),
            ("scope", "trade:write"),
            ("subject_token", refresh_token),
            ("subject_token_type", REFRESH_TOKEN),
            ("actor_token", statement),
            ("actor_token_type", JWT),
            ("requested_token_type", ACCESS_TOKEN),
        ];
        let issuer = self.sites.broker.clone();
        self.token(&issuer, &form).await
    }

    /// A request to the broker's API with a bearer token.
    ///
    /// # Errors
    /// When it can't be reached.
    pub async fn api(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> Outcome<Answer> {
        let mut request = self.http.request(method, self.sites.broker.join("api/")?.join(path)?).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(body);
        }
        self.answer(request).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Outcome<Answer> {
        let response = request.send().await.map_err(|error| format!("{error:?}"))?;
        let status = response.status();
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
        Ok(Answer { status, body })
    }
}

/// The unverified claims of a JWT.
///
/// # Errors
/// When the text isn't a JWT.
pub fn claims(token: &str) -> Outcome<Value> {
    let payload = token.split('.').nth(1).ok_or("not a JWT")?;
    Ok(serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload)?)?)
}

impl Answer {
    /// The unverified claims of the JWT in this member.
    ///
    /// # Errors
    /// When the member is missing.
    pub fn claims(&self, member: &str) -> Outcome<Value> {
        claims(&self.get(member)?)
    }
}
