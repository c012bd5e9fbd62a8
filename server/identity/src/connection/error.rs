//! Errors of the My Account API, in its own format (WIRE.md §3).

use axum::{
    Json,
    extract::rejection::BytesRejection,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::error::OAuthError;

/// An error answer of the My Account API.
#[derive(Debug)]
pub(crate) struct AccountError {
    status: StatusCode,
    title: &'static str,
    detail: String,
    field: Option<&'static str>,
}

impl AccountError {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into(), field: None }
    }

    /// A member of the request is invalid.
    pub(crate) fn invalid(field: &'static str, detail: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(StatusCode::BAD_REQUEST, "Invalid request", detail) }
    }

    /// The request as a whole is invalid.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Invalid request", detail)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", "The access token is missing or not valid here.")
    }

    pub(super) fn forbidden(scope: &str) -> Self {
        let detail = format!("The access token lacks the scope {scope}.");
        Self::new(StatusCode::FORBIDDEN, "Insufficient scope", detail)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found", "The person has nothing under this id.")
    }

    /// Concurrent completions won the race several times.
    pub(super) fn busy() -> Self {
        let detail = "This account is being connected by several at once. Nothing was changed; try again.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Try again", detail)
    }

    pub(super) fn conflict() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "Conflict",
            "This account is connected by another person. It was not moved, and what was granted just now is revoked.",
        )
    }
}

impl From<sqlx::Error> for AccountError {
    fn from(error: sqlx::Error) -> Self {
        foundation::sparsely!(error, %error, "the database failed");
        let away = foundation::db::is_away(&error);
        let status = if away { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR };
        Self::new(status, "Something went wrong", "Nothing was changed; try again in a moment.")
    }
}

impl From<foundation::seal::Unsealable> for AccountError {
    fn from(error: foundation::seal::Unsealable) -> Self {
        tracing::error!(%error, "the grant of a pending connection can't be read");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", "Nothing was changed; connect again.")
    }
}

impl From<BytesRejection> for AccountError {
    fn from(rejection: BytesRejection) -> Self {
        OAuthError::from(rejection).into()
    }
}

impl From<OAuthError> for AccountError {
    fn from(error: OAuthError) -> Self {
        match error.error {
            "invalid_token" => Self::unauthorized(),
            "invalid_request" => Self::new(error.status, "Invalid request", error.description),
            _ => Self::new(error.status, "Something went wrong", error.description),
        }
    }
}

impl IntoResponse for AccountError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": "about:blank",
            "status": self.status.as_u16(),
            "title": self.title,
            "detail": self.detail,
        });
        if let Some(field) = self.field {
            body["validation_errors"] = json!([{ "detail": self.detail, "field": field }]);
        }
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
        }
        response
    }
}
