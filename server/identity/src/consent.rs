//! The consent page: it names the client, the code's destination, and what the client may then do. Consent is
//! remembered for the client, the API and the redirect host. More scopes or another host ask again (THREATS.md lines
//! 12, 38, 50).

use axum::{
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use foundation::{
    session::{Handle, Session},
    site::Site,
    tr,
};
use serde_json::json;
use url::Url;

use crate::{
    audit::{self, Event},
    authorize::{
        answer, redirect_uri,
        request::{AuthorizationRequest, Pending},
        step::{self, Came},
    },
    client::Client,
    error::PageError,
    login::{
        person,
        posted::{self, Asked},
    },
    page::{Consent, View},
    state::Identity,
    store::{self, person::Person},
};

/// `GET /u/consent`. Opening it decides nothing, whatever its query (THREATS.md line 53).
pub(crate) async fn page(
    State(identity): State<Identity>,
    handle: Handle,
    headers: HeaderMap,
    Query(Asked { request: token, .. }): Query<Asked>,
) -> Result<Response, PageError> {
    let (session, pending) = posted::opened(&identity, &handle, &headers, &token).await?;
    let Pending::Authorize(request) = pending else { return Err(step::too_late()) };
    let Some(person) = person::of_session(&identity, &session).await? else {
        return Ok(step::to_page("/u/login", &token));
    };
    let client = step::client_of(&identity, &request).await?;
    // A page left open continues if its request no longer needs consent (after a logout, or a consent in another tab).
    match step::need(&identity, &client, &request, Some((&session, &person))).await? {
        step::Need::Consent => {
            let mut db = identity.db.pool().acquire().await?;
            let place = redirect_uri::place(&request.redirect_uri);
            let given = store::consent::find(&mut db, &person.id, &client.id, &request.audience, &place).await?;
            let again = !given.is_empty() && request.scopes.iter().all(|scope| given.contains(scope));
            Ok(show(&identity, &session, &person, &client, &request, token, again))
        }
        _ => step::go_on(&identity, &token, &session, &person, Came::ByLink).await,
    }
}

/// `POST /u/consent`
pub(crate) async fn submit(
    State(identity): State<Identity>,
    handle: Handle,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, PageError> {
    let (session, token, params) = posted::checked(&identity, &handle, &headers, &body).await?;
    let (_, person) = person::of_request(&identity, &handle).await?.ok_or_else(PageError::forged)?;
    let allowed = match params.get("decision") {
        Some("allow") => true,
        Some("deny") => false,
        _ => {
            return Err(PageError::bad_request(
                tr!("Nothing was decided", "Nichts wurde entschieden"),
                tr!("Choose whether to allow it or not.", "Wähle, ob du es erlaubst oder nicht."),
            ));
        }
    };
    let mut db = identity.db.pool().acquire().await?;
    let pending = Pending::look(&identity, &mut db, &session, &token).await?.ok_or_else(step::too_late)?;
    drop(db);
    let Pending::Authorize(request) = pending else { return Err(step::too_late()) };
    let client = step::client_of(&identity, &request).await?;
    // Another person may have logged in since the page was shown, or the login may have to be repeated.
    if matches!(
        step::need(&identity, &client, &request, Some((&session, &person))).await?,
        step::Need::Login | step::Need::AnotherPerson
    ) {
        return step::go_on(&identity, &token, &session, &person, Came::ByForm).await;
    }
    let mut tx = identity.db.begin().await?;
    Pending::take(&identity, &mut tx, &session, &token).await?.ok_or_else(step::too_late)?;
    let event = if allowed { "consent_given" } else { "consent_denied" };
    let detail = json!({ "scopes": request.scopes, "audience": request.audience });
    let event = Event { event, person: Some(&person.id), client: Some(&client.id), detail };
    audit::record(&identity, &mut tx, event).await?;
    let href = if allowed {
        let place = redirect_uri::place(&request.redirect_uri);
        let before = store::consent::find(&mut tx, &person.id, &client.id, &request.audience, &place).await?;
        let mut scopes = request.scopes.clone();
        scopes.extend(before.into_iter().filter(|scope| !request.scopes.contains(scope)));
        let now = identity.clock.now();
        store::consent::put(&mut tx, &person.id, &client.id, &request.audience, &place, &scopes, now).await?;
        answer::code(&identity, &mut tx, &request, &session, &person).await?
    } else {
        let text = "The person did not consent";
        answer::error(&identity, &request.redirect_uri, request.state.as_deref(), "access_denied", text)
    };
    tx.commit().await?;
    Ok(step::leave(&identity, &client, href, Came::ByForm))
}

fn show(
    identity: &Identity,
    session: &Session,
    person: &Person,
    client: &Client,
    request: &AuthorizationRequest,
    token: String,
    again: bool,
) -> Response {
    let api = identity.api(&request.audience).filter(|api| api.consent);
    let consent = Consent {
        csrf_token: identity.sessions.csrf_token(session),
        request: token,
        client: client.name.clone(),
        unverified: client.registered,
        redirect_host: redirect_uri::host(&request.redirect_uri),
        loopback: redirect_uri::stays_here(&request.redirect_uri),
        again,
        account: format!("{} · {}", identity.config.title, person.name),
        api: api.map(|api| (api.title.clone(), api.audience.clone())),
        scopes: in_words(identity, &request.scopes, &request.audience),
        approved_at: approved_at(identity, client),
    };
    identity.page(StatusCode::OK, Some(person), View::Consent(consent))
}

/// Descriptions of the scopes, as given by their API.
pub(crate) fn in_words(identity: &Identity, scopes: &[String], audience: &str) -> Vec<String> {
    let has = |scope: &str| scopes.iter().any(|it| it == scope);
    let mut words = Vec::new();
    match (has("profile"), has("email")) {
        (true, true) => words
            .push(tr!("See your name and e-mail address", "Deinen Namen und deine E-Mail-Adresse sehen").to_owned()),
        (true, false) => words.push(tr!("See your name", "Deinen Namen sehen").to_owned()),
        (false, true) => words.push(tr!("See your e-mail address", "Deine E-Mail-Adresse sehen").to_owned()),
        (false, false) => {}
    }
    if let Some(api) = identity.api(audience) {
        words.extend(api.in_words(has));
    }
    if words.is_empty() {
        // `openid` alone reveals only an id.
        words.push(tr!("Recognise you when you come back", "Dich wiedererkennen, wenn du zurückkommst").to_owned());
    }
    if has("offline_access") {
        words.push(
            tr!(
                "Keep this access while you are away, until you revoke it",
                "Diesen Zugriff behalten, auch wenn du nicht da bist, bis du ihn widerrufst"
            )
            .to_owned(),
        );
    }
    words
}

/// The host where orders are approved (the approval issuer), for a client that may only act with approvals.
fn approved_at(identity: &Identity, client: &Client) -> Option<String> {
    let issuer = identity.config.approval_issuers.iter().find(|issuer| issuer.client == client.id)?;
    Site::new(Url::parse(&issuer.issuer).ok()?).ok().map(|site| site.host())
}
