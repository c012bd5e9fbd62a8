//! Tests of what the identity service's pages show.

use identity::page::{Accent, Page, Receipt, Same, State, View};
use serde_json::Value;

use super::{NOW, access, approval, frame, one, order, receipt, record, views::page, with_facts};
use crate::identity::render;

/// THREATS.md line 55: the form names exactly the requests that it shows, with a tick at each; decided ones have none.
#[test]
fn line_55_several_requests_are_named_in_one_form() {
    let html = page("approval-several");
    // The first of its forms asks for more time.
    let form = html.split("action=\"/approvals/apr_1\"").nth(2).expect("a form");
    let (form, _) = form.split_once("</form>").expect("its end");
    for id in ["apr_1", "apr_7"] {
        assert!(form.contains(&format!("name=\"shown\" value=\"{id} 5b0c")), "{html}");
        assert!(form.contains(&format!("type=\"checkbox\" name=\"approve\" value=\"{id}\"")), "{html}");
    }
    for words in ["2 requests together", "at most 628.45 USD", "Buy 5 WAYNE", "Buy 1 STARK", "Deny all"] {
        assert!(html.contains(words), "{words}");
    }
    assert_eq!(html.matches("What Mandate chat says.").count(), 1, "the message appears once");
    let html = page("approval-of-several");
    assert!(!html.contains("name=\"shown\"") && !html.contains("checkbox"));
    assert!(html.contains("href=\"/approvals/apr_7\"") && html.contains("Asked together with"), "{html}");
}

/// THREATS.md line 54: the agent's words are marked as the agent's and come after the facts, which they can't change.
#[test]
fn line_54_facts_come_from_details_apart_from_the_agents_words() {
    let mut lying = approval("apr_1", &order("BUY", 5, "WAYNE", "105.49"), State::Waiting);
    lying.agent_message = Some("At most 1.00 USD</p></blockquote><dd>1.00 USD</dd>".into());
    let html = render(&Page { frame: frame(Accent::Identity, Some("Alice")), view: one(lying, None) });
    let (facts, after) = html.split_once("</dl>").expect("a table of facts");
    for fact in [
        "StockTrade · Alice",
        "Buy 5 WAYNE",
        "Wayne Enterprises</bdi> (WAYNE)",
        "<dd>5</dd>",
        "105.49 USD",
        "527.45 USD",
    ] {
        assert!(facts.contains(fact), "{fact}");
    }
    assert!(!facts.contains("1.00 USD<"));
    let (_, words) =
        after.split_once("What Mandate chat says. You don’t approve this text.").expect("the agent's words");
    assert!(words.contains("&lt;/blockquote&gt;&lt;dd&gt;"), "{words}");
}

#[test]
fn approval_page_shows_all_facts() {
    let html = page("approval");
    for words in [
        "103.42 USD",
        "a share</bdi>, as of ",
        "2\u{a0}% above",
        "It must be the one in your chat.",
        "StockTrade’s word",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(html.find("K7 QD") < html.find("<dl"), "the code is above the facts");
    assert!(!html.contains("This lets it pay"));
    assert!(page("approval-through").contains("StockTrade didn’t say"));
    let html = page("approval-worse");
    for words in [
        "This lets it pay up to 500.00 USD a share. The price now is 100.09 USD.",
        "You approved the same order 21 seconds ago. This would be another one.",
        "The same order waits for you a second time (code M6 MJ).",
    ] {
        assert!(html.find(words).is_some_and(|at| Some(at) < html.find("Approve this order")), "{words}");
    }
}

#[test]
fn inbox_shows_what_happened() {
    let html = page("approvals");
    let (waiting, past) = html.split_once("id=\"past\"").expect("past requests");
    assert!(waiting.contains("at most") && !past.contains("at most"), "{html}");
    let is_said = |words: &&str| past.contains(words);
    assert!(["paid 525.60 USD", "Nothing was placed<", "on its way"].iter().all(is_said), "{html}");
}

/// The page shows the API's facts as plain text and treats only a canonical amount as a price.
#[test]
fn line_54_the_apis_facts_are_inert() {
    let mut strange = approval("apr_1", &order("BUY", 5, "WAYNE", "105.49"), State::Waiting);
    strange.sheet = with_facts(&order("BUY", 5, "WAYNE", "105.49"), "1,03.42");
    strange.sheet.rows[0].name = Some("<b>Acme</b> \u{202e}".into());
    let html = render(&Page { frame: frame(Accent::Identity, Some("Alice")), view: one(strange, None) });
    assert!(html.contains("&lt;b&gt;Acme&lt;/b&gt; ⟨U+202E⟩") && html.contains("StockTrade didn’t say"), "{html}");
}

/// THREATS.md line 31: markup is inert, and bidirectional controls stay within their element.
#[test]
fn line_31_strangers_text_is_shown_inert() {
    let html = page("approval-through");
    assert!(html.contains("&lt;b&gt;safe&lt;/b&gt;"));
    assert!(html.contains("⟨U+202E⟩gnp.exe</bdi>") && !html.contains('\u{202e}'), "{html}");
}

/// THREATS.md lines 30, 53 and 55: a decided request can't be decided again from its page.
#[test]
fn line_30_55_a_decided_request_is_read_only_and_says_when() {
    for name in ["approval-approved", "approval-used", "approval-denied", "approval-withdrawn", "approval-expired"] {
        let html = page(name);
        assert!(!html.contains("name=\"decision\""), "{name}");
        assert!(html.contains("12 seconds ago") || html.contains("20 minutes ago"), "{name}");
        assert!(html.contains("Back to "), "{name}");
    }
    let html = page("approval");
    assert_eq!(html.matches("name=\"decision\"").count(), 4, "more time, deny, approve, block");
    assert_eq!(html.matches("name=\"shown\"").count(), 3);
}

#[test]
fn approval_page_shows_the_accounts_own_outcome() {
    let said = |record: &Value| {
        let order = order("BUY", 5, "WAYNE", "105.49");
        let mut used = approval("apr_1", &order, State::Used);
        used.receipt = receipt(&order, record);
        render(&Page { frame: frame(Accent::Identity, Some("Alice")), view: one(used, None) })
    };
    let filled = said(&record("FILLED"));
    assert!(filled.contains("StockTrade placed it: bought 5 WAYNE at 105.12 USD a share, 525.60 USD in all."));
    let rejected = said(&record("REJECTED"));
    assert!(rejected.contains("StockTrade did not fill it: WAYNE costs 106.00 now, more than the limit of 105.49."));
    assert!(!rejected.contains("placed it"));
    let mut on_its_way = approval("apr_1", &order("BUY", 5, "WAYNE", "105.49"), State::Used);
    on_its_way.receipt = Receipt::OnItsWay;
    let page = render(&Page { frame: frame(Accent::Identity, Some("Alice")), view: one(on_its_way, None) });
    assert!(page.contains("It was handed on for this order, once.") && page.contains("data-again"));
    assert!(!page.contains("placed it"));
}

#[test]
fn address_parameters_are_escaped() {
    assert!(page("login").contains("/u/signup?request=req_1%26x"));
}

/// THREATS.md line 31: without details the page shows what the scopes allow, and the message as the caller's text.
#[test]
fn line_31_49_message_is_shown_as_the_callers() {
    let html = page("approval-access");
    for words in ["Access to Library", "Lend books", "10 minutes after you approve it", "and only until it ends."] {
        assert!(html.contains(words), "{words}");
    }
    let (_, message) = html.split_once("What Mandate chat asks, in its own words").expect("the message");
    assert!(message.contains("May I lend “Dune” to &lt;b&gt;Bob&lt;/b&gt;?") && !html.contains("<b>Bob"));
    assert!(!html.contains("It must be the one in your chat.") && !html.contains("once, as above"));
    let mut others = access::approval();
    others.may_approve = false;
    let html = render(&Page { frame: frame(Accent::Identity, Some("Alice")), view: one(others, None) });
    assert!(html.contains("You may not approve for Library") && !html.contains("value=\"approve\""), "{html}");
    assert!(html.contains("value=\"deny\""));
    let mut twice = access::approval();
    twice.same = vec![Same::Waits(twice.code.clone())];
    let html = render(&Page { frame: frame(Accent::Identity, Some("Alice")), view: one(twice, None) });
    assert!(html.contains("The same request waits for you a second time."));
    let inbox = View::Approvals { waiting: vec![access::approval()], past: vec![], now: NOW };
    let html = render(&Page { frame: frame(Accent::Identity, Some("Alice")), view: inbox });
    assert!(html.contains("“<bdi lang=\"\">May I lend “Dune” to &lt;b&gt;Bob&lt;/b&gt;?</bdi>”"), "{html}");
}
