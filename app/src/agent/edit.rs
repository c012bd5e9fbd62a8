//! `/t/{thread}/edit`: renaming and deleting a chat. With scripts, it opens as a dialog over the chat
//! (`public/dialog.js`).

use ::agent::page::Edit;
use leptos::prelude::*;

use super::frame::{Place, frame};
use crate::ui::{Glyph, csrf_field, icon};

/// The page, from its data in the context.
#[component]
pub fn EditPage() -> impl IntoView {
    let Edit { frame: around, thread, title, now } = expect_context::<Edit>();
    let csrf_token = around.csrf_token.clone();
    let content = view! {
        <div class="page">
            <div class="chat-edit" id="dialog">
                <h2 id="dialog-title">"Rename or delete this chat"</h2>
                <form method="post" action=format!("/t/{thread}/rename") data-stay>
                    {csrf_field(&csrf_token)}
                    <div class="field">
                        <label for="title">"Title"</label>
                        <input class="input" id="title" name="title" value=title.clone() maxlength="100" required autocomplete="off" dir="auto" autofocus />
                    </div>
                    <div class="chat-edit-ways">
                        <a class="button quiet" href=format!("/t/{thread}") data-close>"Cancel"</a>
                        <button class="button primary">"Rename"</button>
                    </div>
                </form>
                <form method="post" action=format!("/t/{thread}/delete") class="chat-edit-delete">
                    {csrf_field(&csrf_token)}
                    <p class="small muted">"What waits for you in it is withdrawn. Orders that were placed stay placed. You can undo this for one minute."</p>
                    <button class="button danger">"Delete chat"</button>
                </form>
            </div>
        </div>
    };
    frame(around, Place::Thread(&thread), title, now, content.into_any())
}

/// The notice that a chat was deleted.
pub(super) fn undo(thread: &str, title: &str, csrf_token: &str) -> AnyView {
    view! {
        <form class="note chat-undo" method="post" action=format!("/t/{thread}/restore")>
            {csrf_field(csrf_token)}
            {icon(Glyph::Info)}
            <p role="status">"The chat “"<bdi>{title.to_owned()}</bdi>"” is deleted. You can undo this for one minute."</p>
            <button class="button">"Undo"</button>
        </form>
    }
    .into_any()
}
