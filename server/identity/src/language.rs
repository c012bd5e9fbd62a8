//! A person's language: chosen here, and passed to other sites in the claim `locale` (OpenID Connect Core §5.1).

use axum::{
    Form, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use foundation::{
    lang::{Lang, Switch},
    session::Handle,
};
use serde::Deserialize;

use crate::{
    connection::{AccountError, my_account},
    error::PageError,
    login::person,
    state::Identity,
    store,
};

/// `POST /language`: the switch on every page. It changes nothing else, so it needs only the site's own origin.
pub(crate) async fn switch(
    State(identity): State<Identity>,
    handle: Handle,
    headers: HeaderMap,
    Form(switch): Form<Switch>,
) -> Result<Response, PageError> {
    if let Some(lang) = switch.lang()
        && let Some((_, person)) = person::of_request(&identity, &handle).await?
    {
        let mut db = identity.db.pool().acquire().await?;
        store::person::choose(&mut db, &person.id, lang).await?;
    }
    Ok(switch.answer(&identity.config.site, &headers))
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    locale: String,
}

/// `PUT /me/v1/locale`: the person chose a language at the client's site.
pub(crate) async fn choose(
    State(identity): State<Identity>,
    headers: HeaderMap,
    Json(choice): Json<Choice>,
) -> Result<StatusCode, AccountError> {
    let person = my_account::changing(&identity, &headers).await?;
    let lang = Lang::of_tag(&choice.locale).ok_or_else(|| AccountError::invalid("locale", "It is not available."))?;
    let mut db = identity.db.pool().acquire().await?;
    store::person::choose(&mut db, &person, lang).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Identity {
    /// The choice of the person who is logged in at this browser, if any.
    pub async fn language_of(self, headers: HeaderMap) -> Option<Lang> {
        self.sessions.language(&headers).await.ok().flatten()
    }
}
