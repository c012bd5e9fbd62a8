//! `/healthz`: the process answers. `/readyz`: it can work, because its databases and its provider answer. Requests that
//! wait for a silent database server get 503.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::{Next, from_fn},
    response::IntoResponse,
    routing::get,
};
use foundation::{
    db::{Db, Pulse},
    http::Http,
};
use serde_json::{Map, Value, json};
use tokio::{sync::Mutex, time::Instant};

/// How long a database or the provider may take to answer.
const TIMEOUT: Duration = Duration::from_millis(1500);

/// `Retry-After` of a request that was cut off, in seconds.
const RETRY: &str = "5";

/// How long an answer is cached, so that frequent requests cause at most one check in that time.
const REPEATED: Duration = Duration::from_secs(1);

/// A site's dependencies.
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

/// Answers 503 instead of waiting for a database server that has fallen silent. A change that was cut off may have been
/// made, as after any cut connection. An answer that has begun, such as a stream, goes on.
pub fn cut_off(routes: Router, pulse: &Pulse) -> Router {
    let pulse = pulse.clone();
    routes.layer(from_fn(move |request: Request, next: Next| {
        let pulse = pulse.clone();
        async move {
            pulse
                .while_answering(next.run(request))
                .await
                .unwrap_or_else(|_| (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY)]).into_response())
        }
    }))
}

impl Needs {
    async fn look(&self) -> (StatusCode, Value) {
        let databases = self.databases.iter().map(|(name, db)| async move {
            let answers = tokio::time::timeout(TIMEOUT, db.is_reachable()).await.unwrap_or(false);
            ((*name).to_owned(), answers)
        });
        let provider = async {
            let issuer = self.provider.as_ref()?;
            let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
            let asked = self.http.send(self.http.client().get(url).timeout(TIMEOUT));
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use foundation::db::Place;
    use tower::ServiceExt;

    use super::*;

    /// THREATS.md line 48.
    #[tokio::test]
    async fn line_48_request_waits_for_no_silent_database() {
        sqlx::any::install_default_drivers();
        // Accepts connections and never answers, like a stopped process.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a socket");
        let address = silent.local_addr().expect("an address");
        let place = Place::Postgres(format!("postgres://nobody@{address}/none").parse().expect("a URL"));
        let routes =
            Router::new().route("/hangs", get(std::future::pending::<()>)).route("/fine", get(|| async { "fine" }));
        let site = cut_off(routes, &Pulse::of(&place));
        let ask = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            site.clone().oneshot(request).await.expect("an answer")
        };
        let answer = tokio::time::timeout(Duration::from_secs(60), ask("/hangs")).await.expect("it is cut off");
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()["retry-after"], "5");
        assert_eq!(ask("/fine").await.status(), StatusCode::OK, "what needs no database goes on");
    }
}
