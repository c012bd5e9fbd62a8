//! Checks every page in German: a text that is the same in both languages and isn't a name was not translated.

use std::collections::BTreeMap;

use foundation::lang::{self, Lang};

use super::same::{foreign_numbers, untranslated};

#[test]
fn no_german_page_has_an_english_text() {
    let english = super::pages();
    let german = lang::within(Lang::De, super::pages);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, page) in &german {
        assert!(page.contains("<html lang=\"de\" data-site="), "{name}");
        for text in untranslated(&english[name], page, NAMES) {
            found.entry(text).or_default().push(name.clone());
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn numbers_and_dates_are_of_the_pages_language() {
    for (lang, is_german) in [(Lang::En, false), (Lang::De, true)] {
        for (name, page) in lang::within(lang, super::pages) {
            let found = foreign_numbers(&page, is_german, NAMES);
            assert!(found.is_empty(), "{name}: {found:#?}");
        }
    }
}

#[test]
fn a_number_of_the_other_language_is_found() {
    let found = |text: &str, is_german| !foreign_numbers(&format!("<body><p>{text}</p>"), is_german, &[]).is_empty();
    for (english, german) in [
        ("10,214.86 USD", "10.214,86 USD"),
        ("0.83 %", "0,83 %"),
        ("103.42", "103,42"),
        ("at most 2,000 characters", "höchstens 2.000 Zeichen"),
        ("on 4 December 2026", "am 4. Dezember 2026"),
    ] {
        assert!(found(english, true) && found(german, false), "{english} {german}");
        assert!(!found(english, false) && !found(german, true), "{english} {german}");
    }
    for both in ["5, 10 and 20", "am 4.12.2026", "127.0.0.1", "RFC 6749 §3.2", "Buy 5. Then 3"] {
        assert!(!found(both, true) && !found(both, false), "{both}");
    }
}

#[test]
fn a_text_that_was_forgotten_is_found() {
    let page = |words: &str| format!("<body><p title=\"{words}\">{words}</p><b>WAYNE 5</b><i>Mandate chat</i>");
    assert_eq!(untranslated(&page("Log in"), &page("Log in"), &[]), ["Log in"]);
    assert!(untranslated(&page("Log in"), &page("Anmelden"), &[]).is_empty());
}

/// Names and texts of the made-up data's people, agents and companies.
const NAMES: &[&str] = &[
    "10 minutes after you approve it",
    "2 · Mandate chat → Mandate identity ·",
    "3 · Mandate chat → Mandate identity ·",
    "Access to Library",
    "Acme Corporation of America",
    "Alice",
    "Allows",
    "Back to Mandate",
    "Back to StockTrade",
    "Claude Code",
    "Claude Code (registered by itself, unverified)",
    "Claude Code can no longer act for you: its access has ended.",
    "Ends",
    "Going back to Mandate",
    "Helpful Robot",
    "Hooli",
    "Industry",
    "It isn’t yours.",
    "Lend books",
    "LexCorp",
    "Library · library.example",
    "LongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLong &lt;b&gt;x&lt;/b&gt; \u{202e}",
    "Mandate identity · Alice",
    "May I lend “Dune” to &lt;b&gt;Bob&lt;/b&gt;?",
    "Not found",
    "Oscorp",
    "Page not found",
    "Partner",
    "Prepare orders, which you approve one by one",
    "Rebalancing, as agreed. Rebalancing, as agreed. Rebalancing, as agreed. Rebalancing, as agreed. Rebalancing, as agreed. Rebalancing, as agreed. Rebalancing, as agreed. Rebalancing, as agreed. Rebalancing, as agreed.  &lt;b&gt;safe&lt;/b&gt; ⟨U+202E⟩gnp.exe",
    "See your cash, positions and their value",
    "See your orders",
    "Stark Industries",
    "Start again.",
    "StockTrade · Alice",
    "That email and password don’t belong together. Try again.",
    "The address that the application wants you to go back to isn’t one that it registered. Nothing was shared with it.",
    "The quantity is a whole number from 1 to 10,000.",
    "The time was over before you approved. Nothing was done.",
    "There is no stock called «WAYNNE». Nothing was changed.",
    "There is nothing at this address.",
    "This link can’t be used",
    "This password is among the most common ones. Choose another.",
    "This took too long",
    "Wayne Enterprises",
    "Wayne Enterprises makes what everybody needs, and some things that nobody asked for.",
    "Workshop agent",
    "You asked me to buy five shares of Wayne in ‘Buy five shares of Wayne’.",
    "You denied this on another device before, so it wasn’t approved.",
    "You hold 5 shares of WAYNE, so you can’t sell 50.",
    "Your orders at StockTrade",
    "at most 628.45 USD",
    "claude.ai",
    "localhost",
    "localhost:3001",
    "localhost:3002",
    "mandate-demo",
    "ord_8ZkQ3vT1bYxW5mN7",
    "partner.example",
];
