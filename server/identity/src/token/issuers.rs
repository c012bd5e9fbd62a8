//! The issuers whose statements of approval this provider believes.

use std::collections::HashMap;

use foundation::{http::Http, jwt::RemoteKeys};

use crate::config::ApprovalIssuer;

/// The keys of those whose statements of approval are believed.
#[derive(Debug)]
pub struct Issuers(HashMap<String, RemoteKeys>);

impl Issuers {
    pub fn new(issuers: &[ApprovalIssuer], http: &Http) -> Self {
        let keys = |it: &ApprovalIssuer| (it.jwks_uri.clone(), RemoteKeys::new(http.clone(), it.jwks_uri.clone()));
        Self(issuers.iter().map(keys).collect())
    }

    /// The keys at one of these addresses.
    pub(super) fn keys(&self, jwks_uri: &str) -> Option<&RemoteKeys> {
        self.0.get(jwks_uri)
    }
}
