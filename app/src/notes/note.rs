//! The parts of a request's explanation.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) why: &'static str,
    pub(crate) source: Option<Source>,
    pub(crate) attack: Option<Attack>,
}

/// A paragraph of a specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// `RFC 6749 §4.1.3`
    pub(crate) name: &'static str,
    pub(crate) url: &'static str,
    /// The paragraph's requirement.
    pub(crate) asks: &'static str,
}

/// An attack on the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attack {
    /// The line of docs/THREATS.md, and the beginning of its tests' names: `line_33`.
    pub(crate) line: &'static str,
    pub(crate) tries: &'static str,
    /// The workshop's step and anchor with a button that tries it: `6#break` for step 6.
    pub(crate) button: Option<&'static str>,
}

impl Note {
    pub(super) fn new(why: &'static str) -> Self {
        Self { why, source: None, attack: None }
    }

    pub(super) fn asks(self, name: &'static str, url: &'static str, asks: &'static str) -> Self {
        Self { source: Some(Source { name, url, asks }), ..self }
    }

    pub(super) fn attacked(self, line: &'static str, tries: &'static str) -> Self {
        Self { attack: Some(Attack { line, tries, button: None }), ..self }
    }

    /// Names the workshop's button that tries the attack.
    pub(super) fn tried_at(self, button: &'static str) -> Self {
        Self { attack: self.attack.map(|attack| Attack { button: Some(button), ..attack }), ..self }
    }
}
