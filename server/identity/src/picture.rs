//! `/pictures/{letter}`: the target of the claim `picture`, the first letter of a person's name. It involves no other
//! company, and the address reveals only that letter.

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use foundation::site::Site;

/// The address of a person's picture.
pub(crate) fn address(site: &Site, name: &str) -> String {
    let mut url = site.url().clone();
    url.set_path("pictures");
    if let Ok(mut path) = url.path_segments_mut() {
        path.push(&letter(name).to_string());
    }
    url.into()
}

/// `GET /pictures/{letter}`
pub(crate) async fn show(Path(name): Path<String>) -> Response {
    // A letter or digit needs no escaping.
    let letter = letter(&name);
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64"><rect width="64" height="64" fill="#5b626d"/><text x="32" y="44" font-family="system-ui,sans-serif" font-size="34" text-anchor="middle" fill="#ffffff">{letter}</text></svg>"##
    );
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")];
    (headers, svg).into_response()
}

/// The first letter or digit, in upper case if possible.
fn letter(name: &str) -> char {
    let first = name.chars().find(|c| c.is_alphanumeric()).unwrap_or('M');
    let mut upper = first.to_uppercase();
    upper.next().filter(|_| upper.next().is_none()).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_is_the_first_letter_of_the_name() {
        let site = Site::new("https://id.example/".parse().expect("a URL")).expect("a site");
        for (name, path) in [
            ("Alice", "A"),
            ("bob", "B"),
            ("<svg>", "S"),
            ("Ölaf", "%C3%96"),
            ("ßa", "%C3%9F"),
            ("../", "M"),
            ("", "M"),
        ] {
            assert_eq!(address(&site, name), format!("https://id.example/pictures/{path}"), "{name}");
        }
    }
}
