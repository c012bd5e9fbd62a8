//! Versions: of an edited message, and of an answer that was written again.

use std::collections::HashMap;

use shared::chat::Version;
use sqlx::AnyExecutor;

use crate::store::{self, branch::Sibling};

/// The versions of messages and answers in a thread, shown and hidden.
pub(crate) async fn of(db: impl AnyExecutor<'_>, thread: &str) -> Result<Vec<Version>, sqlx::Error> {
    Ok(of_siblings(&store::branch::siblings(db, thread).await?))
}

/// Siblings with the same message are versions of its answer. Their messages are versions of a message.
fn of_siblings(siblings: &[Sibling]) -> Vec<Version> {
    let mut groups: HashMap<&str, Vec<&Sibling>> = HashMap::new();
    for sibling in siblings {
        groups.entry(sibling.parent.as_deref().unwrap_or_default()).or_default().push(sibling);
    }
    let mut versions = Vec::new();
    for (parent, group) in groups {
        let mut messages: Vec<(&str, Vec<&str>)> = Vec::new();
        for Sibling { id, message, .. } in group {
            match messages.iter_mut().find(|(known, _)| known == message) {
                Some((_, turns)) => turns.push(id),
                None => messages.push((message, vec![id])),
            }
        }
        // Each message is represented by its newest answer.
        let newest: Vec<_> = messages.iter().filter_map(|(_, turns)| turns.last().copied()).collect();
        let keys = messages.iter().map(|(message, _)| format!("m{message}"));
        versions.extend(numbered(&format!("m{parent}"), keys, &newest));
        for (message, turns) in &messages {
            versions.extend(numbered(&format!("e{message}"), turns.iter().map(|turn| format!("e{turn}")), turns));
        }
    }
    versions
}

/// The versions of one thing, if there are several.
fn numbered(group: &str, keys: impl Iterator<Item = String>, turns: &[&str]) -> Vec<Version> {
    if turns.len() < 2 {
        return Vec::new();
    }
    let turn = |at: Option<usize>| at.and_then(|at| turns.get(at)).map(|turn| (*turn).to_owned());
    let version = |(at, key): (usize, String)| Version {
        key,
        group: group.to_owned(),
        number: at + 1,
        of: turns.len(),
        before: turn(at.checked_sub(1)),
        after: turn(Some(at + 1)),
    };
    keys.enumerate().map(version).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_answers_are_numbered_apart() {
        let sibling = |id: &str, parent: Option<&str>, message: &str| Sibling {
            id: id.into(),
            parent: parent.map(str::to_owned),
            message: message.into(),
        };
        // The first message was edited, and its first version answered twice. Its second was answered, and so on.
        let siblings = [
            sibling("a1", None, "a"),
            sibling("a2", None, "a"),
            sibling("b1", None, "b"),
            sibling("c1", Some("b1"), "c"),
            sibling("c2", Some("b1"), "c"),
        ];
        let mut versions = of_siblings(&siblings);
        versions.sort_by(|one, other| one.key.cmp(&other.key));
        let told: Vec<_> = versions
            .iter()
            .map(|it| (it.key.as_str(), it.number, it.of, it.before.as_deref(), it.after.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("ea1", 1, 2, None, Some("a2")),
                ("ea2", 2, 2, Some("a1"), None),
                ("ec1", 1, 2, None, Some("c2")),
                ("ec2", 2, 2, Some("c1"), None),
                ("ma", 1, 2, None, Some("b1")),
                ("mb", 2, 2, Some("a2"), None),
            ]
        );
        assert!(of_siblings(&[]).is_empty());
    }
}
