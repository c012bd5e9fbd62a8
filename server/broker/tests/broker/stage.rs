//! StockTrade for each test, among the real sites of the test world.

use std::{collections::HashMap, ops::Deref};

use axum::http::StatusCode;
use broker::{Broker, Config};
use foundation::{axum, http::Http, parts::Parts};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use sqlx::AnyPool;
use world::{ALICE, BOB, Fault, Person, Setup, When};

use crate::issuer::Issuer;

/// The issuer of approvals: Mandate identity.
pub(crate) const TENANT: &str = "http://localhost:3001/";
pub(crate) const READ: &str = "portfolio:read trade:read";
pub(crate) const ALL: &str = "portfolio:read trade:read trade:write";

pub(crate) struct Stage {
    world: world::World,
    pub(crate) broker: Broker,
    pub(crate) config: Config,
    pub(crate) parts: Parts,
    pub(crate) issuer: Issuer,
    http: Http,
    /// Alice and Bob: their ids at StockTrade's provider, and their browsers there.
    people: HashMap<&'static str, (String, Person)>,
}

impl Deref for Stage {
    type Target = world::World;

    fn deref(&self) -> &world::World {
        &self.world
    }
}

/// An answer with its whole body.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_else(|| panic!("no error: {self:?}")).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Stage {
    /// Prices don't move unless a test moves them.
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config) + Send + 'static) -> Self {
        let change = |config: &mut Config| {
            config.streams_per_address = 3;
            change(config);
        };
        let world = Setup::default().broker(change).start().await;
        for symbol in ["WAYNE", "STARK"] {
            world.set_price(symbol, 10_000).await;
        }
        // The tests sign tokens of approvals that Mandate identity doesn't know, so a fault in front of it answers for
        // them.
        let about_approval = When::that(|seen| !seen.field("client_assertion").is_empty());
        world.at_identity.fails(about_approval, Fault::Answer(200, json!({ "active": true })));
        let mut people = HashMap::new();
        for (name, credentials) in [("alice", ALICE), ("bob", BOB)] {
            let id = sqlx::query_scalar("SELECT id FROM person WHERE email = $1").bind(credentials.email);
            let id: String = id.fetch_one(world.pool("broker_identity")).await.unwrap();
            people.insert(name, (id, world.person(credentials)));
        }
        Self {
            broker: world.broker.clone(),
            config: world.broker_config.clone(),
            parts: world.ground.parts("broker").await,
            issuer: Issuer::new(world.provider.issuer(), &world.signing_key(&world.provider).await),
            http: world.http(),
            people,
            world,
        }
    }

    /// The id of `alice` or `bob` at StockTrade's provider.
    pub(crate) fn sub<'a>(&'a self, name: &'a str) -> &'a str {
        self.people.get(name).map_or(name, |(id, _)| id)
    }

    /// Logs `alice` or `bob` in at StockTrade's provider; returns the path with which their browser comes back.
    pub(crate) async fn log_in(&self, name: &str, url: &str) -> String {
        let back = self.people[name].1.goes(url, &self.config.site.at("auth/callback")).await;
        back.as_str().strip_prefix(self.config.site.origin()).unwrap().to_owned()
    }

    /// Makes the provider report every token as active from now on, which leaves only StockTrade's own checks.
    pub(crate) fn calls_all_active(&self) {
        self.at_broker.fails("/oauth/introspect", Fault::Answer(200, json!({ "active": true })));
    }

    /// Revokes this token at its provider, although it is signed and hasn't expired.
    pub(crate) async fn revoke(&self, token: &str) {
        let jti = world::claims(token).unwrap()["jti"].as_str().unwrap().to_owned();
        let revoke = sqlx::query("INSERT INTO revoked_token (jti, expires_at) VALUES ($1, $2)").bind(jti);
        revoke.bind(i64::MAX).execute(self.pool("broker_identity")).await.unwrap();
    }

    pub(crate) fn db(&self) -> &AnyPool {
        self.parts.db.pool()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.client().request(method, self.config.site.at(path))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let (status, headers, body) = self.http.send(request).await.unwrap();
        Answer { status, headers, text: String::from_utf8(body).unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    /// `POST /api/orders` with this text as its body.
    pub(crate) async fn order(&self, token: &str, body: impl ToString) -> Answer {
        let request = self.request(Method::POST, "/api/orders").bearer_auth(token).body(body.to_string());
        self.send(request.header("content-type", "application/json")).await
    }

    pub(crate) async fn cancel(&self, token: &str, id: &str) -> Answer {
        self.send(self.request(Method::DELETE, &format!("/api/orders/{id}")).bearer_auth(token)).await
    }

    /// The claims of this person's token without an approval.
    pub(crate) fn claims(&self, sub: &str, scope: &str) -> Value {
        let now = self.parts.clock.seconds();
        json!({
            "iss": self.issuer.url, "aud": self.config.site.at("api"), "sub": self.sub(sub),
            "azp": "tenant-vault", "client_id": "tenant-vault", "scope": scope,
            "iat": now, "exp": now + 3600, "jti": foundation::secret::id(""),
        })
    }

    /// A token of this person without an approval.
    pub(crate) fn token(&self, sub: &str, scope: &str) -> String {
        self.sign(&self.claims(sub, scope))
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.issuer.sign("at+jwt", &claims.to_string())
    }

    /// The claims of an order's token, with the details verbatim.
    pub(crate) fn approved_claims(&self, sub: &str, txn: &str, details: &str) -> String {
        let now = self.parts.clock.seconds();
        let mut claims = self.claims(sub, ALL);
        claims["exp"] = json!(now + 120);
        claims["txn"] = json!(txn);
        claims["auth_time"] = json!(now - 7);
        claims["binding_message"] = json!("K7 QD");
        claims["act"] = json!({"iss": TENANT, "sub": "agent", "name": "Mandate"});
        claims["authorization_details"] = json!("DETAILS");
        claims.to_string().replace("\"DETAILS\"", details)
    }

    pub(crate) fn approved(&self, sub: &str, txn: &str, details: &str) -> String {
        self.issuer.sign("at+jwt", &self.approved_claims(sub, txn, details))
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.db()).await.unwrap()
    }

    pub(crate) async fn cash(&self, sub: &str) -> String {
        let portfolio = self.get_as(&self.token(sub, READ), "/api/portfolio").await.json();
        portfolio["cashBalance"].as_str().unwrap().to_owned()
    }

    /// Asserts that every account's movements add up to its cash and shares, and that none is below zero.
    pub(crate) async fn assert_ledger(&self) {
        let wrong_cash = self
            .count(
                "SELECT COUNT(*) FROM account WHERE cash < 0 OR cash <> (SELECT CAST(COALESCE(SUM(movement.cash), 0)
                 AS BIGINT) FROM movement WHERE movement.account = account.id)",
            )
            .await;
        let wrong_shares = self
            .count(
                "SELECT COUNT(*) FROM holding WHERE shares < 0 OR cost < 0 OR shares <> (SELECT
                 CAST(COALESCE(SUM(movement.shares), 0) AS BIGINT) FROM movement
                 WHERE movement.account = holding.account AND movement.symbol = holding.symbol)",
            )
            .await;
        assert_eq!((wrong_cash, wrong_shares), (0, 0));
    }
}

/// An approved order as its authorization details, and as the body that places it.
pub(crate) fn details(side: &str, quantity: u32, symbol: &str, limit: &str) -> String {
    format!(
        r#"[{{"type":"stock_order","symbol":"{symbol}","side":"{side}","quantity":{quantity},"limit":"{limit}","currency":"USD"}}]"#
    )
}

pub(crate) fn body(side: &str, quantity: u32, symbol: &str, limit: &str) -> Value {
    json!({"symbol": symbol, "side": side, "quantity": quantity, "price": limit})
}
