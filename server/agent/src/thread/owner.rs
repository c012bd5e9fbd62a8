//! The owner of threads. A person owns the threads of the visitors that they claimed; an unclaimed visitor, their own.

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Person(String),
    Visitor(String),
}

impl Owner {
    /// The person and the visitor id, one of which is empty. For a statement's two placeholders.
    pub(crate) fn ids(&self) -> (&str, &str) {
        match self {
            Self::Person(person) => (person, ""),
            Self::Visitor(visitor) => ("", visitor),
        }
    }
}

/// The key for rate limits.
impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(person) => write!(f, "p:{person}"),
            Self::Visitor(visitor) => write!(f, "v:{visitor}"),
        }
    }
}
