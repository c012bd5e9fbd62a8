//! `/keys`: the keyboard shortcuts, of which `public/keys.js` reads the pages' `data-key`.

use ::agent::page::Keys;
use foundation::tr;
use leptos::prelude::*;

use super::frame::{Place, frame};

/// Keys and what they do.
type Row = (&'static [&'static str], &'static str);

/// Groups of keys.
const KEYS: [(&str, &[Row]); 3] = [
    (
        "Go to",
        &[
            (&["n"], "New chat"),
            (&["/"], "Search chats"),
            (&["j", "k"], "The next chat in the list, the one before"),
            (&["w"], "Approvals: what waits for you"),
            (&["a"], "Apps with access"),
            (&["c"], "Connected accounts"),
            (&["g"], "Settings"),
            (&["o"], "Workshop"),
            (&["?"], "This list"),
        ],
    ),
    (
        "Write",
        &[
            (&["m"], "Write a message"),
            (&["Enter"], "Send it"),
            (&["Shift + Enter"], "Start a line"),
            (&["Esc"], "Leave the field, so that the other keys work"),
            (&["/"], "At the start of a message: tools and prompts"),
            (&["s"], "Stop the answer"),
            (&["u"], "Edit your last message"),
        ],
    ),
    (
        "This chat, and this page",
        &[
            (&["y"], "Copy the last answer"),
            (&["e"], "Rename or delete: the open chat, or the one that has the focus in the list"),
            (&["End"], "The newest message, and follow it"),
            (&["Home"], "Earlier messages"),
            (&["t"], "Light, dark, or as the system"),
            (&["Tab"], "The next link, button or field; Enter uses it"),
        ],
    ),
];

#[component]
pub fn KeysPage() -> impl IntoView {
    let Keys { frame: around, now } = expect_context();
    let groups = KEYS.map(|(title, keys)| {
        let rows = keys.iter().map(|(keys, does)| {
            let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }).collect_view();
            view! { <div><dt>{*does}</dt><dd>{keys}</dd></div> }
        });
        view! { <section><h3>{title}</h3><dl class="keys">{rows.collect_view()}</dl></section> }
    });
    let content = view! {
        <div class="accounts" id="dialog">
            <h2 id="dialog-title">{tr!("What each key does", "Was jede Taste tut")}</h2>
            {groups.collect_view()}
            <label class="keys-choice">
                <input type="checkbox" id="keys-off" disabled />
                "Turn off the keys that are a single letter or sign, in this browser"
            </label>
            <p><a class="button" href="/" data-close>{tr!("Close", "Schließen")}</a></p>
            <noscript><p class="muted small">"The keys need JavaScript. All of it is also reachable with Tab and Enter."</p></noscript>
        </div>
    };
    frame(around, Place::Keys, tr!("Keyboard shortcuts", "Tastenkürzel").into(), now, content.into_any())
}
