//! `/workshop/end`: undoes what the workshop made: the connected account, and the access of apps.

use ::agent::workshop::End;
use foundation::tr;
use leptos::prelude::*;

use super::super::topbar::topbar;
use crate::{
    shell::{self, Head},
    ui::{Glyph, Site, Tone, csrf_field, foot, icon, note},
};

const PATH: &str = "/workshop/end";

/// The page as a whole document.
pub fn render(page: &End) -> String {
    let mut head = Head::new(Site::Agent, format!("{} · Mandate", title()));
    head.scripts = &["times.js", "drafts.js"];
    head.sheet = Some("guide");
    shell::html(&head, || view(page))
}

fn title() -> &'static str {
    tr!("Take back what the workshop made", "Zurücknehmen, was der Workshop angelegt hat")
}

fn view(page: &End) -> AnyView {
    let notice = page.notice.clone().map(|text| note(Tone::Good, text));
    let unavailable = page.unavailable.clone().map(|text| note(Tone::Waiting, text));
    let (accounts, apps) = (&page.accounts, page.apps.as_deref().unwrap_or_default());
    let nothing = page.unavailable.is_none() && accounts.is_empty() && apps.is_empty();
    let content = if nothing {
        let nothing =
            tr!("Nothing is connected, and no app has access.", "Nichts ist verbunden, und keine App hat Zugriff.");
        view! { <p>{nothing}</p> }.into_any()
    } else {
        form(page)
    };
    view! {
        {topbar(&page.frame, PATH)}
        <main id="content" class="page guide" tabindex="-1">
            <div class="page-head">
                <h1>{title()}</h1>
                <p class="muted">{tr!(
                    "What you leave ticked ends at once. Chats, orders and your progress stay, and you can allow it all again.",
                    "Was angekreuzt bleibt, endet sofort. Chats, Aufträge und dein Fortschritt bleiben, und du kannst alles wieder erlauben."
                )}</p>
            </div>
            {notice}{unavailable}{content}
            <p><a class="target" href=format!("{}/apps", page.identity)>
                {tr!("All apps with access, at Mandate identity", "Alle Apps mit Zugriff, bei Mandate identity")}
            </a></p>
            <p><a class="button" href="/workshop">{icon(Glyph::Back)}{tr!("Back to the workshop", "Zurück zum Workshop")}</a></p>
        </main>
        {foot()}
    }
    .into_any()
}

fn form(page: &End) -> AnyView {
    let tick = |field: &'static str, id: &str, name: &str, what: &'static str| {
        view! {
            <label class="workshop-end">
                <input type="checkbox" name=field value=id.to_owned() checked="" />
                <span><bdi>{name.to_owned()}</bdi>" "<span class="muted">{what}</span></span>
            </label>
        }
    };
    let account = tr!("Connected account. The vault forgets it.", "Verbundenes Konto. Der Tresor vergisst es.");
    let app = tr!(
        "App with access. Its next call is refused (401).",
        "App mit Zugriff. Ihr nächster Aufruf wird abgelehnt (401)."
    );
    let accounts = page.accounts.iter().map(|it| tick("account", &it.id, &it.name, account)).collect_view();
    let apps = page.apps.iter().flatten().map(|it| tick("app", &it.id, &it.name, app)).collect_view();
    view! {
        <form method="post" action=PATH class="card guide-way">
            {csrf_field(&page.frame.csrf_token)}
            <fieldset class="workshop-ends">
                <legend>{tr!("This exists for you now", "Das gibt es jetzt für dich")}</legend>
                {accounts}{apps}
            </fieldset>
            <div class="row"><button class="button danger">{tr!("End what is ticked", "Angekreuztes beenden")}</button></div>
        </form>
    }
    .into_any()
}
