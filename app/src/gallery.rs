//! All pages of Mandate identity and StockTrade with made-up data, and tests of rules that every page obeys.

mod clock;
mod every;
mod german;
mod identity;
mod kept;
mod same;
mod trade;

use std::collections::BTreeMap;

use foundation::lang::{self, Lang, Reader};

/// Name and document of every page.
fn pages() -> BTreeMap<String, String> {
    identity::views::pages().into_iter().chain(trade::pages()).collect()
}

#[test]
fn every_page_is_a_whole_document_with_one_heading_of_its_own() {
    for (name, html) in pages() {
        assert!(html.starts_with("<!DOCTYPE html>"), "{name}");
        assert!(html.contains("<html lang=\"en\" data-site="), "{name}");
        assert_eq!(html.matches("<title>").count(), 1, "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert_eq!(html.matches("<main ").count(), 1, "{name}");
        assert!(html.matches("button primary").count() <= 1, "{name} has more than one primary action");
    }
}

/// Pages have no inline scripts or styles, because the policy allows none (THREATS.md line 10).
#[test]
fn line_10_no_page_has_inline_styles_scripts_or_handlers() {
    for (name, html) in pages() {
        for wrong in [" style=", "<style", " onclick=", " onload=", " onsubmit=", "javascript:"] {
            assert!(!html.contains(wrong), "{name} holds {wrong}");
        }
        for script in html.split("<script").skip(1) {
            assert!(script.contains(" src="), "{name} has an inline script");
            assert!(script.split_once('>').is_some_and(|(_, rest)| rest.starts_with("</script>")), "{name}");
        }
    }
}

/// Only a page with the script that makes HTML may make a Trusted Types policy (THREATS.md line 10).
#[test]
fn line_10_pages_whose_scripts_make_no_html_allow_none() {
    for (name, html) in pages() {
        let makes = html.contains("/public/html.js");
        let allows_none = html.contains("content=\"trusted-types 'none'\"");
        assert_ne!(makes, allows_none, "{name}");
        assert_eq!(makes, html.contains("/public/identity.js"), "{name}");
    }
}

/// Every change is a form that posts with a CSRF token (THREATS.md lines 9 and 53).
#[test]
fn line_9_53_forms_carry_a_csrf_token_and_no_link_decides() {
    for (name, html) in pages() {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            // The language changes nothing else, and its route needs the site's own origin.
            let is_language = form.contains("action=\"/language\"");
            let is_safe = form.contains("method=\"get\"") || form.contains("name=\"csrf_token\"");
            assert!(is_safe || is_language, "{name}: {form}");
        }
        for link in html.split("href=\"").skip(1) {
            let link = link.split('"').next().unwrap_or_default();
            for word in ["decision", "approve", "deny", "logout", "unblock"] {
                assert!(!link.contains(word), "{name} links to {link}");
            }
        }
    }
}

#[test]
fn a_page_of_a_person_offers_to_log_out() {
    for (name, html) in pages() {
        let knows = html.contains("class=\"person\"");
        assert!(!knows || html.contains("Log out"), "{name}");
    }
}

#[test]
fn an_error_page_keeps_the_navigation() {
    let pages = pages();
    for (name, ways, person) in [
        ("identity-error", &["/approvals", "/apps"][..], true),
        ("identity-error-visitor", &["/approvals", "/apps"], false),
        ("broker-login-error", &["/", "/apps"], false),
        ("trade-error", &["/", "/orders"], true),
    ] {
        let html = &pages[name];
        let nav = html.split("<nav").nth(1).and_then(|rest| rest.split("</nav>").next()).unwrap_or_default();
        for way in ways {
            assert!(nav.contains(&format!("href=\"{way}\"")), "{name}: {way} in {nav}");
        }
        assert_eq!((html.contains("Log out"), html.contains("Log in")), (person, !person), "{name}");
    }
}

/// Writes every state for the browser tests (`end2end/tests/states.spec.ts`).
#[test]
fn every_state_is_kept() {
    for lang in Lang::ALL {
        let reader = Reader { lang, chosen: false, page: Some("/".into()) };
        let pages = lang::as_reader(reader, pages).into_iter().map(|(name, html)| (name, None, html));
        kept::keep("others", lang, pages);
    }
}
