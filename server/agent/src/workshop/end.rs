//! Ends the access that the workshop created: connected accounts and apps, but only those that the reader ticked.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use foundation::{secret, session::Handle, tr};
use shared::chat::ConnectedAccount;

use super::reader;
use crate::{
    error::Error,
    identity::{
        IdentityError,
        apps::{self, App},
        me::Me,
    },
    page::Frame,
    state::Agent,
    store,
    thread::manage,
};

const PAGE: &str = "/workshop/end";

/// `/workshop/end`
#[derive(Clone, Debug)]
pub struct End {
    pub frame: Frame,
    pub accounts: Vec<ConnectedAccount>,
    /// `None` if the identity service can't list them; it has a page of its own.
    pub apps: Option<Vec<App>>,
    /// The reason if the identity service couldn't be asked.
    pub unavailable: Option<String>,
    /// A notice about the access that has just ended.
    pub notice: Option<String>,
    /// The identity service's address, without a slash at the end.
    pub identity: String,
}

impl Agent {
    /// The data of `/workshop/end` for this session.
    ///
    /// # Errors
    /// [`Error::LoginNeeded`]; if the database fails. If the identity service doesn't answer, the page says so.
    pub async fn workshop_end_page(&self, handle: &Handle) -> Result<End, Error> {
        let (frame, session) = Frame::of(self, handle).await?;
        let session = session.ok_or(Error::LoginNeeded)?;
        let reader = reader::of(self, Some(session.clone())).await?.and_then(|reader| reader.person);
        let person = reader.ok_or(Error::LoginNeeded)?.id;
        let notice = store::notice::take(self.db.pool(), &session.id).await?.map(|notice| notice.text);
        let identity = self.issuer().trim_end_matches('/').to_owned();
        let mut page = End { frame, accounts: Vec::new(), apps: None, unavailable: None, notice, identity };
        match accounts(self, &person).await {
            Ok(accounts) => page.accounts = accounts,
            Err(error) => page.unavailable = Some(error.text()),
        }
        page.apps = access(self, &person).await.ok();
        Ok(page)
    }
}

async fn accounts(agent: &Agent, person: &str) -> Result<Vec<ConnectedAccount>, IdentityError> {
    Me::of(agent, person).await?.accounts().await
}

async fn access(agent: &Agent, person: &str) -> Result<Vec<App>, IdentityError> {
    apps::me(agent, person).await?.apps().await
}

/// `POST /workshop/end` with `csrf_token`, and an `account` or `app` for each that ends. Ending again changes nothing.
pub(super) async fn submit(
    State(agent): State<Agent>,
    handle: Handle,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let values = |name: &'static str| fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value);
    let csrf_token = values("csrf_token").next().map(String::as_str).unwrap_or_default();
    let session = manage::sender(&agent, &handle, csrf_token).await?.session;
    let person = session.person.clone().ok_or(Error::LoginNeeded)?;
    let mut said = Vec::new();
    let known = accounts(&agent, &person).await.unwrap_or_default();
    for id in values("account") {
        let name = known.iter().find(|account| account.id == *id).map_or(id.as_str(), |found| &found.name);
        let ended = async { Me::of(&agent, &person).await?.disconnect(id).await };
        said.push(match ended.await {
            Ok(()) => tr!(
                format!("{name} is disconnected: the vault holds nothing of it any more."),
                format!("{name} ist getrennt: Im Tresor liegt nichts mehr davon.")
            ),
            Err(error) => not_ended(name, &error),
        });
    }
    let known = access(&agent, &person).await.unwrap_or_default();
    for id in values("app") {
        let name = known.iter().find(|app| app.id == *id).map_or(id.as_str(), |found| &found.name);
        let ended = async { apps::me(&agent, &person).await?.end(id).await };
        said.push(match ended.await {
            Ok(()) => tr!(
                format!("The access of {name} has ended: its next call gets 401."),
                format!("Der Zugriff von {name} ist beendet: Der nächste Aufruf bekommt 401.")
            ),
            Err(error) => not_ended(name, &error),
        });
    }
    if said.is_empty() {
        said.push(
            tr!("Nothing was ticked, so nothing has ended.", "Nichts war angekreuzt, also ist nichts beendet.").into(),
        );
    }
    let (id, now) = (secret::id("not_"), agent.clock.now());
    store::notice::put(agent.db.pool(), &id, &session.id, &said.join(" "), None, now).await?;
    Ok(Redirect::to(PAGE).into_response())
}

fn not_ended(name: &str, error: &IdentityError) -> String {
    let why = error.text();
    tr!(format!("{name} hasn’t ended. {why}"), format!("{name} ist nicht beendet. {why}"))
}
