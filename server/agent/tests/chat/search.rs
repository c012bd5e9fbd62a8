//! Search in one's own chats, on the page that browsers get.

use reqwest::StatusCode;

use crate::{
    branches::{act, edit, message},
    browser::Browser,
    model,
    ways::last_turn,
    world::{World, until},
};

/// The page of a search, as HTML.
async fn page(browser: &Browser, query: &str) -> String {
    let response = browser.get(&format!("search?q={query}")).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.text().await.unwrap()
}

/// The addresses that a search leads to.
async fn found(browser: &Browser, query: &str) -> Vec<String> {
    let page = page(browser, query).await;
    let links = page.split("<a ").filter(|link| link.contains("\"search-hit\""));
    links.map(|link| link.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn found_titles_messages_and_answers_lead_to_their_place() {
    let world = World::new().await;
    let mut browser = world.visitor();
    world.model.replies([model::text("## Shares\n\nThe **KAUFER** bought WAYNE")]);
    let thread = browser.open("Who is the Käufer?").await;
    browser.settled(&thread).await;
    let hits = found(&browser, "kaufer").await;
    // Newest first: the answer, the message, the title.
    assert!(hits.iter().all(|hit| hit.starts_with(&format!("/t/{thread}"))), "{hits:?}");
    assert!(hits.len() == 3 && hits[0].contains("#i-t") && hits[1].contains("#i-m"), "{hits:?}");
    assert!(hits[2].ends_with(&thread), "{hits:?}");
    assert_eq!(found(&browser, "kaufer shar").await, hits[..1]);
    let html = page(&browser, "kaufer").await;
    assert!(html.contains("<mark>Käufer<") && html.contains("<mark>KAUFER<"), "{html}");
    // The address leads to an item of the chat's page.
    for hit in &hits[..2] {
        let (path, item) = hit.split_once('#').unwrap();
        let chat = browser.get(&path[1..]).await.text().await.unwrap();
        assert!(chat.contains(&format!("id=\"{item}\"")), "{item}");
    }

    assert!(found(&browser, "buy").await.is_empty());
    let nothing = page(&browser, "%22%20%25%20--").await;
    assert!(nothing.contains("Type a word or a number"), "{nothing}");
    let nothing = page(&browser, "%3Cscript%3Ealert").await;
    assert!(nothing.contains("Nothing found for") && !nothing.contains("<script>alert"), "{nothing}");
}

/// THREATS.md line 59: a search finds one's own chats, and no others, whoever asks.
#[tokio::test(flavor = "multi_thread")]
async fn line_59_search_finds_only_ones_own() {
    let world = World::new().await;
    let mut alice = world.visitor();
    alice.open("Secret plan").await;
    let visitor = alice.clone();
    assert_eq!(found(&visitor, "secret").await.len(), 2);
    // The login claims the visitor's chat.
    alice.log_in(&world, "alice", "/").await;
    assert_eq!(found(&alice, "secret").await.len(), 2);
    assert!(found(&visitor, "secret").await.is_empty(), "the visitor is a person now");

    let mut bob = world.visitor();
    assert!(found(&bob, "secret").await.is_empty(), "nobody");
    bob.open("Mine").await;
    assert!(found(&bob, "secret").await.is_empty(), "a visitor");
    bob.log_in(&world, "bob", "/").await;
    assert!(found(&bob, "secret").await.is_empty(), "a person");
    assert_eq!(found(&bob, "mine").await.len(), 2);
    let id: String = sqlx::query_scalar("SELECT id FROM visitor WHERE person IS NOT NULL ORDER BY created_at LIMIT 1")
        .fetch_one(&world.pool().await)
        .await
        .unwrap();
    for query in [id.as_str(), &id.replace('_', "%C2%A7"), "%22%20OR%20secret", "secret*", "'%20%7C%20'secret"] {
        assert!(found(&bob, query).await.is_empty(), "{query}");
    }
}

/// A hit in another version would link to a page that doesn't show it.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_shown_version_is_found() {
    let world = World::new().await;
    let mut browser = world.visitor();
    world.model.replies([model::text("Hello."), model::text("Two apples."), model::text("Three pears.")]);
    let thread = browser.open("Hi").await;
    browser.settled(&thread).await;
    browser.say(&thread, "Count apples").await;
    let first = browser.settled(&thread).await;
    assert_eq!(found(&browser, "apples").await.len(), 2);
    edit(&mut browser, &thread, &message(&first, "Count apples"), "Count pears").await;
    browser.settled(&thread).await;
    let (apples, pears) = (found(&browser, "apples").await, found(&browser, "pears").await);
    assert_eq!((apples.len(), pears.len()), (0, 2), "{apples:?}");
    let back = format!("{}/choose", last_turn(&first));
    assert_eq!(act(&mut browser, &thread, &back).await, StatusCode::ACCEPTED);
    let (apples, pears) = (found(&browser, "apples").await, found(&browser, "pears").await);
    assert_eq!((apples.len(), pears.len()), (2, 0), "{pears:?}");
}

/// Messages in the database of a version without a search are found after the start.
#[tokio::test(flavor = "multi_thread")]
async fn earlier_messages_are_indexed_at_the_start() {
    let mut world = World::new().await;
    let mut browser = world.visitor();
    let thread = browser.open("One needle").await;
    browser.settled(&thread).await;
    let other = browser.open("Another needle").await;
    browser.settled(&other).await;
    world.stop().await;
    let pool = world.pool().await;
    for earlier in ["DELETE FROM search_entry", "UPDATE thread SET unindexed_after = 0"] {
        sqlx::query(earlier).execute(&pool).await.unwrap();
    }
    // Adds more items than a batch has.
    let add = "INSERT INTO event (thread, seq, at, kind, item, block, place)
         VALUES ($1, $2, 5, '{\"message\":{\"id\":\"x\",\"text\":\"straw\"}}', $3, 0, $2)";
    for number in 1_000..1_450_i64 {
        let insert = sqlx::query(add).bind(&thread).bind(number).bind(format!("mx{number}"));
        insert.execute(&pool).await.unwrap();
    }
    world.start();
    until("all is indexed", || async {
        let left = "SELECT COUNT(*) FROM thread WHERE unindexed_after IS NOT NULL";
        let left: i64 = sqlx::query_scalar(left).fetch_one(&pool).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    // Finds the two messages and the two titles.
    assert_eq!(found(&browser, "needle").await.len(), 4);
    let all: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM search_entry WHERE item LIKE 'mx%'").fetch_one(&pool).await.unwrap();
    assert_eq!(all, 450);
    let page = page(&browser, "straw").await;
    assert!(page.contains("30 results on this page") && page.contains("Older results"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_message_opens_with_those_around_it() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let thread = browser.open("First").await;
    browser.settled(&thread).await;
    let pool = world.pool().await;
    let add = "INSERT INTO event (thread, seq, at, kind, item, block, place) VALUES ($1, $2, 5, $4, $3, 0, $2)";
    for number in 1_000..1_200_i64 {
        let text = if number == 1_020 { "x".repeat(250_000) } else { format!("Number {number}") };
        let kind = serde_json::json!({ "message": { "id": format!("x{number}"), "text": text } }).to_string();
        let insert = sqlx::query(add).bind(&thread).bind(number).bind(format!("mx{number}")).bind(kind);
        insert.execute(&pool).await.unwrap();
    }
    let shown = async |at: &str| browser.get(&format!("t/{thread}{at}")).await.text().await.unwrap();
    let page = shown("?at=1100").await;
    for (number, is_there) in [(1_060, false), (1_061, true), (1_100, true), (1_120, true), (1_121, false)] {
        assert_eq!(page.contains(&format!("Number {number}")), is_there, "{number}");
    }
    let later = format!("/t/{thread}?before=1181");
    assert!(page.contains(&later) && page.contains("Latest messages"), "{later}");
    assert!(!shown("?before=1181").await.contains("Later messages"));
    // If the position is among the latest messages, the page is the chat itself.
    let latest = shown("?at=1190").await;
    assert!(latest.contains("Number 1199") && !latest.contains("Latest messages"));
    // The message is followed by a long one.
    let page = shown("?at=1010").await;
    assert!(page.contains("Number 1010") && !page.contains("Number 1011"));
    assert!(shown("?at=-5").await.contains("First"));
}
