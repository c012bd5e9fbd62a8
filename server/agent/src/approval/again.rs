//! What is not asked again by itself (THREATS.md line 55): what the person said no to. A model that is told so may try all
//! the same, so it is this code that decides, by one rule for the chat and for `/mcp`: only the person's own word asks
//! for it again. In the chat that is a message since then that names it. Over MCP no word of theirs can be read; there a
//! denial holds for ten minutes.

use std::collections::BTreeMap;

use foundation::secret;
use serde_json::{Map, Value, json};

use crate::{
    state::Agent,
    store::{self, approval::Approval},
    tools::Prepared,
};

/// How long a client at `/mcp` can't ask again for what the person denied it, in milliseconds.
const DENIED: i64 = 600_000;

/// For how long a call finds the request that the same call made before, once that is over, in milliseconds.
const RETRIED: i64 = 600_000;

/// What became of the same request, where it was asked before.
#[derive(Debug)]
pub(crate) enum Earlier {
    /// It wasn't asked, or not said no to.
    Nothing,
    /// The person said no, and names it in a message since: they are asked, and reminded of what they said.
    Named(&'static str),
    /// The person said no, and what they wrote doesn't name it.
    Unnamed(&'static str),
    /// The person denied it to this client, which may ask again after so many minutes.
    Lately(i64),
}

/// The message of the person that is answered, and when it was written.
pub(crate) type Message<'a> = (&'a str, i64);

/// Looks for the same request, at whatever limit, among those that the person said no to where this one is asked.
///
/// # Errors
/// Where that can't be looked up: then nothing is asked.
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
        // What a client withdrew or let run out it may ask again.
        let denied = same.find(|ended| ended.state == "denied");
        return Ok(denied
            .map_or(Earlier::Nothing, |denied| Earlier::Lately((denied.ended_at + DENIED - now + 59_999) / 60_000)));
    };
    let Some(last) = same.next() else { return Ok(Earlier::Nothing) };
    let said = match last.state.as_str() {
        "withdrawn" => "You withdrew the same request",
        "expired" => "You let the same request run out",
        _ => "You denied the same request",
    };
    let is_newer = written_at > last.ended_at;
    let is_named = prepared.names.iter().any(|name| names(text, name));
    Ok(if is_newer && is_named { Earlier::Named(said) } else { Earlier::Unnamed(said) })
}

/// What calls at `/mcp` of one caller have in common that ask the same: the tool and its arguments, but for the words of
/// the agent. While the request is open, and for ten minutes after its end, such a call is a retry.
pub(crate) fn same(asker: &str, tool: &str, arguments: &Map<String, Value>) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_uppercase());
    let named = |(name, value): (&String, &Value)| (name.clone(), plain(value));
    let given = |(name, value): &(&String, &Value)| *name != "reason" && !value.is_null();
    let arguments: BTreeMap<_, _> =
        arguments.iter().filter(given).map(named).filter(|(_, text)| !text.is_empty()).collect();
    secret::hash(&json!([asker, tool, arguments]).to_string())
}

/// Whether a call like the one that made this request is a retry, and gets what becomes of it. What the person denied is
/// looked up by [`earlier`], which also holds at another limit.
pub(crate) fn is_retry(found: &Approval, now: i64, asks_again: bool) -> bool {
    found.ended_at.is_none_or(|at| found.state != "denied" && at > counts_since(now, asks_again))
}

/// Requests that ended later than this are found by retries. Whoever asks again asks anew once one has ended.
pub(crate) fn counts_since(now: i64, asks_again: bool) -> i64 {
    if asks_again { now } else { now - RETRIED }
}

/// Whether a text names this, in any case, as words of its own.
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
