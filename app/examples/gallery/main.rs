//! Every page and card of the agent's site with made-up data: `cargo run -p app --example gallery`, then open
//! http://localhost:3030. There is no agent behind it. A script answers every message.

mod made_up;
mod script;
mod states;

use std::path::Path;

use axum::{
    Router,
    http::StatusCode,
    response::Html,
    routing::{get, post},
};
use states::STATES;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let assets = app::Assets::load(Path::new("target/site"));
    let mut routes = Router::new().route("/gallery", get(list));
    for (path, shown) in STATES {
        routes = routes.route(path, get(*shown));
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
    // Takes the language from the browser, so that pages can be viewed in each.
    let routes = foundation::lang::of_browser(routes, &site);
    axum::serve(listener, foundation::guard::site(routes, &site)).await
}

async fn list() -> Html<String> {
    Html(STATES.iter().map(|(path, _)| format!("<p><a href=\"{path}\">{path}</a></p>")).collect())
}
