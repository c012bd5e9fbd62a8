//! The conversation: transcript and composer, rendered on the server and updated in the browser.

use std::time::Duration;

use leptos::prelude::*;
use shared::chat::{ApprovalState, CardBody, Item};

use super::{
    composer, entry, follow, live,
    opened::Opened,
    state::{Chat, Entry, VOICES},
    stream, unsent,
};
use crate::ui::{Glyph, icon};

#[island]
pub fn Conversation(opened: Opened) -> impl IntoView {
    let loaded = opened.now;
    let chat = Chat::new(opened);
    Effect::new(move |_| {
        unsent::resume(chat);
        stream::start(chat);
        follow::start(chat);
        tick(chat, loaded);
        chat.ready.set(true);
    });
    Effect::new(move |before: Option<()>| {
        let title = chat.title.get();
        if before.is_some() && !title.is_empty() {
            document().set_title(&format!("{title} · Mandate"));
            if let Some(heading) = document().get_element_by_id("chat-title") {
                heading.set_text_content(Some(&title));
            }
        }
    });
    let is_empty = Memo::new(move |_| chat.entries.with(Vec::is_empty) && chat.unsent.with(Vec::is_empty));
    let works = Memo::new(move |_| {
        !chat.running.with(Vec::is_empty) && !chat.entries.with(|entries| entries.last().is_some_and(shows_progress))
    });
    let voices: Vec<AnyView> = (0..VOICES)
        .map(|voice| {
            let words = live::words(move || chat.said.with(|said| said[voice].clone()));
            view! { <div class="visually-hidden" aria-live="polite">{words}</div> }.into_any()
        })
        .collect();
    view! {
        {live::part(move || if is_empty.get() { welcome(chat) } else { ().into_any() })}
        // This log isn't live for screen readers. Whole answers are announced below.
        <div class="conversation" role="log" aria-live="off" aria-label="Conversation">
            <ol class="transcript">
                <For each=move || chat.entries.get() key=|entry| entry.key.clone() children=move |known| entry::entry(chat, known) />
            </ol>
            {unsent::list(chat)}
            <p class="working" hidden=live::flag(move || !works.get())><span class="spinner" aria-hidden="true"></span>"Working on it…"</p>
        </div>
        <div class="composer-place">
            {follow::button(chat)}
            <p class="lost" role="status" hidden=live::flag(move || !chat.lost.get())>
                {icon(Glyph::Alert)}"The connection is lost. Trying again… Your text is kept."
            </p>
            {composer::composer(chat)}
            <p class="composer-note">"The agent can read what you connected. It trades only with your approval."</p>
        </div>
        {voices}
    }
}

/// Whether the last item itself shows that the agent is working.
fn shows_progress(last: &Entry) -> bool {
    last.item.with(|item| match item {
        Item::Text { tail, .. } => !tail.is_empty(),
        Item::Call(call) => call.state == shared::chat::CallState::Running,
        _ => false,
    })
}

/// The clock in the browser: the server's time, advanced by the browser's.
fn tick(chat: Chat, loaded: i64) {
    let ahead = loaded - js_sys::Date::now() as i64;
    let now = move || js_sys::Date::now() as i64 + ahead;
    set_interval(
        move || {
            let counts = chat.entries.with_untracked(|entries| {
                entries.iter().any(|entry| {
                    entry.item.with_untracked(|item| {
                        matches!(item, Item::Card(card) if matches!(&card.body, CardBody::Approval(asked) if asked.state == ApprovalState::Waiting))
                    })
                })
            });
            // Avoids updates of the page unless something counts down.
            if counts {
                chat.now.set(now());
            } else {
                chat.now.update_untracked(|known| *known = now());
            }
        },
        Duration::from_secs(1),
    );
}

/// The start of a new chat: suggestions.
fn welcome(chat: Chat) -> AnyView {
    const ASKS: [(&str, &str); 4] = [
        ("What is the price of WAYNE?", "Looks at the market"),
        ("Show my portfolio", "Reads the account that you connect"),
        ("Buy 5 WAYNE", "Prepares an order for your approval"),
        ("Who am I?", "Says what it knows about you"),
    ];
    let asks = ASKS.map(|(text, what)| {
        let ask = live::click(move || unsent::send(chat, text.to_owned()));
        view! {
            <li>
                <button type="button" class="ask-button" disabled=live::flag(move || !chat.ready.get()) on:click=ask>
                    <span class="cell-title">{text}</span>
                    <span class="cell-more">{what}</span>
                </button>
            </li>
        }
    });
    view! {
        <section class="welcome">
            <h2>"What can I do for you?"</h2>
            <p class="muted">"Ask about the market or your portfolio, or have an order prepared. Nothing is bought or sold until you approve it on a page of its own."</p>
            <ul class="welcome-asks">{asks.collect_view()}</ul>
        </section>
    }
    .into_any()
}
