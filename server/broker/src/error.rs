//! Errors of the broker and their answers: JSON for programs, a page for people.

use axum::{
    Json,
    extract::rejection::{BytesRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use foundation::{axum, jwt::JwtError, limit::whole_seconds, login::LoginError, tr};
use shared::broker::ApiError;
use url::form_urlencoded;

use crate::page::{Frame, Message};

/// Each variant explains itself in words for the caller.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Invalid(String),
    #[error("An access token is required: Authorization: Bearer …")]
    NoToken,
    #[error("The access token isn't accepted: {0}.")]
    BadToken(#[source] JwtError),
    /// The token was valid, but its grant, client or person is no longer active.
    #[error("The access token isn't accepted: it was revoked, or the account was disconnected.")]
    Revoked,
    /// The provider doesn't answer whether the token is active.
    #[error(
        "StockTrade's identity service doesn't say whether the access token is still active. Nothing was changed; try \
         again in a moment."
    )]
    NotChecked,
    /// A visitor asked for a page that needs a login. Carries the path to continue at after it.
    #[error("This needs your login. Nothing was changed.")]
    NotLoggedIn(String),
    /// The scope that the token lacks.
    #[error("The access token lacks the scope {0}.")]
    Scope(&'static str),
    #[error("{0}")]
    Forbidden(String),
    #[error("{0}")]
    NotFound(String),
    #[error("This address doesn't take that method.")]
    Method,
    #[error("{0}")]
    Conflict(String),
    #[error("The request's body is longer than 64 kB.")]
    TooLong,
    /// Milliseconds until the next attempt is allowed.
    #[error("Too many orders at once. Nothing was placed; try again in {} s.", whole_seconds(*.0))]
    TooMany(i64),
    /// Milliseconds until the next login may begin.
    #[error(
        "Too many logins started from your network in a short time, so this one has to wait. Nothing was changed. \
         Try again in {} s.", whole_seconds(*.0)
    )]
    TooManyLogins(i64),
    #[error(
        "Your network has too many price streams open. Close one, or try again in {} s; GET /api/stocks has the \
         prices now.",
        STREAM_WAIT
    )]
    TooManyStreams,
    #[error(transparent)]
    Login(LoginError),
    #[error("StockTrade's database can't be reached right now. Nothing was changed; try again in a moment.")]
    Database(#[from] sqlx::Error),
}

/// Seconds after which a client with too many price streams may retry.
const STREAM_WAIT: i64 = 10;

impl Error {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::BadToken(JwtError::NoKeys) | Self::NotChecked => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoToken | Self::BadToken(_) | Self::Revoked | Self::NotLoggedIn(_) => StatusCode::UNAUTHORIZED,
            Self::Scope(_) | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) | Self::TooManyLogins(_) | Self::TooManyStreams => StatusCode::TOO_MANY_REQUESTS,
            Self::Login(LoginError::Unreachable(_)) => StatusCode::BAD_GATEWAY,
            Self::Database(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Login(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// The title of the error page.
    pub fn title(&self) -> &'static str {
        match self.status() {
            StatusCode::UNAUTHORIZED => tr!("Log in first", "Melde dich zuerst an"),
            StatusCode::NOT_FOUND => tr!("Not found", "Nicht gefunden"),
            StatusCode::FORBIDDEN => tr!("Not allowed", "Nicht erlaubt"),
            StatusCode::TOO_MANY_REQUESTS => tr!("Too many at once", "Zu viel auf einmal"),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY => {
                tr!("Not available right now", "Gerade nicht erreichbar")
            }
            _ if matches!(self, Self::Login(_)) => tr!("You are not logged in", "Du bist nicht angemeldet"),
            _ => tr!("That didn’t work", "Das ging nicht"),
        }
    }

    /// The link on the error page: its target and text.
    pub fn back(&self) -> (String, String) {
        match self {
            Self::NotLoggedIn(path) => (login_address(path), tr!("Log in", "Anmelden").into()),
            Self::Login(_) => (login_address("/"), tr!("Log in again", "Noch einmal anmelden").into()),
            _ => ("/".into(), tr!("Back to StockTrade", "Zurück zu StockTrade").into()),
        }
    }

    /// The error page for a person.
    pub fn message(&self, frame: Frame) -> Message {
        self.log();
        let (title, text) = (self.title().into(), tr!(self.to_string(), self.german()));
        Message { frame, status: self.status().as_u16(), title, text, back: self.back() }
    }

    /// The text of a page. Errors that only programs get stay in English.
    fn german(&self) -> String {
        let again = "Versuch es in";
        match self {
            Self::NotLoggedIn(_) => "Dafür musst du angemeldet sein. Nichts wurde geändert.".into(),
            Self::TooLong => "Deine Eingabe ist länger als 64 kB.".into(),
            Self::TooMany(ms) => {
                let seconds = whole_seconds(*ms);
                format!("Zu viele Aufträge auf einmal. Nichts wurde aufgegeben. {again} {seconds} s noch einmal.")
            }
            Self::TooManyLogins(ms) => {
                let seconds = whole_seconds(*ms);
                format!(
                    "Aus deinem Netz kamen in kurzer Zeit zu viele Anmeldungen, deshalb muss diese warten. Nichts wurde \
                     geändert. {again} {seconds} s noch einmal."
                )
            }
            Self::Login(error) => error.text(),
            Self::Database(_) => {
                "Die Datenbank von StockTrade ist gerade nicht erreichbar. Nichts wurde geändert; versuch es gleich noch \
                 einmal."
                    .into()
            }
            other => other.to_string(),
        }
    }

    /// Logs details that only the operator may read.
    pub(crate) fn log(&self) {
        if let Self::Database(error) = self {
            foundation::sparsely!(error, %error, "the database failed");
        }
    }

    /// `Retry-After`, in seconds.
    pub(crate) fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooManyStreams => Some(STREAM_WAIT),
            Self::TooMany(ms) | Self::TooManyLogins(ms) => Some(whole_seconds(*ms)),
            Self::BadToken(JwtError::NoKeys) | Self::NotChecked | Self::Database(_) => Some(5),
            _ => None,
        }
    }

    /// The `WWW-Authenticate` challenge of a 401, or of a 403 for a missing scope (RFC 6750 §3).
    fn challenge(&self) -> Option<String> {
        match self {
            Self::NoToken => Some("Bearer realm=\"StockTrade\"".into()),
            Self::BadToken(JwtError::NoKeys) => None,
            Self::BadToken(why) => {
                Some(format!("Bearer realm=\"StockTrade\", error=\"invalid_token\", error_description=\"{why}\""))
            }
            Self::Revoked => Some(
                "Bearer realm=\"StockTrade\", error=\"invalid_token\", error_description=\"it was revoked\"".into(),
            ),
            Self::Scope(scope) => {
                Some(format!("Bearer realm=\"StockTrade\", error=\"insufficient_scope\", scope=\"{scope}\""))
            }
            _ => None,
        }
    }
}

/// The address of a login that continues at this path.
fn login_address(path: &str) -> String {
    let path: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
    format!("/auth/login?returnTo={path}")
}

impl From<LoginError> for Error {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Database(error) => Self::Database(error),
            other => Self::Login(other),
        }
    }
}

impl From<QueryRejection> for Error {
    fn from(_: QueryRejection) -> Self {
        Self::Invalid("The query can't be read; see /api/openapi.json.".into())
    }
}

impl From<BytesRejection> for Error {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLong,
            _ => Self::Invalid("The request's body ended too early.".into()),
        }
    }
}

/// The answer to a program.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();
        let mut response = (self.status(), Json(ApiError { error: self.to_string() })).into_response();
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge().and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        response
    }
}
