//! The types of the long texts: one field for each text.

use super::workshop;

/// All texts. `{}` in a text is filled in.
#[derive(Debug)]
pub struct Words {
    pub mcp: Mcp,
    pub workshop: workshop::Workshop,
}

/// `/mcp`, opened in a browser.
#[derive(Debug)]
pub struct Mcp {
    pub title: &'static str,
    pub lead: &'static str,
    pub address: &'static str,
    pub copy: &'static str,
    pub works: &'static str,
    pub visitor: &'static str,
    pub waiting: &'static str,
    /// The app's name, then the time.
    pub called: &'static str,
    pub clients: &'static str,
    /// One way for each client. `{address}` is filled in.
    pub ways: &'static [Way],
    pub chatgpt: Way,
    pub chatgpt_local: &'static str,
    pub next: &'static str,
}

/// Instructions for one client: its name, the first step, the text to paste, and the next step.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub name: &'static str,
    pub first: &'static str,
    pub paste: &'static str,
    pub then: &'static str,
}
