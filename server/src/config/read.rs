//! Reads one file into its tables, and collects every mistake.

use std::sync::Arc;

use ::agent::tools::ToolTable;
use details::ApiTable;
use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

use super::{
    keys,
    limits::{self, Limits},
    source::{At, Fault, Source},
    tables::{
        ClientTable, ConnectionTable, DemoTable, LoginTable, PersonTable, RegistrationTable, ServiceTable,
        WholeApiTable,
    },
};

/// A table with its place.
#[derive(Clone, Debug)]
pub struct Item<T> {
    pub at: At,
    pub table: T,
}

/// The tables of one file.
#[derive(Debug, Default)]
pub struct Layer {
    pub demo: Option<Item<DemoTable>>,
    pub registration: Option<Item<RegistrationTable>>,
    pub login: Option<Item<LoginTable>>,
    pub clients: Vec<Item<ClientTable>>,
    pub apis: Vec<Item<WholeApiTable>>,
    pub connections: Vec<Item<ConnectionTable>>,
    pub people: Vec<Item<PersonTable>>,
    pub tools: Vec<Item<ToolTable>>,
    pub limits: Limits,
    /// All but the limits, as data: what instances on one database agree on.
    pub agreed: serde_json::Map<String, serde_json::Value>,
}

/// The names of the tables, as written.
pub const TABLES: [&str; 9] = [
    "[demo]",
    "[login]",
    "[registration]",
    "[limits]",
    "[[client]]",
    "[[api]]",
    "[[connection]]",
    "[[tool]]",
    "[[person]]",
];

/// Reads a file. `fill` replaces the sites' names in its texts.
pub fn read(source: Source, fill: &dyn Fn(&str) -> Option<String>) -> (Layer, Vec<Fault>) {
    let source = Arc::new(source);
    let at = At::new(&source, 0..0);
    let (whole, errors) = DeTable::parse_recoverable(&source.text);
    let mut reader = Reader { at, faults: Vec::new() };
    for error in errors {
        reader.fault(error.span().unwrap_or_default(), error.message());
    }
    let mut layer = Layer::default();
    if !reader.faults.is_empty() {
        return (layer, reader.faults);
    }
    for (key, mut value) in whole.into_inner() {
        fill_in(value.get_mut(), fill);
        let name = key.get_ref().as_ref();
        if name != "limits" {
            layer.agreed.insert(name.to_owned(), reader.data(&value));
        }
        match name {
            "demo" => layer.demo = reader.one(name, value),
            "login" => layer.login = reader.one(name, value),
            "registration" => layer.registration = reader.one(name, value),
            "limits" => layer.limits = limits::read(value, &reader.at, &mut reader.faults),
            "client" => layer.clients = reader.list(name, value, Reader::table),
            "api" => layer.apis = reader.list(name, value, Reader::api),
            "connection" => layer.connections = reader.list(name, value, Reader::table),
            "person" => layer.people = reader.list(name, value, Reader::table),
            "tool" => layer.tools = reader.list(name, value, Reader::table),
            _ => reader.fault(
                key.span(),
                format!("unknown table `{name}`; correct or remove it. There are {}", TABLES.join(", ")),
            ),
        }
    }
    (layer, reader.faults)
}

struct Reader {
    at: At,
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, span: std::ops::Range<usize>, message: impl Into<String>) {
        self.faults.push(self.at.span(span).wrong(message));
    }

    fn one<T: DeserializeOwned>(&mut self, name: &str, value: Spanned<DeValue<'_>>) -> Option<Item<T>> {
        let at = self.at.span(value.span());
        match value.get_ref() {
            DeValue::Table(_) => self.table(value).map(|table| Item { at, table }),
            _ => {
                self.fault(value.span(), format!("`{name}` must be a table: write [{name}]"));
                None
            }
        }
    }

    fn list<'i, T>(
        &mut self,
        name: &str,
        value: Spanned<DeValue<'i>>,
        read: impl Fn(&mut Self, Spanned<DeValue<'i>>) -> Option<T>,
    ) -> Vec<Item<T>> {
        let span = value.span();
        let DeValue::Array(list) = value.into_inner() else {
            self.fault(span, format!("`{name}` must be a list of tables: write [[{name}]]"));
            return Vec::new();
        };
        let mut items = Vec::new();
        for value in list {
            let at = self.at.span(value.span());
            items.extend(read(self, value).map(|table| Item { at, table }));
        }
        items
    }

    /// Reads a table, after reporting each of its unknown keys.
    fn table<T: DeserializeOwned>(&mut self, mut value: Spanned<DeValue<'_>>) -> Option<T> {
        let DeValue::Table(table) = value.get_mut() else { return self.typed(value) };
        *table = self.known(std::mem::take(table), &[keys::of::<T>()]);
        self.typed(value)
    }

    /// Reads an API: separates the service's keys from those that `details` reads.
    fn api(&mut self, value: Spanned<DeValue<'_>>) -> Option<WholeApiTable> {
        let span = value.span();
        let DeValue::Table(table) = value.into_inner() else {
            self.fault(span, "an API must be a table: write [[api]]");
            return None;
        };
        let service_keys = keys::of::<ServiceTable>();
        let table = self.known(table, &[keys::of::<ApiTable>(), service_keys]);
        let (service, registered) =
            table.into_iter().partition::<DeTable<'_>, _>(|(key, _)| service_keys.contains(&key.get_ref().as_ref()));
        let service = self.typed(Spanned::new(span.clone(), DeValue::Table(service)));
        let registered = self.typed(Spanned::new(span, DeValue::Table(registered)));
        Some(WholeApiTable { registered: registered?, service: service? })
    }

    fn data(&mut self, value: &Spanned<DeValue<'_>>) -> serde_json::Value {
        let value: Option<toml::Value> = self.typed(value.clone());
        value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or_default()
    }

    fn known<'i>(&mut self, table: DeTable<'i>, keys: &[&[&str]]) -> DeTable<'i> {
        let mut known = DeTable::new();
        for (key, value) in table {
            if keys.iter().any(|keys| keys.contains(&key.get_ref().as_ref())) {
                known.insert(key, value);
            } else {
                let all = keys.iter().flat_map(|keys| keys.iter().copied()).collect::<Vec<_>>().join(", ");
                self.fault(
                    key.span(),
                    format!("unknown key `{}`; correct or remove it. There are {all}", key.get_ref()),
                );
            }
        }
        known
    }

    fn typed<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'_>>) -> Option<T> {
        let span = value.span();
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(table) => Some(table),
            Err(error) => {
                self.fault(error.span().unwrap_or(span), error.message());
                None
            }
        }
    }
}

/// Replaces the name of a site at the beginning of each text.
fn fill_in(value: &mut DeValue<'_>, fill: &dyn Fn(&str) -> Option<String>) {
    match value {
        DeValue::String(text) => {
            if let Some(filled) = fill(text) {
                *text = filled.into();
            }
        }
        DeValue::Array(list) => list.iter_mut().for_each(|value| fill_in(value.get_mut(), fill)),
        DeValue::Table(table) => table.iter_mut().for_each(|(_, value)| fill_in(value.get_mut(), fill)),
        _ => {}
    }
}
