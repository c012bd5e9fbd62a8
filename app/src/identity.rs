//! The pages of the identity service: Mandate identity, and StockTrade's login, which is another instance of it.
//!
//! They are whole documents that work without JavaScript. `public/identity.js` refreshes them.

mod approval;
mod apps;
mod consent;
mod facts;
mod inbox;
mod login;
mod message;
mod recording;
mod together;

use std::sync::Arc;

use axum::http::HeaderMap;
use foundation::tr;
use identity::{
    Identity,
    page::{Accent, Frame, Page, View},
};
use leptos::prelude::*;

use crate::{
    ErrorPage,
    shell::{self, Head},
    ui::{Glyph, Site, foot, icon, mark, skip, theme_switch, waits},
};

/// Renders a page as a whole HTML document. Implements Mandate identity's [`identity::page::Render`].
pub fn render(page: &Page) -> String {
    let Page { frame, view } = page;
    let mut head = Head::new(site(frame), format!("{} · {}", title(view), frame.site));
    head.scripts = match view {
        View::Approvals { .. } | View::Approval { .. } => {
            &["html.js", "voice.js", "times.js", "stream.js", "identity.js"]
        }
        View::Apps { .. } | View::Recording(_) => &["times.js"],
        _ => &[],
    };
    if let View::GoOn { href, .. } = view {
        head.go_on = Some(href.clone());
    }
    shell::html(&head, || document(frame, view))
}

/// The page of an error outside the identity service's handlers.
pub fn error_page(identity: Identity) -> ErrorPage {
    Arc::new(move |headers: HeaderMap, said| {
        let identity = identity.clone();
        Box::pin(async move {
            let view = View::Error { title: said.title.into(), text: said.text, back: None };
            render(&Page { frame: identity.frame_for(&headers, said.status).await, view })
        })
    })
}

fn site(frame: &Frame) -> Site {
    match frame.accent {
        Accent::Identity => Site::Identity,
        Accent::Broker => Site::Broker,
    }
}

/// The page's title in the browser's tab, before the site's name.
fn title(view: &View) -> String {
    match view {
        View::Login { .. } => tr!("Log in", "Anmelden").into(),
        View::Signup { .. } => tr!("Open an account", "Konto eröffnen").into(),
        View::Consent(consent) => {
            tr!(format!("Allow {}?", consent.client), format!("Zugriff für {} erlauben?", consent.client))
        }
        View::Error { title, .. } => title.clone(),
        View::GoOn { .. } => tr!("Redirecting", "Weiterleitung").into(),
        View::Approvals { waiting, .. } if waiting.is_empty() => tr!("Approvals", "Freigaben").into(),
        View::Approvals { waiting, .. } => format!("({}) {}", waiting.len(), tr!("Approvals", "Freigaben")),
        View::Approval { approval, together, now, .. } => {
            let title = match together::waiting(approval, together, *now) {
                Some(several) => together::title(&several),
                None => approval.title.clone(),
            };
            format!("{title} · {}", approval::state_word(approval::state(approval, *now)))
        }
        View::Blocked { .. } => tr!("Blocked apps", "Blockierte Apps").into(),
        View::Apps { .. } => tr!("Apps with access", "Apps mit Zugriff").into(),
        View::Recording(_) => tr!("Your requests", "Deine Anfragen").into(),
        View::LogOut { .. } => tr!("Log out", "Abmelden").into(),
        View::LoggedOut { .. } => tr!("Logged out", "Abgemeldet").into(),
    }
}

fn document(frame: &Frame, view: &View) -> AnyView {
    let content = match view {
        View::Login { csrf_token, request, email, error, signup, demo, demo_password, client } => {
            login::login(&login::Login {
                site: &frame.site,
                csrf_token,
                request,
                email,
                error: error.as_deref(),
                signup: *signup,
                demo,
                demo_password,
                client: client.as_deref(),
            })
        }
        View::Signup { csrf_token, request, name, email, error } => {
            login::signup(&frame.site, csrf_token, request, name, email, error.as_deref())
        }
        View::Consent(consent) => consent::consent(consent),
        View::Error { title, text, back } => {
            // There is always a link to continue.
            let home = || {
                if frame.has_approvals {
                    ("/approvals", tr!("Go to your approvals", "Zu deinen Freigaben"))
                } else {
                    ("/", tr!("Go to StockTrade", "Zu StockTrade"))
                }
            };
            let back = back.clone().unwrap_or_else(|| (home().0.into(), home().1.into()));
            message::error(title, text, Some(&back))
        }
        View::GoOn { href, text } => message::go_on(href, text),
        View::Approvals { waiting, past, now } => inbox::inbox(waiting, past, *now),
        View::Approval { approval, together, totals, csrf_token, now, notice } => {
            let notice = notice.as_deref();
            together::page(&together::Shown { approval, together, totals, csrf_token, now: *now, notice })
        }
        View::Blocked { clients, csrf_token } => inbox::blocked(clients, csrf_token),
        View::Apps { apps, csrf_token, now, notice, .. } => {
            apps::apps(frame, apps, csrf_token, *now, notice.as_deref())
        }
        View::Recording(recording) => recording::page(recording, &frame.site),
        View::LogOut { csrf_token, request } => message::log_out(&frame.site, csrf_token, request),
        View::LoggedOut { back } => message::logged_out(&frame.site, back.as_ref()),
    };
    let home = if frame.has_approvals { "/approvals" } else { "/" };
    view! {
        {skip()}
        <header class="topbar">
            <a class="brand" href=home>
                {mark(site(frame))}
                <span class="names"><span>{frame.site.clone()}</span>" "<span class="address">{frame.host.clone()}</span></span>
            </a>
            <div class="topbar-end">
                {frame.person.clone().map(|person| view! { <bdi class="person">{person}</bdi> })}
                {theme_switch()}
                {way_in_or_out(frame, view)}
            </div>
        </header>
        {ways(frame, view)}
        <main id="content" class="page identity" tabindex="-1">{content}</main>
        {foot()}
    }
    .into_any()
}

/// *Log out*, which leads to a page that asks first, or *Log in* on a page that visitors may see.
fn way_in_or_out(frame: &Frame, view: &View) -> Option<AnyView> {
    let log_in = if frame.has_approvals { "/approvals" } else { "/auth/login?returnTo=%2F" };
    match view {
        View::LogOut { .. } => None,
        _ if frame.person.is_some() => Some(
            view! {
                <form method="get" action="/oidc/logout">
                    <button class="button quiet">{icon(Glyph::Door)}<span class="at-width">{tr!("Log out", "Abmelden")}</span></button>
                </form>
            }
            .into_any(),
        ),
        View::Error { .. } | View::LoggedOut { .. } => {
            Some(view! { <a class="button quiet" href=log_in>{tr!("Log in", "Anmelden")}</a> }.into_any())
        }
        _ => None,
    }
}

/// Navigation between the pages about approvals and access.
fn ways(frame: &Frame, view: &View) -> Option<AnyView> {
    let here = match view {
        View::Approvals { .. } => "/approvals",
        View::Apps { .. } => "/apps",
        View::Recording(_) => "/recording",
        View::Error { .. } => "",
        // A page with a decision has only a link back, so that nothing distracts.
        _ => return None,
    };
    let home = if frame.has_approvals {
        ("/approvals", tr!("Approvals", "Freigaben"))
    } else {
        ("/", tr!("Portfolio", "Depot"))
    };
    // The approvals' own page shows them.
    let waiting = match view {
        View::Apps { waiting, .. } if frame.has_approvals => *waiting,
        _ => 0,
    };
    let ways = [(home.0, home.1, waiting), ("/apps", tr!("Apps with access", "Apps mit Zugriff"), 0)];
    let links = ways.map(|(href, words, waiting)| {
        let count = (waiting > 0).then(|| waits(waiting));
        view! { <li><a href=href aria-current=(href == here).then_some("page")>{words}{count}</a></li> }
    });
    Some(
        view! { <nav class="page-ways" aria-label=tr!("Your account", "Dein Konto")><ul class="ways">{links.collect_view()}</ul></nav> }
            .into_any(),
    )
}
