//! `/settings`: theme, instructions for the agent, model, data. Works without scripts, except for the theme, which the
//! browser keeps.

use ::agent::{
    page::{Removal, Settings},
    settings::INSTRUCTIONS,
};
use foundation::lang;
use leptos::prelude::*;

use super::frame::{Place, frame};
use crate::ui::{Glyph, Tone, csrf_field, icon, note};

/// `/settings`, from the page's data in the context.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let Settings { frame: around, instructions, models, model, saved, now } = expect_context();
    let own = around.person.is_some().then(|| {
        let several = models.len() > 1;
        view! {
            <form class="settings-part" method="post" action="/settings">
                {csrf_field(&around.csrf_token)}
                {words(instructions)}
                {several.then(|| choice(models, &model))}
                <button class="button primary">"Save"</button>
            </form>
            {data()}
        }
    });
    let log_in = around.person.is_none().then(|| {
        view! { <p class="muted">"Log in to give the agent instructions, and to export or delete your chats."</p> }
    });
    let content = view! {
        <div class="page settings">
            {saved.then(|| view! { <div role="status">{note(Tone::Good, "Your settings are saved. The next answer follows them.")}</div> })}
            {theme()}
            {own}
            {log_in}
        </div>
    };
    frame(around, Place::Settings, "Settings".into(), now, content.into_any())
}

/// The theme, of this browser alone. `public/theme.js` shows and applies it.
fn theme() -> AnyView {
    let choices = [("system", "As the system"), ("light", "Light"), ("dark", "Dark")].map(|(value, words)| {
        view! { <label class="settings-choice"><input type="radio" name="theme" value=value autocomplete="off" />{words}</label> }
    });
    view! {
        <fieldset class="settings-part" data-theme-choice="" hidden>
            <legend>"Theme"</legend>
            <p class="small muted">"Kept in this browser."</p>
            <div class="settings-choices">{choices.into_iter().collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

fn words(instructions: String) -> AnyView {
    let help = format!(
        "What the agent should know about how to answer you, at most {INSTRUCTIONS} characters. It changes nothing about \
         what needs your approval."
    );
    view! {
        <div class="field">
            <label for="instructions">"Instructions for the agent"</label>
            <p class="small muted" id="instructions-help">{help}</p>
            <textarea class="input" id="instructions" name="instructions" rows="5" maxlength=INSTRUCTIONS.to_string() aria-describedby="instructions-help" dir="auto">{instructions}</textarea>
        </div>
    }
    .into_any()
}

fn choice(models: Vec<String>, chosen: &str) -> AnyView {
    let options = models.into_iter().map(|model| {
        let selected = model == chosen;
        view! { <option value=model.clone() selected=selected>{model.clone()}</option> }
    });
    view! {
        <div class="field">
            <label for="model">"Model"</label>
            <select class="input" id="model" name="model">{options.collect_view()}</select>
        </div>
    }
    .into_any()
}

fn data() -> AnyView {
    view! {
        <section class="settings-part" aria-labelledby="data">
            <h2 id="data">"Your data"</h2>
            <p class="small muted">"Everything that this site keeps about you: your chats with all their versions, your settings, and the requests that you were asked to approve."</p>
            <div class="settings-choices">
                <a class="button" href="/settings/export" download>"Export as a file"</a>
                <a class="button" href="/settings/delete">"Delete everything…"</a>
            </div>
        </section>
    }
    .into_any()
}

/// `/settings/delete`, from the page's data in the context.
#[component]
pub fn RemovalPage() -> impl IntoView {
    let Removal { frame: around, chats, waiting, now } = expect_context();
    let csrf_token = around.csrf_token.clone();
    let waiting = (waiting > 0).then(|| {
        let waiting = lang::count(waiting, "request", "requests");
        view! { <li>{format!("{waiting} that you haven’t decided or that is being done: what waits is withdrawn first")}</li> }
    });
    let content = view! {
        <div class="page settings">
            <section class="settings-part" aria-labelledby="what">
                <h2 id="what">"This goes"</h2>
                <ul class="settings-goes">
                    {waiting}
                    <li>{format!("{}, with all versions, and their drafts in this browser", lang::count(chats, "chat", "chats"))}</li>
                    <li>"Your settings, and what apps asked for you through /mcp"</li>
                    <li>"This site’s access to your connected accounts, and your login here, in every browser"</li>
                </ul>
                <h2>"This stays"</h2>
                <ul class="settings-goes">
                    <li>{format!("Your account, your connected accounts and past approvals at {}", around.approvals.0)}</li>
                    <li>"Your orders at StockTrade"</li>
                </ul>
                <p><strong>"This can’t be undone. "</strong>"You may want to export your data first."</p>
                <form method="post" action="/settings/delete" class="settings-choices">
                    {csrf_field(&csrf_token)}
                    <a class="button" href="/settings">{icon(Glyph::Back)}"Keep everything"</a>
                    <a class="button" href="/settings/export" download>"Export first"</a>
                    <button class="button danger">"Delete everything"</button>
                </form>
            </section>
        </div>
    };
    frame(around, Place::Settings, "Delete everything".into(), now, content.into_any())
}
