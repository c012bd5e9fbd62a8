//! What tower-sessions gets wrong with a store that does only what it asks.

use std::sync::{Arc, Mutex};

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, Request},
    http::{HeaderMap, HeaderValue, header},
    response::{Html, Response},
    routing::get,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::*;
use crate::{
    db::{Db, Place},
    http::Http,
    lang::Lang,
    login::LoginError,
    parts::Parts,
};

struct World {
    parts: Parts,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let migrator = sqlx::migrate!("../../migrations/tenant");
        let parts = Parts {
            db: Db::open(&Place::Sqlite(folder.path().to_owned()), "site", &migrator).await.expect("a database"),
            clock: Clock::system(),
            sealer: Sealer::new(&[7; 32], "site"),
            http: Http::new(),
            shutdown: CancellationToken::new(),
        };
        Self { parts, _folder: folder }
    }

    /// Sessions end after 12 idle hours or 24 in total; without a person, after one idle hour.
    fn sessions(&self) -> Sessions {
        self.parts.sessions("mandate_agent", false, 12, 24).visitors_for(1)
    }

    async fn begin(&self, sessions: &Sessions, old: Option<&Session>, person: Option<&str>) -> Begun {
        let mut tx = self.parts.db.begin().await.expect("the database");
        let new = New { person, visitor: "vis_1", id_token: Some("token"), ..New::default() };
        let begun = match old {
            Some(old) => sessions.log_in(&mut tx, old, new).await.expect("the old session was there"),
            None => sessions.begin(&mut tx, new).await.expect("the database"),
        };
        tx.commit().await.expect("the database");
        begun
    }

    async fn count(&self) -> i64 {
        sqlx::query_scalar("SELECT COUNT(*) FROM session").fetch_one(self.parts.db.pool()).await.expect("a count")
    }
}

/// A site that names the logged-in person, adopts the given session, and writes to any session.
fn site(sessions: &Sessions, begun: Option<Begun>) -> Router {
    let (found, adopting, writing) = (sessions.clone(), sessions.clone(), sessions.clone());
    let routes = Router::new()
        .route(
            "/who",
            get(async move |handle: Handle| {
                let session = found.find(&handle).await.expect("the database");
                Html(session.map(|session| session.person.unwrap_or_default()).unwrap_or("nobody".into()))
            }),
        )
        .route("/logout", get(async || (Extension(IdentityChange::LoggedOut), axum::response::Redirect::to("/"))))
        .route(
            "/adopt",
            get(async move |handle: Handle, Extension(begun): Extension<Begun>| {
                adopting.find(&handle).await.expect("the database");
                adopting.adopt(&handle, &begun).await.expect("the database");
            }),
        )
        .route(
            "/write/{how}",
            get(async move |handle: Handle, Path(how): Path<String>| match how.as_str() {
                "clear" => handle.clear().await,
                _ => {
                    writing.start_for_login(&handle).await.expect("the database");
                }
            }),
        );
    let routes = sessions.layer(routes);
    begun.map(|begun| routes.clone().layer(Extension(begun))).unwrap_or(routes)
}

async fn ask(site: &Router, path: &str, cookies: &str) -> Response {
    let request = Request::builder().uri(path).header(header::COOKIE, cookies).body(Body::empty()).expect("a request");
    site.clone().oneshot(request).await.expect("an answer")
}

async fn who(site: &Router, cookies: &str) -> String {
    let body = ask(site, "/who", cookies).await.into_body();
    let bytes = axum::body::to_bytes(body, 100).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn set_cookies(response: &Response) -> Vec<String> {
    let values = response.headers().get_all(header::SET_COOKIE).iter();
    values.map(|value| value.to_str().expect("text").to_owned()).collect()
}

/// The first cookie that a response sets, as a browser returns it.
fn pair(response: &Response) -> String {
    set_cookies(response)[0].split(';').next().expect("a pair").to_owned()
}

/// A request with only this cookie.
fn headers(cookie: &str) -> HeaderMap {
    [(header::COOKIE, HeaderValue::from_str(cookie).expect("a header"))].into_iter().collect()
}

/// THREATS.md line 52: over TLS a sibling host can't shadow the cookie, because a browser only accepts this name from
/// the host itself, over TLS, and for all paths.
#[tokio::test]
async fn line_52_over_tls_a_cookie_is_the_hosts_own() {
    let world = World::new().await;
    for (secure, name) in [(true, "__Host-mandate_agent"), (false, "mandate_agent")] {
        let sessions = world.parts.sessions("mandate_agent", secure, 12, 24);
        let begun = world.begin(&sessions, None, None).await;
        let answer = ask(&site(&sessions, Some(begun.clone())), "/adopt", "").await;
        let cookie = set_cookies(&answer)[0].clone();
        let (pair, attributes) = cookie.split_once(';').expect("attributes");
        let value = pair.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')).expect(name);
        for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"] {
            assert!(attributes.contains(part) && !attributes.contains("Domain"), "{cookie}");
        }
        assert_eq!(attributes.contains("; Secure"), secure, "{cookie}");
        let found = async |name: &str| {
            let handle = sessions.handle(&headers(&format!("{name}={value}")));
            sessions.find(&handle).await.expect("the database")
        };
        assert_eq!(found(name).await.as_ref(), Some(&begun.session));
        assert_eq!(found("mandate_agent").await.is_some(), !secure, "what a sibling could plant counts for nothing");
        let gone = sessions.forget();
        let gone = gone.to_str().expect("text");
        assert!(gone.starts_with(&format!("{name}=;")) && gone.contains("; Secure") == secure, "{gone}");
    }
}

/// THREATS.md line 52: the library decodes names, so a browser wouldn't protect `__Host-` here.
#[tokio::test]
async fn line_52_encoded_cookie_name_counts_for_nothing() {
    let world = World::new().await;
    let sessions = world.parts.sessions("mandate_agent", true, 12, 24);
    let begun = world.begin(&sessions, None, Some("usr_1")).await;
    let own = pair(&ask(&site(&sessions, Some(begun)), "/adopt", "").await);
    let value = own.split_once('=').expect("a value").1;
    let plain = site(&sessions, None);
    assert_eq!(who(&plain, &own).await, "usr_1");
    for name in ["__Host%2Dmandate_agent", "__Host-mandate%5Fagent", "%5f_Host-mandate_agent"] {
        assert_eq!(who(&plain, &format!("{name}={value}")).await, "nobody", "{name}");
        assert_eq!(who(&plain, &format!("a=1; {name}=junk; {own}")).await, "usr_1", "{name}");
    }
}

/// THREATS.md line 11: only one caller ends a session.
#[tokio::test]
async fn line_11_61_only_one_of_many_ends_a_session() {
    let world = World::new().await;
    let sessions = world.sessions();
    let session = world.begin(&sessions, None, Some("usr_1")).await.session;
    let mut db = world.parts.db.pool().acquire().await.expect("the database");
    assert!(sessions.end(&mut db, &session.id).await.expect("the database"));
    assert!(!sessions.end(&mut db, &session.id).await.expect("the database"));
    drop(db);
    // A login that started in it doesn't log anybody in either.
    let mut tx = world.parts.db.begin().await.expect("the database");
    let new = New { person: Some("usr_1"), visitor: "vis_1", ..New::default() };
    let late = sessions.log_in(&mut tx, &session, new).await;
    assert!(matches!(late, Err(LoginError::NotYours)), "{late:?}");
}

/// THREATS.md line 11: what belongs to a browser's visitor doesn't pass to the next person.
#[tokio::test]
async fn line_11_second_person_is_another_visitor() {
    let world = World::new().await;
    let sessions = world.sessions();
    let visitor = world.begin(&sessions, None, None).await.session;
    let alice = world.begin(&sessions, Some(&visitor), Some("usr_1")).await.session;
    let again = world.begin(&sessions, Some(&alice), Some("usr_1")).await.session;
    assert_eq!((alice.visitor.as_str(), again.visitor.as_str()), ("vis_1", "vis_1"));
    let bob = world.begin(&sessions, Some(&again), Some("usr_2")).await.session;
    assert_ne!(bob.visitor, "vis_1");
}

/// THREATS.md line 52: a cookie that shadows the site's own doesn't keep a session active after the logout.
#[tokio::test]
async fn line_52_logout_ends_the_sessions_of_all_cookies() {
    let world = World::new().await;
    let sessions = world.sessions();
    let alice = world.begin(&sessions, None, Some("usr_1")).await;
    let cookie = pair(&ask(&site(&sessions, Some(alice)), "/adopt", "").await);
    let site = site(&sessions, None);
    let answer = ask(&site, "/logout", &format!("mandate_agent=shadowing; {cookie}")).await;
    assert_eq!(set_cookies(&answer), [sessions.forget().to_str().expect("text")]);
    assert_eq!((world.count().await, who(&site, &cookie).await.as_str()), (0, "nobody"));
}

/// THREATS.md line 11.
#[tokio::test]
async fn line_11_rotated_session_has_a_new_id_once_committed() {
    let world = World::new().await;
    let sessions = world.sessions();
    let visitor = world.begin(&sessions, None, None).await;
    let plain = site(&sessions, None);
    let before = pair(&ask(&site(&sessions, Some(visitor.clone())), "/adopt", "").await);
    let mut tx = world.parts.db.begin().await.expect("the database");
    let new = New { person: Some("usr_1"), visitor: "vis_1", ..New::default() };
    sessions.log_in(&mut tx, &visitor.session, new).await.expect("the database");
    tx.rollback().await.expect("the database");
    assert_eq!((who(&plain, &before).await.as_str(), world.count().await), ("", 1));

    let alice = world.begin(&sessions, Some(&visitor.session), Some("usr_1")).await;
    assert_eq!(world.count().await, 1);
    let after = pair(&ask(&site(&sessions, Some(alice.clone())), "/adopt", &before).await);
    assert_ne!(before, after);
    assert_eq!((who(&plain, &before).await.as_str(), who(&plain, &after).await.as_str()), ("nobody", "usr_1"));
    let hint = sessions.id_token(&alice.session).await.expect("the database");
    assert_eq!(hint.as_deref(), Some("token"));
}

/// THREATS.md line 11.
#[tokio::test]
async fn line_11_a_late_save_does_not_undo_a_logout() {
    let world = World::new().await;
    let sessions = world.sessions();
    let alice = world.begin(&sessions, None, Some("usr_1")).await;
    let cookie = pair(&ask(&site(&sessions, Some(alice.clone())), "/adopt", "").await);
    let slow = sessions.handle(&headers(&cookie));
    assert!(sessions.find(&slow).await.expect("the database").is_some());
    slow.insert("seen", 1).await.expect("the session");
    let mut db = world.parts.db.pool().acquire().await.expect("the database");
    sessions.end(&mut db, &alice.session.id).await.expect("the database");
    drop(db);
    slow.save().await.expect("the database");
    assert_eq!((world.count().await, who(&site(&sessions, None), &cookie).await.as_str()), (0, "nobody"));
}

/// THREATS.md line 52.
#[tokio::test]
async fn line_52_an_id_that_a_stranger_chose_is_never_adopted() {
    let world = World::new().await;
    let sessions = world.sessions();
    let site = site(&sessions, None);
    let chosen = format!("mandate_agent={}", session::Id::default());
    ask(&site, "/write/clear", &chosen).await;
    assert_eq!(world.count().await, 0);
    let answer = ask(&site, "/write/login", &chosen).await;
    assert!(set_cookies(&answer).iter().all(|cookie| !cookie.starts_with(&chosen)), "{answer:?}");
    assert_eq!((world.count().await, who(&site, &chosen).await.as_str()), (1, "nobody"));
}

/// THREATS.md line 52.
#[tokio::test]
async fn line_52_two_cookies_of_the_name_are_removed_and_no_session() {
    let world = World::new().await;
    let sessions = world.sessions();
    let alice = world.begin(&sessions, None, Some("usr_1")).await;
    let cookie = pair(&ask(&site(&sessions, Some(alice)), "/adopt", "").await);
    let site = site(&sessions, None);
    assert_eq!(who(&site, &format!("a=1; {cookie}; b=2")).await, "usr_1");
    for shadowing in ["mandate_agent=shadowing", &cookie, "mandate_agent =AAAAAAAAAAAAAAAAAAAAAA"] {
        let both = format!("{shadowing}; {cookie}");
        let answer = ask(&site, "/who", &both).await;
        assert_eq!(set_cookies(&answer), [sessions.forget().to_str().expect("text")], "{both}");
        assert_eq!(who(&site, &both).await, "nobody", "{both}");
    }
}

/// In a late response, removing it would drop the cookie of a login finished in the meantime.
#[tokio::test]
async fn unknown_id_is_not_removed_from_the_browser() {
    let world = World::new().await;
    let site = site(&world.sessions(), None);
    for unknown in [&format!("mandate_agent={}", session::Id::default()), "mandate_agent=junk"] {
        let answer = ask(&site, "/who", unknown).await;
        assert_eq!(set_cookies(&answer), Vec::<String>::new(), "{unknown}");
    }
}

/// Our clock decides both expiries, and an active session is written at most once a minute.
#[tokio::test]
async fn session_ends_idle_or_old_and_is_touched_once_a_minute() {
    const HOUR: i64 = 3_600_000;
    let world = World::new().await;
    let sessions = world.sessions();
    let alice = world.begin(&sessions, None, Some("usr_1")).await;
    let visitor = world.begin(&sessions, None, None).await;
    let cookie = async |begun: Begun| pair(&ask(&site(&sessions, Some(begun)), "/adopt", "").await);
    let (alice, visitor) = (cookie(alice).await, cookie(visitor).await);
    let site = site(&sessions, None);
    let seen = async || -> i64 {
        let sql = "SELECT seen_at FROM session WHERE person IS NOT NULL";
        sqlx::query_scalar(sql).fetch_one(world.parts.db.pool()).await.expect("a time")
    };
    let began = seen().await;
    assert_eq!((who(&site, &alice).await.as_str(), seen().await), ("usr_1", began));
    world.parts.clock.advance(61_000);
    assert_eq!(who(&site, &alice).await, "usr_1");
    let touched = seen().await;
    assert!(touched >= began + 61_000, "{touched}");
    assert_eq!((who(&site, &alice).await.as_str(), seen().await), ("usr_1", touched));
    world.parts.clock.advance(HOUR);
    assert_eq!(who(&site, &visitor).await, "nobody", "a visitor's has its own time");
    for _ in 0..2 {
        assert_eq!(who(&site, &alice).await, "usr_1", "kept by its use");
        world.parts.clock.advance(11 * HOUR);
    }
    assert_eq!(who(&site, &alice).await, "usr_1");
    world.parts.clock.advance(HOUR);
    assert_eq!(who(&site, &alice).await, "nobody", "in all");
    sessions.clean_up().await.expect("the database");
    assert_eq!(world.count().await, 0);
}

/// Collects log lines for a test.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Nobody can fill the log by sending junk. The log's filter drops the library's lines about unknown ids.
#[tokio::test]
async fn junk_cookie_logs_nothing() {
    let world = World::new().await;
    let site = site(&world.sessions(), None);
    let lines = Lines::default();
    let written = lines.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(move || written.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    for junk in ["mandate_agent=junk", "mandate_agent=", "mandate_agent", "mandate_agent=a; mandate_agent=b"] {
        assert_eq!(who(&site, junk).await, "nobody");
    }
    drop(guard);
    let lines = lines.0.lock().expect("a lock").clone();
    assert_eq!(String::from_utf8(lines).expect("text"), "");
}

/// Every page asks for its reader's language, so it costs one query, and none for a browser that never logged in.
#[tokio::test]
async fn language_is_that_of_the_sessions_person() {
    let world = World::new().await;
    let sessions = world.sessions();
    let person = "INSERT INTO person (id, issuer, subject, name, disabled, created_at, lang)
                  VALUES ('usr_1', 'i', 's', 'Alice', 0, 0, 'de')";
    sqlx::query(person).execute(world.parts.db.pool()).await.expect("a person");
    let of = async |cookie: &str| {
        let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().expect("ASCII"))]);
        sessions.language(&headers).await
    };
    let cookie = |begun: &Begun| format!("mandate_agent={}", begun.id);
    let (person, visitor) =
        (world.begin(&sessions, None, Some("usr_1")).await, world.begin(&sessions, None, None).await);
    assert_eq!(of(&cookie(&person)).await.expect("the database"), Some(Lang::De));
    assert_eq!(of(&cookie(&visitor)).await.expect("the database"), None);
    let shadowed = format!("{}; {}", cookie(&person), cookie(&visitor));
    assert_eq!(of(&shadowed).await.expect("the database"), None);
    world.parts.db.pool().close().await;
    assert!(of(&cookie(&person)).await.is_err());
    assert_eq!(of("mandate_lang=de; theme=dark").await.expect("no query"), None);
}
