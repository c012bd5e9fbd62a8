//! The pages of the agent: the chat, the search in it, the connected accounts, and the settings.

#[cfg(feature = "ssr")]
pub mod accounts;
pub mod chat;
#[cfg(feature = "ssr")]
pub mod chats;
#[cfg(feature = "ssr")]
pub mod edit;
#[cfg(feature = "ssr")]
mod frame;
#[cfg(feature = "ssr")]
pub mod keys;
#[cfg(feature = "ssr")]
pub mod mcp;
#[cfg(feature = "ssr")]
mod message;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
pub mod search;
#[cfg(feature = "ssr")]
pub mod settings;
#[cfg(feature = "ssr")]
pub mod threads;
#[cfg(feature = "ssr")]
mod topbar;
#[cfg(feature = "ssr")]
pub mod workshop;

/// Renders the chat's transcript for browsers.
#[cfg(feature = "ssr")]
pub const RENDERER: ::agent::page::Renderer = ::agent::page::Renderer {
    page: chat::transcript_page,
    update: chat::update,
    beside: threads::beside,
    mcp: mcp::render,
};

#[cfg(feature = "ssr")]
pub use message::render;
#[cfg(feature = "ssr")]
pub use routes::{
    accounts, chat as chat_page, chats as chats_page, chosen as settings_page, edit_chat as edit_page, error_of,
    error_page, found as search_page, keys as keys_page, removed as removal_page, routes,
};
