//! Made-up results of a search.

use agent::search::{Hit, Outcome, Place, Search, words::Piece};

use super::{frame, now};

/// Search results, or none.
pub(crate) fn search(is_found: bool) -> Search {
    let piece = |text: &str, is_hit| Piece { text: text.into(), is_hit };
    let excerpt = vec![piece("…could I buy ", false), piece("WAYNE", true), piece(" <b>today</b>?", false)];
    let place = Place::Item { key: "mmsg_1".into(), place: 7, is_own: true, excerpt };
    let title = vec![piece("Price of ", false), piece("WAYNE", true)];
    let hit = |of, ago| Hit { thread: "thr_1".into(), title: title.clone(), of, at: now() - ago };
    let hits = if is_found { vec![hit(place, 90_000), hit(Place::Title, 90_001)] } else { Vec::new() };
    let outcome = Outcome::Hits(hits, is_found.then_some(1));
    Search { frame: frame(true), query: "wayne".into(), outcome, is_later_page: false, now: now() }
}

/// Before the first search, by a visitor.
pub(crate) fn begin() -> Search {
    Search { frame: frame(false), query: String::new(), outcome: Outcome::Begin, ..search(false) }
}

/// A search for punctuation alone.
pub(crate) fn no_words() -> Search {
    Search { query: "?!".into(), outcome: Outcome::NoWords, ..search(false) }
}
