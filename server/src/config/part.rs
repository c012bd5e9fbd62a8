//! The configuration of one identity service, merged from several files.

use std::collections::BTreeMap;

use ::agent::tools::{Tool, ToolTable};
use details::{Api, Apis};
use foundation::secret;
use serde_json::json;
use toml::Spanned;

use super::{
    read::{Item, Layer},
    secret::SecretRef,
    source::{At, Fault},
    tables::{ClientTable, ConnectionTable, LoginTable, PersonTable, ProviderTable, ServiceTable, WholeApiTable},
};

/// The configuration of an identity service and of the agent beside it.
#[derive(Clone, Debug)]
pub struct Part {
    pub registration: bool,
    pub login: Option<Item<LoginTable>>,
    pub clients: Vec<Item<ClientTable>>,
    pub apis: Apis,
    /// The service's keys of each API, by the API's id.
    pub services: BTreeMap<String, Item<ServiceTable>>,
    pub connections: Vec<Item<ConnectionTable>>,
    pub people: Vec<Item<PersonTable>>,
    /// The tools that the agent offers in addition to its own.
    pub tools: Vec<Tool>,
    /// The digest of everything that instances on one database agree on.
    pub digest: String,
}

impl Part {
    /// Merges the files: a table replaces an earlier one with the same id; others are added.
    pub(super) fn of(layers: Vec<Layer>, faults: &mut Vec<Fault>) -> Self {
        let agreed: Vec<_> = layers.iter().map(|layer| layer.agreed.clone()).collect();
        let mut whole = Layer::default();
        for layer in layers {
            whole.registration = layer.registration.or(whole.registration);
            whole.login = layer.login.or(whole.login);
            lay(&mut whole.clients, layer.clients, |it| it.id.get_ref(), "client", faults);
            lay(&mut whole.apis, layer.apis, |it| it.registered.id.get_ref(), "api", faults);
            lay(&mut whole.connections, layer.connections, |it| it.id.get_ref(), "connection", faults);
            lay(&mut whole.people, layer.people, |it| it.email.get_ref(), "person", faults);
            lay(&mut whole.tools, layer.tools, |it| it.name.get_ref(), "tool", faults);
        }
        let apis = apis(&whole.apis, faults);
        let tools = tools(whole.tools, &apis, faults);
        let service = |it: Item<WholeApiTable>| {
            let id = it.table.registered.id.into_inner();
            (id, Item { at: it.at, table: it.table.service })
        };
        Self {
            registration: whole.registration.is_some_and(|it| it.table.open),
            login: whole.login,
            clients: whole.clients,
            apis,
            services: whole.apis.into_iter().map(service).collect(),
            connections: whole.connections,
            people: whole.people,
            tools,
            digest: secret::hash(&json!(agreed).to_string()),
        }
    }

    pub fn api(&self, id: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.id == id)
    }

    /// The connection whose account gives tokens for an API. If there is none, this service issues them itself.
    pub fn connection_to(&self, api: &str) -> Option<&ConnectionTable> {
        self.connections.iter().map(|it| &it.table).find(|connection| connection.api.get_ref() == api)
    }

    /// Every reference to a secret, with its place in the file.
    pub fn secrets(&self) -> Vec<(At, SecretRef)> {
        let all: Vec<&str> = self.clients.iter().map(|item| item.table.id.get_ref().as_str()).collect();
        let mut secrets = self.secrets_of_clients(&all);
        let mut add =
            |at: &At, secret: &Spanned<SecretRef>| secrets.push((at_part(at, secret), secret.get_ref().clone()));
        for item in &self.connections {
            add(&item.at, &item.table.client_secret);
        }
        for item in self.services.values() {
            item.table.introspection.iter().for_each(|it| add(&item.at, &it.secret));
        }
        if let Some(item) = &self.login {
            item.table.provider.iter().for_each(|it| add(&item.at, &it.client_secret));
        }
        secrets
    }

    /// Like [`Self::secrets`], for these clients only.
    pub fn secrets_of_clients(&self, ids: &[&str]) -> Vec<(At, SecretRef)> {
        let clients = self.clients.iter().filter(|item| ids.contains(&item.table.id.get_ref().as_str()));
        let secret = |item: &Item<ClientTable>| {
            let secret = item.table.secret.as_ref()?;
            Some((at_part(&item.at, secret), secret.get_ref().clone()))
        };
        clients.filter_map(secret).collect()
    }

    /// The provider at which people log in.
    pub fn provider(&self) -> Option<&ProviderTable> {
        self.login.as_ref()?.table.provider.as_ref()
    }

    /// The APIs for which this service issues tokens.
    pub fn own_apis(&self) -> impl Iterator<Item = &Api> {
        self.apis.iter().filter(|api| self.connection_to(&api.id).is_none())
    }
}

fn lay<T>(
    whole: &mut Vec<Item<T>>,
    layer: Vec<Item<T>>,
    id_of: impl Fn(&T) -> &str,
    kind: &str,
    faults: &mut Vec<Fault>,
) {
    let before = whole.len();
    let mut seen: Vec<String> = Vec::new();
    for item in layer {
        let id = id_of(&item.table).to_owned();
        if id.is_empty() {
            faults.push(item.at.wrong(format!("this {kind} has an empty name; write one")));
        } else if seen.contains(&id) {
            faults.push(item.at.wrong(format!("the {kind} {id:?} is there twice; remove or rename one")));
        } else if let Some(at) = whole[..before].iter().position(|known| id_of(&known.table) == id) {
            whole[at] = item;
        } else {
            whole.push(item);
        }
        seen.push(id);
    }
}

/// The registered APIs. Collects the mistakes of each.
fn apis(items: &[Item<WholeApiTable>], faults: &mut Vec<Fault>) -> Apis {
    let mut good = Vec::new();
    for item in items {
        let table = &item.table.registered;
        if let Err(wrong) = Apis::read(vec![table.clone()]) {
            faults.push(item.at.span(wrong.at).wrong(wrong.message));
            continue;
        }
        // Includes the earlier APIs, to find names that two of them share.
        good.push(table.clone());
        if let Err(wrong) = Apis::read(good.clone()) {
            faults.push(item.at.span(wrong.at).wrong(wrong.message));
            good.pop();
        }
    }
    Apis::read(good).unwrap_or_default()
}

/// The configured tools. Adds the mistakes of each to `faults`.
fn tools(items: Vec<Item<ToolTable>>, apis: &Apis, faults: &mut Vec<Fault>) -> Vec<Tool> {
    let mut good = Vec::new();
    for Item { at, table } in items {
        match ::agent::tools::read(vec![table], apis) {
            Ok(tools) => good.extend(tools),
            Err(wrong) => faults.push(at.span(wrong.at).wrong(wrong.message)),
        }
    }
    good
}

/// The place of a part of a table.
pub(super) fn at_part<T>(table: &At, part: &Spanned<T>) -> At {
    table.span(part.span())
}
