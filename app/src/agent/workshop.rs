//! `/workshop`: seven steps, each with a reason, its requests, something to try and to break, and a check.

mod attempts;
mod beside;
mod diagram;
pub mod end;
mod own;
pub mod recording;

use ::agent::{
    page::Frame,
    workshop::{CLIENT, Check, STEPS, Workshop},
};
use foundation::guard::PAGE_POLICY;
use leptos::prelude::*;

use super::topbar::topbar;
use crate::{
    shell::{self, Head},
    ui::{Glyph, Site, Tone, csrf_field, escaped, foot, icon, note, time},
    words::{self as all, workshop as words},
};

/// The step that an attempt to buy turns green.
const READ: usize = 4;

/// The step with a client in its page.
const APP: usize = 5;

/// The page of a step as a whole document.
pub fn render(page: &Workshop) -> String {
    let words = &all::words().workshop;
    let title = words.each[page.step - 1].title;
    let mut head = Head::new(Site::Agent, format!("{title} · {} · Mandate", words.title));
    head.scripts = match page.step {
        APP => &["html.js", "times.js", "drafts.js", "live.js", "back.js", "workshop.js"],
        _ => &["html.js", "times.js", "drafts.js", "live.js", "back.js"],
    };
    head.sheet = Some("guide");
    shell::html(&head, || view(page, words))
}

/// The page's policy: the client in the page of step 5 also calls the identity service.
pub fn policy(page: &Workshop) -> String {
    if page.step == APP {
        PAGE_POLICY.replace("connect-src 'self'", &format!("connect-src 'self' {}", page.identity))
    } else {
        PAGE_POLICY.into()
    }
}

/// A step's address.
fn address(step: usize) -> String {
    format!("/workshop/{step}")
}

fn view(page: &Workshop, words: &'static words::Workshop) -> AnyView {
    let step = &words.each[page.step - 1];
    let path = format!("/workshop/{}", page.step);
    let here = path.clone();
    let attempts = view! { <div class="workshop-acts" data-live=here.clone()>{attempts::buttons(page, words)}</div> };
    // This step requires the attempt, so its button is under *Try it*.
    let (tries, breaks) = if page.step == READ { (Some(attempts), None) } else { (None, Some(attempts)) };
    view! {
        {topbar(&page.frame, &path)}
        <div class="workshop">
            <nav class="workshop-steps" aria-label=words.steps data-live=here.clone()>{steps(page, words)}</nav>
            <main id="content" class="guide workshop-step" tabindex="-1">
                <div class="page-head">
                    <p class="muted small">{words.title}" "{page.step}"/"{STEPS}</p>
                    <h1>{step.title}</h1>
                    {(page.step == 1).then(|| view! { <p class="muted">{words.lead}</p> })}
                </div>
                <section aria-labelledby="why"><h2 id="why">{words.why}</h2><p>{step.why}</p>{terms(step, words)}</section>
                <section class="card guide-way" aria-labelledby="try">
                    <h2 id="try">{words.try_it}</h2>
                    <p>{step.try_it}</p>
                    {actions(page, words, step, &path)}
                    {tries}
                </section>
                <section class="guide-check" aria-labelledby="check">
                    <h2 id="check">{words.check}</h2>
                    <p class="muted">{step.green}</p>
                    <div data-live=here.clone()>{check(page, words)}</div>
                </section>
                <section aria-labelledby="who">
                    <h2 id="who">{words.who}</h2>
                    {diagram::draw(page, words)}
                </section>
                <section class="card guide-way" aria-labelledby="break">
                    <h2 id="break">{words.break_it}</h2>
                    <p>{step.break_it}</p>
                    {breaks}
                </section>
                {beside::sides(page, words)}
                {(page.step == STEPS).then(|| closing(words))}
                {ways(page, words)}
                {(!page.frame.csrf_token.is_empty()).then(|| again(&page.frame, words))}
            </main>
        </div>
        {foot()}
    }
    .into_any()
}

fn steps(page: &Workshop, words: &'static words::Workshop) -> AnyView {
    let each = words.each.iter().zip(&page.checks).enumerate().map(|(at, (step, check))| {
        let (mark, state, class) = match check {
            Check::Done { .. } => (Glyph::Check, words.done, "done"),
            Check::Missing(_) => (Glyph::Open, words.open, "open"),
            Check::Impossible(_) => (Glyph::Dash, words.out, "out"),
        };
        let current = (at + 1 == page.step).then_some("step");
        view! {
            <li>
                <a class=class href=address(at + 1) aria-current=current>
                    {icon(mark)}
                    <span>{at + 1}<span class="workshop-steps-title">" "{step.title}</span><span class="visually-hidden">", "{state}</span></span>
                </a>
            </li>
        }
    });
    view! { <ol>{each.collect_view()}</ol> }.into_any()
}

/// The explained terms of a step.
fn terms(step: &words::Step, words: &words::Workshop) -> Option<AnyView> {
    let each = step.terms.iter().map(|(term, means)| view! { <div><dt>{*term}</dt><dd>{*means}"."</dd></div> });
    let list = (!step.terms.is_empty()).then(|| each.collect_view())?;
    Some(view! { <dl class="workshop-terms" aria-label=words.terms>{list}</dl> }.into_any())
}

/// The summary below the last step.
fn closing(words: &words::Workshop) -> AnyView {
    let says = words.closing_says.map(|says| view! { <li>{says}</li> });
    view! {
        <section aria-labelledby="closing"><h2 id="closing">{words.closing}</h2><ul class="workshop-closing">{says}</ul></section>
    }
    .into_any()
}

/// The actions of this step.
fn actions(page: &Workshop, words: &'static words::Workshop, step: &'static words::Step, path: &str) -> AnyView {
    let logged_in = page.frame.person.is_some();
    if let (1, Some(sentence)) = (page.step, step.sentence) {
        return view! {
            <form method="post" action="/workshop/ask" class="form">
                <label class="label" for="text">{words.text}</label>
                <input class="input" id="text" name="text" value=sentence maxlength="500" required=true />
                <div class="row"><button class="button primary">{words.ask_bare}</button></div>
            </form>
        }
        .into_any();
    }
    let back = escaped(path);
    let log_in = (page.step > 2 && !logged_in)
        .then(|| view! { <a class="button primary" href=format!("/auth/login?returnTo={back}")>{words.log_in}</a> });
    let connect = (page.step == READ && logged_in && page.holds.account.is_none()).then(
        || view! { <a class="button primary" href=format!("/accounts/connect?returnTo={back}")>{words.connect}</a> },
    );
    // live.js puts the sentence where the chat keeps a draft. Without scripts, the reader copies it.
    let chat = step.sentence.map(|sentence| {
        let who = page.frame.who.clone().unwrap_or_default();
        view! {
            <blockquote class="quote">{sentence}</blockquote>
            <a class="button" href="/" data-say=sentence data-who=who>{words.open_chat}</a>
        }
    });
    let mcp = matches!(page.step, 5 | 7).then(|| view! { <a class="button" href="/mcp">{words.to_mcp}</a> });
    let client = (page.step == APP && logged_in).then(|| {
        view! {
            <button type="button" class="button primary" data-client=page.mcp.clone() data-name=CLIENT hidden=true>{words.client}</button>
            <ol class="diagram-text workshop-log" data-client-log="" role="status" hidden=true></ol>
            <button type="button" class="button" data-client-other="bob@example.com" hidden=true>{words.client_other}</button>
        }
    });
    view! { <div class="workshop-acts">{log_in}{connect}{chat}{client}{mcp}</div> }.into_any()
}

fn check(page: &Workshop, words: &'static words::Workshop) -> AnyView {
    match &page.checks[page.step - 1] {
        Check::Missing(missing) => note(Tone::Waiting, (words.missing)(*missing)),
        Check::Impossible(why) => note(Tone::Quiet, (words.impossible)(*why)),
        Check::Done { at, thread, app } => {
            let app = app.clone().map(|app| view! { " "{words.by_app}" "<strong><bdi>{app}</bdi></strong> });
            let chat = thread.clone().map(|id| view! { " "<a href=format!("/t/{id}")>{words.in_chat}</a> });
            note(
                Tone::Good,
                view! { <strong>{words.happened}</strong>", "{time::clock_view(page.now, *at)}{app}"."{chat} },
            )
        }
    }
}

fn ways(page: &Workshop, words: &'static words::Workshop) -> AnyView {
    let previous = (page.step > 1)
        .then(|| view! { <a class="button" href=address(page.step - 1)>{icon(Glyph::Back)}{words.previous}</a> });
    let next = (page.step < STEPS)
        .then(|| view! { <a class="button" href=address(page.step + 1)>{words.next}{icon(Glyph::Arrow)}</a> });
    view! { <div class="row spread"><span>{previous}</span><span>{next}</span></div> }.into_any()
}

fn again(frame: &Frame, words: &'static words::Workshop) -> AnyView {
    view! {
        <form method="post" action="/workshop/again" class="row">
            {csrf_field(&frame.csrf_token)}
            <button class="button quiet">{icon(Glyph::Retry)}{words.again}</button>
            <span class="muted small">{words.again_says}</span>
        </form>
        {frame.person.is_some().then(|| view! {
            <p><a class="button quiet" href="/workshop/end">{icon(Glyph::Cross)}{words.made}</a></p>
        })}
    }
    .into_any()
}
