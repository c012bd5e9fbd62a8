//! The requests of a compromised agent with its own secrets and the person's tokens: orders without an approval, orders
//! that differ from the approved one, repeated orders, and forged statements of approval. Every answer is compared with
//! the one that the design promises.

use foundation::jwt::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agent::{Agent, Answer, claims},
    browser::Browser,
    outcome::Outcome,
    person::Credentials,
};

/// A request, its answer, and the promise.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What the attacker tries.
    pub what: String,
    /// The request in words, without its secrets.
    pub request: String,
    pub answer: Answer,
    promised: Promise,
}

/// The result that the design promises.
#[derive(Clone, Debug)]
enum Promise {
    /// The API refuses with one of these statuses.
    Refused(&'static [u16]),
    /// The identity service refuses with this error (RFC 6749 §5.2).
    Error(&'static str),
    /// The order is placed.
    Placed,
    /// Nothing more is placed. The answer is that of the first order.
    Same(String),
}

/// The signing key isn't (or not yet) among the issuer's keys.
const UNKNOWN_KEY: &str = "temporarily_unavailable";

impl Attempt {
    pub fn is_as_promised(&self) -> bool {
        let (status, body) = (self.answer.status, &self.answer.body);
        match &self.promised {
            Promise::Refused(statuses) => statuses.contains(&status.as_u16()),
            Promise::Error(error) => !status.is_success() && self.answer.error() == *error,
            Promise::Placed => status.is_success() && body["status"] == "FILLED",
            Promise::Same(id) => status.is_success() && body["id"] == id.as_str(),
        }
    }

    /// The promise in words.
    pub fn promise(&self) -> String {
        match &self.promised {
            Promise::Refused(statuses) => {
                format!("refused ({})", statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "))
            }
            Promise::Error(error) => format!("refused ({error})"),
            Promise::Placed => "placed, since this is what was approved".into(),
            Promise::Same(id) => format!("the first answer again ({id}), nothing more placed"),
        }
    }
}

/// An attack on one person's account.
#[derive(Debug)]
pub struct Attack<'a> {
    /// The person's browser, logged in at the agent with a connected account. The person approves one order in it.
    pub browser: &'a mut Browser,
    pub person: Credentials,
    /// The client `agent`, with stolen credentials.
    pub agent: Agent,
    /// The client `tenant-vault`, with stolen credentials: a breach of the identity service's secrets, but not of its
    /// keys.
    pub vault: Agent,
}

impl Attack<'_> {
    /// Makes every attempt, and reports each with its answer.
    ///
    /// # Errors
    /// When a preparation fails, such as a login. A refused attempt isn't an error.
    pub async fn run(&mut self, mut tell: impl FnMut(&Attempt)) -> Outcome<Vec<Attempt>> {
        let mut attempts = Vec::new();
        let mut did = |attempt: Attempt| {
            tell(&attempt);
            attempts.push(attempt);
        };
        let agent = self.agent.clone();
        let refresh_token = agent.refresh_token(self.browser, self.person).await?;
        let read = agent.vault_by_refresh_token(&refresh_token).await?.get("access_token")?;
        let price = agent.api(Method::GET, "stocks/WAYNE", &read, None).await?.get("price")?;
        let limit = above(&price)?;
        let details = json!({"type": "stock_order", "symbol": "WAYNE", "side": "BUY", "quantity": 1, "limit": limit,
            "currency": "USD"});
        let order = order_body(&details);

        did(self.place("An order with the vault's token, which carries no approval", &read, &order, REFUSED).await?);

        let (approval_token, txn) = agent.approved(self.browser, &refresh_token, &details).await?;
        let what = "The approval itself as a token for the broker";
        did(self.place(what, &approval_token, &order, Promise::Refused(&[401])).await?);

        let token = agent.vault_by_access_token(&approval_token).await?.get("access_token")?;
        for (what, name, value) in [
            ("Another stock than the approved one", "symbol", json!("STARK")),
            ("The other side", "side", json!("SELL")),
            ("More shares", "quantity", json!(2)),
            ("A worse price", "price", json!(above(&limit)?)),
        ] {
            let mut other = order.clone();
            other[name] = value;
            did(self.place(what, &token, &other, REFUSED).await?);
        }
        let mut open = order.clone();
        open.as_object_mut().ok_or("an object")?.remove("price");
        did(self.place("No limit at all", &token, &open, REFUSED).await?);

        let placed = self.place("Exactly the approved order", &token, &order, Promise::Placed).await?;
        let id = placed.answer.body["id"].as_str().unwrap_or("none").to_owned();
        did(placed);
        did(self.place("The same order again, with the same token", &token, &order, Promise::Same(id.clone())).await?);
        let again = agent.vault_by_access_token(&approval_token).await?;
        match again.get("access_token") {
            Ok(fresh) => {
                let what = "The same order again, with a token from another exchange of the approval";
                did(self.place(what, &fresh, &order, Promise::Same(id)).await?);
                let mut other = order.clone();
                other["quantity"] = json!(3);
                did(self.place("Another order with that token", &fresh, &other, REFUSED).await?);
            }
            Err(_) => did(Attempt {
                what: "Another exchange of the approval".into(),
                request: "POST /oauth/token (vault exchange)".into(),
                answer: again,
                promised: Promise::Error("invalid_grant"),
            }),
        }

        self.statements(&details, &txn, &mut did).await?;
        Ok(attempts)
    }

    /// Sends statements of approval that the identity service never made, with its own client at the broker's provider.
    async fn statements(&mut self, details: &Value, txn: &str, did: &mut impl FnMut(Attempt)) -> Outcome {
        let vault = self.vault.clone();
        let (identity, broker) = (vault.sites.identity.clone(), vault.sites.broker.clone());
        let redirect_uri = identity.join("connected-accounts/callback")?;
        let resource = broker.join("api")?;
        let extra = [
            ("scope", "openid offline_access portfolio:read trade:read trade:write"),
            ("resource", resource.as_str()),
            ("prompt", "consent"),
        ];
        let granted = vault.authorize(self.browser, &broker, redirect_uri.as_str(), &extra, self.person).await?;
        let refresh_token = granted.get("refresh_token")?;
        let person = granted.claims("id_token")?["sub"].clone();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
        let statement = json!({
            "iss": identity.as_str(), "aud": broker.as_str(), "sub": "agent",
            "on_behalf_of": {"iss": broker.as_str(), "sub": person},
            "txn": format!("{txn}x"), "authorization_details": [details], "binding_message": "AC DE",
            "act": {"sub": "agent", "name": "Mandate chat"},
            "amr": ["pwd"], "auth_time": now, "iat": now, "exp": now + 100, "jti": foundation::secret::token(),
        });
        let (own_key, _) = SigningKey::generate().map_err(|error| error.to_string())?;
        let with = |member: &str, value: Value| {
            let mut other = statement.clone();
            other[member] = value;
            other
        };
        let foreign = with("iss", json!("http://identity.example/"));
        let forged = |claims: &Value| own_key.sign("approval+jwt", claims).map_err(|error| error.to_string());
        // The issuer may publish an unknown key late, so the answer allows a retry.
        for (what, actor_token, error) in [
            ("A statement of approval signed with the attacker's own key", forged(&statement)?, UNKNOWN_KEY),
            ("A statement of another issuer", forged(&foreign)?, UNKNOWN_KEY),
            ("A statement without a signature (alg: none)", unsigned(&statement), "invalid_grant"),
            ("An id token in the place of a statement", granted.get("id_token")?, "invalid_grant"),
            ("No statement, but a word", "approved".to_owned(), "invalid_grant"),
        ] {
            let answer = vault.exchange(&refresh_token, &actor_token).await?;
            did(Attempt {
                what: what.into(),
                request: format!("POST {} (token exchange, as tenant-vault)", broker.join("oauth/token")?),
                answer,
                promised: Promise::Error(error),
            });
        }
        // Without a statement the same refresh token can only read.
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
        let plain = vault.token(&broker, &form).await?.get("access_token")?;
        let what = "An order with a token of the identity service's own client, without a statement";
        did(self.place(what, &plain, &order_body(details), REFUSED).await?);
        Ok(())
    }

    async fn place(&self, what: &str, token: &str, order: &Value, promised: Promise) -> Outcome<Attempt> {
        let answer = self.agent.api(Method::POST, "orders", token, Some(order)).await?;
        let carried = claims(token).unwrap_or_default();
        let approval = if carried["txn"].is_string() { "an approval" } else { "no approval" };
        let request = format!(
            "POST {} {order}\nwith a token for {}, scope «{}», {approval}",
            self.agent.sites.broker.join("api/orders")?,
            carried["aud"].as_str().unwrap_or("somebody else"),
            carried["scope"].as_str().unwrap_or_default(),
        );
        Ok(Attempt { what: what.into(), request, answer, promised })
    }
}

const REFUSED: Promise = Promise::Refused(&[403]);

/// The body of an order for the API, from the details of an approval.
pub fn order_body(details: &Value) -> Value {
    json!({
        "symbol": details["symbol"],
        "side": details["side"],
        "quantity": details["quantity"],
        "price": details["limit"],
    })
}

/// Five percent above a price.
fn above(price: &str) -> Outcome<String> {
    let cents: i64 = price.replace('.', "").parse()?;
    let more = cents + cents / 20;
    Ok(format!("{}.{:02}", more / 100, more % 100))
}

fn unsigned(claims: &Value) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({"alg": "none", "typ": "approval+jwt"})), part(claims))
}
