//! What the pages of all three sites are made of: icons, pills, cards' parts, money, times, the top bar.
//!
//! Plain functions that return a view; they run on the server and in the browser alike.

pub mod bar;
pub mod facts;
pub mod icon;
pub mod money;
pub mod pill;
pub mod time;

pub use bar::{Site, mark, theme_switch};
pub use facts::{Fact, facts, quote};
pub use icon::{Glyph, icon};
pub use money::{change, usd};
pub use pill::{Tone, note, pill};
