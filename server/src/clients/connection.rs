//! Reads from a connection's table how to reach its provider.

use foundation::login::ClientAuthentication;
use identity::config::{AccountAt, Endpoints, OAuth, Ways};
use toml::Spanned;

use crate::config::tables::{AuthenticationName, ConnectionTable};

/// The provider's identifier: its issuer, or the token endpoint if it has no metadata.
pub(super) fn issuer(table: &ConnectionTable) -> Option<String> {
    let endpoint = table.endpoints.as_ref().map(|it| &it.get_ref().token);
    endpoint.or(table.issuer.as_ref()).map(|it| it.get_ref().clone())
}

/// The path of its redirect URI. A provider without metadata has its own (RFC 9700 §4.4.2).
pub(super) fn callback(table: &ConnectionTable) -> String {
    match table.endpoints {
        Some(_) => format!("connected-accounts/callback/{}", table.id.get_ref()),
        None => "connected-accounts/callback".into(),
    }
}

/// The provider's data, if it has no metadata.
pub(super) fn oauth(table: &ConnectionTable) -> Option<OAuth> {
    let (endpoints, account) = (table.endpoints.as_ref()?.get_ref(), table.account.as_ref()?.get_ref());
    let text = |it: &Spanned<String>| it.get_ref().clone();
    Some(OAuth {
        authorization_endpoint: text(&endpoints.authorization),
        endpoints: Endpoints {
            token: text(&endpoints.token),
            revocation: endpoints.revocation.as_ref().map(text),
            introspection: endpoints.introspection.as_ref().map(text),
        },
        account: AccountAt {
            url: account.url.as_ref().map(text),
            id: text(&account.id),
            name: account.name.as_ref().map(text),
        },
        iss: table.issuer.as_ref().map(text),
        pkce: table.pkce.as_ref().is_none_or(|it| *it.get_ref()),
        scope_separator: table.scope_separator.as_ref().and_then(|it| it.get_ref().chars().next()).unwrap_or(' '),
        refresh_tokens: table.refresh_tokens.as_ref().is_none_or(|it| *it.get_ref()),
    })
}

pub(super) fn ways(table: &ConnectionTable) -> Ways {
    // Scopes and parameters of OpenID Connect, which other providers may not know.
    let is_openid = table.endpoints.is_none();
    let usual = Ways::default();
    let login_scopes = if is_openid { usual.login_scopes } else { Vec::new() };
    Ways {
        authentication: match table.client_authentication {
            None | Some(AuthenticationName::ClientSecretPost) => ClientAuthentication::Post,
            Some(AuthenticationName::ClientSecretBasic) => ClientAuthentication::Basic,
        },
        authorize: table.authorize.clone().into_iter().collect(),
        login_scopes: table.login_scopes.clone().unwrap_or(login_scopes),
        names_resource: table.resource.unwrap_or(is_openid),
    }
}
