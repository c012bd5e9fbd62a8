//! Errors of the agent and their answers.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use foundation::{
    lang,
    limit::{whole_minutes, whole_seconds},
    login::LoginError,
    secret, tr,
};
use shared::chat::ApiError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nonexistent, or someone else's. Both get the same answer (THREATS.md line 46).
    #[error("There is nothing here, or it isn’t yours.")]
    NotFound,
    #[error("Your login has expired. Your message was kept; log in and it will be sent.")]
    LoginExpired,
    /// The login expired before an action other than a message.
    #[error("Your login has expired, so nothing was changed. Log in and do it again.")]
    LoginOver,
    /// The page needs a login.
    #[error("Log in first.")]
    LoginNeeded,
    #[error("This message is longer than 8,000 characters. Nothing was sent; shorten it and send it again.")]
    TooLong,
    #[error("There is nothing to send.")]
    Empty,
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Conflict(&'static str),
    /// The milliseconds until a retry is allowed.
    #[error("That was too much at once. Nothing was lost; try again in {}.", in_words(*.0))]
    TooMany(i64),
    /// The limit for a day is reached: the milliseconds until the next one begins.
    #[error("You have reached your limit for today. You can write again in {}, at 0:00 UTC.", until_tomorrow(*.0))]
    DayOver(i64),
    /// A form from another page or session.
    #[error("This page is out of date, so nothing was changed. Open it again and repeat it there.")]
    WrongCsrfToken,
    #[error(transparent)]
    Login(#[from] LoginError),
    #[error("Something went wrong on our side.")]
    Database(#[from] sqlx::Error),
    /// Another site can't be reached. For people.
    #[error("{0}")]
    Unavailable(String),
}

/// `1 second`, `12 seconds`.
fn in_words(ms: i64) -> String {
    let count = whole_seconds(ms);
    format!("{count} second{}", if count == 1 { "" } else { "s" })
}

/// `5 h 12 min`, `12 min`.
fn until_tomorrow(ms: i64) -> String {
    let minutes = whole_minutes(ms);
    if minutes < 60 { format!("{minutes} min") } else { format!("{} h {} min", minutes / 60, minutes % 60) }
}

impl Error {
    /// The code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::LoginExpired | Self::LoginOver => "login_expired",
            Self::LoginNeeded => "login_needed",
            Self::TooLong => "too_long",
            Self::Empty => "empty",
            Self::Invalid(_) => "invalid",
            Self::Conflict(_) => "conflict",
            Self::TooMany(_) => "too_many",
            Self::DayOver(_) => "day_over",
            Self::WrongCsrfToken => "wrong_csrf_token",
            Self::Login(LoginError::Unreachable(_)) | Self::Unavailable(_) => "unavailable",
            Self::Login(LoginError::Database(error)) | Self::Database(error) => {
                if foundation::db::is_away(error) {
                    "unavailable"
                } else {
                    "internal"
                }
            }
            Self::Login(_) => "login_failed",
        }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::LoginExpired | Self::LoginOver | Self::LoginNeeded => StatusCode::UNAUTHORIZED,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Empty | Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooMany(_) | Self::DayOver(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::WrongCsrfToken => StatusCode::FORBIDDEN,
            Self::Login(LoginError::Unreachable(_)) | Self::Unavailable(_) => StatusCode::BAD_GATEWAY,
            Self::Login(LoginError::Database(error)) | Self::Database(error) => {
                if foundation::db::is_away(error) {
                    StatusCode::SERVICE_UNAVAILABLE
                } else {
                    StatusCode::INTERNAL_SERVER_ERROR
                }
            }
            Self::Login(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// The message for people: what happened, what was kept, what to do. Logs an internal fault under an id.
    pub fn message(&self) -> String {
        match self {
            Self::Database(error) | Self::Login(LoginError::Database(error)) if foundation::db::is_away(error) => {
                foundation::sparsely!(error, %error, "the database can't be reached");
                tr!(
                    "Mandate’s database can’t be reached right now. What was confirmed before is kept; try again in a \
                     moment.",
                    "Die Datenbank von Mandate ist gerade nicht erreichbar. Was vorher bestätigt wurde, bleibt; versuch es \
                     gleich noch einmal."
                )
                .into()
            }
            Self::Database(error) | Self::Login(LoginError::Database(error)) => {
                let id = secret::id("");
                tracing::error!(id, %error, "the database failed");
                tr!(
                    format!(
                        "Something went wrong on our side; what was confirmed before is kept. Try again in a moment. If it happens again, tell the operator this id: {id}"
                    ),
                    format!(
                        "Bei uns ist etwas schiefgegangen; was vorher bestätigt wurde, bleibt. Versuch es gleich noch einmal. Wenn es wieder geschieht, sag dem Betreiber diese Kennung: {id}"
                    )
                )
            }
            Self::Login(error) => error.text(),
            other => tr!(other.to_string(), other.german()),
        }
    }

    fn german(&self) -> String {
        match self {
            Self::NotFound => "Hier gibt es nichts, oder es gehört dir nicht.",
            Self::LoginExpired => {
                "Deine Anmeldung ist abgelaufen. Deine Nachricht bleibt; melde dich an, dann wird sie gesendet."
            }
            Self::LoginOver => {
                "Deine Anmeldung ist abgelaufen, deshalb wurde nichts geändert. Melde dich an, und mach es noch einmal."
            }
            Self::LoginNeeded => "Melde dich zuerst an.",
            Self::TooLong => {
                "Diese Nachricht ist länger als 8.000 Zeichen. Nichts wurde gesendet; kürze sie, und sende sie noch einmal."
            }
            Self::Empty => "Es gibt nichts zu senden.",
            Self::TooMany(ms) => {
                let count = lang::count(whole_seconds(*ms), "Sekunde", "Sekunden");
                return format!("Das war zu viel auf einmal. Nichts ist verloren; versuch es in {count} noch einmal.");
            }
            Self::DayOver(ms) => {
                let wait = until_tomorrow(*ms);
                return format!(
                    "Du hast dein Tageslimit erreicht. In {wait}, um 0:00 UTC, kannst du wieder schreiben."
                );
            }
            Self::WrongCsrfToken => {
                "Diese Seite ist veraltet, deshalb wurde nichts geändert. Öffne sie neu, und mach es dort noch einmal."
            }
            // Made in the reader's language.
            Self::Invalid(text) | Self::Unavailable(text) => return text.clone(),
            Self::Conflict(text) => text,
            Self::Login(_) | Self::Database(_) => return self.to_string(),
        }
        .to_owned()
    }
}

/// The title and text of an error, for a page.
#[derive(Clone, Debug)]
pub(crate) struct ErrorText {
    pub(crate) title: &'static str,
    pub(crate) text: String,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let title = match self.status() {
            StatusCode::NOT_FOUND => tr!("Page not found", "Seite nicht gefunden"),
            StatusCode::TOO_MANY_REQUESTS => tr!("Too much at once", "Zu viel auf einmal"),
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => {
                tr!("Part of Mandate can’t be reached", "Ein Teil von Mandate ist nicht erreichbar")
            }
            _ => tr!("That didn’t work", "Das ging nicht"),
        };
        let text = ErrorText { title, text: self.message() };
        let body = ApiError { error: self.code().into(), message: text.text.clone() };
        let mut response = (self.status(), Json(body)).into_response();
        response.extensions_mut().insert(text);
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if let Self::TooMany(ms) | Self::DayOver(ms) = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(ms)));
        }
        response
    }
}
