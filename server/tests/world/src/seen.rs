//! A request as a site received it.

use std::collections::HashMap;

use axum::http::HeaderMap;
use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// Includes the query.
    pub path: String,
    pub headers: HeaderMap,
    /// The body, if it is a form or JSON; otherwise empty.
    pub body: String,
}

impl Seen {
    /// A field of the form; empty if it is missing.
    pub fn field(&self, name: &str) -> String {
        self.form().remove(name).unwrap_or_default()
    }

    pub fn form(&self) -> HashMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    /// The JSON body, or null.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The text of a header; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Whether it contains a text anywhere. (`Debug` hides sensitive headers.)
    pub fn holds(&self, text: &str) -> bool {
        let in_headers = self.headers.values().any(|value| value.to_str().is_ok_and(|value| value.contains(text)));
        in_headers || self.path.contains(text) || self.body.contains(text)
    }

    /// The path without its query.
    pub fn route(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}
