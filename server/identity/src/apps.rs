//! Apps with access: the clients that a person has allowed to act for them, and revoking their access (THREATS.md lines
//! 38 and 56). For a first-party client, which belongs to this service, the page lists only the APIs that people
//! consent to for every client; logging out ends the rest.

pub(crate) mod me;

use std::collections::BTreeMap;

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::StatusCode,
    response::{Redirect, Response},
};
use foundation::{
    session::{Handle, Session},
    tr,
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    approval::end,
    audit::{self, Event},
    consent,
    error::PageError,
    login::{person, session},
    page::{App, View},
    state::Identity,
    store::{self, approval::Whose, authorization_grant, consent as consents, person::Person},
};

#[derive(Deserialize)]
pub(crate) struct TakeBack {
    csrf_token: String,
}

/// `GET /apps`
pub(crate) async fn page(State(identity): State<Identity>, handle: Handle) -> Result<Response, PageError> {
    let Some((session, person)) = person::of_request(&identity, &handle).await? else {
        return Ok(session::require("/apps"));
    };
    show(&identity, &session, &person, None).await
}

/// `GET /apps/{client}/revoke`: a reload after the form was posted. Reading ends nothing (THREATS.md line 53).
pub(crate) async fn back() -> Redirect {
    Redirect::to("/apps")
}

/// `POST /apps/{client}/revoke` with `csrf_token`. A repetition ends nothing more, and says so.
pub(crate) async fn revoke(
    State(identity): State<Identity>,
    Path(client): Path<String>,
    handle: Handle,
    form: Result<Form<TakeBack>, FormRejection>,
) -> Result<Response, PageError> {
    let (session, person) = person::of_request(&identity, &handle).await?.ok_or_else(not_logged_in)?;
    let Ok(Form(form)) = form else { return Err(PageError::forged()) };
    if !identity.sessions.matches_csrf_token(&session, &form.csrf_token) {
        return Err(PageError::forged());
    }
    let app = list(&identity, &person.id, None).await?.into_iter().find(|app| app.id == client);
    let notice = match app {
        Some(app) => notice(&identity, &app, &end(&identity, &person.id, &app).await?),
        // Another person's, a nonexistent one, or one whose access is already revoked.
        None => tr!(
            "This app had no access. Nothing was changed.",
            "Diese App hatte keinen Zugriff. Nichts wurde geändert."
        )
        .to_owned(),
    };
    show(&identity, &session, &person, Some(notice)).await
}

fn not_logged_in() -> PageError {
    PageError::new(
        StatusCode::UNAUTHORIZED,
        tr!("Log in first", "Melde dich zuerst an"),
        tr!(
            "Only the person who allowed it can revoke it. Nothing was changed.",
            "Nur wer es erlaubt hat, kann es widerrufen. Nichts wurde geändert."
        ),
    )
    .back("/apps", tr!("Log in", "Anmelden"))
}

async fn show(
    identity: &Identity,
    session: &Session,
    person: &Person,
    notice: Option<String>,
) -> Result<Response, PageError> {
    let apps = list(identity, &person.id, None).await?;
    let now = identity.clock.now();
    let waiting = store::approval::count_waiting(identity.db.pool(), &person.id, None, now).await?;
    let view = View::Apps { apps, csrf_token: identity.sessions.csrf_token(session), now, waiting, notice };
    Ok(identity.page(StatusCode::OK, Some(person), view))
}

/// An app's access: the scopes that the person consented to, which it gets without asking again, and those granted.
#[derive(Default)]
struct Found {
    name: String,
    unverified: bool,
    redirect_hosts: Vec<String>,
    scopes: BTreeMap<String, Vec<String>>,
    allowed_at: i64,
    used_at: Option<i64>,
}

impl Found {
    fn add(&mut self, audience: String, scopes: Vec<String>, allowed_at: i64) {
        self.scopes.entry(audience).or_default().extend(scopes);
        self.allowed_at = self.allowed_at.max(allowed_at);
    }
}

/// The person's own apps, newest first; with `only`, those that may use one of these APIs.
async fn list(identity: &Identity, person: &str, only: Option<&[String]>) -> Result<Vec<App>, sqlx::Error> {
    let mut db = identity.db.pool().acquire().await?;
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let consented = |audience: &str| identity.api(audience).is_some_and(|api| api.consent);
    let asked = |audience: &String| only.is_none_or(|only| only.contains(audience));
    for row in consents::of_person(&mut db, person).await? {
        if row.first_party && !consented(&row.audience) || !asked(&row.audience) {
            continue;
        }
        let app = found.entry(row.client).or_default();
        (app.name, app.unverified) = (row.name, row.registered);
        app.redirect_hosts.push(row.redirect_host);
        app.add(row.audience, row.scopes, row.given_at);
    }
    for row in authorization_grant::of_person(&mut db, person).await?.into_iter().filter(|row| asked(&row.audience)) {
        let app = found.entry(row.client).or_default();
        (app.name, app.unverified) = (row.name, row.registered);
        app.used_at = app.used_at.max(row.used_at);
        app.add(row.audience, row.scopes, row.created_at);
    }
    let mut apps: Vec<App> = found.into_iter().map(|(id, found)| view(identity, id, found)).collect();
    apps.sort_by(|one, other| other.allowed_at.cmp(&one.allowed_at).then_with(|| one.id.cmp(&other.id)));
    Ok(apps)
}

fn view(identity: &Identity, id: String, found: Found) -> App {
    let Found { name, unverified, mut redirect_hosts, scopes, allowed_at, used_at } = found;
    redirect_hosts.sort_unstable();
    redirect_hosts.dedup();
    let mut words: Vec<String> = Vec::new();
    for one in scopes.iter().flat_map(|(audience, scopes)| consent::in_words(identity, scopes, audience)) {
        if !words.contains(&one) {
            words.push(one);
        }
    }
    App { id, name, unverified, redirect_hosts, allowed_at, used_at, scopes: words }
}

/// The access that a revocation ended.
struct Ended {
    consents: u64,
    grants: u64,
    requests: usize,
}

/// Whether an app is one of this service's own clients. Revoking keeps its login and the accounts. It ends the consent
/// to APIs, which every use of their tokens checks, and the approvals there.
fn is_own(identity: &Identity, app: &App) -> bool {
    identity.config.client(&app.id).is_some_and(|client| client.first_party)
}

/// Ends, in one transaction, all access that a client has from a person: consent and grants, and with them every code,
/// access token and refresh token, and the pending approval requests on its behalf.
async fn end(identity: &Identity, person: &str, app: &App) -> Result<Ended, sqlx::Error> {
    let now = identity.clock.now();
    let mut tx = identity.db.begin().await?;
    let consents = consents::delete(&mut tx, person, &app.id).await?;
    let whose = Whose { person, client: &app.id, ..Whose::default() };
    let ended = if is_own(identity, app) {
        let requests = end::all(&mut tx, Whose { at_apis: true, ..whose }, now).await?;
        Ended { consents, grants: 0, requests }
    } else {
        Ended {
            consents,
            grants: authorization_grant::revoke_all(&mut tx, person, &app.id, now).await?,
            requests: end::all(&mut tx, whose, now).await?,
        }
    };
    if ended.consents + ended.grants > 0 || ended.requests > 0 {
        let event = Event {
            event: "access_taken_back",
            person: Some(person),
            client: Some(&app.id),
            detail: json!({ "consents": ended.consents, "grants": ended.grants, "requests": ended.requests }),
        };
        audit::record(identity, &mut tx, event).await?;
    }
    tx.commit().await?;
    identity.desk.notify(person);
    Ok(ended)
}

fn notice(identity: &Identity, app: &App, ended: &Ended) -> String {
    let name = &app.name;
    if ended.consents + ended.grants == 0 && ended.requests == 0 {
        return tr!(
            format!("{name} had no access any more. Nothing was changed."),
            format!("{name} hatte keinen Zugriff mehr. Nichts wurde geändert.")
        );
    }
    let waited = match ended.requests {
        0 => String::new(),
        1 => tr!(
            " 1 request that waited for your approval was denied.",
            " 1 Anfrage, die auf deine Freigabe wartete, wurde abgelehnt."
        )
        .into(),
        many => tr!(
            format!(" {many} requests that waited for your approval were denied."),
            format!(" {many} Anfragen, die auf deine Freigabe warteten, wurden abgelehnt.")
        ),
    };
    if is_own(identity, app) {
        return tr!(
            format!(
                "{name} no longer has the access that you allowed it here, and approvals here that it hasn’t used have \
                 ended.{waited} You stay logged in, and it can ask you again."
            ),
            format!(
                "{name} kann nicht mehr, was du hier erlaubt hast, und was du hier freigegeben hast und noch nicht benutzt \
                 ist, endet.{waited} Du bleibst angemeldet, und du kannst wieder gefragt werden."
            )
        );
    }
    tr!(
        format!(
            "{name} can no longer act for you: its access has ended.{waited} What it did before stays, and it \
             can ask you again."
        ),
        format!(
            "{name} kann nicht mehr für dich handeln: Der Zugriff ist beendet.{waited} Was vorher geschah, bleibt, und du \
             kannst wieder gefragt werden."
        )
    )
}
