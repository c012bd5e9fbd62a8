//! Apps with access: the apps that a person has allowed, and how to revoke each.

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
            <h1>"Apps with access"</h1>
            <p>"These apps can act for you. You can revoke any app’s access at any time, with immediate effect."</p>
        </div>
        {notice.map(|notice| view! { <div class="notice">{note(Tone::Good, view! { <bdi>{notice.to_owned()}</bdi> })}</div> })}
        <div class="stack">{list}</div>
    }
    .into_any()
}

fn nothing(frame: &Frame) -> AnyView {
    let how = if frame.has_approvals {
        "When you allow an app, such as an assistant that uses Mandate’s tools, it is listed here."
    } else {
        "When you allow an app to use your account, it is listed here."
    };
    view! {
        <div class="card"><div class="empty">
            {icon(Glyph::Shield)}
            <p><strong>"No app has access"</strong></p>
            <p>{how}</p>
        </div></div>
    }
    .into_any()
}

fn card(frame: &Frame, app: &App, csrf_token: &str, now: i64) -> AnyView {
    let leads = app.redirect_hosts.iter().map(|host| {
        // On this computer any program can use the name, as the consent page said.
        let here = app.unverified && matches!(host.as_str(), "127.0.0.1" | "localhost" | "[::1]");
        let words = here.then(|| view! { " "<span class="muted">"a program on this computer"</span> });
        Fact::new("Leads back to", view! { <bdi>{host.clone()}</bdi>{words} }.into_any())
    });
    let used = match app.used_at {
        Some(at) => time::ago_view(now, at),
        None => view! { <span class="muted">"not yet"</span> }.into_any(),
    };
    let times = [Fact::new("Allowed", time::ago_view(now, app.allowed_at)), Fact::new("Last used", used)];
    let scopes: Vec<_> =
        app.scopes.iter().map(|scope| view! { <li>{icon(Glyph::Check)}<span>{scope.clone()}</span></li> }).collect();
    let heading = format!("app-{}", app.id);
    let label = heading.clone();
    view! {
        <section class="card" aria-labelledby=label>
            <div class="card-part app-head">
                <h2 id=heading><bdi>{app.name.clone()}</bdi></h2>
                {app.unverified.then(|| pill(Tone::Waiting, "Registered itself, unverified"))}
            </div>
            <div class="card-part">{facts(leads.chain(times))}</div>
            <div class="card-part grant">
                <h3>"It can"</h3>
                <ul class="ticks">{scopes}</ul>
            </div>
            <div class="card-part revocation">{revocation(frame, app, csrf_token)}</div>
        </section>
    }
    .into_any()
}

/// The second step says what will happen.
fn revocation(frame: &Frame, app: &App, csrf_token: &str) -> AnyView {
    let ends = if frame.has_approvals {
        "Its access ends at once, and requests that it made for your approval are denied."
    } else {
        "Its access ends at once."
    };
    view! {
        <details class="more block">
            <summary>
                {icon(Glyph::Chevron)}"Revoke access"<span class="visually-hidden">" of "{app.name.clone()}</span>
            </summary>
            <form method="post" action=format!("/apps/{}/revoke", app.id)>
                {csrf_field(csrf_token)}
                <p>
                    <strong>"Revoke the access of "<bdi>{app.name.clone()}</bdi>"?"</strong>
                    " "{ends}" What it did before stays. It can ask you again."
                </p>
                <button class="button danger">"Revoke access"</button>
            </form>
        </details>
    }
    .into_any()
}
