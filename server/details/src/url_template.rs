//! Templates of URLs. A member fills one whole path segment or one whole query value, percent-encoded. The origin and
//! everything else are literal, so a value can't lead anywhere else.

use url::Url;

use crate::template::{Piece, pieces};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlTemplate {
    origin: Url,
    segments: Vec<Piece>,
    query: Vec<(String, Piece)>,
}

impl UrlTemplate {
    /// Reads a template whose URL is below `base`.
    ///
    /// # Errors
    /// A message that says what is wrong.
    pub fn read(text: &str, base: &Url) -> Result<Self, String> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let below = address.strip_prefix(base.as_str().trim_end_matches('/'));
        let path = below
            .and_then(|below| below.strip_prefix('/'))
            .ok_or_else(|| format!("{text:?} isn't below the API's `url`, {base}; let it begin with that"))?;
        let segments = path.split('/').map(piece).collect::<Result<Vec<_>, _>>()?;
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| format!("{text:?}: the query parameter {pair} has no value; write name=value"))?;
            Ok::<_, String>((key.to_owned(), piece(value)?))
        });
        Ok(Self { origin: base.clone(), segments, query: query.collect::<Result<_, _>>()? })
    }

    /// The names it holds.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().chain(self.query.iter().map(|(_, piece)| piece)).filter_map(|piece| match piece {
            Piece::Name(name) => Some(name.as_str()),
            Piece::Words(_) => None,
        })
    }

    /// Fills it in; `None` if a name has no value, or a value can't be a path segment.
    pub fn fill(&self, mut value_of: impl FnMut(&str) -> Option<String>) -> Option<Url> {
        let mut fill = |piece: &Piece| match piece {
            Piece::Words(words) => Some(words.clone()),
            Piece::Name(name) => value_of(name),
        };
        let mut url = self.origin.clone();
        {
            let mut path = url.path_segments_mut().ok()?;
            path.pop_if_empty();
            for piece in &self.segments {
                let segment = fill(piece)?;
                // The URL standard resolves these segments, encoded or not, towards the parent.
                if segment.is_empty() || matches!(segment.replace("%2e", ".").replace("%2E", ".").as_str(), "." | "..")
                {
                    return None;
                }
                path.push(&segment);
            }
        }
        if !self.query.is_empty() {
            let values: Option<Vec<_>> = self.query.iter().map(|(key, piece)| Some((key, fill(piece)?))).collect();
            url.query_pairs_mut().extend_pairs(values?);
        }
        Some(url)
    }
}

/// One name, or literal characters that need no encoding.
fn piece(text: &str) -> Result<Piece, String> {
    match pieces(text)?.as_slice() {
        [Piece::Name(name)] => Ok(Piece::Name(name.clone())),
        [Piece::Words(words)]
            if words.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
                && !matches!(words.as_str(), "." | "..") =>
        {
            Ok(Piece::Words(words.clone()))
        }
        _ => Err(format!("{text:?} must be one {{member}} alone, or letters, digits and -_.~ alone")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_37_54_value_stays_in_its_segment() {
        let base: Url = "https://api.example/v1".parse().expect("a URL");
        let template = UrlTemplate::read("https://api.example/v1/stocks/{symbol}?from={date}", &base).expect("one");
        let filled = |value: &str| template.fill(|_| Some(value.to_owned())).map(String::from);
        assert_eq!(filled("WAYNE").as_deref(), Some("https://api.example/v1/stocks/WAYNE?from=WAYNE"));
        for (value, segment) in [
            ("a/b", "a%2Fb"),
            ("a?b#c", "a%3Fb%23c"),
            ("a b&c=d", "a%20b&c=d"),
            ("..;", "..;"),
            ("//evil.example", "%2F%2Fevil.example"),
            ("日本", "%E6%97%A5%E6%9C%AC"),
        ] {
            let url: Url = filled(value).unwrap_or_else(|| panic!("{value}")).parse().expect("a URL");
            assert_eq!(url.path(), format!("/v1/stocks/{segment}"), "{value}");
            assert_eq!(url.query_pairs().collect::<Vec<_>>(), [("from".into(), value.into())], "{value}");
            assert_eq!(url.origin(), base.origin());
        }
        for value in ["", ".", "..", "%2e", "%2E%2e", ".%2E"] {
            assert_eq!(filled(value), None, "{value}");
        }
    }

    #[test]
    fn line_54_template_outside_its_api_is_refused() {
        let base: Url = "https://api.example/v1".parse().expect("a URL");
        for wrong in [
            "https://evil.example/v1/{a}",
            "https://api.example/v2/{a}",
            "https://api.example.evil.example/v1/{a}",
            "https://api.example/v1{a}",
            "https://api.example/v1evil/{a}",
            "https://{a}/v1/b",
            "https://api.example/v1/x{a}",
            "https://api.example/v1/{a}{b}",
            "https://api.example/v1/../{a}",
            "https://api.example/v1/a?b",
            "https://api.example/v1/a?b={c",
            "https://api.example/v1/%2e%2e/{a}",
        ] {
            assert!(UrlTemplate::read(wrong, &base).is_err(), "{wrong}");
        }
    }
}
