//! The scopes that the tools use at the broker: which are granted, missing, and what they let the agent do.

use shared::scope::BROKER;

/// The names of all scopes.
pub fn names() -> Vec<String> {
    BROKER.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// The known ones among these, separated by blanks, in the order shown; all where there are none.
pub fn known(text: &str) -> Vec<String> {
    let some: Vec<String> = names().into_iter().filter(|name| text.split(' ').any(|asked| asked == name)).collect();
    if some.is_empty() { names() } else { some }
}

/// What these scopes let the agent do. One that isn't known here is shown by its name.
pub fn in_words(scopes: &[String]) -> Vec<String> {
    let words = |scope: &String| {
        BROKER.iter().find(|(name, _)| name == scope).map_or_else(|| scope.clone(), |(_, words)| (*words).to_owned())
    };
    scopes.iter().map(words).collect()
}

/// The scopes needed that are not among the granted ones.
pub fn missing(needed: &[&str], granted: &[String]) -> Vec<String> {
    needed.iter().filter(|scope| !granted.iter().any(|had| had == *scope)).map(|scope| (*scope).to_owned()).collect()
}
