//! Errors of a call to another site.

use std::{error::Error, io};

use reqwest::StatusCode;

/// The member of a refusal's body that carries its `Retry-After`.
pub(super) const WAIT: &str = "retry-after";

/// A call to another site failed, or its answer can't be used.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("it can't be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("it took too long to answer")]
    TimedOut,
    /// A site of this process panicked outside its guards, or while it wrote its answer.
    #[error("it failed before its answer was complete")]
    Panicked,
    #[error("its answer is longer than 1 MB")]
    TooLong,
    #[error("its answer ({0}) is not the JSON that was expected")]
    NotJson(StatusCode),
    /// An answer other than 2xx, with its body. The body's member [`WAIT`] carries its `Retry-After`.
    #[error("it answered {0}")]
    Refused(StatusCode, serde_json::Value),
}

impl HttpError {
    /// Classifies an error of a call or of reading its body. Drops the URL, which may hold a secret.
    pub fn of(error: reqwest::Error) -> Self {
        if is_panic(&error) {
            Self::Panicked
        } else if error.is_timeout() && !error.is_connect() {
            Self::TimedOut
        } else {
            Self::Unreachable(error.without_url())
        }
    }

    /// The `error` member of an OAuth error answer (RFC 6749 §5.2), or empty.
    pub fn oauth_error(&self) -> &str {
        match self {
            Self::Refused(_, body) => body["error"].as_str().unwrap_or_default(),
            _ => "",
        }
    }

    /// The other site's reason for its refusal, shortened: the `error_description` of an OAuth error, or the `error` of
    /// an API that answers in sentences.
    pub fn reason(&self) -> Option<String> {
        let Self::Refused(_, body) = self else { return None };
        let words = |member: &str| body[member].as_str().filter(|text| text.contains(' '));
        let reason: String = words("error_description")
            .or_else(|| words("error"))?
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        Some(reason)
    }

    /// Seconds until a retry, if the refusal names them (RFC 9110 §10.2.3).
    pub fn retry_after(&self) -> Option<u32> {
        let Self::Refused(_, body) = self else { return None };
        body[WAIT].as_u64().and_then(|seconds| seconds.try_into().ok())
    }

    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused(status, _) | Self::NotJson(status) => Some(*status),
            _ => None,
        }
    }
}

/// The stream of an answer's body panicked.
#[derive(Debug, thiserror::Error)]
#[error("the other site panicked while it wrote its answer")]
pub(super) struct BodyPanicked;

/// Whether reading a body failed because the site that wrote it panicked.
fn is_panic(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if error.is::<BodyPanicked>() || inner.is_some_and(|inner| inner.is::<BodyPanicked>()) {
            return true;
        }
        source = error.source();
    }
    false
}
