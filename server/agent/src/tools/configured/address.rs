//! The address of a tool's request. It is below the API's URL, whatever values its members have (THREATS.md line 37).

use std::collections::BTreeMap;

use details::{Api, template::Template, url_template::UrlTemplate};
use url::Url;

#[derive(Clone, Debug)]
pub(crate) struct Address {
    path: UrlTemplate,
    /// Names, each with a literal or one member as its value.
    query: Vec<(String, Template)>,
}

impl Address {
    /// # Errors
    /// The mistake, for the operator.
    pub(super) fn read(
        api: &Api,
        path: &str,
        query: &BTreeMap<String, String>,
        is_member: impl Fn(&str) -> bool,
    ) -> Result<Self, String> {
        if !path.starts_with('/') || path.contains(['?', '#']) {
            return Err(format!("`path` {path:?} begins with / and has no query; that is `query`"));
        }
        let path = UrlTemplate::read(&format!("{}{path}", api.url.as_str().trim_end_matches('/')), &api.url)?;
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| Ok::<_, String>((name.clone(), value_of(value)?)))
            .collect::<Result<_, _>>()?;
        let mut names = path.names().chain(query.iter().flat_map(|(_, value)| value.names()));
        if let Some(unknown) = names.find(|name| !is_member(name)) {
            return Err(format!("an address names {unknown:?}, which is no member"));
        }
        drop(names);
        Ok(Self { path, query })
    }

    /// The names of its members.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.path.names().chain(self.query.iter().flat_map(|(_, value)| value.names()))
    }

    /// The members that its path can't do without.
    pub(super) fn needed(&self) -> impl Iterator<Item = &str> {
        self.path.names()
    }

    /// Fills in the members. A query value without its member is left out. `None` if a value can't be a path segment.
    pub(super) fn fill(&self, value_of: impl Fn(&str) -> Option<String>) -> Option<Url> {
        let mut url = self.path.fill(&value_of)?;
        let values: Vec<_> =
            self.query.iter().filter_map(|(name, value)| Some((name, value.fill(&value_of)?))).collect();
        if !values.is_empty() {
            url.query_pairs_mut().extend_pairs(values);
        }
        Some(url)
    }
}

/// A literal, or one member alone.
pub(super) fn value_of(text: &str) -> Result<Template, String> {
    let template = Template::read(text).map_err(|_| format!("{text:?} has 1 to 200 characters"))?;
    let names: Vec<_> = template.names().collect();
    match names.as_slice() {
        [] => Ok(template),
        [name] if text == format!("{{{name}}}") => Ok(template),
        _ => Err(format!("{text:?} is a literal, or one {{member}} alone")),
    }
}
