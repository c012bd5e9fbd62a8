//! Gets a token that reads at an API of the identity service itself: in the chat by a refresh for that API (Auth0's
//! multi-resource refresh, WIRE.md §1), at `/mcp` in exchange for the caller's token (RFC 8693), which is sent to the
//! identity service alone.

use details::Api;
use foundation::{ExposeSecret, http::HttpError, tr};
use reqwest::RequestBuilder;
use serde::Deserialize;
use shared::token_type::ACCESS_TOKEN;

use super::{
    IdentityError, client, discovery, form, is_trouble, trouble,
    vault::{self, Granted},
};
use crate::{state::Agent, tools::caller::Caller};

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    scope: Option<String>,
}

/// A token with these scopes, or fewer.
///
/// # Errors
/// [`IdentityError::NotConnected`] if the person hasn't allowed any of them.
pub(crate) async fn token(
    agent: &Agent,
    caller: &Caller,
    api: &str,
    scopes: &[&str],
) -> Result<Granted, IdentityError> {
    let api = agent.config.api(api);
    let api = api.ok_or_else(|| {
        let text = tr!("This API is no longer set up here.", "Diese API ist hier nicht mehr eingerichtet.");
        IdentityError::Unavailable(text.into())
    })?;
    let scope = scopes.join(" ");
    let request = match caller {
        Caller::Visitor => return Err(IdentityError::Login),
        Caller::Person { person, .. } => refresh(agent, person, &api.audience, &scope).await?,
        Caller::Mcp { token, .. } => {
            let discovery = discovery::of(agent).await?;
            let fields = [
                ("grant_type", TOKEN_EXCHANGE),
                ("subject_token", token.expose_secret()),
                ("subject_token_type", ACCESS_TOKEN),
                ("requested_token_type", ACCESS_TOKEN),
                ("audience", &api.audience),
                ("scope", &scope),
            ];
            form(agent, &discovery.token_endpoint, client(agent, caller), &fields)
        }
    };
    match agent.http.json::<Answer>(request).await {
        Ok(answer) => {
            // RFC 6749 §5.1: `scope` may be omitted if it equals the request's.
            let granted = answer.scope.as_deref().unwrap_or(&scope);
            let scopes = granted.split_whitespace().map(str::to_owned).collect();
            Ok(Granted { access_token: answer.access_token.into(), scopes })
        }
        Err(error) => Err(failed(api, &error)),
    }
}

/// Asks for a token for this audience and these scopes, with the person's refresh token.
///
/// # Errors
/// [`IdentityError::Login`] when the refresh token is missing; when the metadata can't be read.
pub(crate) async fn refresh(
    agent: &Agent,
    person: &str,
    audience: &str,
    scope: &str,
) -> Result<RequestBuilder, IdentityError> {
    let refresh_token = vault::refresh_token(agent, person).await?;
    let discovery = discovery::of(agent).await?;
    let settings = &agent.config.login;
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose_secret()),
        ("audience", audience),
        ("scope", scope),
    ];
    Ok(form(agent, &discovery.token_endpoint, (&settings.client_id, &settings.client_secret), &fields))
}

fn failed(api: &Api, error: &HttpError) -> IdentityError {
    let code = error.oauth_error();
    match code {
        "invalid_grant" | "invalid_token" => return IdentityError::Login,
        // The grant behind the caller's token has ended.
        "invalid_request" if error.reason().is_some_and(|why| why.starts_with("subject_token: ")) => {
            return IdentityError::Login;
        }
        "invalid_scope" | "consent_required" | "interaction_required" | "access_denied" => {
            return IdentityError::NotConnected;
        }
        _ => {}
    }
    if is_trouble(error) {
        return IdentityError::Retry(trouble(error));
    }
    let name = &api.name;
    tracing::warn!(code, status = ?error.status(), api = api.id, "the identity service gave no token for an API");
    IdentityError::Unavailable(tr!(
        format!("The identity service gives this agent no access to {name} ({code}). Its operator can allow it."),
        format!(
            "Mandate identity gibt diesem Agenten keinen Zugriff auf {name} ({code}). Der Betreiber kann ihn erlauben."
        )
    ))
}
