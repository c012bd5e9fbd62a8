//! The language of an answer: the person's choice, else the browser's cookie, else `Accept-Language`.
//!
//! It is set for every task that answers a request, so texts are written in place, English first:
//! `tr!("Log in", "Anmelden")`. Work outside a request (a turn, a stream) runs inside [`within`] or [`scope`].

use std::cell::RefCell;

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
pub use shared::lang::Lang;

use crate::{
    cookie::{Cookie, cookie},
    site::{Site, is_file},
};

/// How long a browser keeps a choice, in seconds: a year.
const KEPT: i64 = 365 * 24 * 3600;

/// The address that changes the language: `POST` with `lang` and `back`.
pub const SWITCH: &str = "/language";

tokio::task_local! {
    static READER: RefCell<Reader>;
}

/// The reader of an answer.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    pub lang: Lang,
    /// Whether a person chose the language, so that it is passed on to other sites.
    pub chosen: bool,
    /// The address of the page, to return to after a change. `None` after a post.
    pub page: Option<String>,
}

/// Chooses one of two expressions by the current language: English, then German. Only that one is evaluated.
#[macro_export]
macro_rules! tr {
    ($en:expr, $de:expr $(,)?) => {
        match $crate::lang::current() {
            $crate::lang::Lang::En => $en,
            $crate::lang::Lang::De => $de,
        }
    };
}

/// The reader of the answer that this task makes.
pub fn reader() -> Reader {
    READER.try_with(|reader| reader.borrow().clone()).unwrap_or_default()
}

/// The current language. English outside a scope.
pub fn current() -> Lang {
    READER.try_with(|reader| reader.borrow().lang).unwrap_or_default()
}

/// The current language, if a person chose it.
pub fn chosen() -> Option<Lang> {
    Some(reader()).filter(|reader| reader.chosen).map(|reader| reader.lang)
}

/// A count with its noun: `count(1, "order", "orders")`. English and German have these two forms.
pub fn count(number: impl TryInto<u64>, one: &str, more: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    format!("{number} {}", if number == 1 { one } else { more })
}

/// Runs work in a language.
pub fn within<T>(lang: Lang, work: impl FnOnce() -> T) -> T {
    as_reader(Reader { lang, ..Reader::default() }, work)
}

/// Builds a value once in each language, to be stored: in English, and in German.
pub fn in_each<T>(make: impl Fn() -> T) -> [T; 2] {
    [within(Lang::En, &make), within(Lang::De, &make)]
}

/// Runs work for a reader, in another thread.
pub fn as_reader<T>(reader: Reader, work: impl FnOnce() -> T) -> T {
    READER.sync_scope(RefCell::new(reader), work)
}

/// Runs a task in a language.
pub async fn scope<T>(lang: Lang, task: impl Future<Output = T>) -> T {
    READER.scope(RefCell::new(Reader { lang, ..Reader::default() }), task).await
}

/// The outer middleware of a site: the language that the browser's headers ask for.
pub fn of_browser(routes: Router, site: &Site) -> Router {
    let name = cookie_name(site);
    routes.layer(from_fn(move |request: Request, next: Next| async move {
        let reader = Reader::of(&request, name);
        let mut response = READER.scope(RefCell::new(reader), next.run(request)).await;
        let html = |value: &HeaderValue| value.as_bytes().starts_with(b"text/html");
        if response.headers().get(header::CONTENT_TYPE).is_some_and(html) {
            response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-language, cookie"));
        }
        response
    }))
}

/// The inner middleware: a person's own choice comes before their browser's. `choice` may ask the database.
pub fn of_person<F, C>(routes: Router, choice: F) -> Router
where
    F: Fn(HeaderMap) -> C + Clone + Send + Sync + 'static,
    C: Future<Output = Option<Lang>> + Send + 'static,
{
    routes.layer(from_fn(move |request: Request, next: Next| {
        let choice = choice.clone();
        async move {
            if !is_file(request.uri().path())
                && request.headers().contains_key(header::COOKIE)
                && let Some(lang) = choice(request.headers().clone()).await
            {
                choose(lang);
            }
            next.run(request).await
        }
    }))
}

/// Sets the language of the rest of the answer, as the person's choice.
pub fn choose(lang: Lang) {
    let _ = READER.try_with(|reader| {
        let mut reader = reader.borrow_mut();
        (reader.lang, reader.chosen) = (lang, true);
    });
}

/// Names the page that answers a post, so that its reader can change the language there.
pub fn answers_at(page: String) {
    let _ = READER.try_with(|reader| reader.borrow_mut().page = Some(page));
}

impl Reader {
    fn of(request: &Request, name: &str) -> Self {
        let headers = request.headers();
        let kept = match cookie(headers, name) {
            Cookie::One(tag) => Lang::of_tag(&tag),
            Cookie::None | Cookie::Many => None,
        };
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let path = request.uri().path_and_query().map(|path| path.as_str().to_owned());
        Self {
            lang: kept.unwrap_or_else(|| Lang::accepted(accepted)),
            chosen: kept.is_some(),
            page: path.filter(|_| request.method() == Method::GET),
        }
    }
}

/// The form that changes the language.
#[derive(Debug, Deserialize)]
pub struct Switch {
    lang: String,
    #[serde(default)]
    back: String,
}

impl Switch {
    /// The language, if it is supported.
    pub fn lang(&self) -> Option<Lang> {
        Lang::of_tag(&self.lang)
    }

    /// Returns to the form's page, and stores the choice in the browser. The address of a new chat changes while its
    /// page is open, so for `/` the `Referer` applies.
    pub fn answer(&self, site: &Site, headers: &HeaderMap) -> Response {
        let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
        let here = referer.and_then(|page| page.strip_prefix(site.origin()));
        let back = here.filter(|path| self.back == "/" && path.starts_with('/')).unwrap_or(&self.back);
        let mut response = Redirect::to(&site.return_to(back)).into_response();
        if let Some(lang) = self.lang() {
            response.headers_mut().append(header::SET_COOKIE, keep(lang, site));
        }
        response
    }
}

/// A `Set-Cookie` that stores a choice in the browser.
pub fn keep(lang: Lang, site: &Site) -> HeaderValue {
    let secure = if site.is_secure() { "; Secure" } else { "" };
    let (name, tag) = (cookie_name(site), lang.tag());
    let cookie = format!("{name}={tag}; Path=/; HttpOnly; SameSite=Lax; Max-Age={KEPT}{secure}");
    HeaderValue::from_str(&cookie).expect("a name, a tag and digits are visible ASCII")
}

fn cookie_name(site: &Site) -> &'static str {
    if site.is_secure() { "__Host-mandate_lang" } else { "mandate_lang" }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, response::Html, routing::get};
    use tower::ServiceExt;

    use super::*;

    fn site() -> Site {
        Site::new("http://localhost:3000".parse().expect("a URL")).expect("a site")
    }

    async fn ask(accepted: &str, cookie: &str, chose: Option<Lang>) -> (String, HeaderMap) {
        let page = get(|| async { Html(format!("{} {:?} {:?}", tr!("yes", "ja"), chosen(), reader().page)) });
        let routes = of_person(Router::new().route("/x", page), move |_| async move { chose });
        let request = Request::get("/x?a=b").header("accept-language", accepted).header("cookie", cookie);
        let answer = of_browser(routes, &site()).oneshot(request.body(Body::empty()).expect("a request")).await;
        let (parts, body) = answer.expect("an answer").into_parts();
        let bytes = axum::body::to_bytes(body, 1000).await.expect("a body");
        (String::from_utf8_lossy(&bytes).into_owned(), parts.headers)
    }

    #[tokio::test]
    async fn choice_comes_before_cookie_before_accept_language() {
        for (accepted, cookie, chose, says) in [
            ("en", "", None, "yes None"),
            ("de-AT", "", None, "ja None"),
            ("de", "mandate_lang=en", None, "yes Some(En)"),
            ("en", "mandate_lang=de", None, "ja Some(De)"),
            ("en", "mandate_lang=fr", None, "yes None"),
            // Two cookies: one shadows the other.
            ("en", "mandate_lang=de; mandate_lang=de", None, "yes None"),
            ("en", "mandate_lang=en", Some(Lang::De), "ja Some(De)"),
        ] {
            let (text, headers) = ask(accepted, cookie, chose).await;
            assert_eq!(text, format!("{says} Some(\"/x?a=b\")"), "{accepted} {cookie}");
            assert_eq!(headers[header::VARY], "accept-language, cookie");
        }
    }

    #[test]
    fn a_change_leads_back_to_the_page_and_nowhere_else() {
        let switch = |lang: &str, back: &str| Switch { lang: lang.into(), back: back.into() };
        for (referer, back, to) in [
            ("http://localhost:3000/t/1", "/", "/t/1"),
            ("", "/apps?x=1", "/apps?x=1"),
            ("http://localhost:3000/u/login", "/u/login?request=1", "/u/login?request=1"),
            ("http://localhost:3001/evil", "/", "/"),
            ("http://localhost:3000.evil.example/", "//evil.example", "/"),
        ] {
            let headers = HeaderMap::from_iter([(header::REFERER, referer.parse().expect("ASCII"))]);
            let answer = switch("de", back).answer(&site(), &headers);
            assert_eq!(answer.headers()[header::LOCATION], to, "{referer} {back}");
            assert!(
                answer.headers()[header::SET_COOKIE].to_str().expect("text").starts_with("mandate_lang=de; Path=/;")
            );
        }
        assert!(switch("fr", "/").answer(&site(), &HeaderMap::new()).headers().get(header::SET_COOKIE).is_none());
    }
}
