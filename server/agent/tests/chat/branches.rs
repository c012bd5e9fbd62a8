//! Branches: answers written again, edited messages, and steps between versions.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::chat::{ApprovalState, Item, Kind, Transcript};
use tokio::sync::Semaphore;

use crate::{
    browser::{Browser, approvals, error, said},
    model::{BUY, Reply, Step, calls, piece, text},
    orders::{ask, is_placed},
    ways::last_turn,
    world::{World, until},
};

/// The texts of the person's messages and of the answers, in order.
fn shown(transcript: &Transcript) -> Vec<String> {
    let texts = transcript.items.iter().filter_map(|item| match item {
        Item::Message { text, .. } => Some(text.clone()),
        Item::Text { html, tail, .. } => {
            Some(format!("{html}{tail}").trim().replace("<p>", "").replace("</p>", "").to_owned())
        }
        _ => None,
    });
    texts.collect()
}

/// The id of the message with this text.
pub fn message(transcript: &Transcript, words: &str) -> String {
    let found = transcript.items.iter().find_map(|item| match item {
        Item::Message { id, text, .. } if text == words => Some(id.clone()),
        _ => None,
    });
    found.unwrap()
}

/// Number and count of the versions of each item that has several, in order.
fn versions(transcript: &Transcript) -> Vec<(String, usize, usize)> {
    let of = |item: &Item| transcript.versions.iter().find(|version| version.key == item.key());
    let kind = |item: &Item| item.key()[..1].to_owned();
    transcript.items.iter().filter_map(|item| of(item).map(|it| (kind(item), it.number, it.of))).collect()
}

pub async fn act(browser: &mut Browser, thread: &str, what: &str) -> StatusCode {
    browser.post(&format!("api/threads/{thread}/turns/{what}"), &json!({})).await.status()
}

/// Replaces a message.
pub async fn edit(browser: &mut Browser, thread: &str, replaced: &str, words: &str) -> Value {
    let mut body = browser.message(words);
    body["replaces"] = replaced.into();
    let response = browser.post(&format!("api/threads/{thread}/messages"), &body).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    body
}

/// The messages and answers in the model's last request.
fn sent(world: &World) -> Vec<String> {
    let messages = world.model.last();
    messages[1..].iter().map(|message| message["content"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_is_written_again_beside_the_first() {
    let world = World::new().await;
    let mut browser = world.visitor();
    world.model.replies([text("One."), text("Two."), text("Three.")]);
    let thread = browser.open("Hi").await;
    let first = last_turn(&browser.settled(&thread).await);
    let mut other_tab = browser.events(&thread, browser.transcript(&thread).await.seq).await;
    assert_eq!(act(&mut browser, &thread, &format!("{first}/regenerate")).await, StatusCode::ACCEPTED);
    // A second click finds nothing to write again.
    assert_eq!(act(&mut browser, &thread, &format!("{first}/regenerate")).await, StatusCode::CONFLICT);
    let transcript = browser.settled(&thread).await;
    assert_eq!(shown(&transcript), ["Hi", "Two."]);
    assert_eq!(versions(&transcript), [("e".into(), 2, 2)]);
    assert_eq!(sent(&world), ["Hi"], "the model doesn't see its other answer");
    let second = last_turn(&transcript);
    let told = other_tab.until(|event| matches!(event.kind, Kind::Branch { .. })).await;
    assert_eq!(told.last().unwrap().kind, Kind::Branch { turn: second.clone() });

    // Continues after the second answer, then after the first.
    browser.say(&thread, "More").await;
    assert_eq!(shown(&browser.settled(&thread).await), ["Hi", "Two.", "More", "Three."]);
    assert_eq!(sent(&world), ["Hi", "Two.", "More"]);
    assert_eq!(act(&mut browser, &thread, &format!("{first}/choose")).await, StatusCode::ACCEPTED);
    let transcript = browser.transcript(&thread).await;
    assert_eq!(shown(&transcript), ["Hi", "One."]);
    assert_eq!(versions(&transcript), [("e".into(), 1, 2)]);
    browser.say(&thread, "Less").await;
    browser.settled(&thread).await;
    assert_eq!(sent(&world), ["Hi", "One.", "Less"]);
    // Choosing a version also shows the messages after it.
    assert_eq!(act(&mut browser, &thread, &format!("{second}/choose")).await, StatusCode::ACCEPTED);
    assert_eq!(shown(&browser.transcript(&thread).await), ["Hi", "Two.", "More", "Three."]);

    // Other people can do neither.
    let mut stranger = world.visitor();
    let own = stranger.open("Hi").await;
    stranger.settled(&own).await;
    for (of, what) in [(&thread, "regenerate"), (&own, "regenerate"), (&thread, "choose"), (&own, "choose")] {
        let status = act(&mut stranger, of, &format!("{first}/{what}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn edited_message_goes_on_from_there() {
    let world = World::new().await;
    let mut browser = world.visitor();
    world.model.replies([text("One."), text("Two."), text("Three.")]);
    let thread = browser.open("First").await;
    browser.settled(&thread).await;
    browser.say(&thread, "Second").await;
    let before = browser.settled(&thread).await;
    let replaced = message(&before, "Second");
    let body = edit(&mut browser, &thread, &replaced, "Another").await;
    // Sends it again, as after a lost answer.
    let again = browser.post(&format!("api/threads/{thread}/messages"), &body).await;
    assert_eq!(again.status(), StatusCode::ACCEPTED);
    let transcript = browser.settled(&thread).await;
    assert_eq!(shown(&transcript), ["First", "One.", "Another", "Three."]);
    assert_eq!(versions(&transcript), [("m".into(), 2, 2)]);
    assert_eq!(sent(&world), ["First", "One.", "Another"]);
    // The replaced message isn't shown, so it can't be edited.
    let mut body = browser.message("Late");
    body["replaces"] = replaced.as_str().into();
    let late = browser.post(&format!("api/threads/{thread}/messages"), &body).await;
    assert_eq!(error(late).await, (StatusCode::CONFLICT, "conflict".into()));

    // Edits the first message, too, then returns to its first version.
    edit(&mut browser, &thread, &message(&before, "First"), "Anew").await;
    let transcript = browser.settled(&thread).await;
    assert_eq!((shown(&transcript)[0].as_str(), transcript.items.len()), ("Anew", 3));
    assert_eq!(sent(&world), ["Anew"]);
    let key = format!("m{}", message(&transcript, "Anew"));
    let version = transcript.versions.iter().find(|version| version.key == key).unwrap();
    let back = version.before.clone().unwrap();
    assert_eq!(act(&mut browser, &thread, &format!("{back}/choose")).await, StatusCode::ACCEPTED);
    let transcript = browser.transcript(&thread).await;
    assert_eq!(shown(&transcript), ["First", "One.", "Another", "Three."]);
    assert_eq!(versions(&transcript), [("m".into(), 1, 2), ("m".into(), 2, 2)]);
}

/// A turn that runs in a hidden branch continues there, and isn't shown.
#[tokio::test(flavor = "multi_thread")]
async fn turn_in_a_hidden_branch_ends_unseen() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let gate = Arc::new(Semaphore::new(0));
    let Reply::Steps(end) = text("end.") else { panic!() };
    let steps = [vec![piece("Slow\n\nand "), Step::Hold(gate.clone())], end].concat();
    world.model.replies([text("One."), Reply::Steps(steps)]);
    let thread = browser.open("Hi").await;
    let first = last_turn(&browser.settled(&thread).await);
    assert_eq!(act(&mut browser, &thread, &format!("{first}/regenerate")).await, StatusCode::ACCEPTED);
    let running = until("it runs", async || {
        Some(browser.transcript(&thread).await).filter(|transcript| said(transcript).contains("Slow"))
    })
    .await;
    let second = running.running[0].clone();
    assert_eq!(act(&mut browser, &thread, &format!("{first}/choose")).await, StatusCode::ACCEPTED);
    let hidden = browser.transcript(&thread).await;
    assert_eq!((shown(&hidden), hidden.running.len()), (vec!["Hi".to_owned(), "One.".into()], 0));
    let mut events = browser.events(&thread, hidden.seq).await;
    gate.add_permits(1);
    let told = events.until(|event| matches!(event.kind, Kind::End { .. })).await;
    assert!(told.iter().all(|event| event.hidden), "{told:?}");
    let mut live = hidden.clone();
    for event in told {
        live.apply(event);
    }
    assert_eq!(live.items, hidden.items);
    assert_eq!(browser.transcript(&thread).await.items, hidden.items);
    assert_eq!(act(&mut browser, &thread, &format!("{second}/choose")).await, StatusCode::ACCEPTED);
    assert_eq!(said(&browser.transcript(&thread).await), "<p>Slow</p>\n<p>and end.</p>\n");
}

/// THREATS.md line 55: editing a message withdraws the requests after it. That isn't a refusal: the person may be asked
/// again.
#[tokio::test(flavor = "multi_thread")]
async fn line_55_edited_message_withdraws_what_waits_below_it() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, first) = ask(&world, &mut browser).await;
    let before = browser.transcript(&thread).await;
    world.model.replies([calls(&[BUY])]);
    edit(&mut browser, &thread, &message(&before, "Buy 5 WAYNE"), "Please buy 5 WAYNE").await;
    until("the first is withdrawn", async || (world.withdrawals() == 1).then_some(())).await;
    until("one waits", async || (world.waiting().await.len() == 1).then_some(())).await;
    // The withdrawn request is shown in its own branch only.
    let is_second = |transcript: &Transcript| {
        let [second] = &approvals(transcript)[..] else { return false };
        second.state == ApprovalState::Waiting && second.page != first.page
    };
    let transcript =
        until("the second card is shown alone", async || Some(browser.transcript(&thread).await).filter(is_second))
            .await;
    let second = approvals(&transcript).remove(0);
    assert!(second.facts.iter().all(|(label, _)| label != "Asked before"), "{second:?}");
    assert_eq!(shown(&transcript), ["Please buy 5 WAYNE"]);
    // A waiting request is shown in every branch.
    let key = format!("m{}", message(&transcript, "Please buy 5 WAYNE"));
    let version = transcript.versions.iter().find(|version| version.key == key).unwrap();
    let back = version.before.clone().unwrap();
    assert_eq!(act(&mut browser, &thread, &format!("{back}/choose")).await, StatusCode::ACCEPTED);
    let states = |transcript: &Transcript| approvals(transcript).into_iter().map(|it| it.state).collect::<Vec<_>>();
    let transcript = browser.transcript(&thread).await;
    assert_eq!(states(&transcript), [ApprovalState::Withdrawn, ApprovalState::Waiting]);
    world.model.replies([text("Placed.")]);
    world.decide("approve").await;
    browser.approval(&thread, "it is placed", is_placed).await;
    assert_eq!(world.orders().await, 1);
}

/// The card of a placed order stays visible in every branch.
#[tokio::test(flavor = "multi_thread")]
async fn placed_order_is_shown_in_every_branch() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    world.model.replies([text("Placed."), text("Hello.")]);
    world.decide("approve").await;
    browser.approval(&thread, "it is placed", is_placed).await;
    let before = browser.settled(&thread).await;
    edit(&mut browser, &thread, &message(&before, "Buy 5 WAYNE"), "Hi").await;
    let transcript = browser.settled(&thread).await;
    assert_eq!(shown(&transcript), ["Hi", "Hello."]);
    let [approval] = &approvals(&transcript)[..] else { panic!("{transcript:?}") };
    assert!(is_placed(&approval.state));
    assert_eq!(sent(&world), ["Hi"]);
}

/// The text that the person saw when they stopped the answer stays, and can be continued.
#[tokio::test(flavor = "multi_thread")]
async fn stopped_answer_stays_and_continues() {
    let world = World::new().await;
    let mut browser = world.visitor();
    world.model.replies([Reply::Steps(vec![piece("Once upon\n\na ti"), Step::Forever]), text("me.")]);
    let thread = browser.open("Tell me a story").await;
    let running = until("it is there", async || {
        Some(browser.transcript(&thread).await).filter(|transcript| said(transcript).contains("a ti"))
    })
    .await;
    let turn = running.running[0].clone();
    assert_eq!(act(&mut browser, &thread, &format!("{turn}/cancel")).await, StatusCode::ACCEPTED);
    let stopped = browser.settled(&thread).await;
    assert_eq!(said(&stopped), "<p>Once upon</p>\n<p>a ti</p>\n");
    assert!(matches!(stopped.items.last(), Some(Item::Cancelled { continues: true, .. })), "{stopped:?}");
    assert_eq!(act(&mut browser, &thread, &format!("{turn}/retry")).await, StatusCode::ACCEPTED);
    let transcript = until("it goes on", async || {
        Some(browser.settled(&thread).await).filter(|it| matches!(it.items.last(), Some(Item::Done { .. })))
    })
    .await;
    assert_eq!(said(&transcript), "<p>Once upon</p>\n<p>a time.</p>\n");
    assert_eq!(act(&mut browser, &thread, &format!("{turn}/retry")).await, StatusCode::CONFLICT);
}
