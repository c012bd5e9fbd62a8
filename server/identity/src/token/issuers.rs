//! The issuers whose approval statements this provider trusts.

use std::collections::HashMap;

use foundation::{http::Http, jwt::RemoteKeys};

use crate::config::ApprovalIssuer;

/// The public keys of the trusted issuers.
#[derive(Debug)]
pub struct Issuers(HashMap<String, RemoteKeys>);

impl Issuers {
    pub fn new(issuers: &[ApprovalIssuer], http: &Http) -> Self {
        let keys = |it: &ApprovalIssuer| (it.jwks_uri.clone(), RemoteKeys::new(http.clone(), it.jwks_uri.clone()));
        Self(issuers.iter().map(keys).collect())
    }

    /// The keys published at one of their addresses.
    pub(super) fn keys(&self, jwks_uri: &str) -> Option<&RemoteKeys> {
        self.0.get(jwks_uri)
    }
}
