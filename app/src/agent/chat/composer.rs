//! The composer, in which the person writes.

use leptos::{ev, html, prelude::*, task::spawn_local};
use shared::chat::{MESSAGE_CHARACTERS, message_excess};

use super::{
    address::login_address,
    api::{self, Fault},
    draft::{self, ID},
    follow, live,
    state::Chat,
    unsent,
    words::{Word, word},
};
use crate::ui::{Glyph, icon};

const TOO_LONG: &str = "too-long";

pub(super) fn composer(chat: Chat) -> AnyView {
    let area: NodeRef<html::Textarea> = NodeRef::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send(chat);
    };
    let key = move |event: ev::KeyboardEvent| {
        // An Enter that ends an input method's composition isn't for us. Safari reports that the composition is over,
        // and marks the key with this code instead (UI Events, "Legacy Key & Mouse Event Attributes").
        let composes = event.is_composing() || event.key_code() == 229;
        if event.key() == "Enter" && !event.shift_key() && !composes {
            event.prevent_default();
            send(chat);
        }
    };
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            draft::restore(chat, &area);
        }
    });
    let is_over = move || chat.over.get() > 0;
    let is_new = chat.thread.with_untracked(Option::is_none);
    let running = move || chat.running.with(|running| !running.is_empty());
    // Why Stop failed.
    let wrong = RwSignal::new(None::<Fault>);
    let told = live::words(move || wrong.with(|wrong| wrong.as_ref().map(Fault::message).unwrap_or_default()));
    view! {
        <form class="composer" on:submit=submit>
            <label class="visually-hidden" for=ID>{word(Word::Message)}</label>
            <textarea
                id=ID
                class="composer-text"
                data-key="m"
                rows="1"
                aria-describedby=TOO_LONG
                aria-invalid=live::words(move || is_over().to_string())
                placeholder=word(Word::MessageHint)
                enterkeyhint="send"
                autocomplete="off"
                autofocus=is_new
                dir="auto"
                node_ref=area
                on:keydown=key
                on:input=move |_| draft::changed(chat)
            ></textarea>
            <p class="composer-over small" id=TOO_LONG role="status" hidden=live::flag(move || !is_over())>
                {live::words(move || too_long(chat.over.get()))}
            </p>
            <p class="composer-left small" role="status" hidden=live::flag(move || chat.notice.with(String::is_empty))>
                {live::words(move || chat.notice.get())}
            </p>
            <div class="composer-ways">
                <span class="composer-hint tiny muted"><kbd>"Enter"</kbd>{word(Word::Sends)}<kbd>{word(Word::Shift)}</kbd>" + "<kbd>"Enter"</kbd>{word(Word::StartsLine)}</span>
                <span class="small" role="status" hidden=live::flag(move || wrong.with(Option::is_none))>{told}</span>
                {live::part(move || way_in(chat, wrong))}
                <button type="button" class="button" data-key="s" hidden=live::flag(move || !running()) on:click=live::click(move || stop(chat, wrong))>{icon(Glyph::Stop)}{word(Word::Stop)}</button>
                <button type="submit" class="button primary" disabled=live::flag(move || !chat.ready.get() || is_over())>{word(Word::Send)}{icon(Glyph::Send)}</button>
            </div>
        </form>
    }
    .into_any()
}

/// The login button after Stop failed because the login had expired. It leads back to this thread.
fn way_in(chat: Chat, wrong: RwSignal<Option<Fault>>) -> AnyView {
    if !wrong.with(|wrong| wrong.as_ref().is_some_and(Fault::is_login)) {
        return ().into_any();
    }
    let href = login_address(chat.thread.get_untracked().as_deref());
    view! { <a class="button primary" href=href>{word(Word::LogIn)}</a> }.into_any()
}

fn send(chat: Chat) {
    let Some(area) = draft::area() else { return };
    let text = area.value().trim().to_owned();
    if text.is_empty() || !chat.ready.get_untracked() || message_excess(&text) > 0 {
        return;
    }
    area.set_value("");
    draft::changed(chat);
    let _ = area.focus();
    unsent::send(chat, text);
    request_animation_frame(move || follow::to_end(chat));
}

/// Cancels the running turns.
fn stop(chat: Chat, wrong: RwSignal<Option<Fault>>) {
    let Some(thread) = chat.thread.get_untracked() else { return };
    draft::focus();
    for turn in chat.running.get_untracked() {
        let thread = thread.clone();
        spawn_local(async move {
            // A conflict means that the turn is already over.
            let done = api::act(&thread, &format!("turns/{turn}/cancel"), chat.signed_in()).await;
            wrong.set(done.err().filter(|fault| !matches!(fault, Fault::Refused(error) if error.error == "conflict")));
        });
    }
}

fn too_long(over: usize) -> String {
    let text = word(if over == 1 { Word::TooLongByOne } else { Word::TooLong });
    text.replacen("{}", &over.to_string(), 1).replacen("{}", &MESSAGE_CHARACTERS.to_string(), 1)
}
