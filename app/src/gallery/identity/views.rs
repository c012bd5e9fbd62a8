//! The made-up pages of the identity service.

use details::Answer;
use identity::page::{Accent, Approval, Frame, Page, Receipt, Same, State, View};

use super::{
    MINUTE, NOW, access, again, app, approval, apps, consents, detail, frame, login, one, order, recording, several,
    with_facts,
};
use crate::identity::render;

/// Name and document of each page.
pub(crate) fn pages() -> Vec<(String, String)> {
    let views = all().into_iter();
    views.map(|(name, frame, view)| (name.to_owned(), render(&Page { frame, view }))).collect()
}

pub(super) fn page(name: &str) -> String {
    pages().into_iter().find(|(known, _)| known == name).map(|(_, html)| html).expect("a page")
}

/// Name, frame and content of each page.
pub(super) fn all() -> Vec<(&'static str, Frame, View)> {
    let buy = || order("BUY", 5, "WAYNE", "105.49");
    let mut through = approval("apr_2", &order("SELL", 1200, "STARK", "98.69"), State::Waiting);
    through.through = Some("Claude Code (registered by itself, unverified)".into());
    through.agent_message = Some(format!("{} <b>safe</b> \u{202e}gnp.exe", "Rebalancing, as agreed. ".repeat(9)));
    through.code = "M4 XR".into();
    through.sheet = order("SELL", 1200, "STARK", "98.69").sheet(Answer::Nothing);
    let mut worse = approval("apr_1", &order("BUY", 5, "WAYNE", "500.00"), State::Waiting);
    worse.sheet = with_facts(&order("BUY", 5, "WAYNE", "500.00"), "100.09");
    worse.same = vec![Same::Approved(NOW - 21_000), Same::Waits("M6 MJ".into())];
    let cancel = detail(r#"{"type":"stock_order_cancellation","order":"ord_8ZkQ3vT1bYxW5mN7"}"#);
    let mut soon = approval("apr_3", &cancel, State::Waiting);
    soon.expires_at = NOW + 19_000;
    let past = || {
        let mut old = approval("apr_5", &order("SELL", 2, "LEX", "88.00"), State::Denied);
        old.decided_at = Some(NOW - 26 * 60 * MINUTE);
        let mut older = approval("apr_6", &buy(), State::Expired);
        older.expires_at = NOW - 40 * 24 * 60 * MINUTE;
        let sent = Approval { receipt: Receipt::OnItsWay, ..approval("apr_8", &buy(), State::Used) };
        vec![sent, approval("apr_4", &buy(), State::Used), old, older]
    };
    let first = approval("apr_1", &buy(), State::Waiting);
    let mut second = approval("apr_7", &order("BUY", 1, "STARK", "101.00"), State::Waiting);
    second.agent_message = first.agent_message.clone();
    let decided = |one: Approval, state| Approval { state, decided_at: Some(NOW - 12_000), ..one };
    let alice = || frame(Accent::Identity, Some("Alice"));
    let visitor = |accent| frame(accent, None);
    let message = |title: &str, text: &str| View::Error {
        title: title.into(),
        text: text.into(),
        back: Some(("http://localhost:3000/".into(), "Back to Mandate".into())),
    };
    let mut all = vec![
        ("identity-error", alice(), message("Page not found", "There is nothing at this address.")),
        ("identity-error-visitor", visitor(Accent::Identity), message("Not found", "It isn’t yours.")),
        ("broker-login-error", visitor(Accent::Broker), message("This took too long", "Start again.")),
        ("login", visitor(Accent::Broker), login(Accent::Broker, None)),
        (
            "login-wrong",
            visitor(Accent::Broker),
            login(Accent::Broker, Some("That email and password don’t belong together. Try again.")),
        ),
        (
            "signup",
            visitor(Accent::Broker),
            View::Signup {
                csrf_token: "csrf-token".into(),
                request: "req_1".into(),
                name: "Carol".into(),
                email: "carol@example.com".into(),
                error: Some("This password is among the most common ones. Choose another.".into()),
            },
        ),
        ("consent", frame(Accent::Broker, Some("Alice")), consents(false)),
        ("consent-stranger", alice(), consents(true)),
        ("consent-again", frame(Accent::Broker, Some("Alice")), again()),
        (
            "error",
            alice(),
            message(
                "This link can’t be used",
                "The address that the application wants you to go back to isn’t one that it registered. Nothing was shared with it.",
            ),
        ),
        (
            "go-on",
            alice(),
            View::GoOn {
                href: "http://localhost:3000/auth/callback?code=x".into(),
                text: "Going back to Mandate".into(),
            },
        ),
        ("log-out", alice(), View::LogOut { csrf_token: "csrf-token".into(), request: "req_1".into() }),
        (
            "logged-out",
            visitor(Accent::Identity),
            View::LoggedOut { back: Some(("http://localhost:3000/".into(), "Back to Mandate".into())) },
        ),
        (
            "approvals",
            alice(),
            View::Approvals {
                waiting: vec![approval("apr_1", &buy(), State::Waiting), through.clone(), soon.clone()],
                past: past(),
                now: NOW,
            },
        ),
        ("approvals-empty", alice(), View::Approvals { waiting: vec![], past: vec![], now: NOW }),
        ("approval", alice(), one(approval("apr_1", &buy(), State::Waiting), None)),
        ("approval-several", alice(), several(first.clone(), vec![second.clone()], &["at most 628.45 USD"], None)),
        (
            "approval-of-several",
            alice(),
            several(decided(first, State::Denied), vec![decided(second, State::Used)], &[], None),
        ),
        ("approval-worse", alice(), one(worse, None)),
        ("approval-through", alice(), one(through, None)),
        ("approval-cancel", alice(), one(soon, None)),
        ("approval-access", alice(), one(access::approval(), None)),
        ("approval-approved", alice(), one(approval("apr_1", &buy(), State::Approved), None)),
        ("approval-used", alice(), one(approval("apr_1", &buy(), State::Used), None)),
        (
            "approval-on-its-way",
            alice(),
            one(Approval { receipt: Receipt::OnItsWay, ..approval("apr_1", &buy(), State::Used) }, None),
        ),
        ("approval-ended", alice(), one(approval("apr_1", &buy(), State::Ended), None)),
        (
            "approval-may-not",
            alice(),
            one(Approval { may_approve: false, ..approval("apr_1", &buy(), State::Waiting) }, None),
        ),
        (
            "approval-denied",
            alice(),
            one(
                approval("apr_1", &buy(), State::Denied),
                Some("You denied this on another device before, so it wasn’t approved."),
            ),
        ),
        ("approval-withdrawn", alice(), one(approval("apr_1", &buy(), State::Withdrawn), None)),
        (
            "approval-expired",
            alice(),
            one(
                approval("apr_1", &buy(), State::Expired),
                Some("The time was over before you approved. Nothing was done."),
            ),
        ),
        (
            "blocked",
            alice(),
            View::Blocked {
                clients: vec![("cl_1".into(), "Claude Code".into()), ("cl_2".into(), "Helpful Robot".into())],
                csrf_token: "csrf-token".into(),
            },
        ),
        (
            "apps",
            alice(),
            apps(
                vec![
                    app("tpc_1", "Claude Code", true, "127.0.0.1"),
                    app("partner", "Partner", false, "partner.example"),
                ],
                None,
            ),
        ),
        (
            "apps-notice",
            alice(),
            apps(
                vec![app("tpc_2", &format!("{} <b>x</b> \u{202e}", "Long".repeat(20)), true, "claude.ai")],
                Some("Claude Code can no longer act for you: its access has ended."),
            ),
        ),
        ("apps-none", alice(), apps(vec![], None)),
        (
            "apps-at-the-broker",
            frame(Accent::Broker, Some("Alice")),
            apps(vec![app("tenant-vault", "Mandate", false, "localhost")], None),
        ),
        ("blocked-none", alice(), View::Blocked { clients: vec![], csrf_token: "csrf-token".into() }),
    ];
    all.extend(recording::all());
    all
}
