//! The card of an approval request and its outcome. It can't approve anything: it shows the binding code and leads to
//! the identity service's page, the only place to decide.

use ::agent::page::Around;
use foundation::tr;
use leptos::prelude::*;
use shared::chat::{ASKED_BEFORE, Approval, ApprovalState, MoreTime, WORSE};

use super::{became, cards};
use crate::ui::{Fact, Glyph, Tone, facts, icon, note, pill, time};

pub(super) fn approval(call: &str, asked: &Approval, around: &Around) -> AnyView {
    let waits = matches!(asked.state, ApprovalState::Asking | ApprovalState::Waiting);
    let over = asked.state.is_over();
    let now = around.now;
    let (pill, word, foot) = match &asked.state {
        ApprovalState::Placed { order } => became::became(order, now, &around.orders),
        ApprovalState::Done { receipt } => became::done(receipt),
        state => {
            let (tone, word) = pill_of(state);
            (pill(tone, word), word, if waits { actions(call, asked, around) } else { outcome(asked) })
        }
    };
    let label = format!("{}: {word}", asked.title);
    let (from, until) = (asked.asked_at, asked.expires_at);
    let bar = (asked.state == ApprovalState::Waiting).then(|| {
        let left = share_left(now, from, until).to_string();
        view! { <progress class="timeline" max="1000" value=left data-from=from.to_string() data-until=until.to_string() aria-hidden="true"></progress> }
    });
    let left = (asked.state == ApprovalState::Waiting).then(|| {
        view! { <span class="ask-left"><time datetime=time::iso(until) title=tr!(format!("until {}", time::exact(until)), format!("bis {}", time::exact(until))) data-left=until.to_string() data-words=tr!("{} left", "noch {}") data-over=tr!("time is up", "Zeit abgelaufen")>{left_text(now, until)}</time></span> }
    });
    let code = (!asked.code.is_empty()).then(|| {
        let hint = if over {
            tr!("As on the approval page", "Wie auf der Freigabeseite")
        } else {
            tr!("The same on the approval page", "Derselbe wie auf der Freigabeseite")
        };
        view! {
            <div class="ask-code">
                <span class="tiny muted">"Code"</span>
                <span class="code">{asked.code.clone()}</span>
                <span class="tiny muted">{hint}</span>
            </div>
        }
    });
    let worse = asked.facts.iter().find(|(name, _)| waits && name == WORSE);
    let worse = worse.map(|(_, words)| view! { <div class="card-part">{note(Tone::Waiting, words.clone())}</div> });
    let rows = asked.facts.iter().filter(|(name, _)| name != WORSE);
    let named =
        |name: &str| if name == ASKED_BEFORE { tr!("Asked before", "Schon gefragt").into() } else { name.to_owned() };
    let rows = rows.map(|(name, value)| Fact::new(named(name), value.clone()));
    view! {
        <article class=if over { "card ask over" } else { "card ask" } aria-label=label>
            {bar}
            <div class="card-head">
                <div class="row"><h2>{asked.title.clone()}</h2>{pill}</div>
                {left}
            </div>
            <div class="ask-body">{facts(rows)}{code}</div>
            {worse}
            {more_time(asked, now)}
            <div class="card-foot ask-foot">{foot}</div>
        </article>
    }
    .into_any()
}

/// The warning of the last minute, with a link to the approval page, which alone gives more time. The page's script
/// reveals it.
fn more_time(asked: &Approval, now: i64) -> Option<AnyView> {
    let is_offered = asked.state == ApprovalState::Waiting && asked.more_time == MoreTime::Possible;
    (is_offered && !asked.page.is_empty()).then(|| {
        let from = asked.expires_at - time::LAST_MINUTE;
        let title = &asked.title;
        let say = tr!(
            format!("One minute left to approve {title}. You can take 5 more minutes."),
            format!("„{title}“: noch eine Minute für die Freigabe. Du kannst dir 5 Minuten mehr geben.")
        );
        view! {
            <div class="card-part more-time" data-soon=from.to_string() data-until=asked.expires_at.to_string() data-say=say hidden=now < from>
                <span>{tr!("One minute left.", "Noch eine Minute.")}</span>
                <a class="button" href=format!("{}#more-time", asked.page) target="_blank" rel="noopener">
                    {tr!("Give me 5 more minutes", "Gib mir 5 Minuten mehr")}{icon(Glyph::External)}<span class="visually-hidden">{tr!("(in a new tab)", "(in einem neuen Tab)")}</span>
                </a>
            </div>
        }
        .into_any()
    })
}

/// The tone and the word of a state.
fn pill_of(state: &ApprovalState) -> (Tone, &'static str) {
    match state {
        ApprovalState::Placed { .. } => (Tone::Good, tr!("Placed", "Aufgegeben")),
        ApprovalState::Done { .. } => (Tone::Good, tr!("Done", "Erledigt")),
        ApprovalState::Asking => (Tone::Quiet, tr!("Being asked for", "Wird angefragt")),
        ApprovalState::Waiting => (Tone::Waiting, tr!("Waiting for you", "Wartet auf dich")),
        ApprovalState::Approved => (Tone::Good, tr!("Approved", "Freigegeben")),
        ApprovalState::Refused { .. } => (Tone::Bad, tr!("Not done", "Nicht ausgeführt")),
        ApprovalState::Unknown { .. } => (Tone::Bad, tr!("Not known", "Nicht bekannt")),
        ApprovalState::Denied => (Tone::Quiet, tr!("Denied", "Abgelehnt")),
        ApprovalState::Expired => (Tone::Quiet, tr!("Expired", "Abgelaufen")),
        ApprovalState::Withdrawn => (Tone::Quiet, tr!("Withdrawn", "Zurückgezogen")),
    }
}

/// Actions while the request waits: open the approval page, or withdraw.
fn actions(call: &str, asked: &Approval, around: &Around) -> AnyView {
    if asked.state == ApprovalState::Asking {
        let text = tr!(
            format!("Asking for your approval at {}…", around.approvals),
            format!("Deine Freigabe wird bei {} angefragt…", around.approvals)
        );
        return view! { <span class="muted small row"><span class="spinner" aria-hidden="true"></span>{text}</span> }
            .into_any();
    }
    let link = (!asked.page.is_empty()).then(|| {
        view! {
            <a class="button primary" href=asked.page.clone() target="_blank" rel="noopener">
                {tr!("Open approval", "Zur Freigabe")}{icon(Glyph::External)}<span class="visually-hidden">{tr!("(in a new tab)", "(in einem neuen Tab)")}</span>
            </a>
        }
    });
    view! {
        <span class="muted small" data-fault>{tr!(
            format!("Only you can approve, at {}", around.approvals),
            format!("Nur du kannst das freigeben, bei {}", around.approvals)
        )}</span>
        <div class="row ask-ways">
            <button type="button" class="button quiet needs-script" data-act=format!("calls/{call}/withdraw") disabled=!around.live>
                {tr!("Withdraw", "Zurückziehen")}
            </button>
            {cards::way_in(around)}
            {link}
        </div>
    }
    .into_any()
}

/// The foot of the card after the decision: the outcome, and a link to the order.
fn outcome(asked: &Approval) -> AnyView {
    let undone = &asked.undone;
    let (glyph, text) = match &asked.state {
        ApprovalState::Refused { reason } => (Glyph::Alert, format!("{undone} {reason}")),
        ApprovalState::Unknown { reason } => (Glyph::Alert, reason.clone()),
        ApprovalState::Denied => {
            (Glyph::Ban, tr!(format!("You denied it. {undone}"), format!("Du hast es abgelehnt. {undone}")))
        }
        ApprovalState::Expired => (
            Glyph::Clock,
            tr!(
                format!("Nobody decided in time. {undone} Ask again if you still want it."),
                format!("Niemand hat rechtzeitig entschieden. {undone} Frag noch einmal, wenn du es noch willst.")
            ),
        ),
        ApprovalState::Withdrawn => {
            (Glyph::Back, tr!(format!("You withdrew it. {undone}"), format!("Du hast es zurückgezogen. {undone}")))
        }
        // The receipt has its own foot.
        _ => {
            return view! { <span class="muted small row"><span class="spinner" aria-hidden="true"></span>{tr!("You approved it. It is being done…", "Du hast es freigegeben. Es wird ausgeführt…")}</span> }
                .into_any();
        }
    };
    view! { <span class="ask-told">{icon(glyph)}<span>{text}</span></span> }.into_any()
}

/// The remaining share of the time, in thousandths.
fn share_left(now: i64, from: i64, until: i64) -> i64 {
    let whole = (until - from).max(1);
    ((until - now).clamp(0, whole) * 1000) / whole
}

fn left_text(now: i64, until: i64) -> String {
    if now >= until {
        return tr!("time is up", "Zeit abgelaufen").into();
    }
    let left = time::left(now, until);
    tr!(format!("{left} left"), format!("noch {left}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_empties_and_the_countdown_ends_with_words() {
        assert_eq!(
            [0, 1_000, 51_000, 301_000, 400_000].map(|now| share_left(now, 1_000, 301_000)),
            [1000, 1000, 833, 0, 0]
        );
        assert_eq!(share_left(5, 5, 5), 0);
        assert_eq!(left_text(96_500, 301_000), "3:24 left");
        assert_eq!(left_text(301_000, 301_000), "time is up");
    }
}
