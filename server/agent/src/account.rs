//! Connected accounts: the page's data, and the requests that connect an account (PROTOCOL.md, "Connecting an account")
//! and disconnect it.

use axum::{
    Form, Router,
    extract::{OriginalUri, Path, Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use details::Api;
use foundation::{
    guard, secret,
    session::{Handle, Session},
    tr,
};
use serde::{Deserialize, Serialize};

use crate::{
    broker,
    config::{Config, Connection},
    error::Error,
    identity::{IdentityError, me::Me},
    interrupt, login,
    page::{Accounts, Frame},
    state::Agent,
    store,
    tools::scope,
};

/// The kind under which [`foundation::one_time`] keeps a connection in progress.
const KIND: &str = "connect";

pub(crate) fn routes(agent: &Agent) -> Router {
    Router::new()
        .route("/accounts/connect", get(connect))
        .route("/accounts/callback", get(callback))
        .route("/accounts/{id}/disconnect", post(disconnect))
        .with_state(agent.clone())
}

impl Agent {
    /// The data of `/accounts` for this session. A visitor sees that they must log in.
    ///
    /// # Errors
    /// If the database fails. If the identity service doesn't answer, the page says so.
    pub async fn accounts_page(&self, handle: &Handle) -> Result<Accounts, Error> {
        let (frame, session) = Frame::of(self, handle).await?;
        let mut page = Accounts {
            frame,
            accounts: Vec::new(),
            available: Vec::new(),
            notice: None,
            back: None,
            unavailable: None,
            now: self.clock.now(),
        };
        let Some(session) = session else { return Ok(page) };
        let Some(person) = session.person.clone() else { return Ok(page) };
        if let Some(notice) = store::notice::take(self.db.pool(), &session.id).await? {
            (page.notice, page.back) = (Some(notice.text), notice.back);
        }
        match accounts(self, &person).await {
            Ok(accounts) => {
                for (at, connection) in self.config.connections.iter().enumerate() {
                    let all = scope::in_words(&self.config, &scope::known(&self.config, &connection.api, ""));
                    let whole = accounts.iter().any(|account| {
                        account.connection == connection.name && all.iter().all(|scope| account.scopes.contains(scope))
                    });
                    if !whole {
                        let query = if at == 0 { String::new() } else { format!("?api={}", connection.api) };
                        page.available.push((connection.title.clone(), all, format!("/accounts/connect{query}")));
                    }
                }
                page.accounts = accounts;
            }
            Err(IdentityError::Login) => {
                page.unavailable = Some(
                    tr!(
                        "Your login has ended. Log out and in again.",
                        "Deine Anmeldung ist zu Ende. Melde dich ab und wieder an."
                    )
                    .into(),
                )
            }
            Err(error) => page.unavailable = Some(error.text()),
        }
        Ok(page)
    }
}

async fn accounts(agent: &Agent, person: &str) -> Result<Vec<shared::chat::ConnectedAccount>, IdentityError> {
    Me::of(agent, person).await?.accounts().await
}

/// A connection in progress, kept until the browser returns, and valid only for the session that began it.
#[derive(Serialize, Deserialize)]
struct Begun {
    person: String,
    /// The API it is for. A row without one is from an older release and means StockTrade.
    #[serde(default)]
    api: Option<String>,
    auth_session: String,
    verifier: String,
    back: String,
}

#[derive(Deserialize)]
struct ConnectQuery {
    #[serde(rename = "returnTo")]
    return_to: Option<String>,
    /// The API it is for. `None` means that of the first connection.
    api: Option<String>,
    /// Separated by spaces. `None` means all scopes of the API.
    scopes: Option<String>,
}

async fn connect(
    State(agent): State<Agent>,
    handle: Handle,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ConnectQuery>,
) -> Result<Response, Error> {
    let again = uri.path_and_query().map_or("/accounts", |path| path.as_str());
    let Some((session, person)) = person(&agent, &handle).await? else { return Ok(to_login(again)) };
    let back = query.return_to.map_or_else(|| "/accounts".into(), |path| agent.config.site.return_to(&path));
    let Some(api) = named(&agent.config, query.api.as_deref()) else {
        return tell(&agent, session, tr!("There is no such account to connect.", "Dieses Konto gibt es nicht.")).await;
    };
    let scopes = scope::known(&agent.config, &api.id, query.scopes.as_deref().unwrap_or_default());
    let begun = match agent.config.connection_to(&api.id) {
        Some(connection) => begin(&agent, &session, &person, connection, scopes, back).await?,
        None => return consent(&agent, &session, api, &scopes, &back).await,
    };
    match begun {
        Ok(url) => Ok(Redirect::to(&url).into_response()),
        Err(IdentityError::Login) => Ok(to_login(again)),
        Err(error) => tell(&agent, session, &error.text()).await,
    }
}

/// The API with this id; without an id, that of the first connection.
fn named<'a>(config: &'a Config, api: Option<&'a str>) -> Option<&'a Api> {
    config.api(api.or_else(|| config.connections.first().map(|connection| connection.api.as_str()))?)
}

/// Redirects to the identity service's consent page, for one of its own APIs. The browser returns as after a login.
async fn consent(
    agent: &Agent,
    session: &Session,
    api: &Api,
    scopes: &[String],
    back: &str,
) -> Result<Response, Error> {
    let id_token = agent.sessions.id_token(session).await?;
    let mut extra = vec![("audience", api.audience.as_str()), ("prompt", "consent")];
    // The same person must consent, even if someone else is logged in there now.
    extra.extend(id_token.as_deref().map(|id_token| ("id_token_hint", id_token)));
    let scopes: Vec<&str> = login::SCOPES.into_iter().chain(scopes.iter().map(String::as_str)).collect();
    let carry = serde_json::json!({ "back": back, "api": api.id });
    let url = agent.login.begin(agent.db.pool(), &session.visitor, &scopes, &extra, carry).await?;
    Ok(Redirect::to(url.as_str()).into_response())
}

async fn begin(
    agent: &Agent,
    session: &Session,
    person: &str,
    connection: &Connection,
    scopes: Vec<String>,
    back: String,
) -> Result<Result<String, IdentityError>, Error> {
    let (state, verifier) = (secret::token(), secret::token());
    let begun = async {
        let me = Me::of(agent, person).await?;
        // A new connection replaces the old one and its scopes.
        let scopes = scope::union(&agent.config, &scopes, &me.granted(&connection.name).await?);
        // RFC 7636 §4.2
        let challenge = secret::hash(&verifier);
        me.connect(&connection.name, &scopes, &redirect_uri(agent), &state, &challenge).await
    };
    let begun = match begun.await {
        Ok(begun) => begun,
        Err(error) => return Ok(Err(error)),
    };
    let api = Some(connection.api.clone());
    let kept = Begun { person: person.to_owned(), api, auth_session: begun.auth_session, verifier, back };
    let mut db = agent.db.pool().acquire().await?;
    agent.one_time.put_under(&mut db, &state, KIND, &session.id, &kept, begun.expires_in).await?;
    Ok(Ok(begun.url))
}

#[derive(Default, Deserialize)]
struct CallbackQuery {
    connect_code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// The browser returns with a code. Only the list of accounts reports the outcome, never this address (THREATS.md line
/// 10).
async fn callback(
    State(agent): State<Agent>,
    handle: Handle,
    query: Result<Query<CallbackQuery>, QueryRejection>,
) -> Response {
    let Query(query) = query.unwrap_or_default();
    complete(agent, handle, query).await.unwrap_or_else(|error| {
        // `message` also logs an internal error. The list shows whether the account is connected.
        let message = error.message();
        tracing::warn!(message, "an account may not have been connected");
        Redirect::to("/accounts").into_response()
    })
}

async fn complete(agent: Agent, handle: Handle, query: CallbackQuery) -> Result<Response, Error> {
    let Some((session, person)) = person(&agent, &handle).await? else { return Ok(to_login("/accounts")) };
    let mut db = agent.db.pool().acquire().await?;
    let state = query.state.unwrap_or_default();
    let begun: Option<Begun> = agent.one_time.take(&mut db, KIND, &session.id, &state).await?;
    drop(db);
    let Some(begun) = begun.filter(|begun| begun.person == person) else {
        let text = tr!(
            "This connection doesn’t belong to this browser, or it took too long, so nothing was connected. \
             Connect the account again.",
            "Diese Verbindung gehört nicht zu diesem Browser, oder sie dauerte zu lange. Nichts wurde verbunden. \
             Verbinde das Konto noch einmal."
        );
        return tell(&agent, session, text).await;
    };
    let name = agent.config.name_of(begun.api.as_deref().unwrap_or(broker::API)).to_owned();
    let Some(connect_code) = query.connect_code.filter(|_| query.error.is_none()) else {
        let text = if query.error.as_deref() == Some("access_denied") {
            tr!(
                format!("{name} wasn’t connected, because you didn’t allow it there. You can connect it later."),
                format!(
                    "{name} wurde nicht verbunden, denn du hast es dort nicht erlaubt. Du kannst es später verbinden."
                )
            )
        } else {
            tr!(
                format!("{name} wasn’t connected: something interrupted it. Connect it again."),
                format!("{name} wurde nicht verbunden: Etwas kam dazwischen. Verbinde es noch einmal.")
            )
        };
        return tell_on_the_way(&agent, session, &text, &begun.back).await;
    };
    let completed = async {
        let me = Me::of(&agent, &person).await?;
        me.complete(&begun.auth_session, &connect_code, &redirect_uri(&agent), &begun.verifier).await
    };
    match completed.await {
        Ok(true) => {
            interrupt::connected(&agent, &person).await?;
            if begun.back == "/accounts" {
                tell(&agent, session, &tr!(format!("{name} is connected."), format!("{name} ist verbunden."))).await
            } else {
                Ok(Redirect::to(&begun.back).into_response())
            }
        }
        Ok(false) => {
            let text = tr!(
                format!(
                    "This {name} account is connected to another person here, so it was left there. Log in to {name} \
                     with your own account and connect that one."
                ),
                format!(
                    "Dieses Konto bei {name} ist hier mit jemand anderem verbunden und blieb dort. Melde dich bei {name} \
                     mit deinem eigenen Konto an, und verbinde das."
                )
            );
            tell_on_the_way(&agent, session, &text, &begun.back).await
        }
        Err(error) => {
            let text = tr!(
                format!("{name} wasn’t connected. {error}"),
                format!("{name} wurde nicht verbunden. {}", error.text())
            );
            tell_on_the_way(&agent, session, &text, &begun.back).await
        }
    }
}

#[derive(Deserialize)]
struct DisconnectForm {
    csrf_token: String,
}

async fn disconnect(
    State(agent): State<Agent>,
    handle: Handle,
    headers: HeaderMap,
    Path(account): Path<String>,
    Form(form): Form<DisconnectForm>,
) -> Result<Response, Error> {
    if !guard::is_own_origin(&headers, &agent.config.site) {
        return Err(Error::WrongCsrfToken);
    }
    let Some((session, person)) = person(&agent, &handle).await? else { return Err(Error::LoginNeeded) };
    if !agent.sessions.matches_csrf_token(&session, &form.csrf_token) {
        return Err(Error::WrongCsrfToken);
    }
    let disconnected = async { Me::of(&agent, &person).await?.disconnect(&account).await };
    let text = match disconnected.await {
        Ok(()) => tr!(
            "The account is disconnected. Mandate can no longer see it or prepare orders there.",
            "Das Konto ist getrennt. Mandate sieht es nicht mehr und kann dort keine Aufträge mehr vorbereiten."
        )
        .to_owned(),
        Err(error) => tr!(
            format!("The account is still connected. {error}"),
            format!("Das Konto ist noch verbunden. {}", error.text())
        ),
    };
    tell(&agent, session, &text).await
}

/// The person of this session.
async fn person(agent: &Agent, handle: &Handle) -> Result<Option<(Session, String)>, Error> {
    let session = agent.sessions.find(handle).await?;
    Ok(session.and_then(|session| session.person.clone().map(|person| (session, person))))
}

fn redirect_uri(agent: &Agent) -> String {
    agent.config.site.at("accounts/callback")
}

/// Redirects to the login, which returns to a path of this site.
fn to_login(back: &str) -> Response {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("returnTo", back).finish();
    Redirect::to(&format!("/auth/login?{query}")).into_response()
}

/// Redirects to the list of accounts, which shows this notice once.
async fn tell(agent: &Agent, session: Session, text: &str) -> Result<Response, Error> {
    tell_on_the_way(agent, session, text, "/accounts").await
}

/// Shows a notice to a person who came from this page of the site, with a link back to it.
async fn tell_on_the_way(agent: &Agent, session: Session, text: &str, back: &str) -> Result<Response, Error> {
    let back = Some(back).filter(|back| *back != "/accounts");
    store::notice::put(agent.db.pool(), &secret::id("ntc_"), &session.id, text, back, agent.clock.now()).await?;
    Ok(Redirect::to("/accounts").into_response())
}
