//! The card of an approval request. Its facts come only from the typed details, in the order and the words of their
//! type (THREATS.md line 54). The agent's message is apart from them, and marked as the agent's.

use foundation::tr;
use identity::page::{Approval, Receipt, State};
use leptos::prelude::*;

use super::facts;
use crate::ui::{Glyph, Tone, csrf_field, icon, pill, plain, quote, time};

/// The state that a person sees: a request past its deadline has expired, even if the database doesn't say so yet.
pub(super) fn state(approval: &Approval, now: i64) -> State {
    match approval.state {
        State::Waiting if now >= approval.expires_at => State::Expired,
        state => state,
    }
}

/// The state in a word.
pub(super) fn state_word(state: State) -> &'static str {
    match state {
        State::Waiting => tr!("Waits for you", "Wartet auf dich"),
        State::Approved | State::Used => tr!("Approved", "Freigegeben"),
        State::Ended => tr!("Revoked", "Widerrufen"),
        State::Denied => tr!("Denied", "Abgelehnt"),
        State::Withdrawn => tr!("Withdrawn", "Zurückgezogen"),
        State::Expired => tr!("Expired", "Abgelaufen"),
    }
}

/// The state as a pill; a waiting request has a countdown.
pub(super) fn state_pill(approval: &Approval, now: i64) -> AnyView {
    match state(approval, now) {
        State::Waiting => pill(Tone::Waiting, waits(now, approval.expires_at)),
        state @ (State::Approved | State::Used) => pill(Tone::Good, state_word(state)),
        state => pill(Tone::Quiet, state_word(state)),
    }
}

/// The name of the client that asked, or of the MCP client that asked through it.
pub(super) fn asked_by(approval: &Approval) -> AnyView {
    let client = view! { <strong><bdi>{approval.client.clone()}</bdi></strong> };
    match approval.through.clone() {
        Some(caller) => view! { <strong><bdi>{caller}</bdi></strong>{tr!(" through ", " über ")}{client} }.into_any(),
        None => client.into_any(),
    }
}

/// The card of one request.
pub(super) fn card(approval: &Approval, state: State, csrf_token: &str, now: i64) -> AnyView {
    let words = approval.agent_message.as_deref().and_then(|said| words(&approval.app, said));
    let below = if state == State::Waiting { decide(approval, csrf_token, now) } else { outcome(approval, state, now) };
    view! {
        <article class="card">
            {head(approval, &approval.title, now)}
            {(state == State::Waiting).then(|| more_time(&[approval], &approval.id, csrf_token, now))}
            {code_or_message(approval, state)}
            <div class="card-part stack">{facts::table(approval, now)}</div>
            {words}
            <div class="card-part">{below}</div>
        </article>
    }
    .into_any()
}

/// The head of a card: the state, the title, and who asks.
pub(super) fn head(approval: &Approval, title: &str, now: i64) -> AnyView {
    view! {
        <div class="card-part request-head">
            {state_pill(approval, now)}
            <h1>{title.to_owned()}</h1>
            <p class="by">
                {asked_by(approval)}{tr!(" asks, for your account ", " bittet um deine Freigabe für dein Konto ")}<bdi>{approval.account.clone()}</bdi>". "
                {time::ago_view(now, approval.asked_at)}"."
            </p>
        </div>
    }
    .into_any()
}

/// The offer of five more minutes, once, for the requests that the page shows. The page's script reveals it in the
/// last minute.
pub(super) fn more_time(shown: &[&Approval], id: &str, csrf_token: &str, now: i64) -> Option<AnyView> {
    let end = shown.iter().map(|one| one.expires_at).min()?;
    shown.iter().all(|one| one.more_time && one.may_approve).then(|| {
        let from = end - time::LAST_MINUTE;
        let fields = shown.iter().map(|one| view! { <input type="hidden" name="shown" value=one.shown() /> });
        view! {
            <form
                class="card-part more-time"
                method="post"
                action=format!("/approvals/{id}")
                id="more-time"
                data-soon=from.to_string()
                data-until=end.to_string()
                data-say=tr!("One minute left. You can take 5 more minutes.", "Noch eine Minute. Du kannst dir 5 Minuten mehr geben.")
                hidden=now < from
            >
                {csrf_field(csrf_token)}
                {fields.collect_view()}
                <span>{tr!("One minute left.", "Noch eine Minute.")}</span>
                <button class="button" name="decision" value="later">{tr!("Give me 5 more minutes", "Gib mir 5 Minuten mehr")}</button>
            </form>
        }
        .into_any()
    })
}

/// The agent's message, marked as the agent's.
pub(super) fn words(app: &str, said: &str) -> Option<AnyView> {
    let app = plain(app);
    let whose = tr!(
        format!("What {app} says. You don’t approve this text."),
        format!("Was {app} sagt. Diesen Text gibst du nicht frei.")
    );
    let said = (!said.trim().is_empty()).then(|| said.to_owned())?;
    Some(view! { <div class="card-part">{quote(whose, said)}</div> }.into_any())
}

/// The code that the chat shows too, or the caller's message where there are no details.
pub(super) fn code_or_message(approval: &Approval, state: State) -> AnyView {
    let waits = state == State::Waiting;
    if let Some(message) = approval.message.clone() {
        let client = plain(&approval.client);
        let whose =
            tr!(format!("What {client} asks, in its own words"), format!("Worum {client} bittet, in eigenen Worten"));
        let hint = tr!(
            "Mandate can’t check this text. If you don’t know what it is about, deny.",
            "Mandate kann diesen Text nicht prüfen. Wenn du nicht weißt, worum es geht, lehne ab."
        );
        return view! {
            <div class="card-part stack">
                {quote(whose, message)}
                {waits.then(|| view! { <p class="muted">{hint}</p> })}
            </div>
        }
        .into_any();
    }
    let hint =
        waits.then(|| view! { <span class="muted">{tr!("It must be the one in your chat. If it isn’t, deny.", "Er muss derselbe sein wie in deinem Chat. Wenn nicht, lehne ab.")}</span> });
    view! {
        <div class="card-part request-code">
            <span class="muted">"Code"</span>
            <span class="code">{approval.code.clone()}</span>
            {hint}
        </div>
    }
    .into_any()
}

/// The buttons Deny and Approve, equally easy to reach. The form sends back the digest of what the page showed.
fn decide(approval: &Approval, csrf_token: &str, now: i64) -> AnyView {
    let noun = approval.noun.clone();
    let good_for = match approval.message {
        _ if !approval.may_approve => may_not(&approval.account),
        None => tr!(
            format!("Only this {noun}: once, as above. Nothing else."),
            "Nur das: einmal, wie oben. Sonst nichts.".to_owned()
        ),
        Some(_) => {
            tr!("Only this access, and only until it ends.", "Nur dieser Zugriff, und nur bis er endet.").to_owned()
        }
    };
    view! {
        <div class="warnings">{facts::warnings(approval, now)}</div>
        <form method="post" action=format!("/approvals/{}", approval.id)>
            {csrf_field(csrf_token)}
            <input type="hidden" name="shown" value=approval.shown() />
            <div class="decision">
                <button class="button decide" name="decision" value="deny">{tr!("Deny", "Ablehnen")}</button>
                {approval.may_approve.then(|| view! {
                    <button class="button primary decide" name="decision" value="approve">{tr!(format!("Approve this {noun}"), format!("{noun} freigeben"))}</button>
                })}
            </div>
            <p class="good-for">{good_for}</p>
        </form>
    }
    .into_any()
}

/// Why the person has no button to approve.
pub(super) fn may_not(account: &str) -> String {
    let account = plain(account);
    tr!(
        format!("You may not approve for {account}. Ask its operator if that is wrong."),
        format!("Für {account} darfst du nicht freigeben. Frag den Betreiber, wenn das falsch ist.")
    )
}

/// The outcome with its time, and the way back.
fn outcome(approval: &Approval, state: State, now: i64) -> AnyView {
    let (noun, nothing) = (&approval.noun, &approval.undone);
    let when = approval.decided_at.map(|at| view! { " "{time::ago_view(now, at)} });
    let client = approval.client.clone();
    let (class, glyph, what, then) = match state {
        State::Approved | State::Waiting => (
            "outcome good",
            Glyph::Check,
            tr!("You approved this", "Du hast das freigegeben"),
            match (&approval.receipt, &approval.message) {
                (Receipt::Came { says, .. }, _) => plain(says),
                (_, None) => tr!(
                    format!("{client} can use your approval for this {noun}, once."),
                    format!("{client} kann deine Freigabe einmal benutzen.")
                ),
                (_, Some(_)) => tr!(
                    format!("{client} has this access for 10 minutes from your approval."),
                    format!("{client} hat diesen Zugriff 10 Minuten lang ab deiner Freigabe.")
                ),
            },
        ),
        State::Used => (
            "outcome good",
            Glyph::Check,
            tr!("You approved this", "Du hast das freigegeben"),
            match (&approval.receipt, &approval.message) {
                (Receipt::Came { says, .. }, _) => plain(says),
                (_, None) => tr!(
                    format!("It was handed on for this {noun}, once. {client} tells you how it went."),
                    format!("Sie wurde einmal weitergegeben. {client} sagt dir, wie es ausging.")
                ),
                (_, Some(_)) => tr!(
                    format!("{client} has used this access. It ends 10 minutes after your approval."),
                    format!("{client} hat diesen Zugriff benutzt. Er endet 10 Minuten nach deiner Freigabe.")
                ),
            },
        ),
        State::Ended => (
            "outcome bad",
            Glyph::Cross,
            tr!("You approved this", "Du hast das freigegeben"),
            match &approval.receipt {
                Receipt::Came { says, .. } => tr!(
                    format!("Then you revoked it. {}", plain(says)),
                    format!("Dann hast du es widerrufen. {}", plain(says))
                ),
                _ if approval.handed_on => {
                    let account = plain(&approval.account);
                    tr!(
                        format!(
                            "Then you revoked it. {client} already had it, so see at {account} whether it was used."
                        ),
                        format!(
                            "Dann hast du es widerrufen. {client} hatte es schon: Sieh bei {account} nach, ob es benutzt wurde."
                        )
                    )
                }
                _ => tr!(
                    format!("Then you revoked it, before {client} used it. {nothing}"),
                    format!("Dann hast du es widerrufen, bevor {client} es benutzt hat. {nothing}")
                ),
            },
        ),
        State::Denied => (
            "outcome bad",
            Glyph::Cross,
            tr!("You denied this", "Du hast das abgelehnt"),
            tr!(format!("{nothing} {client} was notified."), format!("{nothing} {client} wurde benachrichtigt.")),
        ),
        State::Withdrawn => (
            "outcome",
            Glyph::Close,
            tr!("This was withdrawn", "Das wurde zurückgezogen"),
            tr!(
                format!("{nothing} Ask again if you still want it."),
                format!("{nothing} Frag noch einmal, wenn du es noch willst.")
            ),
        ),
        State::Expired => (
            "outcome",
            Glyph::Clock,
            tr!("Nobody decided in time", "Niemand hat rechtzeitig entschieden"),
            tr!(
                format!("{nothing} Ask again if you still want it."),
                format!("{nothing} Frag noch einmal, wenn du es noch willst.")
            ),
        ),
    };
    // An expired request has no decision, so its deadline is its end.
    let when = if state == State::Expired {
        Some(view! { {tr!(": it ended ", ": Es endete ")}{time::ago_view(now, approval.expires_at)} }.into_any())
    } else {
        when.map(IntoAny::into_any)
    };
    let back = approval.back.clone().map(|href| {
        view! { <a class="button wide decide primary" href=href><span>{tr!("Back to ", "Zurück zu ")}<bdi>{approval.client.clone()}</bdi></span>{icon(Glyph::Arrow)}</a> }
    });
    let receipt = match &approval.receipt {
        Receipt::Came { page: Some((words, href)), .. } => {
            Some(view! { <p><a href=href.clone()>{words.clone()}</a></p> })
        }
        Receipt::Came { page: None, .. } | Receipt::None | Receipt::OnItsWay => None,
    };
    view! {
        <div class="stack">
            <div class=class>
                {icon(glyph)}
                <div><p><strong>{what}</strong>{when}"."</p><p>{then}</p>{receipt}</div>
            </div>
            {back}
        </div>
    }
    .into_any()
}

/// The content of the page's live part in short: the script replaces the part only if this has changed.
pub(super) fn live(approval: &Approval, state: State) -> String {
    match &approval.receipt {
        Receipt::Came { says, .. } => format!("{state:?} {says}"),
        Receipt::None | Receipt::OnItsWay => {
            format!("{state:?} {} {}", approval.same.len(), approval.extended_at.unwrap_or_default())
        }
    }
}

/// The screen reader's announcement after a change.
pub(super) fn announcement(approval: &Approval, state: State) -> String {
    match &approval.receipt {
        Receipt::Came { says, .. } => plain(says),
        _ if state == State::Waiting && approval.extended_at.is_some() => {
            tr!("It waits 5 minutes longer.", "Es wartet 5 Minuten länger.").into()
        }
        Receipt::None | Receipt::OnItsWay => state_word(state).to_owned(),
    }
}

/// An unobtrusive way to stop an agent that the person didn't ask (THREATS.md line 32).
pub(super) fn block(approval: &Approval, csrf_token: &str) -> AnyView {
    let app = approval.app.clone();
    view! {
        <details class="more block">
            <summary>{icon(Glyph::Chevron)}{tr!("You didn’t ask for this?", "Das wolltest du nicht?")}</summary>
            <form method="post" action=format!("/approvals/{}", approval.id)>
                {csrf_field(csrf_token)}
                <input type="hidden" name="shown" value=approval.shown() />
                <p>
                    {tr!("Deny it. If such requests keep coming, block ", "Lehne es ab. Wenn weiter solche Anfragen kommen, blockiere ")}
                    <bdi>{app.clone()}</bdi>
                    {tr!(
                        ": all that it waits for is denied, what you approved for it and isn’t placed yet ends, and it can’t \
                         ask you again until you unblock it.",
                        ": Alles, worauf es wartet, wird abgelehnt, was du ihm freigegeben hast und noch nicht ausgeführt ist, \
                         endet, und es kann dich nicht mehr fragen, bis du das aufhebst."
                    )}
                </p>
                <button class="button danger" name="decision" value="block">
                    {icon(Glyph::Ban)}<span>{tr!("Deny and block ", "Ablehnen und blockieren: ")}<bdi>{app}</bdi></span>
                </button>
            </form>
        </details>
    }
    .into_any()
}

/// The time left until `end`, for a waiting request.
fn waits(now: i64, end: i64) -> AnyView {
    view! { <span>{tr!("Waits for you", "Wartet auf dich")}</span><span aria-hidden="true">"·"</span>{time::left_view(now, end)} }.into_any()
}
