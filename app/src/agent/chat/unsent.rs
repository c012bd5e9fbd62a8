//! Messages that haven't arrived: being sent, refused because the login expired, or undelivered. They are kept in the
//! tab's storage and sent again under the same key, so that none is lost or accepted twice.

pub(super) mod message;

use leptos::{prelude::*, task::spawn_local};
use shared::chat::NewMessage;
use wasm_bindgen::JsValue;

use super::{
    address::login_address,
    api::{self, Fault},
    apply, backoff, draft, follow, live,
    state::Chat,
    storage::storage,
    words::{Word, word},
};
use crate::ui::{Glyph, icon};
use message::{State, Unsent};

/// The link to the page that renames and deletes the chat.
const EDIT: &str = "chat-edit";

const STORE: &str = "mandate.unsent";

/// Whether the message belongs on this page. Other people never see it, nor does a visitor who may be someone else.
fn is_at_home(message: &Unsent, chat: Chat) -> bool {
    message.thread == chat.thread.get_untracked()
        && (message.who.is_none() || chat.who.with_value(|who| message.who == *who))
}

/// Sends a message.
pub(super) fn send(chat: Chat, text: String) {
    let message = Unsent {
        key: key(),
        text,
        thread: chat.thread.get_untracked(),
        who: chat.who.get_value(),
        state: State::Sending,
    };
    chat.unsent.update(|all| all.push(message.clone()));
    keep(chat);
    deliver(chat, message);
}

/// Restores the messages from before the page was left. Those that were being sent, or waited for a login, are sent
/// now.
pub(super) fn resume(chat: Chat) {
    let mine: Vec<Unsent> = stored().into_iter().filter(|message| is_at_home(message, chat)).collect();
    if mine.is_empty() {
        return;
    }
    chat.unsent.set(mine.clone());
    let who = chat.who.get_value();
    for message in mine {
        match message.state {
            // The same key: a message that had arrived isn't accepted again.
            State::Sending | State::Lost => deliver(chat, Unsent { who: who.clone(), ..message }),
            State::Login if who.is_some() => deliver(chat, message),
            State::Login | State::Accepted(_) | State::Failed(_) => {}
        }
    }
}

/// Removes messages that have arrived in the transcript.
pub(super) fn arrived(chat: Chat) {
    let is_there = |message: &Unsent| matches!(&message.state, State::Accepted(id) if apply::holds(id));
    if chat.unsent.with_untracked(|all| all.iter().any(is_there)) {
        chat.unsent.update(|all| all.retain(|message| !is_there(message)));
        keep(chat);
    }
}

/// Sends undelivered messages one by one, in the order in which they were written.
pub(super) fn again(chat: Chat) {
    let lost = |all: &Vec<Unsent>| all.iter().find(|message| message.state == State::Lost).cloned();
    if let Some(message) = chat.unsent.with_untracked(lost) {
        deliver(chat, message);
    }
}

/// Schedules a retry with exponential backoff.
fn later(chat: Chat) {
    if chat.retry.with_value(|(pending, _)| *pending) {
        return;
    }
    let tries = chat.retry.with_value(|(_, tries)| *tries);
    chat.retry.set_value((true, (tries + 1).min(4)));
    let retry = move || {
        chat.retry.update_value(|(pending, _)| *pending = false);
        again(chat);
    };
    set_timeout(retry, backoff::pause(tries + 2));
}

/// Sends a message. Under its key it is accepted once, however often it is sent.
fn deliver(chat: Chat, message: Unsent) {
    // A retried message keeps its status text until there is news.
    if message.state != State::Lost {
        change(chat, &message.key, State::Sending);
    }
    spawn_local(async move {
        // Read now, because an earlier message may have opened the thread in the meantime.
        let thread = chat.thread.get_untracked();
        let body = NewMessage {
            text: message.text.clone(),
            key: message.key.clone(),
            signed_in: message.who.is_some(),
            replaces: None,
        };
        match api::send(thread.as_deref(), &body).await {
            Ok(accepted) => {
                chat.retry.update_value(|(_, tries)| *tries = 0);
                chat.reached.notify();
                change(chat, &message.key, State::Accepted(accepted.message));
                if let Some(notice) = accepted.notice {
                    chat.notice.set(notice);
                }
                if chat.thread.with_untracked(Option::is_none) {
                    opened(chat, &accepted.thread, &message.text);
                }
                arrived(chat);
                again(chat);
            }
            Err(Fault::Refused(error)) if error.error == "login_expired" => change(chat, &message.key, State::Login),
            Err(Fault::Network) => {
                change(chat, &message.key, State::Lost);
                later(chat);
            }
            Err(Fault::Refused(error)) => change(chat, &message.key, State::Failed(error.message)),
        }
    });
}

/// The first message created a thread: the page becomes that thread's, without a reload.
fn opened(chat: Chat, thread: &str, text: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("/t/{thread}")));
    }
    let title: String = text.lines().next().unwrap_or_default().chars().take(60).collect();
    live::list_changed();
    chat.title.set(title);
    chat.thread.set(Some(thread.to_owned()));
    if let Some(edit) = document().get_element_by_id(EDIT) {
        let _ = edit.set_attribute("href", &format!("/t/{thread}/edit"));
        let _ = edit.remove_attribute("hidden");
    }
    // Links that the server rendered before there was a thread.
    let (old, new) = (login_address(None), login_address(Some(thread)));
    while let Ok(Some(link)) = document().query_selector(&format!("a[href='{old}']")) {
        if link.set_attribute("href", &new).is_err() {
            return;
        }
    }
}

fn change(chat: Chat, key: &str, state: State) {
    if chat.unsent.with_untracked(|all| all.iter().any(|message| message.key == key && message.state == state)) {
        return;
    }
    chat.unsent.update(|all| {
        if let Some(message) = all.iter_mut().find(|message| message.key == key) {
            message.state = state;
        }
    });
    follow::grown(chat);
    keep(chat);
}

fn remove(chat: Chat, key: &str) {
    chat.unsent.update(|all| all.retain(|message| message.key != key));
    keep(chat);
}

/// Stores the messages that haven't been accepted, next to those of other threads and people.
fn keep(chat: Chat) {
    let mut all: Vec<Unsent> = stored();
    chat.unsent.with_untracked(|mine| {
        all.retain(|other| !is_at_home(other, chat) && !mine.iter().any(|message| message.key == other.key));
        all.extend(mine.iter().filter(|message| !matches!(message.state, State::Accepted(_))).cloned());
    });
    let Some(storage) = storage() else { return };
    // Without storage, this page still shows them.
    let _ = match serde_json::to_string(&all) {
        Ok(text) if !all.is_empty() => storage.set_item(STORE, &text),
        _ => storage.remove_item(STORE),
    };
}

fn stored() -> Vec<Unsent> {
    let text = storage().and_then(|storage| storage.get_item(STORE).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// 128 random bits.
fn key() -> String {
    let mut bytes = [0; 16];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The messages below the transcript, each with its state and actions.
pub(super) fn list(chat: Chat) -> AnyView {
    let rows = live::part(move || {
        let messages = chat.unsent.get();
        messages.into_iter().map(|message| row(chat, message)).collect_view().into_any()
    });
    view! { <ol class="transcript unsent" aria-label=word(Word::NotSentYet)>{rows}</ol> }.into_any()
}

fn row(chat: Chat, message: Unsent) -> AnyView {
    let below = match &message.state {
        State::Sending | State::Accepted(_) => None,
        State::Login => Some(login(chat, &message)),
        State::Lost => Some(failed(chat, Word::NotSentYetWhy, word(Word::KeptAndSent), &message)),
        State::Failed(why) => Some(failed(chat, Word::NotSent, format!("{why}{}", word(Word::Kept)), &message)),
    };
    let class = if below.is_some() { "said-by-person kept" } else { "said-by-person sending" };
    view! { <li class=class><div class="bubble" dir="auto">{message.text}</div>{below}</li> }.into_any()
}

fn login(chat: Chat, message: &Unsent) -> AnyView {
    let href = login_address(message.thread.as_deref());
    view! {
        <div class="kept-why" role="alert">
            {icon(Glyph::Clock)}
            <p>{word(Word::LoginExpired)}</p>
            <a class="button primary" href=href>{word(Word::LogIn)}</a>
            {put_back(chat, message)}
        </div>
    }
    .into_any()
}

fn failed(chat: Chat, what: Word, why: String, message: &Unsent) -> AnyView {
    let message_again = message.clone();
    let again = live::click(move || {
        deliver(chat, Unsent { who: chat.who.get_value(), state: State::Sending, ..message_again.clone() });
    });
    view! {
        <div class="kept-why" role="alert">
            {icon(Glyph::Alert)}
            <p><strong>{word(what)}</strong>{why}</p>
            <button type="button" class="button" on:click=again>
                {icon(Glyph::Retry)}{word(Word::SendAgain)}
            </button>
            {put_back(chat, message)}
        </div>
    }
    .into_any()
}

/// Moves the message back into the composer.
fn put_back(chat: Chat, message: &Unsent) -> AnyView {
    let Unsent { key, text, .. } = message.clone();
    let edit = live::click(move || {
        draft::put(chat, &text);
        remove(chat, &key);
    });
    view! { <button type="button" class="button quiet" on:click=edit>{word(Word::Edit)}</button> }.into_any()
}
