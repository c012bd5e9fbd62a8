//! The pages of errors: renders a [`PageError`], and shows the error of a callback.

use axum::{
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use serde::Deserialize;

use crate::{
    authorize::step,
    connection::browser,
    error::PageError,
    login::{person, provider},
    page::{Frame, View},
    state::Identity,
};

/// The middleware that renders [`PageError`]s.
pub(crate) async fn layer(State(identity): State<Identity>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<PageError>() else { return response };
    let PageError { status, title, text, back, retry_after, .. } = error;
    let view = View::Error { title: title.into_owned(), text: text.into_owned(), back };
    let mut page = identity.in_frame(status, identity.frame_for(&headers, status).await, view);
    // Keeps the effects before the error, such as a login's cookie.
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        page.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    page.extensions_mut().extend(std::mem::take(response.extensions_mut()));
    if let Some(seconds) = retry_after {
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    page
}

impl Identity {
    /// The frame of an error page for the browser that sent these headers. After an internal fault, doesn't look up the
    /// person: the database may have failed.
    pub async fn frame_for(&self, headers: &HeaderMap, status: StatusCode) -> Frame {
        let person = if status.is_server_error() {
            None
        } else {
            person::of_request(self, &self.sessions.handle(headers)).await.ok().flatten()
        };
        self.frame(person.as_ref().map(|(_, person)| person))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ErrorQuery {
    kind: String,
}

/// `GET /u/error?kind=`
pub(crate) async fn page(
    State(identity): State<Identity>,
    query: Result<Query<ErrorQuery>, QueryRejection>,
) -> PageError {
    let Query(ErrorQuery { kind }) = query.unwrap_or_default();
    of_kind(&identity, &kind).unwrap_or_else(PageError::not_found)
}

/// The error of this kind. `None` for an unknown kind.
fn of_kind(identity: &Identity, kind: &str) -> Option<PageError> {
    if let Some(kind) = kind.strip_prefix("connection_") {
        return browser::error_of(kind);
    }
    match kind {
        "internal" => Some(PageError::internal()),
        "away" => Some(PageError::away()),
        "over" => Some(step::too_late()),
        "unknown_application" => Some(step::unknown_application()),
        "closed" => Some(provider::closed()),
        _ => identity.login.as_ref()?.error_of(kind).map(PageError::from),
    }
}
