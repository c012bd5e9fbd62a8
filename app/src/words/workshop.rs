//! The texts of the workshop.

pub(super) mod de;
pub(super) mod en;

use ::agent::workshop::{Impossible, Missing, STEPS};

#[derive(Debug)]
pub struct Workshop {
    pub title: &'static str,
    pub lead: &'static str,
    /// The list of steps.
    pub steps: &'static str,
    /// A step's state, for readers of the list who don't see its mark.
    pub done: &'static str,
    pub open: &'static str,
    pub out: &'static str,
    pub why: &'static str,
    pub terms: &'static str,
    pub who: &'static str,
    /// `{}`: the step's number.
    pub recorded: &'static str,
    /// The same for the reader's own requests.
    pub flowed: &'static str,
    /// `{}`: the request's number at the site. The site's name follows.
    pub parameters: &'static str,
    /// The link to the page that turns recording on, and the text after it.
    pub record: &'static str,
    pub record_says: &'static str,
    /// Replaces the link before the login.
    pub record_later: &'static str,
    /// A request of the reference that isn't in the reader's recording, and one that can't be in any.
    pub unrecorded: &'static str,
    pub of_nobody: &'static str,
    /// Replaces the link if the operator left recording off.
    pub record_off: &'static str,
    /// `Your requests are recorded until`; the time follows.
    pub recording: &'static str,
    pub all_records: &'static str,
    pub lanes: Lanes,
    pub try_it: &'static str,
    pub open_chat: &'static str,
    pub ask_bare: &'static str,
    pub text: &'static str,
    pub log_in: &'static str,
    pub connect: &'static str,
    pub client: &'static str,
    pub client_other: &'static str,
    pub to_mcp: &'static str,
    pub break_it: &'static str,
    pub check: &'static str,
    /// `Done`; the time follows.
    pub happened: &'static str,
    /// The heading and the paragraphs below the last step.
    pub closing: &'static str,
    pub closing_says: [&'static str; 3],
    pub in_chat: &'static str,
    pub by_app: &'static str,
    pub previous: &'static str,
    pub next: &'static str,
    pub again: &'static str,
    pub again_says: &'static str,
    pub made: &'static str,
    pub missing: fn(Missing) -> &'static str,
    pub impossible: fn(Impossible) -> &'static str,
    pub each: [Step; STEPS],
}

/// The names of the senders and receivers of requests.
#[derive(Debug)]
pub struct Lanes {
    pub you: &'static str,
    /// The name of `you` in steps in which an app calls.
    pub app: &'static str,
    pub chat: &'static str,
    pub model: &'static str,
    pub identity: &'static str,
    pub stocktrade: &'static str,
}

#[derive(Debug)]
pub struct Step {
    pub title: &'static str,
    /// The explanation, in 80 to 150 words.
    pub why: &'static str,
    /// Terms of this step that a reader may not know, with their meanings.
    pub terms: &'static [(&'static str, &'static str)],
    pub try_it: &'static str,
    /// A sentence to send in the chat.
    pub sentence: Option<&'static str>,
    pub break_it: &'static str,
    /// The fact that turns the step green.
    pub green: &'static str,
}

#[cfg(test)]
mod tests {
    use crate::words::{de, en};

    #[test]
    fn each_step_says_why_in_80_to_150_words() {
        for words in [&en::WORDS, &de::WORDS] {
            for step in &words.workshop.each {
                let count = step.why.split_whitespace().count();
                assert!((80..=150).contains(&count), "{}: {count} words", step.title);
            }
        }
    }
}
