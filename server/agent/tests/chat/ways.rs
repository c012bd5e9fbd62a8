//! Actions on an answer: copying it, having it written again, and continuing from an earlier message.

use reqwest::StatusCode;
use shared::chat::{Item, Transcript};

use crate::{
    browser::error,
    model::{calls, text},
    world::World,
};

/// The turn that the transcript's last item ends.
pub fn last_turn(transcript: &Transcript) -> String {
    match transcript.items.last() {
        Some(Item::Done { turn } | Item::Cancelled { turn, .. } | Item::Failed { turn, .. }) => turn.clone(),
        other => panic!("{other:?}"),
    }
}

/// An answer is copied as the model wrote it, without its tool calls. Nobody else gets it.
#[tokio::test(flavor = "multi_thread")]
async fn answer_is_copied_as_it_was_written() {
    let world = World::new().await;
    let source = "# Prices\n\n* **WAYNE**  `x < y`\n\n```rust\nlet a = 1;\n```";
    world.model.replies([calls(&[("get_stock_price", r#"{"symbol":"WAYNE"}"#)]), text(source)]);
    let mut browser = world.visitor();
    let thread = browser.open("What is the price of WAYNE?").await;
    let turn = last_turn(&browser.settled(&thread).await);
    let path = format!("api/threads/{thread}/turns/{turn}/markdown");
    let answer = browser.get(&path).await;
    assert_eq!(answer.headers()["content-type"], "text/markdown; charset=utf-8");
    assert_eq!(answer.text().await.unwrap(), source);

    let not_found = (StatusCode::NOT_FOUND, "not_found".to_owned());
    let mut stranger = world.visitor();
    let own = stranger.open("Hi").await;
    stranger.settled(&own).await;
    assert_eq!(error(stranger.get(&path).await).await, not_found);
    // Not through a thread of their own, either.
    assert_eq!(error(stranger.get(&format!("api/threads/{own}/turns/{turn}/markdown")).await).await, not_found);
}
