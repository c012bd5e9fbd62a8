//! The request being answered: its trace id, the site, and its person, as far as the handlers know.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::recording::Party;

use crate::secret;

tokio::task_local! {
    static CURRENT: Current;
}

/// Clones share the notes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Current {
    trace: String,
    site: Option<Party>,
    noted: Arc<Mutex<Noted>>,
}

/// The person and visitor of the request.
#[derive(Clone, Debug, Default)]
pub(super) struct Noted {
    pub(super) people: Vec<String>,
    /// The visitor of the browser's session, which a login keeps.
    pub(super) visitor: Option<String>,
}

impl Current {
    pub(super) fn new(trace: Option<String>, site: Option<Party>) -> Self {
        Self { trace: trace.unwrap_or_else(|| secret::id("")), site, noted: Arc::default() }
    }

    pub(super) fn of_task() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    pub(super) fn trace(&self) -> &str {
        &self.trace
    }

    /// The site that answers the request.
    pub(super) fn site(&self) -> Option<Party> {
        self.site
    }

    pub(super) async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    pub(super) fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes the person of the current request. Call it after verifying a session, token or grant, and for a replayed code.
/// Does nothing outside a request.
pub fn person(id: &str) {
    let _ = CURRENT.try_with(|current| {
        let mut noted = current.noted();
        if !noted.people.iter().any(|known| known == id) {
            noted.people.push(id.to_owned());
        }
    });
}

/// Notes the browser's session of the request being answered.
pub(crate) fn browser(visitor: &str, of: Option<&str>) {
    let _ = CURRENT.try_with(|current| current.noted().visitor = Some(visitor.to_owned()));
    if let Some(id) = of {
        person(id);
    }
}
