//! *Try to break it*: a step's attempts, each with one button, and the answers that the sites really gave.

use ::agent::workshop::{Answer, Asked, Attempted, Kind, Workshop};
use foundation::tr;
use leptos::prelude::*;

use crate::{
    ui::{Tone, csrf_field, note, time},
    words::workshop as words,
};

/// The attempts of a step that the reader can make now.
fn of(page: &Workshop) -> Vec<Kind> {
    let holds = &page.holds;
    match page.step {
        3 if holds.subject.is_some() => vec![Kind::ReplayCode],
        4 if holds.account.is_some() => vec![Kind::BuyWithReadingToken],
        5 if holds.subject.is_some() => vec![Kind::AppTokenElsewhere],
        6 if holds.order => vec![Kind::SameTokenAgain, Kind::OtherQuantity, Kind::ApproveAsAgent],
        6 if holds.asked => vec![Kind::ApproveAsAgent],
        _ => Vec::new(),
    }
}

/// The buttons of the step, each with its last answers.
pub(super) fn buttons(page: &Workshop, words: &'static words::Workshop) -> AnyView {
    let later = later(page);
    let each = of(page).into_iter().map(|kind| {
        let last = page.attempts.iter().find(|tried| tried.kind == kind);
        view! { <div class="workshop-attempt">{button(page, kind)}{last.map(|last| answers(page, last, words))}</div> }
    });
    view! { {each.collect_view()}{later.map(|later| view! { <p class="muted small">{later}</p> })} }.into_any()
}

/// A hint that more buttons appear later.
fn later(page: &Workshop) -> Option<&'static str> {
    let holds = &page.holds;
    match page.step {
        3 | 5 if holds.subject.is_none() => Some(tr!(
            "Once you are logged in, you can try more here.",
            "Sobald du angemeldet bist, kannst du hier mehr versuchen."
        )),
        6 if !holds.order => Some(tr!(
            "Once an order of yours is placed, you can try more here.",
            "Sobald ein Auftrag von dir erteilt ist, kannst du hier mehr versuchen."
        )),
        _ => None,
    }
}

fn button(page: &Workshop, kind: Kind) -> AnyView {
    if kind == Kind::ReplayCode {
        // The browser fetches a fresh code for it.
        return view! { <a class="button" href="/workshop/replay">{label(kind)}</a> }.into_any();
    }
    view! {
        <form method="post" action="/workshop/try">
            {csrf_field(&page.frame.csrf_token)}
            <input type="hidden" name="what" value=kind.word() />
            <input type="hidden" name="back" value=format!("/workshop/{}", page.step) />
            <button class="button">{label(kind)}</button>
        </form>
    }
    .into_any()
}

fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::ReplayCode => tr!("Use a code twice", "Einen Code zweimal benutzen"),
        Kind::BuyWithReadingToken => tr!("Try to buy with this token", "Mit diesem Token zu kaufen versuchen"),
        Kind::AppTokenElsewhere => {
            tr!("Send a token for /mcp to StockTrade", "Ein Token für /mcp an StockTrade schicken")
        }
        Kind::SameTokenAgain => {
            tr!("Send the approved order twice more", "Den freigegebenen Auftrag noch zweimal senden")
        }
        Kind::OtherQuantity => tr!("Send it with one share more", "Ihn mit einer Aktie mehr senden"),
        Kind::ApproveAsAgent => {
            tr!("Approve it from Mandate chat’s server", "Vom Server von Mandate chat aus freigeben")
        }
    }
}

fn answers(page: &Workshop, tried: &Attempted, words: &'static words::Workshop) -> AnyView {
    let rows = tried.answers.iter().map(|answer| row(answer, words)).collect_view();
    let (tone, says) = if tried.held {
        (Tone::Good, held(tried))
    } else {
        (
            Tone::Bad,
            tr!(
                "This didn’t fail as it must. The operator may have switched approvals off (TRADE_WITHOUT_APPROVAL).",
                "Das hätte scheitern müssen. Vielleicht hat der Betreiber Freigaben abgeschaltet \
                 (TRADE_WITHOUT_APPROVAL)."
            ),
        )
    };
    let shown = view! {
        <ol class="diagram-text">{rows}</ol>
        <p>{says}" "<span class="muted small">{time::clock_view(page.now, tried.at)}</span></p>
    };
    note(tone, shown)
}

fn row(answer: &Answer, words: &'static words::Workshop) -> AnyView {
    let site = match answer.site {
        Asked::Identity => words.lanes.identity,
        Asked::StockTrade => words.lanes.stocktrade,
    };
    let says = (!answer.says.is_empty()).then(|| view! { " "<q lang="en">{answer.says.clone()}</q> });
    view! { <li>{site}": "<code>{answer.request.clone()}</code>" → "<strong>{answer.status}</strong>{says}</li> }
        .into_any()
}

/// Explains in a sentence or two why the attempt failed as it should.
fn held(tried: &Attempted) -> &'static str {
    let late = tried.answers.last().is_some_and(|last| last.site == Asked::Identity);
    match tried.kind {
        Kind::ReplayCode => tr!(
            "Your browser fetched a fresh code for this. The first use got tokens, the second got nothing. \
             Mandate identity also revoked the first ones, because it must assume that somebody else has the code.",
            "Dein Browser hat dafür einen frischen Code geholt. Beim ersten Mal gab es Tokens, beim zweiten nichts. \
             Mandate identity hat auch die ersten widerrufen, denn es muss annehmen, dass jemand anderes den Code hat."
        ),
        Kind::BuyWithReadingToken => tr!(
            "The token is real, but it can only read. Nothing was bought.",
            "Das Token ist echt, aber es kann nur lesen. Gekauft wurde nichts."
        ),
        Kind::AppTokenElsewhere => tr!(
            "Mandate chat got a token for /mcp, as an app has one, and StockTrade refused it: StockTrade accepts only \
             tokens that its own login service signed for it.",
            "Mandate chat hat ein Token für /mcp geholt, wie eine App es hat, und StockTrade hat es abgelehnt: StockTrade \
             nimmt nur Tokens an, die sein eigener Anmeldedienst für StockTrade signiert hat."
        ),
        Kind::SameTokenAgain if !late => tr!(
            "Both answers are the order that you approved. There is no second one.",
            "Beide Antworten sind der Auftrag, den du freigegeben hast. Einen zweiten gibt es nicht."
        ),
        Kind::OtherQuantity if !late => tr!(
            "The token is real, but it works only for the order that you approved.",
            "Das Token ist echt, aber es gilt nur für den Auftrag, den du freigegeben hast."
        ),
        Kind::SameTokenAgain | Kind::OtherQuantity => tr!(
            "The approval gives no token any more: its two minutes are over. To see StockTrade’s answer, ask for another \
             order, and press the button within two minutes.",
            "Die Freigabe gibt kein Token mehr her: Ihre zwei Minuten sind um. Um die Antwort von StockTrade zu sehen, \
             bitte um einen neuen Auftrag, und drücke innerhalb von zwei Minuten."
        ),
        Kind::ApproveAsAgent => tr!(
            "The server sent the form of your approval page, with a real token of yours. It has no session of yours at \
             Mandate identity, and nothing else decides.",
            "Der Server hat das Formular deiner Freigabeseite gesendet, mit einem echten Token von dir. Er hat keine \
             Sitzung von dir bei Mandate identity, und nichts anderes entscheidet."
        ),
    }
}
