//! What an instance is made of, handed to it by the program.

use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, db::Db, http::Http, limit::Shared, once::Once, seal::Sealer, session::Sessions};

/// Clones share everything.
#[derive(Clone, Debug)]
pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub sealer: Sealer,
    pub http: Http,
    /// Cancelled when the program stops: background work and open streams end.
    pub shutdown: CancellationToken,
}

impl Parts {
    /// Values taken once, on this instance's database key.
    pub fn once(&self) -> Once {
        Once { clock: self.clock.clone(), sealer: self.sealer.clone() }
    }

    /// A limit that counts together for all processes on this database. Its name is its own.
    pub fn limit(&self, name: &'static str, burst: u32, every_ms: i64) -> Shared {
        Shared::new(&self.db, self.clock.clone(), name, burst, every_ms)
    }

    /// This instance's sessions, under a cookie of their own. Times in hours.
    pub fn sessions(&self, cookie: &'static str, secure: bool, idle_hours: i64, total_hours: i64) -> Sessions {
        const HOUR: i64 = 3_600_000;
        // Made once at the start, and needed until the end.
        let cookie = if secure { Box::leak(format!("__Host-{cookie}").into_boxed_str()) } else { cookie };
        Sessions {
            pool: self.db.pool().clone(),
            clock: self.clock.clone(),
            sealer: self.sealer.clone(),
            cookie,
            secure,
            idle_ms: idle_hours * HOUR,
            total_ms: total_hours * HOUR,
            visitor_ms: idle_hours * HOUR,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::*;
    use crate::db::Place;

    async fn parts(folder: &tempfile::TempDir) -> Parts {
        let migrator = sqlx::migrate!("../../migrations/tenant");
        Parts {
            db: Db::open(&Place::Sqlite(folder.path().to_owned()), "site", &migrator).await.expect("a database"),
            clock: Clock::system(),
            sealer: Sealer::new(&[7; 32], "site"),
            http: Http::new(),
            shutdown: CancellationToken::new(),
        }
    }

    /// THREATS.md line 52: over TLS a sibling host can plant no cookie that counts, since a browser takes one of
    /// this name from nobody but the host itself, over TLS, for all of its paths.
    #[tokio::test]
    async fn line_52_over_tls_a_cookie_is_the_hosts_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let parts = parts(&folder).await;
        for (secure, name) in [(true, "__Host-mandate_agent"), (false, "mandate_agent")] {
            let sessions = parts.sessions("mandate_agent", secure, 12, 24);
            let mut db = parts.db.pool().acquire().await.expect("the database");
            let (session, cookie) = sessions.start(&mut db, None, serde_json::json!({})).await.expect("a session");
            let cookie = cookie.to_str().expect("text");
            let (pair, attributes) = cookie.split_once(';').expect("attributes");
            let value = pair.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')).expect(name);
            assert!(attributes.contains("Path=/;") && !attributes.contains("Domain"), "{cookie}");
            assert_eq!(attributes.contains("; Secure"), secure, "{cookie}");
            let found = async |name: &str| {
                let cookie = HeaderValue::from_str(&format!("{name}={value}")).expect("a header");
                let headers: HeaderMap = [(header::COOKIE, cookie)].into_iter().collect();
                sessions.find(&headers).await.expect("the database")
            };
            assert_eq!(found(name).await.as_ref(), Some(&session));
            assert_eq!(
                found("mandate_agent").await.is_some(),
                !secure,
                "what a sibling could plant counts for nothing"
            );
            assert!(sessions.forget().to_str().is_ok_and(|cookie| cookie.starts_with(&format!("{name}=;"))));
        }
    }

    /// THREATS.md line 11: a session ends once, for whoever ends it.
    #[tokio::test]
    async fn line_11_61_only_one_of_many_ends_a_session() {
        let folder = tempfile::tempdir().expect("a folder");
        let parts = parts(&folder).await;
        let sessions = parts.sessions("mandate_agent", false, 12, 24).visitors_for(1);
        let mut db = parts.db.pool().acquire().await.expect("the database");
        let (session, _) = sessions.start(&mut db, Some("usr_1"), serde_json::json!({})).await.expect("a session");
        assert!(sessions.end(&mut db, &session.id).await.expect("the database"));
        assert!(!sessions.end(&mut db, &session.id).await.expect("the database"));
    }
}
