//! A piece of a model's answer.

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    /// The model's reasoning, which isn't part of the answer.
    Reasoning(String),
    /// The text so far was reasoning.
    Rethought,
    /// The model's reason for refusing to answer.
    Refusal(String),
}
