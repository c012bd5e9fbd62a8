//! Replaces tables and orders in a thread's events and transcript by HTML for browsers, so that the bundle needs no code
//! to parse and render them.

use leptos::prelude::*;
use shared::chat::{ApprovalState, Call, CallState, Card, CardBody, Item, Kind, Transcript, View};

use super::{
    became::{became, done},
    data,
};

/// An event as browsers receive it. `now` is in milliseconds since 1970 (UTC). `orders` is the address of the person's
/// orders.
pub fn for_browsers(kind: &mut Kind, now: i64, orders: &str) {
    match kind {
        Kind::Call(call) => in_call(call, now),
        Kind::Card(card) => in_card(card, now, orders),
        _ => {}
    }
}

pub(super) fn in_transcript(transcript: &mut Transcript, now: i64, orders: &str) {
    for item in &mut transcript.items {
        match item {
            Item::Call(call) => in_call(call, now),
            Item::Card(card) => in_card(card, now, orders),
            _ => {}
        }
    }
}

fn in_call(call: &mut Call, now: i64) {
    if let CallState::Done { view: Some(view), .. } = &mut call.state {
        in_view(view, now);
    }
}

fn in_view(view: &mut View, now: i64) {
    if !matches!(view, View::Html { .. }) {
        let line = data::line(view).map(html).unwrap_or_default();
        *view = View::Html { line, below: html(data::below(view, now)) };
    }
}

fn in_card(card: &mut Card, now: i64, orders: &str) {
    let CardBody::Approval(asked) = &mut card.body else { return };
    let (pill, word, foot) = match &asked.state {
        ApprovalState::Placed { order } => became(order, now, orders),
        ApprovalState::Done { receipt } => done(receipt),
        _ => return,
    };
    asked.state = ApprovalState::Became { pill: html(pill), word: word.into(), foot: html(foot) };
}

/// Drops the markers that hydration needs between texts.
fn html(view: AnyView) -> String {
    view.to_html().replace("<!>", "")
}
