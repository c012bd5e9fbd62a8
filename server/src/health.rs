//! `/healthz`: the process answers. `/readyz`: it can work, because its databases and its provider answer.

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, http::StatusCode, routing::get};
use foundation::{db::Db, http::Http};
use serde_json::{Map, Value, json};
use tokio::{sync::Mutex, time::Instant};

/// How long a database or the provider may take to answer.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How long an answer is cached, so that frequent requests cause no more checks than that.
const REPEATED: Duration = Duration::from_secs(1);

/// What a site depends on.
pub struct Needs {
    pub databases: Vec<(&'static str, Db)>,
    /// The login issuer, if another site is the provider.
    pub provider: Option<String>,
    pub http: Http,
}

type Last = Arc<Mutex<Option<(Instant, StatusCode, Value)>>>;

pub fn routes(needs: Needs) -> Router {
    let (needs, last) = (Arc::new(needs), Last::default());
    let ready = move || {
        let (needs, last) = (needs.clone(), last.clone());
        async move {
            let mut last = last.lock().await;
            let known = last.take().filter(|(at, ..)| at.elapsed() < REPEATED);
            let (at, status, body) = match known {
                Some(known) => known,
                None => {
                    let (status, body) = needs.look().await;
                    (Instant::now(), status, body)
                }
            };
            *last = Some((at, status, body.clone()));
            (status, Json(body))
        }
    };
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready))
}

impl Needs {
    async fn look(&self) -> (StatusCode, Value) {
        let databases = self.databases.iter().map(|(name, db)| async move {
            let answers = tokio::time::timeout(PATIENCE, db.is_reachable()).await.unwrap_or(false);
            ((*name).to_owned(), answers)
        });
        let provider = async {
            let issuer = self.provider.as_ref()?;
            let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
            let asked = self.http.send(self.http.client().get(url).timeout(PATIENCE));
            Some(("provider".to_owned(), asked.await.is_ok_and(|(status, ..)| status.is_success())))
        };
        let (databases, provider) = tokio::join!(futures::future::join_all(databases), provider);
        let checks: Vec<(String, bool)> = databases.into_iter().chain(provider).collect();
        let is_ready = checks.iter().all(|(_, ok)| *ok);
        let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let words = |ok: bool| if ok { "ok" } else { "away" };
        let checks: Map<String, Value> = checks.into_iter().map(|(name, ok)| (name, words(ok).into())).collect();
        (status, json!({ "ready": is_ready, "checks": checks }))
    }
}
