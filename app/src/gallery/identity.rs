//! Made-up pages of the identity service, and their tests.

mod access;
mod consent;

use details::{Answer, Apis, Detail};
use foundation::tr;
use identity::page::{Accent, App, Approval, Consent, Frame, Page, Receipt, Said, Same, Sheet, State, View};
use serde_json::{Value, json};

use super::clock::{MINUTE, NOW};
use crate::identity::render;

fn frame(accent: Accent, person: Option<&str>) -> Frame {
    let identity = accent == Accent::Identity;
    Frame {
        site: if identity { "Mandate identity" } else { "StockTrade" }.into(),
        host: if identity { "localhost:3001" } else { "localhost:3002" }.into(),
        accent,
        person: person.map(str::to_owned),
        has_approvals: identity,
    }
}

/// A request of one of the program's own types.
fn detail(entry: &str) -> Detail {
    let text = include_str!("../../../server/src/config/builtin/stocktrade_api.toml");
    let types = Apis::parse(&text.replace("{broker}", "http://localhost:3002")).expect("types");
    let detail = types.iter().next().expect("an API").read_one(&format!("[{entry}]")).expect("a request");
    detail.in_language(tr!(details::Language::English, details::Language::German))
}

fn order(side: &str, quantity: u32, symbol: &str, limit: &str) -> Detail {
    detail(&format!(
        r#"{{"type":"stock_order","symbol":"{symbol}","side":"{side}","quantity":{quantity},"limit":"{limit}","currency":"USD"}}"#
    ))
}

/// What StockTrade answers about an order that was approved.
fn record(status: &str) -> Value {
    json!({ "orders": [{
        "placedBy": { "txn": "apr_1" }, "status": status, "price": "105.12", "amount": "525.60",
        "reason": "WAYNE costs 106.00 now, more than the limit of 105.49.",
    }] })
}

fn receipt(detail: &Detail, record: &Value) -> Receipt {
    let outcome = detail.outcome("apr_1", record).expect("one record");
    let page = Some(("Your orders at StockTrade".into(), "http://localhost:3002/orders".into()));
    Receipt::Came { says: outcome.says, short: outcome.short, page }
}

fn approval(id: &str, detail: &Detail, state: State) -> Approval {
    let waiting = state == State::Waiting;
    let kind = detail.kind();
    let has_facts = waiting && kind.has_facts();
    Approval {
        id: id.into(),
        title: detail.title(),
        noun: kind.noun.clone(),
        undone: kind.undone.clone(),
        message: None,
        handed_on: state == State::Used,
        may_approve: true,
        about: kind.about.clone(),
        bound: detail.bound(),
        sheet: if has_facts { with_facts(detail, "103.42") } else { detail.sheet(Answer::NotAsked) },
        digest: "5b0c".repeat(16),
        account: "StockTrade · Alice".into(),
        client: "Mandate chat".into(),
        through: None,
        app: "Mandate chat".into(),
        code: "K7 QD".into(),
        agent_message: Some("You asked me to buy five shares of Wayne in ‘Buy five shares of Wayne’.".into()),
        asked_at: NOW - 36_000,
        expires_at: if state == State::Expired { NOW - 20 * MINUTE } else { NOW + 204_000 },
        more_time: waiting,
        extended_at: None,
        state,
        receipt: if state == State::Used { receipt(detail, &record("FILLED")) } else { Receipt::None },
        said: if has_facts { Said::By { by: "StockTrade".into(), at: NOW } } else { Said::NotAsked },
        same: vec![],
        decided_at: (!waiting && state != State::Expired).then_some(NOW - 12_000),
        back: Some("http://localhost:3000/".into()),
    }
}

/// The request with what StockTrade says of Wayne.
fn with_facts(detail: &Detail, price: &str) -> Sheet {
    detail.sheet(Answer::This(&json!({ "name": "Wayne Enterprises", "price": price })))
}

fn login(accent: Accent, error: Option<&str>) -> View {
    View::Login {
        csrf_token: "csrf-token".into(),
        request: "req_1&x".into(),
        email: if error.is_some() { "alice@example.com".into() } else { String::new() },
        error: error.map(str::to_owned),
        signup: accent == Accent::Broker,
        demo: vec!["alice@example.com".into(), "bob@example.com".into()],
        demo_password: "mandate-demo".into(),
        client: Some("Mandate identity".into()),
    }
}

fn consent(stranger: bool) -> View {
    View::Consent(Consent {
        api: None,
        csrf_token: "csrf-token".into(),
        request: "req_1".into(),
        client: if stranger { "Claude Code".into() } else { "Mandate identity".into() },
        unverified: stranger,
        redirect_host: if stranger { "127.0.0.1:51234".into() } else { "localhost:3001".into() },
        loopback: stranger,
        again: false,
        account: if stranger { "Mandate identity · Alice".into() } else { "StockTrade · Alice".into() },
        scopes: vec![
            "See your cash, positions and their value".into(),
            "See your orders".into(),
            "Prepare orders, which you approve one by one".into(),
        ],
        approved_at: Some("localhost:3001".into()),
    })
}

fn app(id: &str, name: &str, unverified: bool, host: &str) -> App {
    App {
        id: id.into(),
        name: name.into(),
        unverified,
        redirect_hosts: vec![host.into()],
        allowed_at: NOW - 3 * 24 * 60 * MINUTE,
        used_at: unverified.then_some(NOW - 5 * MINUTE),
        scopes: vec!["See your cash, positions and their value".into(), "See your orders".into()],
    }
}

fn apps(apps: Vec<App>, notice: Option<&str>) -> View {
    View::Apps { apps, csrf_token: "csrf-token".into(), now: NOW, waiting: 1, notice: notice.map(str::to_owned) }
}

fn one(approval: Approval, notice: Option<&str>) -> View {
    several(approval, vec![], &[], notice)
}

fn several(approval: Approval, together: Vec<Approval>, totals: &[&str], notice: Option<&str>) -> View {
    let (csrf_token, notice) = ("csrf-token".into(), notice.map(str::to_owned));
    let totals = totals.iter().map(|total| (*total).to_owned()).collect();
    View::Approval { approval, together, totals, csrf_token, now: NOW, notice }
}

pub(super) fn pages() -> Vec<(String, String)> {
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
    [
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
        ("consent", frame(Accent::Broker, Some("Alice")), consent(false)),
        ("consent-stranger", alice(), consent(true)),
        (
            "error",
            alice(),
            message(
                "This link can’t be used",
                "The address that the application wants you to go back to isn’t one that it registered. Nothing was shared with it.",
            ),
        ),
        ("go-on", alice(), View::GoOn { href: "http://localhost:3000/auth/callback?code=x".into(), text: "Going back to Mandate".into() }),
        ("log-out", alice(), View::LogOut { csrf_token: "csrf-token".into(), request: "req_1".into() }),
        ("logged-out", visitor(Accent::Identity), View::LoggedOut { back: Some(("http://localhost:3000/".into(), "Back to Mandate".into())) }),
        ("approvals", alice(), View::Approvals { waiting: vec![approval("apr_1", &buy(), State::Waiting), through.clone(), soon.clone()], past: past(), now: NOW }),
        ("approvals-empty", alice(), View::Approvals { waiting: vec![], past: vec![], now: NOW }),
        ("approval", alice(), one(approval("apr_1", &buy(), State::Waiting), None)),
        ("approval-several", alice(), several(first.clone(), vec![second.clone()], &["at most 628.45 USD"], None)),
        ("approval-of-several", alice(), several(decided(first, State::Denied), vec![decided(second, State::Used)], &[], None)),
        ("approval-worse", alice(), one(worse, None)),
        ("approval-through", alice(), one(through, None)),
        ("approval-cancel", alice(), one(soon, None)),
        ("approval-access", alice(), one(access::approval(), None)),
        ("approval-approved", alice(), one(approval("apr_1", &buy(), State::Approved), None)),
        ("approval-used", alice(), one(approval("apr_1", &buy(), State::Used), None)),
        ("approval-denied", alice(), one(approval("apr_1", &buy(), State::Denied), Some("You denied this on another device before, so it wasn’t approved."))),
        ("approval-withdrawn", alice(), one(approval("apr_1", &buy(), State::Withdrawn), None)),
        ("approval-expired", alice(), one(approval("apr_1", &buy(), State::Expired), Some("The time was over before you approved. Nothing was done."))),
        ("blocked", alice(), View::Blocked { clients: vec![("cl_1".into(), "Claude Code".into()), ("cl_2".into(), "Helpful Robot".into())], csrf_token: "csrf-token".into() }),
        ("apps", alice(), apps(vec![app("tpc_1", "Claude Code", true, "127.0.0.1"), app("partner", "Partner", false, "partner.example")], None)),
        ("apps-notice", alice(), apps(vec![app("tpc_2", &format!("{} <b>x</b> \u{202e}", "Long".repeat(20)), true, "claude.ai")], Some("Claude Code can no longer act for you: its access has ended."))),
        ("apps-none", alice(), apps(vec![], None)),
        ("apps-at-the-broker", frame(Accent::Broker, Some("Alice")), apps(vec![app("tenant-vault", "Mandate", false, "localhost")], None)),
        ("blocked-none", alice(), View::Blocked { clients: vec![], csrf_token: "csrf-token".into() }),
    ]
    .into_iter()
    .map(|(name, frame, view)| (name.to_owned(), render(&Page { frame, view })))
    .collect()
}

fn page(name: &str) -> String {
    pages().into_iter().find(|(known, _)| known == name).map(|(_, html)| html).expect("a page")
}

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
    assert_eq!(html.matches("What Mandate chat says.").count(), 1, "the same words once");
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
    for words in
        ["103.42 USD", "a share</bdi>, at ", "2\u{a0}% above", "It must be the one in your chat.", "StockTrade’s word"]
    {
        assert!(html.contains(words), "{words}");
    }
    assert!(html.find("K7 QD") < html.find("<dl"), "the code stands above the facts");
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
