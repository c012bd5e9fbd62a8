//! The scopes of the configured APIs: which a tool lacks, and their descriptions for people.

use details::Language;
use foundation::tr;

use crate::config::Config;

/// The names of all scopes, in display order.
pub(crate) fn names(config: &Config) -> Vec<String> {
    config.apis.iter().flat_map(|api| api.scopes.keys().cloned()).collect()
}

/// The API's scopes that appear in the space-separated text, in display order; all of them if none does.
pub(crate) fn known(config: &Config, api: &str, text: &str) -> Vec<String> {
    let all: Vec<String> = config.api(api).map(|api| api.scopes.keys().cloned().collect()).unwrap_or_default();
    let some: Vec<String> = all.iter().filter(|name| text.split(' ').any(|asked| asked == *name)).cloned().collect();
    if some.is_empty() { all } else { some }
}

/// The configured scopes in either list, in display order.
pub(crate) fn union(config: &Config, one: &[String], other: &[String]) -> Vec<String> {
    names(config).into_iter().filter(|name| one.contains(name) || other.contains(name)).collect()
}

/// What these scopes let the agent do, in words. An unknown scope is shown by its name.
pub(crate) fn in_words(config: &Config, scopes: &[String]) -> Vec<String> {
    let language = tr!(Language::English, Language::German);
    let words_of = |scope: &String| {
        config.apis.iter().find_map(|api| Some(api.scope_words(api.scopes.get(scope)?, language).to_owned()))
    };
    let words = |scope: &String| words_of(scope).unwrap_or_else(|| scope.clone());
    scopes.iter().map(words).collect()
}

/// The needed scopes that aren't granted.
pub(crate) fn missing(needed: &[String], granted: &[String]) -> Vec<String> {
    needed.iter().filter(|scope| !granted.contains(scope)).cloned().collect()
}
