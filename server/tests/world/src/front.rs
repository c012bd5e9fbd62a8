//! Stands in front of a site: records each request, and causes the faults that a test asks for.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::header,
    middleware::{Next, from_fn_with_state},
    response::Response,
};

use crate::{fault::Fault, seen::Seen};

/// The longest body to read before passing it on, in bytes.
const LONGEST: usize = 256 << 10;

/// Clones share everything.
#[derive(Clone, Default)]
pub struct Front(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    seen: Vec<Seen>,
    rules: Vec<Rule>,
}

struct Rule {
    when: When,
    fault: Fault,
    /// The number of requests to which it still applies; `None`: no limit.
    left: Option<usize>,
}

/// The requests that a fault applies to.
#[derive(Clone)]
pub struct When(Arc<dyn Fn(&Seen) -> bool + Send + Sync>);

impl When {
    pub fn that(is: impl Fn(&Seen) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is))
    }
}

/// Requests whose path starts with this; a method may come first: `POST /api/orders`.
pub fn at(path: &str) -> When {
    let (method, path) = path.split_once(' ').unwrap_or(("", path));
    let (method, path) = (method.to_owned(), path.to_owned());
    When::that(move |seen| (method.is_empty() || seen.method == method) && seen.path.starts_with(&path))
}

/// Requests to the token endpoint for a grant whose name ends with this.
pub fn grant(name: &str) -> When {
    let name = name.to_owned();
    When::that(move |seen| is_grant(seen, &name))
}

fn is_grant(seen: &Seen, name: &str) -> bool {
    seen.route() == "/oauth/token" && seen.field("grant_type").ends_with(name)
}

impl From<&str> for When {
    fn from(path: &str) -> Self {
        at(path)
    }
}

impl Front {
    /// The site behind this front.
    pub fn before(&self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(self.clone(), note))
    }

    /// From now on these requests fail like this, until [`Self::mend`]. The latest rule applies.
    pub fn fails(&self, when: impl Into<When>, fault: Fault) {
        self.rule(when.into(), fault, None);
    }

    /// The next of these requests fails like this.
    pub fn fails_once(&self, when: impl Into<When>, fault: Fault) {
        self.rule(when.into(), fault, Some(1));
    }

    fn rule(&self, when: When, fault: Fault, left: Option<usize>) {
        self.inner().rules.push(Rule { when, fault, left });
    }

    /// Removes all faults.
    pub fn mend(&self) {
        self.inner().rules.clear();
    }

    /// The requests whose path starts with this; a method may come first.
    pub fn seen(&self, path: &str) -> Vec<Seen> {
        self.that_are(&at(path))
    }

    /// The requests to the token endpoint for this grant.
    pub fn grants(&self, name: &str) -> Vec<Seen> {
        self.that_are(&grant(name))
    }

    fn that_are(&self, when: &When) -> Vec<Seen> {
        self.inner().seen.iter().filter(|seen| (when.0)(seen)).cloned().collect()
    }

    pub fn forget(&self) {
        self.inner().seen.clear();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// The fault for a request. Counts its use.
    fn meet(&self, seen: Seen) -> Option<Fault> {
        let mut inner = self.inner();
        let rule = inner.rules.iter_mut().rfind(|rule| rule.left != Some(0) && (rule.when.0)(&seen));
        let fault = rule.map(|rule| {
            rule.left = rule.left.map(|left| left - 1);
            rule.fault.clone()
        });
        inner.seen.push(seen);
        fault
    }
}

async fn note(State(front): State<Front>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = text(header::CONTENT_TYPE);
    let is_read = (kind.contains("json") || kind.contains("form-urlencoded"))
        && text(header::CONTENT_LENGTH).parse().is_ok_and(|length: usize| length <= LONGEST);
    let (body, read) = if is_read {
        match to_bytes(body, LONGEST).await {
            Ok(bytes) => (Body::from(bytes.clone()), String::from_utf8_lossy(&bytes).into_owned()),
            // The client has disconnected.
            Err(error) => {
                (Body::from_stream(futures::stream::iter([Err::<axum::body::Bytes, _>(error)])), String::new())
            }
        }
    } else {
        (body, String::new())
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let seen = Seen { method: parts.method.to_string(), path, headers: parts.headers.clone(), body: read };
    let request = Request::from_parts(parts, body);
    match front.meet(seen) {
        Some(fault) => fault.answer(request, next).await,
        None => next.run(request).await,
    }
}
