//! The thread's event stream. It is closed while the page is hidden. When it breaks, it reopens with backoff after the
//! last event received.

use leptos::{ev, prelude::*, task::spawn_local};
use shared::chat::Update;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent, VisibilityState};

use super::{api, backoff::pause, follow, live, state::Chat, unsent};

/// An open stream and its listeners.
struct Open {
    source: EventSource,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _text: Closure<dyn FnMut(MessageEvent)>,
    _list: Closure<dyn FnMut(web_sys::Event)>,
    _opened: Closure<dyn FnMut(web_sys::Event)>,
    _error: Closure<dyn FnMut(web_sys::Event)>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.source.close();
    }
}

#[derive(Clone, Copy)]
struct Stream {
    chat: Chat,
    open: StoredValue<Option<Open>, LocalStorage>,
    /// The number of failures in a row.
    broken: StoredValue<u32>,
}

/// Follows the thread. Runs only in the browser.
pub(super) fn start(chat: Chat) {
    let stream = Stream { chat, open: StoredValue::new_local(None), broken: StoredValue::new(0) };
    Effect::new(move |_| {
        if chat.thread.with(Option::is_some) {
            stream.open();
        }
    });
    Effect::new(move |_| {
        chat.reached.track();
        stream.reopen();
    });
    window_event_listener_untyped("pagehide", move |_| stream.close());
    window_event_listener(ev::pageshow, move |_| stream.reopen());
    window_event_listener(ev::online, move |_| stream.reopen());
    let _ = document_listener("visibilitychange", move || {
        if is_hidden() {
            stream.close();
        } else {
            stream.reopen();
        }
    });
}

impl Stream {
    fn open(self) {
        let Some(thread) = self.chat.thread.get_untracked() else { return };
        if is_hidden() {
            return;
        }
        // PROTOCOL.md, "Browsers": one stream for each tab, so the previous one is closed first.
        self.close();
        let url = format!("/api/threads/{thread}/events?html&after={}", self.chat.seq());
        let Ok(source) = EventSource::new(&url) else { return self.again() };
        let message = Closure::new(move |message: MessageEvent| self.heard(&message));
        let text = Closure::new(move |message: MessageEvent| self.heard_text(&message));
        let list = Closure::new(|_: web_sys::Event| live::list_changed());
        // The browser's own reconnect is prevented: it would use the old address, and give up after a 503.
        let error = Closure::new(move |_: web_sys::Event| {
            self.stop();
            self.again();
        });
        // A quiet thread sends nothing, so `open` is the only sign of life.
        let opened = Closure::new(move |_: web_sys::Event| self.is_back());
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        source.set_onerror(Some(error.as_ref().unchecked_ref()));
        let _ = source.add_event_listener_with_callback("text", text.as_ref().unchecked_ref());
        let _ = source.add_event_listener_with_callback("list", list.as_ref().unchecked_ref());
        let open = Open { source, _message: message, _text: text, _list: list, _opened: opened, _error: error };
        self.open.set_value(Some(open));
    }

    /// Ends the stream from within one of its listeners.
    fn stop(self) {
        self.open.with_value(|open| {
            if let Some(open) = open {
                open.source.close();
            }
        });
    }

    fn close(self) {
        self.open.set_value(None);
    }

    /// Reopens the stream unless it is open.
    fn reopen(self) {
        let is_open = self
            .open
            .with_value(|open| open.as_ref().is_some_and(|open| open.source.ready_state() != EventSource::CLOSED));
        if !is_open {
            self.open();
        }
    }

    fn again(self) {
        let broken = self.broken.get_value();
        self.broken.set_value(broken + 1);
        // A short interruption isn't worth mentioning.
        if broken >= 2 {
            self.chat.lost.set(true);
        }
        set_timeout(move || self.reopen(), pause(broken));
        if broken == 1 {
            self.leave_if_gone();
        }
    }

    /// A refused stream doesn't say why. If this browser may no longer see the chat, the page reloads, so that the next
    /// person can't read it. Drafts are kept.
    fn leave_if_gone(self) {
        let Some(thread) = self.chat.thread.get_untracked() else { return };
        spawn_local(async move {
            if api::is_gone(&thread).await {
                let _ = window().location().reload();
            }
        });
    }

    fn is_back(self) {
        self.chat.lost.set(false);
        // A stream that breaks again at once is still retried with backoff. Only an event resets it.
        self.broken.update_value(|broken| *broken = (*broken).min(3));
        unsent::again(self.chat);
    }

    /// Text that isn't finished.
    fn heard_text(self, message: &MessageEvent) {
        let text = message.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
        if let Some(text) = text
            && self.chat.hear(text)
        {
            follow::grown(self.chat);
        }
    }

    fn heard(self, message: &MessageEvent) {
        self.broken.set_value(0);
        self.chat.lost.set(false);
        let Some(update) = message.data().as_string().and_then(|text| serde_json::from_str::<Update>(&text).ok())
        else {
            return;
        };
        if update.deleted {
            // The next page says that the chat was deleted, and offers to undo it.
            self.stop();
            let _ = window().location().reload();
        }
        if self.chat.show(update) {
            unsent::arrived(self.chat);
            follow::grown(self.chat);
        }
    }
}

fn is_hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

/// Listens for as long as the page exists.
fn document_listener(name: &str, heard: impl Fn() + 'static) -> Option<()> {
    let heard = Closure::<dyn Fn()>::new(heard);
    document().add_event_listener_with_callback(name, heard.as_ref().unchecked_ref()).ok()?;
    heard.forget();
    Some(())
}
