//! Whose a thread is, as its row says: a person, or a visitor's session.

pub(crate) fn of_person(person: &str) -> String {
    format!("p:{person}")
}

/// The person whose the thread is, if it isn't a visitor's.
pub(crate) fn person(owner: &str) -> Option<&str> {
    owner.strip_prefix("p:")
}

pub(crate) fn of_session(session: &str) -> String {
    format!("s:{session}")
}
