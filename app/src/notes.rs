//! Explains recorded requests: the reason, the specification's requirement, an attack, and the meaning of each
//! parameter and claim. The texts are our own, so they work offline; the link to the specification is an extra.

mod between;
mod browser;
mod note;
mod parameters;
mod token;
mod view;

pub(crate) use note::Note;
pub(crate) use parameters::parameter;
use shared::recording::Party;
pub(crate) use view::view;

/// The explanation of a request to a site, in the reader's language. `grant`: its `grant_type`, if it has one. In
/// `path`, a segment may be an id or `{}`.
pub(crate) fn request(to: Party, method: &str, path: &str, grant: Option<&str>) -> Option<Note> {
    match path {
        "/oauth/token" => Some(token::note(to, grant)),
        _ => browser::note(to, method, path).or_else(|| between::note(method, path)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use foundation::lang::{self, Lang};

    use super::*;

    /// Requests that each have an explanation.
    const EXPLAINED: &[(Party, &str, &str, Option<&str>)] = &[
        (Party::Chat, "GET", "/auth/login", None),
        (Party::Chat, "GET", "/auth/callback", None),
        (Party::Chat, "GET", "/accounts/connect", None),
        (Party::Chat, "GET", "/accounts/callback", None),
        (Party::Chat, "POST", "/api/threads", None),
        (Party::Chat, "POST", "/ciba/ping", None),
        (Party::Chat, "POST", "/mcp", None),
        (Party::Chat, "POST", "/workshop/ask", None),
        (Party::Chat, "POST", "/workshop/try", None),
        (Party::Model, "POST", "/chat/completions", None),
        (Party::Identity, "GET", "/authorize", None),
        (Party::Identity, "POST", "/approvals/apr_1", None),
        (Party::Identity, "POST", "/bc-authorize", None),
        (Party::Identity, "GET", "/connected-accounts/connect", None),
        (Party::Identity, "GET", "/connected-accounts/callback", None),
        (Party::Identity, "GET", "/login/callback", None),
        (Party::Identity, "POST", "/me/v1/connected-accounts/connect", None),
        (Party::Identity, "POST", "/oauth/introspect", None),
        (Party::Identity, "POST", "/oauth/revoke", None),
        (Party::Identity, "POST", "/oidc/register", None),
        (Party::Identity, "POST", "/u/consent", None),
        (Party::Identity, "GET", "/userinfo", None),
        (Party::Identity, "POST", "/oauth/token", None),
        (Party::Identity, "POST", "/oauth/token", Some("authorization_code")),
        (Party::Identity, "POST", "/oauth/token", Some("refresh_token")),
        (Party::Identity, "POST", "/oauth/token", Some("urn:openid:params:grant-type:ciba")),
        (Party::Identity, "POST", "/oauth/token", Some("urn:ietf:params:oauth:grant-type:token-exchange")),
        (Party::Identity, "POST", "/oauth/token", Some("urn:x:grant-type:federated-connection-access-token")),
        (Party::StockTrade, "GET", "/authorize", None),
        (Party::StockTrade, "POST", "/u/login", None),
        (Party::StockTrade, "POST", "/oauth/token", Some("refresh_token")),
        (Party::StockTrade, "POST", "/oauth/token", Some("urn:ietf:params:oauth:grant-type:token-exchange")),
        (Party::StockTrade, "GET", "/api/portfolio", None),
        (Party::StockTrade, "GET", "/api/stocks/WAYNE", None),
        (Party::StockTrade, "POST", "/api/orders", None),
    ];

    #[test]
    fn each_explanation_is_its_own_and_in_both_languages() {
        let mut all = BTreeSet::new();
        for (to, method, path, grant) in EXPLAINED {
            let note = |lang| {
                lang::within(lang, || request(*to, method, path, *grant)).unwrap_or_else(|| panic!("{method} {path}"))
            };
            let (english, german) = (note(Lang::En), note(Lang::De));
            assert_ne!(english.why, german.why, "{method} {path}");
            let line = |note: Note| (note.source.map(|it| it.name), note.attack.map(|it| it.line));
            assert_eq!(line(english), line(german));
            all.insert(english.why);
        }
        // The three callbacks of a login and a connection are alike.
        assert_eq!(all.len(), EXPLAINED.len() - 2);
        assert_eq!(request(Party::Chat, "GET", "/settings", None), None);
    }

    #[test]
    fn buttons_are_in_steps_of_the_workshop() {
        let button = |(to, method, path, grant): &(Party, &str, &'static str, Option<&str>)| {
            Some((*path, request(*to, method, path, *grant)?.attack?.button?))
        };
        let buttons: Vec<_> = EXPLAINED.iter().filter_map(button).collect();
        let expected = [
            ("/mcp", "5#try"),
            ("/approvals/apr_1", "6#break"),
            ("/oauth/token", "3#break"),
            ("/api/portfolio", "5#break"),
            ("/api/orders", "6#break"),
        ];
        assert_eq!(buttons, expected);
        // The workshop doesn't replay codes at StockTrade.
        let there = request(Party::StockTrade, "POST", "/oauth/token", Some("authorization_code"));
        assert_eq!(there.and_then(|note| note.attack?.button), None);
    }

    #[test]
    fn each_attack_names_tests() {
        let threats = include_str!("../../docs/THREATS.md");
        for (to, method, path, grant) in EXPLAINED {
            if let Some(attack) = request(*to, method, path, *grant).and_then(|note| note.attack) {
                assert!(threats.contains(&format!("`{}_", attack.line)), "{}", attack.line);
            }
        }
    }
}
