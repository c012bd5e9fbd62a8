//! Checks across tables: every name refers to a table, and every address is valid.

mod oauth;

use toml::Spanned;
use url::Url;

use super::{
    part::{Part, at_part},
    read::Item,
    source::{At, Fault},
    tables::{ClientTable, ConnectionTable, GrantName, ServiceTable},
};

/// Returns every mismatch.
pub(super) fn part(part: &Part) -> Vec<Fault> {
    let mut faults = Vec::new();
    for item in &part.clients {
        client(part, item, &mut faults);
    }
    for item in &part.connections {
        connection(part, item, &mut faults);
    }
    for (id, item) in &part.services {
        if item.table.introspection.is_some() && part.clients.iter().any(|it| it.table.id.get_ref() == id) {
            let message = format!(
                "api {id:?}: a client has this id too, and the API asks about its tokens by it; rename one of them"
            );
            faults.push(item.at.wrong(message));
        }
        let is_issued = item.table.introspection.is_some() || item.table.third_party || item.table.without_details;
        if is_issued && part.connection_to(id).is_some() {
            let message = format!(
                "api {id:?}: a connection reaches it, so its tokens are its provider's; remove `introspection`, \
                 `third_party` and `without_details`"
            );
            faults.push(item.at.wrong(message));
        }
    }
    for (id, item) in &part.services {
        approvers(part, id, item, &mut faults);
    }
    if let Some(item) = part.people.first()
        && part.provider().is_some()
    {
        let message =
            "people log in at [login.provider], so a [[person]] with a password has no login here; remove one of them";
        faults.push(item.at.wrong(message));
    }
    faults
}

fn approvers(part: &Part, id: &str, item: &Item<ServiceTable>, faults: &mut Vec<Fault>) {
    let Some(list) = &item.table.approvers else { return };
    let mut wrong = |at: At, message: &str| faults.push(at.wrong(format!("api {id:?}: {message}")));
    if list.is_empty() {
        wrong(item.at.clone(), "`approvers` is empty, so nobody could approve; leave it out to let everyone");
    }
    for approver in list {
        let text = approver.get_ref();
        let is_plain = |c: u8| c.is_ascii_graphic() && c != b'@';
        let hex = text.strip_prefix("usr_").unwrap_or_default();
        if hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            continue;
        }
        let fits = text.split_once('@').is_some_and(|(name, domain)| {
            name.bytes().all(is_plain) && domain.bytes().all(is_plain) && domain.contains('.')
        });
        if !fits {
            let message = format!(
                "{text:?} is neither a person's id (usr_…), an e-mail address nor a domain such as \"@example.com\""
            );
            wrong(at_part(&item.at, approver), &message);
        } else if part.provider().is_none() {
            let message = format!(
                "{text:?} needs [login.provider]: nobody verifies the addresses of people with passwords here; write \
                 the person's id, which `mandate people list` shows"
            );
            wrong(at_part(&item.at, approver), &message);
        }
    }
}

fn client(part: &Part, item: &Item<ClientTable>, faults: &mut Vec<Fault>) {
    let table = &item.table;
    let id = table.id.get_ref();
    let mut wrong = |place: &Spanned<String>, message: String| {
        faults.push(at_part(&item.at, place).wrong(format!("client {id:?}: {message}")));
    };
    // RFC 6749 appendix A.1; paths contain it too.
    if id.len() > 60 || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
        wrong(&table.id, "`id` must be up to 60 letters, digits and -_.".into());
    }
    for api in table.apis.iter().chain(&table.serves) {
        let name = api.get_ref();
        match part.connection_to(name) {
            Some(connection) => wrong(
                api,
                format!(
                    "the API {name:?} is reached through the connection {:?}; write \"vault\", from which tokens for it come",
                    connection.id.get_ref()
                ),
            ),
            None if part.api(name).is_none() => {
                wrong(api, format!("there is no [[api]] with the id {name:?}; add it or correct the id"))
            }
            None => {}
        }
    }
    for scope in table.scopes.iter().flatten() {
        if !part.apis.iter().any(|api| api.scopes.contains_key(scope.get_ref())) {
            wrong(
                scope,
                format!("no [[api]] has the scope {:?}; add it to `scopes` of an API or remove it", scope.get_ref()),
            );
        }
    }
    if let Some(other) = &table.exchanges_for {
        let exists = part.clients.iter().any(|it| it.table.id.get_ref() == other.get_ref());
        if !exists || other.get_ref() == id {
            wrong(other, format!("`exchanges_for` must name another client; {:?} is none", other.get_ref()));
        }
    }
    for address in table.callbacks.iter().chain(&table.logout) {
        if let Err(message) = callback(address.get_ref()) {
            wrong(address, message);
        }
    }
    let from = table.approvals_from.iter().flat_map(|it| [&it.issuer, &it.jwks_uri, &it.introspection_endpoint]);
    for address in table.ping.iter().chain(&table.home).chain(from) {
        if let Err(message) = web(address.get_ref()) {
            wrong(address, message);
        }
    }
    let for_public = |grant: &GrantName| matches!(grant, GrantName::AuthorizationCode | GrantName::RefreshToken);
    if table.secret.is_none() && !table.grants.iter().all(for_public) {
        wrong(&table.id, "without a `secret` it can only have the grants authorization_code and refresh_token; add one or remove the others".into());
    }
    if table.grants.contains(&GrantName::AuthorizationCode) && table.callbacks.is_empty() {
        wrong(&table.id, "the grant authorization_code needs `callbacks`; add at least one".into());
    }
    if table.asks_for_itself && table.serves.is_none() {
        wrong(&table.id, "`asks_for_itself` is for a client that `serves` an API; remove it, others always do".into());
    }
}

fn connection(part: &Part, item: &Item<ConnectionTable>, faults: &mut Vec<Fault>) {
    let table = &item.table;
    let id = table.id.get_ref();
    let mut wrong = |place: &Spanned<String>, message: String| {
        faults.push(at_part(&item.at, place).wrong(format!("connection {id:?}: {message}")));
    };
    // Paths contain it, and pages show it beside the account's name.
    if id.is_empty() || id.len() > 60 || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        wrong(&table.id, "`id` must be 1 to 60 lower-case letters, digits and -".into());
    }
    let name = table.api.get_ref();
    if part.api(name).is_none() {
        wrong(&table.api, format!("there is no [[api]] with the id {name:?}; add it or correct the id"));
    }
    let first = part.connection_to(name).map(|it| it.id.get_ref());
    if first.is_some_and(|first| first != id) {
        wrong(
            &table.api,
            format!(
                "the connection {:?} reaches the API {name:?} already; an API has one connection",
                first.unwrap_or(id)
            ),
        );
    }
    // The parameters that the program sets itself (RFC 6749 §4.1.1, RFC 7636, OpenID Connect Core §3.1.2.1).
    let own = ["client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "resource"];
    let is_own = |name: &&String| own.contains(&name.as_str()) || name.starts_with("code_challenge");
    if let Some(name) = table.authorize.keys().find(is_own) {
        wrong(&table.id, format!("`authorize` can't set {name:?}, which Mandate sets itself; remove it"));
    }
    oauth::connection(part, item, faults);
}

/// A redirect URI: on the web, or with an app's own scheme.
fn callback(text: &str) -> Result<(), String> {
    let refused = ["javascript", "data", "vbscript", "file", "blob", "about"];
    match Url::parse(text) {
        Ok(url) if refused.contains(&url.scheme()) => {
            Err(format!("{text} can't be a callback; use https, or your app's own scheme"))
        }
        Ok(url) if url.fragment().is_some() => {
            Err(format!("{text}: a callback has no fragment; remove the part from # on"))
        }
        Ok(_) => Ok(()),
        Err(_) => Err(format!("{text} isn't an address; write one such as https://app.example/callback")),
    }
}

/// A web address without a user.
fn web(text: &str) -> Result<(), String> {
    let is_web = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    };
    match Url::parse(text).ok().filter(is_web) {
        Some(_) => Ok(()),
        // Not repeated in the message: it may hold a password.
        None if text.contains('@') => Err("an http or https address has no user and password here; remove them".into()),
        None => Err(format!("{text} isn't an http or https address; write one such as https://app.example/path")),
    }
}
