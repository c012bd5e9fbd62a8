//! Draws a step's requests as a sequence diagram (SVG) and lists them as text: the reader's own, as the sites recorded
//! them, or those of the reference recording.

use ::agent::workshop::{Check, STEPS, Workshop};
use leptos::prelude::*;
use shared::recording::Shape;

use super::{
    own,
    recording::{self, Party, Request},
};
use crate::{
    notes,
    ui::{Glyph, icon, time},
    words::workshop as words,
};

/// Width of a lane, height of a request, and height of the names, in units of the drawing.
const LANE: usize = 150;
const ROW: usize = 40;
const NAMES: usize = 36;

fn name(lane: Party, step: usize, words: &'static words::Workshop) -> &'static str {
    let lanes = &words.lanes;
    match lane {
        Party::You if recording::is_of_app(step) => lanes.app,
        Party::You => lanes.you,
        Party::Chat => lanes.chat,
        Party::Model => lanes.model,
        Party::Identity => lanes.identity,
        Party::StockTrade => lanes.stocktrade,
    }
}

/// The requests of the page's step.
pub(super) fn draw(page: &Workshop, words: &'static words::Workshop) -> AnyView {
    let requests = recording::STEPS[page.step - 1];
    let records = page.recording.as_ref().map_or(&[][..], |recording| &recording.records);
    // An app of step 7 makes the same requests as step 5's client. Until one has called, the records are that
    // client's, so they aren't shown.
    let is_known = page.step < STEPS || matches!(page.checks[page.step - 1], Check::Done { .. });
    let own = own::find(requests, if is_known { records } else { &[] });
    // Only the parties that take part get a lane.
    let takes_part = |lane: &Party| requests.iter().any(|it| it.from == *lane || it.to == *lane);
    let lanes: Vec<Party> = Party::ALL.into_iter().filter(takes_part).collect();
    let middle = |lane: Party| lanes.iter().position(|it| *it == lane).unwrap_or(0) * LANE + LANE / 2;
    let (width, height) = (lanes.len() * LANE, NAMES + requests.len() * ROW + 10);
    let heads = lanes.iter().map(|lane| {
        let x = middle(*lane);
        view! {
            <line class="diagram-lane" x1=x y1=NAMES x2=x y2=height></line>
            <text class="diagram-name" x=x y="20" text-anchor="middle">{name(*lane, page.step, words)}</text>
        }
    });
    let arrows = requests.iter().enumerate().map(|(at, request)| arrow(request, at, &middle));
    let recorded = |at: usize| own.as_ref().map(|own| own[at]);
    let rows = requests.iter().enumerate().map(|(at, request)| row(page, request, recorded(at), words)).collect_view();
    let here = super::address(page.step);
    view! {
        <figure class="diagram">
            <div class="diagram-wide" tabindex="0" role="group" aria-label=words.who>
                <svg viewBox=format!("0 0 {width} {height}") width=width height=height aria-hidden="true" focusable="false">
                    {heads.collect_view()}{arrows.collect_view()}
                </svg>
            </div>
            <figcaption>
                <p class="muted small" data-live=here.clone()>{match own {
                    Some(_) => words.flowed.to_owned(),
                    None => words.recorded.replace("{}", &page.step.to_string()),
                }}</p>
                <ol class="diagram-text">{rows}</ol>
                <div data-live=here>{state(page, words)}</div>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// A request, its recorded result, and the reason for it. Only the recorded parts are replaced when they change
/// (live.js), so that an open row stays open. `recorded`: `None` if too little of the step was recorded, otherwise the
/// reader's own request, if it was recorded.
fn row(
    page: &Workshop,
    request: &Request,
    recorded: Option<Option<&Shape>>,
    words: &'static words::Workshop,
) -> AnyView {
    let here = super::address(page.step);
    let name = |lane| name(lane, page.step, words);
    let result = match recorded {
        Some(Some(own)) => format!(" → {} · {}\u{a0}ms", own.status, own.ms),
        Some(None) if request.names_nobody => format!(" · {}", words.of_nobody),
        Some(None) => format!(" · {}", words.unrecorded),
        None => String::new(),
    };
    let line = view! {
        {name(request.from)}" → "{name(request.to)}": "<code>{request.method}" "{request.path}</code>
        <span data-live=here.clone()>{result}</span>
    };
    let number = recorded.flatten().and_then(|it| {
        let site = match it.site {
            Party::Identity => &page.identity,
            Party::StockTrade => page.stocktrade.as_ref()?,
            _ => return None,
        };
        let href = format!("{site}/recording?step={}#r{}", page.step, it.number);
        let parameters = words.parameters.replace("{}", &it.number.to_string());
        Some(view! { <a class="target" href=href>{parameters}" "{name(it.site)}</a> })
    });
    let note = notes::request(request.to, request.method, request.path, None);
    let more = view! { {note.map(|note| notes::view(&note, "/workshop"))}<p class="small" data-live=here>{number}</p> };
    view! { <li><details class="more"><summary>{icon(Glyph::Chevron)}<span>{line}</span></summary>{more}</details></li> }
        .into_any()
}

/// Says whether the reader's requests are recorded, with a link to turn it on if the operator allows recording.
fn state(page: &Workshop, words: &'static words::Workshop) -> Option<AnyView> {
    let Some(recording) = page.recording.as_ref() else {
        let later = page.frame.person.is_none() && page.step > 2;
        return later.then(|| view! { <p class="muted">{words.record_later}</p> }.into_any());
    };
    if !recording.allowed {
        return Some(view! { <p class="muted">{words.record_off}</p> }.into_any());
    }
    let link = |words: &'static str| view! { <a class="target" href=format!("{}/recording?step={}", page.identity, page.step)>{words}</a> };
    Some(match recording.until {
        Some(until) => {
            view! { <p>{words.recording}" "{time::clock_view(page.now, until)}". "{link(words.all_records)}</p> }
                .into_any()
        }
        None => view! { <p>{link(words.record)}" "{words.record_says}</p> }.into_any(),
    })
}

fn arrow(request: &Request, at: usize, middle: &impl Fn(Party) -> usize) -> AnyView {
    let (from, to) = (middle(request.from), middle(request.to));
    let y = NAMES + at * ROW + ROW - 10;
    if from == to {
        // A request within one site: StockTrade asks its own login service.
        let line = format!("M{from} {}h24v12h-17", y - 8);
        let head = format!("M{from} {}l7 -4v8z", y + 4);
        return view! {
            <path class="diagram-arrow" fill="none" d=line></path>
            <path class="diagram-head" d=head></path>
            <text class="diagram-what" x=from + 32 y=y + 2>{at + 1}</text>
        }
        .into_any();
    }
    let (left, right) = (from.min(to), from.max(to));
    let head = if from < to { format!("M{to} {y}l-7 -4v8z") } else { format!("M{to} {y}l7 -4v8z") };
    view! {
        <line class="diagram-arrow" x1=from y1=y x2=to y2=y></line>
        <path class="diagram-head" d=head></path>
        <text class="diagram-what" x=(left + right) / 2 y=y - 6 text-anchor="middle">{at + 1}</text>
    }
    .into_any()
}
