//! The result of a driven step, and a parameter of a URL.

/// An explanation for the reader of the test's output.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;
pub type Outcome<T = ()> = Result<T, Trouble>;

/// A parameter in a URL's query.
pub fn in_query(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
