//! Turns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns;
pub(crate) fn watch(_: crate::Agent) {}
