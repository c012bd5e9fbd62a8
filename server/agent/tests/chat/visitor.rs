//! Visitors: a browser's first messages, and the login that claims a visitor's threads.

use reqwest::StatusCode;
use shared::chat::Accepted;

use crate::{browser::Browser, world::World};

/// A browser that opened the page and wrote nothing: its tabs share this cookie.
fn opened(world: &World) -> Browser {
    let mut browser = world.visitor();
    browser.cookie = Some(format!("mandate_agent_visitor={}", foundation::secret::token()));
    browser
}

async fn post(browser: &Browser, body: &serde_json::Value) -> (Browser, String) {
    let mut tab = browser.clone();
    let response = tab.post("api/threads", body).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    (tab, response.json::<Accepted>().await.unwrap().thread)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_first_messages_at_once_are_one_visitors() {
    let world = World::new().await;
    for _ in 0..5 {
        let browser = opened(&world);
        let (one, two) = (browser.message("Hi"), browser.message("Hello"));
        let ((one, first), (two, second)) = tokio::join!(post(&browser, &one), post(&browser, &two));
        assert_ne!(first, second);
        // Whichever answer came last, the browser sees both chats.
        for tab in [one, two] {
            let mut listed: Vec<String> = tab.threads().await.into_iter().map(|thread| thread.id).collect();
            listed.sort();
            let mut both = vec![first.clone(), second.clone()];
            both.sort();
            assert_eq!(listed, both);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn first_message_whose_answer_was_lost_is_taken_once() {
    let world = World::new().await;
    for at_once in [false, true] {
        let browser = opened(&world);
        let body = browser.message("Hi");
        let ((_, first), (tab, again)) = if at_once {
            tokio::join!(post(&browser, &body), post(&browser, &body))
        } else {
            (post(&browser, &body).await, post(&browser, &body).await)
        };
        assert_eq!(first, again);
        assert_eq!(tab.threads().await.len(), 1);
    }
}

/// THREATS.md line 52: the cookie that tabs share expires soon, and opens no chat that a person has claimed.
#[tokio::test(flavor = "multi_thread")]
async fn line_52_the_tabs_cookie_opens_no_claimed_chat() {
    let world = World::new().await;
    let browser = opened(&world);
    let (mut alice, _) = post(&browser, &browser.message("Mine")).await;
    alice.log_in(&world, "alice", "/").await;
    assert_eq!(alice.threads().await.len(), 1);
    let (other, _) = post(&browser, &browser.message("Hi")).await;
    assert_eq!(other.threads().await.len(), 1);
    assert_eq!(alice.threads().await.len(), 1);

    let browser = opened(&world);
    post(&browser, &browser.message("Hi")).await;
    world.clock.advance(13 * 3_600_000);
    let (later, _) = post(&browser, &browser.message("Hello")).await;
    assert_eq!(later.threads().await.len(), 1);
}

/// A message sent during the login belongs to the person, whichever finishes first.
#[tokio::test(flavor = "multi_thread")]
async fn message_during_the_login_is_not_orphaned() {
    let world = World::new().await;
    for _ in 0..5 {
        let mut visitor = world.visitor();
        visitor.open("Hi").await;
        let callback = visitor.begin_login(&world, "alice", "/").await;
        let before = world.alice().await.threads().await.len();
        let (mut tab, body) = (visitor.clone(), visitor.message("Late"));
        let (late, back) = tokio::join!(tab.post("api/threads", &body), visitor.get(&callback));
        assert_eq!((late.status(), back.status()), (StatusCode::ACCEPTED, StatusCode::SEE_OTHER));
        let late = late.json::<Accepted>().await.unwrap().thread;
        let seen = world.alice().await.threads().await;
        // A message after the login belongs to a new visitor, and the answer sets that visitor's cookie.
        let found = seen.iter().any(|thread| thread.id == late);
        assert!(found || tab.threads().await.iter().any(|thread| thread.id == late));
        assert_eq!(seen.len(), before + 1 + usize::from(found));
    }
}

/// THREATS.md line 11: a first message answered after the login started belongs to that person, never to the next one.
#[tokio::test(flavor = "multi_thread")]
async fn line_11_first_message_beside_a_login_is_the_persons() {
    let world = World::new().await;
    let browser = opened(&world);
    // The login starts in one tab before another tab's first message is answered.
    let mut login = browser.clone();
    let callback = login.begin_login(&world, "alice", "/").await;
    let (_, thread) = post(&browser, &browser.message("Mine")).await;
    let mut alice = login;
    let tabs = browser.cookie.clone().unwrap_or_default();
    let both = format!("{tabs}; {}", alice.cookie.clone().unwrap_or_default());
    alice.cookie = Some(both);
    let back = alice.get(&callback).await;
    assert_eq!(back.status(), StatusCode::SEE_OTHER);
    let cookies: Vec<_> =
        back.headers().get_all("set-cookie").iter().map(|it| it.to_str().unwrap().to_owned()).collect();
    assert!(cookies.iter().any(|it| it.starts_with("mandate_agent_visitor=;")), "{cookies:?}");
    assert!(world.alice().await.threads().await.iter().any(|it| it.id == thread));
    // Later, Bob writes in the same browser, which may still have the tabs' cookie.
    let (bob, other) = post(&browser, &browser.message("Hi")).await;
    assert_ne!(other, thread);
    assert_eq!(bob.clone().threads().await.len(), 1);
}

/// One login starts before another tab's first message is answered, and the other after it, in the message's session.
#[tokio::test(flavor = "multi_thread")]
async fn two_logins_around_a_first_message_both_come_through() {
    let world = World::new().await;
    let browser = opened(&world);
    let one = browser.clone().begin_login(&world, "alice", "/accounts").await;
    let (mut tab, thread) = post(&browser, &browser.message("Mine")).await;
    let two = tab.begin_login(&world, "alice", "/").await;
    for (callback, back) in [(&one, "/accounts"), (&two, "/")] {
        let response = tab.get(callback).await;
        assert_eq!(
            (response.status(), &response.headers()["location"]),
            (StatusCode::SEE_OTHER, &back.parse().unwrap())
        );
        tab.keep_cookie(&response);
    }
    assert_eq!(tab.threads().await.into_iter().map(|thread| thread.id).collect::<Vec<_>>(), [thread]);
}

/// THREATS.md line 11: the next person in a browser doesn't get the previous person's chats.
#[tokio::test(flavor = "multi_thread")]
async fn line_11_second_person_in_a_browser_is_another_visitor() {
    let world = World::new().await;
    let mut browser = world.visitor();
    browser.open("Hi").await;
    browser.log_in(&world, "alice", "/").await;
    browser.open("Buy 5 WAYNE").await;
    let alice = browser.clone();
    browser.log_in(&world, "bob", "/").await;
    assert!(browser.threads().await.is_empty());
    browser.open("Mine").await;
    assert_eq!(browser.threads().await.len(), 1);
    assert!(alice.threads().await.is_empty(), "her session ended");
    assert_eq!(world.alice().await.threads().await.len(), 2);
}

/// THREATS.md line 52: an attacker's login cookie, put into a browser that is returning from the login.
#[tokio::test(flavor = "multi_thread")]
async fn line_52_shadowing_login_gets_none_of_the_visitors_chats() {
    let world = World::new().await;
    let mut attacker = world.visitor();
    let callback = attacker.begin_login(&world, "bob", "/").await;
    let all = attacker.cookie.clone().unwrap();
    let login = all.split("; ").find(|cookie| cookie.starts_with("mandate_agent_login_")).unwrap();
    // One chat of the session's visitor, and one of the visitor that the tabs share.
    for shares_a_visitor in [false, true] {
        let mut victim = if shares_a_visitor { opened(&world) } else { world.visitor() };
        let tabs = victim.cookie.clone();
        victim.open("Secret").await;
        let own = victim.cookie.clone();
        victim.cookie = Some([own, tabs, Some(login.to_owned())].into_iter().flatten().collect::<Vec<_>>().join("; "));
        let callback = if shares_a_visitor { attacker.begin_login(&world, "bob", "/").await } else { callback.clone() };
        victim.get(&callback).await;
    }
    let mut bob = world.visitor();
    bob.log_in(&world, "bob", "/").await;
    assert!(bob.threads().await.is_empty(), "{:?}", bob.threads().await);
}

/// The login finished after the message's session was read: the turn runs for the person, who owns the chat.
#[tokio::test(flavor = "multi_thread")]
async fn message_of_a_claimed_visitor_is_answered_for_its_person() {
    let world = World::new().await;
    world.alice().await;
    let mut visitor = world.visitor();
    let thread = visitor.open("Hi").await;
    let pool = world.pool().await;
    let claim = "UPDATE visitor SET person = (SELECT id FROM person)
                 WHERE id = (SELECT visitor FROM thread WHERE id = $1)";
    sqlx::query(claim).bind(&thread).execute(&pool).await.unwrap();
    let (_, late) = post(&visitor, &visitor.message("Late")).await;
    let of_turn = "SELECT person.subject FROM turn JOIN person ON person.id = turn.person WHERE turn.thread = $1";
    let person: String = sqlx::query_scalar(of_turn).bind(&late).fetch_one(&pool).await.unwrap();
    assert_eq!(person, world.subject(world::ALICE).await);
}
