//! Errors: JSON for clients (RFC 6749 §5.2), a page for people.

use std::borrow::Cow;

use axum::{
    Json,
    extract::rejection::BytesRejection,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use foundation::{limit::whole_seconds, tr};
use serde_json::{Map, Value};

/// Why an instance can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Key(#[from] foundation::jwt::KeyError),
    /// A stored value was sealed under another master key.
    #[error(transparent)]
    Unsealable(#[from] foundation::seal::Unsealable),
    #[error("demo people exist only where every site is a loopback one")]
    DemoPeople,
    #[error(
        "an instance on this database has another configuration. Start this one with the same mandate.toml and addresses, or \
         with `mandate serve --new-config` where it brings the new version; nothing was changed"
    )]
    OtherConfiguration,
    #[error("a password can't be hashed: {0}")]
    Password(String),
}

/// `Retry-After` while the database is unreachable, in seconds.
const AWAY: i64 = 5;

/// An error answer to a client (RFC 6749 §5.2 and related): JSON, `no-store`, and no `WWW-Authenticate` unless a Basic
/// or Bearer credential failed, since clients that see one ignore the body.
#[derive(Clone, Debug)]
pub struct OAuthError {
    pub status: StatusCode,
    pub error: &'static str,
    pub description: Cow<'static, str>,
    challenge: Option<&'static str>,
    retry_after: Option<i64>,
    more: Map<String, Value>,
}

impl OAuthError {
    /// Any standard's error, with a status and a description for the client's developer.
    pub fn new(status: StatusCode, error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self { status, error, description: description.into(), challenge: None, retry_after: None, more: Map::new() }
    }

    fn bad(error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, description)
    }

    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::bad("invalid_request", description)
    }

    /// Client authentication failed, with the same text for every reason (THREATS.md line 16).
    pub fn invalid_client() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed")
    }

    pub fn invalid_grant(description: impl Into<Cow<'static, str>>) -> Self {
        Self::bad("invalid_grant", description)
    }

    pub fn unauthorized_client(description: impl Into<Cow<'static, str>>) -> Self {
        Self::bad("unauthorized_client", description)
    }

    pub fn unsupported_grant_type() -> Self {
        Self::bad("unsupported_grant_type", "This grant type is not supported")
    }

    pub fn invalid_scope(description: impl Into<Cow<'static, str>>) -> Self {
        Self::bad("invalid_scope", description)
    }

    /// RFC 8707 §2: the resource is unknown, or not for this client.
    pub fn invalid_target(description: impl Into<Cow<'static, str>>) -> Self {
        Self::bad("invalid_target", description)
    }

    pub fn access_denied(description: impl Into<Cow<'static, str>>) -> Self {
        Self::bad("access_denied", description)
    }

    /// A bearer token isn't valid at a resource of this service (RFC 6750 §3.1).
    pub fn invalid_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_token", "The access token is not valid here")
            .challenge("Bearer error=\"invalid_token\"")
    }

    /// A bearer token lacks a scope (RFC 6750 §3.1).
    pub fn insufficient_scope(scope: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", format!("The access token lacks the scope {scope}"))
            .with("scope", scope)
    }

    /// An internal fault. Details are in the log.
    pub fn server_error() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Something went wrong here; try again")
    }

    /// Another site that is needed doesn't answer.
    pub fn temporarily_unavailable(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", description)
    }

    /// Too many requests. The next one is allowed after this many milliseconds.
    pub fn too_many(wait_ms: i64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests; try again later")
            .retry_after(whole_seconds(wait_ms))
    }

    /// Adds a member to the body (`interval`).
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.more.insert(member.to_owned(), value.into());
        self
    }

    /// `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// `WWW-Authenticate`.
    #[must_use]
    pub fn challenge(mut self, challenge: &'static str) -> Self {
        self.challenge = Some(challenge);
        self
    }
}

impl From<sqlx::Error> for OAuthError {
    fn from(error: sqlx::Error) -> Self {
        foundation::sparsely!(error, %error, "the database failed");
        if foundation::db::is_away(&error) {
            return Self::temporarily_unavailable(
                "The identity service's database can't be reached right now. Nothing was changed; try again in a moment.",
            )
            .retry_after(AWAY);
        }
        Self::server_error()
    }
}

impl From<foundation::jwt::KeyError> for OAuthError {
    fn from(error: foundation::jwt::KeyError) -> Self {
        tracing::error!(%error, "a token couldn't be signed");
        Self::server_error()
    }
}

impl From<BytesRejection> for OAuthError {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "The body is longer than 64 kB")
            }
            _ => Self::invalid_request("The body ended too early"),
        }
    }
}

/// The endpoint doesn't support the method.
pub(crate) async fn wrong_method() -> OAuthError {
    OAuthError::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "This endpoint doesn't take this method")
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let mut body = self.more;
        body.insert("error".into(), self.error.into());
        body.insert("error_description".into(), self.description.into_owned().into());
        let mut response = (self.status, Json(Value::Object(body))).into_response();
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An error page: what happened, what was kept, what to do. `error_page` renders it as HTML.
#[derive(Clone, Debug)]
pub struct PageError {
    pub status: StatusCode,
    pub title: Cow<'static, str>,
    pub text: Cow<'static, str>,
    /// A link: address and text.
    pub back: Option<(String, String)>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u16>,
    /// A fixed word for the error, if a callback may fail with it: see [`elsewhere`].
    kind: &'static str,
}

impl PageError {
    pub fn new(status: StatusCode, title: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, title: title.into(), text: text.into(), back: None, retry_after: None, kind: "internal" }
    }

    /// Sets the word under which `error_page` finds the error.
    #[must_use]
    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// An internal fault. Details are in the log.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            tr!("Something went wrong", "Etwas ist schiefgegangen"),
            tr!(
                "That’s on our side. Nothing was changed; try again in a moment.",
                "Das liegt an uns. Nichts wurde geändert; versuch es gleich noch einmal."
            ),
        )
    }

    /// The database can't be reached.
    pub(crate) fn away() -> Self {
        let text = tr!(
            "The database can’t be reached. Nothing was changed; try again in a moment.",
            "Die Datenbank ist nicht erreichbar. Nichts wurde geändert; versuch es gleich noch einmal."
        );
        let title = tr!("Not available right now", "Gerade nicht erreichbar");
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, title, text).kind("away");
        Self { retry_after: u16::try_from(AWAY).ok(), ..error }
    }

    /// The request itself is invalid.
    pub fn bad_request(title: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, title, text)
    }

    pub fn not_found() -> Self {
        let text = tr!(
            "There is nothing at this address, or it isn’t yours.",
            "Unter dieser Adresse gibt es nichts, oder es gehört dir nicht."
        );
        Self::new(StatusCode::NOT_FOUND, tr!("Not found", "Nicht gefunden"), text).kind("not_found")
    }

    /// Too many requests from one address. The next one is allowed after this many milliseconds.
    pub fn too_many(wait_ms: i64) -> Self {
        let seconds = u16::try_from(whole_seconds(wait_ms)).unwrap_or(u16::MAX);
        let text = tr!(
            format!(
                "Too many logins started from your network in a short time, so this one has to wait. Nothing was \
                 changed. Try again in {seconds} s."
            ),
            format!(
                "Aus deinem Netz kamen in kurzer Zeit zu viele Anmeldungen, deshalb muss diese warten. Nichts wurde \
                 geändert. Versuch es in {seconds} s noch einmal."
            )
        );
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, tr!("Too many at once", "Zu viel auf einmal"), text);
        Self { retry_after: Some(seconds), ..error }
    }

    /// A form without this session's CSRF token (THREATS.md line 9).
    pub fn forged() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            tr!("This form is no longer valid", "Dieses Formular gilt nicht mehr"),
            tr!(
                "It was opened before you last logged in or out, or it isn’t from this site. Nothing was changed. \
                 Open the page again and repeat what you did.",
                "Es wurde geöffnet, bevor du dich an- oder abgemeldet hast, oder es ist nicht von dieser Seite. Nichts \
                 wurde geändert. Öffne die Seite neu, und mach es noch einmal."
            ),
        )
    }

    #[must_use]
    pub fn back(mut self, href: impl Into<String>, words: impl Into<String>) -> Self {
        self.back = Some((href.into(), words.into()));
        self
    }
}

impl From<sqlx::Error> for PageError {
    fn from(error: sqlx::Error) -> Self {
        foundation::sparsely!(error, %error, "the database failed");
        if foundation::db::is_away(&error) { Self::away() } else { Self::internal() }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware for callbacks, whose addresses contain codes: redirects an error to a page of its own, since everything
/// that a page loads sees the page's address (THREATS.md line 10). That page's address contains only a fixed word.
pub(crate) async fn elsewhere(mut response: Response) -> Response {
    let Some(error) = response.extensions_mut().remove::<PageError>() else { return response };
    let mut on = Redirect::to(&format!("/u/error?kind={}", error.kind)).into_response();
    // Keeps the effects before the error, such as a login's cookie.
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        on.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    on.extensions_mut().extend(std::mem::take(response.extensions_mut()));
    on
}
