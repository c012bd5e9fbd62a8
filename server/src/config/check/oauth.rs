//! Checks how a connection's provider is reached: by its issuer, or by the endpoints of one without metadata.

use toml::Spanned;

use super::web;
use crate::config::{
    part::{Part, at_part},
    read::Item,
    source::{At, Fault},
    tables::{AccountTable, ConnectionTable, EndpointsTable},
};

/// Adds every mistake to `faults`.
pub(super) fn connection(part: &Part, item: &Item<ConnectionTable>, faults: &mut Vec<Fault>) {
    let table = &item.table;
    let mut wrong = |at: At, message: String| {
        faults.push(at.wrong(format!("connection {:?}: {message}", table.id.get_ref())));
    };
    let endpoints = table.endpoints.as_ref().map(Spanned::get_ref);
    let account = table.account.as_ref().map(Spanned::get_ref);
    for address in addresses(table, endpoints, account) {
        if let Err(message) = web(address.get_ref()) {
            wrong(at_part(&item.at, address), message);
        }
    }
    let Some(endpoints) = &table.endpoints else {
        if table.issuer.is_none() {
            let message = "needs `issuer`, an OpenID provider; or `endpoints`, of an OAuth 2 provider without metadata";
            wrong(at_part(&item.at, &table.id), message.into());
        }
        let here = [
            table.account.as_ref().map(|it| ("account", at_part(&item.at, it))),
            table.pkce.as_ref().map(|it| ("pkce", at_part(&item.at, it))),
            table.scope_separator.as_ref().map(|it| ("scope_separator", at_part(&item.at, it))),
            table.refresh_tokens.as_ref().map(|it| ("refresh_tokens", at_part(&item.at, it))),
        ];
        for (key, at) in here.into_iter().flatten() {
            wrong(at, format!("`{key}` is for a provider with `endpoints`; remove it, or add those"));
        }
        return;
    };
    if table.takes_approvals {
        let message = "`takes_approvals` needs a provider whose metadata names its keys; remove it, or `endpoints`";
        wrong(at_part(&item.at, endpoints), message.into());
    }
    if let Some(account) = account {
        for pointer in std::iter::once(&account.id).chain(&account.name) {
            if !is_pointer(pointer.get_ref()) {
                let message = format!("{:?} isn't a JSON pointer; write one such as \"/id\"", pointer.get_ref());
                wrong(at_part(&item.at, pointer), message);
            }
        }
    } else {
        let message = "`endpoints` needs `account`, where the provider says whose account it is: such as account = { url = \
                       \"https://api.example/user\", id = \"/id\", name = \"/name\" }";
        wrong(at_part(&item.at, endpoints), message.into());
    }
    if let Some(separator) = &table.scope_separator {
        let text = separator.get_ref();
        let scopes = part.api(table.api.get_ref()).into_iter().flat_map(|api| api.scopes.keys());
        let asked = scopes.chain(table.login_scopes.iter().flatten());
        if !matches!(text.as_bytes(), [b' '..=b'~']) || text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let message = "`scope_separator` must be one character between two scopes, such as \" \" or \",\"";
            wrong(at_part(&item.at, separator), message.into());
        } else if let Some(scope) = asked.into_iter().find(|scope| scope.contains(text)) {
            let message = format!("the scope {scope:?} contains the `scope_separator` {text:?}; correct one of them");
            wrong(at_part(&item.at, separator), message);
        }
    }
}

fn addresses<'a>(
    table: &'a ConnectionTable,
    endpoints: Option<&'a EndpointsTable>,
    account: Option<&'a AccountTable>,
) -> impl Iterator<Item = &'a Spanned<String>> {
    let of_endpoints = endpoints
        .into_iter()
        .flat_map(|it| [Some(&it.authorization), Some(&it.token), it.revocation.as_ref(), it.introspection.as_ref()]);
    of_endpoints.flatten().chain(&table.issuer).chain(account.and_then(|it| it.url.as_ref()))
}

/// RFC 6901 §3: below the root, and `~` only before 0 or 1.
fn is_pointer(text: &str) -> bool {
    let parts = text.split('~').skip(1);
    text.starts_with('/') && parts.into_iter().all(|part| part.starts_with(['0', '1']))
}
