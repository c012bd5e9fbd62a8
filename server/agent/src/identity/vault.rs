//! The token vault: exchanges a token that the agent holds for a token for the person's account at the broker (WIRE.md
//! §2). Nothing is cached: the identity service checks every exchange again (THREATS.md line 56).

use foundation::{ExposeSecret, SecretString, http::HttpError, tr};
use serde::Deserialize;
use shared::token_type::{ACCESS_TOKEN, REFRESH_TOKEN};

use super::{IdentityError, client, discovery, document::VAULT_GRANT, form, is_trouble, trouble};
use crate::{config::Connection, state::Agent, store, tools::caller::Caller};

const VAULT_TOKEN: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";

/// A token for the broker.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) access_token: SecretString,
    pub(crate) scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    scope: String,
}

/// A token that can read: with a person's refresh token, or for a call at `/mcp` with the caller's own token.
///
/// # Errors
/// [`IdentityError::NotConnected`] if the person hasn't connected the account.
pub(crate) async fn exchange(agent: &Agent, caller: &Caller, api: &str) -> Result<Granted, IdentityError> {
    let connection = connection_to(agent, api)?;
    let result = match caller {
        Caller::Visitor => return Err(IdentityError::Login),
        Caller::Person { person, .. } => {
            let token = refresh_token(agent, person).await?;
            run(agent, caller, connection, &token, REFRESH_TOKEN).await
        }
        Caller::Mcp { token, .. } => run(agent, caller, connection, token, ACCESS_TOKEN).await,
    };
    result.map_err(|error| match error {
        Failed::Grant => IdentityError::Login,
        Failed::Other(error) => error,
    })
}

/// A token for one approved order, in exchange for its approval token.
///
/// # Errors
/// [`IdentityError::Refused`] when the approval can no longer be used.
pub(crate) async fn exchange_approval(
    agent: &Agent,
    caller: &Caller,
    api: &str,
    approval: &SecretString,
) -> Result<SecretString, IdentityError> {
    match run(agent, caller, connection_to(agent, api)?, approval, ACCESS_TOKEN).await {
        Ok(granted) => Ok(granted.access_token),
        Err(Failed::Grant) => Err(IdentityError::Refused(
            tr!(
                "The approval can no longer be used: its time ran out, or it was ended.",
                "Die Freigabe gilt nicht mehr: Ihre Zeit ist abgelaufen, oder sie wurde beendet."
            )
            .into(),
        )),
        Err(Failed::Other(error)) => Err(error),
    }
}

/// The person's refresh token at the identity service.
///
/// # Errors
/// [`IdentityError::Login`] when there is none.
pub(crate) async fn refresh_token(agent: &Agent, person: &str) -> Result<SecretString, IdentityError> {
    let found = store::person::refresh_token(agent, person).await;
    found.map_err(|error| IdentityError::Retry(error.message()))?.ok_or(IdentityError::Login)
}

enum Failed {
    /// `invalid_grant`: the subject token is no longer valid.
    Grant,
    Other(IdentityError),
}

/// The connection whose tokens an API takes.
fn connection_to<'a>(agent: &'a Agent, api: &str) -> Result<&'a Connection, IdentityError> {
    let found = agent.config.connection_to(api);
    found.ok_or_else(|| {
        IdentityError::Unavailable(tr!(
            format!("No account is connected for {api} any more."),
            format!("Für {api} ist kein Konto mehr verbunden.")
        ))
    })
}

async fn run(
    agent: &Agent,
    caller: &Caller,
    connection: &Connection,
    subject: &SecretString,
    kind: &str,
) -> Result<Granted, Failed> {
    let discovery = discovery::of(agent).await.map_err(Failed::Other)?;
    discovery.vault().map_err(Failed::Other)?;
    let request = form(
        agent,
        &discovery.token_endpoint,
        client(agent, caller),
        &[
            ("grant_type", VAULT_GRANT),
            ("subject_token", subject.expose_secret()),
            ("subject_token_type", kind),
            ("requested_token_type", VAULT_TOKEN),
            ("connection", &connection.name),
        ],
    );
    match agent.http.json::<Answer>(request).await {
        Ok(answer) => {
            // Auth0 separates scopes by spaces. Its own SDKs also accept commas.
            let scopes = answer.scope.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
            Ok(Granted { access_token: answer.access_token.into(), scopes })
        }
        Err(error) => Err(failed(connection, &error)),
    }
}

fn failed(connection: &Connection, error: &HttpError) -> Failed {
    let code = error.oauth_error();
    match code {
        // `access_denied`: connected, but without any scope of the caller's token.
        "federated_connection_refresh_token_not_found"
        | "federated_connection_refresh_token_flow_failed"
        | "access_denied" => {
            return Failed::Other(IdentityError::NotConnected);
        }
        "invalid_grant" | "invalid_token" | "user_not_found" => return Failed::Grant,
        _ => {}
    }
    if is_trouble(error) {
        return Failed::Other(IdentityError::Retry(trouble(error)));
    }
    tracing::warn!(code, status = ?error.status(), "the vault refused an exchange");
    let name = &connection.title;
    Failed::Other(match code {
        "unauthorized_client" | "unsupported_grant_type" | "invalid_client" => IdentityError::Unavailable(tr!(
            format!(
                "The identity service doesn’t let this agent use connected accounts ({code}), so {name} can’t be asked. \
                 Its operator can allow it."
            ),
            format!(
                "Mandate identity lässt diesen Agenten keine verbundenen Konten nutzen ({code}), deshalb ist {name} nicht \
                 erreichbar. Der Betreiber kann es erlauben."
            )
        )),
        _ => IdentityError::Refused(tr!(
            format!("The identity service gave no access to {name}. Nothing was changed."),
            format!("Mandate identity gab keinen Zugriff auf {name}. Nichts wurde geändert.")
        )),
    })
}
