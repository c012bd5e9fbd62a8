//! The state that handlers of StockTrade's pages share: the broker and the page renderer.

use axum::{
    extract::FromRef,
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use foundation::{axum, session::Handle};

use crate::{error::Error, page::Render, state::Broker};

/// The state that handlers share.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) broker: Broker,
    pub(crate) render: Render,
}

impl FromRef<Site> for Broker {
    fn from_ref(site: &Site) -> Self {
        site.broker.clone()
    }
}

impl Site {
    /// The error page, as a response.
    pub(crate) async fn page(&self, handle: &Handle, error: &Error) -> Response {
        let message = self.broker.message(handle, error).await;
        let mut response = (error.status(), Html((self.render)(&message))).into_response();
        if let Some(seconds) = error.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
