//! The languages of the pages.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    En,
    De,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The language's tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language's own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// The language of a tag, whatever its region: `de-AT`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| primary.eq_ignore_ascii_case(lang.tag()))
    }

    /// The first language of a list that we have: `ui_locales` (OpenID Connect Core §3.1.2.1).
    pub fn of_list(tags: &str) -> Option<Self> {
        tags.split_ascii_whitespace().find_map(Self::of_tag)
    }

    /// The preferred language of an `Accept-Language` header (RFC 9110 §12.5.4), else English.
    pub fn accepted(header: &str) -> Self {
        let offer = |offer: &str| {
            let mut parts = offer.split(';').map(str::trim);
            let lang = Self::of_tag(parts.next()?)?;
            let weight = match parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
                Some(weight) => weight.parse::<f32>().ok()?,
                None => 1.0,
            };
            (weight > 0.0 && weight <= 1.0).then_some((lang, weight))
        };
        let best = header.split(',').filter_map(offer).reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(lang, _)| lang).unwrap_or_default()
    }

    /// The separators of thousands and of decimals.
    pub fn separators(self) -> (char, char) {
        match self {
            Self::En => (',', '.'),
            Self::De => ('.', ','),
        }
    }

    /// A whole number with separators of thousands: `10,000`.
    pub fn whole(self, number: i64) -> String {
        let (thousands, _) = self.separators();
        let digits = number.unsigned_abs().to_string();
        let mut text = String::from(if number < 0 { "−" } else { "" });
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(thousands);
            }
            text.push(digit);
        }
        text
    }

    /// A canonical decimal number (`1234.5`) as people write it, without separators of thousands.
    pub fn decimal(self, number: &str) -> String {
        match self {
            Self::En => number.to_owned(),
            Self::De => number.replace('.', ","),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_language_is_read_with_weights_and_regions() {
        for (header, lang) in [
            ("", Lang::En),
            ("de", Lang::De),
            ("de-AT", Lang::De),
            ("DE-ch, en;q=0.9", Lang::De),
            ("fr, de-AT;q=0.8, en;q=0.7", Lang::De),
            ("en;q=0.7, de;q=0.8", Lang::De),
            ("en; q=0.7, de; q=0.8", Lang::De),
            ("en-GB, de", Lang::En),
            ("de;q=0, en", Lang::En),
            ("de;q=0", Lang::En),
            ("de;q=oops", Lang::En),
            ("de;q=7", Lang::En),
            ("fr, *;q=0.5", Lang::En),
            ("den, dex", Lang::En),
        ] {
            assert_eq!(Lang::accepted(header), lang, "{header}");
        }
        assert_eq!(
            (Lang::of_list("fr-CA de-AT en"), Lang::of_list("fr it"), Lang::of_list("")),
            (Some(Lang::De), None, None)
        );
    }
}
