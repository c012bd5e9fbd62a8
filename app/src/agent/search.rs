//! `/search`: searches the person's own chats. Works without scripts.

use ::agent::search::{
    Hit, Outcome, Place as HitPlace, Search,
    words::{Piece, QUERY_CHARACTERS},
};
use foundation::tr;
use leptos::prelude::*;

use super::frame::{Place, frame};
use crate::ui::{Glyph, escaped, icon, time};

/// The title of the document.
pub(super) fn title(page: &Search) -> String {
    if page.query.is_empty() {
        tr!("Search chats · Mandate", "Chats durchsuchen · Mandate").into()
    } else {
        format!("{} · {} · Mandate", page.query, tr!("Search", "Suche"))
    }
}

/// `/search`, from the page's data in the context.
#[component]
pub fn SearchPage() -> impl IntoView {
    let Search { frame: around, query, outcome, is_later_page, now } = expect_context();
    let count = match &outcome {
        Outcome::Begin => None,
        Outcome::NoWords => {
            Some(tr!("Type a word or a number to search for.", "Gib ein Wort oder eine Zahl ein.").to_owned())
        }
        Outcome::Hits(hits, _) if hits.is_empty() => {
            Some(tr!(format!("Nothing found for “{query}”."), format!("Nichts gefunden für „{query}“.")))
        }
        Outcome::Hits(hits, more) => Some(match (hits.len(), more.is_some() || is_later_page) {
            (1, false) => tr!("1 result, newest first", "1 Treffer").to_owned(),
            (count, false) => {
                tr!(format!("{count} results, newest first"), format!("{count} Treffer, der neueste zuerst"))
            }
            (count, true) => tr!(
                format!("{count} results on this page, newest first"),
                format!("{count} Treffer auf dieser Seite, der neueste zuerst")
            ),
        }),
    };
    let results = match outcome {
        Outcome::Hits(hits, more) if !hits.is_empty() => results(hits, more, &query, now),
        _ => hint(around.person.is_some()),
    };
    // Without results there is nothing to read, so the field gets the focus.
    let focus = count.is_none();
    let content = view! {
        <div class="search">
            <form class="search-form" role="search" method="get" action="/search">
                <label class="visually-hidden" for="q">{tr!("Search in your chats", "In deinen Chats suchen")}</label>
                <input
                    class="input" type="search" id="q" name="q" value=query.clone() dir="auto" autocomplete="off"
                    placeholder=tr!("Search in your chats", "In deinen Chats suchen") maxlength=QUERY_CHARACTERS.to_string() autofocus=focus
                />
                <button type="submit" class="button primary">{icon(Glyph::Search)}{tr!("Search", "Suchen")}</button>
            </form>
            {count.map(|count| view! { <p class="search-count" role="status">{count}</p> })}
            {results}
        </div>
    };
    frame(around, Place::Search, tr!("Search chats", "Chats durchsuchen").into(), now, content.into_any())
}

fn hint(is_person: bool) -> AnyView {
    let more = (!is_person).then_some(tr!(
        " Log in to search in the chats of your account.",
        " Melde dich an, um in den Chats deines Kontos zu suchen."
    ));
    view! {
        <p class="muted small">
            {tr!(
                "Finds titles, your messages and the agent’s answers that contain all the words. The last word may be just the start of one. Upper case and accents don’t matter.",
                "Findet Titel, deine Nachrichten und Antworten des Agenten, in denen alle Wörter vorkommen. Vom letzten Wort genügt der Anfang. Groß- und Kleinschreibung und Akzente sind egal."
            )}
            {more}
        </p>
    }
    .into_any()
}

fn results(hits: Vec<Hit>, more: Option<i64>, query: &str, now: i64) -> AnyView {
    let rows = hits.into_iter().map(|hit| row(hit, now)).collect_view();
    let more = more.map(|before| {
        let href = format!("/search?q={}&before={before}", escaped(query));
        view! { <a class="button" href=href>{tr!("Older results", "Ältere Treffer")}</a> }
    });
    view! {
        <ol class="search-hits">{rows}</ol>
        {more}
    }
    .into_any()
}

fn row(hit: Hit, now: i64) -> AnyView {
    let (href, of, excerpt) = match hit.of {
        HitPlace::Title => (format!("/t/{}", hit.thread), tr!("Title", "Titel"), None),
        HitPlace::Item { key, place, is_own, excerpt } => {
            let of =
                if is_own { tr!("You wrote", "Du schriebst") } else { tr!("Mandate answered", "Mandate antwortete") };
            (format!("/t/{}?at={place}#i-{key}", hit.thread), of, Some(excerpt))
        }
    };
    view! {
        <li>
            <a class="search-hit" href=href>
                <strong class="search-title" dir="auto">{marked(hit.title)}</strong>
                {excerpt.map(|excerpt| view! { <span class="search-excerpt" dir="auto">{marked(excerpt)}</span> })}
                <span class="search-of">{of}" · "{time::ago_view(now, hit.at)}</span>
            </a>
        </li>
    }
    .into_any()
}

fn marked(pieces: Vec<Piece>) -> AnyView {
    let piece = |piece: Piece| {
        if piece.is_hit { view! { <mark>{piece.text}</mark> }.into_any() } else { piece.text.into_any() }
    };
    pieces.into_iter().map(piece).collect_view().into_any()
}
