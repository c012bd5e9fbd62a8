//! Tests of consent, and of apps with access.

use super::views::page;

/// THREATS.md line 38.
#[test]
fn line_38_consent_shows_the_redirect_host_and_warns() {
    let html = page("consent-stranger");
    assert!(html.contains("<bdi>127.0.0.1:51234</bdi>"));
    assert!(html.contains("Unverified") && html.contains("registered itself"));
    assert!(html.contains("Any program on this computer can ask under this name"));
    let known = page("consent");
    assert!(known.contains("<bdi>localhost:3001</bdi>") && !known.contains("Unverified"));
}

/// THREATS.md line 38: the consent page links to the page that it promises, with a form for each app.
#[test]
fn line_38_apps_with_access_are_listed_and_can_be_revoked() {
    for name in ["consent", "consent-stranger"] {
        assert!(page(name).contains("at any time, under <a href=\"/apps\">Apps with access</a>"), "{name}");
    }
    let html = page("apps");
    for (id, name) in [("tpc_1", "Claude Code"), ("partner", "Partner")] {
        assert!(html.contains(&format!("<form method=\"post\" action=\"/apps/{id}/revoke\"")), "{name}");
        assert!(html.contains(&format!("<bdi>{name}</bdi>")));
    }
    assert_eq!(html.matches("Registered itself, unverified").count(), 1);
    assert!(html.contains("<bdi>127.0.0.1</bdi>") && html.contains("a program on this computer"));
    assert!(html.contains("See your orders") && html.contains("5 minutes ago") && html.contains("not yet"));
    assert!(page("apps-none").contains("No app has access"));
    assert!(page("approvals").contains("<a href=\"/apps\""), "beside the inbox");
}
