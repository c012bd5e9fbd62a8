//! Building blocks of all three sites' pages: icons, pills, parts of cards, money, times, the top bar.
//!
//! Plain functions that return a view. Those with words run on the server alone.

#[cfg(feature = "ssr")]
pub mod bar;
#[cfg(feature = "ssr")]
pub mod chart;
#[cfg(feature = "ssr")]
pub mod facts;
#[cfg(feature = "ssr")]
pub mod form;
pub mod icon;
#[cfg(feature = "ssr")]
pub mod money;
#[cfg(feature = "ssr")]
pub mod order;
#[cfg(feature = "ssr")]
pub mod pill;
#[cfg(feature = "ssr")]
pub mod time;

#[cfg(feature = "ssr")]
pub use bar::{Site, foot, language_switch, mark, skip, theme_switch};
#[cfg(feature = "ssr")]
pub use facts::{Fact, facts, plain, quote, quoted};
#[cfg(feature = "ssr")]
pub use form::csrf_field;
pub use icon::{Glyph, icon};
#[cfg(feature = "ssr")]
pub use money::{change, usd};
#[cfg(feature = "ssr")]
pub use pill::{Tone, note, pill, waits};

/// A text as HTML, for content and for values in quotes.
#[cfg(feature = "ssr")]
pub fn as_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Percent-encodes a text as a query value (RFC 3986 §2.3).
pub fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}
