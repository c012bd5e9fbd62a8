//! The site's identity in the top bar: its mark, and the switch between light and dark.

use foundation::{
    lang::{self, Lang, SWITCH},
    tr,
};
use leptos::prelude::*;

use super::icon::{Glyph, icon};

/// One of the three sites, which chooses the accent by `<html data-site>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    Agent,
    Identity,
    Broker,
}

impl Site {
    /// The value of `data-site`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Identity => "identity",
            Self::Broker => "broker",
        }
    }

    /// The site's purpose in a sentence, for search engines.
    pub fn description(self) -> &'static str {
        match self {
            Self::Agent => tr!(
                "An AI agent that acts for you, within what you allowed, and can prove it.",
                "Ein KI-Agent, der für dich handelt, in den Grenzen, die du setzt, und es belegen kann."
            ),
            Self::Identity => tr!(
                "Where you decide what your agents may do: approvals, and apps with access.",
                "Hier entscheidest du, was deine Agenten dürfen: Freigaben und Apps mit Zugriff."
            ),
            Self::Broker => tr!(
                "A brokerage to try an agent on: stocks, your portfolio, your orders. No real money.",
                "Ein Broker, um einen Agenten auszuprobieren: Aktien, dein Depot, deine Aufträge. Kein echtes Geld."
            ),
        }
    }

    /// The site's icon in the browser's tab.
    pub fn favicon(self) -> &'static str {
        match self {
            Self::Agent => "/public/favicon-agent.svg",
            Self::Identity => "/public/favicon-identity.svg",
            Self::Broker => "/public/favicon-broker.svg",
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::Agent => "M6 17.5v-11l6 7 6-7v11",
            Self::Identity => {
                "M12 3.5 5.5 6v5.5c0 4.2 2.8 7.3 6.5 9 3.7-1.7 6.5-4.8 6.5-9V6L12 3.5Zm-2.8 8.3 2 2L15 10"
            }
            Self::Broker => "M4.5 16.5l5-5 4 3 6-7m-4.5 0h4.5V12",
        }
    }
}

/// The site's mark: a tile in its accent, next to its name.
pub fn mark(site: Site) -> AnyView {
    view! {
        <span class="mark-tile" aria-hidden="true">
            <svg class="icon" viewBox="0 0 24 24" width="18" height="18" focusable="false"><path d=site.mark()></path></svg>
        </span>
    }
    .into_any()
}

/// Switches between the system's theme, light and dark. `public/theme.js` reveals and labels it. Without JavaScript the
/// system decides.
pub fn theme_switch() -> AnyView {
    view! {
        <button type="button" class="button quiet icon-only theme-switch" data-theme-switch="" data-key="t" hidden=true>
            <span data-theme-is="system">{icon(Glyph::System)}</span>
            <span data-theme-is="light">{icon(Glyph::Sun)}</span>
            <span data-theme-is="dark">{icon(Glyph::Moon)}</span>
            <span class="visually-hidden" data-theme-words="">{tr!("Theme", "Farben")}</span>
        </button>
    }
    .into_any()
}

/// The link that skips the navigation, for keyboard users.
pub fn skip() -> AnyView {
    view! { <a class="skip visually-hidden" href="#content">{tr!("Skip to the content", "Zum Inhalt")}</a> }.into_any()
}

/// Switches to another language and returns to the same page. `None` on the answer to a POST, which has no address to
/// return to.
pub fn language_switch() -> Option<AnyView> {
    let page = lang::reader().page?;
    let others = Lang::ALL.into_iter().filter(|lang| *lang != lang::current());
    let others = others.map(|lang| {
        view! { <button class="button quiet" name="lang" value=lang.tag() lang=lang.tag()>{lang.name()}</button> }
    });
    Some(
        view! {
            <form class="language" method="post" action=SWITCH>
                <input type="hidden" name="back" value=page />
                {others.collect_view()}
            </form>
        }
        .into_any(),
    )
}

/// The foot of a page: the switch between languages.
pub fn foot() -> AnyView {
    language_switch().map(|switch| view! { <footer class="page-foot">{switch}</footer> }).into_any()
}
