//! The transcript as HTML, rendered on the server: whole pages, and one item after an event. A button names its action
//! in `data-act`, and `public/times.js` keeps times current.

use ::agent::page::Around;
use foundation::{lang, tr};
use leptos::prelude::*;
use shared::chat::{Card, CardBody, Event, Item, Kind, Outcome, Transcript, Update};

use super::{announce, approval, call, cards, prose, ways};
use crate::{
    shell::fragment,
    ui::{Glyph, as_html, icon, time},
};

/// A page of the transcript.
pub fn page(transcript: &Transcript, around: &Around) -> String {
    lang::within(around.lang, || items(transcript, around))
}

fn items(transcript: &Transcript, around: &Around) -> String {
    let earlier = transcript.before.map(|before| earlier(before, around)).unwrap_or_default();
    let items = transcript.items.iter().zip(&transcript.places).map(|(item, place)| whole(item, *place, around));
    std::iter::once(earlier).chain(items).collect()
}

/// An event as browsers receive it.
pub fn update(event: &Event, around: &Around) -> Update {
    lang::within(around.lang, || item(event, around))
}

fn item(event: &Event, around: &Around) -> Update {
    let mut update = Update { seq: event.seq, place: event.place, ..Update::default() };
    let item = match event.kind.clone() {
        Kind::Title { title } => {
            update.title = Some(title);
            return update;
        }
        // Rendered as a whole page.
        Kind::Branch { .. } => return update,
        Kind::Deleted { undone } => {
            update.deleted = !undone;
            return update;
        }
        Kind::Block { turn, part, block: number, html } => {
            update.say = announce::block(&html);
            (update.key, update.block, update.html) = (format!("t{turn}.{part}"), Some(number), block(number, &html));
            return update;
        }
        Kind::Drop { turn, part, block } => {
            (update.key, update.block) = (format!("t{turn}.{part}"), Some(block));
            return update;
        }
        Kind::Turn { turn } => {
            (update.key, update.running) = (format!("e{turn}"), Some((turn, true)));
            return update;
        }
        Kind::End { turn, outcome } => {
            (update.key, update.running) = (format!("e{turn}"), Some((turn.clone(), false)));
            match outcome {
                Outcome::Failed { message, retry, continues } => Item::Failed { turn, message, retry, continues },
                Outcome::Cancelled => Item::Cancelled { turn, continues: false },
                Outcome::Stopped => Item::Cancelled { turn, continues: true },
                Outcome::Done => Item::Done { turn },
                Outcome::Waiting => return update,
            }
        }
        Kind::Message { id, text } => Item::Message { id, text, at: event.at },
        Kind::Call(call) => Item::Call(call),
        Kind::Card(card) => Item::Card(card),
    };
    update.say = announce::said(&item);
    update.html = whole(&item, event.place, around);
    update.key = item.key();
    update
}

fn whole(item: &Item, place: i64, around: &Around) -> String {
    let (class, shown) = match item {
        Item::Message { id, text, at } => ("said-by-person", message(id, text, *at, around)),
        Item::Text { blocks, tail, .. } => ("said-by-agent", said(blocks, tail)),
        Item::Call(known) => ("called", fragment(call::call(known, around.now))),
        Item::Card(known) => {
            let is_approval = matches!(known.body, CardBody::Approval(_));
            (if is_approval { "asked approval" } else { "asked" }, fragment(card(known, around)))
        }
        Item::Failed { turn, message, retry, continues } => {
            ("ended", fragment(failed(turn, message, *retry, *continues, around)))
        }
        Item::Cancelled { turn, continues } => ("ended", fragment(cancelled(turn, *continues, around))),
        Item::Done { turn } => ("ended", fragment(ways::of_answer(turn, false, around))),
    };
    // Ids that we made: letters, digits and dots.
    let key = as_html(&item.key());
    format!(r#"<li id="i-{key}" class="{class}" data-place="{place}">{shown}</li>"#)
}

fn message(id: &str, text: &str, at: i64, around: &Around) -> String {
    fragment(
        view! {
            <span class="visually-hidden">{tr!("You wrote ", "Du schriebst ")}{time::ago_view(at, at)}":"</span>
            <div class="bubble" dir="auto" title=time::exact(at)>{text.to_owned()}</div>
            {ways::of_message(id, around)}
        }
        .into_any(),
    )
}

/// Finished blocks, then the open end as text.
fn said(blocks: &[String], tail: &str) -> String {
    let blocks = (0..).zip(blocks).filter(|(_, html)| !html.is_empty()).map(|(number, html)| block(number, html));
    let tail = if tail.is_empty() {
        String::new()
    } else {
        format!(r#"<p class="prose-tail" dir="auto">{}</p>"#, as_html(tail))
    };
    blocks.chain([tail]).collect()
}

/// A finished block is HTML that the agent made and sanitised (THREATS.md line 45).
fn block(number: u32, block: &str) -> String {
    format!(r#"<div class="prose" dir="auto" data-block="{number}">{}</div>"#, prose::dressed(block))
}

fn cancelled(turn: &str, continues: bool, around: &Around) -> AnyView {
    view! {
        <p class="muted small">{tr!("You stopped this answer.", "Du hast diese Antwort angehalten.")}</p>
        {ways::of_answer(turn, continues, around)}
    }
    .into_any()
}

fn card(card: &Card, around: &Around) -> AnyView {
    match &card.body {
        CardBody::Login { href, done } => cards::login(href.clone(), *done),
        CardBody::Connect { name, scopes, german, href, state } => {
            let scopes = tr!(scopes, if german.is_empty() { scopes } else { german });
            cards::connect(name.clone(), scopes.clone(), href.clone(), *state)
        }
        CardBody::Approval(asked) => approval::approval(&card.call, &asked.read_in(lang::current()), around),
    }
}

fn failed(turn: &str, message: &str, retry: bool, continues: bool, around: &Around) -> AnyView {
    let again = retry.then(|| {
        view! {
            <button type="button" class="button" data-act=format!("turns/{turn}/retry") disabled=!around.live>
                {icon(Glyph::Retry)}{if continues { tr!("Continue", "Fortsetzen") } else { tr!("Retry", "Noch einmal") }}
            </button>
        }
    });
    view! {
        <div class="note bad turn-failed">
            {icon(Glyph::Alert)}
            <div>
                <p>{message.to_owned()}</p>
                <p class="small" role="alert" data-fault hidden></p>
            </div>
            {cards::way_in(around)}
            {again}
        </div>
        {ways::of_failed(turn, around)}
    }
    .into_any()
}

/// The place at which the items before this position are loaded when the reader scrolls to it.
fn earlier(before: i64, around: &Around) -> String {
    let href = format!("/t/{}?before={before}", around.thread.as_deref().unwrap_or_default());
    fragment(
        view! {
            <li class="earlier" data-place="0" data-before=before.to_string()>
                <a class="button quiet" href=href data-act="earlier">{tr!("Earlier messages", "Frühere Nachrichten")}</a>
            </li>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use shared::chat::Call;

    use super::*;

    fn around() -> Around {
        Around {
            now: 0,
            thread: Some("thr_1".into()),
            orders: String::new(),
            approvals: String::new(),
            live: true,
            lang: lang::Lang::En,
            versions: Vec::new(),
        }
    }

    fn event(kind: Kind) -> Event {
        Event { seq: 7, at: 0, place: 3, hidden: false, kind }
    }

    #[test]
    fn page_and_update_show_the_same() {
        let call = Call {
            turn: "t".into(),
            call: "c".into(),
            tool: "whoami".into(),
            input: "{}".into(),
            state: shared::chat::CallState::Failed { summary: "s".into(), output: "o".into(), ms: 4 },
        };
        for kind in [
            Kind::Message { id: "m".into(), text: "<b>\"Hi\"</b>".into() },
            Kind::Call(call),
            Kind::End {
                turn: "t".into(),
                outcome: Outcome::Failed { message: "m".into(), retry: true, continues: false },
            },
        ] {
            let event = event(kind);
            let shown = update(&event, &around());
            assert_eq!(page(&Transcript::from_events([event]), &around()), shown.html);
            assert!(shown.html.starts_with(&format!("<li id=\"i-{}\"", shown.key)), "{}", shown.html);
            assert!(!shown.html.contains("<b>") && !shown.html.contains("<!>"), "{}", shown.html);
        }
    }

    #[test]
    fn line_45_open_text_is_escaped() {
        let text = said(&["<p>a</p>".into(), String::new()], "<img src=x onerror=alert(1)>");
        assert_eq!(
            text,
            "<div class=\"prose\" dir=\"auto\" data-block=\"0\"><p>a</p></div>\
             <p class=\"prose-tail\" dir=\"auto\">&lt;img src=x onerror=alert(1)&gt;</p>"
        );
    }

    #[test]
    fn dropped_block_removes_its_html() {
        let dropped = update(&event(Kind::Drop { turn: "t".into(), part: 0, block: 2 }), &around());
        assert_eq!((dropped.key.as_str(), dropped.block, dropped.html.as_str()), ("tt.0", Some(2), ""));
        let ended = update(&event(Kind::End { turn: "t".into(), outcome: Outcome::Done }), &around());
        assert_eq!((ended.key.as_str(), ended.running), ("et", Some(("t".into(), false))));
        assert!(ended.html.contains("data-source=\"/api/threads/thr_1/turns/t/markdown\""), "{}", ended.html);
        let waits = update(&event(Kind::End { turn: "t".into(), outcome: Outcome::Waiting }), &around());
        assert_eq!((waits.key.as_str(), waits.running, waits.html.as_str()), ("et", Some(("t".into(), false)), ""));
    }
}
