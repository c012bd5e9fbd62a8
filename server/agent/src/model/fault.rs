//! Why a model's answer could not be used, in words for people.

use async_openai::error::OpenAIError;
use reqwest::StatusCode;

#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("The model can't be reached right now. Your message was kept; try again in a moment.")]
    Unreachable,
    #[error("The model didn't answer in time. Your message was kept; try again.")]
    Silent,
    #[error("The model's answer broke off. What it said so far can't be relied on; try again.")]
    BrokenOff,
    #[error("The model's endpoint failed ({0}). Your message was kept; try again in a moment.")]
    Failed(StatusCode),
    #[error("The model has too much to do right now. Your message was kept; try again in a moment.")]
    Busy,
    #[error(
        "The model's endpoint refused the key that is set as OPENAI_API_KEY. The operator has to mend that; your message was kept, and you can try again then."
    )]
    Key,
    #[error(
        "The model's endpoint didn't take the request ({0}). If it happens again, the operator has to look at OPENAI_BASE_URL and OPENAI_MODEL."
    )]
    Refused(StatusCode),
    #[error(
        "The model's endpoint didn't take the request, and didn't say why in a way that can be read. Your message was kept; try again in a moment. If it happens again, the operator has to look at OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL."
    )]
    Declined,
    #[error("The model's endpoint sent something that is no answer. Your message was kept; try again.")]
    Unreadable,
    #[error("The model answered with nothing. Your message was kept; try again.")]
    Empty,
    #[error("The model's answer was too long, so it was cut off. Your message was kept; try again.")]
    TooLong,
    #[error("The model called a tool that doesn't exist (\"{0}\"), so nothing was done. Try again.")]
    UnknownTool(String),
    #[error("The model called {0} with arguments that can't be read, so nothing was done. Try again.")]
    BadArguments(String),
    #[error("The model's provider withheld the answer. Put your message in other words.")]
    Withheld,
}

impl From<OpenAIError> for Fault {
    fn from(error: OpenAIError) -> Self {
        match error {
            OpenAIError::ApiError(error) => match error.status_code {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::Key,
                StatusCode::TOO_MANY_REQUESTS => Self::Busy,
                status if status.is_server_error() => Self::Failed(status),
                status => Self::Refused(status),
            },
            OpenAIError::Reqwest(error) if error.is_connect() || error.is_request() => Self::Unreachable,
            OpenAIError::Reqwest(_) | OpenAIError::StreamError(_) => Self::BrokenOff,
            _ => Self::Unreadable,
        }
    }
}
