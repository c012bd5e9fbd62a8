//! Layers around every call to another site. Only tests use them, to inject faults.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use reqwest::{Request, Response};

use super::{Http, HttpError};

/// Wraps all calls of an [`Http`], over the network or inside the process. A layer may change the request, skip the
/// rest of the call, or change the answer.
pub trait Layer: fmt::Debug + Send + Sync {
    fn call<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response, HttpError>>;
}

/// The rest of a call: the inner layers, then the other site.
#[derive(Debug)]
pub struct Next<'a> {
    http: &'a Http,
    layers: &'a [Arc<dyn Layer>],
}

impl<'a> Next<'a> {
    pub(super) fn new(http: &'a Http) -> Self {
        Self { http, layers: &http.layers }
    }

    /// # Errors
    /// As [`Http::execute`].
    pub async fn run(mut self, request: Request) -> Result<Response, HttpError> {
        match self.layers.split_first() {
            Some((layer, rest)) => {
                self.layers = rest;
                layer.call(request, self).await
            }
            None => self.http.dispatch(request).await,
        }
    }
}
