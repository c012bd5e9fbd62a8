//! The next step of a valid request: a login, a consent, or nothing more.

use axum::response::{IntoResponse, Redirect, Response};
use foundation::{session::Session, tr};

use super::{
    answer, redirect_uri,
    request::{AuthorizationRequest, Pending},
};
use crate::{client::Client, error::PageError, state::Identity, store, store::person::Person};

/// How the browser got here. A redirect after a post can't lead to another site (PROTOCOL.md, "Browsers").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    ByLink,
    ByForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Login,
    Consent,
    Nothing,
    /// The person isn't the one of the `id_token_hint`.
    AnotherPerson,
}

/// The step that the request needs next from this person.
pub(crate) async fn need(
    identity: &Identity,
    client: &Client,
    request: &AuthorizationRequest,
    known: Option<(&Session, &Person)>,
) -> Result<Need, sqlx::Error> {
    let Some((session, person)) = known else { return Ok(Need::Login) };
    if request.hinted.as_ref().is_some_and(|hinted| *hinted != person.id) {
        return Ok(Need::AnotherPerson);
    }
    let fresh = session.created_at > request.asked_at;
    let too_old = |max_age| answer::auth_time(session) + max_age < identity.clock.seconds();
    if !fresh && (request.login_again || request.max_age.is_some_and(too_old)) {
        return Ok(Need::Login);
    }
    if request.consent_again {
        return Ok(Need::Consent);
    }
    if client.first_party && !identity.api(&request.audience).is_some_and(|api| api.consent) {
        return Ok(Need::Nothing);
    }
    // Any program on the person's machine can intercept the code, so the person has to look each time (RFC 8252 §8.6,
    // THREATS.md line 38).
    if client.is_public() && redirect_uri::stays_here(&request.redirect_uri) {
        return Ok(Need::Consent);
    }
    let mut db = identity.db.pool().acquire().await?;
    let place = redirect_uri::place(&request.redirect_uri);
    let given = store::consent::find(&mut db, &person.id, &client.id, &request.audience, &place).await?;
    // Without any consent, even a request without scopes has to ask.
    let enough = !given.is_empty() && request.scopes.iter().all(|scope| given.contains(scope));
    Ok(if enough { Need::Nothing } else { Need::Consent })
}

/// The client of a stored request, which may have been disabled or changed since.
pub(crate) async fn client_of(identity: &Identity, request: &AuthorizationRequest) -> Result<Client, PageError> {
    let mut db = identity.db.pool().acquire().await?;
    let client = store::client::find(&mut db, &request.client, identity.clock.now()).await?;
    client.filter(|client| redirect_uri::is_registered(client, &request.redirect_uri)).ok_or_else(unknown_application)
}

pub(crate) fn unknown_application() -> PageError {
    PageError::bad_request(
        tr!("This application isn’t known here any more", "Diese App ist hier nicht mehr bekannt"),
        tr!(
            "It can’t continue, and nothing was shared with it. Go back to it and start again.",
            "Sie kann nicht weitermachen, und ihr wurde nichts mitgeteilt. Geh zu ihr zurück, und fang neu an."
        ),
    )
    .kind("unknown_application")
}

/// Continues a stored request after this person logged in.
pub(crate) async fn go_on(
    identity: &Identity,
    token: &str,
    session: &Session,
    person: &Person,
    came: Came,
) -> Result<Response, PageError> {
    let mut db = identity.db.pool().acquire().await?;
    let pending = Pending::look(identity, &mut db, session, token).await?.ok_or_else(too_late)?;
    drop(db);
    let request = match pending {
        Pending::Path(path) => return Ok(Redirect::to(&path).into_response()),
        Pending::Authorize(request) => request,
    };
    let client = client_of(identity, &request).await?;
    match need(identity, &client, &request, Some((session, person))).await? {
        Need::Login => Ok(to_page("/u/login", token)),
        Need::Consent => Ok(to_page("/u/consent", token)),
        Need::AnotherPerson => {
            take(identity, session, token).await?;
            Ok(leave(identity, &client, another_person(identity, &request), came))
        }
        Need::Nothing => {
            let mut tx = identity.db.begin().await?;
            Pending::take(identity, &mut tx, session, token).await?.ok_or_else(too_late)?;
            let href = answer::code(identity, &mut tx, &request, session, person).await?;
            tx.commit().await?;
            Ok(leave(identity, &client, href, came))
        }
    }
}

/// Takes a stored request, so that it is answered only once.
pub(crate) async fn take(identity: &Identity, session: &Session, token: &str) -> Result<Pending, PageError> {
    let mut db = identity.db.pool().acquire().await?;
    Pending::take(identity, &mut db, session, token).await?.ok_or_else(too_late)
}

/// Redirects to the client.
pub(crate) fn leave(identity: &Identity, client: &Client, href: String, came: Came) -> Response {
    match came {
        Came::ByLink => Redirect::to(&href).into_response(),
        Came::ByForm => {
            identity.go_on(href, tr!(format!("Going back to {}", client.name), format!("Zurück zu {}", client.name)))
        }
    }
}

/// The error when the person isn't the one of the `id_token_hint`.
pub(crate) const ANOTHER_PERSON: (&str, &str) = ("login_required", "Another person is logged in here");

fn another_person(identity: &Identity, request: &AuthorizationRequest) -> String {
    let (error, text) = ANOTHER_PERSON;
    answer::error(identity, &request.redirect_uri, request.state.as_deref(), error, text)
}

/// Redirects to a page of this site that handles the request.
pub(crate) fn to_page(path: &str, token: &str) -> Response {
    Redirect::to(&format!("{path}?request={token}")).into_response()
}

pub(crate) fn too_late() -> PageError {
    PageError::bad_request(
        tr!("This request has ended", "Diese Anfrage ist beendet"),
        tr!(
            "It was answered already, took longer than an hour, or was started in another browser. \
             Go back to where you came from and start again.",
            "Sie wurde schon beantwortet, dauerte länger als eine Stunde oder begann in einem anderen Browser. \
             Geh dorthin zurück, woher du kamst, und fang neu an."
        ),
    )
    .kind("over")
}
