//! The thread's event stream: closed while the page is hidden, opened again after the last event seen when it
//! breaks, with growing pauses.

use leptos::{ev, prelude::*, task::spawn_local};
use shared::chat::{Event, Kind};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent, VisibilityState};

use super::{api, backoff::pause, follow, state::Chat, threads, unsent};

/// An open stream, with what hears it.
struct Open {
    source: EventSource,
    _message: Closure<dyn FnMut(MessageEvent)>,
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
    /// How often in a row it broke.
    broken: StoredValue<u32>,
}

/// Follows the thread from now on. In the browser alone.
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
            threads::look_again();
        }
    });
}

impl Stream {
    fn open(self) {
        let Some(thread) = self.chat.thread.get_untracked() else { return };
        if is_hidden() {
            return;
        }
        // PROTOCOL.md, "Browsers": one stream per tab. The one before ends first.
        self.close();
        let url = format!("/api/threads/{thread}/events?html&after={}", self.chat.seq());
        let Ok(source) = EventSource::new(&url) else { return self.again() };
        let message = Closure::new(move |message: MessageEvent| self.heard(&message));
        // The browser would try again by itself, but with the address that it knows, and never after a 503: so it
        // doesn't get to.
        let error = Closure::new(move |_: web_sys::Event| {
            self.open.with_value(|open| {
                if let Some(open) = open {
                    open.source.close();
                }
            });
            self.again();
        });
        // A thread in which nothing happens sends nothing.
        let opened = Closure::new(move |_: web_sys::Event| self.is_back());
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        source.set_onerror(Some(error.as_ref().unchecked_ref()));
        self.open.set_value(Some(Open { source, _message: message, _opened: opened, _error: error }));
    }

    fn close(self) {
        self.open.set_value(None);
    }

    /// Unless it is open already.
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
        // A break of a moment is not worth a word.
        if broken >= 2 {
            self.chat.lost.set(true);
        }
        set_timeout(move || self.reopen(), pause(broken));
        if broken == 1 {
            self.leave_if_gone();
        }
    }

    /// A stream doesn't say why it is refused. Where the chat may not be seen here any more, the page goes to what
    /// the site says then, and what one person read doesn't stay for the next; what was written is kept.
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
        // One that breaks again at once is still tried less and less often: only an event says that all is well.
        self.broken.update_value(|broken| *broken = (*broken).min(3));
        unsent::again(self.chat);
    }

    fn heard(self, message: &MessageEvent) {
        self.broken.set_value(0);
        self.chat.lost.set(false);
        let Some(event) = message.data().as_string().and_then(|text| serde_json::from_str::<Event>(&text).ok()) else {
            return;
        };
        let matters = matches!(event.kind, Kind::End { .. } | Kind::Card(_) | Kind::Title { .. });
        if self.chat.fold(event) {
            unsent::arrived(self.chat);
            follow::grown(self.chat);
            if matters {
                threads::look_again();
            }
        }
    }
}

fn is_hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

/// Listens for as long as the page lives.
fn document_listener(name: &str, heard: impl Fn() + 'static) -> Option<()> {
    let heard = Closure::<dyn Fn()>::new(heard);
    document().add_event_listener_with_callback(name, heard.as_ref().unchecked_ref()).ok()?;
    heard.forget();
    Some(())
}
