//! Login with email and password, and opening an account.

use foundation::tr;
use leptos::prelude::*;

use crate::ui::{Glyph, Tone, csrf_field, escaped, icon, note};

/// The data of the login page.
pub(super) struct Login<'a> {
    pub(super) site: &'a str,
    pub(super) csrf_token: &'a str,
    pub(super) request: &'a str,
    pub(super) email: &'a str,
    pub(super) error: Option<&'a str>,
    pub(super) signup: bool,
    pub(super) demo: &'a [String],
    pub(super) demo_password: &'a str,
    pub(super) client: Option<&'a str>,
}

pub(super) fn login(page: &Login) -> AnyView {
    let to = match page.client {
        Some(client) if client != page.site => tr!(
            format!("with your {} account, to go on to {client}", page.site),
            format!("mit deinem Konto bei {}, dann weiter zu {client}", page.site)
        ),
        _ => tr!(format!("with your {} account", page.site), format!("mit deinem Konto bei {}", page.site)),
    };
    let signup = page.signup.then(|| {
        let href = format!("/u/signup?request={}", escaped(page.request));
        view! { <p class="aside">{tr!("New here? ", "Neu hier? ")}<a href=href>{tr!("Open an account", "Konto eröffnen")}</a></p> }
    });
    view! {
        <div class="page-head"><h1>{tr!("Log in", "Anmelden")}</h1><p>{to}</p></div>
        <div class="card">
            <form class="card-part form" method="post" action="/u/login">
                {page.error.map(|error| note(Tone::Bad, error.to_owned()))}
                {csrf_field(page.csrf_token)}
                <input type="hidden" name="request" value=page.request.to_owned() />
                {email_field(page.email, page.email.is_empty())}
                {password_field("current-password", None, !page.email.is_empty())}
                <button class="button primary decide">{tr!("Log in", "Anmelden")}</button>
            </form>
        </div>
        {signup}
        {(!page.demo.is_empty()).then(|| demo(page))}
    }
    .into_any()
}

/// The demo's people, who log in with one click.
fn demo(page: &Login) -> AnyView {
    let people: Vec<_> = page
        .demo
        .iter()
        .map(|email| {
            view! {
                <li>
                    <form method="post" action="/u/login">
                        {csrf_field(page.csrf_token)}
                        <input type="hidden" name="request" value=page.request.to_owned() />
                        <input type="hidden" name="email" value=email.clone() />
                        <input type="hidden" name="password" value=page.demo_password.to_owned() />
                        <button class="button">{tr!(format!("Continue as {email}"), format!("Weiter als {email}"))}{icon(Glyph::Arrow)}</button>
                    </form>
                </li>
            }
        })
        .collect();
    view! {
        <details class="more">
            <summary>{icon(Glyph::Chevron)}{tr!("Demo people", "Demo-Personen")}</summary>
            <div class="stack">
                <p class="hint">{tr!("Simulated money. Their password is ", "Spielgeld. Ihr gemeinsames Passwort ist ")}<code>{page.demo_password.to_owned()}</code>"."</p>
                <ul class="people">{people}</ul>
            </div>
        </details>
    }
    .into_any()
}

pub(super) fn signup(
    site: &str,
    csrf_token: &str,
    request: &str,
    name: &str,
    email: &str,
    error: Option<&str>,
) -> AnyView {
    let login = format!("/u/login?request={}", escaped(request));
    view! {
        <div class="page-head">
            <h1>{tr!("Open an account", "Konto eröffnen")}</h1>
            <p>{tr!(
                format!("at {site}, with 10,000.00 USD of simulated money"),
                format!("bei {site}, mit 10.000,00 USD Spielgeld")
            )}</p>
        </div>
        <div class="card">
            <form class="card-part form" method="post" action="/u/signup">
                {error.map(|error| note(Tone::Bad, error.to_owned()))}
                {csrf_field(csrf_token)}
                <input type="hidden" name="request" value=request.to_owned() />
                <div class="field">
                    <label for="name">"Name"</label>
                    <input class="input" id="name" name="name" value=name.to_owned() autocomplete="name" required maxlength="80" />
                </div>
                {email_field(email, false)}
                {password_field("new-password", Some(tr!("At least 8 characters.", "Mindestens 8 Zeichen.")), false)}
                <button class="button primary decide">{tr!("Open account", "Konto eröffnen")}</button>
            </form>
        </div>
        <p class="aside">{tr!("You have an account? ", "Du hast schon ein Konto? ")}<a href=login>{tr!("Log in", "Anmelden")}</a></p>
    }
    .into_any()
}

fn email_field(email: &str, focus: bool) -> AnyView {
    view! {
        <div class="field">
            <label for="email">{tr!("Email", "E-Mail")}</label>
            <input
                class="input" id="email" name="email" type="email" value=email.to_owned() autocomplete="username"
                autocapitalize="none" spellcheck="false" maxlength="254" required autofocus=focus
            />
        </div>
    }
    .into_any()
}

fn password_field(kind: &'static str, hint: Option<&'static str>, focus: bool) -> AnyView {
    // Only a new password has a minimum length.
    let least = hint.map(|_| "8");
    view! {
        <div class="field">
            <label for="password">{tr!("Password", "Passwort")}</label>
            <input
                class="input" id="password" name="password" type="password" autocomplete=kind minlength=least
                maxlength="1024" required autofocus=focus aria-describedby=hint.map(|_| "password-hint")
            />
            {hint.map(|hint| view! { <p class="hint" id="password-hint">{hint}</p> })}
        </div>
    }
    .into_any()
}
