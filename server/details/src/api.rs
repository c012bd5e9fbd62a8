//! The APIs that a file registers, each with its scopes and types.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::Deserialize;
use url::Url;

use crate::{
    detail::Detail,
    file::{ApiTable, Wrong},
    language::{Language, Words},
    names::{is_label, is_name},
    read::{self, Refused},
    types::Type,
};

/// An API.
#[derive(Clone, Debug)]
pub struct Api {
    pub id: String,
    /// The name that people see.
    pub name: String,
    pub audience: String,
    pub url: Url,
    /// Each scope, with its description.
    pub scopes: BTreeMap<String, String>,
    pub types: Vec<Arc<Type>>,
    /// The words of scopes in German, by those in English.
    pub german: Words,
}

/// All APIs of a file. No two share an id, an audience, a scope or a type.
#[derive(Clone, Debug, Default)]
pub struct Apis {
    all: Vec<Api>,
}

impl Apis {
    /// Reads a file that holds only `[[api]]` tables.
    ///
    /// # Errors
    /// The first mistake found.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            api: Vec<ApiTable>,
        }
        let file: File = toml::from_str(text)
            .map_err(|wrong| Wrong { at: wrong.span().unwrap_or_default(), message: wrong.message().to_owned() })?;
        Self::read(file.api)
    }

    /// # Errors
    /// The first mistake found.
    pub fn read(tables: Vec<ApiTable>) -> Result<Self, Wrong> {
        let (mut all, mut names) = (Vec::new(), BTreeSet::new());
        for table in tables {
            let id = table.id.clone();
            let api = Api::read(table)?;
            let scopes = api.scopes.keys().map(|scope| format!("scope {scope:?}"));
            let types = api.types.iter().map(|kind| format!("type {:?}", kind.name));
            let own = [format!("id {:?}", api.id), format!("audience {:?}", api.audience)];
            for name in own.into_iter().chain(scopes).chain(types) {
                if !names.insert(name.clone()) {
                    return Err(Wrong::of(&id, format!("api {:?}: the {name} is used twice; choose another", api.id)));
                }
            }
            all.push(api);
        }
        Ok(Self { all })
    }

    /// The APIs that `wanted` accepts.
    pub fn only(&self, wanted: impl Fn(&Api) -> bool) -> Self {
        Self { all: self.all.iter().filter(|api| wanted(api)).cloned().collect() }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Api> {
        self.all.iter()
    }

    /// The API with this audience, compared byte for byte.
    pub fn of_audience(&self, audience: &str) -> Option<&Api> {
        self.all.iter().find(|api| api.audience == audience)
    }

    /// The API that registers the type with this name, and the type.
    pub fn of_type(&self, name: &str) -> Option<(&Api, &Arc<Type>)> {
        let find = |api: &Api| api.types.iter().position(|kind| kind.name == name);
        self.all.iter().find_map(|api| Some((api, &api.types[find(api)?])))
    }
}

impl Api {
    fn read(table: ApiTable) -> Result<Self, Wrong> {
        let id = table.id.clone();
        let wrong = |message: String| Wrong::of(&id, format!("api {:?}: {message}", id.get_ref()));
        if !is_name(id.get_ref()) {
            return Err(wrong("`id` must be 1 to 40 lower-case letters, digits or _, and begin with a letter".into()));
        }
        let url: Url = table.url.parse().map_err(|error| {
            wrong(format!("`url` isn't an address ({error}); write one such as https://api.example"))
        })?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_plain {
            return Err(wrong("`url` must be an http or https address without a user name, query or fragment".into()));
        }
        if Url::parse(&table.audience).is_err() {
            return Err(wrong("`audience` must be an absolute URI, such as the API's address".into()));
        }
        for (scope, words) in &table.scopes {
            // RFC 6749 §3.3
            let is_token = !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\".contains(&b));
            if !is_token || scope.len() > 100 || !is_label(words) {
                return Err(wrong(format!(
                    "the scope {scope:?} needs a name without spaces, and 1 to 60 characters of words that say what it allows"
                )));
            }
        }
        if let Some(tag) = table.words.keys().find(|tag| Language::of_tag(tag).is_none()) {
            return Err(wrong(format!("`words` are in {tag:?}, which isn't a language of the pages; write `de`")));
        }
        let german = table.words.get("de").cloned().unwrap_or_default();
        let name = table.name.unwrap_or_else(|| id.get_ref().clone());
        if !is_label(&name) {
            return Err(wrong("`name` must have 1 to 60 characters".into()));
        }
        let mut types = Vec::new();
        for kind in table.types {
            let name = kind.name.clone();
            let kind = Type::in_languages(kind, &url, &german)?;
            if !table.scopes.contains_key(&kind.scope) {
                let message = format!(
                    "type {:?}: `scope` {:?} is none of the API's; add it to `scopes` of the API",
                    kind.name, kind.scope
                );
                return Err(Wrong::of(&name, message));
            }
            types.push(Arc::new(kind));
        }
        let id = table.id.into_inner();
        Ok(Self { id, name, audience: table.audience, url, scopes: table.scopes, types, german })
    }

    /// The words of a scope in a language.
    pub fn scope_words<'a>(&'a self, words: &'a str, language: Language) -> &'a str {
        language.of(words, self.german.get(words).map_or(words, String::as_str))
    }

    /// Reads `authorization_details` with exactly one entry of a type of this API.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn read_one(&self, text: &str) -> Result<Detail, Refused> {
        read::read_one(text, |name| self.types.iter().find(|kind| kind.name == name).cloned())
    }
}
