//! The chain of actors of a token (RFC 8693 §4.1).

use serde::{Deserialize, Serialize};

/// An actor, and the actor that it acts through (RFC 8693 §4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    pub sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Act>>,
}

impl Act {
    /// The number of actors in the chain.
    pub fn depth(&self) -> usize {
        let mut depth = 1;
        let mut at = self;
        while let Some(next) = &at.act {
            depth += 1;
            at = next;
        }
        depth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_23_a_chain_of_actors_is_counted() {
        let one = Act { iss: None, sub: "agent".into(), name: None, act: None };
        assert_eq!(one.depth(), 1);
        let two = Act { act: Some(Box::new(one.clone())), ..one };
        assert_eq!(two.depth(), 2);
    }
}
