//! The live parts beside the transcript: the list of chats, the number of waiting requests, and suggestions.
//! `public/list.js` groups the list in the reader's time zone, loads older chats on scrolling, and keeps all current.

use ::agent::page::Beside;
use foundation::tr;
use leptos::prelude::*;
use shared::chat::{THREADS_PAGE, ThreadState, ThreadSummary};

use crate::{
    assets,
    shell::fragment,
    ui::{Glyph, icon, time, waits},
};

/// The newest chats, grouped by their last day (UTC), and a link to the older ones.
pub(super) fn groups(threads: &[ThreadSummary], current: Option<&str>, now: i64) -> AnyView {
    if threads.is_empty() {
        return view! { <p class="threads-none">{tr!("Your chats will be listed here.", "Hier werden deine Chats stehen.")}</p> }.into_any();
    }
    let groups = threads.chunk_by(|a, b| day(a.updated_at, now) == day(b.updated_at, now)).map(|threads| {
        let rows = threads.iter().map(|thread| row(thread, current)).collect_view();
        view! { <h2 class="threads-day">{day(threads[0].updated_at, now)}</h2><ul class="threads-list">{rows}</ul> }
    });
    view! { {groups.collect_view()}{older(threads)} }.into_any()
}

/// The live parts beside the transcript, for the page's script.
pub fn beside(beside: &Beside) -> String {
    let rows = beside.threads.iter().map(|thread| fragment(row(thread, None)));
    let others = [fragment(waits(beside.waiting)), fragment(suggestions(&beside.suggestions, true))];
    rows.chain(older(&beside.threads).map(fragment)).chain(others).collect()
}

/// Suggestions for the next message. `live`: whether the page's script runs.
pub(super) fn suggestions(texts: &[String], live: bool) -> AnyView {
    let buttons = texts.iter().map(|text| {
        view! { <li><button type="button" class="button" data-act="ask" data-text=text.clone() disabled=!live>{text.clone()}</button></li> }
    });
    view! { <ul class="suggestions" id="suggestions" aria-label=tr!("Suggestions", "Vorschläge") hidden=texts.is_empty()>{buttons.collect_view()}</ul> }
        .into_any()
}

fn row(thread: &ThreadSummary, current: Option<&str>) -> AnyView {
    let ThreadSummary { id, title, updated_at, .. } = thread.clone();
    let state = match thread.state {
        ThreadState::Quiet => None,
        ThreadState::Running => Some(("threads-running", tr!("The agent is working", "Der Agent arbeitet"))),
        ThreadState::Waiting => Some(("threads-waiting", tr!("Waits for you", "Wartet auf dich"))),
    };
    let mark = state.map(|(class, words)| {
        view! { <span class=class title=words><span class="visually-hidden">{words}</span></span> }
    });
    let here = (current == Some(id.as_str())).then_some("page");
    let dialog = assets::current().public("dialog.js");
    view! {
        <li id=format!("l-{id}") data-at=updated_at.to_string()>
            <a class="threads-thread" href=format!("/t/{id}") aria-current=here>
                <span class="threads-title" dir="auto" title=title.clone()>{title.clone()}</span>
                {mark}
            </a>
            <a class="threads-edit" href=format!("/t/{id}/edit") data-use=dialog title=tr!("Rename or delete", "Umbenennen oder löschen")>
                {icon(Glyph::Pencil)}
                <span class="visually-hidden">{tr!("Rename or delete “", "„")}<bdi>{title}</bdi>{tr!("”", "“ umbenennen oder löschen")}</span>
            </a>
        </li>
    }
    .into_any()
}

/// The link to the chats after these.
fn older(threads: &[ThreadSummary]) -> Option<AnyView> {
    let last = threads.last().filter(|_| threads.len() >= THREADS_PAGE)?;
    let after = format!("after={}&updated_at={}", last.id, last.updated_at);
    let (page, rows) = (format!("/chats?{after}"), format!("/api/threads?html&{after}"));
    Some(
        view! { <a class="button quiet wide threads-older" href=page data-older=rows>{tr!("Show older chats", "Ältere Chats zeigen")}</a> }
            .into_any(),
    )
}

/// The day of a time, in UTC: `Today`, `Yesterday`, `Previous 7 days`, `October 2026`.
fn day(at: i64, now: i64) -> String {
    let day = |at: i64| at.div_euclid(86_400_000);
    let [today, yesterday, week] = days();
    match day(now) - day(at) {
        ..=0 => today.into(),
        1 => yesterday.into(),
        2..=7 => week.into(),
        _ => time::month(at),
    }
}

/// Names of the most recent days, also used by `public/list.js`.
pub(super) fn days() -> [&'static str; 3] {
    tr!(["Today", "Yesterday", "Previous 7 days"], ["Heute", "Gestern", "Letzte 7 Tage"])
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn days_are_named() {
        // 24 November 2026, 08:06:42 UTC.
        let now = 1_795_507_602_123;
        let midnight = now - now % DAY;
        for (at, name) in [
            (now + 5, "Today"),
            (midnight, "Today"),
            (midnight - 1, "Yesterday"),
            (midnight - DAY, "Yesterday"),
            (midnight - DAY - 1, "Previous 7 days"),
            (midnight - 7 * DAY, "Previous 7 days"),
            (midnight - 7 * DAY - 1, "November 2026"),
            (midnight - 30 * DAY, "October 2026"),
        ] {
            assert_eq!(day(at, now), name);
        }
    }

    #[test]
    fn rows_say_their_state_and_lead_to_the_next_page() {
        let thread = |number: usize, state| ThreadSummary {
            id: format!("thr_{number}"),
            title: "<b>Hi</b>".into(),
            updated_at: 7,
            state,
        };
        let of = |threads| beside(&Beside { threads, waiting: 2, suggestions: vec!["Buy <5>".into()] });
        let waiting = of(vec![thread(1, ThreadState::Waiting), thread(2, ThreadState::Quiet)]);
        assert!(waiting.contains("Waits for you") && !waiting.contains("<b>") && !waiting.contains("<!>"), "{waiting}");
        assert!(
            !waiting.contains("threads-older")
                && waiting.contains("data-waits=\"\" class=\"waits\">2<")
                && waiting.contains("Buy &lt;5&gt;"),
            "{waiting}"
        );
        let many: Vec<_> = (0..THREADS_PAGE).map(|number| thread(number, ThreadState::Running)).collect();
        let last = format!("/api/threads?html&amp;after=thr_{}&amp;updated_at=7", THREADS_PAGE - 1);
        assert!(of(many.clone()).contains(&last), "{}", of(many.clone()));
    }
}
