//! Compresses pages with Brotli (RFC 7932).
//!
//! A page holds a CSRF token, and some pages repeat words of their address. Another site that makes a browser open such
//! addresses and sees the lengths of the answers could guess the token letter by letter (BREACH). Therefore a page is
//! compressed only if the site's own page or the person requested it, according to `Sec-Fetch-Site`, which no script
//! can set.

use std::io;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use brotli::enc::BrotliEncoderParams;
use http_body_util::BodyExt;

/// Minimum size of a page to compress, in bytes. A smaller one fits into a packet.
const SMALL: usize = 1024;

/// Brotli's quality, of at most 11: takes about 10 ms for 1 MB.
const QUALITY: i32 = 4;

/// Middleware: compresses HTML.
pub(crate) async fn pages(request: Request, next: Next) -> Response {
    let is_wanted = request.method() != Method::HEAD && accepts(request.headers()) && is_own(request.headers());
    let response = next.run(request).await;
    let headers = response.headers();
    let is_html = headers.get(header::CONTENT_TYPE).is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
    if !is_wanted || !is_html || headers.contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let plain = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            tracing::error!(%error, "a page's body ended early");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    if plain.len() < SMALL {
        return Response::from_parts(parts, Body::from(plain));
    }
    let page = plain.clone();
    match tokio::task::spawn_blocking(move || packed(&page)).await {
        Ok(Ok(packed)) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            Response::from_parts(parts, Body::from(packed))
        }
        Ok(Err(_)) | Err(_) => Response::from_parts(parts, Body::from(plain)),
    }
}

fn packed(mut page: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let parameters = BrotliEncoderParams { quality: QUALITY, ..BrotliEncoderParams::default() };
    brotli::BrotliCompress(&mut page, &mut packed, &parameters)?;
    Ok(packed)
}

/// Whether the browser reads Brotli (RFC 9110 §12.5.3).
fn accepts(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        name.trim().eq_ignore_ascii_case("br") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// Whether the request comes from the site's own page, or from the person by the address bar or a bookmark.
fn is_own(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin" || site == "none")
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware::from_fn, response::Html, routing::get};
    use tower::ServiceExt;

    use super::*;

    const PAGE: &str = "<p>The same words again and again. ";

    async fn answer(path: &str, headers: &[(&str, &str)]) -> (Option<String>, Vec<u8>) {
        let routes = Router::new()
            .route("/page", get(|| async { Html(PAGE.repeat(100)) }))
            .route("/small", get(|| async { Html(PAGE) }))
            .route("/data", get(|| async { PAGE.repeat(100) }))
            .layer(from_fn(pages));
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        let response = routes.oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
        let coding = response.headers().get(header::CONTENT_ENCODING);
        let coding = coding.map(|coding| coding.to_str().expect("ASCII").to_owned());
        (coding, response.into_body().collect().await.expect("a body").to_bytes().to_vec())
    }

    #[tokio::test]
    async fn pages_are_compressed_and_nothing_else() {
        let (br, own) = (("accept-encoding", "gzip, br"), ("sec-fetch-site", "same-origin"));
        for asked in [own, ("sec-fetch-site", "none")] {
            let (coding, body) = answer("/page", &[br, asked]).await;
            assert_eq!(coding.as_deref(), Some("br"));
            assert!(body.len() < PAGE.len() * 10, "{}", body.len());
            let mut plain = Vec::new();
            brotli::BrotliDecompress(&mut body.as_slice(), &mut plain).expect("Brotli");
            assert_eq!(plain, PAGE.repeat(100).into_bytes());
        }
        assert_eq!(answer("/small", &[br, own]).await, (None, PAGE.as_bytes().to_vec()));
        assert_eq!(answer("/data", &[br, own]).await.0, None);
        for encoding in ["gzip", "br;q=0, gzip", "brotli"] {
            let (coding, body) = answer("/page", &[("accept-encoding", encoding), own]).await;
            assert_eq!((coding, body), (None, PAGE.repeat(100).into_bytes()), "{encoding}");
        }
    }

    #[tokio::test]
    async fn line_10_page_that_another_site_opens_is_not_compressed() {
        for site in [&[][..], &[("sec-fetch-site", "cross-site")], &[("sec-fetch-site", "same-site")]] {
            let headers = [&[("accept-encoding", "br")][..], site].concat();
            assert_eq!(answer("/page", &headers).await.0, None, "{site:?}");
        }
    }
}
