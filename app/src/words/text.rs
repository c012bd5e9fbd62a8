//! Which texts there are.

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
    /// Name, what to do, what to paste, what comes next. `{address}` is filled in.
    pub ways: &'static [Way],
    pub chatgpt: Way,
    pub chatgpt_local: &'static str,
    pub next: &'static str,
}

/// How one client takes the address.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub name: &'static str,
    pub first: &'static str,
    pub paste: &'static str,
    pub then: &'static str,
}
