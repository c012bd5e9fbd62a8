//! The data of the agent's pages.

mod load;

use foundation::lang::{self, Lang};
use shared::chat::{ConnectedAccount, Event, ThreadSummary, Transcript, Update, Version};

/// Renders a page with one message.
pub type Render = fn(&Message) -> String;

/// Renders the transcript for browsers.
#[derive(Clone, Copy, Debug)]
pub struct Renderer {
    /// A page of it.
    pub page: fn(&Transcript, &Around) -> String,
    /// An item after an event.
    pub update: fn(&Event, &Around) -> Update,
    /// `/mcp` for a browser.
    pub mcp: fn(&Mcp) -> String,
    /// The live parts beside the transcript.
    pub beside: fn(&Beside) -> String,
}

impl Renderer {
    /// For a site without pages.
    pub(crate) const NONE: Self = Self {
        page: |_, _| String::new(),
        update: |_, _| Update::default(),
        mcp: |page| page.address.clone(),
        beside: |_| String::new(),
    };
}

/// The live parts of a page beside the transcript.
#[derive(Clone, Debug)]
pub struct Beside {
    /// A page of the list of threads.
    pub threads: Vec<ThreadSummary>,
    /// How many requests for approval wait for the person.
    pub waiting: i64,
    /// Suggestions for the open thread.
    pub suggestions: Vec<String>,
}

/// The inputs of the transcript's HTML other than the transcript.
#[derive(Clone, Debug)]
pub struct Around {
    /// Milliseconds since 1970 (UTC).
    pub now: i64,
    pub thread: Option<String>,
    /// The address of the person's orders at the broker.
    pub orders: String,
    /// The site where the person approves: `localhost:3001`.
    pub approvals: String,
    /// Whether the page's script runs, so that buttons work.
    pub live: bool,
    /// The reader's language.
    pub lang: Lang,
    /// The messages and answers of which there are several versions.
    pub versions: Vec<Version>,
}

/// A page with one message: what happened, what was kept, what to do.
#[derive(Clone, Debug)]
pub struct Message {
    pub frame: Frame,
    pub status: u16,
    pub title: String,
    pub text: String,
    /// The link's target and text.
    pub back: (String, String),
    /// An address to which the page redirects.
    pub go_on: Option<String>,
}

impl Message {
    /// The page without styles, for a site without a renderer.
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

/// The data of the frame around every page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The name of the logged-in person. None for a visitor.
    pub person: Option<String>,
    /// An opaque value that distinguishes this person from all others in the browser.
    pub who: Option<String>,
    pub email: Option<String>,
    pub threads: Vec<ThreadSummary>,
    /// How many requests for approval wait for the person.
    pub waiting: i64,
    /// Whether the rehearsal model answers.
    pub rehearsal: bool,
    /// The CSRF token for forms (logout, disconnect).
    pub csrf_token: String,
    /// The site where the person approves: its host (`localhost:3001`) and its address.
    pub approvals: (String, String),
    /// The address of the person's orders at the broker.
    pub orders: String,
}

/// The messages of a thread that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Latest,
    /// Those before a position.
    Before(i64),
    /// A page that contains a position: the latest, if that does.
    Around(i64),
}

/// The messages that follow those of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: they are the latest.
    Nothing,
    /// The latest messages.
    Latest,
    /// A page of messages before a position.
    Before(i64),
}

/// `/` and `/t/{thread}`. `thread` is none on `/`.
#[derive(Clone, Debug)]
pub struct Chat {
    pub frame: Frame,
    pub thread: Option<String>,
    pub transcript: Transcript,
    /// A chat that was just deleted, which can be undone: its id and title.
    pub deleted: Option<(String, String)>,
    /// Suggestions for the next message.
    pub suggestions: Vec<String>,
    pub next: Next,
    /// How much of the limit for today is left, if it is nearly used up.
    pub notice: Option<String>,
    /// Whether the browser's storage may hold a message that waited for the login and is to be sent now.
    pub resume: bool,
    /// Milliseconds since 1970 (UTC), from which the browser counts down.
    pub now: i64,
}

impl Chat {
    /// The inputs of the first rendering.
    pub fn around(&self) -> Around {
        Around {
            now: self.now,
            thread: self.thread.clone(),
            orders: self.frame.orders.clone(),
            approvals: self.frame.approvals.0.clone(),
            live: false,
            lang: lang::current(),
            versions: self.transcript.versions.clone(),
        }
    }
}

/// `/mcp`, opened in a browser.
#[derive(Clone, Debug)]
pub struct Mcp {
    pub frame: Frame,
    /// The address for clients.
    pub address: String,
    /// Whether clients on other machines reach the address, as ChatGPT needs.
    pub is_public: bool,
    /// The person's own app that called last.
    pub app: Option<McpApp>,
    pub now: i64,
}

/// An app that called `/mcp` for the person.
#[derive(Clone, Debug)]
pub struct McpApp {
    /// The app's own name, or its client id.
    pub name: String,
    pub first_at: i64,
    pub last_at: i64,
}

/// `/t/{thread}/edit`: renaming and deleting a chat.
#[derive(Clone, Debug)]
pub struct Edit {
    pub frame: Frame,
    pub thread: String,
    pub title: String,
    pub now: i64,
}

/// `/settings`.
#[derive(Clone, Debug)]
pub struct Settings {
    pub frame: Frame,
    pub instructions: String,
    /// The names of the models that the operator offers, the default first.
    pub models: Vec<String>,
    /// The one that answers.
    pub model: String,
    /// Whether they were just saved.
    pub saved: bool,
    pub now: i64,
}

/// `/settings/delete`: asks before everything is deleted.
#[derive(Clone, Debug)]
pub struct Removal {
    pub frame: Frame,
    pub chats: usize,
    /// The requests for approval that wait, or are being done.
    pub waiting: usize,
    pub now: i64,
}

/// `/keys`: the keyboard shortcuts.
#[derive(Clone, Debug)]
pub struct Keys {
    pub frame: Frame,
    pub now: i64,
}

/// `/chats`: a page of the list of threads.
#[derive(Clone, Debug)]
pub struct Chats {
    pub frame: Frame,
    pub threads: Vec<ThreadSummary>,
    pub now: i64,
}

/// `/accounts`.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub frame: Frame,
    pub accounts: Vec<ConnectedAccount>,
    /// Accounts that can still be connected: name, descriptions of the scopes, and the address that starts it.
    pub available: Vec<(String, Vec<String>, String)>,
    /// A notice, shown once: connected, disconnected, refused.
    pub notice: Option<String>,
    /// The page of this site that the person came from.
    pub back: Option<String>,
    /// The reason if the identity service couldn't be asked.
    pub unavailable: Option<String>,
    pub now: i64,
}
