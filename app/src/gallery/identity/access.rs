//! The made-up page of a request without details, and its test.

use identity::page::{Accent, Approval, Page, Row, Said, Same, Sheet, State, View, What};

use super::{NOW, frame, one, order, page, render};

/// A request without details: scopes, and the caller's message.
pub(super) fn approval() -> Approval {
    let row = |label: &str, words: &str| Row {
        label: label.into(),
        words: Some(words.into()),
        name: None,
        beside: None,
        what: What::Member,
        is_strong: label == "Allows",
    };
    let rows = vec![row("Allows", "Lend books"), row("Ends", "10 minutes after you approve it")];
    let message = "May I lend “Dune” to <b>Bob</b>?";
    Approval {
        title: "Access to Library".into(),
        noun: "request".into(),
        undone: "Nothing was done.".into(),
        message: Some(message.into()),
        code: message.into(),
        bound: None,
        sheet: Sheet { rows, ..Sheet::default() },
        account: "Library · library.example".into(),
        said: Said::NotAsked,
        ..super::approval("apr_7", &order("BUY", 5, "WAYNE", "105.49"), State::Waiting)
    }
}

/// THREATS.md line 31: without details the page shows what the scopes allow, and the message as the caller's text.
#[test]
fn line_31_message_is_shown_as_the_callers() {
    let html = page("approval-access");
    for words in ["Access to Library", "Lend books", "10 minutes after you approve it", "and only until it ends."] {
        assert!(html.contains(words), "{words}");
    }
    let (_, message) = html.split_once("What Mandate chat asks, in its own words").expect("the message");
    assert!(message.contains("May I lend “Dune” to &lt;b&gt;Bob&lt;/b&gt;?") && !html.contains("<b>Bob"));
    assert!(!html.contains("It must be the one in your chat.") && !html.contains("once, as above"));
    let mut others = approval();
    others.may_approve = false;
    let html = render(&Page { frame: frame(Accent::Identity, Some("Alice")), view: one(others, None) });
    assert!(html.contains("You may not approve for Library") && !html.contains("value=\"approve\""), "{html}");
    assert!(html.contains("value=\"deny\""));
    let mut twice = approval();
    twice.same = vec![Same::Waits(twice.code.clone())];
    let html = render(&Page { frame: frame(Accent::Identity, Some("Alice")), view: one(twice, None) });
    assert!(html.contains("The same request waits for you a second time."));
    let inbox = View::Approvals { waiting: vec![approval()], past: vec![], now: NOW };
    let html = render(&Page { frame: frame(Accent::Identity, Some("Alice")), view: inbox });
    assert!(html.contains("“<bdi>May I lend “Dune” to &lt;b&gt;Bob&lt;/b&gt;?</bdi>”"), "{html}");
}
