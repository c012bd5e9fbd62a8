//! The target of an approval request: an account behind the vault, or an API whose tokens this service issues.

use axum::http::StatusCode;
use url::Url;

use super::requested::Requested;
use crate::{
    client::Client,
    config::{Api, Approvers, Connection},
    error::OAuthError,
    params::Params,
    resource::is_same,
    state::Identity,
    store::connected_account,
    vault::error::not_connected,
};

/// The target of a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'a> {
    Account(&'a Connection),
    Api(&'a Api),
}

/// A target as it is stored with the request.
pub(super) struct Stored {
    pub(super) connection: String,
    pub(super) account: String,
    pub(super) label: String,
    /// `None`: the vault.
    pub(super) audience: Option<String>,
    pub(super) scope: String,
}

/// The API that a request names; `None`: the vault, which is the default.
///
/// # Errors
/// `invalid_target` if it is unknown, takes no approvals, or isn't for this client.
pub(super) fn api<'a>(identity: &'a Identity, client: &Client, params: &Params) -> Result<Option<&'a Api>, OAuthError> {
    let vault = identity.config.site.at("vault/");
    let named = params.get("audience").or_else(|| params.get("resource")).unwrap_or(&vault);
    let may = |audience: &str| client.audiences.iter().any(|it| is_same(it, audience));
    if is_same(named, &vault) && may(&vault) {
        return Ok(None);
    }
    let api = identity.api(named).filter(|api| may(&api.audience) && !is_same(&api.audience, &vault));
    let refused = || OAuthError::invalid_target("This resource takes no approvals, or not from this client");
    api.filter(|api| !api.types.is_empty() || api.without_details).map(Some).ok_or_else(refused)
}

impl<'a> Target<'a> {
    /// The target of a request: the named API, or behind the vault the connection that handles the details' type.
    ///
    /// # Errors
    /// `invalid_authorization_details`; `invalid_scope` if the client may not have the scopes that it needs.
    pub(super) fn of(
        identity: &'a Identity,
        client: &Client,
        api: Option<&'a Api>,
        requested: &Requested,
    ) -> Result<Self, OAuthError> {
        if let Some(api) = api {
            let scope = requested.scope();
            return if scope.split(' ').all(|scope| client.scopes.iter().any(|it| it == scope)) {
                Ok(Self::Api(api))
            } else {
                Err(OAuthError::invalid_scope(format!("This client may not have the scope {scope}")))
            };
        }
        let handles = |connection: &&Connection| requested.kind().is_some_and(|kind| connection.types.contains(kind));
        identity.config.connections.iter().find(handles).map(Self::Account).ok_or_else(|| {
            let name = requested.kind().map_or("", |kind| &kind.name);
            let why = format!("no connection handles the type {name}");
            OAuthError::new(StatusCode::BAD_REQUEST, "invalid_authorization_details", why)
        })
    }

    /// The `approvers` of the target.
    pub(super) fn approvers(&self) -> &Approvers {
        match self {
            Self::Account(connection) => &connection.approvers,
            Self::Api(api) => &api.approvers,
        }
    }

    /// Part of the digest of a request.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Account(connection) => &connection.name,
            Self::Api(api) => &api.audience,
        }
    }

    /// # Errors
    /// If the person's account isn't connected, or lacks the scope that the request needs.
    pub(super) async fn stored(
        &self,
        identity: &Identity,
        person: &str,
        requested: &Requested,
    ) -> Result<Stored, OAuthError> {
        let scope = requested.scope();
        let connection = match self {
            Self::Account(connection) => connection,
            Self::Api(api) => {
                let host = Url::parse(&api.audience).ok().and_then(|url| url.host_str().map(str::to_owned));
                return Ok(Stored {
                    connection: String::new(),
                    account: String::new(),
                    label: format!("{} · {}", api.title, host.as_ref().unwrap_or(&api.audience)),
                    audience: Some(api.audience.clone()),
                    scope: format!("openid {scope}"),
                });
            }
        };
        let account = connected_account::of_person(identity.db.pool(), person, &connection.name).await?;
        let account = account.ok_or_else(not_connected)?;
        if !account.scopes.split(' ').any(|granted| granted == scope) {
            let why = format!("The connected account lacks the scope {scope}, so this could not be carried out");
            return Err(OAuthError::new(StatusCode::FORBIDDEN, "insufficient_scope", why));
        }
        Ok(Stored {
            connection: connection.name.clone(),
            label: account.label(&connection.title),
            account: account.id,
            audience: None,
            scope: "openid".into(),
        })
    }
}
