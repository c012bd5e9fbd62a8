//! A recorded request, and its shape.

use shared::recording::{Asked, Party, Shape};

use super::shown::{Named, Shown};

/// A request, recorded by the site that received it (a call to the model: by the agent that sent it).
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub number: u32,
    /// Milliseconds since 1970 (UTC).
    pub at: i64,
    pub from: Party,
    pub to: Party,
    pub method: String,
    /// Without the query.
    pub path: String,
    pub status: u16,
    pub ms: u64,
    pub trace: String,
    /// The parts of the request and of its answer that may be shown.
    pub asked: Vec<Named>,
    pub answered: Vec<Named>,
    pub model: Option<Asked>,
}

impl Record {
    /// Whether the site accepted the request, and so the signatures of its tokens.
    pub fn is_accepted(&self) -> bool {
        let inactive = ("active", Shown::Whole("false".into()));
        self.status < 400 && !self.answered.contains(&inactive)
    }

    /// Whether the request carries a step of the flow. Pages, event streams, metadata, keys and introspection don't,
    /// nor does the workshop's own check whether an account is connected.
    pub fn carries(&self) -> bool {
        let of_page = |(name, value): &Named| {
            *name == "audience" && matches!(value, Shown::Whole(audience) if audience.ends_with("/me/"))
        };
        let comes_back = matches!(self.path.as_str(), "/accounts/connect" | "/accounts/callback");
        let is_read = self.method == "GET" && !comes_back && READ.iter().any(|start| self.path.starts_with(start));
        let is_news = self.path == "/" || self.path.ends_with("/events") || self.path == "/oauth/introspect";
        !is_read && !is_news && !self.asked.iter().any(of_page)
    }

    /// The parts that the agent may know.
    pub fn shape(&self, site: Party) -> Shape {
        Shape {
            site,
            number: self.number,
            at: self.at,
            from: self.from,
            to: self.to,
            method: self.method.clone(),
            path: self
                .path
                .split('/')
                .map(|segment| if is_id(segment) { "{}" } else { segment })
                .collect::<Vec<_>>()
                .join("/"),
            status: self.status,
            ms: self.ms,
            trace: self.trace.clone(),
            carries: self.carries(),
            model: self.model,
        }
    }
}

/// Paths that only pages read.
const READ: [&str; 12] = [
    "/workshop",
    "/t/",
    "/.well-known/",
    "/u/",
    "/approvals",
    "/apps",
    "/accounts",
    "/settings",
    "/search",
    "/api/threads",
    "/api/commands",
    "/me/v1/connected-accounts/accounts",
];

/// Whether a segment looks like an id of this program: long, with a digit or an underscore.
fn is_id(segment: &str) -> bool {
    segment.len() > 12 && segment.bytes().any(|b| b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_71_shape_names_nobody() {
        for (path, shape) in [
            ("/approvals/apr_396c8bf0d2e15a77", "/approvals/{}"),
            ("/accounts/cac_0cc8bf9102821906aa22/disconnect", "/accounts/{}/disconnect"),
            ("/api/stocks/WAYNE", "/api/stocks/WAYNE"),
            ("/me/v1/connected-accounts/connect", "/me/v1/connected-accounts/connect"),
        ] {
            let record = Record {
                number: 1,
                at: 0,
                from: Party::You,
                to: Party::Identity,
                method: "GET".into(),
                path: path.into(),
                status: 200,
                ms: 1,
                trace: String::new(),
                asked: Vec::new(),
                answered: Vec::new(),
                model: None,
            };
            assert_eq!(record.shape(Party::Identity).path, shape);
        }
    }
}
