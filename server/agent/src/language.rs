//! The language of a person. The identity service keeps their choice, and returns it in the claim `locale` at login.

use axum::{Form, extract::State, http::HeaderMap, response::Response};
use foundation::{
    lang::{Lang, Switch},
    session::Handle,
};

use crate::{error::Error, identity::me::Me, state::Agent, store};

/// `POST /language`: the switch on every page. It needs only the site's own origin and no CSRF token, as it changes
/// nothing else. If the identity service can't be reached, the next login brings back the earlier choice.
pub(crate) async fn switch(
    State(agent): State<Agent>,
    handle: Handle,
    headers: HeaderMap,
    Form(switch): Form<Switch>,
) -> Result<Response, Error> {
    if let Some(lang) = switch.lang()
        && let Some(person) = agent.sessions.find(&handle).await?.and_then(|session| session.person)
    {
        store::person::choose(agent.db.pool(), &person, lang).await?;
        if let Err(error) = tell(&agent, &person, lang).await {
            tracing::warn!(%error, "a person's language couldn't be sent to the identity service");
        }
    }
    Ok(switch.answer(&agent.config.site, &headers))
}

async fn tell(agent: &Agent, person: &str, lang: Lang) -> Result<(), crate::identity::IdentityError> {
    Me::of(agent, person).await?.choose(lang).await
}

impl Agent {
    /// The choice of the person who is logged in at this browser, if any.
    pub async fn language_of(self, headers: HeaderMap) -> Option<Lang> {
        self.sessions.language(&headers).await.ok().flatten()
    }
}
