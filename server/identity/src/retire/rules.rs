//! The rules by which grants are made (`authorize`), applied to existing grants after a change of the configuration.

use std::collections::BTreeSet;

use serde_json::Value;

use super::gone::Gone;
use crate::{
    authorize::audience::IDENTITY,
    config::{Api, Config},
    store::{approval, person::Person},
};

/// The clients and APIs of the configuration.
pub(super) struct Rules<'a> {
    pub(super) config: &'a Config,
    pub(super) apis: Vec<Api>,
    /// The clients that registered themselves.
    pub(super) registered: BTreeSet<String>,
}

impl Rules<'_> {
    pub(super) fn is_configured(&self, client: &str) -> bool {
        let asks = |api: &Api| api.introspection.is_some() && api.id == client;
        self.config.client(client).is_some() || self.apis.iter().any(asks)
    }

    /// The scopes that a client may have at an API, by the same rules as for new grants.
    pub(super) fn allowed(&self, client: &str, audience: &str) -> Result<BTreeSet<&str>, Gone> {
        let configured = self.config.client(client);
        if configured.is_none() && !self.registered.contains(client) {
            return Err(Gone::Client(client.to_owned()));
        }
        // A grant for a login alone has no API.
        if audience == self.config.userinfo_audience() {
            return Ok(BTreeSet::new());
        }
        let api = self.apis.iter().find(|api| api.audience == audience);
        let api = api.ok_or_else(|| Gone::Api(audience.to_owned()))?;
        let may_ask = configured.map_or(api.third_party, |client| client.audiences.iter().any(|it| it == audience));
        if !may_ask {
            return Err(Gone::Access { client: client.to_owned(), api: audience.to_owned() });
        }
        let may_have = |scope: &str| configured.is_none_or(|client| client.scopes.iter().any(|it| it == scope));
        Ok(api.scopes.iter().map(|(scope, _)| scope.as_str()).filter(|scope| may_have(scope)).collect())
    }

    /// [`Gone::Approver`] if the request's person may no longer approve for its API.
    pub(super) fn approver_gone(&self, row: &approval::Row, person: &Person) -> Option<Gone> {
        let (api, approvers) = self.config.approvers(row.audience.as_deref(), &row.connection)?;
        let name = person.email.as_ref().unwrap_or(&person.id);
        (!approvers.include(person)).then(|| Gone::Approver { person: name.clone(), api: api.to_owned() })
    }

    /// The first thing that an approval request depends on and the configuration no longer has.
    pub(super) fn gone_under(&self, row: &approval::Row) -> Option<Gone> {
        let is_client = |client: &str| self.config.client(client).is_some() || self.registered.contains(client);
        if let Some(client) = std::iter::once(&row.client).chain(&row.caller).find(|client| !is_client(client)) {
            return Some(Gone::Client(client.clone()));
        }
        let is_there = |name: &str| self.config.connections.iter().any(|connection| connection.name == name);
        if !row.connection.is_empty() && !is_there(&row.connection) {
            return Some(Gone::Connection(row.connection.clone()));
        }
        let detail: Value = serde_json::from_str(&row.detail).unwrap_or_default();
        if let Some(kind) = detail["type"].as_str()
            && !self.apis.iter().flat_map(|api| &api.types).any(|known| known.name == kind)
        {
            return Some(Gone::Type(kind.to_owned()));
        }
        let audience = row.audience.as_ref()?;
        let allowed = match self.allowed(&row.client, audience) {
            Ok(allowed) => allowed,
            Err(gone) => return Some(gone),
        };
        let is_left = |scope: &&str| IDENTITY.contains(scope) || allowed.contains(scope);
        if let Some(scope) = row.scope.split(' ').find(|scope| !is_left(scope)) {
            return Some(Gone::Scope { client: row.client.clone(), scope: scope.to_owned() });
        }
        let takes = |api: &Api| api.audience == *audience && (api.without_details || detail["type"].is_string());
        (!self.apis.iter().any(takes)).then(|| Gone::WithoutDetails(audience.clone()))
    }
}

/// Splits scopes into those still allowed and the others.
pub(super) fn split(scopes: &[String], allowed: &BTreeSet<&str>) -> (Vec<String>, Vec<String>) {
    let stays = |scope: &&String| IDENTITY.contains(&scope.as_str()) || allowed.contains(scope.as_str());
    scopes.iter().cloned().partition(|scope| stays(&scope))
}
