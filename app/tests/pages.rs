//! Tests of the agent's pages as the server sends them: rules for every page, and untrusted content that stays inert.

#[path = "../src/gallery/every.rs"]
mod every;
#[path = "../src/gallery/kept.rs"]
mod kept;
#[path = "../examples/gallery/made_up.rs"]
#[allow(dead_code)]
mod made_up;
#[path = "pages/names.rs"]
mod names;
#[path = "../src/gallery/same.rs"]
mod same;
#[path = "../examples/gallery/states.rs"]
mod states;
#[path = "pages/variants.rs"]
mod variants;

use std::{collections::HashSet, fs, path::Path};

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use foundation::lang::{self, Lang};
use http_body_util::BodyExt;
use shared::chat::{Card, CardBody, Item};
use states::STATES;
use tower::ServiceExt;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

async fn read(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

/// A folder like the bundle tool's output, loaded once for all tests.
fn assets() -> app::Assets {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("site");
    for (name, text) in [
        ("pkg/mandate-1.js", "js"),
        ("style/agent-1.css", "css"),
        ("public/theme.js", "theme"),
        ("style/agent-1.css.br", "packed"),
        ("bundle.json", r#"{"bundle":"mandate-1","style":{"agent":"agent-1.css"},"public":{"theme.js":"abc"}}"#),
    ] {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        // Renamed into place, because tests run in parallel.
        let new = path.with_extension(format!("{:?}", std::thread::current().id()));
        fs::write(&new, text).expect("a file");
        fs::rename(new, path).expect("a file");
    }
    app::Assets::load(&dir)
}

async fn all() -> Vec<Answer> {
    assets();
    let mut pages = Vec::new();
    for (_, page) in STATES {
        pages.push(read(page(Request::default()).await).await);
    }
    pages
}

/// Writes every state for the browser tests (`end2end/tests/states.spec.ts`).
#[tokio::test]
async fn every_state_is_kept() {
    for lang in Lang::ALL {
        let pages = lang::scope(lang, async {
            lang::answers_at("/".into());
            all().await
        });
        let pages = STATES.iter().zip(pages.await).map(|((path, _), page)| {
            let policy =
                page.headers.get(header::CONTENT_SECURITY_POLICY).map(|it| it.to_str().expect("ASCII").to_owned());
            (format!("agent{}", path.trim_end_matches('/').replace('/', "-")), policy, page.text)
        });
        kept::keep("agent", lang, pages);
    }
}

#[tokio::test]
async fn every_page_has_title_heading_and_obeys_its_policy() {
    for page in all().await {
        let text = &page.text;
        assert!(text.starts_with("<!DOCTYPE html>"), "{text}");
        assert!(
            text.contains(" · Mandate</title>") && text.contains(r#"<html lang="en" data-site="agent">"#),
            "{text}"
        );
        assert_eq!(text.matches("<h1").count(), 1, "{text}");
        assert!(!text.contains(" style="), "a style attribute: {text}");
        assert!(!text.contains(" onclick=") && !text.contains("javascript:"), "{text}");
        assert!(text.contains("/style/agent-1.css") && text.contains("/public/theme.js?v=abc"), "{text}");
    }
}

/// A text that is the same in both languages was not translated, unless it is a name or part of the made-up data.
#[tokio::test]
async fn no_german_page_has_an_english_text() {
    let english = all().await;
    let german = lang::scope(Lang::De, all()).await;
    let mut found = Vec::new();
    for (english, german) in english.iter().zip(&german) {
        assert!(german.text.contains(r#"<html lang="de" data-site="agent">"#), "{}", german.text);
        found.extend(same::untranslated(&english.text, &german.text, names::NAMES));
    }
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn numbers_and_dates_are_of_the_pages_language() {
    for (lang, is_german) in [(Lang::En, false), (Lang::De, true)] {
        for page in lang::scope(lang, all()).await {
            let found = same::foreign_numbers(&page.text, is_german, names::NAMES);
            assert!(found.is_empty(), "{lang:?}: {found:#?}");
        }
    }
}

#[tokio::test]
async fn line_10_loader_runs_by_the_nonce_of_its_own_response() {
    let mut seen = HashSet::new();
    for page in all().await {
        let inline = page.text.matches("<script").count() - page.text.matches(" src=\"/public/").count();
        let policy = page.headers.get(header::CONTENT_SECURITY_POLICY);
        let Some(policy) = policy.map(|it| it.to_str().expect("visible ASCII")).filter(|it| it.contains("'nonce-"))
        else {
            // Without one, the site's guard adds the policy that allows no inline script.
            assert_eq!(inline, 0, "{}", page.text);
            continue;
        };
        let nonce = policy.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\'')).expect("a nonce").0;
        assert!(inline > 0, "{}", page.text);
        assert_eq!(page.text.matches(&format!("nonce=\"{nonce}\"")).count(), inline, "{}", page.text);
        assert!(!policy.contains("unsafe-inline") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(seen.insert(nonce.to_owned()), "a nonce twice");
    }
    assert!(seen.len() > 5);
}

#[tokio::test]
async fn page_of_mcp_shows_commands_and_only_the_readers_calls() {
    assets();
    let shown = |page, lang| lang::within(lang, || app::agent::mcp::render(&page));
    let visitor = shown(made_up::mcp(false, None), Lang::En);
    for words in [
        "claude mcp add --transport http mandate http://localhost:3000/mcp",
        "--server-url http://localhost:3000/mcp",
        "ChatGPT calls from its own servers",
        "Log in here, and this turns green",
        "href=\"/auth/login?returnTo=%2Fmcp\"",
    ] {
        assert!(visitor.contains(words), "{words}: {visitor}");
    }
    assert!(!visitor.contains("note good") && visitor.matches("<h1").count() == 1, "{visitor}");
    // The files that only this page loads, not the chat.
    assert!(visitor.contains("/style/guide.css") && visitor.contains("/public/live.js"), "{visitor}");
    let waiting = shown(made_up::mcp(true, None), Lang::En);
    assert!(waiting.contains("No call has arrived for you yet") && waiting.contains("Log out"), "{waiting}");
    let called = shown(made_up::mcp(true, Some("<b>Claude")), Lang::De);
    for words in ["<html lang=\"de\"", "note good", "&lt;b&gt;Claude", "hat für dich aufgerufen"] {
        assert!(called.contains(words), "{words}: {called}");
    }
    let mut public = made_up::mcp(true, None);
    (public.is_public, public.address) = (true, "https://chat.example/mcp".into());
    let public = shown(public, Lang::De);
    assert!(public.contains("Entwicklermodus") && !public.contains("von seinen eigenen Servern"), "{public}");
}

/// Untrusted text stays text everywhere: in the page, and in the island's props.
#[tokio::test]
async fn line_31_45_markup_in_anything_shown_is_inert() {
    assets();
    const EVIL: &str = "</script><img src=x onerror=alert(1)>\"'><b>";
    let mut page = made_up::waiting();
    page.transcript.title = EVIL.into();
    page.frame.person = Some(EVIL.into());
    page.frame.email = Some(EVIL.into());
    page.frame.threads[0].title = EVIL.into();
    for item in &mut page.transcript.items {
        match item {
            Item::Message { text, .. } => *text = EVIL.into(),
            Item::Text { tail, .. } => *tail = EVIL.into(),
            Item::Call(call) => {
                call.tool = EVIL.into();
                call.input = EVIL.into();
            }
            Item::Card(Card { body: CardBody::Approval(approval), .. }) => {
                approval.title = EVIL.into();
                approval.facts = vec![(EVIL.into(), EVIL.into())];
                approval.code = EVIL.into();
            }
            _ => {}
        }
    }
    let mut settings = made_up::settings(true);
    settings.instructions = format!("</textarea>{EVIL}");
    settings.models = vec![EVIL.into(), "m".into()];
    for page in [
        app::agent::chat_page(Request::default(), page).await,
        app::agent::settings_page(Request::default(), settings).await,
    ] {
        let text = read(page).await.text;
        assert!(!text.contains("<img") && !text.contains("<b>"), "{text}");
        for tag in ["script", "textarea"] {
            assert_eq!(text.matches(&format!("</{tag}>")).count(), text.matches(&format!("<{tag}")).count(), "{text}");
        }
    }
}

/// The chat can't approve: it has no form or button that does, and its link leads to the identity service.
#[tokio::test]
async fn line_49_54_chat_shows_an_approval_and_links_to_its_page() {
    assets();
    let page = read(app::agent::chat_page(Request::default(), made_up::waiting()).await).await;
    for words in ["Waiting for you", "K7 QD", "527.45 USD", "Only you can approve, at localhost:3001", "3:2"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let link = page.text.split("<a ").find(|tag| tag.contains("Open approval")).expect("the link");
    assert!(link.contains("http://localhost:3001/approvals/1") && link.contains("rel=\"noopener\""), "{link}");
    let forms: Vec<&str> = page.text.split("<form ").skip(1).collect();
    assert_eq!(forms.len(), 2, "logout and the composer");
    assert!(forms[0].contains("action=\"/auth/logout\"") && forms[1].contains("class=\"composer\""));
}

#[tokio::test]
async fn finished_card_asks_for_nothing() {
    assets();
    let page = read(app::agent::chat_page(Request::default(), made_up::orders()).await).await;
    let placed = page.text.split("<article").find(|card| card.contains("Bought 5 WAYNE")).expect("the card");
    assert!(placed.contains("Bought 5 WAYNE at 103.42 USD, 517.10 USD in all."), "{placed}");
    assert!(placed.contains("http://localhost:3002/orders") && !placed.contains("Withdraw"), "{placed}");
    for words in [
        "StockTrade rejected the order: Insufficient funds",
        "You denied it",
        "Nobody decided in time",
        "You withdrew it",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    assert!(!page.text.contains("Open approval"));
}

#[tokio::test]
async fn an_unknown_page_says_so_and_leads_on() {
    let page = read(made_up::nothing(true)).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("Page not found") && page.text.contains("Go to the chat"), "{}", page.text);
}

#[tokio::test]
async fn hashed_files_are_immutable_and_brotli_is_negotiated() {
    let routes = app::asset_routes(&assets());
    let get = async |path: &str| {
        let request = Request::get(path).header(header::ACCEPT_ENCODING, "br").body(Body::empty()).expect("a request");
        read(routes.clone().oneshot(request).await.expect("an answer")).await
    };
    let cached = |answer: &Answer| answer.headers[header::CACHE_CONTROL].to_str().expect("ASCII").to_owned();
    let style = get("/style/agent-1.css").await;
    assert_eq!((style.text.as_str(), style.headers[header::CONTENT_ENCODING].to_str().ok()), ("packed", Some("br")));
    assert_eq!(style.headers[header::CONTENT_TYPE], "text/css");
    assert_eq!(cached(&style), "public, max-age=31536000, immutable");
    assert_eq!(cached(&get("/public/theme.js?v=abc").await), "public, max-age=31536000, immutable");
    assert_eq!(cached(&get("/public/theme.js").await), "no-cache");
    let missing = get("/pkg/mandate-2.js").await;
    assert_eq!((missing.status, cached(&missing).as_str()), (StatusCode::NOT_FOUND, "no-cache"));
    assert_eq!(get("/pkg/../bundle.json").await.status, StatusCode::NOT_FOUND);
}
