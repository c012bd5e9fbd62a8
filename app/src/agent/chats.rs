//! `/chats`: the list of chats as a page of its own, for browsers without scripts.

use ::agent::page::Chats;
use foundation::tr;
use leptos::prelude::*;

use super::{
    frame::{Place, frame},
    threads::groups,
};

/// The page, from its data in the context.
#[component]
pub fn ChatsPage() -> impl IntoView {
    let Chats { frame: around, threads, now } = expect_context();
    let next = threads.is_empty().then(|| {
        view! { <p><a class="button primary" href="/">{tr!("Start a chat", "Chat beginnen")}</a></p> }
    });
    let content = view! {
        <nav class="chats" aria-label=tr!("All chats", "Alle Chats")>{groups(&threads, None, now)}{next}</nav>
    };
    frame(around, Place::Chats, "Chats".into(), now, content.into_any())
}
