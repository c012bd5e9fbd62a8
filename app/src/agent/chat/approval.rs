//! The card of an approval request and its outcome. It can't approve anything: it shows the binding code and leads to
//! the identity service's page, the only place to decide.

use ::agent::page::Around;
use leptos::prelude::*;
use shared::chat::{Approval, ApprovalState, MoreTime, WORSE};

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
        view! { <span class="ask-left"><time datetime=time::iso(until) title=format!("until {}", time::exact(until)) data-left=until.to_string() data-words="{} left" data-over="time is up">{left_text(now, until)}</time></span> }
    });
    let code = (!asked.code.is_empty()).then(|| {
        let hint = if over { "As on the approval page" } else { "The same on the approval page" };
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
    let rows = rows.map(|(name, value)| Fact::new(name.clone(), value.clone()));
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

/// The last minute, and the way to more time, which only the approval page gives. The page's script shows it in time.
fn more_time(asked: &Approval, now: i64) -> Option<AnyView> {
    let is_offered = asked.state == ApprovalState::Waiting && asked.more_time == MoreTime::Possible;
    (is_offered && !asked.page.is_empty()).then(|| {
        let from = asked.expires_at - time::LAST_MINUTE;
        let say = format!("One minute left to approve {}. You can take 5 more minutes.", asked.title);
        view! {
            <div class="card-part more-time" data-soon=from.to_string() data-until=asked.expires_at.to_string() data-say=say hidden=now < from>
                <span>"One minute left."</span>
                <a class="button" href=format!("{}#more-time", asked.page) target="_blank" rel="noopener">
                    "Give me 5 more minutes"{icon(Glyph::External)}<span class="visually-hidden">"(in a new tab)"</span>
                </a>
            </div>
        }
        .into_any()
    })
}

/// The tone and the word of a state.
fn pill_of(state: &ApprovalState) -> (Tone, &'static str) {
    match state {
        ApprovalState::Placed { .. } => (Tone::Good, "Placed"),
        ApprovalState::Done { .. } => (Tone::Good, "Done"),
        ApprovalState::Asking => (Tone::Quiet, "Being asked for"),
        ApprovalState::Waiting => (Tone::Waiting, "Waiting for you"),
        ApprovalState::Approved => (Tone::Good, "Approved"),
        ApprovalState::Refused { .. } => (Tone::Bad, "Not done"),
        ApprovalState::Unknown { .. } => (Tone::Bad, "Not known"),
        ApprovalState::Denied => (Tone::Quiet, "Denied"),
        ApprovalState::Expired => (Tone::Quiet, "Expired"),
        ApprovalState::Withdrawn => (Tone::Quiet, "Withdrawn"),
    }
}

/// Actions while the request waits: open the approval page, or withdraw.
fn actions(call: &str, asked: &Approval, around: &Around) -> AnyView {
    if asked.state == ApprovalState::Asking {
        let text = format!("Asking for your approval at {}…", around.approvals);
        return view! { <span class="muted small row"><span class="spinner" aria-hidden="true"></span>{text}</span> }
            .into_any();
    }
    let link = (!asked.page.is_empty()).then(|| {
        view! {
            <a class="button primary" href=asked.page.clone() target="_blank" rel="noopener">
                "Open approval"{icon(Glyph::External)}<span class="visually-hidden">"(in a new tab)"</span>
            </a>
        }
    });
    view! {
        <span class="muted small" data-fault>{format!("Only you can approve, at {}", around.approvals)}</span>
        <div class="row ask-ways">
            <button type="button" class="button quiet needs-script" data-act=format!("calls/{call}/withdraw") disabled=!around.live>
                "Withdraw"
            </button>
            {cards::way_in(around)}
            {link}
        </div>
    }
    .into_any()
}

/// The foot of the card after the decision: what happened, and where the order is.
fn outcome(asked: &Approval) -> AnyView {
    let undone = &asked.undone;
    let (glyph, text) = match &asked.state {
        ApprovalState::Refused { reason } => (Glyph::Alert, format!("{undone} {reason}")),
        ApprovalState::Unknown { reason } => (Glyph::Alert, reason.clone()),
        ApprovalState::Denied => (Glyph::Ban, format!("You denied it. {undone}")),
        ApprovalState::Expired => {
            (Glyph::Clock, format!("Nobody decided in time. {undone} Ask again if you still want it."))
        }
        ApprovalState::Withdrawn => (Glyph::Back, format!("You withdrew it. {undone}")),
        // The receipt has its own foot.
        _ => {
            return view! { <span class="muted small row"><span class="spinner" aria-hidden="true"></span>"You approved it. It is being done…"</span> }
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
    if now >= until { "time is up".into() } else { format!("{} left", time::left(now, until)) }
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
