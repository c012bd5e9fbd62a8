//! `/keys`: lists the keyboard shortcuts. `public/keys.js` implements them by the pages' `data-key`.

use ::agent::page::Keys;
use foundation::tr;
use leptos::prelude::*;

use super::frame::{Place, frame};

/// Keys and what they do.
type Row = (&'static [&'static str], &'static str);

/// Groups of keys.
fn keys() -> [(&'static str, Vec<Row>); 3] {
    [
        (
            tr!("Go to", "Gehe zu"),
            vec![
                (&["n"], tr!("New chat", "Neuer Chat")),
                (&["/"], tr!("Search chats", "Chats durchsuchen")),
                (
                    &["j", "k"],
                    tr!("The next chat in the list, the one before", "Der nächste Chat in der Liste, der vorige"),
                ),
                (&["w"], tr!("Approvals: what waits for you", "Freigaben: was auf dich wartet")),
                (&["a"], tr!("Apps with access", "Apps mit Zugriff")),
                (&["c"], tr!("Connected accounts", "Verbundene Konten")),
                (&["g"], tr!("Settings", "Einstellungen")),
                (&["o"], "Workshop"),
                (&["?"], tr!("This list", "Diese Liste")),
            ],
        ),
        (
            tr!("Write", "Schreiben"),
            vec![
                (&["m"], tr!("Write a message", "Eine Nachricht schreiben")),
                (&["Enter"], tr!("Send it", "Senden")),
                (tr!(&["Shift + Enter"], &["Umschalt + Enter"]), tr!("Start a line", "Neue Zeile")),
                (
                    &["Esc"],
                    tr!(
                        "Leave the field, so that the other keys work",
                        "Das Feld verlassen, damit die anderen Tasten gelten"
                    ),
                ),
                (
                    &["/"],
                    tr!(
                        "At the start of a message: tools and prompts",
                        "Am Anfang einer Nachricht: Werkzeuge und Vorlagen"
                    ),
                ),
                (&["s"], tr!("Stop the answer", "Die Antwort anhalten")),
                (&["u"], tr!("Edit your last message", "Deine letzte Nachricht bearbeiten")),
            ],
        ),
        (
            tr!("This chat, and this page", "Dieser Chat und diese Seite"),
            vec![
                (&["y"], tr!("Copy the last answer", "Die letzte Antwort kopieren")),
                (
                    &["e"],
                    tr!(
                        "Rename or delete: the open chat, or the one that has the focus in the list",
                        "Umbenennen oder löschen: den offenen Chat, oder den, der in der Liste den Fokus hat"
                    ),
                ),
                (
                    tr!(&["End"], &["Ende"]),
                    tr!("The newest message, and follow it", "Zur neuesten Nachricht, und ihr folgen"),
                ),
                (tr!(&["Home"], &["Pos1"]), tr!("Earlier messages", "Frühere Nachrichten")),
                (&["t"], tr!("Light, dark, or as the system", "Hell, dunkel oder wie das System")),
                (
                    &["Tab"],
                    tr!(
                        "The next link, button or field; Enter uses it",
                        "Der nächste Link, Knopf oder das nächste Feld; Enter betätigt es"
                    ),
                ),
            ],
        ),
    ]
}

#[component]
pub fn KeysPage() -> impl IntoView {
    let Keys { frame: around, now } = expect_context();
    let groups = keys().map(|(title, keys)| {
        let rows = keys.into_iter().map(|(keys, does)| {
            let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }).collect_view();
            view! { <div><dt>{does}</dt><dd>{keys}</dd></div> }
        });
        view! { <section><h3>{title}</h3><dl class="keys">{rows.collect_view()}</dl></section> }
    });
    let content = view! {
        <div class="accounts" id="dialog">
            <h2 id="dialog-title">{tr!("What each key does", "Was jede Taste tut")}</h2>
            {groups.collect_view()}
            <label class="keys-choice">
                <input type="checkbox" id="keys-off" disabled />
                {tr!("Turn off the keys that are a single letter or sign, in this browser", "Tasten mit einem einzelnen Buchstaben oder Zeichen in diesem Browser abschalten")}
            </label>
            <p><a class="button" href="/" data-close>{tr!("Close", "Schließen")}</a></p>
            <noscript><p class="muted small">{tr!("The keys need JavaScript. All of it is also reachable with Tab and Enter.", "Die Tasten brauchen JavaScript. Alles ist auch mit Tab und Enter erreichbar.")}</p></noscript>
        </div>
    };
    frame(around, Place::Keys, tr!("Keyboard shortcuts", "Tastenkürzel").into(), now, content.into_any())
}
