//! Decides when the agent may ask again for what the person refused (THREATS.md line 55). A model may try again
//! although it was told not to, so this code decides, with one rule for the chat and `/mcp`: only the person's own
//! words allow it. In the chat, that is a later message that names the thing. Over MCP the agent can't read the
//! person's words, so a denial holds for ten minutes.

use std::collections::BTreeMap;

use foundation::{limit::whole_minutes, secret, tr};
use serde_json::{Map, Value, json};

use crate::{
    state::Agent,
    store::{self, approval::Approval, state::ApprovalState},
    tools::{self, Prepared},
};

/// Time after a denial during which a client at `/mcp` can't ask again, in milliseconds.
const DENIED: i64 = 600_000;

/// Time during which a repeated call finds its finished request, in milliseconds.
const RETRIED: i64 = 600_000;

/// The outcome of an earlier identical request.
#[derive(Debug)]
pub(crate) enum Earlier {
    /// No such request, or the person didn't refuse it.
    Nothing,
    /// The person refused, and a later message names it: ask them, and remind them of their refusal.
    Named(Refusal),
    /// The person refused, and no later message names it.
    Unnamed(Refusal),
    /// The person denied it to this client, which may ask again after this many minutes.
    Lately(i64),
}

/// How the person refused.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refusal {
    Denied,
    Expired,
    Withdrawn,
}

impl Refusal {
    pub(crate) fn said(self) -> &'static str {
        match self {
            Self::Denied => tr!("You denied the same request", "Du hast dieselbe Anfrage abgelehnt"),
            Self::Expired => tr!("You let the same request run out", "Du hast dieselbe Anfrage verstreichen lassen"),
            Self::Withdrawn => tr!("You withdrew the same request", "Du hast dieselbe Anfrage zurückgezogen"),
        }
    }
}

/// The person's message that is being answered, and its time.
pub(crate) type Message<'a> = (&'a str, i64);

/// Looks for a request for the same thing, at any limit, that the person refused to the same asker.
///
/// # Errors
/// If the look-up fails: then nothing may be asked.
pub(crate) async fn earlier(
    agent: &Agent,
    asker: &str,
    prepared: &Prepared,
    message: Option<Message<'_>>,
) -> Result<Earlier, sqlx::Error> {
    let now = agent.clock.now();
    let since = if message.is_some() { i64::MIN } else { now - DENIED };
    let what = prepared.what();
    let is_same = |text: &str| serde_json::from_str::<Prepared>(text).is_ok_and(|other| other.what() == what);
    let ended = store::approval::not_wanted(agent.db.pool(), asker, since).await?;
    let mut same = ended.into_iter().filter(|ended| is_same(&ended.prepared));
    let Some((text, written_at)) = message else {
        // A client may ask again for a request that it withdrew or that expired.
        let Some(denied) = same.find(|ended| ended.state == ApprovalState::Denied) else { return Ok(Earlier::Nothing) };
        return Ok(Earlier::Lately(whole_minutes(denied.ended_at + DENIED - now)));
    };
    let Some(last) = same.next() else { return Ok(Earlier::Nothing) };
    let refusal = match last.state {
        ApprovalState::Withdrawn => Refusal::Withdrawn,
        ApprovalState::Expired => Refusal::Expired,
        _ => Refusal::Denied,
    };
    let is_newer = written_at > last.ended_at;
    let is_named = prepared.names.iter().any(|name| names(text, name));
    Ok(if is_newer && is_named { Earlier::Named(refusal) } else { Earlier::Unnamed(refusal) })
}

/// Identifies identical calls of one caller at `/mcp`: the same tool and arguments, except for the agent's message.
/// While the request is open, and for ten minutes after its end, such a call is a retry.
pub(crate) fn same(agent: &Agent, asker: &str, tool: &str, arguments: &Map<String, Value>) -> String {
    if let Some(configured) = tools::configured::call::find(agent, tool) {
        let given = configured.same_arguments(&Value::Object(arguments.clone()).to_string());
        return secret::hash(&json!([asker, tool, given]).to_string());
    }
    // No two different arguments of a built-in tool differ only in case.
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_uppercase());
    let named = |(name, value): (&String, &Value)| (name.clone(), plain(value));
    let given = |(name, value): &(&String, &Value)| *name != "reason" && !value.is_null();
    let arguments: BTreeMap<_, _> =
        arguments.iter().filter(given).map(named).filter(|(_, text)| !text.is_empty()).collect();
    secret::hash(&json!([asker, tool, arguments]).to_string())
}

/// Whether a call like the one that made this request is a retry and gets its outcome. [`earlier`] handles denials, at
/// any limit.
pub(crate) fn is_retry(found: &Approval, now: i64, asks_again: bool) -> bool {
    found.ended_at.is_none_or(|at| found.state != ApprovalState::Denied && at > counts_since(now, asks_again))
}

/// Retries find requests that ended after this time. A caller that asks again explicitly finds no finished request.
pub(crate) fn counts_since(now: i64, asks_again: bool) -> i64 {
    if asks_again { now } else { now - RETRIED }
}

/// Whether a text contains the name as a whole word, in any case.
fn names(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let apart = |beside: Option<char>| beside.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    !name.is_empty()
        && text
            .match_indices(&name)
            .any(|(at, found)| apart(text[..at].chars().next_back()) && apart(text[at + found.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::names;

    /// THREATS.md line 55.
    #[test]
    fn line_55_a_stock_is_named_by_words_of_its_own() {
        for text in ["Buy 10 LEX", "lex!", "and $LEX?", "(Lex)", "LEX's price", "the LEX-share", "flex, but lex"] {
            assert!(names(text, "LEX"), "{text}");
        }
        for text in ["", "What is the weather?", "Be flexible", "Alexandria", "LEXX", "LEX2", "lex_1", "LexCorp", "ЛEX"]
        {
            assert!(!names(text, "LEX"), "{text}");
        }
        assert!(names("Then buy wayne enterprises after all", "Wayne Enterprises"));
        assert!(!names("An enterprise", "Wayne Enterprises"));
        assert!(!names("anything", ""));
    }
}
