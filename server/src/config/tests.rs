//! The built-in files, an operator's file on top of them, and the messages about mistakes.

use std::collections::BTreeSet;

use ::agent::tools::{CallTable, NeedsTable, QuoteTable, ToolTable};
use details::{ApiTable, file};
use foundation::site::Site;

use super::{Addresses, Configuration, keys, limits, read, source::Source, tables};

const EXAMPLE: &str = include_str!("../../../mandate.example.toml");
const DOCS: &str = include_str!("../../../docs/CONFIGURATION.md");

/// A table that an operator adds for their own API.
const BOOKINGS: &str = r#"
[[api]]
id = "bookings"
audience = "https://rooms.example"
url = "https://rooms.example"
scopes = { "rooms:read" = "See free rooms" }
introspection = { secret = "env:ROOMS_SECRET" }

[[tool]]
name = "list_rooms"
says = "Lists the rooms that are free."
api = "bookings"
call = { method = "GET", path = "/rooms" }
needs = { scope = "rooms:read" }
"#;

fn site(url: &str) -> Site {
    Site::new(url.parse().expect("a URL")).expect("a site")
}

fn read(text: &str) -> Result<Configuration, String> {
    let [agent, identity, broker] = ["https://a.example", "https://i.example", "https://b.example"].map(site);
    let file = Source { name: "mandate.toml".into(), text: text.into() };
    Configuration::read(Some(file), Addresses { agent: &agent, identity: &identity, broker: &broker })
        .map_err(|faults| faults.to_string())
}

fn ids<T>(items: &[read::Item<T>], id: impl Fn(&T) -> &toml::Spanned<String>) -> Vec<&str> {
    items.iter().map(|item| id(&item.table).get_ref().as_str()).collect()
}

#[test]
fn built_in_files_are_right() {
    let config = read("").expect("they are");
    assert_eq!(ids(&config.mandate.clients, |it| &it.id), ["agent", "agent-mcp"]);
    assert_eq!(ids(&config.mandate.connections, |it| &it.id), ["stocktrade"]);
    assert_eq!(ids(&config.stocktrade.clients, |it| &it.id), ["tenant-login", "tenant-vault", "stocktrade"]);
    assert_eq!(config.mandate.own_apis().map(|api| api.id.as_str()).collect::<Vec<_>>(), ["me", "vault", "mcp"]);
    assert_eq!(config.mandate.api("mcp").expect("it is there").audience, "https://a.example/mcp");
    assert!(config.mandate.registration && !config.stocktrade.registration && config.has_stocktrade);
}

#[test]
fn example_is_right() {
    let config = read(EXAMPLE).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(ids(&config.mandate.connections, |it| &it.id), ["stocktrade", "calendar", "notes"]);
    assert_eq!(config.mandate.provider().expect("it is there").name, "Example");
}

/// Every key of every table.
fn all_keys() -> BTreeSet<&'static str> {
    [
        keys::of::<tables::DemoTable>(),
        keys::of::<tables::RegistrationTable>(),
        keys::of::<tables::LoginTable>(),
        keys::of::<tables::ProviderTable>(),
        keys::of::<tables::ClientTable>(),
        keys::of::<tables::ApprovalsFromTable>(),
        keys::of::<tables::ServiceTable>(),
        keys::of::<tables::IntrospectionTable>(),
        keys::of::<tables::ConnectionTable>(),
        keys::of::<tables::EndpointsTable>(),
        keys::of::<tables::AccountTable>(),
        keys::of::<tables::PersonTable>(),
        keys::of::<ApiTable>(),
        keys::of::<file::TypeTable>(),
        keys::of::<file::AmountTable>(),
        keys::of::<file::ReceiptTable>(),
        keys::of::<file::PageTable>(),
        keys::of::<file::OutcomeTable>(),
        keys::of::<file::FactsTable>(),
        keys::of::<file::CompareTable>(),
        keys::of::<file::MemberTable>(),
        keys::of::<file::DaysAfterTable>(),
        keys::of::<file::MandateTable>(),
        keys::of::<file::BoundTable>(),
        keys::of::<file::CountTable>(),
        keys::of::<ToolTable>(),
        keys::of::<CallTable>(),
        keys::of::<NeedsTable>(),
        keys::of::<QuoteTable>(),
    ]
    .concat()
    .into_iter()
    .collect()
}

#[test]
fn example_and_docs_have_every_key() {
    let keys = all_keys();
    assert!(keys.len() > 60, "{keys:?}");
    let limits: Vec<String> = limits::NAMES.iter().map(|name| name.to_ascii_lowercase()).collect();
    for key in keys.into_iter().chain(limits.iter().map(String::as_str)) {
        let is_there = EXAMPLE.contains(&format!("{key} =")) || EXAMPLE.contains(&format!("{key}]"));
        assert!(is_there, "`{key}` is missing in mandate.example.toml");
    }
    for key in all_keys() {
        assert!(DOCS.contains(&format!("`{key}`")), "`{key}` is missing in docs/CONFIGURATION.md");
    }
    for table in read::TABLES {
        let name = table.trim_matches(['[', ']']);
        assert!(EXAMPLE.contains(&format!("[{name}]")) && DOCS.contains(&format!("`{table}`")), "{table}");
    }
    for name in limits::NAMES {
        assert!(DOCS.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn operators_api_is_added() {
    let config = read(BOOKINGS).unwrap_or_else(|faults| panic!("{faults}"));
    let own: Vec<&str> = config.mandate.own_apis().map(|api| api.id.as_str()).collect();
    assert_eq!(own, ["me", "vault", "mcp", "bookings"]);
    let tools = config.mandate.tool_apis();
    let called: Vec<&str> = tools.iter().map(|api| api.id.as_str()).collect();
    assert_eq!(called, ["stocktrade", "bookings"]);
}

#[test]
fn table_of_the_same_id_takes_the_place() {
    let text = "[[client]]\nid = \"agent\"\nname = \"Ours\"\nfirst_party = true\n\n[registration]\nopen = false\n";
    let config = read(text).expect("it is right");
    assert_eq!(ids(&config.mandate.clients, |it| &it.id), ["agent", "agent-mcp"]);
    assert_eq!(config.mandate.clients[0].table.name, "Ours");
    assert!(!config.mandate.registration);
    assert_eq!(config.mandate.provider().expect("not touched").name, "StockTrade");
}

#[test]
fn stocktrade_can_be_left_out() {
    let config = read("[demo]\nstocktrade = false\n").expect("it is right");
    assert!(!config.has_stocktrade && config.mandate.connections.is_empty() && config.mandate.provider().is_none());
    assert_eq!(config.mandate.tool_apis().iter().count(), 0);
}

#[test]
fn every_fault_is_named_with_its_line() {
    let text = format!(
        "{BOOKINGS}\n{}",
        r#"
[[client]]
id = "app"
name = "App"
secret = "hunter2"
colour = "red"

[[client]]
id = "other"
name = "Other"
nmae = "Other"
grants = ["authorization_code", "password"]

[limits]
approval_secs = 3
keep_audit_days = "long"

[[apis]]
id = "x"
"#
    );
    let said = read(&text).expect_err("it is wrong");
    let lines: Vec<&str> = said.lines().collect();
    let expected = [
        ("mandate.toml:20: ", "a secret doesn't belong into this file: write \"env:NAME\""),
        ("mandate.toml:21: ", "unknown key `colour`; correct or remove it. There are id, name, secret, callbacks"),
        ("mandate.toml:26: ", "unknown key `nmae`"),
        ("mandate.toml:27: ", "unknown variant `password`, expected one of `authorization_code`"),
        ("mandate.toml:30: ", "unknown limit `approval_secs`; correct or remove it. There are approval_seconds"),
        ("mandate.toml:31: ", "`keep_audit_days` must be a whole number"),
        ("mandate.toml:33: ", "unknown table `apis`; correct or remove it. There are [demo]"),
    ];
    assert_eq!(lines.len(), expected.len(), "{said}");
    for (line, (place, words)) in lines.iter().zip(expected) {
        assert!(line.starts_with(place) && line.contains(words), "{line}\n{place}{words}");
    }
    assert!(!said.contains("hunter2"));
}

#[test]
fn wrong_files_are_refused() {
    let client = |more: &str| format!("[[client]]\nid = \"app\"\nname = \"App\"\nsecret = \"env:A\"\n{more}\n");
    let public = |more: &str| format!("[[client]]\nid = \"app\"\nname = \"App\"\n{more}\n");
    let api = |more: &str| format!("{}\n{more}\n", BOOKINGS.split("\n[[tool]]").next().unwrap_or_default());
    let connection = |more: &str| {
        format!(
            "[[connection]]\nid = \"rooms\"\nname = \"Rooms\"\nclient_id = \"m\"\nclient_secret = \"env:A\"\n{more}\n"
        )
    };
    let oauth = |more: &str| {
        let endpoints =
            "endpoints = { authorization = \"https://r.example/auth\", token = \"https://r.example/token\" }";
        let account = "account = { url = \"https://r.example/me\", id = \"/id\" }";
        let plain = BOOKINGS.split("introspection").next().unwrap_or_default();
        format!("{plain}{}", connection(&format!("api = \"bookings\"\n{endpoints}\n{account}\n{more}")))
    };
    assert_eq!(read(&oauth("scope_separator = \",\"")).map(|_| ()), Ok(()));
    let by_id = "approvers = [\"usr_0123456789abcdef0123456789abcdef\"]\n[login]\nsignup = true";
    assert_eq!(read(&api(by_id)).map(|_| ()), Ok(()), "with passwords, an approver is named by id");
    let wrong = [
        ("[[client]\n".into(), "mandate.toml:1: "),
        ("client = 1\n".into(), "mandate.toml:1: `client` must be a list of tables: write [[client]]"),
        ("[[login]]\nsignup = true\n".into(), "`login` must be a table: write [login]"),
        (client("secret = \"env:B\""), "duplicate key"),
        (client("secret_2 = 3"), "unknown key `secret_2`"),
        (client("apis = [\"rooms\"]"), "mandate.toml:5: client \"app\": there is no [[api]] with the id \"rooms\""),
        (client("apis = [\"stocktrade\"]"), "reached through the connection \"stocktrade\""),
        (client("scopes = [\"rooms:read\"]"), "no [[api]] has the scope \"rooms:read\""),
        (client("exchanges_for = \"app\""), "must name another client"),
        (client("exchanges_for = \"nobody\""), "must name another client"),
        (client("callbacks = [\"/callback\"]"), "/callback isn't an address"),
        (client("callbacks = [\"https://a.example/#x\"]"), "a callback has no fragment"),
        (client("callbacks = [\"javascript:alert(1)\"]"), "can't be a callback"),
        (client("ping = \"ftp://a.example\""), "isn't an http or https address"),
        (client("home = \"https://u:p@a.example\""), "has no user and password"),
        (client("grants = [\"authorization_code\"]"), "needs `callbacks`"),
        (client("asks_for_itself = true"), "is for a client that `serves` an API"),
        (client("serves = \"rooms\""), "no [[api]] with the id \"rooms\""),
        (client(&client("")), "the client \"app\" is there twice"),
        (public("grants = [\"ciba\"]"), "without a `secret`"),
        (public("").replace("\"app\"", "\"an app\""), "letters, digits and -_."),
        (public("").replace("name = \"App\"\n", ""), "missing field `name`"),
        (api("third_party = 1"), "invalid type"),
        (api("approvers = []"), "`approvers` is empty"),
        (api("approvers = [\"example.com\"]"), "mandate.toml:9: api \"bookings\": \"example.com\" is neither"),
        (api("approvers = [\"@a.example\", \"a@b@c.example\"]"), "\"a@b@c.example\" is neither a person's id"),
        (
            api("approvers = [\"@a.example\"]\n[login]\nsignup = true"),
            "write the person's id, which `mandate people list`",
        ),
        (api("approvers = [\"usr_1\"]"), "\"usr_1\" is neither a person's id"),
        (api("signing = \"HS256\""), "unknown variant `HS256`"),
        (api("").replace("\"env:ROOMS_SECRET\"", "12345678"), "a secret doesn't belong"),
        (api("").replace("\"bookings\"", "\"agent\""), "a client has this id too"),
        (api("[[api.type]]\nname = \"x\"\nscope = \"y\"\ntitle = \"z\""), "it needs at least one [[api.type.member]]"),
        (api("").replace("rooms:read", "trade:read"), "the scope \"trade:read\" is used twice"),
        (connection("api = \"rooms\"\nissuer = \"https://r.example\""), "no [[api]] with the id \"rooms\""),
        (connection("api = \"stocktrade\"\nissuer = \"https://r.example\""), "reaches the API \"stocktrade\" already"),
        (
            connection("api = \"bookings\"\nissuer = \"https://r.example\"\nauthorize = { state = \"x\" }"),
            "can't set \"state\"",
        ),
        (
            connection("api = \"bookings\"\nissuer = \"https://r.example\"\nclient_authentication = \"none\""),
            "unknown variant `none`",
        ),
        (api(&connection("api = \"bookings\"\nissuer = \"https://r.example\"")), "so its tokens are its provider's"),
        (
            connection("api = \"stocktrade\"\nissuer = \"r.example\"").replace("\"rooms\"", "\"stocktrade\""),
            "isn't an http",
        ),
        (connection("api = \"bookings\""), "needs `issuer`, an OpenID provider; or `endpoints`"),
        (
            connection("api = \"bookings\"\nissuer = \"https://r.example\"\npkce = false"),
            "`pkce` is for a provider with",
        ),
        (oauth("takes_approvals = true"), "`takes_approvals` needs a provider whose metadata"),
        (oauth("scope_separator = \", \""), "must be one character"),
        (oauth("scope_separator = \":\""), "the scope \"rooms:read\" contains the `scope_separator`"),
        (oauth("revoke = true"), "unknown key `revoke`"),
        (
            oauth("").replace("id = \"/id\"", "id = \"id\""),
            "mandate.toml:14: connection \"rooms\": \"id\" isn't a JSON pointer",
        ),
        (oauth("").replace("https://r.example/token", "r.example"), "r.example isn't an http or https address"),
        (oauth("").replace("account =", "#"), "`endpoints` needs `account`"),
        (oauth("").replace("token = ", "tokens = "), "unknown field `tokens`"),
        (api("").replace("rooms:read", "rooms:see") + "[[tool]]", "missing field"),
        (
            BOOKINGS.replace("scope = \"rooms:read\"", "scope = \"trade:read\""),
            "mandate.toml:10: tool \"list_rooms\": `needs` names the scope",
        ),
        (BOOKINGS.replace("/rooms\"", "/{room}\""), "an address names \"room\", which is no member"),
        (BOOKINGS.replace("list_rooms", "get_portfolio"), "there is one of this name already"),
        (BOOKINGS.replace("says =", "tells ="), "unknown key `tells`"),
        ("[[person]]\nemail = \"a@a.example\"\nname = \"A\"\n".into(), "has no login here"),
    ];
    for (text, words) in wrong {
        let said = read(&text).expect_err(words);
        assert!(said.contains(words) && said.contains("mandate.toml:"), "{text}\n{said}\n{words}");
        assert!(!said.contains("12345678") && !said.contains("u:p@"), "{said}");
    }
}
