//! A StockTrade for each test: a database, an issuer, a listener.

use std::sync::Arc;

use axum::http::StatusCode;
use broker::{Broker, Config, page::Message};
use foundation::{
    CancellationToken, axum,
    clock::Clock,
    db::{Db, Place},
    guard,
    http::Http,
    parts::Parts,
    seal::Sealer,
    site::Site,
};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use sqlx::AnyPool;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::issuer::Issuer;

/// The issuer of approvals: Mandate identity.
pub(crate) const TENANT: &str = "http://localhost:3001/";
pub(crate) const READ: &str = "portfolio:read trade:read";
pub(crate) const ALL: &str = "portfolio:read trade:read trade:write";

pub(crate) struct Stage {
    pub(crate) broker: Broker,
    pub(crate) config: Config,
    pub(crate) parts: Parts,
    pub(crate) issuer: Issuer,
    _folder: Arc<TempDir>,
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

fn render(message: &Message) -> String {
    format!("{} {} | {} | {} {}", message.status, message.title, message.text, message.back.0, message.back.1)
}

/// A new database: a folder, or one on the server named by `TEST_DATABASE_URL`.
async fn place(folder: &TempDir) -> Place {
    let Ok(url) = std::env::var("TEST_DATABASE_URL") else { return Place::Sqlite(folder.path().to_owned()) };
    sqlx::any::install_default_drivers();
    let name = foundation::secret::id("test_");
    let server = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&server).await.unwrap();
    server.close().await;
    let mut url: url::Url = url.parse().unwrap();
    url.set_path(&name);
    Place::Postgres(url)
}

impl Stage {
    /// Prices don't move unless a test moves them.
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().unwrap();
        let issuer = Issuer::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://trade.localhost:{}", listener.local_addr().unwrap().port());
        let site = Site::new(url.parse().unwrap()).unwrap();
        let db = Db::open(&place(&folder).await, "broker", broker::migrator()).await.unwrap();
        let parts = Parts {
            db,
            clock: Clock::system(),
            sealer: Sealer::new(&[7; 32], "broker"),
            http: Http::new(),
            shutdown: CancellationToken::new(),
        };
        let login = foundation::login::Settings {
            issuer: issuer.url.clone(),
            client_id: "stocktrade".into(),
            client_secret: "a secret".to_owned().into(),
            redirect_uri: site.at("auth/callback"),
        };
        let mut config =
            Config { site, login, trade_without_approval: Vec::new(), tick_ms: 0, streams_per_address: 3, seed: 42 };
        change(&mut config);
        let broker = Broker::start(config.clone(), parts.clone()).await.unwrap();
        let routes = guard::site(broker.routes(render), &config.site);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { broker, config, parts, issuer, _folder: Arc::new(folder) }
    }

    pub(crate) fn db(&self) -> &AnyPool {
        self.parts.db.pool()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.parts.http.client().request(method, self.config.site.at(path))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let (status, headers, body) = self.parts.http.send(request).await.unwrap();
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
            "iss": self.issuer.url, "aud": self.config.site.at("api"), "sub": sub,
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

    /// Sets a stock's price, in cents.
    pub(crate) async fn set_price(&self, symbol: &str, cents: i64) {
        sqlx::query("UPDATE stock SET price = $1 WHERE symbol = $2")
            .bind(cents)
            .bind(symbol)
            .execute(self.db())
            .await
            .unwrap();
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.db()).await.unwrap()
    }

    pub(crate) async fn orders(&self) -> i64 {
        self.count("SELECT COUNT(*) FROM orders").await
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
