//! The frame around every page of StockTrade.

use broker::page::Frame;
use foundation::tr;
use leptos::prelude::*;

use crate::{
    shell::Head,
    ui::{Glyph, Site, csrf_field, foot, icon, mark, skip, theme_switch},
};

pub(super) fn head(title: &str) -> Head {
    let mut head = Head::new(Site::Broker, format!("{title} · StockTrade"));
    head.scripts = &["times.js", "stream.js", "prices.js"];
    head
}

/// The current entry of the top bar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Portfolio,
    Orders,
    None,
}

/// A page's body: top bar and content.
pub(super) fn document(frame: &Frame, here: Way, content: impl IntoAny) -> AnyView {
    let way = |at: Way, href: &'static str, words: &'static str| {
        let current = (at == here && at != Way::None).then_some("page");
        view! { <li><a href=href aria-current=current>{words}</a></li> }
    };
    let market = tr!("Market", "Markt");
    let first = if frame.person.is_some() { tr!("Portfolio", "Depot") } else { market };
    let ways = view! {
        <nav class="topbar-ways" aria-label="StockTrade">
            <ul class="ways">
                {way(Way::Portfolio, "/", first)}
                {frame.person.as_ref().map(|_| way(Way::None, "/#market", market))}
                {frame.person.as_ref().map(|_| way(Way::Orders, "/orders", tr!("Orders", "Aufträge")))}
            </ul>
        </nav>
    };
    let end = match &frame.person {
        Some(person) => view! {
            <bdi class="person">{person.clone()}</bdi>
            {theme_switch()}
            <form method="post" action="/auth/logout">
                {csrf_field(&frame.csrf_token)}
                <button class="button quiet">{icon(Glyph::Door)}<span class="at-width">{tr!("Log out", "Abmelden")}</span></button>
            </form>
        }
        .into_any(),
        None => view! {
            {theme_switch()}
            <a class="button quiet" href="/auth/login?returnTo=%2F">{tr!("Log in", "Anmelden")}</a>
        }
        .into_any(),
    };
    view! {
        {skip()}
        <header class="topbar with-ways">
            <a class="brand" href="/">{mark(Site::Broker)}<span>"StockTrade"</span></a>
            {ways}
            <div class="topbar-end">{end}</div>
        </header>
        <main id="content" tabindex="-1">{content.into_any()}</main>
        {frame.person.as_ref().map(|_| view! {
            <nav class="aside trade-foot" aria-label=tr!("Account", "Konto")>
                <a href="/apps">{tr!("Apps with access to your account", "Apps mit Zugriff auf dein Konto")}</a>
            </nav>
        })}
        {foot()}
    }
    .into_any()
}
