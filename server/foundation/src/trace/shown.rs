//! The allow list of the recorder (THREATS.md line 71): each parameter, header and claim that a record may show, and
//! how. Everything else is left out, as are all parameters of a path that isn't listed.

use axum::http::{HeaderMap, Method, header};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

/// How the value of a listed name is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Whole,
    Json,
    /// A JWT as its claims, any other token as [`How::Short`].
    Token,
    /// The first four characters and the length.
    Short,
    /// Only that it was present.
    Kept,
}

/// A value that a record shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Whole(String),
    Json(Value),
    Token(Token),
    /// `vYaG… (43)`
    Short(String),
    /// It was present, but isn't shown.
    Kept,
}

/// A JWT without its signature, so that nobody can use it.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
    /// The `kid` of the key that signed it.
    pub key: String,
}

/// A name with its value.
pub type Named = (&'static str, Shown);

/// The paths whose parameters are recorded, each including the paths below it. Never a page with a form for a login, a
/// registration, a password or a passkey.
const PATHS: [&str; 16] = [
    "/authorize",
    "/login/callback",
    "/oauth/token",
    "/oauth/introspect",
    "/oauth/revoke",
    "/oidc/register",
    "/userinfo",
    "/bc-authorize",
    "/approvals",
    "/me/v1/connected-accounts",
    "/connected-accounts",
    "/api/orders",
    "/api/portfolio",
    "/auth/callback",
    "/accounts/callback",
    "/mcp",
];

/// Parameters of queries, forms and JSON, and members of answers in JSON, by name.
const NAMES: &[(How, &[&str])] = &[
    (
        How::Whole,
        &[
            "grant_type",
            "response_type",
            "response_mode",
            "client_id",
            "redirect_uri",
            "scope",
            "scopes",
            "audience",
            "resource",
            "code_challenge_method",
            "prompt",
            "max_age",
            "iss",
            "sub",
            "aud",
            "azp",
            "exp",
            "iat",
            "active",
            "txn",
            "connection",
            "token_type",
            "token_type_hint",
            "subject_token_type",
            "actor_token_type",
            "requested_token_type",
            "requested_expiry",
            "issued_token_type",
            "expires_in",
            "interval",
            "decision",
            "binding_message",
            "agent_message",
            "approval_uri",
            "client_name",
            "redirect_uris",
            "grant_types",
            "token_endpoint_auth_method",
            "client_assertion_type",
            "error",
            "error_description",
            "connect_uri",
            "symbol",
            "side",
            "quantity",
            "price",
            "limit",
            "currency",
            "status",
            "message",
            "title",
        ],
    ),
    (How::Json, &["authorization_details", "login_hint", "act", "placedBy"]),
    (
        How::Token,
        &[
            "access_token",
            "refresh_token",
            "id_token",
            "id_token_hint",
            "subject_token",
            "actor_token",
            "token",
            "client_assertion",
        ],
    ),
    (
        How::Short,
        &[
            "state",
            "nonce",
            "code",
            "code_challenge",
            "code_verifier",
            "auth_req_id",
            "client_notification_token",
            "auth_session",
            "connect_code",
            "ticket",
            "jti",
        ],
    ),
    (How::Kept, &["client_secret", "registration_access_token"]),
];

/// The members of a JWT's header and its claims.
const HEADER: [&str; 3] = ["alg", "typ", "kid"];
const CLAIMS: [&str; 22] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "client_id",
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "acr",
    "amr",
    "scope",
    "txn",
    "act",
    "may_act",
    "on_behalf_of",
    "authorization_details",
    "binding_message",
    "approval_required",
    "digest",
    "purpose",
    "events",
];

/// The longest value that is shown, in bytes.
const LONGEST: usize = 4096;

/// Whether the parameters of a request may be recorded.
pub(super) fn is_listed(method: &Method, path: &str) -> bool {
    let below = |listed: &&str| path.strip_prefix(*listed).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    // The decision on an approval is recorded, but not the page.
    PATHS.iter().any(below) && (*method != Method::GET || !path.starts_with("/approvals"))
}

/// The parameters that may be shown.
pub(super) fn pairs(pairs: impl Iterator<Item = (String, String)>) -> Vec<Named> {
    pairs.filter_map(|(name, value)| one(&name, &value)).collect()
}

/// The members of a JSON object that may be shown.
pub(super) fn members(body: &[u8]) -> Vec<Named> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return Vec::new() };
    pairs(members.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name, text(value))))
}

/// The headers that may be shown.
pub(super) fn headers(headers: &HeaderMap) -> Vec<Named> {
    let text = |name: &header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let token = text(&header::AUTHORIZATION).map(|value| match value.split_once(' ') {
        Some((scheme, value)) if scheme.eq_ignore_ascii_case("bearer") => token(value),
        _ => Shown::Kept,
    });
    let key = text(&IDEMPOTENCY_KEY).map(short);
    token.map(|it| ("Authorization", it)).into_iter().chain(key.map(|it| ("Idempotency-Key", it))).collect()
}

const IDEMPOTENCY_KEY: header::HeaderName = header::HeaderName::from_static("idempotency-key");

fn one(name: &str, value: &str) -> Option<Named> {
    let (how, name) = NAMES.iter().find_map(|(how, names)| Some((*how, *names.iter().find(|it| **it == name)?)))?;
    if value.is_empty() {
        return None;
    }
    let shown = match how {
        _ if value.len() > LONGEST && how != How::Token => Shown::Kept,
        How::Whole => Shown::Whole(value.to_owned()),
        How::Json => serde_json::from_str(value).map_or_else(|_| short(value), Shown::Json),
        How::Token => token(value),
        How::Short => short(value),
        How::Kept => Shown::Kept,
    };
    Some((name, shown))
}

/// A string unchanged, anything else as JSON.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn short(value: &str) -> Shown {
    let length = value.chars().count();
    // Four characters of a short value would reveal too much of it.
    let start: String = value.chars().take(if length < 20 { 0 } else { 4 }).collect();
    Shown::Short(format!("{start}… ({length})"))
}

fn token(value: &str) -> Shown {
    claims(value).map_or_else(|| short(value), Shown::Token)
}

fn claims(token: &str) -> Option<Token> {
    let mut parts = token.split('.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let read = |part: &str, listed: &[&str]| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
        let members: Map<String, Value> = serde_json::from_slice(&bytes).ok()?;
        Some(members.into_iter().filter(|(name, _)| listed.contains(&name.as_str())).collect::<Map<_, _>>())
    };
    let header = read(header, &HEADER)?;
    let key = header.get("kid").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Token { header, claims: read(claims, &CLAIMS)?, key })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(pairs: &[(&str, &str)]) -> Vec<Named> {
        super::pairs(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    fn jwt(claims: &Value) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        format!(
            "{}.{}.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg",
            part(&json!({ "alg": "RS256", "kid": "K1", "x5c": "x" })),
            part(claims)
        )
    }

    #[test]
    fn line_71_only_listed_names_are_shown() {
        let shown = named(&[
            ("password", "hunter2hunter2"),
            ("email", "alice@example.com"),
            ("csrf_token", "csrf"),
            ("scope", "openid"),
            ("client_secret", "a secret of a client"),
            ("authorization_details", r#"[{"type":"stock_order"}]"#),
            ("grant_type", ""),
        ]);
        assert_eq!(
            shown,
            [
                ("scope", Shown::Whole("openid".into())),
                ("client_secret", Shown::Kept),
                ("authorization_details", Shown::Json(json!([{ "type": "stock_order" }]))),
            ]
        );
        assert_eq!(
            members(br#"{"active":true,"name":"Alice","scope":null}"#),
            [("active", Shown::Whole("true".into()))]
        );
        assert_eq!(named(&[("message", &"x".repeat(5000))]), [("message", Shown::Kept)]);
    }

    #[test]
    fn line_71_nothing_that_is_shown_can_be_used() {
        let token = jwt(&json!({ "sub": "usr_1", "email": "alice@example.com", "exp": 5 }));
        for name in ["access_token", "id_token", "subject_token", "actor_token", "token"] {
            let [(_, Shown::Token(shown))] = &named(&[(name, &token)])[..] else { panic!("{name}") };
            assert_eq!(
                (Value::from(shown.claims.clone()), shown.key.as_str()),
                (json!({ "sub": "usr_1", "exp": 5 }), "K1")
            );
            assert_eq!(Value::from(shown.header.clone()), json!({ "alg": "RS256", "kid": "K1" }));
            assert!(!format!("{shown:?}").contains("c2lnbmF0dXJl"), "the signature");
        }
        let opaque = "vYaG0123456789012345678901234567890123456789";
        for name in ["refresh_token", "code", "state", "code_verifier", "auth_req_id", "ticket", "connect_code"] {
            assert_eq!(named(&[(name, opaque)]), [(name_of(name), Shown::Short("vYaG… (44)".into()))]);
            assert_eq!(named(&[(name, "1234567")]), [(name_of(name), Shown::Short("… (7)".into()))]);
        }
        let mut sent = HeaderMap::new();
        sent.insert("authorization", header::HeaderValue::from_static("Basic YWdlbnQ6c2VjcmV0"));
        sent.insert("cookie", header::HeaderValue::from_static("mandate_tenant=secret"));
        assert_eq!(headers(&sent), [("Authorization", Shown::Kept)]);
    }

    fn name_of(name: &str) -> &'static str {
        NAMES.iter().find_map(|(_, names)| names.iter().find(|it| **it == name)).expect("it is listed")
    }

    #[test]
    fn line_71_pages_with_secrets_are_not_listed() {
        for path in ["/u/login", "/u/signup", "/u/password", "/u/passkey", "/u/consent", "/oauth/tokens", "/recording"]
        {
            assert!(!is_listed(&Method::POST, path), "{path}");
        }
        assert!(is_listed(&Method::POST, "/oauth/token") && is_listed(&Method::POST, "/approvals/apr_1"));
        assert!(!is_listed(&Method::GET, "/approvals/apr_1"));
    }
}
