//! What the person said no to is not asked for again by itself (THREATS.md line 55): a model that is told so may try
//! all the same, so it is this code that decides. Their own words count, and where those are in doubt nothing is asked.

use super::running::{Running, Stopped};
use crate::{store, tools::Prepared};

/// What became of the same request earlier in this thread.
pub(super) enum Earlier {
    /// It wasn't asked for, or not said no to.
    Nothing,
    /// The person said no, and names it in a message since: they are asked, and reminded of what they said.
    Named(&'static str),
    /// The person said no, and what they wrote doesn't name it.
    Unnamed(&'static str),
}

/// Looks for the same request, at whatever limit, among those that the person said no to in this thread.
pub(super) async fn earlier(running: &Running<'_>, prepared: &Prepared) -> Result<Earlier, Stopped> {
    let pool = running.agent.db.pool();
    let what = prepared.what();
    let ended = store::call::not_wanted(pool, &running.turn.thread).await?;
    let is_same = |text: &str| serde_json::from_str::<Prepared>(text).is_ok_and(|other| other.what() == what);
    let Some(last) = ended.into_iter().find(|ended| is_same(&ended.prepared)) else { return Ok(Earlier::Nothing) };
    let said = match last.outcome.as_str() {
        "withdrawn" => "You withdrew the same request",
        "expired" => "You let the same request run out",
        _ => "You denied the same request",
    };
    let written_at = store::message::written_at(pool, &running.turn.id).await?;
    let is_newer = written_at.is_some_and(|at| at > last.ended_at);
    let is_named = prepared.names.iter().any(|name| names(&running.turn.text, name));
    Ok(if is_newer && is_named { Earlier::Named(said) } else { Earlier::Unnamed(said) })
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
