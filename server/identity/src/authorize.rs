//! The authorization endpoint, `/authorize` (RFC 6749 §3.1, OpenID Connect Core §3.1.2).

pub(crate) mod answer;
pub(crate) mod audience;
pub(crate) mod check;
pub(crate) mod redirect_uri;
pub(crate) mod request;
pub(crate) mod step;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use foundation::{
    lang::{self, Lang},
    limit::Peer,
    session::Handle,
    tr,
};
use request::{AuthorizationRequest, Pending};
use step::{Came, Need};
use url::form_urlencoded;

use crate::{
    client::Client,
    error::{OAuthError, PageError},
    login::{person, session},
    params::Params,
    state::Identity,
    store::{self, person::Person},
};

type Pairs = Vec<(String, String)>;

pub(crate) async fn get(
    State(identity): State<Identity>,
    handle: Handle,
    peer: Peer,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let pairs: Pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let client = client(&identity, &pairs).await?;
    let redirect_uri = own_redirect_uri(&client, &pairs)?;
    let state = single(&pairs, "state").filter(|state| state.len() <= 2048);
    let checked =
        Params::from_pairs(pairs.iter().cloned()).and_then(|params| checked(&identity, &client, redirect_uri, &params));
    match checked {
        Ok(request) => {
            identity.limits.visit(&peer)?;
            let told = single(&pairs, "ui_locales").and_then(Lang::of_list);
            let mut response = proceed(&identity, &handle, &client, request, told).await?;
            if let Some(lang) = told {
                response.headers_mut().append(header::SET_COOKIE, lang::keep(lang, &identity.config.site));
            }
            Ok(response)
        }
        Err(OAuthError { error, description, .. }) => {
            let known = person::of_request(&identity, &handle).await?;
            let href = answer::error(&identity, redirect_uri, state, error, &description);
            refuse(&identity, &client, known.map(|(_, person)| person).as_ref(), redirect_uri, href, &description).await
        }
    }
}

/// An early error. A client that registered itself only gets it by redirect if this browser's person has allowed it
/// something. Otherwise anyone could register an address and lead people there by a link to this site (RFC 9700
/// §4.11.2). Until then a page shows the address, and the person decides whether to continue.
async fn refuse(
    identity: &Identity,
    client: &Client,
    person: Option<&Person>,
    redirect_uri: &str,
    href: String,
    text: &str,
) -> Result<Response, PageError> {
    if client.registered {
        let allowed = match person {
            Some(person) => {
                let mut db = identity.db.pool().acquire().await?;
                let place = redirect_uri::place(redirect_uri);
                store::consent::is_any(&mut db, &person.id, &client.id, &place).await?
            }
            None => false,
        };
        if !allowed {
            return Err(stranger(client, &redirect_uri::host(redirect_uri), href, text));
        }
    }
    Ok(Redirect::to(&href).into_response())
}

fn stranger(client: &Client, host: &str, href: String, text: &str) -> PageError {
    PageError::bad_request(
        tr!("This request can’t be followed", "Diese Anfrage ist so nicht möglich"),
        tr!(
            format!(
                "“{}” at {host} asked for access in a way that isn’t possible: {text}. It registered itself here, \
                 nobody has checked who made it, and you have not allowed it anything, so you were not sent there. \
                 Nothing was shared. Go on only if you have just started it; it will tell you more.",
                client.name
            ),
            format!(
                "„{}“ bei {host} bat auf eine Weise um Zugriff, die hier nicht möglich ist ({text}). Es hat sich hier selbst \
                 angemeldet, niemand hat geprüft, von wem es ist, und du hast ihm nichts erlaubt. Deshalb wurdest du \
                 nicht dorthin geschickt. Nichts wurde mitgeteilt. Geh nur weiter, wenn du es gerade gestartet hast; \
                 dort erfährst du mehr.",
                client.name
            )
        ),
    )
    .back(href, tr!(format!("Go on to {host}"), format!("Weiter zu {host}")))
}

/// The request may also be posted (OpenID Connect Core §3.1.2.1). It is redirected to become a link, because a post
/// from another site comes without the session's cookie.
pub(crate) async fn post(body: Bytes) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(form_urlencoded::parse(&body)).finish();
    Redirect::to(&format!("/authorize?{query}")).into_response()
}

/// The client, or an error page: an unknown client has no trustworthy address (RFC 6749 §4.1.2.1).
async fn client(identity: &Identity, pairs: &Pairs) -> Result<Client, PageError> {
    let mut db = identity.db.pool().acquire().await?;
    let client = match single(pairs, "client_id") {
        Some(id) => store::client::find(&mut db, id, identity.clock.now()).await?,
        None => None,
    };
    client.ok_or_else(|| {
        PageError::bad_request(
            tr!("This application isn’t known here", "Diese App ist hier nicht bekannt"),
            tr!(
                "It asked for access under a name that isn’t registered, or that is no longer. Nothing was shared with \
                 it. If you trust it, remove the connection in it and set it up again.",
                "Sie bat unter einem Namen um Zugriff, der nicht oder nicht mehr angemeldet ist. Ihr wurde nichts \
                 mitgeteilt. Wenn du ihr vertraust, entferne in ihr die Verbindung, und richte sie neu ein."
            ),
        )
    })
}

/// The redirect URI, or an error page: nobody is redirected to an unregistered address (THREATS.md line 1).
fn own_redirect_uri<'a>(client: &Client, pairs: &'a Pairs) -> Result<&'a str, PageError> {
    single(pairs, "redirect_uri").filter(|uri| redirect_uri::is_registered(client, uri)).ok_or_else(|| {
        PageError::bad_request(
            tr!("This link leads to an unknown address", "Dieser Link führt zu einer unbekannten Adresse"),
            tr!(
                format!(
                    "{} asked to send you somewhere that isn’t registered for it. You were not sent there, and nothing \
                     was shared.",
                    client.name
                ),
                format!(
                    "{} wollte dich an eine Adresse schicken, die nicht dafür angemeldet ist. Du wurdest nicht dorthin \
                     geschickt, und nichts wurde mitgeteilt.",
                    client.name
                )
            ),
        )
    })
}

/// A parameter that occurs exactly once.
fn single<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    let mut values = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
    values.next().filter(|_| values.next().is_none())
}

fn checked(
    identity: &Identity,
    client: &Client,
    redirect_uri: &str,
    params: &Params,
) -> Result<AuthorizationRequest, OAuthError> {
    check::lengths(params)?;
    check::request_object(params)?;
    check::response_type(params)?;
    check::response_mode(params)?;
    check::grant(client)?;
    check::connection(identity, params)?;
    let code_challenge = check::code_challenge(params)?;
    let api = audience::of_request(identity, client, params)?;
    let scopes = check::scope(client, api, params)?;
    let prompt = check::prompt(params)?;
    let max_age = check::max_age(params)?;
    Ok(AuthorizationRequest {
        client: client.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: params.get("state").map(str::to_owned),
        audience: api.map_or_else(|| identity.userinfo_audience(), |api| api.audience.clone()),
        scopes,
        code_challenge,
        nonce: params.get("nonce").map(str::to_owned),
        silent: prompt.none,
        login_again: prompt.login || max_age == Some(0),
        consent_again: prompt.consent,
        max_age,
        login_hint: params.get("login_hint").map(str::to_owned),
        signup_first: params.get("screen_hint") == Some("signup"),
        hinted: check::id_token_hint(identity, params)?,
        asked_at: identity.clock.now(),
    })
}

async fn proceed(
    identity: &Identity,
    handle: &Handle,
    client: &Client,
    request: AuthorizationRequest,
    told: Option<Lang>,
) -> Result<Response, PageError> {
    let known = person::of_request(identity, handle).await?;
    if let (Some(lang), Some((_, person))) = (told, &known) {
        let mut db = identity.db.pool().acquire().await?;
        store::person::suggest(&mut db, &person.id, lang).await?;
    }
    let need =
        step::need(identity, client, &request, known.as_ref().map(|(session, person)| (session, person))).await?;
    let refuse = async |error, text, person: Option<&Person>| {
        let href = answer::error(identity, &request.redirect_uri, request.state.as_deref(), error, text);
        refuse(identity, client, person, &request.redirect_uri, href, text).await
    };
    match (need, known) {
        (Need::AnotherPerson, known) => {
            let (error, text) = step::ANOTHER_PERSON;
            refuse(error, text, known.as_ref().map(|(_, person)| person)).await
        }
        (Need::Nothing, Some((session, person))) => {
            let mut tx = identity.db.begin().await?;
            let href = answer::code(identity, &mut tx, &request, &session, &person).await?;
            tx.commit().await?;
            Ok(step::leave(identity, client, href, Came::ByLink))
        }
        (Need::Consent, Some((_, person))) if request.silent => {
            refuse("consent_required", "The person has to consent", Some(&person)).await
        }
        (Need::Consent, Some((session, _))) => {
            let mut db = identity.db.pool().acquire().await?;
            let token = Pending::Authorize(Box::new(request)).put(identity, &mut db, &session).await?;
            Ok(step::to_page("/u/consent", &token))
        }
        (_, known) if request.silent => {
            refuse("login_required", "The person has to log in", known.as_ref().map(|(_, person)| person)).await
        }
        _ => session::ask(identity, handle, Pending::Authorize(Box::new(request))).await,
    }
}
