//! Building blocks of all three sites' pages: icons, pills, parts of cards, money, times, the top bar.
//!
//! Plain functions that return a view. They run on the server and in the browser.

pub mod bar;
#[cfg(feature = "ssr")]
pub mod chart;
pub mod facts;
pub mod form;
pub mod icon;
pub mod money;
pub mod pill;
pub mod time;

pub use bar::{Site, mark, theme_switch};
pub use facts::{Fact, facts, plain, quote};
pub use form::csrf_field;
pub use icon::{Glyph, icon};
pub use money::{change, usd};
pub use pill::{Tone, note, pill, waits};

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
