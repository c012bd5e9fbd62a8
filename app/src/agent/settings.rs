//! `/settings`: theme, instructions for the agent, model, data. Works without scripts, except for the theme, which the
//! browser keeps.

use ::agent::{
    page::{Removal, Settings},
    settings::INSTRUCTIONS,
};
use foundation::{lang, tr};
use leptos::prelude::*;

use super::frame::{Place, frame};
use crate::ui::{Glyph, Tone, as_html, csrf_field, icon, money::whole, note};

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
                <button class="button primary">{tr!("Save", "Speichern")}</button>
            </form>
            {data()}
        }
    });
    let log_in = around.person.is_none().then(|| {
        view! { <p class="muted">{tr!("Log in to give the agent instructions, and to export or delete your chats.", "Melde dich an, um dem Agenten Hinweise zu geben und deine Chats zu exportieren oder zu löschen.")}</p> }
    });
    let content = view! {
        <div class="page settings">
            {saved.then(|| view! { <div role="status">{note(Tone::Good, tr!("Your settings are saved. The next answer follows them.", "Deine Einstellungen sind gespeichert und gelten ab der nächsten Antwort."))}</div> })}
            {theme()}
            {own}
            {log_in}
        </div>
    };
    frame(around, Place::Settings, tr!("Settings", "Einstellungen").into(), now, content.into_any())
}

/// The theme, of this browser alone. `public/theme.js` shows and applies it.
fn theme() -> AnyView {
    let choices = [
        ("system", tr!("As the system", "Wie das System")),
        ("light", tr!("Light", "Hell")),
        ("dark", tr!("Dark", "Dunkel")),
    ];
    let choices = choices.map(|(value, words)| {
        view! { <label class="settings-choice"><input type="radio" name="theme" value=value autocomplete="off" />{words}</label> }
    });
    view! {
        <fieldset class="settings-part" data-theme-choice="" hidden>
            <legend>{tr!("Theme", "Farben")}</legend>
            <p class="small muted">{tr!("Kept in this browser.", "Gilt in diesem Browser.")}</p>
            <div class="settings-choices">{choices.into_iter().collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

// Leptos doesn't escape the text of a textarea, which could end it.
fn words(instructions: String) -> AnyView {
    let most = whole(INSTRUCTIONS);
    let help = tr!(
        format!(
            "What the agent should know about how to answer you, at most {most} characters. It changes nothing about \
             what needs your approval."
        ),
        format!(
            "Was der Agent beim Antworten beachten soll, höchstens {most} Zeichen. Was deine Freigabe braucht, ändert sich \
             dadurch nicht."
        )
    );
    view! {
        <div class="field">
            <label for="instructions">{tr!("Instructions for the agent", "Hinweise für den Agenten")}</label>
            <p class="small muted" id="instructions-help">{help}</p>
            <textarea class="input" id="instructions" name="instructions" rows="5" maxlength=INSTRUCTIONS.to_string() aria-describedby="instructions-help" dir="auto" inner_html=as_html(&instructions)></textarea>
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
            <label for="model">{tr!("Model", "Modell")}</label>
            <select class="input" id="model" name="model">{options.collect_view()}</select>
        </div>
    }
    .into_any()
}

fn data() -> AnyView {
    view! {
        <section class="settings-part" aria-labelledby="data">
            <h2 id="data">{tr!("Your data", "Deine Daten")}</h2>
            <p class="small muted">{tr!("Everything that this site keeps about you: your chats with all their versions, your settings, and the requests that you were asked to approve.", "Alles, was diese Website über dich speichert: deine Chats mit allen Versionen, deine Einstellungen und die Anfragen, die du freigeben solltest.")}</p>
            <div class="settings-choices">
                <a class="button" href="/settings/export" download>{tr!("Export as a file", "Als Datei exportieren")}</a>
                <a class="button" href="/settings/delete">{tr!("Delete everything…", "Alles löschen…")}</a>
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
        let words = tr!(
            format!("{}: what waits for you is withdrawn first", lang::count(waiting, "open request", "open requests")),
            format!(
                "{}: Was auf dich wartet, wird vorher zurückgezogen",
                lang::count(waiting, "offene Anfrage", "offene Anfragen")
            )
        );
        view! { <li>{words}</li> }
    });
    let content = view! {
        <div class="page settings">
            <section class="settings-part" aria-labelledby="what">
                <h2 id="what">{tr!("This goes", "Das wird gelöscht")}</h2>
                <ul class="settings-goes">
                    {waiting}
                    <li>{tr!(
                        format!("{}, with all versions, and their drafts in this browser", lang::count(chats, "chat", "chats")),
                        format!("{} mit allen Versionen und den Entwürfen in diesem Browser", lang::count(chats, "Chat", "Chats"))
                    )}</li>
                    <li>{tr!("Your settings, and what apps asked for you through /mcp", "Deine Einstellungen, und was Apps über /mcp für dich angefragt haben")}</li>
                    <li>{tr!("This site’s access to your connected accounts, and your login here, in every browser", "Der Zugriff dieser Website auf deine verbundenen Konten und deine Anmeldung hier, in jedem Browser")}</li>
                </ul>
                <h2>{tr!("This stays", "Das bleibt")}</h2>
                <ul class="settings-goes">
                    <li>{tr!(
                        format!("Your account, your connected accounts and past approvals at {}", around.approvals.0),
                        format!("Dein Konto, deine verbundenen Konten und frühere Freigaben bei {}", around.approvals.0)
                    )}</li>
                    <li>{tr!("Your orders at StockTrade", "Deine Aufträge bei StockTrade")}</li>
                </ul>
                <p><strong>{tr!("This can’t be undone. ", "Das lässt sich nicht rückgängig machen. ")}</strong>{tr!("You may want to export your data first.", "Exportiere deine Daten vorher, wenn du sie behalten willst.")}</p>
                <form method="post" action="/settings/delete" class="settings-choices">
                    {csrf_field(&csrf_token)}
                    <a class="button" href="/settings">{icon(Glyph::Back)}{tr!("Keep everything", "Alles behalten")}</a>
                    <a class="button" href="/settings/export" download>{tr!("Export first", "Zuerst exportieren")}</a>
                    <button class="button danger">{tr!("Delete everything", "Alles löschen")}</button>
                </form>
            </section>
        </div>
    };
    frame(around, Place::Settings, tr!("Delete everything", "Alles löschen").into(), now, content.into_any())
}
