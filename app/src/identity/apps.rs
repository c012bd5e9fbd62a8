//! Apps with access: lists the apps that a person has allowed, with a button to revoke each.

use foundation::tr;
use identity::page::{App, Frame};
use leptos::prelude::*;

use crate::ui::{Fact, Glyph, Tone, csrf_field, facts, icon, note, pill, time};

/// All allowed apps, newest first.
pub(super) fn apps(frame: &Frame, apps: &[App], csrf_token: &str, now: i64, notice: Option<&str>) -> AnyView {
    let list = if apps.is_empty() {
        nothing(frame)
    } else {
        apps.iter().map(|app| card(frame, app, csrf_token, now)).collect_view().into_any()
    };
    view! {
        <div class="page-head">
            <h1>{tr!("Apps with access", "Apps mit Zugriff")}</h1>
            <p>{tr!("These apps can act for you. You can revoke any app’s access at any time, with immediate effect.", "Diese Apps können für dich handeln. Du kannst jeder den Zugriff jederzeit entziehen, mit sofortiger Wirkung.")}</p>
        </div>
        {notice.map(|notice| view! { <div class="notice">{note(Tone::Good, view! { <bdi>{notice.to_owned()}</bdi> })}</div> })}
        <div class="stack">{list}</div>
    }
    .into_any()
}

fn nothing(frame: &Frame) -> AnyView {
    let how = if frame.has_approvals {
        tr!(
            "When you allow an app, such as an assistant that uses Mandate’s tools, it is listed here.",
            "Wenn du einer App Zugriff erlaubst, etwa einem Assistenten, der die Werkzeuge von Mandate benutzt, steht sie hier."
        )
    } else {
        tr!(
            "When you allow an app to use your account, it is listed here.",
            "Wenn du einer App dein Konto erlaubst, steht sie hier."
        )
    };
    view! {
        <div class="card"><div class="empty">
            {icon(Glyph::Shield)}
            <p><strong>{tr!("No app has access", "Keine App hat Zugriff")}</strong></p>
            <p>{how}</p>
        </div></div>
    }
    .into_any()
}

fn card(frame: &Frame, app: &App, csrf_token: &str, now: i64) -> AnyView {
    let leads = app.redirect_hosts.iter().map(|host| {
        // Any program on this computer can use the name, as the consent page warned.
        let here = app.unverified && matches!(host.as_str(), "127.0.0.1" | "localhost" | "[::1]");
        let words = here.then(|| view! { " "<span class="muted">{tr!("a program on this computer", "ein Programm auf diesem Computer")}</span> });
        Fact::new(tr!("Leads back to", "Führt zurück zu"), view! { <bdi>{host.clone()}</bdi>{words} }.into_any())
    });
    let used = match app.used_at {
        Some(at) => time::ago_view(now, at),
        None => view! { <span class="muted">{tr!("not yet", "noch nicht")}</span> }.into_any(),
    };
    let times = [
        Fact::new(tr!("Allowed", "Erlaubt"), time::ago_view(now, app.allowed_at)),
        Fact::new(tr!("Last used", "Zuletzt benutzt"), used),
    ];
    let scopes: Vec<_> =
        app.scopes.iter().map(|scope| view! { <li>{icon(Glyph::Check)}<span>{scope.clone()}</span></li> }).collect();
    let heading = format!("app-{}", app.id);
    let label = heading.clone();
    view! {
        <section class="card" aria-labelledby=label>
            <div class="card-part app-head">
                <h2 id=heading><bdi>{app.name.clone()}</bdi></h2>
                {app.unverified.then(|| pill(Tone::Waiting, tr!("Registered itself, unverified", "Hat sich selbst angemeldet, ungeprüft")))}
            </div>
            <div class="card-part">{facts(leads.chain(times))}</div>
            <div class="card-part grant">
                <h3>{tr!("It can", "Die App kann")}</h3>
                <ul class="ticks">{scopes}</ul>
            </div>
            <div class="card-part revocation">{revocation(frame, app, csrf_token)}</div>
        </section>
    }
    .into_any()
}

/// The second step: says what revoking does, and asks for confirmation.
fn revocation(frame: &Frame, app: &App, csrf_token: &str) -> AnyView {
    let ends = if frame.has_approvals {
        tr!(
            "Its access ends at once, and requests that it made for your approval are denied.",
            "Ihr Zugriff endet sofort, und was sie dir zur Freigabe vorgelegt hat, wird abgelehnt."
        )
    } else {
        tr!("Its access ends at once.", "Ihr Zugriff endet sofort.")
    };
    view! {
        <details class="more block">
            <summary>
                {icon(Glyph::Chevron)}{tr!("Revoke access", "Zugriff entziehen")}<span class="visually-hidden">{tr!(" of ", " für ")}{app.name.clone()}</span>
            </summary>
            <form method="post" action=format!("/apps/{}/revoke", app.id)>
                {csrf_field(csrf_token)}
                <p>
                    <strong>{tr!("Revoke the access of ", "Den Zugriff entziehen: ")}<bdi>{app.name.clone()}</bdi>"?"</strong>
                    " "{ends}{tr!(" What it did before stays. It can ask you again.", " Was sie vorher getan hat, bleibt. Sie kann dich wieder fragen.")}
                </p>
                <button class="button danger">{tr!("Revoke access", "Zugriff entziehen")}</button>
            </form>
        </details>
    }
    .into_any()
}
