//! The chat: the page around the transcript, which the server renders, and the conversation's island, which holds
//! composer, open text and running state.

mod act;
mod address;
#[cfg(feature = "ssr")]
mod announce;
mod api;
mod apply;
#[cfg(feature = "ssr")]
mod approval;
mod backoff;
#[cfg(feature = "ssr")]
mod became;
#[cfg(feature = "ssr")]
mod call;
#[cfg(feature = "ssr")]
mod cards;
mod composer;
pub mod conversation;
#[cfg(feature = "ssr")]
mod data;
mod draft;
mod follow;
mod live;
mod opened;
#[cfg(feature = "ssr")]
mod prose;
mod state;
mod storage;
mod stream;
#[cfg(feature = "ssr")]
mod transcript;
mod unsent;
mod voice;
#[cfg(feature = "ssr")]
mod ways;
#[cfg(feature = "ssr")]
mod welcome;
mod words;

#[cfg(feature = "ssr")]
use foundation::tr;
#[cfg(feature = "ssr")]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
pub use transcript::{page as transcript_page, update};

/// The title of a chat, or "New chat".
#[cfg(feature = "ssr")]
pub(super) fn title(page: &::agent::page::Chat) -> String {
    match (&page.thread, page.transcript.title.as_str()) {
        (None, _) | (Some(_), "") => tr!("New chat", "Neuer Chat").to_owned(),
        (Some(_), title) => title.to_owned(),
    }
}

/// The page's data, with its transcript as HTML.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub(super) struct Rendered {
    page: ::agent::page::Chat,
    transcript: String,
}

#[cfg(feature = "ssr")]
impl Rendered {
    /// Renders the transcript beside the threads that serve requests, since a long page takes a moment.
    pub(super) async fn of(page: ::agent::page::Chat) -> Self {
        let around = page.around();
        let rendered = tokio::task::spawn_blocking(move || {
            let transcript = transcript_page(&page.transcript, &around);
            Self { page, transcript }
        });
        rendered.await.expect("rendering doesn't panic, and isn't aborted")
    }
}

/// `/` and `/t/{thread}`, from the page's data in the context.
#[cfg(feature = "ssr")]
#[component]
pub fn ChatPage() -> impl IntoView {
    use ::agent::page::Next;

    use super::frame::{Place, frame};
    use crate::ui::{Tone, note};
    use conversation::Conversation;
    use opened::Opened;

    let Rendered { page, transcript: html } = expect_context::<Rendered>();
    let title = title(&page);
    let ::agent::page::Chat { frame: around, thread, transcript, deleted, suggestions, next, notice, now, .. } = page;
    let deleted = deleted.map(|(thread, title)| super::edit::undo(&thread, &title, &around.csrf_token));
    let place = thread.as_deref().map_or(Place::NewChat, Place::Thread);
    let signed_in = around.person.is_some().to_string();
    let list = view! { <ol class="transcript" id="transcript" data-now=now.to_string() data-signed-in=signed_in inner_html=html></ol> };
    let content = if next != Next::Nothing {
        let latest = format!("/t/{}", thread.as_deref().unwrap_or_default());
        let later = match next {
            Next::Before(before) => Some(format!("{latest}?before={before}")),
            Next::Latest | Next::Nothing => None,
        };
        view! {
            <div class="conversation" role="log" aria-live="off" aria-label=tr!("Conversation", "Unterhaltung")>
                {list}
                <p class="conversation-ways">
                    {later.map(|href| view! { <a class="button" href=href>{tr!("Later messages", "Spätere Nachrichten")}</a> })}
                    <a class="button" href=latest>{tr!("Latest messages", "Neueste Nachrichten")}</a>
                </p>
            </div>
        }
        .into_any()
    } else {
        let opened = Opened {
            thread: thread.clone(),
            seq: transcript.seq,
            title: transcript.title,
            running: transcript.running,
            open: transcript.open,
            notice,
            who: around.who.clone(),
        };
        view! {
            <noscript>
                <div class="chat-noscript">
                    {note(Tone::Quiet, tr!(
                        "Without JavaScript you can read this page; load it again to see what is new. To write to the agent, allow JavaScript here.",
                        "Ohne JavaScript kannst du diese Seite lesen; lade sie neu, um Neues zu sehen. Um dem Agenten zu schreiben, erlaube hier JavaScript."
                    ))}
                </div>
            </noscript>
            {words::of_islands()}
            {deleted}
            {thread.is_none().then(welcome::welcome)}
            <Conversation opened=opened>{list}{super::threads::suggestions(&suggestions, false)}</Conversation>
        }
        .into_any()
    };
    frame(around, place, title, now, content)
}
