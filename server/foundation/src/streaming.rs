//! Calls to an endpoint that streams its answer (a model's). They have no total timeout: the caller bounds each wait.

use std::time::Duration;

use reqwest::{Client, Request, Response};

use crate::{
    http::{Http, HttpError, client, inside},
    trace,
};

/// Timeout of a stream inside this process, so that it doesn't get the default one: only its caller ends it.
const A_DAY: Duration = Duration::from_hours(24);

/// A client for one endpoint. Clones share connections.
#[derive(Clone, Debug)]
pub struct Streaming {
    http: Http,
    client: Client,
}

impl Streaming {
    /// A client for the endpoint at this address. If a site of this process is there (the rehearsal model), calls go
    /// through that site's router: a site behind a proxy can't always reach its own public name.
    ///
    /// # Panics
    /// If the TLS backend can't start: nothing could be reached at all.
    pub fn new(http: Http, base_url: &str) -> Self {
        Self { http, client: client::streaming(base_url) }
    }

    /// The client itself, to build requests with.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a request.
    ///
    /// # Errors
    /// If the endpoint can't be reached. The cause isn't logged, because it may hold text from the endpoint.
    pub async fn execute(&self, mut request: Request) -> Result<Response, HttpError> {
        let Some(router) = self.http.router_of(request.url()) else {
            return self.client.execute(request).await.map_err(HttpError::of);
        };
        let timeout = request.timeout().copied().unwrap_or(A_DAY);
        *request.timeout_mut() = Some(timeout);
        trace::pass_on(request.headers_mut());
        inside::call(router, request).await
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::get};

    use super::*;
    use crate::site::Site;

    /// Its public name leads nowhere from here, as behind a proxy.
    #[tokio::test]
    async fn endpoint_of_this_process_is_reached_without_the_network() {
        let http = Http::new();
        let site = Site::new("https://chat.invalid".parse().expect("a URL")).expect("a site");
        let endpoint = Streaming::new(http.clone(), "https://chat.invalid/v1");
        let ask = || endpoint.client().get("https://chat.invalid/v1").build().expect("a request");
        assert!(endpoint.execute(ask()).await.is_err(), "nobody is there");
        http.mount(&site, Router::new().route("/v1", get(async || "here")));
        let answer = endpoint.execute(ask()).await.expect("an answer");
        assert_eq!(answer.text().await.expect("its text"), "here");
    }
}
