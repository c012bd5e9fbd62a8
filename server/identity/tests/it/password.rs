//! Passwords: wrong ones, too many attempts, and those of people who sign up (THREATS.md line 39).

use argon2::{Argon2, PasswordHasher};

use crate::{
    asking::Asking,
    pair::{Pair, browser::Browser},
    people::{login_page, submit},
};

#[tokio::test]
async fn line_39_wrong_password_and_unknown_person_look_alike() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let page = login_page(&pair, &browser).await;
    let known = submit(&pair, &browser, &page, "alice@example.com", "wrong password").await;
    let unknown = submit(&pair, &browser, &page, "nobody@example.com", "wrong password").await;
    assert_eq!((known.status, unknown.status), (401, 401));
    assert_eq!(known.text("/error"), unknown.text("/error"));
}

#[tokio::test]
async fn line_39_failed_logins_wait_longer_each_time() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let page = login_page(&pair, &browser).await;
    // Ten failures cause a wait of 16 seconds, longer than the next requests take.
    for n in 0..10 {
        if n > 5 {
            pair.clock.advance(1_000_i64 << (n - 6));
        }
        let shown = submit(&pair, &browser, &page, "alice@example.com", "wrong password").await;
        assert_eq!(shown.status, 401);
    }
    let wait = async |email: &str| -> i64 {
        let shown = submit(&pair, &browser, &page, email, "mandate-demo").await;
        assert_eq!(shown.status, 429, "{shown:?}");
        assert!(shown.text("/error").contains("Try again in"), "{shown:?}");
        shown.headers["retry-after"].to_str().expect("text").parse().expect("seconds")
    };
    // Even with the right password, and in any spelling of the e-mail.
    let first = wait("alice@example.com").await;
    assert!((1..=first).contains(&wait("ALICE@Example.com ").await));
    pair.clock.advance(first * 1000);
    assert_eq!(submit(&pair, &browser, &page, "alice@example.com", "wrong password").await.status, 401);
    assert!(wait("alice@example.com").await > first);
    // Another account isn't delayed, and a right password ends the delay.
    assert_eq!(submit(&pair, &browser, &page, "nobody@example.com", "x").await.status, 401);
    pair.clock.advance(60_000);
    let shown = submit(&pair, &browser, &page, "alice@example.com", "mandate-demo").await;
    assert_eq!(shown.text("/view"), "go_on", "{shown:?}");
}

#[tokio::test]
async fn line_39_signup_refuses_a_weak_password() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let page = login_page(&pair, &browser).await;
    let request = page.text("/request");
    let page = browser.get(&format!("{}?request={request}", pair.b.at("u/signup"))).await;
    assert_eq!(page.text("/view"), "signup", "{page:?}");
    let csrf_token = page.text("/csrf_token");
    let sign_up = async |name: &str, email: &str, password: &str| {
        let form = [
            ("csrf_token", &*csrf_token),
            ("request", &*request),
            ("name", name),
            ("email", email),
            ("password", password),
        ];
        browser.post(&pair.b.at("u/signup"), &form).await
    };
    let long = "x".repeat(1025);
    for (name, email, password) in [
        ("Carol", "carol@example.com", "short"),
        ("Carol", "carol@example.com", "password1"),
        ("Carol", "carol@example.com", "Carol@example.com"),
        ("Carol", "carol@example.com", &long),
        ("Carol", "carol@example.com", "\u{a0} \u{3000} \u{200b}    "),
        ("", "carol@example.com", "correct horse"),
        ("Ca\u{202e}rol", "carol@example.com", "correct horse"),
        ("Carol", "carol", "correct horse"),
        ("Carol", "ALICE@example.com", "correct horse"),
    ] {
        let shown = sign_up(name, email, password).await;
        assert_eq!((shown.status, shown.text("/view").as_str()), (400, "signup"), "{name} {email}: {shown:?}");
        assert!(!shown.text("/error").is_empty());
    }
    let password = "x".repeat(1000) + " and its end";
    let shown = sign_up("Carol", "carol@example.com", &password).await;
    let shown = browser.follow_on(shown).await;
    assert!(shown.param("code").is_some(), "{shown:?}");
    // A password is never truncated.
    let other = Browser::default();
    let page = login_page(&pair, &other).await;
    assert_eq!(submit(&pair, &other, &page, "carol@example.com", &password[..1000]).await.status, 401);
    assert_eq!(submit(&pair, &other, &page, "Carol@example.com", &password).await.status, 200);
    // Nobody signs up at T: people come from the provider.
    assert_eq!(browser.get(&pair.t.at("u/signup")).await.status, 404);
}

#[tokio::test]
async fn line_39_a_stranger_cant_lock_a_person_out() {
    let pair = Pair::start().await;
    let home = Browser::default();
    let page = login_page(&pair, &home).await;
    assert_eq!(submit(&pair, &home, &page, "alice@example.com", "mandate-demo").await.text("/view"), "go_on");
    let stranger = Browser::at("127.0.0.2");
    let page = login_page(&pair, &stranger).await;
    // Until the stranger has to wait: the delay doubles, so it comes even on a slow machine.
    while submit(&pair, &stranger, &page, "alice@example.com", "wrong password").await.status != 429 {}
    let again = Browser::default();
    let page = login_page(&pair, &again).await;
    let shown = submit(&pair, &again, &page, "alice@example.com", "mandate-demo").await;
    assert_eq!(shown.text("/view"), "go_on", "{shown:?}");
}

/// NIST SP 800-63B §3.1.1.2: different encodings of the same characters are the same password.
#[tokio::test]
async fn line_39_password_is_the_same_in_every_unicode_form() {
    let pair = Pair::start().await;
    let (composed, decomposed, wide) = ("Gr\u{fc}\u{df}e, ﬁne", "Gru\u{308}\u{df}e, ﬁne", "Gr\u{fc}\u{df}e, ｆine");
    // A hash of the bytes as typed, from before passwords were normalized.
    let old = Argon2::default().hash_password(decomposed.as_bytes()).expect("a hash").to_string();
    let set = "UPDATE person SET password = $1 WHERE login = 'bob@example.com'";
    sqlx::query(set).bind(&old).execute(pair.b.identity.db.pool()).await.expect("a row");
    let log_in = async |password: &str| {
        let browser = Browser::default();
        let page = login_page(&pair, &browser).await;
        submit(&pair, &browser, &page, "bob@example.com", password).await.status
    };
    assert_eq!(log_in(composed).await, 401, "the old hash is of other bytes");
    assert_eq!(log_in(decomposed).await, 200);
    let hash = "SELECT password FROM person WHERE login = 'bob@example.com'";
    let new: String = sqlx::query_scalar(hash).fetch_one(pair.b.identity.db.pool()).await.expect("a row");
    assert_ne!(new, old, "the hash was replaced");
    for typed in [composed, decomposed, wide] {
        assert_eq!(log_in(typed).await, 200, "{typed}");
    }
    assert_eq!(log_in("Grusse, fine").await, 401);
}

/// StockTrade's "Open an account" leads to the sign-up page if sign-up is open, and otherwise to the login.
#[tokio::test]
async fn a_hint_for_registration_shows_it_first() {
    let pair = Pair::start().await;
    let hinted = Asking::agent(&pair).with("screen_hint", "signup");
    assert_eq!(Browser::default().follow(&hinted.url()).await.text("/view"), "login");
    let at_b = hinted
        .with("client_id", "tenant-login")
        .with("redirect_uri", &pair.t.at("login/callback"))
        .with("scope", "openid");
    let url = at_b.url().replacen(&pair.t.at("authorize"), &pair.b.at("authorize"), 1);
    let shown = Browser::default().follow(&url).await;
    assert_eq!(shown.text("/view"), "signup", "{shown:?}");
}
