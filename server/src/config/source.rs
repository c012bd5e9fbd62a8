//! The text of a configuration file, and places in it for messages.

use std::{fmt, ops::Range, sync::Arc};

/// The name and the text of a file; the built-in ones have names too.
#[derive(Debug)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// A place in a file.
#[derive(Clone, Debug)]
pub struct At {
    source: Arc<Source>,
    span: Range<usize>,
}

/// A mistake and its place.
#[derive(Clone, Debug)]
pub struct Fault {
    pub at: Option<At>,
    pub message: String,
}

/// Every mistake in the configuration.
#[derive(Clone, Debug, Default)]
pub struct Faults(pub Vec<Fault>);

impl At {
    pub(super) fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        Self { source: source.clone(), span }
    }

    /// Another place in the same file.
    pub(super) fn span(&self, span: Range<usize>) -> Self {
        Self::new(&self.source, span)
    }

    pub fn wrong(&self, message: impl Into<String>) -> Fault {
        Fault { at: Some(self.clone()), message: message.into() }
    }

    fn line(&self) -> usize {
        let before = self.source.text.as_bytes().iter().take(self.span.start);
        before.filter(|byte| **byte == b'\n').count() + 1
    }
}

impl Fault {
    /// Sorts in the order of the file.
    pub(super) fn order(&self) -> (Option<String>, usize) {
        (self.at.as_ref().map(|at| at.source.name.clone()), self.at.as_ref().map_or(0, |at| at.span.start))
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source.name, self.line())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Some(at) => write!(f, "{at}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Fault::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Faults {}
