//! The person's apps with access to the agent's own API (WIRE.md §3). Only our identity service can list and end it.

use foundation::{ExposeSecret, http::HttpError};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use shared::scope::MY_APPS;

use super::{
    IdentityError,
    me::{Me, refused},
};
use crate::state::Agent;

/// An app with access.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct App {
    /// The client's id.
    pub id: String,
    /// The client's name.
    pub name: String,
}

#[derive(Deserialize)]
struct Apps {
    apps: Vec<App>,
}

/// Access to the person's apps, with a token that can list them and end their access, and nothing else.
///
/// # Errors
/// As [`Me::of`].
pub(crate) async fn me<'a>(agent: &'a Agent, person: &str) -> Result<Me<'a>, IdentityError> {
    Me::with(agent, person, &MY_APPS.map(|(scope, _)| scope).join(" ")).await
}

impl Me<'_> {
    /// The apps, the newest first.
    pub(crate) async fn apps(&self) -> Result<Vec<App>, IdentityError> {
        let answer: Apps = self.agent.http.json(self.at_apps(Method::GET, None)).await.map_err(|it| refused(&it))?;
        Ok(answer.apps)
    }

    /// Ends an app's access. Succeeds if it has already ended.
    pub(crate) async fn end(&self, app: &str) -> Result<(), IdentityError> {
        match self.agent.http.send(self.at_apps(Method::DELETE, Some(app))).await {
            Ok((status, ..)) if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            Ok((status, ..)) => Err(refused(&HttpError::Refused(status, serde_json::Value::Null))),
            Err(error) => Err(refused(&error)),
        }
    }

    fn at_apps(&self, method: Method, app: Option<&str>) -> RequestBuilder {
        let mut url = self.agent.issuer().trim_end_matches('/').to_owned() + "/me/v1/apps";
        if let (Some(app), Ok(mut whole)) = (app, url::Url::parse(&url)) {
            if let Ok(mut segments) = whole.path_segments_mut() {
                segments.push(app);
            }
            url = whole.into();
        }
        self.agent.http.client().request(method, url).bearer_auth(self.token.expose_secret())
    }
}
