//! Every state of the agent's pages: its address in the gallery, and its page.

use axum::{
    extract::Request,
    http::header,
    response::{Html, IntoResponse, Response},
};
use futures::future::BoxFuture;

use crate::made_up;

pub(crate) type State = (&'static str, fn(Request) -> BoxFuture<'static, Response>);

pub(crate) const STATES: &[State] = &[
    ("/", |request| Box::pin(app::agent::chat_page(request, made_up::new_chat(true)))),
    ("/visitor", |request| Box::pin(app::agent::chat_page(request, made_up::new_chat(false)))),
    ("/deleted", |request| Box::pin(app::agent::chat_page(request, made_up::deleted()))),
    ("/t/waiting", |request| Box::pin(app::agent::chat_page(request, made_up::waiting()))),
    ("/t/cards", |request| Box::pin(app::agent::chat_page(request, made_up::cards()))),
    ("/t/orders", |request| Box::pin(app::agent::chat_page(request, made_up::orders()))),
    ("/t/data", |request| Box::pin(app::agent::chat_page(request, made_up::data()))),
    ("/t/troubles", |request| Box::pin(app::agent::chat_page(request, made_up::troubles()))),
    ("/t/versions", |request| Box::pin(app::agent::chat_page(request, made_up::versions()))),
    ("/t/earlier", |request| Box::pin(app::agent::chat_page(request, made_up::earlier()))),
    ("/t/limited", |request| Box::pin(app::agent::chat_page(request, made_up::limited()))),
    ("/t/long", |request| Box::pin(app::agent::chat_page(request, made_up::long()))),
    ("/t/edit", |request| Box::pin(app::agent::edit_page(request, made_up::edit()))),
    ("/chats", |request| Box::pin(app::agent::chats_page(request, made_up::chats(true)))),
    ("/chats/none", |request| Box::pin(app::agent::chats_page(request, made_up::chats(false)))),
    ("/keys", |request| Box::pin(app::agent::keys_page(request, made_up::keys()))),
    ("/accounts", |request| Box::pin(app::agent::accounts(request, made_up::accounts(1)))),
    ("/accounts/none", |request| Box::pin(app::agent::accounts(request, made_up::accounts(0)))),
    ("/accounts/unavailable", |request| Box::pin(app::agent::accounts(request, made_up::accounts_unavailable()))),
    ("/accounts/visitor", |request| Box::pin(app::agent::accounts(request, made_up::accounts_visitor()))),
    ("/search", |request| Box::pin(app::agent::search_page(request, made_up::search(true)))),
    ("/search/none", |request| Box::pin(app::agent::search_page(request, made_up::search(false)))),
    ("/search/no-words", |request| Box::pin(app::agent::search_page(request, made_up::no_words()))),
    ("/search/visitor", |request| Box::pin(app::agent::search_page(request, made_up::begin()))),
    ("/settings", |request| Box::pin(app::agent::settings_page(request, made_up::settings(true)))),
    ("/settings/visitor", |request| Box::pin(app::agent::settings_page(request, made_up::settings(false)))),
    ("/settings/delete", |request| Box::pin(app::agent::removal_page(request, made_up::removal()))),
    ("/mcp", |_| Box::pin(async { document(app::agent::mcp::render(&made_up::mcp(true, Some("Claude Code")))) })),
    ("/mcp/waiting", |_| Box::pin(async { document(app::agent::mcp::render(&made_up::mcp(true, None))) })),
    ("/mcp/visitor", |_| Box::pin(async { document(app::agent::mcp::render(&made_up::mcp(false, None))) })),
    ("/workshop/1", |_| Box::pin(async { workshop(1, false) })),
    ("/workshop/4", |_| Box::pin(async { workshop(4, true) })),
    ("/workshop/5", |_| Box::pin(async { workshop(5, true) })),
    ("/workshop/6", |_| Box::pin(async { workshop(6, true) })),
    ("/workshop/7", |_| Box::pin(async { workshop(7, false) })),
    ("/nothing", |_| Box::pin(async { made_up::nothing(true) })),
    ("/nothing/visitor", |_| Box::pin(async { made_up::nothing(false) })),
];

fn document(html: String) -> Response {
    Html(html).into_response()
}

fn workshop(step: usize, person: bool) -> Response {
    let page = made_up::workshop(step, person);
    let policy = [(header::CONTENT_SECURITY_POLICY, app::agent::workshop::policy(&page))];
    (policy, Html(app::agent::workshop::render(&page))).into_response()
}
