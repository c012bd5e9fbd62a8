//! Every page and card of the agent's site with made-up data: `cargo run -p app --example gallery`, then open
//! http://localhost:3030. There is no agent behind it. A script answers every message.

mod made_up;
mod script;

use std::path::Path;

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use futures::future::BoxFuture;

/// A page of the gallery: its path and its handler.
type Shown = (&'static str, fn(Request) -> BoxFuture<'static, Response>);

const PAGES: [Shown; 19] = [
    ("/", |request| Box::pin(app::agent::chat_page(request, made_up::new_chat(true)))),
    ("/visitor", |request| Box::pin(app::agent::chat_page(request, made_up::new_chat(false)))),
    ("/t/waiting", |request| Box::pin(app::agent::chat_page(request, made_up::waiting()))),
    ("/t/cards", |request| Box::pin(app::agent::chat_page(request, made_up::cards()))),
    ("/t/orders", |request| Box::pin(app::agent::chat_page(request, made_up::orders()))),
    ("/t/data", |request| Box::pin(app::agent::chat_page(request, made_up::data()))),
    ("/t/troubles", |request| Box::pin(app::agent::chat_page(request, made_up::troubles()))),
    ("/accounts", |request| Box::pin(app::agent::accounts(request, made_up::accounts(1)))),
    ("/accounts/none", |request| Box::pin(app::agent::accounts(request, made_up::accounts(0)))),
    ("/accounts/unavailable", |request| Box::pin(app::agent::accounts(request, made_up::accounts_unavailable()))),
    ("/accounts/visitor", |request| Box::pin(app::agent::accounts(request, made_up::accounts_visitor()))),
    ("/mcp", |_| {
        Box::pin(async { Html(app::agent::mcp::render(&made_up::mcp(true, Some("Claude Code")))).into_response() })
    }),
    ("/search", |request| Box::pin(app::agent::search_page(request, made_up::search(true)))),
    ("/search/none", |request| Box::pin(app::agent::search_page(request, made_up::search(false)))),
    ("/settings", |request| Box::pin(app::agent::settings_page(request, made_up::settings(true)))),
    ("/settings/visitor", |request| Box::pin(app::agent::settings_page(request, made_up::settings(false)))),
    ("/settings/delete", |request| Box::pin(app::agent::removal_page(request, made_up::removal()))),
    ("/nothing", |_| Box::pin(async { made_up::nothing(true) })),
    ("/nothing/visitor", |_| Box::pin(async { made_up::nothing(false) })),
];

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let assets = app::Assets::load(Path::new("target/site"));
    let mut routes = Router::new().route("/gallery", get(list));
    for (path, shown) in PAGES {
        routes = routes.route(path, get(shown));
    }
    let routes = routes
        .route("/api/threads", get(script::threads).post(script::begin))
        .route("/api/threads/{thread}/messages", post(script::message))
        .route("/api/threads/{thread}/events", get(script::events))
        .fallback(|| async {
            (StatusCode::NOT_FOUND, "{\"error\":\"not_found\",\"message\":\"The gallery can’t do that.\"}")
        })
        .merge(app::asset_routes(&assets));
    let site = foundation::site::Site::new("http://localhost:3030".parse().expect("a URL")).expect("an origin");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3030").await?;
    // The browser's language decides, so that pages can be viewed in each.
    let routes = foundation::lang::of_browser(routes, &site);
    axum::serve(listener, foundation::guard::site(routes, &site)).await
}

async fn list() -> Html<String> {
    Html(PAGES.map(|(path, _)| format!("<p><a href=\"{path}\">{path}</a></p>")).concat())
}
