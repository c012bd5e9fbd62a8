//! A piece of a model's answer.

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    /// What the model thought, which is no part of what it says.
    Reasoning(String),
    /// The text so far was reasoning.
    Rethought,
    /// The model says why it doesn't answer.
    Refusal(String),
}
