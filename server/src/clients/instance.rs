//! Turns one identity service's tables, and everything they name, into its configuration.

use std::{collections::BTreeMap, sync::Arc};

use details::{Api, Type};
use foundation::{login, site::Site};
use identity::{
    config::{self, ApprovalIssuer, Approvers, Config, Connection, Grant, LoginBy, StaticClient, Version},
    page::{Accent, Render},
};

use super::connection;
use crate::{
    config::{
        agent::{AGENT, AGENT_MCP, MCP},
        part::Part,
        read::Item,
        tables::{ApprovalsFromTable, ClientTable, ConnectionTable, GrantName, ServiceTable, SigningName},
    },
    secrets::Shared,
    settings::Settings,
};

/// The API of approvals for connected accounts.
const VAULT: &str = "vault";

/// One identity service: its tables, and what they refer to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance<'a> {
    pub(super) part: &'a Part,
    pub(super) site: &'a Site,
    pub(super) settings: &'a Settings,
    pub(super) secrets: &'a Shared,
}

/// The name and the look of an identity service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) title: &'static str,
    pub(super) accent: Accent,
    pub(super) cookie: &'static str,
}

impl Instance<'_> {
    pub(super) fn config(&self, frame: Frame, shut_out: Vec<String>, render: Render) -> Config {
        // Demo people have passwords here, and exist only while every site is on loopback.
        let has_people = self.settings.is_loopback() && self.part.provider().is_none();
        Config {
            site: self.site.clone(),
            title: frame.title.into(),
            accent: frame.accent,
            cookie: frame.cookie,
            login: self.login(),
            clients: self.clients(),
            apis: self.apis(),
            connections: self.connections(),
            approval_issuers: self.approval_issuers(),
            registration: self.part.registration,
            demo_people: if has_people { self.people() } else { Vec::new() },
            shut_out,
            approval_ms: self.settings.approval_seconds * 1000,
            retention: self.settings.approvals,
            recordings: self.settings.records(self.site),
            workshop: self.settings.agent.site.at("workshop"),
            version: Version { digest: self.part.digest.clone(), is_new: self.settings.new_config },
            render,
        }
    }

    fn login(&self) -> LoginBy {
        match self.part.provider() {
            None => LoginBy::Password { signup: self.part.login.as_ref().is_some_and(|it| it.table.signup) },
            Some(provider) => LoginBy::Provider {
                name: provider.name.clone(),
                settings: login::Settings {
                    issuer: provider.issuer.get_ref().clone(),
                    client_id: provider.client_id.clone(),
                    client_secret: self.secrets.of(provider.client_secret.get_ref()),
                    redirect_uri: self.site.at("login/callback"),
                },
            },
        }
    }

    fn clients(&self) -> Vec<StaticClient> {
        self.part.clients.iter().map(|item| self.client(&item.table)).collect()
    }

    fn client(&self, table: &ClientTable) -> StaticClient {
        let of_tools = self.part.tool_apis();
        let mut apis: Vec<&Api> = table.apis.iter().filter_map(|id| self.part.api(id.get_ref())).collect();
        // The agent may ask for what its tools need.
        if [AGENT, AGENT_MCP].contains(&table.id.get_ref().as_str()) {
            apis.extend(of_tools.iter().filter(|api| self.part.connection_to(&api.id).is_none()));
        }
        let scopes = match &table.scopes {
            Some(scopes) => scopes.iter().map(|scope| scope.get_ref().clone()).collect(),
            None => apis.iter().flat_map(|api| self.scopes(api)).map(|(scope, _)| scope).collect(),
        };
        StaticClient {
            id: table.id.get_ref().clone(),
            name: table.name.clone(),
            secret: table.secret.as_ref().map(|secret| self.secrets.of(secret.get_ref())),
            redirect_uris: texts(&table.callbacks),
            post_logout_redirect_uris: texts(&table.logout),
            grants: table.grants.iter().copied().map(grant).collect(),
            scopes: once_each(scopes),
            audiences: once_each(apis.iter().map(|api| api.audience.clone()).collect()),
            first_party: table.first_party,
            resource_server: table.serves.as_ref().and_then(|id| Some(self.part.api(id.get_ref())?.audience.clone())),
            ping: table.ping.as_ref().map(|it| it.get_ref().clone()),
            home: table.home.as_ref().map(|it| it.get_ref().clone()),
            approval_required: table.approval_required,
            exchanges_for: table.exchanges_for.as_ref().map(|it| it.get_ref().clone()),
            asks_for_itself: table.asks_for_itself,
        }
    }

    fn apis(&self) -> Vec<config::Api> {
        self.part.own_apis().map(|api| self.api(api)).collect()
    }

    fn api(&self, api: &Api) -> config::Api {
        let none = ServiceTable::default();
        let service = self.part.services.get(&api.id).map_or(&none, |item| &item.table);
        let types = if api.id == VAULT { self.types_behind_connections() } else { api.types.clone() };
        config::Api {
            title: api.name.clone(),
            id: api.id.clone(),
            audience: api.audience.clone(),
            scopes: self.scopes(api),
            german: self.german(api),
            types,
            third_party: service.third_party,
            signing: self.settings.signing_of(&api.audience, service.signing == Some(SigningName::ES256)),
            introspection: service.introspection.as_ref().map(|it| self.secrets.of(it.secret.get_ref())),
            consent: service.consent.unwrap_or(true),
            without_details: service.without_details,
            approvers: self.approvers(api),
        }
    }

    fn approvers(&self, api: &Api) -> Approvers {
        let list = self.part.services.get(&api.id).and_then(|item| item.table.approvers.as_ref());
        let lower = |it: &toml::Spanned<String>| it.get_ref().to_ascii_lowercase();
        list.map_or(Approvers::Everyone, |list| Approvers::Of(list.iter().map(lower).collect()))
    }

    /// An API's scopes, with their words. The agent's own API has the scopes of the APIs that its tools call.
    fn scopes(&self, api: &Api) -> Vec<(String, String)> {
        let own = |api: &Api| api.scopes.clone().into_iter().collect::<Vec<_>>();
        if api.id == MCP { self.part.tool_apis().iter().flat_map(own).collect() } else { own(api) }
    }

    /// The words of its scopes in German.
    fn german(&self, api: &Api) -> BTreeMap<String, String> {
        if api.id == MCP {
            self.part.tool_apis().iter().flat_map(|api| api.german.clone()).collect()
        } else {
            api.german.clone()
        }
    }

    fn types_behind_connections(&self) -> Vec<Arc<Type>> {
        let takes = |item: &&Item<ConnectionTable>| item.table.takes_approvals;
        let apis = self.part.connections.iter().filter(takes).filter_map(|it| self.part.api(it.table.api.get_ref()));
        apis.flat_map(|api| api.types.clone()).collect()
    }

    fn connections(&self) -> Vec<Connection> {
        self.part.connections.iter().filter_map(|item| self.connection(&item.table)).collect()
    }

    fn connection(&self, table: &ConnectionTable) -> Option<Connection> {
        let api = self.part.api(table.api.get_ref())?;
        Some(Connection {
            name: table.id.get_ref().clone(),
            title: table.name.clone(),
            settings: login::Settings {
                issuer: connection::issuer(table)?,
                client_id: table.client_id.clone(),
                client_secret: self.secrets.of(table.client_secret.get_ref()),
                redirect_uri: self.site.at(&connection::callback(table)),
            },
            oauth: connection::oauth(table),
            resource: api.audience.clone(),
            scopes: self.scopes(api),
            types: api.types.clone(),
            approvers: self.approvers(api),
            takes_approvals: table.takes_approvals,
            ways: connection::ways(table),
        })
    }

    fn approval_issuers(&self) -> Vec<ApprovalIssuer> {
        let of = |table: &ClientTable, from: &ApprovalsFromTable| ApprovalIssuer {
            client: table.id.get_ref().clone(),
            issuer: from.issuer.get_ref().clone(),
            jwks_uri: from.jwks_uri.get_ref().clone(),
            introspection_endpoint: from.introspection_endpoint.get_ref().clone(),
        };
        let tables = self.part.clients.iter().map(|item| &item.table);
        tables.filter_map(|table| Some(of(table, table.approvals_from.as_ref()?))).collect()
    }

    /// E-mails and names.
    fn people(&self) -> Vec<(String, String)> {
        self.part.people.iter().map(|it| (it.table.email.get_ref().clone(), it.table.name.clone())).collect()
    }
}

fn grant(name: GrantName) -> Grant {
    match name {
        GrantName::AuthorizationCode => Grant::AuthorizationCode,
        GrantName::RefreshToken => Grant::RefreshToken,
        GrantName::Ciba => Grant::Ciba,
        GrantName::Vault => Grant::Vault,
        GrantName::TokenExchange => Grant::TokenExchange,
    }
}

fn texts(list: &[toml::Spanned<String>]) -> Vec<String> {
    list.iter().map(|text| text.get_ref().clone()).collect()
}

fn once_each(list: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in list {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}
