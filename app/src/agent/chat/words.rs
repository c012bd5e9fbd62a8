//! The texts of the islands. The page brings them in the reader's language, one line each in an attribute of `#words`,
//! so the bundle has none.

#[cfg(feature = "ssr")]
use foundation::tr;
#[cfg(feature = "ssr")]
use leptos::prelude::*;

macro_rules! words {
    ($($name:ident: $en:literal, $de:literal;)*) => {
        /// A text of an island.
        #[derive(Clone, Copy, Debug)]
        pub(super) enum Word {
            $($name,)*
        }

        #[cfg(feature = "ssr")]
        fn all() -> &'static [&'static str] {
            tr!(&[$($en,)*], &[$($de,)*])
        }
    };
}

words! {
    Message: "Message the agent", "Nachricht an den Agenten";
    MessageHint: "Message the agent…", "Nachricht an den Agenten…";
    Sends: " sends, ", " sendet, ";
    Shift: "Shift", "Umschalt";
    StartsLine: " starts a line", " beginnt eine Zeile";
    Stop: "Stop", "Anhalten";
    Send: "Send", "Senden";
    LogIn: "Log in", "Anmelden";
    // `{}`: the number of characters, then the maximum.
    TooLongByOne: "Too long by {} character: shorten it to send it. A message has at most {}.", "Um {} Zeichen zu lang: Kürze sie, um sie zu senden. Eine Nachricht hat höchstens {}.";
    TooLong: "Too long by {} characters: shorten it to send it. A message has at most {}.", "Um {} Zeichen zu lang: Kürze sie, um sie zu senden. Eine Nachricht hat höchstens {}.";
    Conversation: "Conversation", "Unterhaltung";
    Works: "Working on it…", "Bin dabei…";
    Lost: "The connection is lost. Trying again… Your text is kept.", "Die Verbindung ist weg. Neuer Versuch… Dein Text bleibt.";
    Note: "The agent can read what you connected. It trades only with your approval.", "Der Agent kann lesen, was du verbunden hast. Er handelt nur mit deiner Freigabe.";
    NewBelow: "New below", "Neues unten";
    NotSentYet: "Not sent yet", "Noch nicht gesendet";
    NotSentYetWhy: "Not sent yet. ", "Noch nicht gesendet. ";
    Unreachable: "Mandate can’t be reached right now.", "Mandate ist gerade nicht erreichbar.";
    KeptAndSent: "Mandate can’t be reached right now. Your message is kept, and sent as soon as it can be.", "Mandate ist gerade nicht erreichbar. Deine Nachricht bleibt und wird gesendet, sobald es geht.";
    NotSent: "Not sent. ", "Nicht gesendet. ";
    Kept: " Your message is kept.", " Deine Nachricht bleibt.";
    LoginExpired: "Your login has expired. Your message is kept, and sent once you have logged in.", "Deine Anmeldung ist abgelaufen. Deine Nachricht bleibt und wird gesendet, sobald du dich angemeldet hast.";
    SendAgain: "Send again", "Noch einmal senden";
    Edit: "Edit", "Bearbeiten";
}

/// On the server it comes from the table, in the browser from the page.
pub(super) fn word(word: Word) -> String {
    #[cfg(feature = "ssr")]
    let found = all()[word as usize].to_owned();
    #[cfg(not(feature = "ssr"))]
    let found = of_page(word as usize);
    found
}

#[cfg(not(feature = "ssr"))]
fn of_page(at: usize) -> String {
    thread_local! {
        static WORDS: String = leptos::prelude::document()
            .get_element_by_id("words")
            .and_then(|element| element.get_attribute("data-words"))
            .unwrap_or_default();
    }
    WORDS.with(|words| words.split('\n').nth(at).unwrap_or_default().to_owned())
}

/// The words of the page's islands.
#[cfg(feature = "ssr")]
pub(super) fn of_islands() -> AnyView {
    view! { <div id="words" hidden data-words=all().join("\n")></div> }.into_any()
}
