//! An address with members of the details in its path: `https://api.example/stocks/{symbol}`.

use url::Url;

/// Its origin is literal, and each member is one segment of the path, whatever it holds.
#[derive(Clone, Debug)]
pub struct Template {
    origin: Url,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug)]
enum Segment {
    Literal(String),
    Member(String),
}

impl Template {
    /// `None` where it isn't `http` or `https`, or where anything but a whole segment of the path is a member.
    pub fn parse(text: &str) -> Option<Self> {
        let whole = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        if whole.query().is_some() || whole.fragment().is_some() || !whole.username().is_empty() {
            return None;
        }
        let (_, after) = text.split_once("://")?;
        let (authority, path) = after.split_once('/')?;
        if authority.contains(['{', '}', '@']) {
            return None;
        }
        let segment = |part: &str| match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
                Some(Segment::Member(name.to_owned()))
            }
            _ if part.contains(['{', '}', '?', '#', '%', '\\']) || matches!(part, "" | "." | "..") => None,
            _ => Some(Segment::Literal(part.to_owned())),
        };
        let segments = path.split('/').map(segment).collect::<Option<_>>()?;
        let mut origin = whole;
        origin.set_path("/");
        Some(Self { origin, segments })
    }

    /// The address for these details; `None` where a member is missing or can't be a segment.
    pub(crate) fn fill(&self, detail: &serde_json::Value) -> Option<Url> {
        let mut url = self.origin.clone();
        let mut path = url.path_segments_mut().ok()?;
        path.pop_if_empty();
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => path.push(text),
                Segment::Member(name) => {
                    let member = match detail.get(name)? {
                        serde_json::Value::String(text) => text.clone(),
                        serde_json::Value::Number(number) => number.to_string(),
                        _ => return None,
                    };
                    // `push` would leave these out, and so lead elsewhere.
                    if matches!(member.as_str(), "" | "." | "..") || member.len() > 200 {
                        return None;
                    }
                    path.push(&member)
                }
            };
        }
        drop(path);
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_is_one_segment_of_the_path() {
        let template = Template::parse("https://api.example/v1/stocks/{symbol}/now").expect("it is one");
        let filled = |symbol: &str| template.fill(&json!({ "symbol": symbol })).map(String::from);
        assert_eq!(filled("WAYNE").as_deref(), Some("https://api.example/v1/stocks/WAYNE/now"));
        assert_eq!(filled("../a?b#c/%2e").as_deref(), Some("https://api.example/v1/stocks/..%2Fa%3Fb%23c%2F%252e/now"));
        for left_out in ["", ".", ".."] {
            assert_eq!(filled(left_out), None);
        }
        assert_eq!(template.fill(&json!({})).map(String::from), None);
        assert_eq!(template.fill(&json!({ "symbol": ["WAYNE"] })).map(String::from), None);
    }

    #[test]
    fn the_origin_of_a_template_is_literal() {
        for wrong in [
            "https://{symbol}.example/a",
            "https://api.example:{symbol}/a",
            "https://{symbol}@api.example/a",
            "ftp://api.example/{symbol}",
            "https://api.example/a?q={symbol}",
            "https://api.example/a#{symbol}",
            "https://api.example/a-{symbol}",
            "https://api.example/../{symbol}",
            "https://api.example//{symbol}",
            "{symbol}",
        ] {
            assert!(Template::parse(wrong).is_none(), "{wrong}");
        }
    }
}
