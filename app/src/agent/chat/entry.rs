//! One item of the transcript: a message, the agent's text, a tool call, a card, or an end.

use leptos::{prelude::*, task::spawn_local};
use shared::chat::{CardBody, Item};

use super::{
    api::{self, Fault},
    approval, call, cards, draft, live,
    state::{Chat, Entry},
};
use crate::ui::{Glyph, icon, time};

/// Renders an item. Its kind never changes, but its content may.
pub(super) fn entry(chat: Chat, entry: Entry) -> AnyView {
    let item = entry.item;
    let (class, shown) = match item.get_untracked() {
        Item::Message { text, at, .. } => ("said-by-person", message(text, at)),
        Item::Text { .. } => ("said-by-agent", said(item)),
        Item::Call(known) => {
            let now = Memo::new(move |_| match item.get() {
                Item::Call(call) => call,
                _ => known.clone(),
            });
            ("called", call::call(now))
        }
        Item::Card(known) => {
            let class = if matches!(known.body, CardBody::Approval(_)) { "asked approval" } else { "asked" };
            let now = Memo::new(move |_| match item.get() {
                Item::Card(card) => card,
                _ => known.clone(),
            });
            let shown = move || {
                let card = now.get();
                match card.body {
                    CardBody::Login { href, done } => cards::login(href, done),
                    CardBody::Connect { name, scopes, href, state } => cards::connect(name, scopes, href, state),
                    CardBody::Approval(asked) => approval::approval(chat, card.call, asked),
                }
            };
            (class, live::part(shown))
        }
        Item::Failed { .. } => ("ended", failed(chat, item)),
        Item::Cancelled { .. } => ("ended", view! { <p class="muted small">"You stopped this answer."</p> }.into_any()),
    };
    view! { <li class=class>{shown}</li> }.into_any()
}

fn message(text: String, at: i64) -> AnyView {
    view! {
        <span class="visually-hidden">"You wrote "{time::ago_view(at, at)}":"</span>
        <div class="bubble" dir="auto" title=time::exact(at)>{text}</div>
    }
    .into_any()
}

/// Finished blocks are HTML that the server made and sanitised (THREATS.md line 45). The open end is text.
fn said(item: ArcRwSignal<Item>) -> AnyView {
    let part = move |html: bool| {
        item.with(|item| match item {
            Item::Text { html: finished, tail, .. } => if html { finished } else { tail }.clone(),
            _ => String::new(),
        })
    };
    let other = part.clone();
    let html: Signal<String> = Memo::new(move |_| part(true)).into();
    let tail: Signal<String> = Memo::new(move |_| other(false)).into();
    view! {
        <div class="prose" dir="auto" inner_html=html></div>
        <p class="prose-tail" dir="auto" hidden=live::flag(move || tail.with(String::is_empty))>{tail}</p>
    }
    .into_any()
}

fn failed(chat: Chat, item: ArcRwSignal<Item>) -> AnyView {
    let wrong = RwSignal::new(None::<Fault>);
    let busy = RwSignal::new(false);
    let shown = move || {
        let Item::Failed { turn, message, retry, continues } = item.get() else { return ().into_any() };
        let again = live::click(move || {
            let Some(thread) = chat.thread.get_untracked() else { return };
            let what = format!("turns/{turn}/retry");
            busy.set(true);
            draft::focus();
            spawn_local(async move {
                if let Err(fault) = api::act(&thread, &what, chat.signed_in()).await {
                    wrong.set(Some(fault));
                }
                busy.set(false);
            });
        });
        view! {
            <div class="note bad turn-failed">
                {icon(Glyph::Alert)}
                <div>
                    <p>{message}</p>
                    <p class="small" role="alert" hidden=live::flag(move || wrong.with(Option::is_none))>{live::words(move || wrong.with(|wrong| wrong.as_ref().map(Fault::message).unwrap_or_default()))}</p>
                </div>
                {cards::way_in(chat, wrong)}
                {retry.then(|| view! {
                    <button type="button" class="button" disabled=live::flag(move || busy.get() || !chat.ready.get()) on:click=again>
                        {icon(Glyph::Retry)}{if continues { "Continue" } else { "Retry" }}
                    </button>
                })}
            </div>
        }
        .into_any()
    };
    live::part(shown)
}
