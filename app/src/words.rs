//! The long texts of the agent's guides, one file for each language. All other texts are in the code that shows them:
//! `tr!("Log in", "Anmelden")`.

mod de;
mod en;
mod text;
pub mod workshop;

use foundation::tr;
pub use text::{Mcp, Way, Words};

/// The texts in the reader's language.
pub fn words() -> &'static Words {
    tr!(&en::WORDS, &de::WORDS)
}
