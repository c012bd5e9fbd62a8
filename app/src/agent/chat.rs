//! The chat: the page around the conversation, which is an island.

mod announce;
mod api;
mod approval;
mod backoff;
#[cfg(feature = "ssr")]
mod became;
mod call;
mod cards;
mod composer;
pub mod conversation;
#[cfg(feature = "ssr")]
mod data;
mod draft;
mod entry;
mod follow;
#[cfg(feature = "ssr")]
mod html;
mod live;
mod opened;
mod state;
mod storage;
mod stream;
pub mod threads;
mod unsent;

#[cfg(feature = "ssr")]
pub use html::for_browsers;
#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// The title of a chat, or "New chat".
#[cfg(feature = "ssr")]
pub(super) fn title(page: &::agent::page::Chat) -> String {
    match (&page.thread, page.transcript.title.as_str()) {
        (None, _) | (Some(_), "") => "New chat".to_owned(),
        (Some(_), title) => title.to_owned(),
    }
}

/// `/` and `/t/{thread}`, from the page's data in the context.
#[cfg(feature = "ssr")]
#[component]
pub fn ChatPage() -> impl IntoView {
    use super::frame::{Place, frame};
    use crate::ui::{Tone, note};
    use conversation::Conversation;
    use opened::Opened;

    let page = expect_context::<::agent::page::Chat>();
    let title = title(&page);
    let ::agent::page::Chat { frame: around, thread, mut transcript, resume: _, now } = page;
    html::in_transcript(&mut transcript, now, &around.orders);
    let opened = Opened {
        thread: thread.clone(),
        transcript,
        who: around.who.clone(),
        approvals: around.approvals.0.clone(),
        now,
    };
    let place = thread.as_deref().map_or(Place::NewChat, Place::Thread);
    let content = view! {
        <noscript>
            <div class="chat-noscript">
                {note(Tone::Quiet, "Without JavaScript you can read this page; load it again to see what is new. To write to the agent, allow JavaScript here.")}
            </div>
        </noscript>
        <Conversation opened=opened />
    };
    frame(around, place, title, now, content.into_any())
}
