//! The consent page: what an application asks for, in words, and what is known about it.

use foundation::tr;
use identity::page::Consent;
use leptos::prelude::*;

use crate::ui::{Fact, Glyph, Tone, csrf_field, facts, icon, note, pill};

/// The page on which a person allows or refuses an application's request.
pub(super) fn consent(consent: &Consent) -> AnyView {
    let scopes: Vec<_> = consent
        .scopes
        .iter()
        .map(|scope| view! { <li>{icon(Glyph::Check)}<span>{scope.clone()}</span></li> })
        .collect();
    let unverified = consent.unverified.then(|| {
        let text = tr!(
            "This application registered itself, and nobody has checked who made it. Its name is what it calls itself. \
             Allow it only if you have just started it.",
            "Diese App hat sich selbst registriert, und niemand hat geprüft, von wem sie ist. Sie nennt sich selbst so. \
             Erlaube es nur, wenn du sie gerade selbst gestartet hast."
        );
        view! { <div class="card-part">{note(Tone::Waiting, text)}</div> }
    });
    let goes_to = if consent.loopback && consent.unverified {
        view! { <bdi>{consent.redirect_host.clone()}</bdi>" "<span class="muted">{tr!("a program on this computer", "ein Programm auf diesem Computer")}</span> }
            .into_any()
    } else {
        view! { <bdi>{consent.redirect_host.clone()}</bdi> }.into_any()
    };
    let again = consent.again.then(|| {
        let text = tr!(
            "You allowed this before. Any program on this computer could take the answer, so you are asked each time.",
            "Das hast du schon erlaubt. Jedes Programm auf diesem Computer könnte die Antwort nehmen, deshalb wirst du \
             jedes Mal gefragt."
        );
        view! { <p class="hint">{text}</p> }
    });
    // THREATS.md line 38
    let loopback = (consent.loopback && consent.unverified).then(|| {
        view! {
            <p class="hint">
                {tr!("Any program on this computer can ask under this name. If you didn’t start one just now, don’t allow it.", "Jedes Programm auf diesem Computer kann unter diesem Namen fragen. Wenn du gerade keins gestartet hast, erlaube es nicht.")}
            </p>
        }
    });
    let api = consent.api.clone().map(|(title, address)| {
        let named = view! { <bdi>{title}</bdi>" "<span class="muted"><bdi>{address}</bdi></span> };
        Fact::new(tr!("At", "Bei"), named.into_any())
    });
    let approved_at = consent.approved_at.clone().map(|host| {
        view! {
            <p class="hint">
                {tr!(
                    "It can’t trade by itself: every order waits until you approve it at ",
                    "Die App kann nicht allein handeln: Jeder Auftrag wartet, bis du ihn freigibst, auf "
                )}<strong>{host}</strong>"."
            </p>
        }
    });
    view! {
        <div class="card">
            <div class="card-part request-head">
                <div>
                    {consent.unverified.then(|| pill(Tone::Waiting, tr!("Unverified", "Ungeprüft")))}
                    <h1>{tr!("Allow ", "Zugriff für ")}<bdi>{consent.client.clone()}</bdi>{tr!("?", " erlauben?")}</h1>
                </div>
            </div>
            {unverified}
            <div class="card-part grant">
                {facts(
                    api.into_iter()
                        .chain([
                            Fact::new(tr!("Your account", "Dein Konto"), view! { <bdi>{consent.account.clone()}</bdi> }.into_any()),
                            Fact::new(tr!("Leads back to", "Führt zurück zu"), goes_to),
                        ]),
                )}
                {again}
                {loopback}
            </div>
            <div class="card-part grant">
                <h2>{tr!("It will be able to", "Die App darf dann")}</h2>
                <ul class="ticks">{scopes}</ul>
                {approved_at}
            </div>
            <div class="card-part">
                <form method="post" action="/u/consent">
                    {csrf_field(&consent.csrf_token)}
                    <input type="hidden" name="request" value=consent.request.clone() />
                    <div class="decision">
                        <button class="button decide" name="decision" value="deny">{tr!("Don’t allow", "Nicht erlauben")}</button>
                        <button class="button primary decide" name="decision" value="allow">{tr!("Allow", "Erlauben")}</button>
                    </div>
                    <p class="good-for">{tr!("You can revoke this at any time, under ", "Du kannst das jederzeit widerrufen, unter ")}<a href="/apps">{tr!("Apps with access", "Apps mit Zugriff")}</a>"."</p>
                </form>
            </div>
        </div>
    }
    .into_any()
}
