//! The texts of pages that exist in several languages, one file for each language.

mod de;
mod en;
mod text;
pub mod workshop;

use axum::http::{HeaderMap, Uri, header};

pub use text::{Mcp, Way, Ways, Words};

/// A language of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}

/// A language, and whether the reader chose it by a link. Links to other pages in it then keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub language: Language,
    chosen: bool,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &en::WORDS,
            Self::German => &de::WORDS,
        }
    }

    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }
}

impl Reading {
    /// By `?lang=`, else the first language of `Accept-Language` that we have (RFC 9110 §12.5.4), else English.
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let query = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("lang="));
        if let Some(language) = query.and_then(Language::of_tag) {
            return Self { language, chosen: true };
        }
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut offers: Vec<(Language, f32)> = accepted
            .split(',')
            .filter_map(|offer| {
                let (tag, weight) = offer.split_once(";q=").unwrap_or((offer, "1"));
                Some((Language::of_tag(tag)?, weight.trim().parse().ok()?))
            })
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        // Stable: of two with the same weight, the first.
        offers.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        Self { language: offers.first().map_or(Language::English, |(language, _)| *language), chosen: false }
    }

    /// The address of a page of these languages, which keeps a chosen one.
    pub fn at(self, path: &str) -> String {
        if self.chosen { format!("{path}?lang={}", self.language.tag()) } else { path.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(uri: &str, accepted: &str) -> Reading {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accepted.parse().expect("ASCII"))]);
        Reading::of(&uri.parse().expect("an address"), &headers)
    }

    #[test]
    fn link_wins_over_the_browser_and_is_kept() {
        for (uri, accepted, language, next) in [
            ("/x", "", Language::English, "/y"),
            ("/x", "fr, de-AT;q=0.8, en;q=0.7", Language::German, "/y"),
            ("/x", "en;q=0.7, de;q=0.8", Language::German, "/y"),
            ("/x", "de;q=0, en", Language::English, "/y"),
            ("/x", "de;q=oops", Language::English, "/y"),
            ("/x?a=b&lang=en", "de", Language::English, "/y?lang=en"),
            ("/x?lang=de", "en", Language::German, "/y?lang=de"),
            ("/x?lang=xx", "de", Language::German, "/y"),
        ] {
            let read = reading(uri, accepted);
            assert_eq!((read.language, read.at("/y").as_str()), (language, next), "{uri} {accepted}");
        }
    }
}
