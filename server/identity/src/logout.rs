//! `/oidc/logout` (OpenID Connect RP-Initiated Logout 1.0): ends the session here, then the one at the login provider,
//! then returns to the client. Grants and approvals remain.

use std::borrow::Cow;

use axum::{
    body::Bytes,
    extract::{Query, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use foundation::{
    guard::is_own_origin,
    jwt::JwtError,
    limit::Peer,
    session::{Handle, IdentityChange, Session},
    tr,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::{
    audit::{self, Event},
    authorize::{
        answer::sid,
        check::{IdTokenHint, read_id_token_hint},
        step::Came,
    },
    client::Client,
    config::LoginBy,
    error::PageError,
    login::session::with_cookie,
    page::View,
    params::Params,
    state::Identity,
    store,
};

/// The destination after the logout.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Back {
    /// A registered address, with `state`.
    href: Option<String>,
}

const KIND: &str = "logout";
/// How long the browser may take at the provider, and to confirm, in milliseconds.
const LIFETIME: i64 = 600_000;

/// `GET /oidc/logout`
pub(crate) async fn get(
    State(identity): State<Identity>,
    handle: Handle,
    peer: Peer,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let pairs = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let params = Params::from_pairs(pairs.into_owned()).map_err(|error| {
        PageError::bad_request(tr!("You are still logged in", "Du bist noch angemeldet"), error.description)
    })?;
    let hint = match params.get("id_token_hint") {
        Some(hint) => match read_id_token_hint(&identity, hint) {
            Ok(hint) => Some(hint),
            // The token's key has expired, so the token vouches for nothing and counts as absent.
            Err(JwtError::UnknownKey) => None,
            Err(_) => return Err(unknown(tr!("The id token isn’t ours.", "Das ID-Token ist nicht von hier."))),
        },
        None => None,
    };
    let client = client(&identity, &params, hint.as_ref()).await?;
    let back = Back { href: post_logout_redirect_uri(&params, client.as_ref())? };
    let Some(session) = identity.sessions.find(&handle).await?.filter(|session| session.person.is_some()) else {
        // The session here has already ended, but perhaps not the one at the provider. With an ID token of ours the
        // logout continues there, where the person is asked, since the provider's own ID token was in the session.
        let next = match hint {
            Some(_) if identity.login.is_some() => {
                identity.limits.visit(&peer)?;
                at_provider(&identity, None, &back).await
            }
            _ => None,
        };
        let response = next.map_or_else(|| leave(&identity, &back, Came::ByLink), |href| to(&href));
        return Ok(over(response));
    };
    // The client vouches for this logout if its ID token is from this session. Any other link asks first.
    if hint.is_some_and(|hint| hint.sid.is_some_and(|it| it == sid(&identity, &session))) {
        return finish(&identity, &session, &back, Came::ByLink).await;
    }
    identity.limits.visit(&peer)?;
    let mut db = identity.db.pool().acquire().await?;
    let request = identity.one_time.put(&mut db, KIND, &session.id, &back, LIFETIME).await?;
    drop(db);
    let view = View::LogOut { csrf_token: identity.sessions.csrf_token(&session), request };
    let person = crate::login::person::of_session(&identity, &session).await?;
    Ok(identity.page(StatusCode::OK, person.as_ref(), view))
}

/// `GET /v2/logout`: Auth0's older address, with `returnTo` instead of `post_logout_redirect_uri`. It carries no ID
/// token, so the person is asked first.
pub(crate) async fn v2(RawQuery(query): RawQuery) -> Redirect {
    let pairs = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let pairs = pairs.filter_map(|(name, value)| match &*name {
        "returnTo" => Some(("post_logout_redirect_uri", value)),
        "client_id" => Some(("client_id", value)),
        _ => None,
    });
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Redirect::to(&format!("/oidc/logout?{query}"))
}

/// `POST /oidc/logout`: the form of our own page, or a client's post, which becomes a link.
pub(crate) async fn post(
    State(identity): State<Identity>,
    handle: Handle,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, PageError> {
    let params = Params::from_body(&headers, &body).map_err(|_| PageError::forged())?;
    let Some(csrf_token) = params.get("csrf_token") else {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form_urlencoded::parse(&body).filter(|(name, _)| name != "csrf_token"))
            .finish();
        return Ok(Redirect::to(&format!("/oidc/logout?{query}")).into_response());
    };
    let session = identity.sessions.find(&handle).await?.ok_or_else(PageError::forged)?;
    if !is_own_origin(&headers, &identity.config.site) || !identity.sessions.matches_csrf_token(&session, csrf_token) {
        return Err(PageError::forged());
    }
    let request = params.get("request").unwrap_or_default();
    let mut db = identity.db.pool().acquire().await?;
    let back: Option<Back> = identity.one_time.take(&mut db, KIND, &session.id, request).await?;
    drop(db);
    finish(&identity, &session, &back.unwrap_or_default(), Came::ByForm).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Callback {
    #[serde(default)]
    state: String,
}

/// `GET /oidc/logout/callback`: the return from the provider.
pub(crate) async fn callback(
    State(identity): State<Identity>,
    Query(Callback { state }): Query<Callback>,
) -> Result<Response, PageError> {
    let mut db = identity.db.pool().acquire().await?;
    let back: Option<Back> = identity.one_time.take(&mut db, KIND, "provider", &state).await?;
    Ok(leave(&identity, &back.unwrap_or_default(), Came::ByLink))
}

/// The client that asks: the ID token's, with which `client_id` must agree (§2).
async fn client(identity: &Identity, params: &Params, hint: Option<&IdTokenHint>) -> Result<Option<Client>, PageError> {
    let id = match (params.get("client_id"), hint.map(|hint| hint.aud.as_str())) {
        (Some(named), Some(of_hint)) if named != of_hint => {
            return Err(unknown(tr!(
                "It names one application and carries another’s id token.",
                "Er nennt eine App und trägt das ID-Token einer anderen."
            )));
        }
        (named, of_hint) => of_hint.or(named),
    };
    let Some(id) = id else { return Ok(None) };
    let mut db = identity.db.pool().acquire().await?;
    Ok(store::client::find(&mut db, id, identity.clock.now()).await?)
}

/// A registered address, compared as text (THREATS.md line 41). An origin may have a trailing slash or not (RFC 3986
/// §6.2.3), since Auth0's SDKs send it without.
fn post_logout_redirect_uri(params: &Params, client: Option<&Client>) -> Result<Option<String>, PageError> {
    let Some(uri) = params.get("post_logout_redirect_uri") else { return Ok(None) };
    let registered = client.map(|client| &client.post_logout_redirect_uris[..]).unwrap_or_default();
    let Some(uri) = registered.iter().find(|known| whole(known) == whole(uri)) else {
        return Err(unknown(tr!(
            "The address that it leads back to isn’t registered for the application.",
            "Die Adresse, zu der er zurückführt, ist nicht für die App angemeldet."
        )));
    };
    // As at `/authorize` (THREATS.md line 4): it is stored for anyone who asks.
    if params.get("state").is_some_and(|state| state.len() > 2048) {
        return Err(unknown(tr!("Its state is longer than 2 kB.", "Sein state ist länger als 2 kB.")));
    }
    Ok(Some(match params.get("state") {
        Some(state) => {
            let state = form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
            format!("{uri}{}{state}", if uri.contains('?') { '&' } else { '?' })
        }
        None => uri.to_owned(),
    }))
}

/// Adds the slash to a bare origin. Leaves any other text unchanged.
fn whole(uri: &str) -> Cow<'_, str> {
    let rest = uri.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    let is_origin = !rest.is_empty() && !rest.contains(['/', '?', '#', '\\']);
    if is_origin { format!("{uri}/").into() } else { uri.into() }
}

fn unknown(why: &'static str) -> PageError {
    PageError::bad_request(
        tr!("You are still logged in", "Du bist noch angemeldet"),
        tr!(format!("This logout link isn’t valid. {why}"), format!("Dieser Link zum Abmelden ist ungültig. {why}")),
    )
}

/// Ends the session here, then redirects to the provider's logout, or back.
async fn finish(identity: &Identity, session: &Session, back: &Back, came: Came) -> Result<Response, PageError> {
    let id_token = identity.sessions.id_token(session).await?;
    let mut tx = identity.db.begin().await?;
    identity.sessions.end(&mut tx, &session.id).await?;
    let event = Event { event: "logout", person: session.person.as_deref(), ..Event::default() };
    audit::record(identity, &mut tx, event).await?;
    tx.commit().await?;
    let next = match &id_token {
        Some(id_token) => at_provider(identity, Some(id_token), back).await,
        None => None,
    };
    let response = match next {
        Some(href) => match came {
            Came::ByLink => to(&href),
            Came::ByForm => identity.go_on(href, tr!("Logging you out everywhere", "Du wirst überall abgemeldet")),
        },
        None => leave(identity, back, came),
    };
    Ok(over(with_cookie(response, identity.sessions.forget())))
}

/// Marks an answer after which nobody is logged in here with this browser.
fn over(mut response: Response) -> Response {
    response.extensions_mut().insert(IdentityChange::LoggedOut);
    response
}

/// The address of the provider's logout for a person who logged in there, with their ID token. `None` if it has none or
/// can't be reached. The session here has ended anyway.
async fn at_provider(identity: &Identity, id_token: Option<&str>, back: &Back) -> Option<String> {
    let LoginBy::Provider { settings, .. } = &identity.config.login else { return None };
    let discovery = format!("{}/.well-known/openid-configuration", settings.issuer.trim_end_matches('/'));
    let document: Value = match identity.http.json(identity.http.client().get(discovery)).await {
        Ok(document) => document,
        Err(error) => {
            foundation::sparsely!(warn, issuer = settings.issuer, %error, "the provider's logout can't be found");
            return None;
        }
    };
    let endpoint = Url::parse(document["end_session_endpoint"].as_str()?).ok()?;
    let mut db = identity.db.pool().acquire().await.ok()?;
    let state = identity.one_time.put(&mut db, KIND, "provider", back, LIFETIME).await.ok()?;
    let back = identity.config.site.at("oidc/logout/callback");
    let mut href = identity.login.as_ref()?.logout_url(endpoint, id_token, &back);
    href.query_pairs_mut().append_pair("state", &state);
    Some(href.into())
}

fn to(href: &str) -> Response {
    Redirect::to(href).into_response()
}

fn leave(identity: &Identity, back: &Back, came: Came) -> Response {
    match (&back.href, came) {
        (Some(href), Came::ByLink) => to(href),
        (Some(href), Came::ByForm) => identity.go_on(href.clone(), tr!("You are logged out", "Du bist abgemeldet")),
        (None, _) => identity.page(StatusCode::OK, None, View::LoggedOut { back: None }),
    }
}
