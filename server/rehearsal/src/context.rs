//! Reads a message in the context of earlier ones: it completes or corrects an order, or names a stock by "it" or "the
//! other one".

use std::borrow::Cow;

use crate::{
    conversation::Message,
    order::{self, Order},
    phrase::Phrase,
    phrasings::{INFO, PRICE, SEARCH},
};

/// Maximum number of earlier messages from which one order is assembled.
const DEPTH: usize = 5;

/// Maximum number of words of a message that completes another. Longer messages are complete.
const SHORT: usize = 6;

const CORRECTIONS: &[&str] = &[
    "actually",
    "make it",
    "make that",
    "rather",
    "instead",
    "i meant",
    "no",
    "sorry",
    "nein",
    "doch",
    "sondern",
    "only",
    "nur",
];

const AGAIN: &[&str] = &["same again", "once more", "buy again", "sell again", "gleiche again", "noch einmal"];

/// Phrases for the stock that was named last.
const THIS: &[&str] = &["of it", "of them", "of that", "of those", "that one", "davon"];

/// Phrases for the stock that was named before that.
const OTHER: &[&str] = &["the other one", "the other", "other one", "the other stock"];

/// The earlier order as this message completes, corrects or repeats it.
pub(crate) fn changed(phrase: &Phrase, before: &[Message]) -> Option<Order> {
    changed_within(phrase, before, DEPTH)
}

fn changed_within(phrase: &Phrase, before: &[Message], depth: usize) -> Option<Order> {
    let is_question = [PRICE, INFO, SEARCH].iter().any(|list| phrase.has_one_of(list));
    if phrase.len() > SHORT || depth == 0 || is_question {
        return None;
    }
    let at = before.iter().rposition(|message| message.role == "user")?;
    let text = before[at].content.as_deref()?;
    let earlier = changed_within(&Phrase::new(text), &before[..at], depth - 1);
    let orders = earlier.map_or_else(|| order::read(text).orders, |order| vec![order]);
    let side = order::side(phrase).is_some();
    let open = orders.iter().find(|order| !order.is_complete() || order.quantity.is_none());
    if let Some(order) = open.filter(|_| !side).and_then(|order| order.completed_by(phrase)) {
        return Some(order);
    }
    let last = orders.last().filter(|order| order.is_complete())?;
    if phrase.has(CORRECTIONS) && !side {
        return last.corrected_by(phrase);
    }
    (phrase.has(AGAIN) && phrase.symbols().is_empty()).then(|| last.clone())
}

/// The text with the symbol of the stock that it refers to.
pub(crate) fn resolved<'a>(text: &'a str, before: &[Message]) -> Cow<'a, str> {
    let phrase = Phrase::new(text);
    if !phrase.symbols().is_empty() {
        return text.into();
    }
    let mut named = before.iter().rev().filter(|message| message.role == "user").flat_map(|message| {
        let mut symbols = Phrase::new(message.content.as_deref().unwrap_or_default()).symbols();
        symbols.reverse();
        symbols
    });
    let Some(last) = named.next() else { return text.into() };
    if phrase.has(OTHER) {
        let other = named.find(|symbol| *symbol != last);
        return other.map_or_else(|| text.into(), |other| format!("{text} {other}").into());
    }
    let points = phrase.has(THIS) || order::side(&phrase).is_some() && phrase.has(&["it", "them"]);
    if points { format!("{text} {last}").into() } else { text.into() }
}
