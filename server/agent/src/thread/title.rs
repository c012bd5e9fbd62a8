//! Makes and sets a thread's title: short, in one line, without invisible characters (THREATS.md line 31).

use shared::{
    chat::Kind,
    text::{inert, is_invisible},
};

use crate::{
    state::Agent,
    store::{self, thread_state::TitledBy},
};

/// Maximum length of a title, in characters.
const MOST: usize = 60;

/// Maximum length of a person's title.
pub(crate) const PERSONS_MOST: usize = 100;

/// The first line of a message, shortened at a word boundary.
pub(crate) fn of_message(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST {
        return line.to_owned();
    }
    let cut: String = line.chars().take(MOST - 1).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{cut}…")
}

/// A title that a person wrote. `None` if nothing visible is left, or it is too long.
pub(crate) fn of_person(text: &str) -> Option<String> {
    let title = inert(text);
    (1..=PERSONS_MOST).contains(&title.chars().count()).then_some(title)
}

/// A title that a model wrote. `None` if it is anything but a short line of plain words.
pub(crate) fn of_model(text: &str) -> Option<String> {
    let line = text.trim();
    let line = line.strip_prefix("Title:").unwrap_or(line);
    // Models like to quote or emphasise a title.
    let title = line.trim_matches(|c: char| c.is_whitespace() || "\"'“”„‘’«»*_`#".contains(c)).trim_end_matches('.');
    let is_plain = |c: char| !c.is_control() && !is_invisible(c) && !"<>[]{}|*`\\".contains(c);
    let is_title = (2..=MOST).contains(&title.chars().count())
        && title.chars().all(is_plain)
        && title.chars().any(char::is_alphanumeric)
        && !title.contains("://");
    is_title.then(|| title.to_owned())
}

/// Gives a thread a title, unless it is deleted or its title has precedence. The thread keeps its place in the list.
///
/// # Errors
/// When the database fails.
pub(crate) async fn set(agent: &Agent, thread: &str, title: String, by: TitledBy) -> Result<(), sqlx::Error> {
    let mut db = agent.db.begin().await?;
    let Some(updated_at) = store::thread_state::set_title(&mut db, thread, &title, by).await? else { return Ok(()) };
    let events = store::event::append(&mut db, thread, updated_at, vec![Kind::Title { title }]).await?;
    agent.streams.commit(db, thread, events).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_a_short_first_line() {
        assert_eq!(of_message("Buy 5 WAYNE\nplease"), "Buy 5 WAYNE");
        let long = of_message(&"word ".repeat(40));
        assert!(long.chars().count() <= 60 && long.ends_with("word…"), "{long}");
    }

    #[test]
    fn line_31_title_of_a_person_is_inert() {
        assert_eq!(of_person(" My\nfirst \u{202e}order\u{200b} ").as_deref(), Some("My first order"));
        assert_eq!(of_person("<b>Größe</b>").as_deref(), Some("<b>Größe</b>"));
        assert_eq!(of_person(&"x".repeat(100)).map(|title| title.len()), Some(100));
        for wrong in ["", "  ", "\u{200b}\u{202e}", &"x".repeat(101)] {
            assert_eq!(of_person(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn line_31_rubbish_of_a_model_is_no_title() {
        for (said, title) in [
            ("Price of WAYNE", "Price of WAYNE"),
            ("\"Price of WAYNE\"\n", "Price of WAYNE"),
            ("**Kurs von Wayne Enterprises.**", "Kurs von Wayne Enterprises"),
            ("Title: Orders & limits", "Orders & limits"),
            ("ウェインの株価", "ウェインの株価"),
        ] {
            assert_eq!(of_model(said).as_deref(), Some(title), "{said}");
        }
        for rubbish in [
            "",
            "\"\"",
            "...",
            "Sure! Here is a title:\n\nPrice of WAYNE",
            "<b>Price</b> of WAYNE",
            "[Price](https://a.example)",
            "See https://a.example",
            "Price \u{202e}of WAYNE",
            "Price\u{200b} of WAYNE",
            "Price\tof",
            &"long ".repeat(20),
        ] {
            assert_eq!(of_model(rubbish), None, "{rubbish}");
        }
    }
}
