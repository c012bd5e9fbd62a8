//! What the agent's pages show, as data.

mod load;

use shared::chat::{ConnectedAccount, Kind, ThreadSummary, Transcript};

/// A page that says one thing, as text: how it looks is the renderer's.
pub type Render = fn(&Message) -> String;

/// An event as browsers get it: what it holds of tables and orders as HTML. Takes the time, in milliseconds since 1970
/// (UTC), and the address of the person's orders.
pub type ForBrowsers = fn(&mut Kind, i64, &str);

/// A page that says one thing: what happened, what was kept, what to do.
#[derive(Clone, Debug)]
pub struct Message {
    pub status: u16,
    pub title: String,
    pub text: String,
    /// Where to go on, and the link's words.
    pub back: (String, String),
    /// An address that the page goes on to by itself.
    pub go_on: Option<String>,
}

impl Message {
    /// The page without any looks, for a site that has none.
    pub fn plain(&self) -> String {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let go_on = self
            .go_on
            .as_deref()
            .map(|href| format!("<meta http-equiv=\"refresh\" content=\"0; url={}\">", escape(href)));
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>{go_on}</head>\
             <body><h1>{title}</h1><p>{text}</p><p><a href=\"{href}\">{words}</a></p></body></html>",
            title = escape(&self.title),
            go_on = go_on.unwrap_or_default(),
            text = escape(&self.text),
            href = escape(&self.back.0),
            words = escape(&self.back.1),
        )
    }
}

/// What every page of the agent shows around its content.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The name of the person who is logged in, or none for a visitor.
    pub person: Option<String>,
    /// Tells that person from every other, in the browser too, and says nothing else.
    pub who: Option<String>,
    pub email: Option<String>,
    pub threads: Vec<ThreadSummary>,
    /// Whether the rehearsal model answers.
    pub rehearsal: bool,
    /// The anti-forgery proof for forms (logout, disconnect).
    pub proof: String,
    /// Where approvals are given: `localhost:3001`, and its address.
    pub approvals: (String, String),
    /// The address of the person's orders at the broker.
    pub orders: String,
}

/// `/` and `/t/{thread}`. `thread` is none on `/`.
#[derive(Clone, Debug)]
pub struct Chat {
    pub frame: Frame,
    pub thread: Option<String>,
    pub transcript: Transcript,
    /// A message that was kept while the person logged in, to be sent now, may be in the browser's storage.
    pub resume: bool,
    /// Milliseconds since 1970 (UTC): what counts down in the browser counts from here.
    pub now: i64,
}

/// `/accounts`.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub frame: Frame,
    pub accounts: Vec<ConnectedAccount>,
    /// What can still be connected: name for people, scopes in words, address that starts it.
    pub available: Vec<(String, Vec<String>, String)>,
    /// Said once: connected, disconnected, refused.
    pub told: Option<String>,
    /// The page of this site that the person came from, to go back to.
    pub back: Option<String>,
    /// The identity service could not be asked.
    pub unavailable: Option<String>,
    pub now: i64,
}
