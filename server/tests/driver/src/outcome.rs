//! How a driven step ends, and reading a URL that it ended at.

/// What is wrong is said in words, for whoever reads the test's output.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;
pub type Outcome<T = ()> = Result<T, Trouble>;

/// The text in a URL's query.
pub fn in_query(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
