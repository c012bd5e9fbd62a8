//! Compares two sides of a step: the ids of a login within a login, or the tokens that chat and vault hold.

use ::agent::workshop::Workshop;
use foundation::tr;
use leptos::prelude::*;

use crate::{
    ui::{Fact, facts, time},
    words::workshop as words,
};

/// The step's side-by-side comparison, once there is something to compare.
pub(super) fn sides(page: &Workshop, words: &'static words::Workshop) -> Option<AnyView> {
    match page.step {
        3 => page.holds.subject.clone().map(|subject| ids(page, subject, words)),
        4 => page.holds.account.is_some().then(|| holds(page, words)),
        _ => None,
    }
}

fn both(title: &'static str, left: (&'static str, AnyView), right: (&'static str, AnyView)) -> AnyView {
    let side =
        |(name, facts): (&'static str, AnyView)| view! { <div class="card guide-way"><h3>{name}</h3>{facts}</div> };
    view! {
        <section aria-labelledby="beside">
            <h2 id="beside">{title}</h2>
            <div class="workshop-beside">{side(left)}{side(right)}</div>
        </section>
    }
    .into_any()
}

/// The id_tokens of both logins. The agent knows only its own; the other one goes to Mandate identity alone.
fn ids(page: &Workshop, subject: String, words: &'static words::Workshop) -> AnyView {
    let (identity, stocktrade, chat) = (words.lanes.identity, words.lanes.stocktrade, words.lanes.chat);
    let issuer = tr!("Issuer (iss)", "Aussteller (iss)");
    let audience = tr!("For (aud)", "Für (aud)");
    let you = tr!("You (sub)", "Du (sub)");
    let own = facts([
        Fact::new(issuer, identity),
        Fact::new(audience, chat),
        Fact::new(you, view! { <code>{subject}</code> }),
    ]);
    let records = page.recording.as_ref().is_some_and(|recording| recording.allowed);
    let link = records.then(|| {
        view! {
            " "<a class="target" href=format!("{}/recording?step={}", page.identity, page.step)>
                {tr!("See it at Mandate identity", "Bei Mandate identity ansehen")}
            </a>
        }
    });
    let another = view! { {tr!("another id, which Mandate chat is never told.", "eine andere Kennung, die Mandate chat nie erfährt.")}{link} };
    let other = facts([Fact::new(issuer, stocktrade), Fact::new(audience, identity), Fact::new(you, another)]);
    both(
        tr!("Two id_tokens, two ids", "Zwei id_tokens, zwei Kennungen"),
        (tr!("Mandate chat received", "Mandate chat bekam"), own),
        (tr!("Mandate identity received", "Mandate identity bekam"), other),
    )
}

/// The tokens for the connected account that Mandate chat holds, and those that the vault holds.
fn holds(page: &Workshop, words: &'static words::Workshop) -> AnyView {
    let account = page.holds.account.clone();
    let (scopes, since) = account.map_or_else(Default::default, |it| (it.scopes, it.connected_at));
    let (login, refresh, access) = (
        tr!("Refresh token of your login", "Refresh Token deiner Anmeldung"),
        tr!("Refresh token at StockTrade", "Refresh Token bei StockTrade"),
        tr!("Access token at StockTrade", "Access Token bei StockTrade"),
    );
    let never = tr!("never", "nie");
    let chat = facts([
        Fact::new(login, tr!("sealed; good at Mandate identity alone", "versiegelt; gilt nur bei Mandate identity")),
        Fact::new(refresh, never),
        Fact::new(access, tr!("for one question, then forgotten", "für eine Frage, danach vergessen")),
        Fact::new(tr!("May", "Darf"), tr!("ask the vault", "den Tresor fragen")),
    ]);
    let list = scopes.into_iter().map(|scope| view! { <li>{scope}</li> }).collect_view();
    let vault = facts([
        Fact::new(login, never),
        Fact::new(refresh, view! { {tr!("sealed, since ", "versiegelt, seit ")}{time::clock_view(page.now, since)} }),
        Fact::new(access, tr!("sealed, for an hour at most", "versiegelt, höchstens eine Stunde")),
        Fact::new(tr!("May", "Darf"), view! { <ul class="workshop-apps">{list}</ul> }),
    ]);
    both(
        tr!("Who holds what", "Wer was hat"),
        (words.lanes.chat, chat),
        (tr!("The vault of Mandate identity", "Der Tresor von Mandate identity"), vault),
    )
}
