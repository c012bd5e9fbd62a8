//! `/t/{thread}/edit`: renaming and deleting a chat. With scripts, it opens as a dialog over the chat
//! (`public/dialog.js`).

use ::agent::page::Edit;
use foundation::tr;
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
                <h2 id="dialog-title">{tr!("Rename or delete this chat", "Diesen Chat umbenennen oder löschen")}</h2>
                <form method="post" action=format!("/t/{thread}/rename") data-stay>
                    {csrf_field(&csrf_token)}
                    <div class="field">
                        <label for="title">{tr!("Title", "Titel")}</label>
                        <input class="input" id="title" name="title" value=title.clone() maxlength="100" required autocomplete="off" dir="auto" autofocus />
                    </div>
                    <div class="chat-edit-ways">
                        <a class="button quiet" href=format!("/t/{thread}") data-close>{tr!("Cancel", "Abbrechen")}</a>
                        <button class="button primary">{tr!("Rename", "Umbenennen")}</button>
                    </div>
                </form>
                <form method="post" action=format!("/t/{thread}/delete") class="chat-edit-delete">
                    {csrf_field(&csrf_token)}
                    <p class="small muted">{tr!("What waits for you in it is withdrawn. Orders that were placed stay placed. You can undo this for one minute.", "Was darin auf dich wartet, wird zurückgezogen. Aufgegebene Aufträge bleiben. Du kannst das eine Minute lang rückgängig machen.")}</p>
                    <button class="button danger">{tr!("Delete chat", "Chat löschen")}</button>
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
            <p role="status">{tr!("The chat “", "Der Chat „")}<bdi>{title.to_owned()}</bdi>{tr!(
                "” is deleted. You can undo this for one minute.",
                "“ ist gelöscht. Du kannst das eine Minute lang rückgängig machen."
            )}</p>
            <button class="button">{tr!("Undo", "Rückgängig")}</button>
        </form>
    }
    .into_any()
}
