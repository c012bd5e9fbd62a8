//! Draws a step's requests as a sequence diagram (SVG), with the same as text.

use leptos::prelude::*;

use super::recording::{self, Lane, Request};
use crate::words::workshop as words;

/// Width of a lane, height of a request, and height of the names, in units of the drawing.
const LANE: usize = 150;
const ROW: usize = 40;
const NAMES: usize = 36;

fn name(lane: Lane, words: &'static words::Workshop) -> &'static str {
    let lanes = &words.lanes;
    match lane {
        Lane::You => lanes.you,
        Lane::Chat => lanes.chat,
        Lane::Model => lanes.model,
        Lane::Identity => lanes.identity,
        Lane::StockTrade => lanes.stocktrade,
    }
}

/// The requests of a step, from 1.
pub(super) fn draw(step: usize, words: &'static words::Workshop) -> AnyView {
    let requests = recording::STEPS[step - 1];
    // Only the lanes that take part.
    let takes_part = |lane: &Lane| requests.iter().any(|it| it.from == *lane || it.to == *lane);
    let lanes: Vec<Lane> = Lane::ALL.into_iter().filter(takes_part).collect();
    let middle = |lane: Lane| lanes.iter().position(|it| *it == lane).unwrap_or(0) * LANE + LANE / 2;
    let (width, height) = (lanes.len() * LANE, NAMES + requests.len() * ROW + 10);
    let heads = lanes.iter().map(|lane| {
        let x = middle(*lane);
        view! {
            <line class="diagram-lane" x1=x y1=NAMES x2=x y2=height></line>
            <text class="diagram-name" x=x y="20" text-anchor="middle">{name(*lane, words)}</text>
        }
    });
    let arrows = requests.iter().enumerate().map(|(at, request)| arrow(request, at, &middle));
    let rows = requests.iter().map(|request| {
        view! {
            <li>
                {name(request.from, words)}" → "{name(request.to, words)}": "
                <code>{request.method}" "{request.path}</code>
            </li>
        }
    });
    view! {
        <figure class="diagram">
            <div class="diagram-wide" tabindex="0" role="group" aria-label=words.who>
                <svg viewBox=format!("0 0 {width} {height}") width=width height=height aria-hidden="true" focusable="false">
                    {heads.collect_view()}{arrows.collect_view()}
                </svg>
            </div>
            <figcaption>
                <p class="muted small">{words.recorded.replace("{}", &step.to_string())}</p>
                <ol class="diagram-text">{rows.collect_view()}</ol>
            </figcaption>
        </figure>
    }
    .into_any()
}

fn arrow(request: &Request, at: usize, middle: &impl Fn(Lane) -> usize) -> AnyView {
    let (from, to) = (middle(request.from), middle(request.to));
    let y = NAMES + at * ROW + ROW - 10;
    if from == to {
        // A site asks itself: StockTrade its own login service.
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
