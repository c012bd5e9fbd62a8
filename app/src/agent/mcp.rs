//! `/mcp` opened in a browser: shows the address, how to give it to an app, and whether one has called.

use ::agent::page::Mcp;
use leptos::prelude::*;

use super::topbar::topbar;
use crate::{
    assets,
    shell::{self, Head},
    ui::{Glyph, Site, Tone, foot, icon, note, time},
    words::{self, Way},
};

/// The page as a whole document. Implements the agent's [`::agent::page::Renderer`].
pub fn render(page: &Mcp) -> String {
    let words = &words::words().mcp;
    let mut head = Head::new(Site::Agent, format!("{} · Mandate", words.title));
    head.scripts = &["html.js", "voice.js", "times.js", "drafts.js", "live.js", "use.js"];
    head.sheet = Some("guide");
    shell::html(&head, || view(page, words))
}

fn view(page: &Mcp, words: &'static words::Mcp) -> AnyView {
    let address = page.address.as_str();
    let apps = page.frame.approvals.1.replace("/approvals", "/apps");
    let chatgpt = if page.is_public {
        way(words, &words.chatgpt, address)
    } else {
        view! { <section class="card guide-way"><h3>{words.chatgpt.name}</h3><p class="muted">{words.chatgpt_local}</p></section> }
            .into_any()
    };
    view! {
        {topbar(&page.frame, "/mcp")}
        <main id="content" class="page guide" tabindex="-1">
            <div class="page-head">
                <h1>{words.title}</h1>
                <p class="muted">{words.lead}</p>
            </div>
            <section class="card guide-way" aria-labelledby="address">
                <h2 id="address">{words.address}</h2>
                {copied(words, address.to_owned())}
            </section>
            <section class="guide-check" aria-labelledby="works">
                <h2 id="works">{words.works}</h2>
                <div data-live="/mcp">{check(page, words)}</div>
            </section>
            <h2>{words.clients}</h2>
            {words.ways.iter().map(|one| way(words, one, address)).collect_view()}
            {chatgpt}
            {page.frame.person.is_some().then(|| view! { <p><a class="target" href=apps>{words.next}</a></p> })}
        </main>
        {foot()}
    }
    .into_any()
}

/// Shows only calls for the reader, never those of other people's apps.
fn check(page: &Mcp, words: &'static words::Mcp) -> AnyView {
    match (&page.frame.person, &page.app) {
        (None, _) => note(Tone::Quiet, words.visitor),
        (Some(_), None) => note(Tone::Waiting, words.waiting),
        (Some(_), Some(app)) => {
            let (before, after) = words.called.split_once("{}").unwrap_or((words.called, ""));
            let at = time::clock_view(page.now, app.last_at);
            note(Tone::Good, view! { {before}<strong><bdi>{app.name.clone()}</bdi></strong>{after}", "{at}"." })
        }
    }
}

fn way(words: &'static words::Mcp, way: &Way, address: &str) -> AnyView {
    view! {
        <section class="card guide-way">
            <h3>{way.name}</h3>
            <p>{way.first}</p>
            {copied(words, way.paste.replace("{address}", address))}
            <p class="muted">{way.then}</p>
        </section>
    }
    .into_any()
}

/// A text to copy. Its button appears only if scripts run.
fn copied(words: &'static words::Mcp, text: String) -> AnyView {
    view! {
        <div class="guide-paste">
            <code>{text}</code>
            <button type="button" class="button" data-use=assets::current().public("copy.js") data-scripts-only="" hidden=true>
                {icon(Glyph::Copy)}<span data-words>{words.copy}</span>
            </button>
        </div>
    }
    .into_any()
}
